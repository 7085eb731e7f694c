//! Which leg runs when: each job starts the moment its own `needs` are done.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::{Id, JoinError, JoinSet};

use crate::engine::Stop;
use crate::expr::Value;
use crate::plan::{Leg, PlanJob};
use crate::record::{Cause, Conclusion, EventKind, Failure, JobKey, Level};

use super::contexts::{self, Pairs};
use super::stop::{Cancel, Cancelled, stop_wanted};
use super::turn::{Task, tell_not_run};
use super::{Shared, leg};

/// How a job ended.
#[derive(Debug, Clone)]
pub(super) struct Done {
    /// Its id within its workflow.
    pub(super) id: String,
    /// The result of all its legs together.
    pub(super) result: Conclusion,
    /// Its outputs.
    pub(super) outputs: Pairs,
}

/// What a leg's task gives back.
struct LegDone {
    job: usize,
    key: JobKey,
    /// How many legs of the run had ended before it.
    order: u64,
    ended: leg::Ended,
}

/// A job of which legs are under way.
struct Under {
    left: usize,
    results: Vec<Conclusion>,
    /// Outputs of legs that have ended, with the order of their ends.
    outputs: Vec<(u64, Pairs)>,
    cancel: watch::Sender<Option<Cancel>>,
}

/// What the jobs of a workflow have of the leg that calls it.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// Tells whether it is cancelled.
    pub(super) cancelled: Cancelled,
    /// The tickets of the concurrency groups that it and its callers are in.
    pub(super) within: Vec<u64>,
}

/// Runs all jobs of a workflow and gives their results.
///
/// Boxed, since a job may call a workflow, which is run the same way.
pub(super) fn run<'a>(
    shared: &'a Arc<Shared>,
    jobs: &'a [PlanJob],
    secrets: &'a Arc<Pairs>,
    caller: Caller,
) -> Pin<Box<dyn Future<Output = Vec<Done>> + Send + 'a>> {
    let schedule = Schedule {
        shared,
        secrets,
        jobs: jobs.to_vec(),
        done: Vec::new(),
        under: BTreeMap::new(),
        ready: Vec::new(),
        tasks: JoinSet::new(),
        of_task: BTreeMap::new(),
        caller,
    };
    Box::pin(schedule.run())
}

/// The jobs of one workflow on their way.
struct Schedule<'a> {
    shared: &'a Arc<Shared>,
    secrets: &'a Arc<Pairs>,
    jobs: Vec<PlanJob>,
    done: Vec<Done>,
    under: BTreeMap<usize, Under>,
    /// Legs that have queued and are still to begin.
    ready: Vec<(usize, Task)>,
    tasks: JoinSet<LegDone>,
    /// Job and leg of each task.
    of_task: BTreeMap<Id, (usize, Leg)>,
    caller: Caller,
}

