//! Which leg runs when: each job starts the moment its own `needs` are done.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;

use crate::engine::Stop;
use crate::plan::PlanJob;
use crate::record::{Cause, Conclusion, EventKind, Failure, JobKey};

use super::contexts::{self, Pairs};
use super::{Shared, leg};

/// How a job ended.
#[derive(Debug, Clone)]
struct Done {
    result: Conclusion,
    outputs: Pairs,
}

/// What a leg's task gives back.
struct LegDone {
    job: usize,
    key: JobKey,
    ended: leg::Ended,
}

/// A job of which legs are under way.
struct Under {
    left: usize,
    results: Vec<Conclusion>,
    outputs: Pairs,
}

/// Runs all jobs.
pub(super) async fn run(shared: &Arc<Shared>) {
    let jobs = &shared.setup.plan.jobs;
    let mut done: BTreeMap<String, Done> = BTreeMap::new();
    let mut under: BTreeMap<usize, Under> = BTreeMap::new();
    let mut waiting: Vec<usize> = (0..jobs.len()).collect();
    let mut tasks: JoinSet<LegDone> = JoinSet::new();
    let mut closing: JoinSet<()> = JoinSet::new();
    loop {
        // A job that is skipped may free others at once: until nothing changes.
        let mut changed = true;
        while changed {
            changed = false;
            for index in std::mem::take(&mut waiting) {
                let Some(job) = jobs.get(index) else { continue };
                if !job.needs.iter().all(|need| done.contains_key(need)) {
                    waiting.push(index);
                    continue;
                }
                changed = true;
                match start(shared, index, job, &done, &mut tasks) {
                    Started::Legs(begun) => {
                        under.insert(index, begun);
                    }
                    Started::Not(result) => {
                        done.insert(
                            job.job.id.value.clone(),
                            Done {
                                result,
                                outputs: Vec::new(),
                            },
                        );
                    }
                }
            }
        }
        let Some(finished) = tasks.join_next().await else {
            break;
        };
        let finished = match finished {
            Ok(finished) => finished,
            Err(error) => {
                // A leg that panicked: its job can never end by itself.
                shared.setup.bus.emit(EventKind::Notice {
                    level: crate::record::Level::Error,
                    job: None,
                    message: format!("internal error in a leg: {error}"),
                });
                continue;
            }
        };
        let LegDone {
            job: index,
            key,
            ended,
        } = finished;
        if let Some(host) = ended.host {
            // Jobs that wait for this one need its results, not its removal.
            let shared = Arc::clone(shared);
            closing.spawn(async move { leg::close(&shared, &key, host.as_ref()).await });
        }
        let Some(entry) = under.get_mut(&index) else {
            continue;
        };
        entry.left -= 1;
        entry.results.push(ended.conclusion);
        contexts::overlay(&mut entry.outputs, ended.outputs);
        if entry.left == 0
            && let Some(job) = jobs.get(index)
            && let Some(entry) = under.remove(&index)
        {
            done.insert(
                job.job.id.value.clone(),
                Done {
                    result: Conclusion::combine(entry.results),
                    outputs: entry.outputs,
                },
            );
        }
    }
    while closing.join_next().await.is_some() {}
}

enum Started {
    Legs(Under),
    Not(Conclusion),
}

