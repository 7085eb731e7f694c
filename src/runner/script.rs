//! A `run:` step: its shell and limits, its command, what it wrote for later steps.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::engine::{ExecEnd, ExecSpec, Output, Stop};
use crate::expr::Contexts;
use crate::plan::{ExprPlace, PlanStep};
use crate::record::{Cause, Conclusion, EventKind, Failure, StepKey};
use crate::workflow::StepAction;

use super::contexts::{self, Pairs, overlay};
use super::leg::Running;
use super::log::StepLog;
use super::step::{Outcome, out_of_time};
use super::stop::stop_wanted;
use super::variables::command_env;
use super::{env_files, facts, masked, reason, shell};

/// Files of a step that it writes to and that are read at its end.
pub(super) const MAILBOX: [(&str, &str); 5] = [
    ("env", "GITHUB_ENV"),
    ("path", "GITHUB_PATH"),
    ("output", "GITHUB_OUTPUT"),
    ("state", "GITHUB_STATE"),
    ("summary", "GITHUB_STEP_SUMMARY"),
];
/// Most that a step may write into its summary (GitHub docs, "Adding a job summary").
const MAX_SUMMARY: usize = 1024 * 1024;

/// Runs a script in the job's environment.
pub(super) async fn script(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    let inside = running.inside.last();
    let own = inside.map(|inside| inside.of_script(scope.clone(), running.scopes.github()));
    let spec = match spec(running, planned, env, own.as_ref().unwrap_or(scope)) {
        Ok(spec) => spec,
        Err(message) => return Outcome::invalid(message),
    };
    let limit = match limit(planned, scope) {
        Ok(limit) => limit,
        Err(message) => return Outcome::invalid(message),
    };
    command(running, planned, key, &spec, limit, log).await
}

/// The step's own limit in minutes, if it has one.
pub(super) fn limit(planned: &PlanStep, scope: &Contexts) -> Result<Option<f64>, String> {
    let Some(node) = &planned.step.timeout_minutes else {
        return Ok(None);
    };
    match contexts::value(node, ExprPlace::Step, scope) {
        Ok(value) if value.to_number().is_nan() => {
            Err("timeout-minutes is not a number".to_owned())
        }
        // As the runner: what is not positive is no limit.
        Ok(value) => Ok(Some(value.to_number()).filter(|minutes| *minutes > 0.0)),
        Err(message) => Err(format!("timeout-minutes: {message}")),
    }
}

/// Runs a command in the job's environment, under the limits of its step, of the
/// actions around it and of the job.
pub(super) async fn command(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    spec: &ExecSpec,
    limit: Option<f64>,
    log: &Arc<StepLog>,
) -> Outcome {
    let output: Arc<dyn Output> = log.clone();
    let (end, stopped) = limited(running, limit, log, |stop| {
        running.host.exec(spec, output, stop)
    })
    .await;
    match end {
        Ok(end) => take_end(running, planned, key, &end, stopped, log),
        Err(error) => Outcome::failed(error.failure()),
    }
}

/// What the end of a command means for its step and its job.
pub(super) fn take_end(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    end: &ExecEnd,
    stopped: Option<Failure>,
    log: &Arc<StepLog>,
) -> Outcome {
    let no_space = log.no_space();
    let ended = reason::of(
        end,
        stopped.as_ref(),
        planned.test.as_ref(),
        no_space.as_deref(),
    );
    let mut outcome = Outcome {
        ended,
        outputs: Vec::new(),
        note: None,
    };
    if let Some(failure) = stopped
        && !reason::is_of_step(&failure)
    {
        running.end(failure);
    }
    facts::take(running, planned.number, end);
    take_mail(running, planned.number, key, end, log, &mut outcome);
    outcome
}

