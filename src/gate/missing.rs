//! Reports that were due and did not come out.

use super::Policy;
use super::findings::{Findings, outranks_absence};
use super::leg::{place, planned};
use crate::record::{Cause, Conclusion, Failure, JobRecord, MissingReport, ReportKind, StepRecord};

/// What the absence of a report means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// The step that owes it was rightly skipped: nothing is missing.
    NotDue,
    /// The leg was cancelled or failed before the step: another failure tells.
    Lost,
    /// The step itself failed for a graver reason.
    Explained,
    /// Nothing excuses it.
    Stands,
}

/// Judges what is missing of a leg. Whether any of it is a failure.
pub(super) fn judge(leg: &JobRecord, policy: &Policy, findings: &mut Findings) -> bool {
    let mut failed = false;
    for missing in leg.missing.iter().chain(&unannounced(leg)) {
        let place = owner(leg, missing);
        match weigh(leg, missing, policy) {
            Absence::NotDue | Absence::Lost => {}
            Absence::Explained => findings.warn(format!("{place}: {}", missing.failure.message)),
            Absence::Stands => {
                failed = true;
                findings.fail(&place, &missing.failure);
            }
        }
    }
    failed
}

/// Who owes a report, in words.
pub(super) fn owner(leg: &JobRecord, missing: &MissingReport) -> String {
    match missing.step {
        Some(number) => place(leg, number),
        None => leg.planned.key.0.clone(),
    }
}

/// Whether coverage totals rest on this kind of report.
pub(super) fn is_coverage(kind: ReportKind) -> bool {
    match kind {
        ReportKind::Cobertura | ReportKind::Lcov | ReportKind::CoverageData => true,
        ReportKind::Junit | ReportKind::Html => false,
    }
}

/// What the absence of one report means.
pub(super) fn weigh(leg: &JobRecord, missing: &MissingReport, policy: &Policy) -> Absence {
    match leg.conclusion {
        Some(Conclusion::Skipped) => return Absence::NotDue,
        Some(Conclusion::Cancelled) | None => return Absence::Lost,
        Some(Conclusion::Success | Conclusion::Failure) => {}
    }
    let leg_passed = leg.conclusion == Some(Conclusion::Success);
    let unreached = if leg_passed {
        Absence::NotDue
    } else {
        Absence::Lost
    };
    let Some(number) = missing.step else {
        return match &leg.failure {
            Some(failure) if outranks_absence(failure.cause) => Absence::Explained,
            _ => Absence::Stands,
        };
    };
    let Some(step) = step(leg, number) else {
        return if leg_passed {
            Absence::Stands
        } else {
            Absence::Lost
        };
    };
    match (step.outcome, step.conclusion) {
        (_, Some(Conclusion::Skipped)) => unreached,
        (_, Some(Conclusion::Cancelled) | None) if !leg_passed => Absence::Lost,
        (Some(Conclusion::Failure), _) => {
            let forgiven = leg_passed || step.conclusion == Some(Conclusion::Success);
            if forgiven {
                // The failure was allowed; that a threshold goes undecided was not.
                if is_coverage(missing.kind) && policy.coverage_min.is_some() {
                    Absence::Stands
                } else {
                    Absence::Explained
                }
            } else if step.failure.as_ref().is_some_and(|failure| {
                outranks_absence(failure.cause)
                    || failure.cause.class() < missing.failure.cause.class()
            }) {
                Absence::Explained
            } else {
                Absence::Stands
            }
        }
        _ => Absence::Stands,
    }
}

/// Reports that the plan says are due, of steps that succeeded, and of which the
/// record holds neither the report nor the news that it is missing.
fn unannounced(leg: &JobRecord) -> Vec<MissingReport> {
    let mut found = Vec::new();
    let succeeded = leg
        .steps
        .iter()
        .filter(|step| step.outcome == Some(Conclusion::Success));
    for step in succeeded {
        let due = planned(leg, step.number).map_or(&[][..], |planned| &planned.due);
        for kind in due {
            let there = match kind {
                ReportKind::Junit => !step.tests.is_empty(),
                ReportKind::Cobertura | ReportKind::Lcov => !leg.coverage.is_empty(),
                // These leave no trace in the record when they are there.
                ReportKind::Html | ReportKind::CoverageData => true,
            };
            let announced = leg.missing.iter().any(|missing| {
                missing.kind == *kind && missing.step.is_none_or(|owner| owner == step.number)
            });
            if !there && !announced {
                let message = format!("the {} did not come out", kind.label());
                found.push(MissingReport {
                    step: Some(step.number),
                    kind: *kind,
                    failure: Failure::new(Cause::ReportMissing, message),
                });
            }
        }
    }
    found
}

fn step(leg: &JobRecord, number: u32) -> Option<&StepRecord> {
    leg.steps.iter().find(|step| step.number == number)
}
