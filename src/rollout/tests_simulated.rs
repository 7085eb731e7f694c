//! The triggers over simulated histories, where what happened is known.

#![allow(clippy::panic, clippy::indexing_slicing)]

use super::{Rules, Trigger, judge};
use crate::history::simulated::{Plan, What};

/// Runs of a history.
const RUNS: usize = 2_000;
/// The first run with what was planted.
const AT: usize = 1_000;
/// Runs that are looked at after each run, as `seatrial rollout` reads them.
const READ: usize = 100;

/// The runs after which a trigger speaks for going back.
fn alarms(plan: &Plan) -> Vec<(usize, Trigger)> {
    let mut entries = plan.entries();
    entries.reverse();
    let rules = Rules::default();
    let mut found = Vec::new();
    for run in 0..plan.runs {
        let newest = plan.runs - 1 - run;
        let until = (newest + READ).min(plan.runs);
        let judgement = judge(&entries[newest..until], &rules);
        found.extend(judgement.fired().map(|one| (run, one.trigger)));
    }
    found
}

#[test]
fn nothing_fires_over_clean_runs() {
    for seed in 0..4 {
        assert_eq!(alarms(&Plan::clean(seed, RUNS)), [], "seed {seed}");
    }
}

#[test]
fn what_is_planted_fires_soon_and_nothing_else_does() {
    for (what, trigger, within) in [
        (What::AllTests(1.7), Trigger::SlowTests, 15),
        (What::AllTests(6.0), Trigger::SlowTests, 15),
        (What::ReportsLost, Trigger::LostReports, 6),
        (What::BuildsFail(0.4), Trigger::FailedBuilds, 20),
    ] {
        for seed in 0..4 {
            // What lasts for good hides itself in time, as it becomes the usual.
            let plan = Plan::clean(seed, AT + 60).with(AT, what.clone());
            let alarms = alarms(&plan);
            let first = alarms.first().copied();
            let Some((run, fired)) = first else {
                panic!("{what:?}, seed {seed}: nothing fires");
            };
            assert_eq!(fired, trigger, "{what:?}, seed {seed}");
            let after = (AT..AT + within).contains(&run);
            assert!(after, "{what:?}, seed {seed}: first after run {run}");
            let others = alarms.iter().any(|(_, one)| *one != trigger);
            assert!(!others, "{what:?}, seed {seed}: {alarms:?}");
        }
    }
}
