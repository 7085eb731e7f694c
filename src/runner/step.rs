//! One step: its condition, what it does, its result.

use std::sync::Arc;

use tokio::time::Instant;

use crate::actions::{self, Call};
use crate::engine::{Output, Stop, now_seconds};
use crate::expr::{Contexts, Object, condition};
use crate::plan::{Placement, PlanStep, allowed};
use crate::record::{COVERAGE_GATE, Cause, Conclusion, EventKind, Failure, Level, StepKey};
use crate::workflow::StepAction;

use super::contexts::{self, Pairs, overlay};
use super::leg::{Ran, Running};
use super::log::{StepLog, Told};
use super::post::Post;
use super::provided::provided;
use super::reason::{self, Ended};
use super::script::{
    MAILBOX, deadline_after, limit, limited, script, take_mail, working_directory,
};
use super::variables::{command_env, unsecure};
use super::{in_action, masked, phases, stop, workspace_files};

/// What a step came to.
pub(super) struct Outcome {
    pub(super) ended: Ended,
    pub(super) outputs: Pairs,
    pub(super) note: Option<String>,
}

impl Outcome {
    pub(super) fn failed(failure: Failure) -> Self {
        Self {
            ended: Ended {
                outcome: Conclusion::Failure,
                exit_code: None,
                failure: Some(failure),
            },
            outputs: Vec::new(),
            note: None,
        }
    }

    pub(super) fn success(note: Option<String>) -> Self {
        Self {
            ended: Ended {
                outcome: Conclusion::Success,
                exit_code: None,
                failure: None,
            },
            outputs: Vec::new(),
            note,
        }
    }
}

/// Runs one step, or skips it.
pub(super) async fn run(running: &mut Running<'_>, planned: &PlanStep) {
    let shared = Arc::clone(running.shared);
    let bus = Arc::clone(&shared.setup.bus);
    let key = StepKey {
        job: running.leg.key.clone(),
        step: planned.number,
    };
    watch_for_end(running);
    running.come_to(planned.number);
    running.files = workspace_files::before(running, planned).await;
    let env = step_env(running, planned);
    let scope = running.scope(env.as_ref().unwrap_or(&running.state.env));
    let name = contexts::text(&planned.name, running.place(), &scope)
        .unwrap_or_else(|_| planned.name.clone());
    let name = masked(&shared.masker, &name);
    let stopped = shared.setup.halt.borrow().level != Stop::Run;
    let env = match env {
        Ok(env) => env,
        // As the runner: before `if`, and whatever `continue-on-error` says.
        Err(message) if !stopped => {
            let failure = Failure::new(Cause::WorkflowInvalid, format!("`env`: {message}"));
            finish(
                running,
                planned,
                &key,
                name,
                Outcome::failed(failure),
                false,
            );
            return;
        }
        Err(_) => running.state.env.clone(),
    };
    match wanted(running, planned, &scope) {
        Ok(true) => {}
        Ok(false) => {
            finish(
                running,
                planned,
                &key,
                name,
                Outcome {
                    ended: Ended {
                        outcome: Conclusion::Skipped,
                        exit_code: None,
                        failure: None,
                    },
                    outputs: Vec::new(),
                    note: None,
                },
                false,
            );
            return;
        }
        Err(message) => {
            let failure = Failure::new(Cause::WorkflowInvalid, format!("`if`: {message}"));
            finish(
                running,
                planned,
                &key,
                name,
                Outcome::failed(failure),
                false,
            );
            return;
        }
    }
    bus.emit(EventKind::StepStarted {
        step: key.clone(),
        name: name.clone(),
    });
    running.changed |= workspace_files::may_change(&planned.placement);
    running.ran.push(Ran {
        step: planned.number,
        started: now_seconds(),
        cwd: working_directory(running, planned, &scope)
            .unwrap_or_else(|_| running.layout.workspace.clone()),
    });
    let log = Arc::new(StepLog::new(
        &shared.setup.run_dir.log(&key.job, planned.number, &name),
        key.clone(),
        Arc::clone(&bus),
        Arc::clone(&shared.masker),
        unsecure(&env),
    ));
    let outcome = act(running, planned, &key, &env, &scope, &log).await;
    let allowed = planned.step.continue_on_error.as_ref().is_some_and(|node| {
        contexts::value(node, running.place(), &scope).is_ok_and(|value| value.is_truthy())
    });
    let told = take_told(running, planned.number, log.finish());
    let mut outcome = outcome;
    outcome.outputs.splice(0..0, told.outputs);
    if let (Some(name), Some(failure), Some(127)) = (
        told.missing_command,
        &mut outcome.ended.failure,
        outcome.ended.exit_code,
    ) && failure.cause == Cause::StepFailed
    {
        failure.message = format!("`{name}` is not installed where the step runs (exit code 127)");
    }
    if let (Some(line), Some(failure)) = (told.coverage_gate, &mut outcome.ended.failure) {
        if planned.test.is_none() && failure.cause == Cause::StepFailed {
            *failure = Failure::new(Cause::BelowThreshold, line);
        } else {
            failure.evidence.push(format!("{COVERAGE_GATE}{line}"));
        }
    }
    if let Some(message) = told.refused
        && outcome.ended.outcome == Conclusion::Success
    {
        outcome.ended.outcome = Conclusion::Failure;
        outcome.ended.failure = Some(Failure::new(Cause::StepFailed, message));
    }
    finish(running, planned, &key, name, outcome, allowed);
}

