//! What a person reads at the end of a run.

mod facts;
mod findings;
mod jobs;
mod one;
mod set_up;
mod steps;
#[cfg(test)]
mod tests;

pub(super) use jobs::tests_cell;
pub(crate) use one::job_pages;
pub(super) use one::{environment_facts, resources};

use super::format::counted;
use super::style::{Look, Sign, Tone};
use super::table::wrap;
use super::text::one_line;
use crate::record::{Conclusion, JobRecord, RunRecord, Verdict};

/// How the summary is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsoleOptions {
    /// Columns of the terminal.
    pub(crate) width: usize,
    /// Whether colours may be used.
    pub(crate) colour: bool,
    /// Whether seatrial's own signs must be ASCII.
    pub(crate) ascii: bool,
    /// The run's directory as a person would type it; by default where runs are
    /// kept, `.seatrial/runs/<id>`.
    pub(crate) directory: Option<String>,
    /// Whether it holds the report page.
    pub(crate) page: bool,
}

/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;
/// Deepest indentation that is taken over.
const INDENT: usize = 12;

/// Lines of the summary, one after the other.
#[derive(Debug)]
struct Out {
    lines: Vec<String>,
    look: Look,
    width: usize,
}

impl Out {
    fn new(options: &ConsoleOptions) -> Self {
        Self {
            lines: Vec::new(),
            look: Look {
                colour: options.colour,
                ascii: options.ascii,
            },
            width: options.width.max(NARROW),
        }
    }

    fn line(&mut self, line: impl Into<String>) {
        let line: String = line.into();
        self.lines.push(line.trim_end().to_owned());
    }

    /// Begins a section, a blank line before it.
    fn section(&mut self, title: &str) {
        self.line("");
        let title = self.look.paint(Tone::Strong, title);
        self.line(title);
    }

    /// A message with its sign; further lines stand below its text.
    fn message(&mut self, sign: Sign, tone: Tone, text: &str) {
        let text = self.look.own(&one_line(text));
        let mut lead = self.look.painted(sign);
        for part in wrap(&text, self.width.saturating_sub(2)) {
            let part = self.look.paint(tone, &part);
            self.line(format!("{lead} {part}"));
            " ".clone_into(&mut lead);
        }
    }

    /// Less important text below a message. What it is indented by is kept: it
    /// may be a line of a traceback.
    fn below(&mut self, indent: usize, text: &str) {
        let own = text.len() - text.trim_start_matches(' ').len();
        let indent = indent + own.min(INDENT);
        let text = self.look.own(&one_line(text));
        for part in wrap(&text, self.width.saturating_sub(indent)) {
            let part = self.look.paint(Tone::Dim, &part);
            self.line(format!("{}{part}", " ".repeat(indent)));
        }
    }
}

/// The summary of a run: jobs and their steps, what should be known, images,
/// coverage, where the reports are, what failed and why, and the verdict as its
/// last line. What matters most stands closest to the prompt.
pub(crate) fn console(record: &RunRecord, options: &ConsoleOptions) -> String {
    let mut out = Out::new(options);
    facts::header(record, &mut out);
    jobs::table(record, &mut out);
    steps::lists(record, &mut out);
    findings::notices(record, &mut out);
    findings::warnings(record, &mut out);
    facts::results(record, options, &mut out);
    findings::failed_tests(record, &mut out);
    findings::failures(record, &mut out);
    out.line("");
    let last = verdict_line(record.verdict.as_ref(), out.look);
    out.line(last);
    let mut text = out.lines.join("\n");
    text.push('\n');
    text
}

/// `seatrial: passed …` or `seatrial: failed (class.reason): …`.
fn verdict_line(verdict: Option<&Verdict>, look: Look) -> String {
    let Some(verdict) = verdict else {
        return look.paint(
            Tone::Warn,
            "seatrial: no verdict: the run did not come to its end",
        );
    };
    let code = verdict.exit_code;
    let Some(first) = verdict.failures.first() else {
        let with = match verdict.warnings.len() {
            0 => String::new(),
            count => format!(" with {}", counted(count as u64, "warning")),
        };
        let text = format!("seatrial: passed{with} [exit code {code}]");
        return look.paint(Tone::Good, &text);
    };
    let more = match verdict.failures.len() - 1 {
        0 => String::new(),
        count => format!(", and {}", counted(count as u64, "more failure")),
    };
    let text = format!(
        "seatrial: failed ({}): {}{more} [exit code {code}]",
        first.cause.path(),
        look.own(&one_line(&first.message))
    );
    look.paint(Tone::Bad, &text)
}

/// The sign of a leg.
fn leg_sign(leg: &JobRecord) -> Sign {
    match leg.conclusion {
        Some(Conclusion::Success) => Sign::Good,
        Some(Conclusion::Failure) => Sign::Bad,
        Some(Conclusion::Cancelled) => Sign::Warn,
        Some(Conclusion::Skipped) => Sign::Skipped,
        None if leg.started_at.is_some() => Sign::Active,
        None => Sign::Waiting,
    }
}
