//! Programs that are asked something: with bounds of time and of what they say.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Longest that a program may take to answer.
const LIMIT: Duration = Duration::from_secs(30);
/// Most bytes that are read of an answer.
const MOST: u64 = 16 << 20;

/// What a program answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// Whether it succeeded.
    pub(super) success: bool,
    /// Its standard output.
    pub(super) output: Vec<u8>,
    /// Its standard error.
    pub(super) errors: String,
}

/// Asks a program in a folder. Everything that it starts ends with it.
///
/// # Errors
/// It cannot be started, does not answer in time, or answers too much; in words.
pub(super) fn ask(
    program: &Path,
    arguments: &[&str],
    folder: &Path,
    variables: &[(&str, &str)],
) -> Result<Answer, String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let deadline = Instant::now() + LIMIT;
    let output = child.stdout.take().map(read);
    let errors = child.stderr.take().map(read);
    let wait = |from: Option<mpsc::Receiver<Vec<u8>>>| {
        let left = deadline.saturating_duration_since(Instant::now());
        from.map_or(Ok(Vec::new()), |from| from.recv_timeout(left))
    };
    let said = wait(output).and_then(|output| Ok((output, wait(errors)?)));
    let Ok((output, errors)) = said else {
        end(&mut child);
        return Err(format!("did not answer within {} s", LIMIT.as_secs()));
    };
    if output.len() as u64 > MOST {
        end(&mut child);
        return Err(format!("answers more than {} MiB", MOST >> 20));
    }
    let status = child
        .wait()
        .map_err(|error| format!("cannot be waited for: {error}"))?;
    Ok(Answer {
        success: status.success(),
        output,
        errors: String::from_utf8_lossy(&errors).into_owned(),
    })
}

/// Reads a stream in a thread of its own, so that neither of two is blocked by the other.
fn read(stream: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is told, and the exit code says the rest.
        let _ = stream.take(MOST + 1).read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

/// Kills a program and what it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
