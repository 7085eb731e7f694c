//! Tests whose failure is known, somebody's task, and forgiven until a day.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::findings::Findings;
use super::leg;
use crate::record::{
    COVERAGE_GATE, Cause, Conclusion, JobRecord, RunRecord, StepRecord, TestCase, TestOutcome,
};
use crate::results::TestPattern;

/// How many tests are named.
const NAMED: usize = 5;

/// Tests in quarantine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quarantined {
    /// Which tests.
    pub(crate) test: TestPattern,
    /// Who sees to it.
    pub(crate) owner: String,
    /// Why.
    pub(crate) reason: String,
    /// The last day on which it holds.
    pub(crate) expires: Date,
}

/// What the quarantine says to a step that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ruling {
    /// Nothing: other tests failed, or it was not the tests.
    Nothing,
    /// It is forgiven; why, in words.
    Forgiven(String),
    /// Only tests in quarantine failed, and the step fails the run all the same; why.
    Fails(String),
}

/// What the quarantine says to a failed step: it is forgiven where nothing but tests in
/// quarantine failed, and where nothing was left out for it that would have tested more.
pub(super) fn ruling(
    rules: &[Quarantined],
    record: &RunRecord,
    job: &JobRecord,
    step: &StepRecord,
) -> Ruling {
    let Some(failure) = &step.failure else {
        return Ruling::Nothing;
    };
    let whole = step.tests.iter().all(|report| report.complete);
    let gate = failure
        .evidence
        .iter()
        .any(|fact| fact.starts_with(COVERAGE_GATE));
    let of_tests = failure.cause == Cause::TestsFailed && step.exit_code == Some(1);
    if !of_tests || !whole || gate {
        return Ruling::Nothing;
    }
    let Some(tests) = only(rules, step) else {
        return Ruling::Nothing;
    };
    let planned = leg::planned(job, step.number);
    if !planned.is_some_and(|step| step.ends_with_tests) {
        return Ruling::Fails(
            "its script does not end with its one call of pytest, so what comes after was left out"
                .to_owned(),
        );
    }
    match left_out(record, job, step) {
        Some(what) => Ruling::Fails(format!("{what} was skipped for it")),
        None => Ruling::Forgiven(tests),
    }
}

/// The failed tests of a step in words, where there are some and all are in quarantine.
pub(super) fn only(rules: &[Quarantined], step: &StepRecord) -> Option<String> {
    let mut told = Vec::new();
    for case in step.tests.iter().flat_map(|report| &report.cases) {
        if is_broken(case) {
            let rule = rules.iter().find(|rule| rule.test.means(&case.id))?;
            told.push(format!(
                "{} ({}, until {}: {})",
                case.id, rule.owner, rule.expires, rule.reason
            ));
        }
    }
    let more = told.len().saturating_sub(NAMED);
    told.truncate(NAMED);
    let named = told.join(", ");
    match (named.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(named),
        (false, more) => Some(format!("{named} and {more} more")),
    }
}

fn is_broken(case: &TestCase) -> bool {
    matches!(case.outcome, TestOutcome::Failed | TestOutcome::Error)
}

/// A step or a job that was skipped after a step failed, and would have tested something.
fn left_out(record: &RunRecord, job: &JobRecord, step: &StepRecord) -> Option<String> {
    let later = job.steps.iter().find(|later| {
        later.number > step.number
            && later.conclusion == Some(Conclusion::Skipped)
            && leg::planned(job, later.number).is_some_and(|one| one.test || !one.due.is_empty())
    });
    if let Some(later) = later {
        return Some(format!("the step `{}`", later.name));
    }
    let mut waiting: BTreeSet<&str> = [job.planned.job.as_str()].into();
    // Jobs stand after those that they need, so once is enough.
    for other in &record.jobs {
        let needs = |one: &String| waiting.contains(one.as_str());
        if other.planned.left_out.is_none() && other.planned.needs.iter().any(needs) {
            if other.conclusion == Some(Conclusion::Skipped) {
                return Some(format!("the job `{}`", other.planned.key));
            }
            waiting.insert(&other.planned.job);
        }
    }
    None
}

/// Says which quarantine a run found nothing to forgive for, although its tests ran.
pub(super) fn told(rules: &[Quarantined], record: &RunRecord, findings: &mut Findings) {
    for rule in rules {
        let cases = || {
            let steps = record.jobs.iter().flat_map(|job| &job.steps);
            let cases = steps
                .flat_map(|step| &step.tests)
                .flat_map(|one| &one.cases);
            cases.filter(|case| rule.test.means(&case.id))
        };
        let none = record
            .jobs
            .iter()
            .all(|job| job.conclusion == Some(Conclusion::Success))
            && !record.info.partial
            && cases().next().is_none();
        if none {
            findings.warn(format!(
                "the quarantine of `{}` means no test of this run: it can go",
                rule.test.as_str()
            ));
        }
    }
}
