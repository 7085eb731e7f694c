//! Where text goes: data to stdout, everything else to stderr.
//!
//! A reader that has gone (`seatrial run | head -1`) is no trouble. Any other
//! trouble is kept for the end, when it spoils the exit code: data that nobody
//! got must not look like success.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::report::harmless;

/// One of the two ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// For data.
    Stdout,
    /// For everything else.
    Stderr,
}

impl Stream {
    /// Whether a person sees it.
    pub(super) fn is_terminal(self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
        }
    }

    /// Whether it may have colours.
    pub(super) fn colour(self) -> bool {
        let choice = match self {
            Self::Stdout => AutoStream::choice(&io::stdout()),
            Self::Stderr => AutoStream::choice(&io::stderr()),
        };
        choice != ColorChoice::Never
    }
}

/// What a test hears.
#[cfg(test)]
type Heard = Arc<Mutex<Vec<(Stream, String)>>>;

/// Takes all text. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Out {
    /// Whether GitHub's runner reads along and obeys what looks like a command.
    obeyed: bool,
    trouble: Arc<Mutex<Option<String>>>,
    #[cfg(test)]
    heard: Option<Heard>,
}

/// Red, for the word "error".
const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Yellow, for the word "warning".
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Cyan, for the word "hint".
const HINT: Style = AnsiColor::Cyan.on_default();

impl Out {
    /// A way out; `obeyed` where GitHub's runner reads along: then nothing but what
    /// goes through [`Out::write`] can be a workflow command.
    pub(super) fn new(obeyed: bool) -> Self {
        Self {
            obeyed,
            ..Self::default()
        }
    }

    /// Data: what the command was called for. It ends as it is given.
    pub(super) fn data(&self, text: &str) {
        self.guarded(Stream::Stdout, text);
    }

    fn guarded(&self, stream: Stream, text: &str) {
        if self.obeyed {
            self.write(stream, &harmless(text));
        } else {
            self.write(stream, text);
        }
    }

    /// A line for the person who watches.
    pub(super) fn say(&self, line: &str) {
        self.guarded(Stream::Stderr, &format!("{line}\n"));
    }

    /// `error: …`
    pub(super) fn error(&self, message: &str) {
        self.say(&format!("{ERROR}error:{ERROR:#} {message}"));
    }

    /// `warning: …`
    pub(super) fn warning(&self, message: &str) {
        self.say(&format!("{WARNING}warning:{WARNING:#} {message}"));
    }

    /// `hint: …`
    pub(super) fn hint(&self, message: &str) {
        self.say(&format!("{HINT}hint:{HINT:#} {message}"));
    }

    /// Any text, commands to GitHub's runner among it. Colours are taken off where the stream cannot show them.
    pub(super) fn write(&self, stream: Stream, text: &str) {
        #[cfg(test)]
        if let Some(heard) = &self.heard {
            heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((stream, anstream::adapter::strip_str(text).to_string()));
            return;
        }
        self.note(
            stream,
            match stream {
                Stream::Stdout => emit(&mut anstream::stdout().lock(), text),
                Stream::Stderr => emit(&mut anstream::stderr().lock(), text),
            },
        );
    }

    /// Text with marks for GitLab, which takes no colours off itself.
    pub(super) fn write_raw(&self, stream: Stream, text: &str) {
        self.note(
            stream,
            match stream {
                Stream::Stdout => emit(&mut io::stdout().lock(), text),
                Stream::Stderr => emit(&mut io::stderr().lock(), text),
            },
        );
    }

    /// Keeps the first trouble with writing.
    fn note(&self, stream: Stream, written: io::Result<()>) {
        if let Err(error) = written {
            let name = match stream {
                Stream::Stdout => "standard output",
                Stream::Stderr => "standard error",
            };
            self.trouble
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(|| format!("{name} could not be written: {error}"));
        }
    }

    /// The first trouble with writing, other than a reader that has gone.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Writes a text and pushes it out.
fn emit(to: &mut dyn Write, text: &str) -> io::Result<()> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// What tests look at.
#[cfg(test)]
impl Out {
    /// One that keeps everything.
    pub(super) fn listening() -> Self {
        Self {
            heard: Some(Arc::default()),
            ..Self::default()
        }
    }

    /// What went to a stream, colours taken off.
    pub(super) fn heard(&self, stream: Stream) -> String {
        self.heard
            .iter()
            .flat_map(|heard| heard.lock().unwrap_or_else(PoisonError::into_inner).clone())
            .filter(|(to, _)| *to == stream)
            .map(|(_, text)| text)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_reader_that_has_gone_is_no_trouble() {
        let (reader, mut writer) = io::pipe().unwrap();
        drop(reader);
        assert!(writer.write(b"x").is_err(), "the pipe is not broken");
        emit(&mut writer, "a line\n").unwrap();
    }

    #[test]
    fn in_github_actions_nothing_that_is_said_is_a_command() {
        let out = Out {
            obeyed: true,
            ..Out::listening()
        };
        out.data("::set-env name=a::b\n##[add-path]c\n");
        out.error("in line 3:\n  ::add-mask::x\r::error::y");
        assert_eq!(
            out.heard(Stream::Stdout),
            "│ ::set-env name=a::b\n## [add-path]c\n"
        );
        assert_eq!(
            out.heard(Stream::Stderr),
            "error: in line 3:\n│   ::add-mask::x␍::error::y\n"
        );
        out.write(Stream::Stdout, "::group::ours\n");
        assert!(out.heard(Stream::Stdout).ends_with("::group::ours\n"));
    }

    #[test]
    fn a_full_disk_is_trouble() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert!(emit(&mut Full, "a line\n").is_err());
    }

    #[test]
    fn messages_go_to_stderr_and_data_to_stdout() {
        let out = Out::listening();
        out.data("{}\n");
        out.error("it broke");
        out.hint("mend it");
        assert_eq!(out.heard(Stream::Stdout), "{}\n");
        assert_eq!(
            out.heard(Stream::Stderr),
            "error: it broke\nhint: mend it\n"
        );
    }
}
