//! One command of a job: an exec, its script, its report, its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;

use super::relay::Relay;
use super::report::{AFTER, Report};
use super::vanished::{SETTLE, vanished};
use super::{EngineError, pipe, steps_folder};
use crate::docker::{Docker, ExecStart, OutputFrames};
use crate::engine::{End, ExecEnd, ExecSpec, Output, Stop, random_token};
use crate::record::Cause;

/// The part that runs inside the container.
const STEP_SCRIPT: &str = include_str!("step.sh");
/// The part that signals a command's processes.
const KILL_SCRIPT: &str = include_str!("kill.sh");
/// From SIGINT to SIGTERM: time for pytest to write its report.
const AFTER_INTERRUPT: Duration = Duration::from_secs(10);
/// From SIGTERM to SIGKILL.
const AFTER_TERMINATE: Duration = Duration::from_secs(5);
/// From SIGKILL to giving up on a report.
const AFTER_KILL: Duration = Duration::from_secs(2);
/// Time between two questions whether the engine is there.
const PULSE: Duration = Duration::from_secs(5);
/// From a complete report to the end of the shell that wrote it.
const AFTER_REPORT: Duration = Duration::from_secs(5);
/// How long the output may lag behind the report.
const OUTPUT_LAG: Duration = Duration::from_secs(10);

/// Where a command runs.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The engine.
    pub(super) docker: &'a Docker,
    /// The container.
    pub(super) container: &'a str,
    /// Its output.
    pub(super) relay: &'a Relay,
    /// Whether what runs there may have become root.
    pub(super) sudo: bool,
}

/// Runs one command and waits for its end.
pub(super) async fn run_command(
    place: Place<'_>,
    spec: &ExecSpec,
    output: Arc<dyn Output>,
    mut stop: watch::Receiver<Stop>,
) -> Result<ExecEnd, EngineError> {
    let Place {
        docker,
        container,
        relay,
        ..
    } = place;
    let token = random_token();
    let folder = format!("{}/{}", steps_folder(), spec.name);
    relay.route(Some(output));
    let io = docker
        .exec(container, &start(spec, &folder, &token))
        .await?;
    let mut input = io.input;
    // The script goes through standard input: arguments are visible to
    // `docker inspect` and limited in length.
    let sent = async {
        input.write_all(&spec.script).await?;
        input.shutdown().await
    };
    if let Err(error) = sent.await {
        return Err(EngineError::new(
            Cause::EngineLost,
            format!("the script could not be sent into the container: {error}"),
        ));
    }
    let mut report = Report::default();
    let mut frames = io.output;
    let mut stopped = false;
    let lost = lost(docker);
    tokio::pin!(lost);
    loop {
        tokio::select! {
            more = report.read(&mut frames) => {
                if !more || report.complete {
                    break;
                }
            }
            level = Stop::wanted(&mut stop, Stop::Gently) => {
                stopped = true;
                let target = Target { place, folder: &folder, token: &token };
                ladder(target, level, &mut stop, &mut report, &mut frames).await;
                break;
            }
            error = &mut lost => return Err(error),
            end = relay.ended() => {
                if !report.complete {
                    return Ok(vanished(docker, container, &end).await);
                }
                break;
            }
        }
    }
    if report.complete {
        if !stopped
            && let Some(what) = contradiction(docker, &io.id, &mut report, &mut frames).await?
        {
            return Ok(ExecEnd {
                oom_kills: report.oom_kills,
                forks_refused: report.forks_refused,
                ..ExecEnd::of(End::Vanished(what))
            });
        }
        let _ = tokio::time::timeout(OUTPUT_LAG, relay.reached(&token)).await;
        return Ok(ExecEnd {
            end: if stopped {
                End::Stopped
            } else {
                End::Exited(report.code)
            },
            mailbox: report.mailbox(&spec.mailbox),
            after: match spec.after {
                Some(_) => report.file(AFTER),
                None => Vec::new(),
            },
            oom_kills: report.oom_kills,
            forks_refused: report.forks_refused,
            rooms: report.rooms,
        });
    }
    if stopped {
        return Ok(ExecEnd::of(End::Stopped));
    }
    // No report: the shell inside was killed, or the container with it.
    if let Ok(end) = tokio::time::timeout(SETTLE, relay.ended()).await {
        return Ok(vanished(docker, container, &end).await);
    }
    let state = docker.state(container).await?;
    if !state.running {
        return Ok(vanished(docker, container, "the container ended").await);
    }
    let code = docker.exec_exit_code(&io.id).await?.unwrap_or(-1);
    let what = format!("the step's shell was killed (exit code {code})");
    Ok(ExecEnd {
        oom_kills: u64::from(state.oom_killed),
        ..ExecEnd::of(End::Vanished(what))
    })
}