/// Takes what a step said by workflow commands for the steps that follow; gives back
/// the rest.
pub(super) fn take_told(running: &mut Running<'_>, planned: u32, mut told: Told) -> Told {
    overlay(&mut running.state.env, std::mem::take(&mut told.env));
    for folder in std::mem::take(&mut told.path) {
        running.state.prepend_path(folder);
    }
    if !told.state.is_empty() {
        let saved = running.saved.entry(planned).or_default();
        overlay(saved, std::mem::take(&mut told.state));
    }
    told
}

/// Notes a stop of the run, a failed sibling, or the end of the job's time.
fn watch_for_end(running: &mut Running<'_>) {
    if running.ended.is_some() {
        return;
    }
    if let Some(failure) = why_to_end(running) {
        running.end(failure);
    }
}

fn why_to_end(running: &Running<'_>) -> Option<Failure> {
    let halt = running.shared.setup.halt.borrow();
    let over = || (Instant::now() >= running.deadline).then(|| out_of_time(running));
    stop::reason(&halt, running.cancelled.borrow().as_ref()).or_else(over)
}

pub(super) fn out_of_time(running: &Running<'_>) -> Failure {
    let minutes = running
        .job
        .job
        .timeout_minutes
        .as_ref()
        .and_then(crate::workflow::Node::scalar_text)
        .unwrap_or_else(|| "360".to_owned());
    Failure::new(
        Cause::JobTimeout,
        format!("the job took longer than its timeout-minutes ({minutes})"),
    )
}

/// Whether a step runs.
fn wanted(running: &Running<'_>, planned: &PlanStep, scope: &Contexts) -> Result<bool, String> {
    // After Ctrl-C the user wants an end, not further steps.
    if running.shared.setup.halt.borrow().level != Stop::Run {
        return Ok(false);
    }
    let text = planned
        .step
        .condition
        .as_ref()
        .map_or("", |text| text.value.as_str());
    condition(text, &allowed(running.condition_place()))
        .and_then(|condition| condition.evaluate(scope))
        .map_err(|error| error.message)
}

/// The step's variables on top of the job's.
fn step_env(running: &Running<'_>, planned: &PlanStep) -> Result<Pairs, String> {
    let mut env = running.state.env.clone();
    if let Some(inside) = running.inside.last() {
        overlay(&mut env, inside.env.clone());
    }
    let scope = running.scope(&env);
    overlay(
        &mut env,
        contexts::entries(&planned.step.env, running.place(), &scope)?,
    );
    Ok(env)
}

/// Does what the step does.
async fn act(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    match &planned.placement {
        Placement::SkippedAction => {
            let note = "skipped, as the settings say".to_owned();
            log.say(&note);
            Outcome::success(Some(note))
        }
        Placement::Composite(used) => {
            let limit = match limit(planned, scope) {
                Ok(limit) => limit,
                Err(message) => {
                    return Outcome::failed(Failure::new(Cause::WorkflowInvalid, message));
                }
            };
            running
                .limits
                .extend(limit.map(|minutes| (deadline_after(minutes), minutes)));
            let outcome = in_action::composite(running, planned, used, scope, log).await;
            if limit.is_some() {
                running.limits.pop();
            }
            outcome
        }
        Placement::Node(used) | Placement::Docker(used) => {
            phases::main(running, planned, used, key, env, scope, log).await
        }
        Placement::LeftOutAction(skipped) => {
            let note = format!("skipped: this action {}", skipped.reason);
            log.say(&note);
            running.shared.setup.bus.notice(
                Level::Warning,
                Some(&key.job),
                format!(
                    "`{}` was skipped: its action {}",
                    planned.name, skipped.reason
                ),
            );
            Outcome::success(Some(note))
        }
        Placement::BuiltIn(built_in) => {
            action(running, planned, key, *built_in, env, scope, log).await
        }
        Placement::ProvidedByImage(setup) => {
            match provided(
                &running.shared.setup.root,
                setup,
                running.layout.facts.as_ref(),
            ) {
                Ok(what) => {
                    log.say(&format!("provided by the image: {what}"));
                    Outcome::success(Some(what))
                }
                Err(missing) => {
                    running.shared.setup.bus.notice(
                        Level::Warning,
                        Some(&key.job),
                        format!(
                            "the image does not provide what `{}` installs ({missing}); the step is run",
                            planned.name
                        ),
                    );
                    script(running, planned, key, env, scope, log).await
                }
            }
        }
        Placement::Container | Placement::ThisMachine => {
            let runs = planned.test.as_ref().map_or(0, |test| {
                if test.inject_junit {
                    test.pytest_runs
                } else {
                    0
                }
            });
            if runs > 1 {
                running.shared.setup.bus.notice(
                    Level::Warning,
                    Some(&key.job),
                    format!(
                        "`{}` calls pytest {runs} times and names no report: only the last one's report is kept; give each its own step or `--junitxml`",
                        planned.name
                    ),
                );
            }
            script(running, planned, key, env, scope, log).await
        }
    }
}

