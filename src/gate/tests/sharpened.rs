//! One exit code stands for several things: the reports tell which.

#![allow(clippy::unwrap_used)]

use super::{good, policy, run};
use crate::gate::judge;
use crate::gate::sample::case;
use crate::record::{COVERAGE_GATE, Cause, Failure, TestOutcome, Verdict};

/// The verdict over a test step that failed like this, with these further cases.
fn verdict(failure: Failure, code: i64, more: &[TestOutcome]) -> Verdict {
    let leg = good().fails(failure, Some(code)).with(|step| {
        step.tests[0].1.extend(
            more.iter()
                .enumerate()
                .map(|(n, outcome)| case(n, *outcome)),
        );
    });
    judge(&run(vec![leg]).record(), &policy())
}

#[test]
fn pytest_that_stopped_at_a_failed_test_has_failed_tests() {
    let stopped = Failure::new(Cause::TestsErrored, "stopped (exit code 2)");
    let found = verdict(stopped.clone(), 2, &[TestOutcome::Failed]);
    assert_eq!(found.failures[0].cause, Cause::TestsFailed);
    assert!(found.failures[0].message.contains("1 of 4 tests failed"));
    let found = verdict(stopped, 2, &[TestOutcome::Error]);
    assert_eq!(found.failures[0].cause, Cause::TestsErrored);
}

#[test]
fn a_threshold_of_the_steps_own_is_a_matter_of_coverage() {
    let line = "Required test coverage of 99% not reached. Total coverage: 95.16%";
    let failure = Failure::new(Cause::TestsFailed, "tests failed (exit code 1)")
        .with_evidence(format!("{COVERAGE_GATE}{line}"));
    let found = verdict(failure.clone(), 1, &[]);
    assert_eq!(found.failures[0].cause, Cause::BelowThreshold);
    assert!(found.failures[0].message.ends_with(line));
    assert_eq!(found.exit_code, 3);
    // A failed test weighs more.
    let found = verdict(failure, 1, &[TestOutcome::Failed]);
    assert_eq!(found.exit_code, 1);
}

#[test]
fn a_test_step_that_failed_without_a_failed_test_failed_otherwise() {
    let failure = Failure::new(Cause::TestsFailed, "tests failed (exit code 1)");
    let found = verdict(failure, 1, &[]);
    assert_eq!(found.failures[0].cause, Cause::StepFailed);
    assert!(found.failures[0].message.contains("another command"));
}
