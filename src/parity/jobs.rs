//! Legs, side by side: their results, and what they took.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::measure;
use super::observe::{LegSide, Observed};
use crate::record::{
    Class, Conclusion, Failure, JobFacts, JobKey, JobRecord, ReportKind, TestCounts,
};

/// One leg on both sides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct JobPair {
    /// The leg.
    pub(crate) job: JobKey,
    /// In the control; absent where it did not run there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) control: Option<JobSide>,
    /// In the candidate; absent where it did not run there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) candidate: Option<JobSide>,
}

/// One leg on one side.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct JobSide {
    /// How often it ran.
    pub(crate) runs: usize,
    /// How often it succeeded.
    pub(crate) succeeded: usize,
    /// Why it did not succeed, the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Failure>,
    /// Why runs of it cannot be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lost: Vec<Failure>,
    /// Its tests the first time, by outcome.
    pub(crate) tests: TestCounts,
    /// Reports that were due and did not come out, each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) missing: Vec<ReportKind>,
    /// Opening its environment, the middle of all runs in milliseconds.
    pub(crate) opening: u64,
    /// Its test steps, the middle of all runs in milliseconds.
    pub(crate) test_steps: u64,
    /// What its environment was like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) facts: Option<Box<JobFacts>>,
}

impl JobSide {
    fn of(leg: &LegSide<'_>) -> Self {
        let success =
            |job: &&&crate::record::JobRecord| job.conclusion == Some(Conclusion::Success);
        let failure = leg.usable.iter().find_map(|job| {
            let of_steps = job
                .steps
                .iter()
                .filter(|step| step.conclusion == Some(Conclusion::Failure));
            let first = of_steps.filter_map(|step| step.failure.as_ref()).next();
            first.or(job.failure.as_ref()).cloned()
        });
        Self {
            runs: leg.usable.len() + leg.lost.len(),
            succeeded: leg.usable.iter().filter(success).count(),
            failure,
            lost: leg.lost.clone(),
            tests: leg
                .usable
                .first()
                .map(|job| job.test_counts())
                .unwrap_or_default(),
            missing: missing(leg),
            opening: middle(leg, measure::opening),
            test_steps: middle(leg, measure::tests),
            facts: leg.facts().cloned().map(Box::new),
        }
    }

    /// Whether it ran to an end that says anything, at least once.
    pub(crate) fn is_usable(&self) -> bool {
        self.runs > self.lost.len()
    }

    /// Whether it failed each time, for something other than its tests.
    pub(super) fn always_fails_otherwise(&self) -> Option<&Failure> {
        let failure = self.failure.as_ref()?;
        let by_tests = failure.cause.class() == Class::TestsFailed;
        (self.is_usable() && self.succeeded == 0 && !by_tests).then_some(failure)
    }
}

/// Kinds of report that no run of a leg has brought out as it should.
fn missing(leg: &LegSide<'_>) -> Vec<ReportKind> {
    let of = |job: &JobRecord| -> BTreeSet<ReportKind> {
        job.missing.iter().map(|missing| missing.kind).collect()
    };
    let mut runs = leg.usable.iter().map(|job| of(job));
    let first = runs.next().unwrap_or_default();
    let always = runs.fold(first, |all, one| all.intersection(&one).copied().collect());
    always.into_iter().collect()
}

fn middle(leg: &LegSide<'_>, time: impl Fn(&crate::record::JobRecord) -> u64) -> u64 {
    measure::middle(leg.usable.iter().map(|job| time(job)).collect()).unwrap_or_default()
}

/// All legs of both sides.
pub(super) fn pairs(control: &Observed<'_>, candidate: &Observed<'_>) -> Vec<JobPair> {
    let keys: BTreeSet<&JobKey> = control
        .legs
        .keys()
        .chain(candidate.legs.keys())
        .copied()
        .collect();
    keys.into_iter()
        .map(|job| JobPair {
            job: job.clone(),
            control: control.legs.get(job).map(JobSide::of),
            candidate: candidate.legs.get(job).map(JobSide::of),
        })
        .collect()
}
