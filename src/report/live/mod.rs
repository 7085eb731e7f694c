//! What a person sees while a run goes. Events and lines of output in, lines to
//! print out; who prints them is not this room's business.
//!
//! Everything returned for one run must go to one stream, in order: in GitHub
//! Actions the runner reads stops and resumptions from it.

mod announce;
mod board;
mod buffer;
mod grouped;
mod status;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_more;

use std::collections::{BTreeMap, HashMap};

use super::github::{StopToken, defuse};
use super::style::Look;
use super::text::output_line;
use crate::record::{Event, EventKind, JobKey, StepKey};
use board::Board;
use buffer::Buffer;
use grouped::Groups;

/// Lines of a failed step that are shown on a terminal.
const TERMINAL_TAIL: usize = 30;
/// Lines kept of the beginning and of the end of a step in GitHub Actions.
const GROUP_LINES: usize = 2000;

/// How the live view looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveStyle {
    /// Who reads it.
    pub(crate) mode: LiveMode,
    /// Whether colours may be used.
    pub(crate) colour: bool,
    /// Whether seatrial's own signs must be ASCII.
    pub(crate) ascii: bool,
    /// The jobs whose output is shown, by id or leg; all where none is named. Of others it
    /// is shown where a step fails.
    pub(crate) only: Vec<String>,
}

/// Who reads the live view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LiveMode {
    /// A person at a terminal: legs as they end, and output only of steps that
    /// fail, above the moving area ([`Live::status`]).
    Terminal {
        /// Whether all output is shown.
        verbose: bool,
    },
    /// A log: every line, with its leg in front.
    Plain,
    /// The log of GitHub Actions: a group per step, between stops (the token) so
    /// that the runner obeys nothing that a container prints.
    GitHub(StopToken),
    /// The log of GitLab: a section per step.
    GitLab,
    /// Nobody: only the summary at the end counts.
    Quiet,
}

/// The live view of one run.
#[derive(Debug)]
pub(crate) struct Live {
    mode: LiveMode,
    look: Look,
    board: Board,
    /// Output of the running steps that is not shown yet.
    held: HashMap<StepKey, Buffer>,
    only: Vec<String>,
    /// What legs usually take, in milliseconds.
    expected: BTreeMap<String, u64>,
    /// Sections that were written.
    sections: u32,
}

impl Live {
    /// The view of a run that has not begun.
    pub(crate) fn new(style: LiveStyle) -> Self {
        Self {
            look: Look {
                colour: style.colour,
                ascii: style.ascii,
            },
            mode: style.mode,
            board: Board::default(),
            held: HashMap::new(),
            only: style.only,
            expected: BTreeMap::new(),
            sections: 0,
        }
    }

    /// The same view, with what legs usually take, in milliseconds by leg.
    pub(crate) fn expecting(mut self, expected: BTreeMap<String, u64>) -> Self {
        self.expected = expected;
        self
    }

    /// Takes an event; the lines to print now.
    pub(crate) fn event(&mut self, event: &Event) -> Vec<String> {
        let mut lines = Vec::new();
        // Before the board forgets when the step began.
        let millis = self.board.step_millis(event);
        self.board.apply(event);
        if self.mode != LiveMode::Quiet && !matches!(event.kind, EventKind::JobPlanned(_)) {
            let left_out = self.left_out();
            lines.extend(match self.mode {
                LiveMode::GitHub(_) => left_out.iter().map(|line| defuse(line)).collect(),
                _ => left_out,
            });
        }
        match self.mode.clone() {
            LiveMode::Quiet => {}
            LiveMode::Terminal { verbose } => {
                lines.extend(self.announced(event, millis, verbose));
                if let EventKind::StepFinished { step, .. } = &event.kind {
                    lines.extend(self.tail(step, &event.kind));
                }
            }
            LiveMode::Plain => {
                lines.extend(self.announced(event, millis, true));
                if let EventKind::StepFinished { step, .. } = &event.kind {
                    lines.extend(self.tail(step, &event.kind));
                }
            }
            LiveMode::GitHub(token) => {
                lines.extend(self.grouped(event, millis, Groups::GitHub(&token)));
            }
            LiveMode::GitLab => lines.extend(self.grouped(event, millis, Groups::GitLab)),
        }
        if let EventKind::StepFinished { step, .. } = &event.kind {
            self.held.remove(step);
        }
        lines
    }

    /// Takes a line of output of a step (with or without its line end, secrets
    /// already masked); the lines to print now.
    pub(crate) fn output(&mut self, step: &StepKey, line: &str) -> Vec<String> {
        let shown = self.shows(&step.job);
        match &self.mode {
            LiveMode::Quiet => Vec::new(),
            LiveMode::Plain | LiveMode::Terminal { verbose: true } if shown => {
                let text = output_line(line, self.look.colour);
                vec![self.prefixed(&step.job, self.look.rule(), &text)]
            }
            LiveMode::Plain | LiveMode::Terminal { .. } => {
                let text = output_line(line, self.look.colour);
                self.hold(step, 0, TERMINAL_TAIL, text);
                Vec::new()
            }
            LiveMode::GitHub(_) | LiveMode::GitLab => {
                let text = output_line(line, self.look.colour);
                let (head, tail) = if shown {
                    (GROUP_LINES, GROUP_LINES)
                } else {
                    (0, TERMINAL_TAIL)
                };
                self.hold(step, head, tail, text);
                Vec::new()
            }
        }
    }

    /// The moving area below everything printed so far, for a terminal of this
    /// width; no line is wider. `now` in milliseconds since the Unix epoch.
    pub(crate) fn status(&self, now: u64, width: usize) -> Vec<String> {
        match self.mode {
            LiveMode::Terminal { .. } => {
                status::lines(&self.board, &self.expected, now, width, self.look)
            }
            LiveMode::Plain | LiveMode::GitHub(_) | LiveMode::GitLab | LiveMode::Quiet => {
                Vec::new()
            }
        }
    }

    /// Whether the output of a job is asked for.
    fn shows(&self, job: &JobKey) -> bool {
        let of = |name: &String| {
            *name == job.0 || self.board.leg(job).is_some_and(|leg| leg.job == *name)
        };
        self.only.is_empty() || self.only.iter().any(of)
    }

    fn hold(&mut self, step: &StepKey, head: usize, tail: usize, text: String) {
        if !self.held.contains_key(step) {
            self.held.insert(step.clone(), Buffer::new(head, tail));
        }
        if let Some(buffer) = self.held.get_mut(step) {
            buffer.push(text);
        }
    }

    /// The last lines of a step that failed for itself.
    fn tail(&mut self, step: &StepKey, kind: &EventKind) -> Vec<String> {
        let Some(buffer) = self.held.remove(step) else {
            return Vec::new();
        };
        if !announce::is_failed(kind) {
            return Vec::new();
        }
        buffer
            .into_lines(self.look)
            .into_iter()
            .map(|line| format!("  {} {line}", self.look.rule()))
            .collect()
    }

    /// A line with its leg in front.
    fn prefixed(&self, job: &JobKey, mark: &str, text: &str) -> String {
        let name = self.board.padded(job, self.look);
        let line = format!("{name} {mark} {text}");
        line.trim_end().to_owned()
    }
}
