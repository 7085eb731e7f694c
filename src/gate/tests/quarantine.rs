//! Tests whose failure is forgiven.

use jiff::civil::date;

use super::policy;
use crate::gate::sample::{Leg, Run, case, coverage};
use crate::gate::{Policy, Quarantined, judge};
use crate::record::{Cause, Conclusion, Failure, RunRecord, TestOutcome, Verdict};
use crate::results::TestPattern;

fn rule(test: &str) -> Quarantined {
    Quarantined {
        test: TestPattern::new(test).unwrap(),
        owner: "@shop".to_owned(),
        reason: "a race".to_owned(),
        expires: date(2026, 12, 31),
    }
}

/// A leg of which two tests fail.
fn leg() -> Leg {
    Leg::new("unit", 0)
        .tests(1_000, 3)
        .with(|step| {
            let (_, cases, _) = &mut step.tests[0];
            cases.extend([7, 8].map(|number| case(number, TestOutcome::Failed)));
        })
        .fails(
            Failure::new(Cause::TestsFailed, "tests failed (exit code 1)"),
            Some(1),
        )
        .covers(coverage(900))
}

fn run(legs: impl IntoIterator<Item = Leg>) -> RunRecord {
    Run::of(legs).merged(coverage(900)).record()
}

fn judged(record: &RunRecord, rules: &[Quarantined]) -> Verdict {
    let policy = Policy {
        quarantine: rules.to_vec(),
        ..policy()
    };
    judge(record, &policy)
}

fn ids() -> [String; 2] {
    [7, 8].map(|number| case(number, TestOutcome::Failed).id)
}

fn both() -> [Quarantined; 2] {
    ids().map(|id| rule(&id))
}

#[test]
fn only_tests_in_quarantine_fail_no_run_and_are_named() {
    let record = run([leg()]);
    assert!(!judged(&record, &[]).passed);
    let verdict = judged(&record, &both());
    assert!(verdict.passed, "{verdict:?}");
    let told = &verdict.warnings[0];
    assert!(told.starts_with("unit › Run tests: only tests in quarantine failed: "));
    for part in [
        ids()[0].as_str(),
        ids()[1].as_str(),
        "(@shop, until 2026-12-31: a race)",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn any_other_failure_of_the_step_counts() {
    let one = [rule(&ids()[0])];
    assert_eq!(
        judged(&run([leg()]), &one).failures[0].cause,
        Cause::TestsFailed
    );
    let all = [rule("*")];
    let crashed = |exit: i64| {
        let failure = Failure::new(Cause::TestsErrored, "pytest was interrupted");
        run([leg().fails(failure, Some(exit))])
    };
    assert!(!judged(&crashed(2), &all).passed);
    let damaged = leg().with(|step| step.tests[0].2 = false);
    assert!(!judged(&run([damaged]), &all).passed);
    let silent = leg().with(|step| step.tests.clear());
    assert!(!judged(&run([silent]), &all).passed);
    let gate = Failure::new(Cause::TestsFailed, "tests failed (exit code 1)")
        .with_evidence("the step's own coverage threshold: 70 % is less than 80 %");
    assert!(!judged(&run([leg().fails(gate, Some(1))]), &all).passed);
}

#[test]
fn what_was_left_out_for_the_failure_is_not_forgiven() {
    let fails = |record: &RunRecord, why: &str| {
        let verdict = judged(record, &both());
        assert_eq!(verdict.failures[0].cause, Cause::TestsFailed);
        let evidence = verdict.failures[0].evidence.join("\n");
        assert!(evidence.contains(why), "{evidence}");
    };
    let goes_on = leg().with(|step| step.planned.ends_with_tests = false);
    fails(
        &run([goes_on]),
        "its script does not end with its one call of pytest",
    );
    let more = |test: bool| {
        let leg = leg()
            .unreached("More")
            .with(|step| step.planned.test = test);
        run([leg])
    };
    fails(&more(true), "the step `More` was skipped for it");
    assert!(judged(&more(false), &both()).passed);
    let mut next = Leg::new("deploy", 2_000).needs(&["unit"]);
    next.conclusion = Some(Conclusion::Skipped);
    let mut last = Leg::new("notify", 2_000).needs(&["deploy"]);
    last.conclusion = Some(Conclusion::Skipped);
    fails(
        &run([leg(), next, last]),
        "the job `deploy` was skipped for it",
    );
}

#[test]
fn a_green_step_with_failed_tests_in_quarantine_is_no_conflict() {
    let mut green = leg().with(|step| {
        step.outcome = Conclusion::Success;
        step.conclusion = Conclusion::Success;
        step.failure = None;
        step.exit_code = Some(0);
    });
    green.conclusion = Some(Conclusion::Success);
    let record = run([green]);
    assert_eq!(
        judged(&record, &[]).failures[0].cause,
        Cause::VerdictConflict
    );
    let verdict = judged(&record, &both());
    assert!(verdict.passed && verdict.warnings[0].contains("all in quarantine"));
}

#[test]
fn a_quarantine_of_no_test_is_told() {
    let fine = run([Leg::new("unit", 0).tests(1_000, 3).covers(coverage(900))]);
    let verdict = judged(&fine, &[rule("tests/gone.py::*")]);
    assert!(verdict.passed);
    assert_eq!(
        verdict.warnings,
        ["the quarantine of `tests/gone.py::*` means no test of this run: it can go"]
    );
}
