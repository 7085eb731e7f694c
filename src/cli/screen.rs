//! Draws a run while it goes. `report` says what there is to show; here it is
//! shown, by a thread of its own, so that a terminal that stands still never
//! holds up a test.

mod area;
mod queue;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::App;
use super::out::{Out, Stream};
use crate::engine::now_millis;
use crate::report::{Live, LiveMode, LiveStyle, StopToken};
use crate::runner::{Listener, Message};
use area::Area;
use queue::{Item, Queue};

/// Time between two looks of the moving area.
const FRAME: Duration = Duration::from_millis(100);

/// Name of the thread that draws.
pub(super) const THREAD: &str = "screen";

/// Who watches a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person at a terminal.
    Terminal,
    /// A log.
    Plain,
    /// The log of GitHub Actions.
    GitHub,
    /// The log of GitLab.
    GitLab,
    /// Nobody.
    Quiet,
}

impl Kind {
    /// Who watches, as far as flags, environment and stream tell.
    pub(super) fn choose(app: &App, stream: Stream, quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if app.environment.github_actions() {
            Self::GitHub
        } else if app.environment.gitlab() {
            Self::GitLab
        } else if stream.is_terminal() && !app.environment.dumb_terminal() {
            Self::Terminal
        } else {
            Self::Plain
        }
    }

    /// The view for them. `token` is used only in GitHub Actions.
    pub(super) fn live(
        self,
        app: &App,
        stream: Stream,
        (verbose, only): (bool, &[String]),
        token: &StopToken,
    ) -> Live {
        Live::new(LiveStyle {
            mode: match self {
                Self::Terminal => LiveMode::Terminal { verbose },
                Self::Plain => LiveMode::Plain,
                Self::GitHub => LiveMode::GitHub(token.clone()),
                Self::GitLab => LiveMode::GitLab,
                Self::Quiet => LiveMode::Quiet,
            },
            colour: stream.colour(),
            ascii: app.environment.ascii(),
            only: only.to_vec(),
        })
    }
}

/// Columns that are laid out for on a stream.
pub(super) fn width(app: &App, stream: Stream) -> usize {
    area::columns(stream)
        .or_else(|| app.environment.columns())
        .unwrap_or(area::DEFAULT_COLUMNS)
}

/// The view of one run on its stream.
pub(super) struct Screen {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Screen {
    /// Begins to draw `live` on `stream`.
    pub(super) fn start(kind: Kind, live: Live, out: Out, stream: Stream) -> Self {
        let queue = Arc::new(Queue::default());
        let area = match kind {
            Kind::Terminal => Area::on(stream),
            Kind::Plain | Kind::GitHub | Kind::GitLab | Kind::Quiet => None,
        };
        let drawer = Drawer {
            live,
            out,
            stream,
            area,
            raw: kind == Kind::GitLab,
        };
        let source = Arc::clone(&queue);
        let thread = std::thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(move || drawer.draw(&source))
            .ok();
        Self { queue, thread }
    }

    /// Takes what happens in the run; never blocks.
    pub(super) fn listener(&self) -> Listener {
        let queue = Arc::clone(&self.queue);
        Box::new(move |message| match message {
            Message::Event(event) => queue.event(event),
            Message::Line { step, text } => queue.line(step, text),
        })
    }

    /// Draws what is left and takes the moving area away.
    pub(super) fn finish(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by the hook.
            let _ = thread.join();
        }
    }
}

/// A run that ends early leaves no half-drawn terminal.
impl Drop for Screen {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the thread works with.
struct Drawer {
    live: Live,
    out: Out,
    stream: Stream,
    area: Option<Area>,
    /// Whether nothing is to be taken off: marks of sections look like colours.
    raw: bool,
}

impl Drawer {
    fn draw(mut self, queue: &Queue) {
        let mut next = Instant::now();
        loop {
            let wait = self
                .area
                .as_ref()
                .map(|_| next.saturating_duration_since(Instant::now()));
            let taken = queue.take(wait);
            let mut lines = Vec::new();
            for item in taken.items {
                lines.extend(match item {
                    Item::Event(event) => self.live.event(&event),
                    Item::Line { step, text } => self.live.output(&step, &text),
                    Item::Skipped { step, count } => self.live.output(
                        &step,
                        &format!("… {count} lines skipped here, the log has them"),
                    ),
                });
            }
            self.print(&lines);
            if taken.ended {
                break;
            }
            if let Some(area) = &self.area
                && Instant::now() >= next
            {
                let columns = area::columns(self.stream).unwrap_or(area::DEFAULT_COLUMNS);
                area.show(&self.live.status(now_millis(), columns));
                next = Instant::now() + FRAME;
            }
        }
        if let Some(area) = &self.area {
            area.clear();
        }
    }

    fn print(&self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        match &self.area {
            Some(area) => area.above(lines),
            None => {
                let mut text = lines.join("\n");
                text.push('\n');
                if self.raw {
                    self.out.write_raw(self.stream, &text);
                } else {
                    self.out.write(self.stream, &text);
                }
            }
        }
    }
}
