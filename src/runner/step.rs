//! One step: its condition, its environment, its command or action, its result.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::actions::{self, Call};
use crate::engine::{EngineError, ExecEnd, ExecSpec, Output, Stop};
use crate::expr::{Contexts, Object, condition};
use crate::plan::{ExprPlace, Placement, PlanStep, allowed};
use crate::record::{Cause, Conclusion, EventKind, Failure, Level, StepKey};
use crate::workflow::StepAction;

use super::commands::Unsecure;
use super::contexts::{self, Pairs, overlay};
use super::leg::Running;
use super::log::StepLog;
use super::provided::provided;
use super::reason::{self, Ended};
use super::{env_files, masked, shell};

/// Files of a step that it writes to and that are read at its end.
const MAILBOX: [(&str, &str); 5] = [
    ("env", "GITHUB_ENV"),
    ("path", "GITHUB_PATH"),
    ("output", "GITHUB_OUTPUT"),
    ("state", "GITHUB_STATE"),
    ("summary", "GITHUB_STEP_SUMMARY"),
];
/// Most that a step may write into its summary (GitHub docs, "Adding a job summary").
const MAX_SUMMARY: usize = 1024 * 1024;

/// What a step came to.
struct Outcome {
    ended: Ended,
    outputs: Pairs,
    note: Option<String>,
}