/// Runs a built-in action.
async fn action(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    built_in: crate::plan::BuiltIn,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    let StepAction::Uses { action, with } = &planned.step.action else {
        return Outcome::failed(Failure::new(Cause::Invariant, "an action without `uses`"));
    };
    let with = match contexts::entries(with, running.place(), scope) {
        Ok(with) => with,
        Err(message) => {
            return Outcome::failed(Failure::new(
                Cause::WorkflowInvalid,
                format!("`with`: {message}"),
            ));
        }
    };
    let limit = match limit(planned, scope) {
        Ok(limit) => limit,
        Err(message) => return Outcome::failed(Failure::new(Cause::WorkflowInvalid, message)),
    };
    let full_env = command_env(running, planned, env);
    let setup = &running.shared.setup;
    let output: Arc<dyn Output> = log.clone();
    let tree = || running.shared.tree();
    let (artifacts, caches) = (setup.run_dir.artifacts(), setup.run_dir.caches());
    let (done, stopped) = limited(running, limit, log, |stop| {
        let call = Call {
            built_in,
            reference: action.value.split_once('@').map_or("", |(_, at)| at),
            host: running.host.as_ref(),
            with: &with,
            log: &output,
            stop,
            mailbox: &MAILBOX,
            workspace: &running.layout.workspace,
            temp: &running.layout.temp,
            user: &running.layout.spec.user,
            facts: running.layout.facts.as_ref(),
            env: &full_env,
            source: &running.layout.source,
            github: &setup.github,
            root: &setup.root,
            tree: &tree,
            artifacts: &artifacts,
            caches: &caches,
            uploads: setup.uploads,
            plain_base: running.layout.plain_base,
        };
        async move { actions::run(&call).await }
    })
    .await;
    let job = &running.leg.key;
    for notice in done.notices {
        setup.bus.notice(
            Level::Warning,
            Some(job),
            masked(&running.shared.masker, &notice),
        );
    }
    if let Some(artifact) = done.artifact {
        setup.bus.emit(EventKind::Artifact {
            job: job.clone(),
            name: artifact.name,
            path: artifact.path,
            files: artifact.files,
            bytes: artifact.bytes,
        });
    }
    running.posts.extend(
        done.post
            .map(|post| Post::Cache(planned.name.clone(), post)),
    );
    overlay(&mut running.state.env, done.env);
    for folder in done.path {
        running.state.prepend_path(folder);
    }
    let mut outcome = match (&done.ended, done.failure, &stopped) {
        (Some(end), None, _) => Outcome {
            ended: reason::of(end, stopped.as_ref(), planned.test.as_ref()),
            outputs: Vec::new(),
            note: None,
        },
        (_, Some(_), Some(stopped)) => Outcome {
            ended: reason::stopped(stopped),
            outputs: Vec::new(),
            note: None,
        },
        (_, Some(failure), None) => Outcome::failed(failure),
        (None, None, _) => Outcome::success(None),
    };
    outcome.outputs = done.outputs;
    if let Some(end) = &done.ended {
        take_mail(running, planned.number, key, end, log, &mut outcome);
    }
    if let Some(failure) = stopped
        && failure.cause != Cause::StepTimeout
    {
        running.end(failure);
    }
    outcome
}

/// Tells the result, and lets the job know of it.
fn finish(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    name: String,
    outcome: Outcome,
    continue_on_error: bool,
) {
    let Ended {
        outcome: result,
        exit_code,
        failure,
    } = outcome.ended;
    let conclusion = if result == Conclusion::Failure && continue_on_error {
        Conclusion::Success
    } else {
        result
    };
    if let Some(id) = &planned.step.id {
        let mut entry = Object::new();
        entry.insert("outputs", contexts::object(&outcome.outputs));
        entry.insert("outcome", result.as_str());
        entry.insert("conclusion", conclusion.as_str());
        running.state.steps.insert(id.value.clone(), entry);
    }
    running.note_conclusion(conclusion);
    running.shared.setup.bus.emit(EventKind::StepFinished {
        step: key.clone(),
        name,
        outcome: result,
        conclusion,
        exit_code,
        failure,
        note: outcome.note,
    });
}
