//! Commits that ran on both sides.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::Entry;
use crate::record::{Conclusion, TestOutcome};

/// A commit with runs on the runner and in containers: of `compare`, or of shadow runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pair<'a> {
    /// The commit.
    pub(crate) sha: &'a str,
    /// Its runs on the runner.
    pub(crate) control: Vec<&'a Entry>,
    /// Its runs in containers.
    pub(crate) candidate: Vec<&'a Entry>,
}

/// A test that passes on the runner, and fails in the container on the same commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The leg.
    pub(crate) leg: String,
    /// The test.
    pub(crate) test: String,
    /// How the container's report has it, one line.
    pub(crate) message: String,
}

/// The commits with both sides, the last one first. Runs of a changed tree say nothing of
/// their commit, and are left out.
pub(crate) fn pairs<'a>(entries: &[&'a Entry]) -> Vec<Pair<'a>> {
    let mut commits: BTreeMap<&str, Pair<'a>> = BTreeMap::new();
    for &entry in entries {
        if entry.sha.is_empty() || entry.dirty {
            continue;
        }
        let pair = commits.entry(&entry.sha).or_insert_with(|| Pair {
            sha: &entry.sha,
            control: Vec::new(),
            candidate: Vec::new(),
        });
        match entry.in_containers() {
            true => pair.candidate.push(entry),
            false => pair.control.push(entry),
        }
    }
    let mut pairs: Vec<Pair<'a>> = commits
        .into_values()
        .filter(|pair| !pair.control.is_empty() && !pair.candidate.is_empty())
        .collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.last()));
    pairs
}

impl Pair<'_> {
    /// When its last run began.
    fn last(&self) -> u64 {
        let all = self.control.iter().chain(&self.candidate);
        all.map(|entry| entry.started_at).max().unwrap_or_default()
    }

    /// Tests that failed in every container run that has them, and passed in every run on
    /// the runner: what differs now and then is flaky, not different.
    pub(crate) fn mismatches(&self) -> Vec<Mismatch> {
        let passes = |outcome| outcome == TestOutcome::Passed;
        let fails = |outcome| matches!(outcome, TestOutcome::Failed | TestOutcome::Error);
        let control = outcomes(&self.control);
        outcomes(&self.candidate)
            .into_iter()
            .filter(|(key, seen)| {
                let other = control.get(key);
                seen.outcomes.iter().copied().all(fails)
                    && other.is_some_and(|other| other.outcomes.iter().copied().all(passes))
            })
            .map(|((leg, test), seen)| Mismatch {
                leg: leg.to_owned(),
                test: test.to_owned(),
                message: seen.message.to_owned(),
            })
            .collect()
    }

    /// Legs without a test in common that failed in every container run, and succeeded in
    /// every run on the runner. `None` where no leg can be compared: neither a test nor a
    /// result is known of both sides.
    pub(crate) fn failed_legs(&self) -> Option<Vec<&str>> {
        let (control, candidate) = (legs(&self.control), legs(&self.candidate));
        let both = control.iter().filter_map(|(leg, one)| {
            let other = candidate.get(leg)?;
            if !one.tests.is_disjoint(&other.tests) {
                return Some((*leg, false));
            }
            let known = !one.succeeded.is_empty() && !other.succeeded.is_empty();
            let differ =
                one.succeeded.iter().all(|&yes| yes) && other.succeeded.iter().all(|&yes| !yes);
            known.then_some((*leg, differ))
        });
        let both: Vec<(&str, bool)> = both.collect();
        let failed = both.iter().filter(|(_, differ)| *differ);
        (!both.is_empty()).then(|| failed.map(|(leg, _)| *leg).collect())
    }
}

/// What was seen of a leg on one side.
#[derive(Default)]
struct Leg<'a> {
    tests: BTreeSet<&'a str>,
    /// Whether it succeeded, of each run in which it came to its end.
    succeeded: Vec<bool>,
}

fn legs<'a>(runs: &[&'a Entry]) -> BTreeMap<&'a str, Leg<'a>> {
    let mut seen: BTreeMap<&str, Leg<'_>> = BTreeMap::new();
    for leg in runs.iter().flat_map(|run| &run.legs) {
        let one = seen.entry(&leg.key).or_default();
        let tests = leg.steps.iter().flat_map(|step| &step.tests);
        one.tests.extend(tests.map(|test| test.id.as_str()));
        match leg.conclusion {
            Some(Conclusion::Success) => one.succeeded.push(true),
            Some(Conclusion::Failure) => one.succeeded.push(false),
            Some(Conclusion::Cancelled | Conclusion::Skipped) | None => {}
        }
    }
    seen
}

/// What was seen of a test on one side.
#[derive(Default)]
struct Seen<'a> {
    outcomes: Vec<TestOutcome>,
    message: &'a str,
}

fn outcomes<'a>(runs: &[&'a Entry]) -> BTreeMap<(&'a str, &'a str), Seen<'a>> {
    let mut seen: BTreeMap<(&str, &str), Seen<'a>> = BTreeMap::new();
    for run in runs {
        for (leg, test) in run.tests() {
            let one = seen.entry((&leg.key, &test.id)).or_default();
            one.outcomes.push(test.outcome);
            if one.message.is_empty() {
                one.message = &test.message;
            }
        }
    }
    seen
}
