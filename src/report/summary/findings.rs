//! What failed and what else should be known.

use super::Out;
use crate::record::{Failure, Level, RunRecord};
use crate::report::failed::{self, FailedTest};
use crate::report::notices;
use crate::report::style::{Sign, Tone};
use crate::report::table::truncate;
use crate::report::text::{one_line, plain};

/// Failed tests that are told.
const TESTS: usize = 10;
/// Lines of what a failed test said.
const LINES: usize = 4;
/// Facts of a failure that are told.
const FACTS: usize = 12;
/// Warnings and notices that are told.
const NOTES: usize = 20;

/// Adds the first failed tests: where they are and what they said.
pub(super) fn failed_tests(record: &RunRecord, out: &mut Out) {
    let tests = failed::failed_tests(record);
    if tests.is_empty() {
        return;
    }
    let shown = tests.len().min(TESTS);
    out.section(&if tests.len() > shown {
        format!("failed tests ({shown} of {})", tests.len())
    } else {
        format!("failed tests ({shown})")
    });
    for test in tests.iter().take(TESTS) {
        failed_test(test, out);
    }
}

fn failed_test(test: &FailedTest<'_>, out: &mut Out) {
    let sign = if test.allowed { Sign::Warn } else { Sign::Bad };
    // The name stays whole, however long: it is there to be copied.
    let id = one_line(&test.case.id);
    let line = format!(
        "{} {}",
        out.look.painted(sign),
        out.look.paint(Tone::Strong, &id)
    );
    out.line(line);
    let mut place = Vec::new();
    if let Some(at) = failed::place(test.case) {
        place.push(format!("at {}", one_line(&at)));
    }
    if let Some(at) = failed::raised_elsewhere(test.case) {
        place.push(format!("raised at {}", one_line(&at)));
    }
    place.push(format!("in {}", one_line(&test.legs.join(", "))));
    if test.allowed {
        place.push("allowed to fail".to_owned());
    }
    out.below(4, &place.join(", "));
    for said in failed::said(test.case, LINES) {
        let said = plain(said).replace('\t', "    ");
        let said = truncate(&said, out.width.saturating_sub(6), out.look);
        out.line(format!("    {} {said}", out.look.rule()));
    }
}

/// Adds the failures of the verdict, unless the last line tells all there is.
pub(super) fn failures(record: &RunRecord, out: &mut Out) {
    let failures = record
        .verdict
        .as_ref()
        .map_or(&[][..], |verdict| &verdict.failures);
    if matches!(failures, [] | [Failure { evidence: _, .. }])
        && failures.iter().all(|failure| failure.evidence.is_empty())
    {
        return;
    }
    out.section("failures");
    for failure in failures {
        let text = format!("{} [{}]", failure.message, failure.cause.path());
        out.message(Sign::Bad, Tone::Plain, &text);
        evidence(failure, out);
    }
}

/// What a failure rests on, and the way out.
fn evidence(failure: &Failure, out: &mut Out) {
    let (hints, facts): (Vec<&String>, Vec<&String>) = failure
        .evidence
        .iter()
        .partition(|fact| fact.starts_with("hint: "));
    for fact in facts.iter().take(FACTS) {
        out.below(4, fact);
    }
    more(facts.len(), FACTS, 4, out);
    for hint in hints {
        out.below(4, hint);
    }
}

/// Adds the warnings of the verdict.
pub(super) fn warnings(record: &RunRecord, out: &mut Out) {
    let warnings = record
        .verdict
        .as_ref()
        .map_or(&[][..], |verdict| &verdict.warnings);
    if warnings.is_empty() {
        return;
    }
    out.section("warnings");
    for warning in warnings.iter().take(NOTES) {
        let (text, hint) = match warning.split_once("; hint: ") {
            Some((text, hint)) => (text, Some(hint)),
            None => (warning.as_str(), None),
        };
        out.message(Sign::Warn, Tone::Plain, text);
        if let Some(hint) = hint {
            out.below(2, &format!("hint: {hint}"));
        }
    }
    more(warnings.len(), NOTES, 2, out);
}

/// Adds notices; what several legs say is told once.
pub(super) fn notices(record: &RunRecord, out: &mut Out) {
    let notices = notices::notices(record);
    if notices.is_empty() {
        return;
    }
    out.section("notices");
    for notice in notices.iter().take(NOTES) {
        let sign = match notice.level {
            Level::Notice => Sign::Waiting,
            Level::Warning => Sign::Warn,
            Level::Error => Sign::Bad,
        };
        out.message(sign, Tone::Plain, &notice.text);
    }
    more(notices.len(), NOTES, 2, out);
}

/// How many are not told.
fn more(count: usize, told: usize, indent: usize, out: &mut Out) {
    if count > told {
        out.below(indent, &format!("and {} more", count - told));
    }
}
