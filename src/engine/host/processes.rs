//! Processes of this machine that a run or a job started, found by what they carry.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Looks at the processes, one after the other; what still starts others is met again.
const ROUNDS: u32 = 50;
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// By what processes are known.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// The beginning of an entry of their environment: `NAME=value`.
    pub(crate) entry: String,
    /// A folder that they work in, where they have no terminal: a daemon that was
    /// started with an empty environment. A person who looks around there has one.
    pub(crate) folder: Option<PathBuf>,
}

/// Ends all processes that bear the mark, and those that they start meanwhile. One that
/// cannot be ended, because it is somebody else's or waits for a device, is left alone.
pub(crate) async fn end(mark: &Mark) {
    for _ in 0..ROUNDS {
        let found = marked(mark);
        if found.is_empty() {
            return;
        }
        for process in found {
            // Gone already is fine.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The processes that bear the mark, this one never. Those that have ended and are only
/// still listed have neither an environment nor a folder.
fn marked(mark: &Mark) -> Vec<rustix::process::Pid> {
    let Ok(all) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let own = std::process::id();
    all.flatten()
        .filter_map(|entry| {
            let number: i32 = entry.file_name().to_str()?.parse().ok()?;
            let place = entry.path();
            let ours = u32::try_from(number) != Ok(own)
                && (carries(&place, &mark.entry)
                    || mark
                        .folder
                        .as_ref()
                        .is_some_and(|folder| works_in(&place, folder)));
            ours.then(|| rustix::process::Pid::from_raw(number))?
        })
        .collect()
}

/// Whether the environment of a process has an entry that begins so.
fn carries(process: &Path, entry: &str) -> bool {
    std::fs::read(process.join("environ")).is_ok_and(|environment| {
        environment
            .split(|byte| *byte == 0)
            .any(|one| one.starts_with(entry.as_bytes()))
    })
}

/// Whether a process without a terminal works below a folder.
fn works_in(process: &Path, folder: &Path) -> bool {
    std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
        && std::fs::read_to_string(process.join("stat")).is_ok_and(|stat| !has_terminal(&stat))
}

/// Field 7 of `/proc/PID/stat` (proc(5)), counted behind the command's name, which may
/// hold spaces and parentheses.
fn has_terminal(stat: &str) -> bool {
    stat.rsplit_once(')')
        .and_then(|(_, rest)| rest.split_whitespace().nth(4))
        .is_some_and(|terminal| terminal != "0")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A process that waits for the end of its input, away from any terminal.
    fn waiting(change: impl FnOnce(&mut Command) -> &mut Command) -> Child {
        let mut command = Command::new("setsid");
        command.args(["cat"]).stdin(Stdio::piped());
        change(&mut command).spawn().unwrap()
    }

    #[tokio::test]
    async fn marked_processes_end_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().canonicalize().unwrap();
        let mark = Mark {
            entry: format!("SEATRIAL_TEST={}-", place.display()),
            folder: Some(place.clone()),
        };
        let value = format!("{}-1", place.display());
        let mut ours = [
            waiting(|command| command.env("SEATRIAL_TEST", &value)),
            waiting(|command| {
                command
                    .env_clear()
                    .env("PATH", "/usr/bin:/bin")
                    .current_dir(&place)
            }),
        ];
        let mut other = waiting(|command| command.env("SEATRIAL_TEST", "other"));
        end(&mark).await;
        for process in &mut ours {
            assert_eq!(process.wait().unwrap().signal(), Some(9));
        }
        drop(other.stdin.take());
        assert_eq!(other.wait().unwrap().signal(), None);
    }

    #[test]
    fn a_terminal_is_told_from_none() {
        assert!(has_terminal("7 (a) b (c)) S 1 7 7 34816 7"));
        assert!(!has_terminal("7 (cat) S 1 7 7 0 -1"));
        assert!(!has_terminal("nonsense"));
    }
}
