#![allow(clippy::unwrap_used)]

use jiff::civil::date;

use super::classify::{Kind, chance, judge};
use super::observe::Tally;
use super::reason::Reason;
use super::sample::{Test, facts, leg, of_run, other_facts, record, test};
use super::{Comparison, IgnoreRule, Ignores, compare};
use crate::gate::sample::{Leg, Run, coverage};
use crate::record::{Cause, Conclusion, Failure, JobKey, RunRecord};

fn tally(passed: u32, failed: u32, skipped: u32, message: &str) -> Tally {
    let reason = Reason::of(&test(("a", 'F', message)), None);
    Tally {
        passed,
        failed,
        skipped,
        reasons: if failed > 0 { vec![reason] } else { Vec::new() },
        lost: false,
    }
}

/// Every pair of standings: once seen, nothing is proved by it, but for what is no chance.
#[test]
fn every_pair_has_its_kind() {
    use Kind::{
        DifferentReason, Fixed, Flaky, Infrastructure as Infra, OnlyCandidate, OnlyControl,
        Regressed, Same,
    };
    let lost = Tally {
        lost: true,
        ..Tally::default()
    };
    let sides = [
        lost,
        tally(0, 0, 0, ""),
        tally(0, 0, 1, ""),
        tally(1, 0, 0, ""),
        tally(0, 1, 0, "boom"),
        tally(1, 1, 0, "boom"),
    ];
    let expected = [
        // candidate: lost, absent, skipped, passed, failed, both
        [Infra, Infra, Infra, Infra, Infra, Infra],
        [
            Infra,
            Same,
            OnlyCandidate,
            OnlyCandidate,
            OnlyCandidate,
            OnlyCandidate,
        ],
        [Infra, OnlyControl, Same, Fixed, Regressed, Flaky],
        [Infra, OnlyControl, Regressed, Same, Regressed, Flaky],
        [Infra, OnlyControl, DifferentReason, Fixed, Same, Flaky],
        [Infra, OnlyControl, Flaky, Flaky, Flaky, Flaky],
    ];
    for (control, row) in sides.iter().zip(expected) {
        for (candidate, kind) in sides.iter().zip(row) {
            assert_eq!(
                judge(control, candidate).kind,
                kind,
                "{control:?} {candidate:?}"
            );
        }
    }
    let other = tally(0, 1, 0, "another reason");
    assert_eq!(judge(&sides[4], &other).kind, DifferentReason);
}

#[test]
fn more_runs_settle_what_chance_might_have_done() {
    for (control, candidate, kind, settled) in [
        ((1, 0), (0, 1), Kind::Regressed, false),
        ((2, 0), (0, 2), Kind::Regressed, false),
        ((3, 0), (0, 3), Kind::Regressed, true),
        ((0, 3), (3, 0), Kind::Fixed, true),
        ((0, 2), (2, 0), Kind::Fixed, false),
        // Flaky in the control: nothing more is asked.
        ((1, 1), (0, 2), Kind::Flaky, true),
        ((2, 1), (2, 1), Kind::Flaky, true),
        // Only in the candidate: that may be its fault.
        ((2, 0), (1, 1), Kind::Flaky, false),
        ((6, 0), (4, 2), Kind::Flaky, false),
        ((6, 0), (2, 4), Kind::Regressed, true),
        ((5, 1), (0, 6), Kind::Regressed, true),
        ((0, 6), (5, 1), Kind::Fixed, true),
    ] {
        let side = |(passed, failed)| tally(passed, failed, 0, "boom");
        let judged = judge(&side(control), &side(candidate));
        assert_eq!(
            (judged.kind, judged.settled),
            (kind, settled),
            "{control:?} {candidate:?}"
        );
    }
}

#[test]
fn chances_are_those_of_fishers_test() {
    for (control, candidate, expected) in [
        ((1, 0), (0, 1), 0.5),
        ((3, 0), (0, 3), 0.05),
        ((6, 0), (2, 4), 15.0 / 495.0),
        ((4, 0), (4, 0), 1.0),
        ((0, 0), (0, 3), 1.0),
    ] {
        let side = |(passed, failed)| tally(passed, failed, 0, "boom");
        let found = chance(&side(control), &side(candidate));
        assert!(
            (found - expected).abs() < 1e-9,
            "{control:?} {candidate:?}: {found}"
        );
    }
}

