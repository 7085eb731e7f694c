//! Records → what was seen of each test on each side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use crate::record::{
    Cause, Class, Conclusion, Failure, JobFacts, JobKey, JobRecord, RunRecord, TestCase,
    TestOutcome, is_zero,
};

/// One of the two sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// The runner: what holds today.
    Control,
    /// The container: what shall hold tomorrow.
    Candidate,
}

impl Role {
    /// The side in words.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Candidate => "candidate",
        }
    }
}

/// One test of one leg.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct TestKey {
    /// The leg.
    pub(crate) job: JobKey,
    /// Its node id.
    pub(crate) id: String,
    /// How many tests of the same id came before it in the leg: steps may run a test again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) again: u32,
}

/// What was seen of one test on one side, over all runs of its leg that can be used.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    /// How often it passed.
    pub(crate) passed: u32,
    /// How often it failed.
    pub(crate) failed: u32,
    /// How often it was skipped.
    pub(crate) skipped: u32,
    /// Why it failed or was skipped, each reason once, the first first.
    pub(crate) reasons: Vec<Reason>,
    /// Whether no run of its leg can be used.
    pub(crate) lost: bool,
}

impl Tally {
    /// How often it was seen.
    pub(crate) fn seen(&self) -> u32 {
        self.passed + self.failed + self.skipped
    }

    fn add(&mut self, case: &TestCase, facts: Option<&JobFacts>) {
        match case.outcome {
            TestOutcome::Passed => self.passed += 1,
            TestOutcome::Skipped => self.skipped += 1,
            TestOutcome::Failed | TestOutcome::Error => self.failed += 1,
        }
        if case.outcome != TestOutcome::Passed {
            let reason = Reason::of(case, facts);
            if !self.reasons.iter().any(|known| known.same(&reason)) {
                self.reasons.push(reason);
            }
        }
    }

    /// The first reason for which it failed or, where it never did, was skipped.
    pub(crate) fn reason(&self) -> Option<&Reason> {
        let failing = self.reasons.iter().find(|reason| !reason.skipped);
        failing.or(self.reasons.first())
    }
}

/// One leg on one side.
#[derive(Debug, Default)]
pub(super) struct LegSide<'a> {
    /// Its records that can be used, in the order of the runs.
    pub(super) usable: Vec<&'a JobRecord>,
    /// Why the others cannot.
    pub(super) lost: Vec<Failure>,
}

impl<'a> LegSide<'a> {
    /// What its environment was like.
    pub(super) fn facts(&self) -> Option<&'a JobFacts> {
        self.usable.iter().find_map(|job| job.facts.as_deref())
    }

    /// Whether it ran and can be used in no run.
    pub(super) fn is_lost(&self) -> bool {
        self.usable.is_empty() && !self.lost.is_empty()
    }
}

/// Everything that was seen on one side.
#[derive(Debug, Default)]
pub(super) struct Observed<'a> {
    /// Its legs.
    pub(super) legs: BTreeMap<&'a JobKey, LegSide<'a>>,
    /// Its tests.
    pub(super) tests: BTreeMap<TestKey, Tally>,
}

impl<'a> Observed<'a> {
    /// Looks through the runs of one side.
    pub(super) fn of(runs: &'a [RunRecord]) -> Self {
        let mut observed = Self::default();
        for run in runs {
            for job in &run.jobs {
                observed.job(run, job);
            }
        }
        observed
    }

    fn job(&mut self, run: &RunRecord, job: &'a JobRecord) {
        if job.planned.left_out.is_some() || job.conclusion == Some(Conclusion::Skipped) {
            return;
        }
        let leg = self.legs.entry(&job.planned.key).or_default();
        if let Some(failure) = lost(run, job) {
            leg.lost.push(failure);
            return;
        }
        leg.usable.push(job);
        let facts = job.facts.as_deref();
        let mut again: BTreeMap<String, u32> = BTreeMap::new();
        let reports = job.steps.iter().flat_map(|step| &step.tests);
        for case in reports.flat_map(|report| &report.cases) {
            let id = without_places(&case.id, facts);
            let count = again.entry(id.clone()).or_default();
            let key = TestKey {
                job: job.planned.key.clone(),
                id,
                again: *count,
            };
            *count += 1;
            self.tests.entry(key).or_default().add(case, facts);
        }
    }

    /// What was seen of a test; nothing, where it or its leg was not there.
    pub(super) fn tally(&self, key: &TestKey) -> Tally {
        match self.tests.get(key) {
            Some(tally) => tally.clone(),
            None => Tally {
                lost: self.legs.get(&key.job).is_some_and(LegSide::is_lost),
                ..Tally::default()
            },
        }
    }

    /// What the environment of a leg was like.
    pub(super) fn facts(&self, job: &JobKey) -> Option<&'a JobFacts> {
        self.legs.get(job).and_then(LegSide::facts)
    }

    /// How many tests were run, and how many of them never passed.
    pub(super) fn failing(&self) -> (usize, usize) {
        let ran = self.tests.values().filter(|t| t.passed + t.failed > 0);
        let failing = ran.clone().filter(|tally| tally.passed == 0);
        (ran.count(), failing.count())
    }
}

/// Why nothing can be concluded from a leg: its environment could not be had, or it was
/// stopped from outside. What its tests did is another matter.
fn lost(run: &RunRecord, job: &JobRecord) -> Option<Failure> {
    let of_leg = job.failure.iter();
    // What a step may do, it may do here, too.
    let failed = job
        .steps
        .iter()
        .filter(|step| step.conclusion != Some(Conclusion::Success));
    let of_steps = failed.filter_map(|step| step.failure.as_ref());
    let mut found = of_leg
        .chain(of_steps)
        .filter(|failure| match failure.cause.class() {
            Class::Internal
            | Class::Cancelled
            | Class::Config
            | Class::Policy
            | Class::BuildFailed
            | Class::Infrastructure => true,
            Class::TestsFailed
            | Class::CommandFailed
            | Class::Timeout
            | Class::ResourceLimit
            | Class::NoReport
            | Class::Coverage
            | Class::Comparison
            | Class::Cleanup
            | Class::Performance => false,
        });
    let ended = !matches!(job.conclusion, None | Some(Conclusion::Cancelled));
    let cut_off = || {
        let message = "it was cut off";
        let failure = Failure::new(Cause::EngineLost, message);
        run.stopped.clone().unwrap_or(failure)
    };
    found
        .next()
        .cloned()
        .or_else(|| (!ended && job.failure.is_none()).then(cut_off))
}

/// An id without the folders of its own environment, which parameters may hold.
fn without_places(id: &str, facts: Option<&JobFacts>) -> String {
    let mut id = id.to_owned();
    let places = facts.map(|facts| [(&facts.cwd, "{cwd}"), (&facts.home, "{home}")]);
    for (place, name) in places.into_iter().flatten() {
        if let Some(place) = place.as_deref().filter(|place| place.len() > 1) {
            id = id.replace(place, name);
        }
    }
    id
}