/// Starts the legs of a job whose needs are done, or tells why not.
fn start(
    shared: &Arc<Shared>,
    index: usize,
    job: &PlanJob,
    done: &BTreeMap<String, Done>,
    tasks: &mut JoinSet<LegDone>,
) -> Started {
    let bus = &shared.setup.bus;
    let finish_all = |conclusion: Conclusion, failure: Option<&Failure>, note: Option<&str>| {
        for leg in &job.legs {
            bus.emit(EventKind::JobFinished {
                job: leg.key.clone(),
                conclusion,
                failure: failure.cloned(),
                note: leg
                    .left_out
                    .as_ref()
                    .map(|left_out| left_out.reason.as_str())
                    .or(note)
                    .map(ToOwned::to_owned),
            });
        }
    };
    if shared.setup.halt.borrow().level != Stop::Run {
        finish_all(Conclusion::Cancelled, None, Some("the run was stopped"));
        return Started::Not(Conclusion::Cancelled);
    }
    let needs: Vec<(String, Conclusion, Pairs)> = job
        .needs
        .iter()
        .filter_map(|need| {
            let ended = done.get(need)?;
            Some((need.clone(), ended.result, ended.outputs.clone()))
        })
        .collect();
    let needs_value = contexts::needs(&needs);
    let ancestors = ancestors(job, &shared.setup.plan.jobs, done);
    match contexts::job_condition(shared, job, needs_value.clone(), &ancestors) {
        Ok(true) => {}
        Ok(false) => {
            let note = skip_reason(job, &ancestors);
            finish_all(Conclusion::Skipped, None, Some(&note));
            return Started::Not(Conclusion::Skipped);
        }
        Err(error) => {
            let failure = Failure::new(
                Cause::WorkflowInvalid,
                format!(
                    "the condition of job `{}`: {}",
                    job.job.id.value, error.message
                ),
            );
            finish_all(Conclusion::Failure, Some(&failure), None);
            return Started::Not(Conclusion::Failure);
        }
    }
    let (cancel, cancelled) = watch::channel(false);
    let limit = Arc::new(Semaphore::new(
        job.max_parallel.unwrap_or(Semaphore::MAX_PERMITS),
    ));
    let mut left = 0;
    let mut before: Option<oneshot::Receiver<()>> = None;
    for leg in &job.legs {
        if let Some(left_out) = &leg.left_out {
            bus.emit(EventKind::JobFinished {
                job: leg.key.clone(),
                conclusion: Conclusion::Skipped,
                failure: None,
                note: Some(left_out.reason.clone()),
            });
            continue;
        }
        left += 1;
        let shared = Arc::clone(shared);
        let job = job.clone();
        let leg = leg.clone();
        let needs = needs_value.clone();
        let cancelled = cancelled.clone();
        let limit = Arc::clone(&limit);
        let cancel = cancel.clone();
        let (begun, begins) = oneshot::channel::<()>();
        let before = before.replace(begins);
        tasks.spawn(async move {
            let key: JobKey = leg.key.clone();
            // Legs begin in their order.
            if let Some(before) = before {
                let _ = before.await;
            }
            // Siblings first wait for their own job's turn, then for a free slot.
            let turn = limit.acquire().await;
            let slot = shared.slots.acquire().await;
            drop(begun);
            let stopped = shared.setup.halt.borrow().level != Stop::Run;
            let ended = if stopped || *cancelled.borrow() {
                let note = if stopped {
                    "the run was stopped"
                } else {
                    "a sibling leg failed (fail-fast)"
                };
                shared.setup.bus.emit(EventKind::JobFinished {
                    job: key.clone(),
                    conclusion: Conclusion::Cancelled,
                    failure: None,
                    note: Some(note.to_owned()),
                });
                leg::Ended {
                    conclusion: Conclusion::Cancelled,
                    outputs: Vec::new(),
                    host: None,
                }
            } else {
                leg::run(&shared, &job, &leg, needs, cancelled).await
            };
            // Told before the turn is given on: the next leg must not begin.
            if ended.conclusion == Conclusion::Failure && job.fail_fast {
                let _ = cancel.send(true);
            }
            drop((turn, slot));
            LegDone {
                job: index,
                key,
                ended,
            }
        });
    }
    if left == 0 {
        return Started::Not(Conclusion::Skipped);
    }
    Started::Legs(Under {
        left,
        results: Vec::new(),
        outputs: Vec::new(),
    })
}

/// Results of all jobs that a job depends on, directly or not: `success()` and
/// `failure()` of a job's `if` look at all of them.
fn ancestors(
    job: &PlanJob,
    jobs: &[PlanJob],
    done: &BTreeMap<String, Done>,
) -> Vec<(String, Conclusion)> {
    let mut open: Vec<&str> = job.needs.iter().map(String::as_str).collect();
    let mut found: Vec<(String, Conclusion)> = Vec::new();
    while let Some(id) = open.pop() {
        if found.iter().any(|(known, _)| known == id) {
            continue;
        }
        if let Some(ended) = done.get(id) {
            found.push((id.to_owned(), ended.result));
        }
        if let Some(next) = jobs.iter().find(|job| job.job.id.value == id) {
            open.extend(next.needs.iter().map(String::as_str));
        }
    }
    found.reverse();
    found
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