impl Schedule<'_> {
    async fn run(mut self) -> Vec<Done> {
        let mut waiting: Vec<usize> = (0..self.jobs.len()).collect();
        let mut told = false;
        loop {
            // A job that is skipped may free others at once: until nothing changes.
            let mut changed = true;
            while changed {
                changed = false;
                for index in std::mem::take(&mut waiting) {
                    if self.is_ready(index) {
                        changed = true;
                        self.start(index);
                    } else {
                        waiting.push(index);
                    }
                }
            }
            self.begin();
            let finished = tokio::select! {
                finished = self.tasks.join_next() => finished,
                cancel = stop_wanted(&mut self.caller.cancelled), if !told => {
                    told = true;
                    for entry in self.under.values() {
                        entry.cancel.send_replace(Some(cancel.clone()));
                    }
                    continue;
                }
            };
            match finished {
                None => return self.done,
                Some(Ok(finished)) => self.finish(finished),
                Some(Err(error)) => self.panicked(&error),
            }
        }
    }

    /// Lets the legs begin that have queued. All of them have before one begins, so that
    /// what comes of a concurrency group does not depend on how long a leg takes.
    fn begin(&mut self) {
        for (job, task) in self.ready.drain(..) {
            let leg = task.leg.clone();
            let handle = self.tasks.spawn(async move {
                let key = task.leg.key.clone();
                let (order, ended) = task.run().await;
                LegDone {
                    job,
                    key,
                    order,
                    ended,
                }
            });
            self.of_task.insert(handle.id(), (job, leg));
        }
    }

    /// Ends a leg that panicked, which cannot do so by itself. The others go on; what it
    /// had on the engine is the watchdog's.
    fn panicked(&mut self, error: &JoinError) {
        let Some((index, leg)) = self.of_task.remove(&error.id()) else {
            return;
        };
        let Some(job) = self.jobs.get(index) else {
            return;
        };
        let failure = Failure::new(Cause::Panic, format!("internal error: {error}"));
        tell_not_run(
            self.shared,
            job,
            &leg,
            Conclusion::Failure,
            Some(&failure),
            None,
        );
        if let Some(under) = self.under.get(&index).filter(|_| job.fail_fast) {
            under.cancel.send_replace(Some(Cancel::Sibling));
        }
        let order = self.shared.count_end();
        self.finish(LegDone {
            job: index,
            key: leg.key,
            order,
            ended: leg::Ended {
                conclusion: Conclusion::Failure,
                outputs: Vec::new(),
                host: None,
            },
        });
    }

    fn is_ready(&self, index: usize) -> bool {
        self.jobs.get(index).is_some_and(|job| {
            job.needs
                .iter()
                .all(|need| self.done.iter().any(|done| done.id == *need))
        })
    }

    /// Takes the end of a leg.
    fn finish(&mut self, finished: LegDone) {
        let LegDone {
            job: index,
            key,
            order,
            ended,
        } = finished;
        if let Some(host) = ended.host {
            // Jobs that wait for this one need its results, not its removal.
            let shared = Arc::clone(self.shared);
            self.shared.closing.spawn(async move {
                let (of_task, of_leg) = (Arc::clone(&shared), key.clone());
                let closing =
                    tokio::spawn(async move { leg::close(&of_task, &of_leg, host.as_ref()).await });
                if let Err(error) = closing.await {
                    let message = format!("internal error while the job was removed: {error}");
                    shared.setup.bus.notice(Level::Error, Some(&key), message);
                }
            });
        }
        let (Some(entry), Some(job)) = (self.under.get_mut(&index), self.jobs.get(index)) else {
            return;
        };
        entry.left -= 1;
        entry.results.push(ended.conclusion);
        entry.outputs.push((order, ended.outputs));
        if entry.left == 0
            && let Some(entry) = self.under.remove(&index)
        {
            self.done.push(Done {
                id: job.job.id.value.clone(),
                result: Conclusion::combine(entry.results),
                outputs: together(entry.outputs),
            });
        }
    }

    /// Starts the legs of a job whose needs are done, or tells why not.
    fn start(&mut self, index: usize) {
        let Some(job) = self.jobs.get(index) else {
            return;
        };
        match self.wanted(job) {
            Ok(needs) => match self.planned(job, &needs) {
                Ok(planned) => {
                    if let Some(planned) = planned
                        && let Some(job) = self.jobs.get_mut(index)
                    {
                        *job = planned;
                    }
                    self.start_legs(index, &needs);
                }
                Err(failure) => {
                    self.not_started(index, Conclusion::Failure, Some(&failure), None);
                }
            },
            Err(Unwanted {
                conclusion,
                failure,
                note,
            }) => self.not_started(index, conclusion, failure.as_ref(), note.as_deref()),
        }
    }

    /// Whether a job is to run, with its `needs` context.
    fn wanted(&self, job: &PlanJob) -> Result<Value, Unwanted> {
        if let Some((failure, note)) = self.ended() {
            return Err(Unwanted {
                conclusion: Conclusion::Cancelled,
                failure,
                note: note.map(ToOwned::to_owned),
            });
        }
        // Who tells of the jobs before has decided that this one runs.
        if let Some(told) = &job.told_needs {
            return Ok(told.clone());
        }
        let needs = self.needs(job);
        let ancestors = self.ancestors(job);
        match contexts::job_condition(self.shared, job, needs.clone(), &ancestors) {
            Ok(true) => Ok(needs),
            Ok(false) => Err(Unwanted {
                conclusion: Conclusion::Skipped,
                failure: None,
                note: Some(skip_reason(job, &ancestors)),
            }),
            Err(error) => Err(Unwanted {
                conclusion: Conclusion::Failure,
                failure: Some(Failure::new(
                    Cause::WorkflowInvalid,
                    format!("the condition of job `{}`: {}", job.id, error.message),
                )),
                note: None,
            }),
        }
    }

    /// Why nothing more is to be started, if that is so.
    fn ended(&self) -> Option<(Option<Failure>, Option<&'static str>)> {
        if self.shared.setup.halt.borrow().level != Stop::Run {
            return Some((None, Some("the run was stopped")));
        }
        self.caller.cancelled.borrow().as_ref().map(Cancel::told)
    }

    /// The job with its legs, where these depend on what other jobs gave.
    fn planned(&self, job: &PlanJob, needs: &Value) -> Result<Option<PlanJob>, Failure> {
        if !job.pending {
            return Ok(None);
        }
        let planner = &self.shared.setup.plan.planner;
        let planned = planner
            .job(&job.frame, &job.job, Some(needs))
            .map_err(|problems| in_words(&problems))?;
        let Some(placeholder) = job.legs.first() else {
            return Ok(Some(planned));
        };
        let mut legs = Vec::new();
        planned.running(&mut legs);
        self.shared.setup.bus.emit(EventKind::JobExpanded {
            job: placeholder.key.clone(),
            legs: legs.iter().map(|(job, leg)| leg.planned(job)).collect(),
        });
        Ok(Some(planned))
    }

    /// Tells that none of a job's legs is run.
    fn not_started(
        &mut self,
        index: usize,
        conclusion: Conclusion,
        failure: Option<&Failure>,
        note: Option<&str>,
    ) {
        let Some(job) = self.jobs.get(index) else {
            return;
        };
        for leg in &job.legs {
            tell_not_run(self.shared, job, leg, conclusion, failure, note);
        }
        self.done.push(Done {
            id: job.job.id.value.clone(),
            result: conclusion,
            outputs: Vec::new(),
        });
    }

    /// Starts the legs of a job.
    fn start_legs(&mut self, index: usize, needs: &Value) {
        let Some(job) = self.jobs.get(index) else {
            return;
        };
        let (cancel, cancelled) = watch::channel(self.caller.cancelled.borrow().clone());
        let limit = Arc::new(Semaphore::new(
            job.max_parallel.unwrap_or(Semaphore::MAX_PERMITS),
        ));
        let mut left = 0;
        let mut before: Option<oneshot::Receiver<()>> = None;
        for leg in &job.legs {
            if leg.left_out.is_some() {
                tell_not_run(self.shared, job, leg, Conclusion::Skipped, None, None);
                continue;
            }
            left += 1;
            let (begun, begins) = oneshot::channel::<()>();
            let before = before.replace(begins);
            let mut task = Task {
                shared: Arc::clone(self.shared),
                secrets: Arc::clone(self.secrets),
                job: job.clone(),
                leg: leg.clone(),
                needs: needs.clone(),
                caller: Caller {
                    cancelled: cancelled.clone(),
                    within: self.caller.within.clone(),
                },
                limit: Arc::clone(&limit),
                turn: None,
                group: Ok(None),
                before,
                begun: Some(begun),
                cancel: cancel.clone(),
            };
            // Here and not in its own time, so that legs queue in their order.
            task.queue_now();
            self.ready.push((index, task));
        }
        if left == 0 {
            self.done.push(Done {
                id: job.job.id.value.clone(),
                result: Conclusion::Skipped,
                outputs: Vec::new(),
            });
            return;
        }
        self.under.insert(
            index,
            Under {
                left,
                results: Vec::new(),
                outputs: Vec::new(),
                cancel,
            },
        );
    }

    /// The `needs` context of a job.
    fn needs(&self, job: &PlanJob) -> Value {
        let needed: Vec<&Done> = job
            .needs
            .iter()
            .filter_map(|need| self.done.iter().find(|done| done.id == *need))
            .collect();
        contexts::needs(needed)
    }

    /// Results of all jobs that a job depends on, directly or not: `success()` and
    /// `failure()` of a job's `if` look at all of them.
    fn ancestors(&self, job: &PlanJob) -> Vec<(String, Conclusion)> {
        let mut open: Vec<&str> = job.needs.iter().map(String::as_str).collect();
        let mut found: Vec<(String, Conclusion)> = Vec::new();
        while let Some(id) = open.pop() {
            if found.iter().any(|(known, _)| known == id) {
                continue;
            }
            if let Some(ended) = self.done.iter().find(|done| done.id == id) {
                found.push((id.to_owned(), ended.result));
            }
            if let Some(next) = self.jobs.iter().find(|job| job.job.id.value == id) {
                open.extend(next.needs.iter().map(String::as_str));
            }
        }
        found.reverse();
        found
    }
}

