//! What was found so far, and how the findings become a verdict.

use crate::record::{Cause, Class, Failure, Verdict};

/// Failures and warnings in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Failures of the run as a whole (stopped, no image). Legs repeat them, and
    /// are not listed again.
    run: Vec<Failure>,
    /// Failures of legs and steps.
    legs: Vec<Failure>,
    /// Legs that were cancelled because a sibling failed.
    superseded: Vec<Failure>,
    /// Legs without a result, which some failure should account for.
    unexplained: Vec<String>,
    /// What took longer than it may: no explanation for anything else.
    over_budget: Vec<Failure>,
    warnings: Vec<String>,
}

impl Findings {
    /// The run as a whole failed.
    pub(super) fn fail_run(&mut self, failure: Failure) {
        if !self.run.contains(&failure) {
            self.run.push(failure);
        }
    }

    /// A step or a leg (`place`) failed. What the whole run already failed for
    /// is not told again for each leg.
    pub(super) fn fail(&mut self, place: &str, failure: &Failure) {
        let same =
            |known: &Failure| known.cause == failure.cause && known.message == failure.message;
        let stopped = self
            .run
            .iter()
            .any(|known| known.cause.class() == Class::Cancelled);
        if self.run.iter().any(same) || stopped && failure.cause.class() == Class::Cancelled {
            return;
        }
        let failure = Failure {
            message: format!("{place}: {}", failure.message),
            ..failure.clone()
        };
        let list = if failure.cause == Cause::Superseded {
            &mut self.superseded
        } else {
            &mut self.legs
        };
        if !list.contains(&failure) {
            list.push(failure);
        }
    }

    /// Something took longer than it may.
    pub(super) fn over_budget(&mut self, failure: Failure) {
        self.over_budget.push(failure);
    }

    /// Something that does not fail the run.
    pub(super) fn warn(&mut self, message: impl Into<String>) {
        let message = message.into();
        if !self.warnings.contains(&message) {
            self.warnings.push(message);
        }
    }

    /// A leg has no result. That is a failure unless another one accounts for it.
    pub(super) fn unexplained(&mut self, message: &str) {
        self.unexplained.push(message.to_owned());
    }

    /// Whether anything failed so far, cancelled siblings not counted.
    pub(super) fn any_failure(&self) -> bool {
        !self.run.is_empty() || !self.legs.is_empty()
    }

    /// Whether the run as a whole failed: stopped, or without its image.
    pub(super) fn run_failed(&self) -> bool {
        !self.run.is_empty()
    }

    /// Whether something failed that makes it plain why results are missing.
    pub(super) fn explains_absence(&self) -> bool {
        self.run
            .iter()
            .chain(&self.legs)
            .any(|failure| outranks_absence(failure.cause))
    }

    /// Adds a fact to the failures that bear this message.
    pub(super) fn add_evidence(&mut self, message: &str, fact: &str) {
        for failure in &mut self.legs {
            if failure.message == message {
                failure.evidence.push(fact.to_owned());
            }
        }
    }

    /// The verdict. A leg that was cancelled for a failed sibling, or that has
    /// no result, decides nothing where a failure accounts for it.
    pub(super) fn verdict(mut self, coverage_min: Option<f64>) -> Verdict {
        if self.any_failure() {
            for failure in &self.superseded {
                self.warnings.push(failure.message.clone());
            }
        } else if self.superseded.is_empty() {
            self.legs.extend(
                self.unexplained
                    .iter()
                    .map(|message| Failure::new(Cause::Invariant, message.clone())),
            );
        } else {
            self.legs.append(&mut self.superseded);
        }
        let failures = self.run.into_iter().chain(self.legs);
        let failures = failures.chain(self.over_budget).collect();
        let mut verdict = Verdict::of(failures, self.warnings);
        verdict.coverage_min = coverage_min;
        verdict
    }
}

/// Whether a failure for this reason comes before "a report is missing", so that
/// a report missing in consequence is no failure of its own. Infrastructure
/// counts too: what the engine lost says nothing about the tests, and the run
/// must keep the exit code that means "try again".
pub(super) fn outranks_absence(cause: Cause) -> bool {
    cause.class() < Class::NoReport || cause.class() == Class::Infrastructure
}
