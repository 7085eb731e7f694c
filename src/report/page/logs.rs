//! What the steps printed: the end of each log, with its colours.

use maud::{Markup, html};

use super::{PageInput, PageLog, ansi, ended, log_id, name, step_end};
use crate::record::{JobRecord, StepRecord};
use crate::report::format::counted;
use crate::report::style::Sign;
use crate::report::text::output_line;

/// Bytes of all logs in the page, roughly, and of one.
const ALL: usize = 400 * 1024;
const FAILED: usize = 96 * 1024;
const OTHER: usize = 16 * 1024;
/// Bytes of a line beside its text, roughly.
const LINE: usize = 24;

/// A log and the step that it is of.
pub(super) struct Shown<'a> {
    pub(super) log: &'a PageLog,
    number: usize,
    of: Option<(&'a JobRecord, &'a StepRecord)>,
    /// Lines that are shown, and how many of the text are not.
    lines: Vec<&'a str>,
    before: u64,
}

impl Shown<'_> {
    /// The id of a line of the log, from 1, in the page; nothing where it is not shown.
    pub(super) fn id_of(&self, line: u64) -> Option<String> {
        let shown = self.before + 1..=self.before + self.lines.len() as u64;
        shown
            .contains(&line)
            .then(|| format!("l{}-{line}", self.number))
    }

    fn failed(&self) -> bool {
        self.of.is_some_and(|(leg, step)| {
            matches!(step_end(leg, step).0, Sign::Bad | Sign::Warn | Sign::Active)
        })
    }
}

/// The logs that the page shows, and as much of each as there is room for.
pub(super) fn shown<'a>(input: &PageInput<'a>) -> Vec<Shown<'a>> {
    let mut logs: Vec<Shown<'_>> = input
        .logs
        .iter()
        .filter(|log| log.tells())
        .enumerate()
        .map(|(number, log)| Shown {
            log,
            number,
            of: of(input, log),
            lines: Vec::new(),
            before: log.before,
        })
        .collect();
    // Those of failed steps take what they need first.
    logs.sort_by_key(|log| !log.failed());
    let mut left = ALL;
    for log in &mut logs {
        let room = if log.failed() { FAILED } else { OTHER };
        fill(log, room.min(left));
        let used: usize = log.lines.iter().map(|line| line.len() + LINE).sum();
        left = left.saturating_sub(used);
    }
    logs.sort_by_key(|log| log.number);
    logs
}

/// The section; nothing where there are no logs.
pub(super) fn section(input: &PageInput<'_>, logs: &[Shown<'_>]) -> Option<Markup> {
    if logs.is_empty() {
        return None;
    }
    Some(html! {
        p.quiet { "The end of each log. Click the number of a line for a link to it." }
        @for log in logs { (of_log(input, log)) }
    })
}

fn of<'a>(input: &PageInput<'a>, log: &PageLog) -> Option<(&'a JobRecord, &'a StepRecord)> {
    let mut legs = input.record.jobs.iter();
    let leg = legs.find(|leg| leg.planned.key == log.job)?;
    let step = leg
        .steps
        .iter()
        .find(|step| Some(step.number) == log.step)?;
    Some((leg, step))
}

/// Takes lines from the end for as long as there is room.
fn fill(log: &mut Shown<'_>, mut room: usize) {
    let all: Vec<&str> = log.log.text.lines().collect();
    for line in all.iter().rev() {
        let size = line.len() + LINE;
        if size > room {
            break;
        }
        room -= size;
        log.lines.push(line);
    }
    log.lines.reverse();
    log.before += (all.len() - log.lines.len()) as u64;
}

fn of_log(input: &PageInput<'_>, shown: &Shown<'_>) -> Markup {
    let log = shown.log;
    let id = log_id(input.record, log).unwrap_or_default();
    let title = match shown.of {
        Some((leg, step)) => html! {
            (ended(step_end(leg, step).0, "")) (name(&leg.planned.key.0)) " › " (name(&step.name))
        },
        None => {
            html! { (name(&log.job.0)) " › " (name(log.path.rsplit('/').next().unwrap_or_default())) }
        }
    };
    let count = shown.before + shown.lines.len() as u64;
    let jump = shown.failed().then(|| telling(&shown.lines)).flatten();
    html! {
        details.log id=(id) {
            summary { (title) span.facts { span { (counted(count, "line")) } } }
            p.quiet {
                code { (name(&log.path)) }
                @if let Some(at) = jump {
                    " " a href={ "#" (shown.id_of(shown.before + at as u64 + 1).unwrap_or_default()) } { "Jump to the failure" }
                }
            }
            @if shown.before > 0 {
                p.quiet { (counted(shown.before, "line")) " before are left out here" @if shown.lines.is_empty() { ": the page has no room for them" } "." }
            }
            @if !shown.lines.is_empty() {
                ol.out start=(shown.before + 1) tabindex="0" aria-label="Output" {
                    @for (at, line) in shown.lines.iter().enumerate() {
                        li id=[shown.id_of(shown.before + at as u64 + 1)] { (ansi::line(line)) }
                    }
                }
            }
        }
    }
}

/// Where lines tell of a failure: the first that does so most clearly, otherwise the last.
fn telling(lines: &[&str]) -> Option<usize> {
    let begins = [
        "E   ",
        "Traceback (most recent call last)",
        "FAILED ",
        "ERROR ",
    ];
    let holds = [
        "##[error]",
        "rror:",
        "fatal:",
        "panicked at",
        " FAILED",
        "npm ERR!",
    ];
    let plain: Vec<String> = lines.iter().map(|line| output_line(line, false)).collect();
    let find = |fits: &dyn Fn(&str) -> bool| plain.iter().position(|line| fits(line));
    begins
        .iter()
        .find_map(|word| find(&|line| line.starts_with(word)))
        .or_else(|| find(&|line| holds.iter().any(|word| line.contains(word))))
        .or_else(|| lines.len().checked_sub(1))
}

/// What a reader of logs keeps of each: more would not be shown.
pub(crate) const LOG_BYTES: usize = FAILED;

#[cfg(test)]
mod tests {
    use super::telling;

    #[test]
    fn the_line_that_tells() {
        assert_eq!(
            telling(&["collecting", "E   assert 1 == 2", "FAILED x"]),
            Some(1)
        );
        assert_eq!(telling(&["a", "ruff: error: no", "b"]), Some(1));
        assert_eq!(
            telling(&["a", "\u{1b}[31mE   assert\u{1b}[0m", "b"]),
            Some(1)
        );
        assert_eq!(telling(&["a", "b"]), Some(1));
        assert_eq!(telling(&[]), None);
    }
}
