//! The triggers over the runs of a history.
//!
//! Only whole runs in containers count. Failures of the infrastructure (engine, network,
//! disk, registry) are counted apart: they say nothing of the move into containers, and
//! going back would not mend them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::critical::critical_test;
use super::rules::Rules;
use super::trigger::{Evidence, Trigger, Watched};
use crate::history::{Entry, ImageEntry, LegEntry};
use crate::record::Class;

/// Runs before the last ones that the usual time is taken from.
const BASELINE: usize = 30;
/// The fewest runs that make a usual time.
const BASELINE_LEAST: usize = 5;
/// The fewest runs whose time is held against the limit.
const LIMIT_LEAST: usize = 3;
/// Most runs that are named as evidence.
pub(super) const NAMED: usize = 10;

/// What the triggers see.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Judgement {
    /// Runs in containers that were looked at.
    pub(crate) runs: usize,
    /// Those of them that failed by the infrastructure.
    pub(crate) infrastructure: usize,
    /// The triggers, in their order.
    pub(crate) watched: Vec<Watched>,
}

impl Judgement {
    /// The triggers that speak for going back.
    pub(crate) fn fired(&self) -> impl Iterator<Item = &Watched> {
        self.watched.iter().filter(|one| one.fired)
    }
}

/// Judges the runs of one workflow, the last one first.
pub(crate) fn judge(entries: &[Entry], rules: &Rules) -> Judgement {
    let whole: Vec<&Entry> = entries.iter().filter(|entry| !entry.partial).collect();
    // One that fell back to the runner meant to run in a container.
    let meant: Vec<&Entry> = whole
        .iter()
        .copied()
        .filter(|entry| entry.in_containers() || entry.fallback.is_some())
        .collect();
    let window: Vec<&Entry> = meant.iter().copied().take(rules.window).collect();
    let sound: Vec<&Entry> = meant
        .iter()
        .copied()
        .filter(|entry| !by_infrastructure(entry))
        .collect();
    let watched = Trigger::ALL.map(|trigger| match trigger {
        Trigger::SlowTests => slow_tests(&sound, rules),
        Trigger::LostReports => lost_reports(&sound, rules),
        Trigger::FailedBuilds => failed_builds(&sound, rules),
        Trigger::CriticalTest => critical_test(&whole, rules),
    });
    Judgement {
        runs: window.len(),
        infrastructure: window
            .iter()
            .filter(|entry| by_infrastructure(entry))
            .count(),
        watched: watched.into(),
    }
}

/// Whether the infrastructure is why a run failed.
pub(super) fn by_infrastructure(entry: &Entry) -> bool {
    let reasons = entry.failures.first().into_iter().chain(&entry.fallback);
    reasons
        .into_iter()
        .any(|reason| reason.class() == Some(Class::Infrastructure))
}

/// What a trigger sees.
pub(super) fn watched(
    trigger: Trigger,
    fired: bool,
    seen: String,
    evidence: Vec<Evidence>,
) -> Watched {
    Watched {
        trigger,
        fired,
        seen,
        evidence,
    }
}

/// A run with what of it counts.
pub(super) fn evidence(entry: &Entry, text: String) -> Evidence {
    Evidence {
        run: entry.run.0.clone(),
        sha: entry.sha.clone(),
        text,
    }
}

/// The middle time of the tests over some runs, in milliseconds: that of the leg whose test
/// steps take longest, as legs run side by side. Each leg has its own middle: an outlier of
/// one and an outlier of another, in different runs, are not a slow workflow. `None` where no
/// test step ended.
fn test_time(runs: &[&Entry]) -> Option<u64> {
    let mut legs: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for leg in runs.iter().flat_map(|entry| &entry.legs) {
        legs.entry(&leg.key).or_default().extend(leg_time(leg));
    }
    legs.into_values().filter_map(median).max()
}

/// What the test steps of a leg took, in milliseconds.
fn leg_time(leg: &LegEntry) -> Option<u64> {
    let tests = leg.steps.iter().filter(|step| step.test);
    tests
        .filter_map(|step| step.millis)
        .reduce(u64::saturating_add)
}

/// Whether the times of two runs can be compared.
fn same_machine(one: &Entry, other: &Entry) -> bool {
    let of = |entry: &Entry| (entry.source, entry.cpus, entry.memory >> 30);
    of(one) == of(other)
}

