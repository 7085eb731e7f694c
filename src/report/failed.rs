//! The failed tests of a run, each once, with the legs in which it failed.

use std::collections::HashMap;

use crate::record::{
    Conclusion, JobRecord, RunRecord, StepRecord, TestCase, TestCounts, TestOutcome,
};

/// A test that failed somewhere.
#[derive(Debug, Clone)]
pub(super) struct FailedTest<'a> {
    /// The case, as the first leg tells it.
    pub(super) case: &'a TestCase,
    /// The legs in which it failed.
    pub(super) legs: Vec<&'a str>,
    /// Whether it failed only where failing is allowed (`continue-on-error`).
    pub(super) allowed: bool,
}

/// Failed and broken tests, in the order of legs and reports; those that were
/// not allowed to fail come first.
pub(super) fn failed_tests(record: &RunRecord) -> Vec<FailedTest<'_>> {
    let mut found: Vec<FailedTest<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for leg in &record.jobs {
        let key = leg.planned.key.0.as_str();
        for step in &leg.steps {
            let allowed = is_forgiven(leg, step);
            let cases = step.tests.iter().flat_map(|report| &report.cases);
            for case in cases.filter(|case| is_failed(case)) {
                let at = *places.entry(case.id.as_str()).or_insert_with(|| {
                    found.push(FailedTest {
                        case,
                        legs: Vec::new(),
                        allowed: true,
                    });
                    found.len() - 1
                });
                if let Some(test) = found.get_mut(at) {
                    test.allowed &= allowed;
                    if test.legs.last() != Some(&key) {
                        test.legs.push(key);
                    }
                }
            }
        }
    }
    found.sort_by_key(|test| test.allowed);
    found
}

/// Whether a step failed and neither its leg nor the run failed for it.
pub(super) fn is_forgiven(leg: &JobRecord, step: &StepRecord) -> bool {
    step.outcome == Some(Conclusion::Failure)
        && (step.conclusion == Some(Conclusion::Success)
            || leg.conclusion == Some(Conclusion::Success))
}

/// Whether a case failed or broke.
pub(super) fn is_failed(case: &TestCase) -> bool {
    match case.outcome {
        TestOutcome::Failed | TestOutcome::Error => true,
        TestOutcome::Passed | TestOutcome::Skipped => false,
    }
}

/// Cases of all reports of a step.
pub(super) fn step_counts(step: &StepRecord) -> TestCounts {
    step.tests
        .iter()
        .fold(TestCounts::default(), |sum, report| sum.plus(report.counts))
}

/// Cases of all legs.
pub(super) fn run_counts(record: &RunRecord) -> TestCounts {
    record.jobs.iter().fold(TestCounts::default(), |sum, leg| {
        sum.plus(leg.test_counts())
    })
}

/// The place of a test, `file:line`, where its report tells one.
pub(super) fn place(case: &TestCase) -> Option<String> {
    let file = case.file.as_ref()?;
    Some(match case.line {
        Some(line) => format!("{file}:{line}"),
        None => file.clone(),
    })
}

/// What the failure says: its message, or else the last lines of its details,
/// where tracebacks put what went wrong.
pub(super) fn said(case: &TestCase, lines: usize) -> Vec<&str> {
    let message: Vec<&str> = full_lines(&case.message).take(lines).collect();
    if !message.is_empty() {
        return message;
    }
    let details: Vec<&str> = full_lines(&case.details).collect();
    let skip = details.len().saturating_sub(lines);
    details.into_iter().skip(skip).collect()
}

fn full_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
}
