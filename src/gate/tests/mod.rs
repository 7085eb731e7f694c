//! Every rule of the gate, table by table.

#![allow(clippy::unwrap_used)]

mod budgets;
mod coverage;
mod masked;
mod quarantine;
mod sharpened;

use super::sample::{Leg, Run, case, coverage};
use super::{Masked, Policy, Threshold, judge};
use crate::record::{Cause, Conclusion, Failure, ReportKind, TestOutcome, Verdict};

/// Coverage of 80 % is asked for, and nothing may be masked.
pub(super) fn policy() -> Policy {
    Policy {
        coverage_min: Some(threshold(80.0, 2)),
        coverage_due: true,
        limits: crate::gate::Limits::default(),
        masked: Masked::Deny,
        budgets: crate::gate::Budgets::default(),
        quarantine: Vec::new(),
    }
}

/// A threshold with its digits.
pub(super) fn threshold(percent: f64, precision: u8) -> Threshold {
    Threshold {
        percent,
        precision,
        source: "fail_under in pyproject.toml".to_owned(),
    }
}

/// A leg whose tests pass and whose coverage comes out.
pub(super) fn good() -> Leg {
    Leg::new("unit", 0).tests(5000, 3).covers(coverage(900))
}

fn broken(cause: Cause, message: &str) -> Leg {
    Leg::new("other", 0)
        .step("Do it", "in container", 10)
        .fails(Failure::new(cause, message), Some(1))
}

fn failed_tests() -> Leg {
    good()
        .with(|step| step.tests[0].1.push(case(9, TestOutcome::Failed)))
        .fails(
            Failure::new(Cause::TestsFailed, "1 of 4 tests failed"),
            Some(1),
        )
}

/// The failure of a missing report.
pub(super) fn missing(kind: ReportKind) -> Failure {
    Failure::new(Cause::ReportMissing, format!("no {}", kind.label()))
}

/// The leg without its coverage.
pub(super) fn without_coverage(leg: Leg) -> Leg {
    Leg {
        extra: Vec::new(),
        ..leg
    }
}

/// A run with good coverage.
pub(super) fn run(legs: Vec<Leg>) -> Run {
    Run::of(legs).merged(coverage(900))
}

/// Why it failed.
pub(super) fn causes(verdict: &Verdict) -> Vec<Cause> {
    verdict
        .failures
        .iter()
        .map(|failure| failure.cause)
        .collect()
}