fn slow_tests(sound: &[&Entry], rules: &Rules) -> Watched {
    let timed: Vec<&Entry> = sound
        .iter()
        .copied()
        .filter(|entry| entry.in_containers() && test_time(&[entry]).is_some())
        .collect();
    let comparable: Vec<&Entry> = timed
        .iter()
        .copied()
        .filter(|entry| {
            timed
                .first()
                .is_some_and(|newest| same_machine(entry, newest))
        })
        .collect();
    let (last, before) = comparable.split_at(rules.slow_runs.min(comparable.len()));
    let Some(now) = test_time(last) else {
        return watched(
            Trigger::SlowTests,
            false,
            "no run tells how long its tests took".to_owned(),
            Vec::new(),
        );
    };
    let base = Some(before)
        .filter(|before| before.len() >= BASELINE_LEAST)
        .and_then(|before| test_time(before.get(..BASELINE).unwrap_or(before)));
    let too_long = last.len() >= LIMIT_LEAST.min(rules.slow_runs) && now > rules.test_millis;
    let slower = base.is_some_and(|base| {
        now.saturating_mul(100) > base.saturating_mul(100 + rules.slower_percent)
    });
    let usual = match base {
        Some(base) => format!("{} before", seconds(base)),
        None => format!("no usual time: fewer than {BASELINE_LEAST} runs before"),
    };
    let seen = format!(
        "the tests take {} ({usual}); allowed are {}, and {} % more than before",
        seconds(now),
        seconds(rules.test_millis),
        rules.slower_percent
    );
    let evidence = last
        .iter()
        .filter_map(|entry| {
            let took = seconds(test_time(&[entry])?);
            Some(evidence(entry, format!("tests took {took}")))
        })
        .collect();
    watched(Trigger::SlowTests, too_long || slower, seen, evidence)
}

fn lost_reports(sound: &[&Entry], rules: &Rules) -> Watched {
    // A run that owed no report neither loses one nor brings one.
    let lost: Vec<&Entry> = sound
        .iter()
        .copied()
        .filter(|entry| entry.reports_collected.is_some())
        .take_while(|entry| entry.reports_collected == Some(false))
        .collect();
    let seen = format!(
        "{} in a row lost reports; allowed are {}",
        runs(lost.len()),
        rules.lost_reports
    );
    let evidence = lost
        .iter()
        .take(NAMED)
        .map(|entry| {
            let missing = entry
                .failures
                .iter()
                .find(|failure| failure.class() == Some(Class::NoReport));
            let text = missing.map_or("a report that was due did not come out", |reason| {
                reason.message.as_str()
            });
            evidence(entry, text.to_owned())
        })
        .collect();
    watched(
        Trigger::LostReports,
        lost.len() > rules.lost_reports,
        seen,
        evidence,
    )
}

fn failed_builds(sound: &[&Entry], rules: &Rules) -> Watched {
    let failure = |entry: &Entry| -> Option<String> {
        let of_image = |image: &ImageEntry| image.failure.clone();
        let reason = entry.images.iter().find_map(of_image);
        let reason = reason.or_else(|| entry.fallback.clone())?;
        Some(reason.message)
    };
    let with_image: Vec<&Entry> = sound
        .iter()
        .copied()
        .filter(|entry| !entry.images.is_empty() || entry.fallback.is_some())
        .take(rules.window.max(rules.failed_builds_runs))
        .collect();
    let failed: Vec<Evidence> = with_image
        .iter()
        .filter_map(|entry| Some(evidence(entry, failure(entry)?)))
        .collect();
    let total = with_image.len();
    let enough = total >= rules.failed_builds_runs;
    let allowed = rules.failed_builds_percent;
    let fired = enough && failed.len() as u64 * 100 > total as u64 * allowed;
    let few = match enough {
        true => String::new(),
        false => format!(" of {} at least", runs(rules.failed_builds_runs)),
    };
    let seen = format!(
        "images failed in {} of the last {}; allowed are {allowed} %{few}",
        failed.len(),
        runs(total)
    );
    watched(
        Trigger::FailedBuilds,
        fired,
        seen,
        failed.into_iter().take(NAMED).collect(),
    )
}

/// The middle one; of an even number the lower of the two.
fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

fn seconds(millis: u64) -> String {
    match millis {
        0..100_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000),
    }
}

fn runs(count: usize) -> String {
    counted(count, "run")
}

/// A number of things, in words.
pub(super) fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
