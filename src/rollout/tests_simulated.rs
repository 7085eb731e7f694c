//! The triggers over simulated histories, where what happened is known.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use super::{Rules, Trigger, judge};
use crate::history::Entry;
use crate::history::simulated::{Flake, Plan, What};

/// The first run with what was planted.
const AT: usize = 1_000;
/// Runs that are looked at after each run, as `seatrial rollout` reads them.
const READ: usize = 100;

/// How many histories are asked for (decision 0036).
fn asked() -> Option<u64> {
    let said = std::env::var("SEATRIAL_SIMULATED").ok();
    said.map(|count| count.parse().unwrap())
}

fn seeds() -> std::ops::Range<u64> {
    0..asked().unwrap_or(1)
}

/// Runs of a history.
fn runs() -> usize {
    if asked().is_some() { 2_000 } else { 500 }
}

/// The number of a run, as its name has it.
fn number(entry: &Entry) -> usize {
    entry.run.0.split('-').nth(1).unwrap().parse().unwrap()
}

/// The runs, from one on, after which a trigger speaks for going back.
fn alarms(plan: &Plan, from: usize) -> Vec<(usize, Trigger)> {
    let mut entries = plan.entries();
    entries.reverse();
    let rules = Rules::default();
    let mut found = Vec::new();
    for newest in (0..entries.len()).rev() {
        let until = (newest + READ).min(entries.len());
        let run = number(&entries[newest]);
        if run < from {
            continue;
        }
        let judgement = judge(&entries[newest..until], &rules);
        found.extend(judgement.fired().map(|one| (run, one.trigger)));
    }
    found
}

/// Runs in which nothing is wrong with containers: those that the runner runs as well, with tests
/// that are flaky, and an engine that often fails.
fn clean(seed: u64) -> [(&'static str, Plan); 3] {
    let flaky = |test, rate, retried| {
        What::Flaky(Flake {
            test,
            rate,
            retried,
        })
    };
    let plan = || Plan {
        shadow: 1.0,
        ..Plan::clean(seed, runs())
    };
    let shaky = plan()
        .with(0, flaky(3, 0.10, false))
        .with(0, flaky(7, 0.05, true));
    [
        ("containers only", Plan::clean(seed, runs())),
        ("flaky tests", shaky),
        ("infrastructure", plan().with(0, What::EngineFails(0.3))),
    ]
}

#[test]
fn nothing_fires_over_clean_runs() {
    let mut found = Vec::new();
    for (seed, (name, plan)) in seeds().flat_map(|seed| clean(seed).map(|plan| (seed, plan))) {
        let alarms = alarms(&plan, 0);
        println!(
            "{} alarms over {} clean runs: {name}",
            alarms.len(),
            plan.runs
        );
        found.extend(alarms.into_iter().map(|alarm| (name, seed, alarm)));
    }
    assert_eq!(found, []);
}

#[test]
fn what_is_planted_fires_soon_and_nothing_else_does() {
    for (what, trigger, within) in [
        (What::AllTests(1.7), Trigger::SlowTests, 15),
        (What::AllTests(6.0), Trigger::SlowTests, 15),
        (What::ReportsLost, Trigger::LostReports, 6),
        (What::BuildsFail(0.4), Trigger::FailedBuilds, 20),
        (
            What::FailsInContainer("integration", 5),
            Trigger::CriticalTest,
            8,
        ),
    ] {
        for seed in seeds() {
            // What lasts for good hides itself in time, as it becomes the usual.
            let plan = Plan {
                shadow: 1.0,
                ..Plan::clean(seed, AT + 60)
            };
            let plan = plan.with(AT, what.clone());
            let alarms = alarms(&plan, AT - READ);
            let first = alarms.first().copied();
            let Some((run, fired)) = first else {
                panic!("{what:?}, seed {seed}: nothing fires");
            };
            assert_eq!(fired, trigger, "{what:?}, seed {seed}");
            println!("{what:?}: fires after {} runs", run + 1 - AT);
            let after = (AT..AT + within).contains(&run);
            assert!(after, "{what:?}, seed {seed}: first after run {run}");
            let others = alarms.iter().any(|(_, one)| *one != trigger);
            assert!(!others, "{what:?}, seed {seed}: {alarms:?}");
        }
    }
}
