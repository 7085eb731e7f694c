//! One leg from its start to its end: environment, steps, collecting, clean-up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::actions::Hashes;
use crate::engine::{Budget, StepHost, Stop};
use crate::expr::Value;
use crate::plan::{ExprPlace, Leg, Origin, PlanJob, step_names};
use crate::record::{
    Cause, Class, Conclusion, EventKind, Failure, JobKey, Level, ReportKind, StepKey,
};

use super::contexts::{self, JobState, Pairs, Scopes};
use super::environment::{Layout, lay_out};
use super::in_action::InAction;
use super::measured::{self, Exported};
use super::post::{self, Post};
use super::stop::Cancelled;
use super::{Shared, collect, deployment, phases, put_back, services, step, stop};

/// `timeout-minutes` of a job that has none (GitHub docs, "Workflow syntax").
const DEFAULT_MINUTES: f64 = 360.0;
/// Time that steps with `always()` have after a job was cancelled or ran out of
/// time.
const GRACE: Duration = Duration::from_secs(5 * 60);
/// Time beyond its limit in which a job's environment is opened, read out and removed.
const AFTERWARDS: Duration = Duration::from_secs(60 * 60);
/// Name of the step that opens the environment, as on GitHub.
pub(super) const SET_UP: &str = "Set up job";

/// A leg while it runs.
pub(super) struct Running<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) job: &'a PlanJob,
    pub(super) leg: &'a Leg,
    pub(super) layout: Layout,
    pub(super) host: Box<dyn StepHost>,
    pub(super) scopes: Scopes,
    /// What `github.action` calls each step, by its number.
    pub(super) names: BTreeMap<u32, String>,
    pub(super) state: JobState,
    /// Tells whether it is cancelled.
    pub(super) cancelled: Cancelled,
    /// When the job's time is over.
    pub(super) deadline: Instant,
    /// Why the job was cancelled or ran out of time, once it did.
    pub(super) ended: Option<Failure>,
    /// What is to be done at the end, in the order of the steps, with the name of
    /// the step that asks for it.
    pub(super) posts: Vec<Post>,
    /// The composite actions whose steps are running, the outermost first.
    pub(super) inside: Vec<InAction>,
    /// When steps around the running one run out of time, and their limits in minutes.
    pub(super) limits: Vec<(Instant, f64)>,
    /// State that actions saved for their `post`, by the number of the step.
    pub(super) saved: BTreeMap<u32, Pairs>,
    /// Repositories that were copied into the environment.
    pub(super) fetched: BTreeSet<Origin>,
    /// The number of the last step that is not in the plan, such as a `pre` of an
    /// action; 0 without any.
    pub(super) extra_steps: u32,
    /// Whether files of the workspace may differ from the checkout's.
    pub(super) changed: bool,
    /// The files of the workspace, for the step that runs.
    pub(super) files: Option<Arc<Hashes>>,
    /// Name of the environment that it deploys to.
    pub(super) deploys_to: Option<String>,
    /// Whether the Node that was given is in the environment.
    pub(super) node_given: bool,
    /// Whether the facts of its environment were told.
    pub(super) facts_known: bool,
    /// Steps that ran.
    pub(super) ran: Vec<Ran>,
    /// Reports that were brought out before a later step wrote them anew: of which step,
    /// of which kind, where they lay, and where they are now.
    pub(super) overwritten: BTreeMap<(u32, ReportKind, String), String>,
    /// What it measured and nobody wrote a report of.
    pub(super) exported: Vec<Exported>,
    /// Names that reports have in the run's folder.
    pub(super) targets: BTreeSet<String>,
    /// What may still come out of it.
    pub(super) budget: Budget,
}

/// A step that ran.
pub(super) struct Ran {
    /// Its number.
    pub(super) step: u32,
    /// When it started, in seconds since the Unix epoch.
    pub(super) started: u64,
    /// The folder it ran in: what its relative paths start from.
    pub(super) cwd: String,
    /// The variables of the job and the step.
    pub(super) env: Pairs,
    /// Whether its command came to its own end: it was not killed.
    pub(super) ended_by_itself: bool,
    /// Names of coverage files in its folder when it ended, where that was looked at.
    pub(super) seen: Vec<String>,
}

