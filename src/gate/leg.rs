//! What one leg and its steps give: failures, forgiven failures, masked
//! failures, test steps without tests.

use super::findings::Findings;
use super::missing;
use super::quarantine::{self, Ruling};
use super::{Masked, Policy};
use crate::record::{
    COVERAGE_GATE, Cause, Conclusion, Failure, JobRecord, PlannedStep, RunRecord, StepRecord,
    TestCounts, TestOutcome,
};

/// How many failed tests are named as evidence.
const NAMED: usize = 5;

/// Judges one leg.
pub(super) fn judge(record: &RunRecord, leg: &JobRecord, policy: &Policy, findings: &mut Findings) {
    let name = &leg.planned.key.0;
    if leg.planned.left_out.is_some() {
        return;
    }
    // `continue-on-error` of the job: GitHub lets the workflow pass.
    let forgiven = leg.conclusion == Some(Conclusion::Success);
    let mut explained = false;
    for step in &leg.steps {
        let place = place(leg, step.number);
        explained |= match told_inside(leg, step) {
            // The step of the action that failed says why.
            true => true,
            false => {
                let may = May {
                    forgiven,
                    excused: excused(leg, step),
                    quarantine: quarantine::ruling(&policy.quarantine, record, leg, step),
                };
                failed(step, &place, may, findings)
            }
        };
        masked(step, &place, policy, findings);
        no_tests(step, planned(leg, step.number), &place, findings);
        salvaged(step, &place, findings);
    }
    if let Some(failure) = &leg.failure {
        explained = true;
        if forgiven {
            findings.warn(format!(
                "{name}: failed under continue-on-error of the job: {}",
                failure.message
            ));
        } else if !told_by_step(leg, failure) {
            findings.fail(name, failure);
        }
    }
    explained |= missing::judge(leg, policy, findings);
    if leg.conclusion == Some(Conclusion::Failure) && !explained {
        findings.fail(
            name,
            &Failure::new(Cause::StepFailed, "failed, and no step says why"),
        );
    }
}

/// How a step is named in messages: `job › step`.
pub(super) fn place(leg: &JobRecord, number: u32) -> String {
    let recorded = leg
        .steps
        .iter()
        .find(|step| step.number == number && !step.name.is_empty())
        .map(|step| step.name.as_str());
    let name = recorded.or_else(|| planned(leg, number).map(|step| step.name.as_str()));
    match name {
        Some(name) => format!("{} › {name}", leg.planned.key),
        None => format!("{} › step {number}", leg.planned.key),
    }
}

/// The step as planned; set-up and post steps are not.
pub(super) fn planned(leg: &JobRecord, number: u32) -> Option<&PlannedStep> {
    leg.planned.steps.iter().find(|step| step.number == number)
}

/// Cases of all reports of a step.
fn counts(step: &StepRecord) -> TestCounts {
    step.tests
        .iter()
        .fold(TestCounts::default(), |sum, report| sum.plus(report.counts))
}

/// `2 of 215 tests failed`, where any did.
pub(crate) fn broken(counts: TestCounts) -> Option<String> {
    let broken = counts.failed + counts.errors;
    let tests = if counts.total() == 1 { "test" } else { "tests" };
    (broken > 0).then(|| format!("{broken} of {} {tests} failed", counts.total()))
}

/// What lets a step fail without the run.
struct May {
    /// `continue-on-error` of the job.
    forgiven: bool,
    /// `continue-on-error` of a step around it.
    excused: bool,
    /// What the quarantine says.
    quarantine: Ruling,
}

/// Records the failure of a step. Whether there was one that explains that of the leg.
fn failed(step: &StepRecord, place: &str, may: May, findings: &mut Findings) -> bool {
    if step.outcome != Some(Conclusion::Failure) && step.conclusion != Some(Conclusion::Failure) {
        return false;
    }
    let failure = match &step.failure {
        Some(failure) => sharpened(failure, step),
        None => made_up(step),
    };
    let by_step = may.excused || step.conclusion != Some(Conclusion::Failure);
    if by_step || may.forgiven {
        let who = if by_step { "" } else { " of the job" };
        let what = match broken(counts(step)) {
            Some(broken) if failure.message.contains(&broken) => failure.message,
            Some(broken) => format!("{broken}; {}", failure.message),
            None => failure.message,
        };
        findings.warn(format!(
            "{place}: failed under continue-on-error{who}: {what}"
        ));
        return false;
    }
    match may.quarantine {
        Ruling::Forgiven(tests) => {
            findings.warn(format!("{place}: only tests in quarantine failed: {tests}"));
        }
        Ruling::Fails(why) => findings.fail(
            place,
            &failure.with_evidence(format!(
                "only tests in quarantine failed, and the run fails all the same: {why}"
            )),
        ),
        Ruling::Nothing => findings.fail(place, &failure),
    }
    true
}

/// Whether a composite action failed only because one of its steps did.
fn told_inside(leg: &JobRecord, outer: &StepRecord) -> bool {
    outer.failure.is_none()
        && outer.outcome == Some(Conclusion::Failure)
        && leg.steps.iter().any(|step| {
            step.conclusion == Some(Conclusion::Failure)
                && planned(leg, step.number).and_then(|step| step.inside) == Some(outer.number)
        })
}

