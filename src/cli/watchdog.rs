//! The watchdog: a process beside each run that outlives it when it is killed, and then
//! removes what it left.
//!
//! It holds the reading end of a pipe whose other end only the run has. The pipe ends
//! with the run, whatever ended it; a run that tidied up says so before.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use super::args::WatchdogArgs;
use crate::docker::Docker;
use crate::engine::docker::reap;
use crate::engine::host::reap as reap_here;
use crate::record::{Cause, EXIT_SUCCESS};

/// What the watchdog says when it watches.
const READY: &str = "ready";
/// What a run says that has left nothing.
const DONE: &[u8] = b"done";
/// How long a watchdog may take to say that it watches.
const START: Duration = Duration::from_secs(20);
/// Time between two attempts to reach the engine.
const RETRY: Duration = Duration::from_secs(2);
/// Attempts to reach the engine: ten minutes in all.
const ATTEMPTS: u32 = 300;
/// Attempts that find no folder for the engine's socket before it is given up: a minute.
const GONE: u32 = 30;

/// The run's end of a watchdog. Dropped, the watchdog begins to tidy up.
pub(super) struct Watchdog {
    child: Child,
    pipe: ChildStdin,
}

impl Watchdog {
    /// Starts a watchdog for a run and waits until it watches. `temp` is where folders of
    /// jobs on this machine are made, `engine` the address of the run's engine, where it
    /// has one.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) async fn start(
        run: &str,
        temp: &Path,
        engine: Option<&str>,
    ) -> Result<Self, String> {
        let mut command = Command::new(own_program().map_err(|error| error.to_string())?);
        command
            .args(["watchdog", "--run", run, "--temp"])
            .arg(temp)
            .args(engine.iter().flat_map(|address| ["--engine", address]))
            // GitHub's runner ends whatever has its RUNNER_TRACKING_ID in the environment.
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let pipe = child.stdin.take().ok_or("it has no pipe")?;
        let answer = child.stdout.take().ok_or("it has no pipe")?;
        let mut line = String::new();
        let mut reader = BufReader::new(answer);
        match tokio::time::timeout(START, reader.read_line(&mut line)).await {
            Ok(Ok(_)) if line.trim_end() == READY => Ok(Self { child, pipe }),
            Ok(Ok(_)) => Err("it ended at once".to_owned()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("it did not answer within {} s", START.as_secs())),
        }
    }

    /// Ends the watchdog of a run that has left nothing.
    pub(super) async fn dismiss(mut self) {
        let said = self.pipe.write_all(DONE).await;
        drop(self.pipe);
        if said.is_ok() {
            let _ = self.child.wait().await;
        }
    }
}

/// The program that runs now. Where its file was replaced meanwhile, Linux still has it.
fn own_program() -> std::io::Result<PathBuf> {
    let path = std::env::current_exe()?;
    let kept = Path::new("/proc/self/exe");
    Ok(if !path.exists() && kept.exists() {
        kept.to_owned()
    } else {
        path
    })
}

/// `seatrial watchdog`: waits for the end of a run. Gives the exit code.
pub(super) async fn watchdog(args: &WatchdogArgs) -> u8 {
    // Away from the terminal's signals and the run's process group.
    #[cfg(unix)]
    let _ = rustix::process::setsid();
    // A machine that shuts down, or a job that is cancelled, sends these to everybody:
    // the run's end is what counts.
    #[cfg(unix)]
    let _held = ignore_signals();
    let mut out = tokio::io::stdout();
    let told = async {
        out.write_all(READY.as_bytes()).await?;
        out.write_all(b"\n").await?;
        out.flush().await
    };
    if told.await.is_err() {
        return Cause::Invariant.exit_code();
    }
    let mut word = Vec::new();
    let _ = tokio::io::stdin().read_to_end(&mut word).await;
    if word == DONE {
        return EXIT_SUCCESS;
    }
    // Builds, and jobs on this machine with their folders.
    reap_here(&args.temp, &args.run).await;
    let Some(address) = &args.engine else {
        return EXIT_SUCCESS;
    };
    if tidy_up(address, &args.run).await {
        EXIT_SUCCESS
    } else {
        Cause::Leftovers.exit_code()
    }
}

/// Removes what the run left; whether that was possible. An engine that restarts is
/// waited for, but not one whose folder is gone: a socket's file may go and come back with
/// its engine, and the folder stays.
async fn tidy_up(address: &str, run: &str) -> bool {
    let attempt = async || match Docker::connect(address, None).await {
        Ok(docker) => reap(&docker, run).await.is_ok(),
        Err(_) => false,
    };
    try_for_long(address, attempt).await
}

/// Tries until it is done, or until there is no more sense in it.
async fn try_for_long(address: &str, attempt: impl AsyncFn() -> bool) -> bool {
    let mut gone = 0;
    for _ in 0..ATTEMPTS {
        if attempt().await {
            return true;
        }
        gone = if has_place(address) { 0 } else { gone + 1 };
        if gone > GONE {
            return false;
        }
        tokio::time::sleep(RETRY).await;
    }
    false
}

/// Whether the folder of an engine's socket is there. That of one elsewhere is not known.
fn has_place(address: &str) -> bool {
    address
        .strip_prefix("unix://")
        .and_then(|path| Path::new(path).parent())
        .is_none_or(Path::exists)
}

/// Handlers that keep the signals from ending the process.
#[cfg(unix)]
fn ignore_signals() -> Vec<tokio::signal::unix::Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ]
    .into_iter()
    .filter_map(|kind| signal(kind).ok())
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// How long is waited for an engine that does not answer there.
    async fn patience(socket: &Path) -> u64 {
        let address = format!("unix://{}", socket.display());
        let begun = tokio::time::Instant::now();
        // Without a call to the engine: real time does not pass on this clock.
        assert!(!try_for_long(&address, async || false).await);
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn an_engine_is_waited_for_while_it_has_a_place() {
        let folder = tempfile::tempdir().unwrap();
        // The socket of a killed engine stays; one that was shut down took it along.
        let stays = folder.path().join("left.sock");
        drop(std::os::unix::net::UnixListener::bind(&stays).unwrap());
        assert_eq!(patience(&stays).await, 600);
        assert_eq!(patience(&folder.path().join("gone.sock")).await, 600);
        let nowhere = folder.path().join("no/folder/engine.sock");
        assert_eq!(patience(&nowhere).await, 60);
        assert!(has_place("tcp://engine.example:2376"));
    }
}
