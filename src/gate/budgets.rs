//! What a run may take: the promise that a team makes itself of its tests.

use super::findings::Findings;
use crate::record::{Cause, Failure, ImageRecord, RunRecord};

/// One minute.
const MINUTE: u64 = 60_000;

/// What a run may take, in milliseconds. What is absent is not held against anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budgets {
    /// The run from start to end, where images need not be built from nothing.
    pub(crate) total: Option<u64>,
    /// Building an image of which some steps came from the cache.
    pub(crate) build: Option<u64>,
    /// The start of a container with its services.
    pub(crate) startup: Option<u64>,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            total: Some(5 * MINUTE),
            build: Some(2 * MINUTE),
            startup: Some(MINUTE / 2),
        }
    }
}

/// Holds a run against its budgets, unless it was stopped.
pub(super) fn judge(record: &RunRecord, budgets: Budgets, findings: &mut Findings) {
    if record.stopped.is_some() {
        return;
    }
    total(record, budgets, findings);
    for image in &record.images {
        let over = budgets.build.filter(|budget| image.millis > *budget);
        if let (Some(budget), Caching::Some) = (over, Caching::of(image)) {
            let message = format!(
                "building {} with a cache took {}, and the budget is {}",
                image.name,
                time(image.millis),
                time(budget)
            );
            findings.over_budget(over_budget(Cause::BuildBudget, message, "build"));
        }
    }
    for leg in &record.jobs {
        let took = record.startup_millis(leg);
        let over = took.zip(budgets.startup);
        if let Some((took, budget)) = over.filter(|(took, budget)| took > budget) {
            let message = format!(
                "{}: its container took {} to start, and the budget is {}",
                leg.planned.key,
                time(took),
                time(budget)
            );
            findings.over_budget(over_budget(Cause::StartupBudget, message, "startup"));
        }
    }
}

fn total(record: &RunRecord, budgets: Budgets, findings: &mut Findings) {
    let took = record
        .finished_at
        .map(|end| end.saturating_sub(record.started_at));
    let Some((took, budget)) = took
        .zip(budgets.total)
        .filter(|(took, budget)| took > budget)
    else {
        return;
    };
    let message = format!(
        "the run took {}, and the budget is {}",
        time(took),
        time(budget)
    );
    let mut images = record.images.iter();
    if images.any(|image| Caching::of(image) == Caching::Nothing) {
        findings.warn(format!(
            "{message}; no failure, because an image was built without a cache"
        ));
    } else {
        findings.over_budget(over_budget(Cause::TotalBudget, message, "total"));
    }
}

fn over_budget(cause: Cause, message: String, key: &str) -> Failure {
    Failure::new(cause, message).with_evidence(format!(
        "hint: `{key}` in `[budgets]` of seatrial.toml sets another budget, or `false` for none; \
         `seatrial trends` shows what grew"
    ))
}

/// What was there of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caching {
    /// It was not built.
    NotBuilt,
    /// At least one step.
    Some,
    /// No step.
    Nothing,
}

impl Caching {
    fn of(image: &ImageRecord) -> Self {
        match (image.steps, image.cached) {
            (0, _) => Self::NotBuilt,
            (_, 0) => Self::Nothing,
            _ => Self::Some,
        }
    }
}

/// A time as a person says it: `5 min`, `4 min 12 s`, `31.2 s`.
fn time(millis: u64) -> String {
    let tenths = millis.saturating_add(50) / 100;
    let (minutes, tenths) = (tenths / 600, tenths % 600);
    match (minutes, tenths) {
        (0, tenths) if tenths % 10 == 0 => format!("{} s", tenths / 10),
        (0, tenths) => format!("{}.{} s", tenths / 10, tenths % 10),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, tenths) => format!("{minutes} min {:02} s", tenths / 10),
    }
}