/// Whether a step around it, which uses the action that it belongs to, may fail.
fn excused(leg: &JobRecord, step: &StepRecord) -> bool {
    let mut number = step.number;
    while let Some(around) = planned(leg, number).and_then(|step| step.inside) {
        let record = leg.steps.iter().find(|step| step.number == around);
        if record.is_some_and(|step| {
            step.outcome == Some(Conclusion::Failure)
                && step.conclusion == Some(Conclusion::Success)
        }) {
            return true;
        }
        number = around;
    }
    false
}

/// An exit code tells little: what the reports of a test step hold tells which of
/// the things it stands for it was.
fn sharpened(failure: &Failure, step: &StepRecord) -> Failure {
    let whole = !step.tests.is_empty() && step.tests.iter().all(|report| report.complete);
    let counts = counts(step);
    if !whole || !matches!(failure.cause, Cause::TestsFailed | Cause::TestsErrored) {
        return failure.clone();
    }
    if let Some(broken) = broken(counts) {
        let cause = if counts.failed > 0 {
            Cause::TestsFailed
        } else {
            Cause::TestsErrored
        };
        let message = if failure.message.contains(&broken) {
            failure.message.clone()
        } else if let Some(rest) = failure.message.strip_prefix("tests failed") {
            format!("{broken}{rest}")
        } else {
            format!("{broken}; {}", failure.message)
        };
        return Failure {
            cause,
            message,
            evidence: failure.evidence.clone(),
        };
    }
    let gate = failure
        .evidence
        .iter()
        .find_map(|fact| fact.strip_prefix(COVERAGE_GATE));
    match gate {
        Some(line) => Failure::new(Cause::BelowThreshold, line)
            .with_evidence(format!("all {} tests passed", counts.total())),
        None if failure.cause == Cause::TestsFailed && counts.total() > 0 => Failure::new(
            Cause::StepFailed,
            format!(
                "{}, and no test of its report did: another command of the step must have",
                failure.message
            ),
        ),
        None => failure.clone(),
    }
}

/// The failure of a step that failed without saying why.
fn made_up(step: &StepRecord) -> Failure {
    if let Some(broken) = broken(counts(step)) {
        return name_tests(Failure::new(Cause::TestsFailed, broken), step);
    }
    let message = match step.exit_code {
        Some(code) => format!("exited with {code}"),
        None => "failed".to_owned(),
    };
    Failure::new(Cause::StepFailed, message)
}

/// Adds the first failed tests of a step as evidence.
fn name_tests(mut failure: Failure, step: &StepRecord) -> Failure {
    let mut ids = step
        .tests
        .iter()
        .flat_map(|report| &report.cases)
        .filter(|case| matches!(case.outcome, TestOutcome::Failed | TestOutcome::Error))
        .map(|case| case.id.as_str());
    for id in ids.by_ref().take(NAMED) {
        failure = failure.with_evidence(id);
    }
    match ids.count() {
        0 => failure,
        more => failure.with_evidence(format!("and {more} more")),
    }
}

/// A step that succeeded although its report holds failed tests.
fn masked(step: &StepRecord, place: &str, policy: &Policy, findings: &mut Findings) {
    let Some(broken) = broken(counts(step)) else {
        return;
    };
    if step.outcome != Some(Conclusion::Success) {
        return;
    }
    let message = format!("the step succeeded although {broken}");
    if let Some(tests) = quarantine::only(&policy.quarantine, step) {
        findings.warn(format!("{place}: {message}, all in quarantine: {tests}"));
        return;
    }
    match policy.masked {
        Masked::Deny => {
            let failure = name_tests(Failure::new(Cause::VerdictConflict, message), step)
                .with_evidence(
                    "hint: remove what hides the exit code (`|| true`, `exit 0`, a pipe), or say \
                     `continue-on-error: true`",
                );
            findings.fail(place, &failure);
        }
        Masked::Warn => findings.warn(format!("{place}: {message}")),
    }
}

/// A test step that succeeded with whole reports and not one test in them.
fn no_tests(
    step: &StepRecord,
    planned: Option<&PlannedStep>,
    place: &str,
    findings: &mut Findings,
) {
    let is_test = planned.is_some_and(|step| step.test);
    let whole = !step.tests.is_empty() && step.tests.iter().all(|report| report.complete);
    if is_test && whole && step.outcome == Some(Conclusion::Success) && counts(step).total() == 0 {
        findings.fail(
            place,
            &Failure::new(Cause::NoTestsCollected, "the test step ran no test"),
        );
    }
}

/// Reports of which only a part could be read.
fn salvaged(step: &StepRecord, place: &str, findings: &mut Findings) {
    for report in step.tests.iter().filter(|report| !report.complete) {
        let cases = report.counts.total();
        let word = if cases == 1 { "test" } else { "tests" };
        findings.warn(format!(
            "{place}: {} is damaged; only {cases} {word} could be read from it",
            report.path
        ));
    }
}

/// Whether a step already tells the failure of its leg.
fn told_by_step(leg: &JobRecord, failure: &Failure) -> bool {
    leg.steps.iter().any(|step| {
        step.conclusion == Some(Conclusion::Failure)
            && step
                .failure
                .as_ref()
                .is_some_and(|known| known.cause == failure.cause)
    })
}