/// The folder that a step runs in: its own, its job's, its workflow's, else the
/// workspace. An action runs in the workspace.
pub(super) fn working_directory(
    running: &Running<'_>,
    planned: &PlanStep,
    scope: &Contexts,
) -> Result<String, String> {
    let workspace = &running.layout.workspace;
    let StepAction::Run {
        working_directory, ..
    } = &planned.step.action
    else {
        return Ok(workspace.clone());
    };
    let folder = working_directory
        .as_ref()
        .or(running.job.job.defaults.working_directory.as_ref())
        .or(running
            .job
            .frame
            .workflow
            .defaults
            .working_directory
            .as_ref());
    let folder = match folder {
        Some(text) => contexts::text(&text.value, running.place(), scope)?,
        None => String::new(),
    };
    Ok(if folder.starts_with('/') {
        folder
    } else {
        format!("{workspace}/{folder}")
            .trim_end_matches('/')
            .to_owned()
    })
}

/// What the script is run with.
fn spec(
    running: &Running<'_>,
    planned: &PlanStep,
    env: &Pairs,
    scope: &Contexts,
) -> Result<ExecSpec, String> {
    let StepAction::Run {
        script,
        shell: asked,
        ..
    } = &planned.step.action
    else {
        return Err("a script without `run`".to_owned());
    };
    let workflow = &running.job.frame.workflow.defaults;
    let job = &running.job.job.defaults;
    let evaluate =
        |text: &crate::workflow::Text| contexts::text(&text.value, running.place(), scope);
    let asked = asked
        .as_ref()
        .or(job.shell.as_ref())
        .or(workflow.shell.as_ref())
        .map(evaluate)
        .transpose()?;
    let shell = shell::resolve(
        asked.as_deref(),
        running.job.job.container.is_some(),
        running.layout.facts.as_ref(),
    )?;
    let cwd = working_directory(running, planned, scope)?;
    let text = contexts::text(&script.value, running.place(), scope)?.replace("\r\n", "\n");
    Ok(ExecSpec {
        name: planned.number.to_string(),
        command: shell.command.clone(),
        script: shell.text(&text).into_bytes(),
        extension: shell.extension.to_owned(),
        env: command_env(running, planned, env),
        cwd,
        mailbox: MAILBOX.to_vec(),
        after: facts::look(running, planned),
    })
}

/// Does work under the limits of its step, of the actions around it and of the job:
/// what came of it, and why it was told to stop, where it was.
pub(super) async fn limited<T, F: Future<Output = T>>(
    running: &Running<'_>,
    limit_minutes: Option<f64>,
    log: &Arc<StepLog>,
    work: impl FnOnce(watch::Receiver<Stop>) -> F,
) -> (T, Option<Failure>) {
    let (sender, receiver) = watch::channel(Stop::Run);
    let mut command = std::pin::pin!(work(receiver));
    let own = limit_minutes.map(|minutes| (deadline_after(minutes), minutes));
    // The nearest of the step's own limit and those of the steps around it.
    let limit = own
        .into_iter()
        .chain(running.limits.iter().copied())
        .min_by_key(|(deadline, _)| *deadline);
    let step_deadline = limit.map(|(deadline, _)| deadline);
    let mut halt = running.shared.setup.halt.clone();
    let mut cancelled = running.cancelled.clone();
    let mut stopped: Option<Failure> = None;
    loop {
        let next = step_deadline.map_or(running.deadline, |step| step.min(running.deadline));
        tokio::select! {
            end = &mut command => return (end, stopped),
            () = tokio::time::sleep_until(next), if stopped.is_none() => {
                let failure = if step_deadline.is_some_and(|step| step <= running.deadline) {
                    Failure::new(
                        Cause::StepTimeout,
                        format!(
                            "the step took longer than its timeout-minutes ({})",
                            limit.map(|(_, minutes)| minutes).unwrap_or_default()
                        ),
                    )
                } else {
                    running.ended.clone().unwrap_or_else(|| out_of_time(running))
                };
                log.say(&format!("seatrial: {}", failure.message));
                stopped = Some(failure);
                let _ = sender.send(Stop::Gently);
            }
            minutes = silence(log, running.shared.setup.no_output_minutes), if stopped.is_none() => {
                let failure = Failure::new(
                    Cause::NoOutput,
                    format!("the step printed nothing for longer than no-output-minutes ({minutes})"),
                );
                log.say(&format!("seatrial: {}", failure.message));
                stopped = Some(failure);
                let _ = sender.send(Stop::Gently);
            }
            cancel = stop_wanted(&mut cancelled), if stopped.is_none() && running.ended.is_none() => {
                stopped = Some(cancel.failure());
                let _ = sender.send(Stop::Gently);
            }
            level = more_urgent(&mut halt, *sender.borrow()) => {
                if stopped.is_none() {
                    stopped = halt.borrow().failure.clone();
                }
                let _ = sender.send(level);
            }
        }
    }
}

