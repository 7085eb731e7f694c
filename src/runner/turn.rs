//! One leg: its turn among its siblings and in its concurrency group, its slot, its end.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use crate::engine::Stop;
use crate::expr::Value;
use crate::plan::{ExprPlace, Leg, PlanJob};
use crate::record::{Class, Conclusion, EventKind, Failure};

use super::contexts::{self, JobState, Pairs, Scopes};
use super::groups::Ticket;
use super::schedule::Caller;
use super::script::more_urgent;
use super::stop::{Cancel, stop_wanted};
use super::{Shared, call, concurrency, leg, machine};

/// One leg that waits for its turn.
pub(super) struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) secrets: Arc<Pairs>,
    pub(super) job: PlanJob,
    pub(super) leg: Leg,
    pub(super) needs: Value,
    /// What cancels it, and the groups around it.
    pub(super) caller: Caller,
    pub(super) limit: Arc<Semaphore>,
    /// Its turn among its siblings, once it has it.
    pub(super) turn: Option<OwnedSemaphorePermit>,
    /// Its place in a concurrency group, once it has its turn; or why it gets none.
    pub(super) group: Result<Option<Ticket>, Failure>,
    /// Comes when the leg before has its turn: legs begin in their order.
    pub(super) before: Option<oneshot::Receiver<()>>,
    /// Tells the next one that this one has its turn.
    pub(super) begun: Option<oneshot::Sender<()>>,
    /// Cancels the siblings.
    pub(super) cancel: watch::Sender<Option<Cancel>>,
}

impl Task {
    /// Queues for its concurrency group, where `max-parallel` lets it begin at once.
    pub(super) fn queue_now(&mut self) {
        if let Ok(turn) = Arc::clone(&self.limit).try_acquire_owned() {
            self.turn = Some(turn);
            self.group = self.enter();
        }
    }

    fn enter(&self) -> Result<Option<Ticket>, Failure> {
        let Some(node) = &self.job.job.concurrency else {
            return Ok(None);
        };
        let needs = self.needs.clone();
        let scopes = Scopes::new(
            &self.shared,
            &self.job,
            &self.leg,
            needs,
            None,
            &self.secrets,
        );
        let scope = scopes.of(&JobState::default(), &Vec::new());
        let wish = concurrency::wish(node, |part| contexts::value(part, ExprPlace::Job, &scope))?;
        let ticket = self.shared.groups.enter(&wish, &self.caller.within)?;
        Ok(Some(ticket))
    }

    /// Runs the leg, and tells with its end how many legs had ended before it.
    pub(super) async fn run(mut self) -> (u64, leg::Ended) {
        if let Some(before) = self.before.take() {
            let _ = before.await;
        }
        // Siblings first wait for their own job's turn, then for a free slot.
        if self.turn.is_none() {
            self.turn = Arc::clone(&self.limit).acquire_owned().await.ok();
            self.group = self.enter();
        }
        if let Ok(Some(ticket)) = &self.group
            && ticket.must_wait()
        {
            // The next leg may take its place.
            self.begun = None;
            self.group_turn(ticket).await;
        }
        let shared = Arc::clone(&self.shared);
        let slot = match self.leg.call {
            // Its own legs need the slots.
            Some(_) => None,
            None => Some(shared.slots.acquire().await),
        };
        let place = match slot {
            Some(_) => self.place_on_machine().await,
            None => None,
        };
        self.begun = None;
        let ended = match self.not_begun() {
            Some((conclusion, failure, note)) => {
                let (job, leg) = (&self.job, &self.leg);
                tell_not_run(&shared, job, leg, conclusion, failure.as_ref(), note);
                leg::Ended {
                    conclusion,
                    outputs: Vec::new(),
                    host: None,
                }
            }
            None => self.work().await,
        };
        // Counted and told before the turn is given on: the next leg ends later, or
        // must not begin.
        let order = shared.count_end();
        if ended.conclusion == Conclusion::Failure && self.job.fail_fast {
            self.cancel.send_replace(Some(Cancel::Sibling));
        }
        drop((self.group, self.turn, slot, place));
        (order, ended)
    }

    /// Waits for its turn in its group, as long as nothing else ends the wait.
    async fn group_turn(&self, ticket: &Ticket) {
        let mut halt = self.shared.setup.halt.clone();
        let mut cancelled = self.caller.cancelled.clone();
        tokio::select! {
            () = ticket.turn() => {}
            _ = more_urgent(&mut halt, Stop::Run) => {}
            _ = stop_wanted(&mut cancelled) => {}
        }
    }

    /// Waits for its place on the machine, as long as nothing else ends the wait.
    async fn place_on_machine(&self) -> Option<machine::Place> {
        let setup = &self.shared.setup;
        let machine = setup.machine.as_ref()?;
        let mut halt = setup.halt.clone();
        let mut cancelled = self.caller.cancelled.clone();
        tokio::select! {
            place = machine.place(&setup.bus) => place,
            _ = more_urgent(&mut halt, Stop::Run) => None,
            _ = stop_wanted(&mut cancelled) => None,
        }
    }

    /// Why it must not begin, where that is so: with its conclusion, and either a
    /// failure or a note.
    fn not_begun(&self) -> Option<(Conclusion, Option<Failure>, Option<&'static str>)> {
        if self.shared.setup.halt.borrow().level != Stop::Run {
            return Some((Conclusion::Cancelled, None, Some("the run was stopped")));
        }
        if let Some(cancel) = &*self.caller.cancelled.borrow() {
            let (failure, note) = cancel.told();
            return Some((Conclusion::Cancelled, failure, note));
        }
        let failure = match &self.group {
            Ok(ticket) => ticket.as_ref()?.replaced()?.failure(),
            Err(failure) => failure.clone(),
        };
        let conclusion = match failure.cause.class() {
            Class::Cancelled => Conclusion::Cancelled,
            _ => Conclusion::Failure,
        };
        Some((conclusion, Some(failure), None))
    }

    /// Does the leg's work, cancelled by siblings and by its group.
    async fn work(&self) -> leg::Ended {
        let Ok(Some(ticket)) = &self.group else {
            return self.work_for(self.caller.clone()).await;
        };
        let mut caller = self.caller.clone();
        caller.within.push(ticket.id);
        let (sender, both) = watch::channel(None);
        let mut cancelled = std::mem::replace(&mut caller.cancelled, both);
        let mut work = std::pin::pin!(self.work_for(caller));
        loop {
            let open = sender.borrow().is_none();
            let cancel = tokio::select! {
                ended = &mut work => return ended,
                cancel = stop_wanted(&mut cancelled), if open => cancel,
                cancel = ticket.cancelled(), if open => cancel,
            };
            sender.send_replace(Some(cancel));
        }
    }

    async fn work_for(&self, caller: Caller) -> leg::Ended {
        let (shared, job, leg) = (&self.shared, &self.job, &self.leg);
        let needs = self.needs.clone();
        match &leg.call {
            Some(jobs) => call::run(shared, job, leg, jobs, needs, &self.secrets, caller).await,
            None => {
                let secrets = Arc::clone(&self.secrets);
                leg::run(shared, job, leg, needs, secrets, caller.cancelled).await
            }
        }
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