/// A leg that has ended.
pub(super) struct Ended {
    /// Its result.
    pub(super) conclusion: Conclusion,
    /// The job's outputs.
    pub(super) outputs: Pairs,
    /// Its environment, still to be closed.
    pub(super) host: Option<Box<dyn StepHost>>,
}

/// Runs a leg.
pub(super) async fn run(
    shared: &Arc<Shared>,
    job: &PlanJob,
    leg: &Leg,
    needs: Value,
    secrets: Arc<Pairs>,
    cancelled: Cancelled,
) -> Ended {
    let bus = &shared.setup.bus;
    let set_up = StepKey {
        job: leg.key.clone(),
        step: 0,
    };
    bus.emit(EventKind::JobStarted {
        job: leg.key.clone(),
    });
    bus.emit(EventKind::StepStarted {
        step: set_up.clone(),
        name: SET_UP.to_owned(),
    });
    let opened = open(shared, job, leg, needs, &secrets, cancelled).await;
    let failure = opened.as_ref().err().cloned();
    let outcome = match &failure {
        None => Conclusion::Success,
        Some(failure) if is_cancelled(failure) => Conclusion::Cancelled,
        Some(_) => Conclusion::Failure,
    };
    if let Ok(running) = &opened {
        bus.emit(EventKind::JobReady {
            job: leg.key.clone(),
            environment: running.host.name().to_owned(),
            image: running.layout.spec.image.clone(),
        });
    }
    bus.emit(EventKind::StepFinished {
        step: set_up,
        name: SET_UP.to_owned(),
        outcome,
        conclusion: outcome,
        exit_code: None,
        failure: failure.clone(),
        note: None,
    });
    let (conclusion, failure, outputs, host) = match opened {
        // Why it was cancelled is told of the job, too; a failure only of its step.
        Err(failure) if is_cancelled(&failure) => {
            let failure = Some(failure).filter(|failure| !is_of_run(shared, failure));
            (outcome, failure, Vec::new(), None)
        }
        Err(_) => (outcome, None, Vec::new(), None),
        Ok(running) => {
            let (conclusion, failure, outputs, host) = complete(running).await;
            (conclusion, failure, outputs, Some(host))
        }
    };
    let (conclusion, note) = allow_failure(shared, job, leg, conclusion);
    bus.emit(EventKind::JobFinished {
        job: leg.key.clone(),
        conclusion,
        failure,
        note,
    });
    Ended {
        conclusion,
        outputs,
        host,
    }
}

/// Whether a leg was stopped, and did not fail.
fn is_cancelled(failure: &Failure) -> bool {
    failure.cause.class() == Class::Cancelled
}

/// Whether it is the stop of the whole run, which is told once, by the run.
fn is_of_run(shared: &Shared, failure: &Failure) -> bool {
    shared.setup.halt.borrow().failure.as_ref() == Some(failure)
}

/// `continue-on-error` of the job: a failure becomes a success for the workflow.
fn allow_failure(
    shared: &Arc<Shared>,
    job: &PlanJob,
    leg: &Leg,
    conclusion: Conclusion,
) -> (Conclusion, Option<String>) {
    let allowed = conclusion == Conclusion::Failure
        && job.job.continue_on_error.as_ref().is_some_and(|node| {
            let scopes = Scopes::new(shared, job, leg, Value::Null, None, &Vec::new());
            let scope = scopes.of(&JobState::default(), &Vec::new());
            contexts::value(node, ExprPlace::Job, &scope).is_ok_and(|value| value.is_truthy())
        });
    if allowed {
        (
            Conclusion::Success,
            Some("failed, which the job's continue-on-error allows".to_owned()),
        )
    } else {
        (conclusion, None)
    }
}

