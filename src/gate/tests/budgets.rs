//! What a run may take.

use super::policy;
use crate::gate::sample::{Leg, Run, coverage};
use crate::gate::{Budgets, Policy, judge};
use crate::record::{Cause, Failure, RunRecord, Verdict};

const MINUTE: u64 = 60_000;

/// A run with one leg, judged after a change.
fn judged(budgets: Budgets, change: impl FnOnce(&mut RunRecord)) -> Verdict {
    let leg = Leg::new("unit", 0).tests(1_000, 3).covers(coverage(900));
    let mut record = Run::of([leg])
        .image(30_000, None)
        .merged(coverage(900))
        .record();
    change(&mut record);
    let policy = Policy {
        budgets,
        ..policy()
    };
    judge(&record, &policy)
}

fn told(verdict: &Verdict) -> Vec<(Cause, &str)> {
    let failures = verdict.failures.iter();
    failures
        .map(|failure| (failure.cause, failure.message.as_str()))
        .collect()
}

#[test]
fn a_run_within_its_budgets_passes() {
    let verdict = judged(Budgets::default(), |_| {});
    assert!(verdict.passed, "{verdict:?}");
}

#[test]
fn the_total_is_held_where_something_is_cached() {
    let long = |record: &mut RunRecord| {
        record.finished_at = Some(record.started_at + 5 * MINUTE + 12_345);
    };
    let verdict = judged(Budgets::default(), long);
    assert_eq!(
        told(&verdict),
        [(
            Cause::TotalBudget,
            "the run took 5 min 12 s, and the budget is 5 min"
        )]
    );
    assert_eq!(verdict.exit_code, 13);
    assert!(verdict.failures[0].evidence[0].contains("[budgets]"));
    let exactly = judged(Budgets::default(), |record| {
        record.finished_at = Some(record.started_at + 5 * MINUTE);
    });
    assert!(exactly.passed);
    let cold = judged(Budgets::default(), |record| {
        long(record);
        record.images[0].cached = 0;
    });
    assert!(
        cold.passed && cold.warnings[0].contains("without a cache"),
        "{cold:?}"
    );
    let off = Budgets {
        total: None,
        ..Budgets::default()
    };
    assert!(judged(off, long).passed);
}

#[test]
fn a_build_is_held_where_something_is_cached() {
    let slow = |cached: u32| {
        judged(Budgets::default(), move |record| {
            record.images[0].millis = 2 * MINUTE + 100;
            record.images[0].cached = cached;
        })
    };
    assert_eq!(told(&slow(1))[0].0, Cause::BuildBudget);
    assert!(told(&slow(1))[0].1.contains("took 2 min 00 s"));
    assert!(slow(0).passed);
}

#[test]
fn starting_counts_from_when_the_image_is_there() {
    let starts = |image: Option<u64>| {
        judged(Budgets::default(), move |record| {
            let leg = &mut record.jobs[0];
            let begun = leg.started_at.unwrap();
            leg.ready_at = Some(begun + 40_500);
            record.images[0].finished_at = image.map(|after| begun + after);
        })
    };
    assert_eq!(
        told(&starts(None)),
        [(
            Cause::StartupBudget,
            "unit: its container took 40.5 s to start, and the budget is 30 s"
        )]
    );
    assert!(starts(Some(20_000)).passed);
}

#[test]
fn other_failures_come_first_and_a_stopped_run_is_not_held() {
    let over = |record: &mut RunRecord| {
        record.finished_at = Some(record.started_at + 6 * MINUTE);
    };
    let low = judged(Budgets::default(), |record| {
        over(record);
        record.coverage = Some(coverage(100));
    });
    let causes: Vec<Cause> = told(&low).into_iter().map(|(cause, _)| cause).collect();
    assert_eq!(causes, [Cause::BelowThreshold, Cause::TotalBudget]);
    assert_eq!(low.exit_code, 3);
    let stopped = judged(Budgets::default(), |record| {
        over(record);
        record.stopped = Some(Failure::new(Cause::UserInterrupt, "Ctrl-C"));
    });
    assert!(
        !told(&stopped)
            .iter()
            .any(|(cause, _)| *cause == Cause::TotalBudget)
    );
}
