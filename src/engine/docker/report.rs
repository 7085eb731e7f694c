//! What the shell inside a container reports at the end of a command (`step.sh`). Not
//! trusted: any process of the step may have written it.

use futures_util::StreamExt;

use crate::docker::OutputFrames;
use crate::engine::Room;

/// Most bytes of mailbox files that are taken; GitHub's limit is far below.
const MAX_REPORT: usize = 16 * 1024 * 1024;

/// Name of the file that holds what [`crate::engine::ExecSpec::after`] printed.
pub(super) const AFTER: &str = "after";

/// Such a report.
#[derive(Default)]
pub(super) struct Report {
    bytes: Vec<u8>,
    /// Whether nothing of it is missing.
    pub(super) complete: bool,
    /// Exit code of the command.
    pub(super) code: i64,
    /// Processes that the kernel killed for memory.
    pub(super) oom_kills: u64,
    /// Processes that the kernel refused.
    pub(super) forks_refused: u64,
    /// How much room there was, where the command failed.
    pub(super) rooms: Vec<Room>,
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

    /// Takes the next piece; `false` when there is none.
    pub(super) async fn read(&mut self, frames: &mut OutputFrames) -> bool {
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
            let mut rooms = Vec::new();
            self.complete = self.walk(|_, _| {}, |room| rooms.push(room)).is_some();
            self.rooms = rooms;
        }
    }

    /// Visits the files and rooms of the report; `None` when it is not complete.
    fn walk(
        &self,
        mut visit: impl FnMut(&str, &[u8]),
        mut visit_room: impl FnMut(Room),
    ) -> Option<()> {
        let mut rest = after_line(&self.bytes)?.1;
        loop {
            let (line, tail) = after_line(rest)?;
            let line = std::str::from_utf8(line).ok()?;
            if line == "done" {
                return tail.is_empty().then_some(());
            }
            if let Some(words) = line.strip_prefix("room ") {
                if let Some(room) = Room::parse(words) {
                    visit_room(room);
                }
                rest = tail;
                continue;
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
        let take = |name: &str, bytes: &[u8]| {
            if let Some((known, _)) = wanted.iter().find(|(known, _)| *known == name) {
                found.push((*known, bytes.to_vec()));
            }
        };
        let _ = self.walk(take, |_| {});
        found
    }

    /// One file of the report; empty when it is not there.
    pub(super) fn file(&self, wanted: &str) -> Vec<u8> {
        let mut found = Vec::new();
        let take = |name: &str, bytes: &[u8]| {
            if name == wanted {
                found = bytes.to_vec();
            }
        };
        let _ = self.walk(take, |_| {});
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
        let report =
            report(b"end 3 1 2\nroom k / 0 9\nroom k x\nfile env 5\nA=1\n\nfile path 0\ndone\n");
        assert!(report.complete);
        assert_eq!(
            (report.code, report.oom_kills, report.forks_refused),
            (3, 1, 2)
        );
        assert_eq!(report.rooms.len(), 1);
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
