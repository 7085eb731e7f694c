//! The log of a step: masked, kept, searched for workflow commands, passed on.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use crate::engine::Output;
use crate::record::{EventKind, Level, Place, StepKey};

use super::bus::Bus;
use super::commands::{Action, AnnotationLevel, CommandFilter, Unsecure};
use super::kept::{Kept, LogRoom};
use super::mask::{MaskError, Masker};
use super::{line, masked};

/// Most characters of a line of output that are quoted.
const QUOTED: usize = 300;
/// Most annotations of a step that are kept. GitHub shows ten of each kind.
const MAX_ANNOTATIONS: usize = 1000;
/// Most characters of one, as on GitHub (`IssueMessage` in `ExecutionContext.cs` of
/// actions/runner).
const MAX_MESSAGE: usize = 4096;
/// Most bytes that the workflow commands of a step give to be kept: what the outputs of a
/// job may have on GitHub.
const MAX_GIVEN: usize = 1024 * 1024;

/// Takes the output of one step.
pub(super) struct StepLog {
    inner: Mutex<Inner>,
    bus: Arc<Bus>,
    masker: Arc<Mutex<Masker>>,
    step: StepKey,
}

struct Inner {
    file: Option<Kept>,
    line: Vec<u8>,
    filter: CommandFilter,
    told: Told,
    /// When the step printed anything last, at first when it began.
    heard: Instant,
    /// Annotations of the step so far.
    annotations: usize,
    /// Bytes that its workflow commands gave to be kept.
    given: usize,
}

/// What a step said by workflow commands.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// Outputs by the deprecated `set-output`.
    pub(super) outputs: Vec<(String, String)>,
    /// State by the deprecated `save-state`.
    pub(super) state: Vec<(String, String)>,
    /// Variables by `set-env`, where it is allowed.
    pub(super) env: Vec<(String, String)>,
    /// Folders by `add-path`, where it is allowed.
    pub(super) path: Vec<String>,
    /// The line in which pytest-cov or coverage.py says that their threshold was not
    /// reached.
    pub(super) coverage_gate: Option<String>,
    /// The command that a shell did not find, the latest one.
    pub(super) missing_command: Option<String>,
    /// The line that tells of a full disk, the first one.
    pub(super) no_space: Option<String>,
    /// A command that is refused, which fails the step.
    pub(super) refused: Option<String>,
}

impl StepLog {
    /// A log that is kept in `file`, of the room that the job's logs have.
    pub(super) fn new(
        file: &Path,
        room: &LogRoom,
        step: StepKey,
        bus: Arc<Bus>,
        masker: Arc<Mutex<Masker>>,
        unsecure: Unsecure,
    ) -> Self {
        let file = match Kept::create(file, room) {
            Ok(file) => Some(file),
            Err(error) => {
                bus.lost("the log of a step", &error);
                None
            }
        };
        Self {
            inner: Mutex::new(Inner {
                file,
                line: Vec::new(),
                filter: CommandFilter::new(unsecure, false),
                told: Told::default(),
                heard: Instant::now(),
                annotations: 0,
                given: 0,
            }),
            bus,
            masker,
            step,
        }
    }

    /// When the step printed anything last. Bytes count, not lines: a row of dots is a
    /// sign of life.
    pub(super) fn heard(&self) -> Instant {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.heard
    }