/// One line per finding.
pub(super) fn told(verdict: &Verdict) -> Vec<String> {
    let failures = verdict
        .failures
        .iter()
        .map(|failure| format!("{}: {}", failure.cause.path(), failure.message));
    let warnings = verdict
        .warnings
        .iter()
        .map(|text| format!("warning: {text}"));
    failures.chain(warnings).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of all rules")]
fn every_rule_of_legs_and_steps() {
    let step_failed = |cause, message: &str| Failure::new(cause, message);
    let table: Vec<(&str, Vec<Leg>, Vec<&str>)> = vec![
        ("all good", vec![good()], vec![]),
        (
            "a step fails",
            vec![good(), broken(Cause::StepFailed, "exited with 1")],
            vec!["command_failed.step_failed: other › Do it: exited with 1"],
        ),
        (
            "a step fails without a reason",
            vec![
                good(),
                broken(Cause::StepFailed, "").with(|step| step.failure = None),
            ],
            vec!["command_failed.step_failed: other › Do it: exited with 1"],
        ),
        (
            "a step fails without a reason, its report has one",
            vec![failed_tests().with(|step| step.failure = None)],
            vec!["tests_failed.tests_failed: unit › Run tests: 1 of 4 tests failed"],
        ),
        (
            "continue-on-error of the step",
            vec![Leg {
                conclusion: Some(Conclusion::Success),
                ..failed_tests().with(|step| step.conclusion = Conclusion::Success)
            }],
            vec!["warning: unit › Run tests: failed under continue-on-error: 1 of 4 tests failed"],
        ),
        (
            "continue-on-error of the job",
            vec![failed_tests().ends(Conclusion::Success, None)],
            vec![
                "warning: unit › Run tests: failed under continue-on-error of the job: 1 of 4 \
                 tests failed",
            ],
        ),
        (
            "the leg itself fails",
            vec![
                good(),
                Leg::new("db", 0).ends(
                    Conclusion::Failure,
                    Some(step_failed(
                        Cause::ServiceUnhealthy,
                        "postgres is not healthy",
                    )),
                ),
            ],
            vec!["infrastructure.service_unhealthy: db: postgres is not healthy"],
        ),
        (
            "the leg repeats its step",
            vec![good(), {
                let leg = broken(Cause::Oom, "out of memory");
                leg.ends(Conclusion::Failure, Some(step_failed(Cause::Oom, "killed")))
            }],
            vec!["resource_limit.oom: other › Do it: out of memory"],
        ),
        (
            "a leg fails and nothing says why",
            vec![good(), Leg::new("odd", 0).ends(Conclusion::Failure, None)],
            vec!["command_failed.step_failed: odd: failed, and no step says why"],
        ),
        (
            "a leg without a result",
            vec![
                good(),
                Leg {
                    conclusion: None,
                    ..Leg::new("odd", 0)
                },
            ],
            vec!["internal.invariant: odd: never came to an end"],
        ),
        (
            "a masked failure",
            vec![good().with(|step| step.tests[0].1.push(case(9, TestOutcome::Error)))],
            vec![
                "tests_failed.verdict_conflict: unit › Run tests: the step succeeded although 1 \
                 of 4 tests failed",
            ],
        ),
        (
            "a test step without tests",
            vec![good().with(|step| step.tests[0].1.clear())],
            vec!["no_report.no_tests_collected: unit › Run tests: the test step ran no test"],
        ),
        (
            "a damaged report",
            vec![good().with(|step| step.tests[0].2 = false)],
            vec![
                "warning: unit › Run tests: jobs/unit/junit.xml is damaged; only 3 tests could \
                 be read from it",
            ],
        ),
        (
            "a report is missing",
            vec![good().with(|step| step.tests.clear()).misses(
                Some(1),
                ReportKind::Junit,
                missing(ReportKind::Junit),
            )],
            vec!["no_report.report_missing: unit › Run tests: no JUnit report"],
        ),
        (
            "a report is missing and nobody said so",
            vec![good().with(|step| step.tests.clear())],
            vec!["no_report.report_missing: unit › Run tests: the JUnit report did not come out"],
        ),
        (
            "a leg needs another machine",
            vec![good(), Leg::new("mac", 0).elsewhere("macos-latest")],
            vec!["warning: mac: on the runner (macos-latest), so not tested here"],
        ),
        (
            "many legs need other machines",
            ["a", "b", "c"]
                .map(|n| Leg::new(&format!("mac {n}"), 0).elsewhere("macos-latest"))
                .into_iter()
                .chain([good()])
                .collect(),
            vec!["warning: mac: 3 legs on the runner (macos-latest), so not tested here"],
        ),
        (
            "the user leaves a leg out",
            vec![
                good(),
                Leg::new("unit (3.8)", 0).left_out("--matrix py=3.12"),
            ],
            vec![],
        ),
        (
            "a leg is skipped",
            vec![good(), Leg::new("deploy", 0).skipped("`if` is false")],
            vec![],
        ),
        (
            "a leg was stopped because a sibling failed",
            vec![
                failed_tests(),
                Leg::new("slow", 0).ends(
                    Conclusion::Cancelled,
                    Some(step_failed(Cause::Superseded, "stopped by fail-fast")),
                ),
            ],
            vec![
                "tests_failed.tests_failed: unit › Run tests: 1 of 4 tests failed",
                "warning: slow: stopped by fail-fast",
            ],
        ),
    ];
    for (name, legs, expected) in table {
        let verdict = judge(&run(legs).record(), &policy());
        assert_eq!(told(&verdict), expected, "{name}");
        let fails = expected.iter().any(|line| !line.starts_with("warning"));
        assert_eq!(verdict.passed, !fails, "{name}");
        assert_eq!(verdict.exit_code == 0, !fails, "{name}");
    }
}

#[test]
fn what_excuses_a_missing_report() {
    let junit = || missing(ReportKind::Junit);
    let of = |leg: Leg| {
        let leg = without_coverage(leg).with(|step| {
            step.tests.clear();
            step.planned.due = vec![ReportKind::Junit];
        });
        leg.misses(Some(1), ReportKind::Junit, junit())
            .covers(coverage(900))
    };
    let table = [
        ("nothing", of(good()), vec![Cause::ReportMissing]),
        (
            "the step was skipped",
            of(good()).with(|step| {
                step.outcome = Conclusion::Skipped;
                step.conclusion = Conclusion::Skipped;
            }),
            vec![],
        ),
        (
            "the step reached its time limit",
            of(good()).fails(Failure::new(Cause::StepTimeout, "5 min"), None),
            vec![Cause::StepTimeout],
        ),
        (
            "the engine went away",
            of(good()).fails(Failure::new(Cause::EngineLost, "gone"), None),
            vec![Cause::EngineLost],
        ),
        (
            "a softer failure of the step",
            of(good()).fails(Failure::new(Cause::BelowThreshold, "79 %"), Some(2)),
            vec![Cause::ReportMissing, Cause::BelowThreshold],
        ),
        (
            "the step may fail",
            of(good()).with(|step| step.outcome = Conclusion::Failure),
            vec![],
        ),
        (
            "an earlier step failed",
            of(good())
                .with(|step| {
                    step.outcome = Conclusion::Skipped;
                    step.conclusion = Conclusion::Skipped;
                })
                .ends(
                    Conclusion::Failure,
                    Some(Failure::new(Cause::SetupFailed, "no checkout")),
                ),
            vec![Cause::SetupFailed],
        ),
    ];
    for (name, leg, expected) in table {
        let verdict = judge(&run(vec![leg]).record(), &policy());
        assert_eq!(causes(&verdict), expected, "{name}");
    }
}

#[test]
fn stopped_runs_and_failed_images_are_told_once() {
    let interrupt = Failure::new(Cause::UserInterrupt, "interrupted");
    let cancelled = Leg::new("unit", 0).tests(10, 0).with(|step| {
        step.tests.clear();
        step.outcome = Conclusion::Cancelled;
        step.conclusion = Conclusion::Cancelled;
    });
    let mut stopped = Run::of([cancelled.ends(Conclusion::Cancelled, Some(interrupt.clone()))]);
    stopped.stopped = Some(Failure::new(Cause::Sigterm, "stopped by SIGTERM"));
    let verdict = judge(&stopped.record(), &policy());
    assert_eq!(causes(&verdict), [Cause::Sigterm]);
    assert_eq!(verdict.exit_code, 143);

    let build = Failure::new(Cause::BuildStepFailed, "RUN pip install failed");
    let legs =
        ["a", "b"].map(|key| Leg::new(key, 0).ends(Conclusion::Failure, Some(build.clone())));
    let verdict = judge(&Run::of(legs).image(900, Some(build)).record(), &policy());
    assert_eq!(causes(&verdict), [Cause::BuildStepFailed]);
    assert_eq!(verdict.exit_code, 5);
    assert!(verdict.warnings.is_empty());
}

#[test]
fn a_real_verdict_beats_infrastructure() {
    let legs = vec![
        broken(Cause::EngineError, "500"),
        Leg {
            planned: Leg::new("late", 0).planned,
            ..broken(Cause::StepTimeout, "10 min")
        },
        failed_tests(),
    ];
    let mut run = Run::of(legs);
    run.merged = Some(coverage(100));
    let verdict = judge(&run.record(), &policy());
    assert_eq!(
        causes(&verdict),
        [
            Cause::TestsFailed,
            Cause::StepTimeout,
            Cause::BelowThreshold,
            Cause::EngineError
        ]
    );
    assert_eq!(verdict.exit_code, 1);
}

#[test]
fn nothing_that_ran_is_no_pass() {
    let left = Leg::new("mac", 0).elsewhere("macos-latest");
    let verdict = judge(&Run::of([left]).record(), &policy());
    assert_eq!(verdict.failures[0].cause, Cause::NoTestsCollected);
    let skipped = Leg::new("deploy", 0).skipped("`if` is false");
    let verdict = judge(&Run::of([skipped]).record(), &policy());
    assert!(verdict.passed);
    assert_eq!(verdict.warnings, ["no job ran: every one was skipped"]);
}
