//! Flaky tests of simulated histories.

use super::super::flaky::{FlakySearch, FlakyTest};
use crate::gate::Quarantined;
use crate::history::Entry;
use crate::history::simulated::{Flake, Plan, What};
use crate::record::{Cause, TestOutcome};
use crate::results::TestPattern;

fn search(entries: &[Entry]) -> Vec<FlakyTest> {
    let mut search = FlakySearch::default();
    entries.iter().for_each(|entry| search.add(entry));
    assert_eq!(search.runs(), entries.len());
    search.list()
}

/// Two runs for each commit.
fn plan() -> Plan {
    Plan {
        failing: 0.0,
        other_machines: 0.0,
        ..Plan::clean(11, 600)
    }
    .with(
        0,
        What::Flaky(Flake {
            test: 3,
            rate: 0.10,
            retried: false,
        }),
    )
    .with(
        0,
        What::Flaky(Flake {
            test: 7,
            rate: 0.05,
            retried: true,
        }),
    )
}

#[test]
fn both_kinds_of_flaky_tests_are_found_and_no_others() {
    let found = search(&plan().entries());
    let ids: std::collections::BTreeSet<&str> =
        found.iter().map(|flaky| flaky.test.as_str()).collect();
    let expected = ["tests/test_shop.py::test_3", "tests/test_shop.py::test_7"];
    assert!(ids.into_iter().eq(expected));
    // Three legs run each of them.
    assert_eq!(found.len(), 6);
    for flaky in &found {
        println!(
            "{} {} {:.1} %, score {:.1}",
            flaky.leg,
            flaky.test,
            flaky.rate(),
            flaky.score
        );
        if flaky.test.ends_with('7') {
            assert_eq!((flaky.retried, flaky.signatures.len()), (flaky.flaky, 0));
            assert!((2.0..9.0).contains(&flaky.rate()));
        } else {
            assert_eq!(flaky.retried, 0);
            assert_eq!(flaky.signatures, ["assert # == #"]);
            assert!((5.0..15.0).contains(&flaky.rate()));
        }
        assert!(flaky.first.at < flaky.last.at && !flaky.quiet);
    }
}

#[test]
fn a_test_that_is_broken_and_repaired_is_not_flaky() {
    // Whole commits fail: two runs each.
    let mut entries = Plan {
        failing: 0.0,
        ..Plan::clean(2, 60)
    }
    .entries();
    for entry in &mut entries[20..30] {
        for test in tests(entry).filter(|test| test.id.ends_with("_1")) {
            test.outcome = TestOutcome::Failed;
        }
    }
    assert_eq!(search(&entries), []);
    // Only one of two runs of a commit.
    for test in tests(&mut entries[40]).filter(|test| test.id.ends_with("_1")) {
        test.outcome = TestOutcome::Error;
    }
    let found = search(&entries);
    assert!(!found.is_empty() && found.iter().all(|flaky| flaky.flaky == 1));
    // Of a changed tree the commit says nothing.
    entries[40].dirty = true;
    assert_eq!(search(&entries), []);
}

#[test]
fn what_fails_with_everything_else_is_not_flaky() {
    let calm = || {
        Plan {
            failing: 0.0,
            infrastructure: 0.0,
            ..Plan::clean(2, 60)
        }
        .entries()
    };
    let mut entries = calm();
    for test in tests(&mut entries[40]) {
        test.outcome = TestOutcome::Error;
    }
    assert_eq!(search(&entries), []);
    let mut entries = calm();
    for leg in &mut entries[40].legs {
        leg.failure = Some(crate::history::Reason {
            cause: Cause::JobTimeout.path(),
            message: String::new(),
        });
        for test in leg
            .steps
            .iter_mut()
            .flat_map(|step| &mut step.tests)
            .take(1)
        {
            test.outcome = TestOutcome::Failed;
        }
    }
    assert_eq!(search(&entries), []);
}

#[test]
fn what_was_long_ago_counts_less() {
    let mut early = plan();
    early.runs = 300;
    let mut entries = early.entries();
    let before = search(&entries);
    let calm = Plan {
        failing: 0.0,
        other_machines: 0.0,
        ..Plan::clean(11, 400)
    };
    entries.extend(calm.entries().into_iter().skip(300));
    let after = search(&entries);
    let worst = |found: &[FlakyTest]| found.first().unwrap().score;
    assert!(worst(&after) < worst(&before) / 3.0);
    assert!(after.iter().all(|flaky| flaky.quiet));
}

#[test]
fn a_quarantine_is_steady_when_its_tests_were_well_for_long() {
    let mut search = FlakySearch::default();
    plan().entries().iter().for_each(|entry| search.add(entry));
    let rule = |test: &str| Quarantined {
        test: TestPattern::new(test).unwrap(),
        owner: "@shop".to_owned(),
        reason: "a race".to_owned(),
        expires: jiff::civil::date(2030, 1, 31),
    };
    let found = search.in_quarantine(&[rule("*::test_1"), rule("*::test_[37]"), rule("*test_3")]);
    assert!(found[0].steady && found[0].unwell == 0 && found[0].runs > 500);
    assert_eq!((found[1].runs, found[1].steady), (0, false));
    assert!(found[2].unwell > 50 && !found[2].steady);
}

fn tests(entry: &mut Entry) -> impl Iterator<Item = &mut crate::history::TestEntry> {
    let steps = entry.legs.iter_mut().flat_map(|leg| &mut leg.steps);
    steps.flat_map(|step| &mut step.tests)
}
