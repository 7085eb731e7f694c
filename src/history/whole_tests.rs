//! Parts of runs become whole runs.

#![allow(clippy::unwrap_used)]

use std::convert::Infallible;

use super::simulated::Plan;
use super::{Entry, last_wholes, wholes};
use crate::record::{CiRun, Conclusion};

/// A run of CI as the parts of its legs: each says of the other legs of its job that it left
/// them out.
fn parts(of: &Entry, attempt: u32) -> Vec<Entry> {
    let part = |at: usize| {
        let mut part = of.clone();
        part.run.0 = format!("{}-{attempt}-{at}", of.run);
        part.partial = true;
        part.ci_run = Some(CiRun {
            id: of.run.0.clone(),
            attempt,
        });
        part.started_at += 10 * at as u64;
        part.coverage = part.coverage.filter(|_| at == 0);
        for (other, leg) in part.legs.iter_mut().enumerate() {
            if other != at {
                leg.conclusion = None;
                leg.steps.clear();
                leg.millis = None;
            }
        }
        part
    };
    (0..of.legs.len()).map(part).collect()
}

/// Clean runs in containers that have all their legs.
fn runs(count: usize) -> Vec<Entry> {
    let mut plan = Plan::clean(7, count);
    (plan.partial, plan.infrastructure, plan.failing) = (0.0, 0.0, 0.0);
    plan.entries()
}

#[test]
fn the_parts_of_a_run_are_the_run() {
    let of = runs(40);
    let mut all: Vec<Entry> = of.iter().flat_map(|run| parts(run, 1)).collect();
    // In whatever order they come.
    all.reverse();
    let found = wholes(all);
    assert_eq!(found.len(), of.len());
    for (found, of) in found.iter().zip(&of) {
        assert!(!found.partial, "{:?}", of.run);
        assert_eq!(found.legs, of.legs);
        assert_eq!(found.images, of.images);
        assert_eq!(found.coverage, of.coverage);
        assert_eq!((found.passed, found.exit_code), (of.passed, of.exit_code));
        assert_eq!(found.reports_collected, of.reports_collected);
        assert_eq!(found.started_at, of.started_at);
        assert_eq!(found.finished_at, of.finished_at);
    }
}

#[test]
fn what_is_no_part_stays_as_it_is() {
    let mut all = runs(6);
    // Somebody asked for one job, and nobody else belongs to it.
    all[2].partial = true;
    // A job that is all of its workflow.
    all[3].ci_run = Some(CiRun {
        id: "7".to_owned(),
        attempt: 1,
    });
    assert_eq!(wholes(all.clone()), all);
    assert!(wholes(Vec::new()).is_empty());
}

#[test]
fn a_run_that_lacks_a_leg_is_not_whole() {
    let of = runs(3);
    let mut all: Vec<Entry> = of.iter().flat_map(|run| parts(run, 1)).collect();
    let gone = all.remove(0);
    let found = wholes(all.clone());
    assert!(found[0].partial, "the other runs have the leg");
    assert!(!found[1].partial && !found[2].partial);
    // A history that never saw the leg misses nothing: the cache of CI has one for each job.
    let of_one_leg = |entry: &Entry| ran(entry) == ran(&gone);
    let one: Vec<Entry> = of.iter().flat_map(|run| parts(run, 1)).collect();
    let one: Vec<Entry> = one.into_iter().filter(of_one_leg).collect();
    assert_eq!(one.len(), 3);
    assert!(wholes(one).iter().all(|run| !run.partial));
}

fn ran(entry: &Entry) -> Vec<&str> {
    let ended = entry.legs.iter().filter(|leg| leg.conclusion.is_some());
    ended.map(|leg| leg.key.as_str()).collect()
}

#[test]
fn a_second_attempt_of_some_jobs_is_not_whole() {
    let of = runs(1);
    let first = parts(&of[0], 1);
    let mut second: Vec<Entry> = parts(&of[0], 2).into_iter().take(1).collect();
    // Jobs that are no leg of the same matrix are not even left out.
    second[0].legs.retain(|leg| leg.conclusion.is_some());
    second[0].started_at += 1_000_000;
    let found = wholes([first, second].concat());
    let partial: Vec<bool> = found.iter().map(|run| run.partial).collect();
    assert_eq!(partial, [false, true]);
}

#[test]
fn one_part_that_failed_is_why_the_run_did() {
    let of = runs(1);
    let mut all = parts(&of[0], 1);
    let last = all.last_mut().unwrap();
    (last.passed, last.exit_code) = (Some(false), Some(9));
    last.reports_collected = Some(false);
    last.legs.last_mut().unwrap().conclusion = Some(Conclusion::Failure);
    let found = wholes(all.clone());
    assert_eq!(
        (found[0].passed, found[0].exit_code),
        (Some(false), Some(9))
    );
    assert_eq!(found[0].reports_collected, Some(false));
    // One that was killed leaves no verdict.
    let last = all.last_mut().unwrap();
    (last.passed, last.exit_code, last.finished_at) = (None, None, None);
    let found = wholes(all);
    assert_eq!((found[0].passed, found[0].exit_code), (None, None));
    assert_eq!(found[0].finished_at, None);
}

#[test]
fn both_sides_of_a_shadow_run_are_two_runs() {
    let of = runs(1);
    let mut control = of[0].clone();
    control.engine = "host (no container)".to_owned();
    let found = wholes([parts(&of[0], 1), parts(&control, 1)].concat());
    let sides: Vec<bool> = found.iter().map(Entry::in_containers).collect();
    assert_eq!(found.len(), 2);
    assert!(sides.contains(&true) && sides.contains(&false));
    assert!(found.iter().all(|run| !run.partial));
}

#[test]
fn as_many_rows_are_read_as_the_runs_have_parts() {
    let of = runs(30);
    let all: Vec<Entry> = of.iter().flat_map(|run| parts(run, 1)).collect();
    let mut reads = Vec::new();
    let read = |rows: u64| {
        reads.push(rows);
        let from = all.len().saturating_sub(usize::try_from(rows).unwrap());
        Ok::<_, Infallible>(all[from..].to_vec())
    };
    let found = last_wholes(20, read).unwrap();
    // Four legs a run: 80 rows are 20 runs, and the first of them might lack a part.
    assert_eq!(reads, [20, 80, 320]);
    assert_eq!(found.len(), 20);
    assert!(
        found
            .iter()
            .all(|run| !run.partial && run.legs.len() == of[0].legs.len())
    );
    assert_eq!(
        found.last().unwrap().started_at,
        of.last().unwrap().started_at
    );
    // Whole runs need no second look.
    let whole = last_wholes(20, |rows| {
        assert_eq!(rows, 20);
        Ok::<_, Infallible>(of[10..].to_vec())
    });
    assert_eq!(whole.unwrap(), of[10..]);
}
