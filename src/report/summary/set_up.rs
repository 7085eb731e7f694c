//! Set-up steps that cost nothing here, told in one line.

use unicode_width::UnicodeWidthStr;

use crate::record::{Conclusion, JobRecord, PlannedStep, StepRecord};
use crate::report::text::one_line;

/// Longest that a step may take, in milliseconds, and still be told with others.
const QUICK: u64 = 500;
/// What counts as no time at all: shown as `0.0 s`.
const NOTHING: u64 = 50;

/// Where a step belongs, in the words of the plan.
const BUILT_IN: &str = "built-in";
const PROVIDED: &str = "provided by the image";

/// The quick set-up steps of a leg that are told in one line, by their number:
/// those before the first step that runs in the container. Empty unless it is at
/// least two.
pub(super) fn quick(leg: &JobRecord) -> Vec<u32> {
    let quick: Vec<u32> = leg
        .planned
        .steps
        .iter()
        .take_while(|step| [BUILT_IN, PROVIDED].contains(&step.placement.as_str()))
        .filter(|planned| {
            leg.steps
                .iter()
                .any(|step| step.number == planned.number && is_quick(step, QUICK))
        })
        .map(|step| step.number)
        .collect();
    if quick.len() > 1 { quick } else { Vec::new() }
}

/// Whether a post step is not worth a line: it did what it should in no time, or
/// had nothing to do.
pub(super) fn is_idle_post(leg: &JobRecord, step: &StepRecord) -> bool {
    let planned = leg.planned.steps.last().map_or(0, |last| last.number);
    step.number > planned
        && step.name.starts_with("Post ")
        && (is_quick(step, NOTHING - 1) || step.outcome == Some(Conclusion::Skipped))
}

fn is_quick(step: &StepRecord, most: u64) -> bool {
    step.outcome == Some(Conclusion::Success)
        && step.annotations.is_empty()
        && step
            .started_at
            .zip(step.finished_at)
            .is_some_and(|(start, end)| end.saturating_sub(start) <= most)
}

/// The line for these steps: as much as fits.
pub(super) fn line(leg: &JobRecord, numbers: &[u32], width: usize) -> String {
    let steps = || {
        leg.planned
            .steps
            .iter()
            .filter(|step| numbers.contains(&step.number))
    };
    let built_in: Vec<String> = steps()
        .filter(|step| step.placement == BUILT_IN)
        .map(|step| short(&name(leg, step)))
        .collect();
    let provided: Vec<String> = steps()
        .filter(|step| step.placement == PROVIDED)
        .map(|step| held(leg, step))
        .collect();
    let how: Vec<&str> = [(BUILT_IN, &built_in), (PROVIDED, &provided)]
        .into_iter()
        .filter(|(_, steps)| !steps.is_empty())
        .map(|(how, _)| how)
        .collect();
    let lead = format!("{} set-up steps: {}", numbers.len(), how.join(" or "));
    let details = [built_in.join(", "), provided.join(", ")];
    let both: Vec<&str> = details
        .iter()
        .map(String::as_str)
        .filter(|text| !text.is_empty())
        .collect();
    let last: Vec<&str> = both.last().copied().into_iter().collect();
    [both, last]
        .iter()
        .filter(|details| !details.is_empty())
        .map(|details| format!("{lead} ({})", details.join("; ")))
        .find(|line| line.width() <= width)
        .unwrap_or(lead)
}

/// What the image holds already, or else the name of the step.
fn held(leg: &JobRecord, planned: &PlannedStep) -> String {
    let note = leg
        .steps
        .iter()
        .find(|step| step.number == planned.number)
        .and_then(|step| step.note.as_deref())
        .map(|note| without_placement(note, &planned.placement))
        .unwrap_or_default();
    if note.is_empty() {
        short(&name(leg, planned))
    } else {
        note
    }
}

/// A note without the words that its placement has said already.
pub(super) fn without_placement(note: &str, placement: &str) -> String {
    let note = one_line(note);
    match note.strip_prefix(placement) {
        Some(rest) if rest.is_empty() || rest.starts_with([':', ',']) => {
            rest.trim_start_matches([':', ',', ' ']).to_owned()
        }
        _ => note,
    }
}

