//! The judgement: a [`RunRecord`] and a [`Policy`] in, a [`Verdict`] out.
//!
//! A run passes only by positive evidence. What is missing, masked, skipped on
//! this machine or contradictory is a failure or a warning, never silence. This
//! room does no I/O, so it judges a saved `run.json` exactly as it judged the
//! run.

mod budgets;
mod coverage;
mod findings;
mod left_out;
mod leg;
mod limits;
mod missing;
mod quarantine;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use crate::record::{Cause, Conclusion, Failure, RunRecord, Verdict};
use findings::Findings;

pub(crate) use budgets::Budgets;
pub(crate) use coverage::against as coverage_against;
pub(crate) use left_out::{LeftOutGroup, left_out, left_out_groups};
pub(crate) use leg::broken;
pub(crate) use limits::{Judged as CoverageJudged, Limits, PackageMin};
pub(crate) use quarantine::Quarantined;

/// What a run is held against.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policy {
    /// The least total coverage, where there is one.
    pub(crate) coverage_min: Option<Threshold>,
    /// Whether the workflow measures coverage, so that none is a failure.
    pub(crate) coverage_due: bool,
    /// What coverage is held against beside that.
    pub(crate) limits: Limits,
    /// What a masked failure (`|| true`) means.
    pub(crate) masked: Masked,
    /// What it may take.
    pub(crate) budgets: Budgets,
    /// Tests whose failure is forgiven.
    pub(crate) quarantine: Vec<Quarantined>,
}

/// The least total coverage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Threshold {
    /// In percent, 0 to 100.
    pub(crate) percent: f64,
    /// Digits after the point that the total is rounded to before it is
    /// compared (coverage.py's `precision`).
    pub(crate) precision: u8,
    /// Who asks for it, in words: `--coverage-min`, `fail_under in
    /// pyproject.toml`.
    pub(crate) source: String,
}

/// What it means when a step succeeds although tests of its report failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Masked {
    /// The run fails.
    Deny,
    /// The run passes with a warning.
    Warn,
}

/// Judges a run.
pub(crate) fn judge(record: &RunRecord, policy: &Policy) -> Verdict {
    let mut findings = Findings::default();
    if let Some(stopped) = &record.stopped {
        findings.fail_run(stopped.clone());
    }
    for image in &record.images {
        // Where the jobs went on without images, as was allowed, none is missed.
        if let Some(failure) = &image.failure
            && record.fallback.is_none()
        {
            findings.fail_run(failure.clone());
        }
    }
    // What the user left out needs no warning; what cannot run here does.
    for group in left_out(record).iter().filter(|group| !group.chosen) {
        findings.warn(format!("{}, so not tested here", group.line()));
    }
    for job in &record.jobs {
        leg::judge(record, job, policy, &mut findings);
    }
    let applied = if whole(record, &mut findings) {
        coverage::judge(record, policy, &mut findings)
    } else {
        None
    };
    quarantine::told(&policy.quarantine, record, &mut findings);
    budgets::judge(record, policy.budgets, &mut findings);
    findings.verdict(applied)
}

/// What can be said of the legs only together. Whether any leg ran.
fn whole(record: &RunRecord, findings: &mut Findings) -> bool {
    let mut left_out = 0;
    let mut ran = false;
    for job in &record.jobs {
        if job.planned.left_out.is_some() {
            left_out += 1;
            continue;
        }
        ran |= job.conclusion != Some(Conclusion::Skipped);
        let leg = &job.planned.key;
        match job.conclusion {
            Some(Conclusion::Cancelled) => findings.unexplained(&format!("{leg}: was cancelled")),
            None => findings.unexplained(&format!("{leg}: never came to an end")),
            Some(Conclusion::Success | Conclusion::Failure | Conclusion::Skipped) => {}
        }
    }
    if ran || findings.any_failure() {
        return ran;
    }
    if left_out > 0 {
        findings.fail_run(
            Failure::new(
                Cause::NoTestsCollected,
                "no job ran here: every one is skipped or left out",
            )
            .with_evidence(format!(
                "{left_out} of {} jobs are left out",
                record.jobs.len()
            )),
        );
    } else {
        findings.warn("no job ran: every one was skipped");
    }
    ran
}
