//! The failed tests of a run, each once, with the legs in which it failed.

use std::collections::{BTreeSet, HashMap};

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

/// Ids of the tests that passed, and not at the first attempt.
pub(super) fn flaky(record: &RunRecord) -> BTreeSet<&str> {
    let steps = record.jobs.iter().flat_map(|leg| &leg.steps);
    let reports = steps.flat_map(|step| &step.tests);
    let cases = reports.flat_map(|report| &report.cases);
    cases
        .filter(|case| case.is_flaky())
        .map(|case| case.id.as_str())
        .collect()
}

/// Cases of all legs.
pub(super) fn run_counts(record: &RunRecord) -> TestCounts {
    record.jobs.iter().fold(TestCounts::default(), |sum, leg| {
        sum.plus(leg.test_counts())
    })
}

/// The place of a test, `file:line`, where its report tells one. Within the file
/// of the test, the line that failed is worth more than the one it begins at.
pub(super) fn place(case: &TestCase) -> Option<String> {
    let file = case.file.as_ref()?;
    let raised = raised(case).filter(|(raised_in, _)| raised_in == file);
    Some(match (raised, case.line) {
        (Some((_, line)), _) => format!("{file}:{line}"),
        (None, Some(line)) => format!("{file}:{line}"),
        (None, None) => file.clone(),
    })
}

/// File and line to look at first: where the traceback ends, as far as that is in the
/// repository, otherwise where the test begins.
pub(super) fn failing_line(case: &TestCase) -> Option<(&str, Option<u32>)> {
    if let Some(at) = &case.failed_at {
        return Some((&at.file, at.line));
    }
    let raised = raised(case).filter(|(file, _)| is_inside(file));
    let own = case.file.as_deref().filter(|file| is_inside(file));
    match (raised, own) {
        (Some((file, line)), _) => Some((file, Some(line))),
        (None, Some(file)) => Some((file, case.line)),
        (None, None) => None,
    }
}

/// Whether a path can be a file of the repository.
pub(super) fn is_inside(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('/') && !path.split('/').any(|part| part == "..")
}

/// Where it failed, when that is in another file than the test.
pub(super) fn raised_elsewhere(case: &TestCase) -> Option<String> {
    let (file, line) = raised(case)?;
    let elsewhere = case.file.as_ref().is_none_or(|own| own != file);
    elsewhere.then(|| format!("{file}:{line}"))
}

/// File and line that the traceback ends at: pytest's last line of it is
/// `file:line: exception`.
fn raised(case: &TestCase) -> Option<(&str, u32)> {
    let last = full_lines(&case.details).next_back()?;
    let (place, _) = last.split_once(": ")?;
    let (file, line) = place.rsplit_once(':')?;
    let whole = !file.is_empty() && !file.contains([' ', '\t']);
    whole.then_some((file, line.parse().ok()?))
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

fn full_lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{place, raised_elsewhere};
    use crate::gate::sample::case;
    use crate::record::{TestCase, TestOutcome};

    #[test]
    fn the_line_that_failed() {
        let of = |details: &str| {
            let case = TestCase {
                details: details.to_owned(),
                ..case(5, TestOutcome::Failed)
            };
            (place(&case), raised_elsewhere(&case))
        };
        let test = || Some("tests/test_calc.py:15".to_owned());
        assert_eq!(of("E  assert 1 == 2\n"), (test(), None));
        assert_eq!(of("calc: 3: x"), (test(), None));
        assert_eq!(
            of("E  assert\n\ntests/test_calc.py:17: AssertionError\n"),
            (Some("tests/test_calc.py:17".to_owned()), None)
        );
        assert_eq!(
            of("    raise ValueError\nsrc/calc.py:4: ValueError"),
            (test(), Some("src/calc.py:4".to_owned()))
        );
    }
}