fn name(leg: &JobRecord, planned: &PlannedStep) -> String {
    let recorded = leg
        .steps
        .iter()
        .find(|step| step.number == planned.number && !step.name.is_empty())
        .map(|step| step.name.as_str());
    one_line(recorded.unwrap_or(&planned.name))
}

/// `Run actions/setup-python@v5` as `setup-python`.
fn short(name: &str) -> String {
    let Some(action) = name.strip_prefix("Run ") else {
        return name.to_owned();
    };
    match action.split_once('/') {
        Some((_, rest)) if !action.contains(' ') => match rest.split_once('@') {
            Some((rest, _)) => rest.to_owned(),
            None => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{BUILT_IN, PROVIDED, is_idle_post, line, quick, short, without_placement};
    use crate::gate::sample::{Leg, Run};
    use crate::plan::{BuiltIn, Placement, Setup};
    use crate::record::{Conclusion, JobRecord};

    fn record(leg: Leg) -> JobRecord {
        Run::of([leg]).record().jobs.remove(0)
    }

    fn leg() -> Leg {
        Leg::new("unit", 0)
            .step("Run actions/checkout@v4", BUILT_IN, 40)
            .step("Set up Python", BUILT_IN, 20)
            .setup("Install", "requirements.txt (43 packages)")
            .step("Migrate", "in container", 10)
            .step("Run actions/upload-artifact@v4", BUILT_IN, 10)
    }

    #[test]
    fn the_words_are_those_of_the_plan() {
        let built_in = Placement::BuiltIn(BuiltIn::Checkout);
        assert_eq!(built_in.to_string(), BUILT_IN);
        let provided = Placement::ProvidedByImage(Setup::default());
        assert_eq!(provided.to_string(), PROVIDED);
    }

    #[test]
    fn quick_steps_before_the_first_command() {
        let of = record(leg());
        assert_eq!(quick(&of), [1, 2, 3]);
        let text = "3 set-up steps: built-in or provided by the image";
        let all = format!("{text} (checkout, Set up Python; requirements.txt (43 packages))");
        assert_eq!(line(&of, &[1, 2, 3], 120), all);
        let some = format!("{text} (requirements.txt (43 packages))");
        assert_eq!(line(&of, &[1, 2, 3], 84), some);
        assert_eq!(line(&of, &[1, 2, 3], 60), text);
        assert_eq!(
            line(&of, &[1, 2], 80),
            "2 set-up steps: built-in (checkout, Set up Python)"
        );
    }

    #[test]
    fn slow_and_failed_ones_have_their_own_line() {
        let mut slow = leg();
        slow.steps[1].millis = 501;
        assert_eq!(quick(&record(slow)), [1, 3]);
        let mut failed = leg();
        failed.steps[0].outcome = Conclusion::Failure;
        failed.steps[1].outcome = Conclusion::Skipped;
        assert_eq!(quick(&record(failed)), [0_u32; 0]);
    }

    #[test]
    fn post_steps() {
        let post = |millis, outcome| {
            let mut of = record(leg().step("Post cache", "", millis));
            of.planned.steps.pop();
            of.steps[5].outcome = Some(outcome);
            is_idle_post(&of, &of.steps[5])
        };
        assert!(post(40, Conclusion::Success));
        assert!(post(0, Conclusion::Skipped));
        assert!(!post(60, Conclusion::Success));
        assert!(!post(0, Conclusion::Failure));
    }

    #[test]
    fn names_and_notes() {
        assert_eq!(short("Run actions/cache/restore@v4"), "cache/restore");
        assert_eq!(short("Run a/b and more"), "Run a/b and more");
        assert_eq!(short("Run make"), "Run make");
        for (note, told) in [
            ("provided by the image: a.txt", "a.txt"),
            ("provided by the image", ""),
            ("a.txt", "a.txt"),
            ("provided by the images", "provided by the images"),
        ] {
            assert_eq!(without_placement(note, PROVIDED), told);
        }
    }
}
