//! One command of a job on this machine: its process group, its output, its end.

use std::io::Read;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessGroup};
use tokio::sync::watch;
use tokio::time::Instant;

use super::super::{End, EngineError, ExecSpec, Output, Stop};
use super::failed;
use super::processes::{self, Mark};
use crate::docker::COMMAND_VARIABLE;

/// From SIGINT to SIGTERM: time for pytest to write its report.
const AFTER_INTERRUPT: Duration = Duration::from_secs(10);
/// From SIGTERM to SIGKILL.
const AFTER_TERMINATE: Duration = Duration::from_secs(5);
/// How long output may lag behind the end of its process.
const OUTPUT_LAG: Duration = Duration::from_millis(300);
/// Signals, in the order in which they are tried.
const RUNGS: [(i32, Duration); 2] = [(2, AFTER_INTERRUPT), (15, AFTER_TERMINATE)];
/// What a shell says of a command that it does not find (POSIX).
const NOT_FOUND: i64 = 127;

/// What a command is started with, beyond what was asked for.
pub(super) struct Surroundings<'a> {
    /// Its environment, below that of the command itself.
    pub(super) env: &'a [(String, String)],
    /// The folder of its files.
    pub(super) folder: &'a Path,
    /// Tells it from all other commands.
    pub(super) token: &'a str,
    /// Hears of the process group.
    pub(super) started: &'a (dyn Fn(u32) + Sync),
}

/// Runs a command to its end.
pub(super) async fn run(
    around: &Surroundings<'_>,
    spec: &ExecSpec,
    output: Arc<dyn Output>,
    mut stop: watch::Receiver<Stop>,
) -> Result<End, EngineError> {
    if !Path::new(&spec.cwd).is_dir() {
        let message = format!("the working directory {} does not exist\n", spec.cwd);
        output.write(message.as_bytes());
        return Ok(End::Exited(1));
    }
    let (mut reader, writer) = std::io::pipe().map_err(|error| failed(&error))?;
    let errors = writer.try_clone().map_err(|error| failed(&error))?;
    let script = around.folder.join(format!("script{}", spec.extension));
    let mut words = spec
        .command
        .iter()
        .map(|word| word.replace("{0}", &script.display().to_string()));
    let program = words.next().unwrap_or_default();
    let mut command = CommandWrap::with_new(&program, |command| {
        command
            .args(words)
            .current_dir(&spec.cwd)
            .env_clear()
            .envs(pairs(around.env))
            .envs(pairs(&spec.env))
            .envs(
                spec.mailbox
                    .iter()
                    .map(|(name, variable)| (variable, around.folder.join(name))),
            )
            .env(COMMAND_VARIABLE, around.token)
            .stdin(std::process::Stdio::null())
            .stdout(writer)
            .stderr(errors);
    });
    command.wrap(ProcessGroup::leader());
    let spawned = command.spawn();
    // The command holds the writing ends; ours would keep the pipe open.
    drop(command);
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            output.write(format!("{program}: {error}\n").as_bytes());
            return Ok(End::Exited(NOT_FOUND));
        }
    };
    if let Some(id) = child.id() {
        (around.started)(id);
    }
    let (done, mut drained) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0u8; 16 * 1024];
        while let Ok(count) = reader.read(&mut buffer) {
            if count == 0 {
                break;
            }
            output.write(buffer.get(..count).unwrap_or_default());
        }
        let _ = done.send(());
    });
    let end = wait(child.as_mut(), around.token, &mut stop).await;
    // What it left in the background may go on writing.
    let _ = tokio::time::timeout(OUTPUT_LAG, &mut drained).await;
    Ok(end)
}

fn pairs(env: &[(String, String)]) -> impl Iterator<Item = (&String, &String)> {
    env.iter().map(|(name, value)| (name, value))
}

/// Waits for the end of a command, or stops it step by step, with everything that it
/// started.
async fn wait(child: &mut dyn ChildWrapper, token: &str, stop: &mut watch::Receiver<Stop>) -> End {
    tokio::select! {
        status = child.wait() => return ended(status),
        _ = Stop::wanted(stop, Stop::Gently) => {}
    }
    for (signal, patience) in RUNGS {
        if *stop.borrow() == Stop::Now {
            break;
        }
        let _ = child.signal(signal);
        let deadline = Instant::now() + patience;
        let over = tokio::select! {
            _ = child.wait() => true,
            () = tokio::time::sleep_until(deadline) => false,
            _ = Stop::wanted(stop, Stop::Now) => false,
        };
        if over {
            break;
        }
    }
    // Whatever has outlived it, in its group or away from it, goes as well.
    let _ = child.start_kill();
    let mark = Mark {
        entry: format!("{COMMAND_VARIABLE}={token}"),
        folder: None,
    };
    processes::end(&mark).await;
    let _ = child.wait().await;
    End::Stopped
}

fn ended(status: std::io::Result<ExitStatus>) -> End {
    match status {
        Ok(status) => match (status.code(), signal_of(status)) {
            (Some(code), _) => End::Exited(code.into()),
            (None, signal) => End::Vanished(format!("ended by signal {signal}")),
        },
        Err(error) => End::Lost(error.to_string()),
    }
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> i32 {
    std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or_default()
}

#[cfg(not(unix))]
fn signal_of(_status: ExitStatus) -> i32 {
    0
}