impl Outcome {
    fn failed(failure: Failure) -> Self {
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

    fn success(note: Option<String>) -> Self {
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
    let env = step_env(running, planned);
    let scope = running
        .scopes
        .of(&running.state, env.as_ref().unwrap_or(&running.state.env));
    let name = contexts::text(&planned.name, ExprPlace::Step, &scope)
        .unwrap_or_else(|_| planned.name.clone());
    let name = masked(&shared.masker, &name);
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
    running.ran.push((planned.number, now()));
    let log = Arc::new(StepLog::new(
        &shared.setup.run_dir.log(&key.job, planned.number, &name),
        key.clone(),
        Arc::clone(&bus),
        Arc::clone(&shared.masker),
        unsecure(env.as_ref().unwrap_or(&running.state.env)),
    ));
    let outcome = match env {
        Err(message) => Outcome::failed(Failure::new(
            Cause::WorkflowInvalid,
            format!("`env`: {message}"),
        )),
        Ok(env) => act(running, planned, &key, &env, &scope, &log).await,
    };
    let allowed = planned.step.continue_on_error.as_ref().is_some_and(|node| {
        contexts::value(node, ExprPlace::Step, &scope).is_ok_and(|value| value.is_truthy())
    });
    let told = log.finish();
    let mut outcome = outcome;
    outcome.outputs.splice(0..0, told.outputs);
    overlay(&mut running.state.env, told.env);
    for folder in told.path {
        running.state.path.insert(0, folder);
    }
    if let Some(message) = told.refused
        && outcome.ended.outcome == Conclusion::Success
    {
        outcome.ended.outcome = Conclusion::Failure;
        outcome.ended.failure = Some(Failure::new(Cause::StepFailed, message));
    }
    finish(running, planned, &key, name, outcome, allowed);
}

/// Whether the job's variables allow commands that GitHub refuses by default.
fn unsecure(env: &Pairs) -> Unsecure {
    let value = |wanted: &str| {
        env.iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    Unsecure::from_variables(
        value("ACTIONS_ALLOW_UNSECURE_COMMANDS"),
        value("ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS"),
    )
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
    let halt = running.shared.setup.halt.borrow().clone();
    if halt.level != Stop::Run {
        return halt.failure;
    }
    if *running.cancelled.borrow() {
        return Some(Failure::new(
            Cause::Superseded,
            "cancelled because a sibling leg failed (fail-fast)",
        ));
    }
    if Instant::now() >= running.deadline {
        return Some(out_of_time(running));
    }
    None
}

fn out_of_time(running: &Running<'_>) -> Failure {
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
    condition(text, &allowed(ExprPlace::StepIf))
        .and_then(|condition| condition.evaluate(scope))
        .map_err(|error| error.message)
}

/// The step's variables on top of the job's.
fn step_env(running: &Running<'_>, planned: &PlanStep) -> Result<Pairs, String> {
    let mut env = running.state.env.clone();
    let scope = running.scopes.of(&running.state, &env);
    overlay(
        &mut env,
        contexts::entries(&planned.step.env, ExprPlace::Step, &scope)?,
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
        Placement::BuiltIn(built_in) => action(running, planned, *built_in, env, scope, log).await,
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
        Placement::Container => script(running, planned, key, env, scope, log).await,
    }
}

/// Runs a built-in action.
async fn action(
    running: &mut Running<'_>,
    planned: &PlanStep,
    built_in: crate::plan::BuiltIn,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    let StepAction::Uses { with, .. } = &planned.step.action else {
        return Outcome::failed(Failure::new(Cause::Invariant, "an action without `uses`"));
    };
    let with = match contexts::entries(with, ExprPlace::Step, scope) {
        Ok(with) => with,
        Err(message) => {
            return Outcome::failed(Failure::new(
                Cause::WorkflowInvalid,
                format!("`with`: {message}"),
            ));
        }
    };
    let full_env = command_env(running, planned, env);
    let setup = &running.shared.setup;
    let output: Arc<dyn Output> = log.clone();
    let done = actions::run(
        built_in,
        &Call {
            host: running.host.as_ref(),
            with: &with,
            log: &output,
            workspace: &running.layout.workspace,
            user: &running.layout.spec.user,
            facts: running.layout.facts.as_ref(),
            env: &full_env,
            source: &running.layout.source,
            artifacts: &setup.run_dir.artifacts(),
            caches: &setup.run_dir.caches(),
            uploads: setup.uploads,
            plain_base: running.layout.plain_base,
        },
    )
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
    running
        .posts
        .extend(done.post.map(|post| (planned.name.clone(), post)));
    overlay(&mut running.state.env, done.env);
    for folder in done.path {
        running.state.path.insert(0, folder);
    }
    let mut outcome = match done.failure {
        None => Outcome::success(None),
        Some(failure) => Outcome::failed(failure),
    };
    outcome.outputs = done.outputs;
    outcome
}

/// Runs a script in the job's environment.
async fn script(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    let invalid = |message: String| Outcome::failed(Failure::new(Cause::WorkflowInvalid, message));
    let spec = match spec(running, planned, env, scope) {
        Ok(spec) => spec,
        Err(message) => return invalid(message),
    };
    let limit = match &planned.step.timeout_minutes {
        None => None,
        Some(node) => match contexts::value(node, ExprPlace::Step, scope) {
            Ok(value) if value.to_number() > 0.0 => Some(value.to_number()),
            Ok(_) => return invalid("timeout-minutes is not a positive number".to_owned()),
            Err(message) => return invalid(format!("timeout-minutes: {message}")),
        },
    };
    let (end, stopped) = match exec(running, &spec, limit, log).await {
        Ok(done) => done,
        Err(error) => return Outcome::failed(error.failure()),
    };
    let ended = reason::of(&end, stopped.as_ref(), planned.test.as_ref());
    let mut outcome = Outcome {
        ended,
        outputs: Vec::new(),
        note: None,
    };
    if let Some(failure) = stopped
        && failure.cause != Cause::StepTimeout
    {
        running.end(failure);
    }
    take_mail(running, key, &end, &mut outcome);
    outcome
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
        working_directory,
    } = &planned.step.action
    else {
        return Err("a script without `run`".to_owned());
    };
    let workflow = &running.shared.setup.plan.workflow.defaults;
    let job = &running.job.job.defaults;
    let evaluate =
        |text: &crate::workflow::Text| contexts::text(&text.value, ExprPlace::Step, scope);
    let asked = asked
        .as_ref()
        .or(job.shell.as_ref())
        .or(workflow.shell.as_ref())
        .map(evaluate)
        .transpose()?;
    let shell = shell::resolve(asked.as_deref(), running.layout.facts.as_ref())?;
    let folder = working_directory
        .as_ref()
        .or(job.working_directory.as_ref())
        .or(workflow.working_directory.as_ref())
        .map(evaluate)
        .transpose()?
        .unwrap_or_default();
    let workspace = &running.layout.workspace;
    let cwd = if folder.starts_with('/') {
        folder
    } else {
        format!("{workspace}/{folder}")
            .trim_end_matches('/')
            .to_owned()
    };
    let text = contexts::text(&script.value, ExprPlace::Step, scope)?.replace("\r\n", "\n");
    Ok(ExecSpec {
        name: planned.number.to_string(),
        command: shell.command,
        script: text.into_bytes(),
        extension: shell.extension.to_owned(),
        env: command_env(running, planned, env),
        cwd,
        mailbox: MAILBOX.to_vec(),
    })
}

/// Runs a command under the limits of its step and its job.
async fn exec(
    running: &Running<'_>,
    spec: &ExecSpec,
    limit_minutes: Option<f64>,
    log: &Arc<StepLog>,
) -> Result<(ExecEnd, Option<Failure>), EngineError> {
    let (sender, receiver) = watch::channel(Stop::Run);
    let output: Arc<dyn Output> = log.clone();
    let mut command = running.host.exec(spec, output, receiver);
    let step_deadline = limit_minutes
        .map(|minutes| Instant::now() + Duration::from_secs_f64((minutes * 60.0).min(1.0e7)));
    let mut halt = running.shared.setup.halt.clone();
    let mut cancelled = running.cancelled.clone();
    let mut stopped: Option<Failure> = None;
    loop {
        let next = step_deadline.map_or(running.deadline, |step| step.min(running.deadline));
        tokio::select! {
            end = &mut command => return end.map(|end| (end, stopped)),
            () = tokio::time::sleep_until(next), if stopped.is_none() => {
                let failure = if step_deadline.is_some_and(|step| step <= running.deadline) {
                    Failure::new(
                        Cause::StepTimeout,
                        format!(
                            "the step took longer than its timeout-minutes ({})",
                            limit_minutes.unwrap_or_default()
                        ),
                    )
                } else {
                    running.ended.clone().unwrap_or_else(|| out_of_time(running))
                };
                log.say(&format!("seatrial: {}", failure.message));
                stopped = Some(failure);
                let _ = sender.send(Stop::Gently);
            }
            () = stop_wanted(&mut cancelled), if stopped.is_none() && running.ended.is_none() => {
                stopped = Some(Failure::new(
                    Cause::Superseded,
                    "cancelled because a sibling leg failed (fail-fast)",
                ));
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

async fn stop_wanted(cancelled: &mut watch::Receiver<bool>) {
    if cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits until the run is to stop more urgently than it already is.
async fn more_urgent(halt: &mut watch::Receiver<super::Halt>, than: Stop) -> Stop {
    let level = halt
        .wait_for(|halt| halt.level > than)
        .await
        .map(|halt| halt.level);
    match level {
        Ok(level) => level,
        Err(_) => std::future::pending().await,
    }
}

/// All variables of a command: GitHub's, the job's, the step's, and ours for reports.
fn command_env(running: &Running<'_>, planned: &PlanStep, env: &Pairs) -> Pairs {
    let shared = running.shared;
    let facts = &shared.setup.github;
    let layout = &running.layout;
    let control = running.host.control();
    let mut all: Pairs = [
        ("CI", "true".to_owned()),
        ("HOME", layout.spec.user.home.clone()),
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_ACTOR", facts.actor.clone()),
        ("GITHUB_TRIGGERING_ACTOR", facts.actor.clone()),
        ("GITHUB_API_URL", "https://api.github.com".to_owned()),
        (
            "GITHUB_GRAPHQL_URL",
            "https://api.github.com/graphql".to_owned(),
        ),
        ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
        ("GITHUB_BASE_REF", facts.base_ref.clone()),
        ("GITHUB_HEAD_REF", facts.head_ref.clone()),
        ("GITHUB_EVENT_NAME", facts.event_name.clone()),
        ("GITHUB_EVENT_PATH", format!("{control}/event.json")),
        ("GITHUB_JOB", running.job.job.id.value.clone()),
        ("GITHUB_REF", facts.reference.clone()),
        ("GITHUB_REF_NAME", facts.ref_name().to_owned()),
        ("GITHUB_REF_PROTECTED", "false".to_owned()),
        ("GITHUB_REF_TYPE", facts.ref_type().to_owned()),
        ("GITHUB_REPOSITORY", facts.repository.clone()),
        ("GITHUB_REPOSITORY_OWNER", facts.owner().to_owned()),
        ("GITHUB_RETENTION_DAYS", "90".to_owned()),
        ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
        ("GITHUB_RUN_ID", facts.run_id.to_string()),
        ("GITHUB_RUN_NUMBER", "1".to_owned()),
        ("GITHUB_SHA", facts.sha.clone()),
        ("GITHUB_WORKFLOW", facts.workflow_name.clone()),
        (
            "GITHUB_WORKFLOW_REF",
            format!(
                "{}/{}@{}",
                facts.repository, facts.workflow_file, facts.reference
            ),
        ),
        ("GITHUB_WORKFLOW_SHA", facts.sha.clone()),
        ("GITHUB_WORKSPACE", layout.workspace.clone()),
        ("GITHUB_ACTION", step_action_name(planned)),
        (
            "RUNNER_ARCH",
            if cfg!(target_arch = "aarch64") {
                "ARM64"
            } else {
                "X64"
            }
            .to_owned(),
        ),
        ("RUNNER_ENVIRONMENT", "self-hosted".to_owned()),
        ("RUNNER_NAME", "seatrial".to_owned()),
        ("RUNNER_OS", "Linux".to_owned()),
        ("RUNNER_TEMP", layout.temp.clone()),
        ("RUNNER_TOOL_CACHE", layout.tools.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let own_path = layout.facts.as_ref().map(|facts| facts.path.clone());
    overlay(&mut all, env.clone());
    if let Some(image_path) = own_path {
        let base = env
            .iter()
            .find(|(name, _)| name == "PATH")
            .map_or(image_path, |(_, path)| path.clone());
        let mut path = running.state.path.join(":");
        if !path.is_empty() {
            path.push(':');
        }
        path.push_str(&base);
        overlay(&mut all, vec![("PATH".to_owned(), path)]);
    }
    if let Some(test) = planned.test.as_ref().filter(|test| test.inject_junit) {
        let own = all
            .iter()
            .find(|(name, _)| name == "PYTEST_ADDOPTS")
            .map(|(_, value)| format!("{value} "))
            .unwrap_or_default();
        // xunit1 names the file of each test, without which its node id is lost.
        let options = format!(
            "{own}--junitxml={control}/reports/{}/junit.xml -o junit_family=xunit1",
            planned.number
        );
        overlay(&mut all, vec![("PYTEST_ADDOPTS".to_owned(), options)]);
        if test.command == "tox" && !all.iter().any(|(name, _)| name == "TOX_OVERRIDE") {
            overlay(
                &mut all,
                vec![(
                    "TOX_OVERRIDE".to_owned(),
                    "testenv.pass_env+=PYTEST_ADDOPTS".to_owned(),
                )],
            );
        }
    }
    all
}

/// `github.action` of a step: its id, or `__run` as GitHub names it.
fn step_action_name(planned: &PlanStep) -> String {
    planned
        .step
        .id
        .as_ref()
        .map_or_else(|| "__run".to_owned(), |id| id.value.clone())
}

/// Reads what the step wrote into its environment files.
fn take_mail(running: &mut Running<'_>, key: &StepKey, end: &ExecEnd, outcome: &mut Outcome) {
    let text = |name: &str| String::from_utf8_lossy(end.mail(name)).into_owned();
    let mut problems = Vec::new();
    match env_files::parse(&text("env")) {
        Ok(pairs) => {
            for (name, value) in pairs {
                if let Some(message) = env_files::refusal(&name) {
                    problems.push(message);
                } else if !env_files::is_restored_by_runner(&name) {
                    overlay(&mut running.state.env, vec![(name, value)]);
                }
            }
        }
        Err(error) => problems.push(format!("GITHUB_ENV: {error}")),
    }
    match env_files::parse(&text("output")) {
        Ok(pairs) => outcome.outputs.extend(pairs),
        Err(error) => problems.push(format!("GITHUB_OUTPUT: {error}")),
    }
    if let Err(error) = env_files::parse(&text("state")) {
        problems.push(format!("GITHUB_STATE: {error}"));
    }
    for folder in env_files::parse_path(&text("path")) {
        running.state.path.insert(0, folder);
    }
    let summary = text("summary");
    if summary.len() > MAX_SUMMARY {
        problems.push(format!(
            "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got {}k",
            summary.len() / 1024
        ));
    } else if !summary.is_empty() {
        running.shared.setup.bus.emit(EventKind::Summary {
            step: key.clone(),
            markdown: masked(&running.shared.masker, &summary),
        });
    }
    if let Some(message) = problems.into_iter().next()
        && outcome.ended.outcome == Conclusion::Success
    {
        outcome.ended.outcome = Conclusion::Failure;
        outcome.ended.failure = Some(Failure::new(Cause::StepFailed, message));
    }
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
    if conclusion == Conclusion::Failure && running.state.status == Conclusion::Success {
        running.state.status = Conclusion::Failure;
    }
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

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
