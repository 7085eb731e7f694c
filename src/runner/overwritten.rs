//! Reports that several steps of a job write to the same place, one after the other: each
//! counts, not only the last.

use std::collections::BTreeSet;

use crate::plan::{DueReport, Placement, PlanStep};
use crate::record::{Cause, Failure, ReportKind};

use super::collect::{bring, place_of, target_of};
use super::leg::Running;

/// Brings out the reports of earlier steps that the step which comes now will write anew.
/// Whoever finds them at the end finds those of the last step only.
pub(super) async fn bring_before(running: &mut Running<'_>, next: &PlanStep) {
    let Some(now) = running.ran.last().filter(|_| writes(next)) else {
        return;
    };
    let places: BTreeSet<(ReportKind, String)> = next
        .due
        .iter()
        .filter(|due| due.kind != ReportKind::Html)
        .map(|due| (due.kind, place_of(running, now, due)))
        .collect();
    let steps = running.leg.every_step();
    let mut found = Vec::new();
    for ran in running.ran.iter().filter(|ran| ran.step != next.number) {
        let planned = steps.iter().find(|step| step.number == ran.step);
        let Some(planned) = planned.filter(|planned| writes(planned)) else {
            continue;
        };
        for due in &planned.due {
            let place = place_of(running, ran, due);
            let one = (ran.step, due.kind, place.clone());
            if places.contains(&(due.kind, place)) && !running.overwritten.contains_key(&one) {
                found.push((*planned, due, ran.started, one));
            }
        }
    }
    if found.is_empty() || running.host.freeze().await.is_err() {
        return;
    }
    let mut targets = std::mem::take(&mut running.targets);
    for (planned, due, started, one) in found {
        let target = target_of(running, planned, due, &one.2, &mut targets);
        let due = (due, one.2.as_str());
        bring(running, planned, started, due, target.clone()).await;
        running.overwritten.insert(one, target);
    }
    running.targets = targets;
    if let Err(error) = running.host.thaw().await {
        running.warn(&format!("the job's container stays frozen: {error}"));
    }
}

/// Whether a step writes the reports that it owes, and does not only upload them.
fn writes(planned: &PlanStep) -> bool {
    matches!(
        planned.placement,
        Placement::Container | Placement::ThisMachine
    )
}

/// A report that is no younger than its step and, to the byte, what an earlier step left
/// in the same place was not written by this one.
pub(super) fn check_new(
    running: &Running<'_>,
    due: &DueReport,
    place: &str,
    target: &str,
) -> Result<(), Failure> {
    let root = running.shared.setup.run_dir.path();
    let same = running
        .overwritten
        .iter()
        .any(|((_, kind, where_), taken)| {
            // What coverage came out is written anew with other paths: only its age tells.
            *kind == due.kind
                && *kind == ReportKind::Junit
                && where_ == place
                && std::fs::read(root.join(taken)).ok() == std::fs::read(root.join(target)).ok()
        });
    if !same {
        return Ok(());
    }
    Err(Failure::new(
        Cause::ReportStale,
        format!(
            "{} {place} is still that of an earlier step",
            due.kind.label()
        ),
    ))
}
