//! Failed tests that their step hides.

#![allow(clippy::unwrap_used)]

use super::{good, policy, run};
use crate::gate::sample::case;
use crate::gate::{Masked, Policy, judge};
use crate::record::TestOutcome;

#[test]
fn masked_failures_may_be_allowed() {
    let legs = vec![good().with(|step| step.tests[0].1.push(case(9, TestOutcome::Failed)))];
    let lenient = Policy {
        masked: Masked::Warn,
        ..policy()
    };
    let verdict = judge(&run(legs).record(), &lenient);
    assert!(verdict.passed);
    assert_eq!(
        verdict.warnings,
        ["unit › Run tests: the step succeeded although 1 of 4 tests failed"]
    );
}

#[test]
fn a_masked_failure_names_its_tests() {
    let legs = vec![good().with(|step| {
        step.tests[0]
            .1
            .extend((0..7).map(|n| case(n, TestOutcome::Failed)));
    })];
    let verdict = judge(&run(legs).record(), &policy());
    let evidence = &verdict.failures[0].evidence;
    assert_eq!(evidence.len(), 7);
    assert_eq!(evidence[0], "tests/test_calc.py::test_case_0");
    assert_eq!(evidence[5], "and 2 more");
    assert!(evidence[6].starts_with("hint: "));
}