    /// The first line that tells of a full disk.
    pub(super) fn no_space(&self) -> Option<String> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.told.no_space.clone()
    }

    /// Writes a line of seatrial's own.
    pub(super) fn say(&self, line: &str) {
        self.write(format!("{line}\n").as_bytes());
    }

    /// Writes an error message, which is an annotation, too.
    pub(super) fn error(&self, message: &str) {
        self.message(Level::Error, message);
    }

    /// Writes a warning, which is an annotation, too.
    pub(super) fn warning(&self, message: &str) {
        self.message(Level::Warning, message);
    }

    fn message(&self, level: Level, message: &str) {
        let message = masked(&self.masker, message);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{}: {message}\n", level_word(level));
        self.keep(&mut inner, line.as_bytes());
        self.annotate(&mut inner, level, &message, None);
    }

    /// Shows a message and keeps it as an annotation.
    fn annotate(&self, inner: &mut Inner, level: Level, message: &str, place: Option<Place>) {
        let message = masked(&self.masker, message);
        self.bus
            .line(&self.step, format!("{}: {message}", level_word(level)));
        inner.annotations += 1;
        if inner.annotations > MAX_ANNOTATIONS {
            return;
        }
        let message = match message.char_indices().nth(MAX_MESSAGE) {
            Some((cut, _)) => format!("{}…", message.get(..cut).unwrap_or_default()),
            None => message,
        };
        self.bus.emit(EventKind::Annotation {
            step: self.step.clone(),
            level,
            message,
            place,
        });
    }

    /// Fails the step because of a workflow command. Said once.
    fn refuse(&self, inner: &mut Inner, message: &str) {
        let message = masked(&self.masker, message);
        if inner.told.refused.as_ref() != Some(&message) {
            self.annotate(inner, Level::Error, &message, None);
            inner.told.refused = Some(message);
        }
    }

    /// Ends the log; gives what the step said.
    pub(super) fn finish(&self) -> Told {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.line.is_empty() {
            let line = std::mem::take(&mut inner.line);
            self.take_line(&mut inner, &line);
        }
        let left_out = inner.annotations.saturating_sub(MAX_ANNOTATIONS);
        if left_out > 0 {
            let message = format!(
                "{left_out} annotations are left out: of a step {MAX_ANNOTATIONS} are kept"
            );
            self.bus
                .notice(Level::Warning, Some(&self.step.job), message);
        }
        if let Some(Err(error)) = inner.file.take().map(Kept::finish) {
            self.bus.lost("the log of a step", &error);
        }
        std::mem::take(&mut inner.told)
    }

    /// Writes to the file. The job goes on without it.
    fn keep(&self, inner: &mut Inner, bytes: &[u8]) {
        if let Some(Err(error)) = inner.file.as_mut().map(|file| file.write(bytes)) {
            inner.file = None;
            self.bus.lost("the log of a step", &error);
        }
    }

    fn take_line(&self, inner: &mut Inner, line: &[u8]) {
        let raw = String::from_utf8_lossy(line);
        let (text, is_masked) = {
            let masker = self.masker.lock().unwrap_or_else(PoisonError::into_inner);
            let masked = masker.mask(&raw);
            let is_masked = matches!(&masked, std::borrow::Cow::Owned(_));
            (masked.into_owned(), is_masked)
        };
        let shown = text.trim_end_matches(['\n', '\r']).to_owned();
        // The line as it came: in one that is masked, a new secret may hold an old one.
        let action = inner.filter.line(raw.trim_end_matches(['\n', '\r']));
        // The value to be masked stands in the line itself.
        if !matches!(action, Action::Mask(_)) {
            // Without a secret in it the line is kept byte for byte.
            self.keep(inner, if is_masked { text.as_bytes() } else { line });
        }
        let text = shown;
        if let Some(line) = coverage_gate(&text) {
            inner.told.coverage_gate = Some(line);
        }
        if inner.told.no_space.is_none() && tells_of_full_disk(&text) {
            inner.told.no_space = Some(text.chars().take(QUOTED).collect());
        }
        if let Some(name) = missing_command(&text) {
            inner.told.missing_command = Some(name);
        }
        if let Some(message) = action.deprecation() {
            self.annotate(inner, Level::Warning, &message, None);
        }
        if let Some(message) = action.unable(&text) {
            self.annotate(inner, Level::Error, &message, None);
        }
        let given = match &action {
            Action::SetOutput { name, value }
            | Action::SaveState { name, value }
            | Action::SetEnv { name, value } => name.len() + value.len(),
            Action::AddPath(folder) => folder.len(),
            _ => 0,
        };
        inner.given += given;
        if given > 0 && inner.given > MAX_GIVEN {
            return self.refuse(
                inner,
                "the workflow commands of a step give more than 1 MiB to be kept",
            );
        }
        match action {
            Action::Print => self.bus.line(&self.step, text),
            Action::Group(title) => {
                let title = masked(&self.masker, &title);
                self.bus.line(&self.step, format!("▸ {title}"));
            }
            Action::Annotation {
                level,
                message,
                file,
                line,
                column,
                ..
            } => {
                let level = match level {
                    AnnotationLevel::Notice => Level::Notice,
                    AnnotationLevel::Warning => Level::Warning,
                    AnnotationLevel::Error => Level::Error,
                };
                let place = file.map(|file| Place { file, line, column });
                self.annotate(inner, level, &message, place);
            }
            Action::Mask(secret) => {
                let masked = self
                    .masker
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .add(&secret);
                // Not masked, it could be shown. That it is short is known and documented.
                if let Err(error @ (MaskError::Full | MaskError::TooLong)) = masked {
                    self.refuse(inner, &format!("add-mask: {error}"));
                }
            }
            Action::SetOutput { name, value } => inner.told.outputs.push((name, value)),
            Action::Refused { message, .. } => {
                self.refuse(inner, &message);
            }
            Action::StopCommands { .. } | Action::Resume => self.bus.line(&self.step, text),
            Action::SaveState { name, value } => inner.told.state.push((name, value)),
            Action::SetEnv { name, value } => inner.told.env.push((name, value)),
            Action::AddPath(folder) => inner.told.path.push(folder),
            Action::EndGroup
            | Action::Debug(_)
            | Action::AddMatcher(_)
            | Action::RemoveMatcher { .. }
            | Action::EchoOn
            | Action::EchoOff => {}
        }
    }
}

