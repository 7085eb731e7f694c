//! One command of a job: an exec, its script, its report, its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;

use super::relay::Relay;
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
/// Most bytes of mailbox files that are taken; GitHub's limit is far below.
const MAX_REPORT: usize = 16 * 1024 * 1024;

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
                end: End::Vanished(what),
                mailbox: Vec::new(),
                oom_kills: report.oom_kills,
                forks_refused: report.forks_refused,
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
            oom_kills: report.oom_kills,
            forks_refused: report.forks_refused,
        });
    }
    if stopped {
        return Ok(ExecEnd {
            end: End::Stopped,
            mailbox: Vec::new(),
            oom_kills: 0,
            forks_refused: 0,
        });
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
    Ok(ExecEnd {
        end: End::Vanished(format!("the step's shell was killed (exit code {code})")),
        mailbox: Vec::new(),
        oom_kills: u64::from(state.oom_killed),
        forks_refused: 0,
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

/// What the shell inside the container reports at the end of a command.
#[derive(Default)]
pub(super) struct Report {
    bytes: Vec<u8>,
    complete: bool,
    code: i64,
    oom_kills: u64,
    forks_refused: u64,
}

impl Report {
    /// The report that these bytes are.
    #[cfg(any(test, fuzzing))]
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let mut report = Self {
            bytes,
            ..Self::default()
        };
        report.parse();
        report
    }

    /// Whether nothing of it is missing.
    #[cfg(any(test, fuzzing))]
    pub(super) fn complete(&self) -> bool {
        self.complete
    }

    /// Takes the next piece; `false` when there is none.
    async fn read(&mut self, frames: &mut OutputFrames) -> bool {
        match frames.next().await {
            Some(Ok(bytes)) => {
                if self.bytes.len() + bytes.len() <= MAX_REPORT {
                    self.bytes.extend_from_slice(&bytes);
                }
                self.parse();
                true
            }
            Some(Err(_)) | None => false,
        }
    }

    fn parse(&mut self) {
        self.complete = false;
        if !self.bytes.ends_with(b"done\n") {
            return;
        }
        let mut lines = self.bytes.split(|byte| *byte == b'\n');
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let mut words = first.split_whitespace();
        if words.next() != Some("end") {
            return;
        }
        if let (Some(Ok(code)), Some(Ok(kills)), Some(Ok(refused))) = (
            words.next().map(str::parse),
            words.next().map(str::parse::<u64>),
            words.next().map(str::parse::<u64>),
        ) {
            self.code = code;
            self.oom_kills = kills;
            self.forks_refused = refused;
            self.complete = self.walk(|_, _| {}).is_some();
        }
    }

    /// Visits the files of the report; `None` when it is not complete.
    fn walk(&self, mut visit: impl FnMut(&str, &[u8])) -> Option<()> {
        let mut rest = after_line(&self.bytes)?.1;
        loop {
            let (line, tail) = after_line(rest)?;
            let line = std::str::from_utf8(line).ok()?;
            if line == "done" {
                return tail.is_empty().then_some(());
            }
            let mut words = line.split(' ');
            let (Some("file"), Some(name), Some(size)) = (words.next(), words.next(), words.next())
            else {
                return None;
            };
            let size: usize = size.parse().ok()?;
            visit(name, tail.get(..size)?);
            rest = tail.get(size..)?;
        }
    }

    /// The wanted files of the report.
    pub(super) fn mailbox(
        &self,
        wanted: &[(&'static str, &'static str)],
    ) -> Vec<(&'static str, Vec<u8>)> {
        let mut found = Vec::new();
        let _ = self.walk(|name, bytes| {
            if let Some((known, _)) = wanted.iter().find(|(known, _)| *known == name) {
                found.push((*known, bytes.to_vec()));
            }
        });
        found
    }
}

/// The first line without its end, and what follows.
fn after_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::Report;

    fn report(text: &[u8]) -> Report {
        Report::of(text.to_vec())
    }

    #[test]
    fn a_report_tells_code_and_files() {
        let report = report(b"end 3 1 2\nfile env 5\nA=1\n\nfile path 0\ndone\n");
        assert!(report.complete);
        assert_eq!(
            (report.code, report.oom_kills, report.forks_refused),
            (3, 1, 2)
        );
        assert_eq!(
            report.mailbox(&[("env", "GITHUB_ENV"), ("path", "GITHUB_PATH")]),
            vec![("env", b"A=1\n\n".to_vec()), ("path", Vec::new())]
        );
    }

    #[test]
    fn a_report_that_is_cut_is_not_complete() {
        let whole = b"end 0 0 0\nfile env 10\ndone\ndone\ndone\n";
        for cut in 0..whole.len() {
            assert!(!report(whole.get(..cut).unwrap_or_default()).complete);
        }
        assert!(report(whole).complete);
    }

    #[test]
    fn nonsense_is_not_a_report() {
        for text in [
            &b"done\n"[..],
            b"end x 0 0\ndone\n",
            b"end 0 0 0\nfile env 99\ndone\n",
        ] {
            assert!(!report(text).complete);
        }
    }
}