/// Opens the leg's environment.
async fn open<'a>(
    shared: &'a Arc<Shared>,
    job: &'a PlanJob,
    leg: &'a Leg,
    needs: Value,
    secrets: &Pairs,
    cancelled: Cancelled,
) -> Result<Running<'a>, Failure> {
    let setup = &shared.setup;
    let early = Scopes::new(shared, job, leg, needs.clone(), None, secrets);
    let container = services::job_container(shared, job, &early)?;
    // The image is made for all: a leg that is cancelled meanwhile leaves it to the others.
    let image = setup.images.get(
        &leg.image,
        leg.derived.as_ref(),
        &container.access,
        &setup.bus,
    );
    let image = stop::unless_stopped(&setup.halt, &cancelled, image).await?;
    let mut layout = lay_out(shared, job, leg, image.as_ref(), &container)?;
    let scopes = Scopes::new(shared, job, leg, needs, Some(&layout), secrets);
    let mut state = JobState::default();
    let invalid = |message: String| Failure::new(Cause::WorkflowInvalid, message);
    let minutes = prepare(job, &scopes, &mut state).map_err(invalid)?;
    let scope = scopes.of(&state, &state.env);
    let deploys_to = deployment::name(job.job.environment.as_ref(), &scope).map_err(invalid)?;
    if container.named
        && let Some(read) = &job.job.container
    {
        layout.container_env =
            services::container_env(read, &container.options, &scope).map_err(invalid)?;
    }
    let services = services::services(shared, job, leg, &layout, &scope);
    let services = stop::unless_stopped(&setup.halt, &cancelled, services).await?;
    layout.spec.services.clone_from(&services.specs);
    if layout.spec.engine_socket {
        let message = "has the rights of root on this machine's engine: the settings give it the \
                       engine's socket; what it makes there is its own to remove";
        let bus = &setup.bus;
        bus.notice(Level::Warning, Some(&leg.key), message.to_owned());
    }
    let host = services::open(shared, leg, &layout, &services, cancelled.clone()).await?;
    let scopes = scopes.with_containers(services::job_context(host.opened(), container.named));
    let limit = Duration::from_secs_f64((minutes * 60.0).clamp(0.0, 1.0e7));
    let deadline = Instant::now() + limit;
    layout.spec.lease = limit + AFTERWARDS;
    Ok(Running {
        shared,
        job,
        leg,
        layout,
        host,
        scopes,
        names: step_names(&leg.steps),
        state,
        cancelled,
        deadline,
        ended: None,
        posts: Vec::new(),
        inside: Vec::new(),
        limits: Vec::new(),
        saved: BTreeMap::new(),
        fetched: BTreeSet::new(),
        extra_steps: 0,
        changed: false,
        files: None,
        deploys_to,
        node_given: false,
        facts_known: false,
        ran: Vec::new(),
        overwritten: BTreeMap::new(),
        exported: Vec::new(),
        targets: BTreeSet::new(),
        budget: Budget::new(setup.leaves),
    })
}

/// Evaluates the job's `env` and its time limit in minutes.
fn prepare(job: &PlanJob, scopes: &Scopes, state: &mut JobState) -> Result<f64, String> {
    let workflow = &job.frame.workflow;
    for (entries, place) in [
        (&workflow.env, ExprPlace::WorkflowEnv),
        (&job.job.env, ExprPlace::JobEnv),
    ] {
        let scope = scopes.of(state, &state.env);
        let pairs = contexts::entries(entries, place, &scope)
            .map_err(|message| format!("env {message}"))?;
        contexts::overlay(&mut state.env, pairs);
    }
    let Some(node) = &job.job.timeout_minutes else {
        return Ok(DEFAULT_MINUTES);
    };
    let scope = scopes.of(state, &state.env);
    let minutes = contexts::value(node, ExprPlace::Job, &scope)
        .map_err(|message| format!("timeout-minutes: {message}"))?
        .to_number();
    if minutes.is_finite() && minutes > 0.0 {
        Ok(minutes)
    } else {
        Err(format!(
            "timeout-minutes is {minutes}, not a positive number"
        ))
    }
}

