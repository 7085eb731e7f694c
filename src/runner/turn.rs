//! One leg: its turn among its siblings, its slot, its end.

use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot, watch};

use crate::engine::Stop;
use crate::expr::Value;
use crate::plan::{Leg, PlanJob};
use crate::record::{Conclusion, EventKind, Failure};

use super::contexts::Pairs;
use super::{Shared, call, leg};

/// Why a leg whose sibling failed is not run.
pub(super) const SIBLING: &str = "a sibling leg failed (fail-fast)";

/// One leg that waits for its turn.
pub(super) struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) secrets: Arc<Pairs>,
    pub(super) job: PlanJob,
    pub(super) leg: Leg,
    pub(super) needs: Value,
    pub(super) cancelled: watch::Receiver<bool>,
    pub(super) limit: Arc<Semaphore>,
    /// Comes when the leg before has its turn: legs begin in their order.
    pub(super) before: Option<oneshot::Receiver<()>>,
    /// Tells the next one that this one has its turn.
    pub(super) begun: oneshot::Sender<()>,
    /// Cancels the siblings.
    pub(super) cancel: watch::Sender<bool>,
}

impl Task {
    /// Runs the leg, and tells with its end how many legs had ended before it.
    pub(super) async fn run(self) -> (u64, leg::Ended) {
        let Self {
            shared,
            secrets,
            job,
            leg,
            needs,
            cancelled,
            limit,
            before,
            begun,
            cancel,
        } = self;
        if let Some(before) = before {
            let _ = before.await;
        }
        // Siblings first wait for their own job's turn, then for a free slot.
        let turn = limit.acquire().await;
        let slot = match leg.call {
            // Its own legs need the slots.
            Some(_) => None,
            None => Some(shared.slots.acquire().await),
        };
        drop(begun);
        let stopped = shared.setup.halt.borrow().level != Stop::Run;
        if stopped || *cancelled.borrow() {
            let note = if stopped {
                "the run was stopped"
            } else {
                SIBLING
            };
            let conclusion = Conclusion::Cancelled;
            tell_not_run(&shared, &job, &leg, conclusion, None, Some(note));
            let ended = leg::Ended {
                conclusion,
                outputs: Vec::new(),
                host: None,
            };
            return (shared.count_end(), ended);
        }
        let ended = match &leg.call {
            Some(jobs) => call::run(&shared, &job, &leg, jobs, needs, &secrets, cancelled).await,
            None => leg::run(&shared, &job, &leg, needs, secrets, cancelled).await,
        };
        // Counted and told before the turn is given on: the next leg ends later, or
        // must not begin.
        let order = shared.count_end();
        if ended.conclusion == Conclusion::Failure && job.fail_fast {
            let _ = cancel.send(true);
        }
        drop((turn, slot));
        (order, ended)
    }
}

/// Tells that a leg is not run, and with it those of the workflow that it calls.
pub(super) fn tell_not_run(
    shared: &Shared,
    job: &PlanJob,
    leg: &Leg,
    conclusion: Conclusion,
    failure: Option<&Failure>,
    note: Option<&str>,
) {
    let mut legs = Vec::new();
    match &leg.call {
        Some(jobs) => jobs.iter().for_each(|job| job.running(&mut legs)),
        None => legs.push((job, leg)),
    }
    for (_, leg) in legs {
        let left_out = leg.left_out.as_ref().map(|one| one.reason.as_str());
        shared.setup.bus.emit(EventKind::JobFinished {
            job: leg.key.clone(),
            conclusion,
            failure: failure.cloned(),
            note: left_out.or(note).map(ToOwned::to_owned),
        });
    }
}