/// When so many minutes are over.
pub(super) fn deadline_after(minutes: f64) -> Instant {
    Instant::now() + span(minutes)
}

fn span(minutes: f64) -> Duration {
    Duration::from_secs_f64((minutes * 60.0).clamp(0.0, 1.0e7))
}

/// Waits until a step was silent for too long; gives the limit. Never, where there is
/// none.
async fn silence(log: &StepLog, limit_minutes: Option<f64>) -> f64 {
    let Some(minutes) = limit_minutes else {
        return std::future::pending().await;
    };
    loop {
        let end = log.heard() + span(minutes);
        if Instant::now() >= end {
            return minutes;
        }
        tokio::time::sleep_until(end).await;
    }
}

/// Waits until the run is to stop more urgently than it already is.
pub(super) async fn more_urgent(halt: &mut watch::Receiver<super::Halt>, than: Stop) -> Stop {
    let level = halt
        .wait_for(|halt| halt.level > than)
        .await
        .map(|halt| halt.level);
    match level {
        Ok(level) => level,
        Err(_) => std::future::pending().await,
    }
}

/// Reads what the step wrote into its environment files. A file that cannot be read
/// fails the step; what is merely refused is an error message (`FileCommandManager`
/// of actions/runner).
pub(super) fn take_mail(
    running: &mut Running<'_>,
    planned: u32,
    key: &StepKey,
    end: &ExecEnd,
    log: &StepLog,
    outcome: &mut Outcome,
) {
    let text = |name: &str| String::from_utf8_lossy(end.mail(name)).into_owned();
    let mut unable = None;
    let mut pairs = |name: &str| {
        let (pairs, error) = env_files::read(&text(name));
        if let Some(error) = error {
            log.error(&format!(
                "Unable to process file command '{name}' successfully."
            ));
            log.error(&error.to_string());
            unable.get_or_insert_with(|| {
                format!("Unable to process file command '{name}' successfully. {error}")
            });
        }
        pairs
    };
    for (name, value) in pairs("env") {
        match env_files::refusal(&name) {
            Some(message) => log.error(&message),
            None => overlay(&mut running.state.env, vec![(name, value)]),
        }
    }
    outcome.outputs.extend(pairs("output"));
    overlay(running.saved.entry(planned).or_default(), pairs("state"));
    for folder in env_files::parse_path(&text("path")) {
        running.state.prepend_path(folder);
    }
    let summary = text("summary");
    if summary.len() > MAX_SUMMARY {
        log.error(&format!(
            "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of {}k, got {}k. For more information see: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary",
            MAX_SUMMARY / 1024,
            summary.len() / 1024
        ));
    } else if !summary.is_empty() {
        running.shared.setup.bus.emit(EventKind::Summary {
            step: key.clone(),
            markdown: masked(&running.shared.masker, &summary),
        });
    }
    if let Some(message) = unable
        && outcome.ended.outcome == Conclusion::Success
    {
        outcome.ended.outcome = Conclusion::Failure;
        outcome.ended.failure = Some(Failure::new(Cause::StepFailed, message));
    }
}