impl Output for StepLog {
    fn write(&self, bytes: &[u8]) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.heard = Instant::now();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Some(line) = line::take(&mut inner.line, piece, &self.masker) {
                self.take_line(&mut inner, &line);
            }
        }
    }
}

/// The message of pytest-cov ("Required test coverage of 80% not reached …") or of
/// coverage.py ("Coverage failure: total of 75 is less than fail-under=80").
fn coverage_gate(line: &str) -> Option<String> {
    let start = line
        .find("Required test coverage of ")
        .filter(|_| line.contains("not reached"))
        .or_else(|| line.find("Coverage failure: total of "))?;
    let message = line.get(start..)?;
    // Colours may follow.
    Some(message.split('\u{1b}').next()?.trim_end().to_owned())
}

/// `strerror` of ENOSPC in glibc and musl, in the words of Python, Node, Go and the JVM,
/// and what SQLite says (its `SQLITE_FULL`).
fn tells_of_full_disk(line: &str) -> bool {
    ["o space left on device", "database or disk is full"]
        .iter()
        .any(|words| line.contains(words))
}

/// The name in `script: line 1: sudo: command not found` (bash) and in
/// `script: 1: sudo: not found` (dash, busybox).
fn missing_command(line: &str) -> Option<String> {
    let before = line
        .strip_suffix(": command not found")
        .or_else(|| line.strip_suffix(": not found"))?;
    let name = before.rsplit(": ").next()?;
    let plain = !name.is_empty() && name.len() <= 64 && !name.contains(char::is_whitespace);
    (plain && before.len() > name.len()).then(|| name.to_owned())
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use tokio::time::Instant;

    use super::{StepLog, coverage_gate, missing_command};
    use crate::engine::Output as _;
    use crate::record::{JobKey, StepKey};
    use crate::runner::bus::Bus;

    #[test]
    fn a_row_of_dots_is_a_sign_of_life() {
        let folder = tempfile::tempdir().unwrap();
        let step = StepKey {
            job: JobKey("job".to_owned()),
            step: 1,
        };
        let bus = Bus::new(None, Box::new(|_| {})).unwrap();
        let log = StepLog::new(
            &folder.path().join("log"),
            &super::LogRoom::default(),
            step,
            Arc::new(bus),
            Arc::default(),
            super::Unsecure::default(),
        );
        assert!(log.heard() <= Instant::now());
        for _ in 0..3 {
            let now = Instant::now();
            log.write(b".");
            assert!(log.heard() >= now);
        }
    }

    #[test]
    fn commands_that_a_shell_did_not_find_are_heard() {
        for (line, heard) in [
            (
                "/seatrial/steps/3/script.sh: line 1: sudo: command not found",
                Some("sudo"),
            ),
            (
                "/seatrial/steps/3/script.sh: 1: gettext: not found",
                Some("gettext"),
            ),
            ("sudo: command not found", None),
            ("the page: was not found", None),
            ("error: two words: command not found", None),
        ] {
            assert_eq!(missing_command(line).as_deref(), heard, "{line}");
        }
    }

    #[test]
    fn a_full_disk_is_heard() {
        for (line, heard) in [
            ("OSError: [Errno 28] No space left on device", true),
            ("Error: ENOSPC: no space left on device, write", true),
            ("sqlite3.OperationalError: database or disk is full", true),
            ("no space left", false),
        ] {
            assert_eq!(super::tells_of_full_disk(line), heard, "{line}");
        }
    }

    #[test]
    fn thresholds_of_the_tools_are_heard() {
        for (line, heard) in [
            (
                "\u{1b}[31mFAIL Required test coverage of 99% not reached. Total coverage: 95.16%\u{1b}[0m",
                Some("Required test coverage of 99% not reached. Total coverage: 95.16%"),
            ),
            (
                "ERROR: Coverage failure: total of 75 is less than fail-under=80",
                Some("Coverage failure: total of 75 is less than fail-under=80"),
            ),
            (
                "Required test coverage of 80% reached. Total coverage: 95.16%",
                None,
            ),
            ("collected 3 items", None),
        ] {
            assert_eq!(coverage_gate(line).as_deref(), heard);
        }
    }
}
