#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod flaky;
mod properties;

use super::grown::grown;
use super::judge::judge;
use super::metric::Metric;
use super::series::groups;
use super::{Change, Judgement, Kind, Trend};
use crate::history::Entry;
use crate::history::simulated::{Plan, What};

/// Runs of a simulated history.
const RUNS: usize = 2_000;
/// The run from which on something is different.
const AT: usize = 1_000;
/// How many histories are simulated: one, or what is asked for (decision 0035).
fn seeds() -> std::ops::Range<u64> {
    let said = std::env::var("SEATRIAL_SIMULATED").ok();
    0..said.map_or(1, |count| count.parse().unwrap())
}

/// The trends of the machines that most runs are on.
fn trends(entries: &[Entry]) -> Vec<Trend> {
    let groups = groups(entries);
    let most = groups.into_iter().max_by_key(|group| group.runs).unwrap();
    assert_eq!(most.machine, "ci, docker, 4 cores, 16 GiB");
    most.series.into_iter().map(judge).collect()
}

fn trend(trends: &[Trend], name: &str) -> Trend {
    let named = |trend: &&Trend| trend.metric.name() == name;
    trends.iter().find(named).unwrap().clone()
}

#[test]
fn a_job_called_like_a_figure_is_told_apart() {
    let of_job = |leg: &str| Metric {
        kind: Kind::Job,
        leg: leg.to_owned(),
        step: String::new(),
        cache: None,
    };
    assert_eq!(of_job("coverage").name(), "job coverage");
    assert_eq!(of_job("unit (3.12)").name(), "unit (3.12)");
}

/// How many comparable runs too late (or too early) a trend's only change is said to begin, and
/// after how many comparable runs it was known.
fn located(trend: &Trend) -> (i64, usize) {
    let [_, new] = trend.levels[..] else {
        panic!("{}: {:?}", trend.metric.name(), trend.levels);
    };
    let truth = trend.points.iter().position(|point| point.run >= AT);
    let truth = truth.unwrap();
    let late = i64::try_from(new.from).unwrap() - i64::try_from(truth).unwrap();
    (late, new.found + 1 - truth)
}

/// The entries up to the run with which the change of a trend was known, and what is said then.
fn when_found(entries: &[Entry], trend: &Trend) -> (usize, Trend, Change) {
    let until = trend.points[trend.levels[1].found].run + 1;
    let then = self::trend(&trends(&entries[..until]), &trend.metric.name());
    let change = then.judgement.change().unwrap();
    (until, then, change)
}

#[test]
fn each_planted_change_of_level_is_found_soon_and_in_its_place() {
    let cases: [(&str, What, &str, &str); 8] = [
        (
            "a leg",
            What::Tests("unit (3.12)", 1.3),
            "unit (3.12)",
            "unit (3.12) › Run tests",
        ),
        (
            "all tests",
            What::AllTests(1.3),
            "tests",
            "integration › Run tests",
        ),
        (
            "total",
            What::Tests("integration", 1.3),
            "total (warm)",
            "integration › Run tests",
        ),
        (
            "a layer",
            What::Layer("RUN pip install -r requirements.txt", 1.5),
            "build (partly)",
            "RUN pip install -r requirements.txt",
        ),
        (
            "image",
            What::ImageBytes(60 << 20),
            "image-size",
            "Dockerfile.test",
        ),
        (
            "coverage",
            What::Coverage(1.5),
            "coverage",
            "shop/orders.py",
        ),
        (
            "start",
            What::Startup(2.0),
            "startup",
            "integration › start of the container",
        ),
        ("queue", What::Queue(30_000), "queue", "integration"),
    ];
    let seeds = || seeds().map(|seed| seed + 100);
    for (seed, (what, change, name, part)) in
        seeds().flat_map(|seed| cases.clone().map(|case| (seed, case)))
    {
        let entries = Plan::clean(seed, RUNS).with(AT, change).entries();
        let found = trend(&trends(&entries), name);
        let (late, after) = located(&found);
        println!("{seed} {what}: begins {late:+} runs off, known after {after} comparable runs");
        let rough = matches!(name, "startup" | "queue" | "total (warm)");
        let (beside, within) = if rough { (6, 12) } else { (3, 8) };
        assert!(late.abs() <= beside, "{seed} {what}: {late}");
        assert!(after <= within, "{seed} {what}: {after}");
        let (until, then, change) = when_found(&entries, &found);
        assert!(matches!(then.judgement, Judgement::Regression(_)), "{what}");
        assert!(!change.drift, "{what}");
        let parts = grown(&then, &change, &entries[..until]);
        if name == "startup" || name == "queue" {
            assert!(!parts.is_empty());
            continue;
        }
        assert_eq!(parts[0].part, part, "{what}");
    }
}