/// Ends when the engine no longer answers. A step may be silent for hours: nothing else
/// would tell.
async fn lost(docker: &Docker) -> EngineError {
    loop {
        tokio::time::sleep(PULSE).await;
        if let Err(error) = docker.ping().await {
            return error.into();
        }
    }
}

/// What speaks against a report. The shell that writes it ends at once, and as it
/// reported; what else writes to its output may be any process of the step.
async fn contradiction(
    docker: &Docker,
    exec: &str,
    report: &mut Report,
    frames: &mut OutputFrames,
) -> Result<Option<String>, EngineError> {
    let rest = async { while report.read(frames).await {} };
    let _ = tokio::time::timeout(AFTER_REPORT, rest).await;
    Ok(match docker.exec_exit_code(exec).await? {
        None => Some("an end of the step was reported, and it goes on".to_owned()),
        Some(code) if report.complete && code == report.code => None,
        Some(code) => Some(format!(
            "the step's shell ended with exit code {code}, and not as was reported"
        )),
    })
}

/// What the exec is started with.
fn start(spec: &ExecSpec, folder: &str, token: &str) -> ExecStart {
    let script = format!("{folder}/script{}", spec.extension);
    let boxes: Vec<&str> = spec.mailbox.iter().map(|(name, _)| *name).collect();
    let mut command: Vec<String> = [
        "sh",
        "-c",
        STEP_SCRIPT,
        "seatrial",
        folder,
        &spec.cwd,
        token,
        &pipe(),
        &boxes.join(" "),
        &spec.extension,
        spec.after.unwrap_or_default(),
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    command.extend(spec.command.iter().map(|word| word.replace("{0}", &script)));
    let mut env = spec.env.clone();
    env.extend(
        spec.mailbox
            .iter()
            .map(|(name, variable)| ((*variable).to_owned(), format!("{folder}/{name}"))),
    );
    ExecStart {
        command,
        env,
        user: String::new(),
    }
}

/// What is signalled.
#[derive(Clone, Copy)]
struct Target<'a> {
    place: Place<'a>,
    /// Folder of the command.
    folder: &'a str,
    /// The token in its environment.
    token: &'a str,
}

/// SIGINT, SIGTERM, SIGKILL, until the command has reported its end.
async fn ladder(
    target: Target<'_>,
    level: Stop,
    stop: &mut watch::Receiver<Stop>,
    report: &mut Report,
    frames: &mut OutputFrames,
) {
    let rungs: &[(&str, Duration)] = match level {
        Stop::Now => &[("KILL", AFTER_KILL)],
        _ => &[
            ("INT", AFTER_INTERRUPT),
            ("TERM", AFTER_TERMINATE),
            ("KILL", AFTER_KILL),
        ],
    };
    for (signal, patience) in rungs {
        let urgent = *stop.borrow() == Stop::Now;
        if urgent && *signal != "KILL" {
            continue;
        }
        send_signal(target, signal).await;
        let deadline = tokio::time::Instant::now() + *patience;
        loop {
            tokio::select! {
                more = report.read(frames) => {
                    if report.complete || !more {
                        break;
                    }
                }
                () = tokio::time::sleep_until(deadline) => break,
                _ = Stop::wanted(stop, Stop::Now), if *signal != "KILL" && !urgent => break,
            }
        }
        if report.complete {
            // The shell reported; what it started in the background must go too.
            send_signal(target, "KILL").await;
            return;
        }
    }
}

/// Signals the processes of a command. Trouble is not an error here: the next
/// rung, and in the end the removal of the container, follow in any case.
async fn send_signal(target: Target<'_>, signal: &str) {
    // What became root hears only root. Once is enough: a second SIGINT makes pytest
    // leave without its report. But root cannot look into the environment of others,
    // so what left the group is looked for by both.
    let users: &[&str] = match (target.place.sudo, signal) {
        (false, _) => &[""],
        (true, "KILL") => &["0:0", ""],
        (true, _) => &["0:0"],
    };
    for user in users {
        let start = ExecStart {
            command: [
                "sh",
                "-c",
                KILL_SCRIPT,
                "seatrial",
                signal,
                target.folder,
                target.token,
            ]
            .iter()
            .map(ToString::to_string)
            .collect(),
            user: (*user).to_owned(),
            ..ExecStart::default()
        };
        if let Ok(mut io) = target
            .place
            .docker
            .exec(target.place.container, &start)
            .await
        {
            let drained = async { while io.output.next().await.is_some() {} };
            let _ = tokio::time::timeout(AFTER_TERMINATE, drained).await;
        }
    }
}