/// Runs the steps and brings everything out. The environment is halted, or about to
/// be removed in a hurry, and is still to be closed.
async fn complete(
    mut running: Running<'_>,
) -> (Conclusion, Option<Failure>, Pairs, Box<dyn StepHost>) {
    let shared = Arc::clone(running.shared);
    let leg = running.leg;
    phases::pre_steps(&mut running).await;
    for planned in leg.steps.iter() {
        step::run(&mut running, planned).await;
    }
    let stopped = || shared.setup.halt.borrow().level;
    if stopped() == Stop::Run && post::needs_processes(&running) {
        post::steps(&mut running, true).await;
    }
    if stopped() == Stop::Run {
        measured::export(&mut running).await;
    }
    let (outputs, unusable) = outputs(&running);
    let not_told = deployment::tell(&running);
    let mut failure = running.ended.clone().or(unusable).or(not_told);
    if stopped() != Stop::Now {
        services::tell_ended(&running).await;
        if let Err(error) = running.host.halt().await {
            failure.get_or_insert(error.failure());
        } else {
            post::steps(&mut running, false).await;
            collect::reports(&mut running).await;
            measured::collect(&mut running).await;
            if shared.setup.workspace
                && let Some(not_back) = put_back::put_back(&running).await
            {
                failure.get_or_insert(not_back);
            }
        }
    }
    let conclusion = match &failure {
        Some(_) if running.state.status == Conclusion::Success => Conclusion::Failure,
        _ => running.state.status,
    };
    let failure = failure.filter(|failure| !is_of_run(&shared, failure));
    (conclusion, failure, outputs, running.host)
}

/// Removes a leg's environment. Nobody waits for it but the end of the run.
pub(super) async fn close(shared: &Shared, key: &JobKey, host: &dyn StepHost) {
    if let Err(error) = host.close().await {
        shared.setup.bus.notice(
            Level::Warning,
            Some(key),
            format!(
                "the environment {} could not be removed: {error}; `seatrial clean` tries again",
                host.name()
            ),
        );
    }
}

/// The job's outputs. Empty ones are left out, so that in a matrix they hide nothing,
/// and so are those that hold a secret; one that cannot be evaluated fails the job
/// (`JobExtension.FinalizeJob` of actions/runner).
fn outputs(running: &Running<'_>) -> (Pairs, Option<Failure>) {
    let scope = running.scopes.of(&running.state, &running.state.env);
    let pairs = match contexts::entries(&running.job.job.outputs, ExprPlace::Outputs, &scope) {
        Ok(pairs) => pairs,
        Err(message) => {
            let message = format!("the job's outputs cannot be evaluated: {message}");
            return (
                Vec::new(),
                Some(Failure::new(Cause::WorkflowInvalid, message)),
            );
        }
    };
    let kept = pairs
        .into_iter()
        .filter(|(name, value)| {
            let secret = super::masked(&running.shared.masker, value) != *value;
            if secret {
                running.shared.setup.bus.notice(
                    Level::Warning,
                    Some(&running.leg.key),
                    format!("Skip output '{name}' since it may contain secret."),
                );
            }
            !secret && !value.is_empty()
        })
        .collect();
    (kept, None)
}

impl Running<'_> {
    /// Notes which step comes. Every command that belongs to it asks for its name here.
    pub(super) fn come_to(&mut self, step: u32) {
        self.scopes
            .set_action(self.names.get(&step).map_or("", String::as_str));
    }

    /// Notes that the job was cancelled or ran out of time: later steps run only
    /// with `always()` or `cancelled()`, and not for long.
    pub(super) fn end(&mut self, failure: Failure) {
        if self.ended.is_none() {
            self.ended = Some(failure);
            self.state.status = Conclusion::Cancelled;
            self.deadline = Instant::now() + GRACE;
        }
    }
}