#[test]
fn a_slow_drift_is_found_and_told_as_one() {
    // A tenth of a percent with each run: 10 % after 100 runs.
    let drift = What::Drift("unit (3.12)", 0.001);
    let entries = Plan::clean(5, RUNS).with(AT, drift).entries();
    let found = trend(&trends(&entries), "unit (3.12)");
    let known = found.points[found.levels[1].found].run;
    println!(
        "a drift of 0.1 % with each run: known after {} runs",
        known - AT
    );
    assert!(known > AT && known < AT + 250, "{known}");
    let (until, then, change) = when_found(&entries, &found);
    assert!(matches!(then.judgement, Judgement::Regression(_)));
    assert!(change.drift);
    let parts = grown(&then, &change, &entries[..until]);
    assert_eq!(parts[0].part, "unit (3.12) › Run tests");
}

#[test]
fn what_gets_better_is_no_regression_and_what_comes_back_is_over() {
    let better = Plan::clean(8, 300).with(200, What::AllTests(0.6)).entries();
    let tests = trend(&trends(&better[..240]), "tests");
    assert!(matches!(tests.judgement, Judgement::Improvement(_)));
    let over = Plan::clean(8, 300)
        .between(200, 230, What::AllTests(1.5))
        .entries();
    let during = trend(&trends(&over[..229]), "tests");
    assert!(matches!(during.judgement, Judgement::Regression(_)));
    let tests = trend(&trends(&over[..260]), "tests");
    assert_eq!(tests.levels.len(), 3);
    assert_eq!(tests.judgement, Judgement::Steady);
}

#[test]
fn what_stands_long_is_the_normal() {
    let entries = Plan::clean(8, 400).with(200, What::AllTests(1.5)).entries();
    let tests = trend(&trends(&entries), "tests");
    assert_eq!(
        (tests.levels.len(), tests.judgement),
        (2, Judgement::Steady)
    );
    let normal = tests.normal.unwrap();
    assert!(
        (320_000.0..360_000.0).contains(&normal.median),
        "{normal:?}"
    );
}

#[test]
fn nothing_is_said_of_few_runs() {
    let entries = Plan::clean(1, 4).entries();
    for group in groups(&entries) {
        for series in group.series {
            assert_eq!(judge(series).judgement, Judgement::TooFew);
        }
    }
}

#[test]
fn clean_histories_give_no_alarm() {
    let (mut series, mut points, mut alarms) = (0, 0, Vec::new());
    for seed in seeds() {
        for group in groups(&Plan::clean(seed, RUNS).entries()) {
            for one in group.series {
                let trend = judge(one);
                series += 1;
                points += trend.points.len();
                if trend.levels.len() > 1 {
                    alarms.push((seed, trend.metric.name(), trend.levels.clone()));
                }
            }
        }
    }
    println!(
        "{series} series with {points} figures: {} alarms",
        alarms.len()
    );
    assert!(alarms.is_empty(), "{alarms:#?}");
}

#[test]
fn only_comparable_runs_are_compared() {
    let entries = Plan::clean(3, 400).entries();
    let groups = groups(&entries);
    assert_eq!(groups.len(), 2);
    let total: usize = groups.iter().map(|group| group.runs).sum();
    assert_eq!(total, entries.len());
    for group in &groups {
        for series in &group.series {
            for point in &series.points {
                let entry = &entries[point.run];
                assert_eq!(entry.machine_class(), group.machine);
                if series.metric.kind == Kind::Total {
                    assert!(!entry.partial && entry.passed == Some(true));
                }
                if series.metric.kind == Kind::Coverage {
                    assert!(!entry.dirty);
                }
            }
        }
    }
}
