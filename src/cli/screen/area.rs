//! The moving area at the end of a terminal. indicatif keeps it within the
//! terminal's width and height, whatever becomes of the window.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::out::Stream;

/// Columns that are laid out for where none are known.
pub(super) const DEFAULT_COLUMNS: usize = 100;

/// Looks a second at most; the thread asks for fewer.
const HERTZ: u8 = 20;

/// The area. Trouble with drawing is not worth a word: the terminal has gone.
#[derive(Debug)]
pub(super) struct Area {
    all: MultiProgress,
    body: ProgressBar,
}

impl Area {
    /// An area on this stream; `None` when it cannot move its cursor.
    pub(super) fn on(stream: Stream) -> Option<Self> {
        Self::over(match stream {
            Stream::Stdout => ProgressDrawTarget::stdout_with_hz(HERTZ),
            Stream::Stderr => ProgressDrawTarget::stderr_with_hz(HERTZ),
        })
    }

    /// An area on any target.
    pub(super) fn over(target: ProgressDrawTarget) -> Option<Self> {
        if target.is_hidden() {
            return None;
        }
        let all = MultiProgress::with_draw_target(target);
        let body = all.add(ProgressBar::no_length());
        // The template is constant; the default of the library would do as well.
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            body.set_style(style);
        }
        Some(Self { all, body })
    }

    /// Shows these lines, in place of those that it showed.
    pub(super) fn show(&self, lines: &[String]) {
        self.body.set_message(lines.join("\n"));
    }

    /// Prints lines above the area; they stay.
    pub(super) fn above(&self, lines: &[String]) {
        // All at once: the area is drawn again only once. An empty line stands as
        // a space, because nothing would be printed of a lone one.
        let text: Vec<&str> = lines
            .iter()
            .map(|line| if line.is_empty() { " " } else { line })
            .collect();
        let _ = self.all.println(text.join("\n"));
    }

    /// Takes the area away.
    pub(super) fn clear(&self) {
        self.body.finish_and_clear();
    }
}

/// Narrowest and widest terminal that is believed.
const BELIEVED: std::ops::RangeInclusive<usize> = 20..=1000;

/// Columns of the terminal, `None` when the stream is not one.
pub(super) fn columns(stream: Stream) -> Option<usize> {
    let size = match stream {
        Stream::Stdout => terminal_size::terminal_size_of(std::io::stdout()),
        Stream::Stderr => terminal_size::terminal_size_of(std::io::stderr()),
    };
    let (terminal_size::Width(columns), _) = size?;
    Some(usize::from(columns).clamp(*BELIEVED.start(), *BELIEVED.end()))
}