fn host(id: &str, tests: &[Test<'_>]) -> RunRecord {
    record(
        id,
        "host (no container)",
        [leg("unit", 2000, tests, Some(facts()))],
    )
}

fn container(id: &str, tests: &[Test<'_>]) -> RunRecord {
    record(
        id,
        "docker 27.3.1",
        [leg("unit", 2500, tests, Some(other_facts()))],
    )
}

fn compared(control: &[RunRecord], candidate: &[RunRecord]) -> Comparison {
    compare(control, candidate, &Ignores::default())
}

fn blocking(comparison: &Comparison) -> Vec<&str> {
    let failures = comparison.verdict.failures.iter();
    failures.map(|failure| failure.message.as_str()).collect()
}

#[test]
fn equal_runs_are_safe() {
    let tests = [
        ("a", '.', ""),
        ("b", 'F', "assert 1 == 2"),
        ("c", 's', "no browser"),
    ];
    let comparison = compared(&[host("1", &tests)], &[container("2", &tests)]);
    assert_eq!(comparison.count(Kind::Same), 3);
    assert!(comparison.verdict.passed && comparison.differences.is_empty());
    assert_eq!(comparison.verdict.exit_code, 0);
}

#[test]
fn what_blocks_is_named_with_its_reason_and_its_cause() {
    let comparison = compared(
        &[host(
            "1",
            &[
                ("t::root", '.', ""),
                ("t::gone", '.', ""),
                ("t::skip", '.', ""),
            ],
        )],
        &[container(
            "2",
            &[
                (
                    "t::root",
                    'F',
                    "Failed: DID NOT RAISE <class 'PermissionError'>",
                ),
                ("t::skip", 's', "needs git"),
                ("t::new", 'F', "boom"),
            ],
        )],
    );
    assert_eq!(
        blocking(&comparison),
        [
            "t::root fails in the candidate (unit)",
            "t::skip is skipped in the candidate (unit)",
            "t::gone is only in the control (unit)",
        ]
    );
    assert_eq!(comparison.verdict.exit_code, 12);
    let root = &comparison.verdict.failures[0];
    assert_eq!(root.cause, Cause::ParityMismatch);
    assert_eq!(
        root.evidence[0],
        "Failed: DID NOT RAISE <class 'PermissionError'>"
    );
    assert!(
        root.evidence[1].contains("the candidate runs as root"),
        "{root:?}"
    );
    assert_eq!(comparison.count(Kind::OnlyCandidate), 1);
}

#[test]
fn a_test_that_differs_once_is_to_be_repeated_and_a_flaky_one_blocks_nothing() {
    let pass = [("t::flaky", '.', ""), ("t::other", '.', "")];
    let fail = [("t::flaky", 'F', "boom"), ("t::other", '.', "")];
    let once = compared(&[host("1", &pass)], &[container("2", &fail)]);
    assert_eq!(once.count(Kind::Regressed), 1);
    assert!(once.unsettled().contains(&JobKey("unit".to_owned())));
    let twice = compared(
        &[host("1", &pass), host("3", &fail)],
        &[container("2", &fail), container("4", &fail)],
    );
    assert_eq!(twice.count(Kind::Flaky), 1);
    assert!(twice.unsettled().is_empty() && twice.verdict.passed);
    assert_eq!(twice.verdict.warnings.len(), 1);
}

#[test]
fn a_leg_that_could_not_run_is_no_regression() {
    let lost = Failure::new(Cause::EngineLost, "the engine went away");
    let dead = Leg::new("unit", 0).unopened(lost);
    let comparison = compared(
        &[host("1", &[("a", '.', ""), ("b", '.', "")])],
        &[record("2", "docker 27.3.1", [dead])],
    );
    assert_eq!(comparison.count(Kind::Infrastructure), 2);
    assert_eq!(comparison.count(Kind::Regressed), 0);
    assert_eq!(
        blocking(&comparison),
        ["unit could not run in the candidate: the engine went away"]
    );
    // Its own reason decides about the exit code.
    assert_eq!(comparison.verdict.exit_code, 10);
    // Another run of it makes good for it.
    let again = compared(
        &[host("1", &[("a", '.', "")]), host("3", &[("a", '.', "")])],
        &[
            record(
                "2",
                "docker 27.3.1",
                [Leg::new("unit", 0).ends(Conclusion::Cancelled, None)],
            ),
            container("4", &[("a", '.', "")]),
        ],
    );
    assert!(again.verdict.passed, "{:?}", again.verdict);
}

#[test]
fn of_a_broken_side_single_tests_say_nothing() {
    let ids: Vec<String> = (0..10).map(|n| format!("t::{n}")).collect();
    let all = |failing: usize| -> Vec<Test<'_>> {
        let letter = |n| if n < failing { 'F' } else { '.' };
        let tests = ids.iter().enumerate();
        tests
            .map(|(n, id)| (id.as_str(), letter(n), "No module named 'app'"))
            .collect()
    };
    let nine = compared(&[host("1", &all(0))], &[container("2", &all(9))]);
    assert_eq!(nine.count(Kind::Regressed), 0);
    assert!(nine.candidate.broken && !nine.control.broken);
    assert_eq!(
        blocking(&nine),
        ["the candidate is broken: 9 of its 10 tests fail, so single tests say nothing"]
    );
    assert_eq!(
        nine.verdict.failures[0].evidence,
        ["most often: No module named 'app'"]
    );
    assert!(nine.unsettled().is_empty());
    // 80 % is not more than 80 %.
    let eight = compared(&[host("1", &all(0))], &[container("2", &all(8))]);
    assert_eq!(eight.count(Kind::Regressed), 8);
}

#[test]
fn a_leg_may_fail_without_its_tests() {
    let tests = [("a", '.', "")];
    let failing = leg("unit", 10, &tests, None)
        .step("Check", "in container", 5)
        .fails(
            Failure::new(Cause::StepFailed, "`make check` exited with 2"),
            Some(2),
        );
    let comparison = compared(
        &[host("1", &tests)],
        &[record("2", "docker 27.3.1", [failing])],
    );
    assert_eq!(
        blocking(&comparison),
        ["unit succeeds in the control and fails in the candidate: `make check` exited with 2"]
    );
    let none = compared(&[host("1", &tests)], &[record("2", "docker 27.3.1", [])]);
    assert_eq!(blocking(&none)[0], "unit ran only in the control");
}

#[test]
fn rules_ignore_what_is_known_for_a_while() {
    let rules = [
        IgnoreRule::new("t::root*", "runs as root until #12", date(2026, 12, 31)).unwrap(),
        IgnoreRule::new("t::idle", "nobody knows", date(2026, 12, 31)).unwrap(),
    ];
    let control = [host("1", &[("t::root", '.', "")])];
    let candidate = [container("2", &[("t::root", 'F', "boom")])];
    let held = compare(
        &control,
        &candidate,
        &Ignores::on(date(2026, 11, 26), &rules),
    );
    assert!(held.verdict.passed && held.unsettled().is_empty());
    assert_eq!((held.ignored, held.count(Kind::Regressed)), (1, 0));
    assert_eq!(
        held.differences[0].ignored.as_deref(),
        Some("runs as root until #12")
    );
    assert_eq!(
        held.notes,
        ["the rule that ignores `t::idle` found no difference: it can go"]
    );
    let over = compare(&control, &candidate, &Ignores::on(date(2027, 1, 1), &rules));
    assert!(!over.verdict.passed);
}

#[test]
fn a_test_that_runs_twice_is_two_tests_and_folders_are_no_difference() {
    let twice = [("a", '.', ""), ("a", 'F', "second time")];
    let comparison = compared(&[host("1", &twice)], &[container("2", &twice)]);
    assert_eq!(comparison.count(Kind::Same), 2);
    let comparison = compared(
        &[host("1", &[("t[/home/runner/work/widgets/data]", '.', "")])],
        &[container("2", &[("t[/app/data]", '.', "")])],
    );
    assert_eq!(comparison.count(Kind::Same), 1);
}

#[test]
fn coverage_and_commits_are_put_side_by_side() {
    let run = |id, covered| {
        let legs = [
            leg("unit", 10, &[("a", '.', "")], Some(facts())),
            leg("windows", 0, &[], None).elsewhere("windows-latest"),
        ];
        of_run(id, "x", &Run::of(legs).merged(coverage(covered)))
    };
    let mut candidate = run("2", 850);
    "ffff00001111".clone_into(&mut candidate.info.sha);
    let comparison = compared(&[run("1", 900)], &[candidate]);
    let pair = comparison.coverage.unwrap();
    assert_eq!(
        (pair.control, pair.candidate, pair.same),
        (Some(90.0), Some(85.0), 1)
    );
    assert_eq!(pair.files[0].path, "src/widgets/cli.py");
    assert!(
        comparison.notes[0].contains("different commits"),
        "{:?}",
        comparison.notes
    );
    assert!(
        comparison.notes[1].starts_with("neither side ran windows: "),
        "{:?}",
        comparison.notes
    );
    let less = "the tests cover less in the candidate: 85.00 % instead of 90.00 %";
    assert_eq!(comparison.verdict.warnings, [less]);
    assert!(comparison.verdict.passed);
    let more = compared(&[run("1", 850)], &[run("2", 900)]);
    assert!(more.verdict.warnings.is_empty());
    assert!(comparison.environment.is_empty());
}