/// The outputs of a job: of two legs that give the same one, that which ends later wins.
/// Tasks may be joined in another order than legs end in.
fn together(mut legs: Vec<(u64, Pairs)>) -> Pairs {
    legs.sort_by_key(|(order, _)| *order);
    let mut outputs = Pairs::new();
    for (_, of_leg) in legs {
        contexts::overlay(&mut outputs, of_leg);
    }
    outputs
}

/// Why a job is not run.
struct Unwanted {
    conclusion: Conclusion,
    failure: Option<Failure>,
    note: Option<String>,
}

/// Problems of a job that was planned while the run goes, as one failure.
fn in_words(problems: &[(Cause, crate::workflow::Problem)]) -> Failure {
    let Some((cause, first)) = problems.first() else {
        return Failure::new(Cause::Invariant, "a job cannot be planned");
    };
    let mut failure = Failure::new(*cause, first.to_string());
    for (_, problem) in problems.iter().skip(1) {
        failure = failure.with_evidence(problem.to_string());
    }
    failure
}

/// Why a job is skipped, for people.
fn skip_reason(job: &PlanJob, ancestors: &[(String, Conclusion)]) -> String {
    let bad: Vec<String> = ancestors
        .iter()
        .filter(|(_, result)| *result != Conclusion::Success)
        .map(|(id, result)| format!("{id} was {}", past(*result)))
        .collect();
    match (&job.job.condition, bad.is_empty()) {
        (Some(text), true) => format!("its condition does not hold: {}", text.value),
        (_, false) => bad.join(", "),
        (None, true) => "its condition does not hold".to_owned(),
    }
}

fn past(result: Conclusion) -> &'static str {
    match result {
        Conclusion::Success => "successful",
        Conclusion::Failure => "a failure",
        Conclusion::Cancelled => "cancelled",
        Conclusion::Skipped => "skipped",
    }
}
