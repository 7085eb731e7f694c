//! JavaScript actions, run by the Node of the job's environment (`NodeScriptActionHandler`
//! of actions/runner): `pre` before the first step, `main`, `post` after the last.

use std::sync::Arc;

use crate::engine::ExecSpec;
use crate::expr::{Contexts, condition};
use crate::plan::{ActionUse, ExprPlace, PlanStep, allowed};
use crate::record::{Cause, Conclusion, EventKind, Failure, StepKey};
use crate::workflow::{NodeAction, Runs};

use super::contexts::{Pairs, overlay};
use super::in_action::{self, variables};
use super::leg::Running;
use super::log::StepLog;
use super::post::Post;
use super::script::{self, MAILBOX};
use super::source;
use super::step::{self, Outcome};
use super::variables::{command_env, unsecure};

/// What `post` of a JavaScript action is run with.
#[derive(Debug, Clone)]
pub(super) struct NodePost {
    /// The step that used the action.
    planned: PlanStep,
    used: Arc<ActionUse>,
    inputs: Pairs,
    env: Pairs,
    folder: String,
}

/// One of the three phases of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Pre,
    Main,
    Post,
}

/// Runs `main` of an action, and notes its `post`.
pub(super) async fn main(
    running: &mut Running<'_>,
    planned: &PlanStep,
    used: &Arc<ActionUse>,
    key: &StepKey,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    let Runs::Node(action) = &used.action.runs else {
        return failed(Cause::Invariant, "not a JavaScript action");
    };
    let inputs = match in_action::inputs(planned, used, scope, log) {
        Ok(inputs) => inputs,
        Err(message) => return failed(Cause::WorkflowInvalid, message),
    };
    let folder = match in_action::folder(running, used, log).await {
        Ok(folder) => folder,
        Err(failure) => return Outcome::failed(failure),
    };
    if let Err(failure) = bring_node(running).await {
        return Outcome::failed(failure);
    }
    let with = NodePost {
        planned: planned.clone(),
        used: Arc::clone(used),
        inputs,
        env: env.clone(),
        folder,
    };
    let spec = spec(running, &with, action, Phase::Main);
    if action.post.is_some() {
        running.posts.push(Post::Node(Box::new(with)));
    }
    let limit = match script::limit(planned, scope) {
        Ok(limit) => limit,
        Err(message) => return failed(Cause::WorkflowInvalid, message),
    };
    let outcome = script::command(running, planned, key, &spec, limit, log).await;
    explained(outcome, action)
}

fn failed(cause: Cause, message: impl Into<String>) -> Outcome {
    Outcome::failed(Failure::new(cause, message))
}

/// What one phase of an action is run with.
fn spec(running: &Running<'_>, with: &NodePost, action: &NodeAction, phase: Phase) -> ExecSpec {
    let (path, ending) = match phase {
        Phase::Pre => (action.pre.as_ref(), "-pre"),
        Phase::Main => (Some(&action.main), ""),
        Phase::Post => (action.post.as_ref(), "-post"),
    };
    let path = path.map_or("", |path| path.value.as_str());
    let mut env = command_env(running, &with.planned, &with.env);
    overlay(&mut env, variables(&with.used, &with.folder));
    overlay(&mut env, in_action::input_variables(&with.inputs));
    for (name, value) in running
        .saved
        .get(&with.planned.number)
        .into_iter()
        .flatten()
    {
        overlay(&mut env, vec![(format!("STATE_{name}"), value.clone())]);
    }
    ExecSpec {
        name: format!("{}{ending}", with.planned.number),
        command: vec![node(running), format!("{}/{path}", with.folder)],
        env,
        cwd: running.layout.workspace.clone(),
        mailbox: MAILBOX.to_vec(),
        ..ExecSpec::default()
    }
}

/// The program that runs the scripts: the Node that was given, else the one on `PATH`.
fn node(running: &Running<'_>) -> String {
    if running.node_given {
        format!("{}/node/node", running.host.control())
    } else {
        "node".to_owned()
    }
}

/// Puts the Node that was given into an environment whose image has none.
async fn bring_node(running: &mut Running<'_>) -> Result<(), Failure> {
    let facts = running.layout.facts.as_ref();
    let own = facts.is_none_or(|facts| facts.has("node"));
    let Some(given) = &running.shared.setup.node else {
        return Ok(());
    };
    if own || running.node_given {
        return Ok(());
    }
    let wrong = |error: std::io::Error| {
        Failure::new(
            Cause::PathInvalid,
            format!("--node {}: {error}", given.display()),
        )
    };
    let place = given.canonicalize().map_err(wrong)?;
    let tree = source::program(&place, "node").map_err(wrong)?;
    let folder = format!("{}/node", running.host.control());
    running
        .host
        .put_tree(Arc::new(tree), &folder)
        .await
        .map_err(|error| error.failure())?;
    running.node_given = true;
    Ok(())
}

/// Says what to do where Node was not found.
fn explained(mut outcome: Outcome, action: &NodeAction) -> Outcome {
    if let (Some(failure), Some(127)) = (&mut outcome.ended.failure, outcome.ended.exit_code) {
        *failure = Failure::new(
            Cause::SetupFailed,
            format!(
                "the action needs Node ({}), which is not installed where it runs; install it in \
                 Dockerfile.test or in a step before, give one with `--node FILE`, or skip the \
                 action",
                action.using.value
            ),
        );
    }
    outcome
}

/// Runs `pre` of every action that has one, before the first step of the job. Those
/// of local actions are never run: their files come with the first step.
pub(super) async fn pre_steps(running: &mut Running<'_>) {
    let steps: Vec<PlanStep> = running.leg.every_step().into_iter().cloned().collect();
    let mut number = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    for planned in &steps {
        let crate::plan::Placement::Node(used) = &planned.placement else {
            continue;
        };
        let Runs::Node(action) = &used.action.runs else {
            continue;
        };
        if action.pre.is_none() || used.origin == crate::plan::Origin::Here {
            continue;
        }
        number = number.saturating_add(1);
        running.extra_steps = number;
        let text = action.pre_if.as_ref().map(|text| text.value.as_str());
        let scope = running.scope(&running.state.env);
        if !holds(text, &scope) {
            continue;
        }
        pre(running, planned, used, action, number).await;
    }
}

/// Whether a `pre-if` or `post-if` holds; `always()` where there is none.
fn holds(text: Option<&str>, scope: &Contexts) -> bool {
    condition(
        text.unwrap_or("always()"),
        &allowed(ExprPlace::ActionStepIf),
    )
    .and_then(|condition| condition.evaluate(scope))
    .unwrap_or(false)
}

/// Runs `pre`, with the inputs that are known before the job begins.
async fn pre(
    running: &mut Running<'_>,
    planned: &PlanStep,
    used: &Arc<ActionUse>,
    action: &NodeAction,
    number: u32,
) {
    running.come_to(planned.number);
    let name = format!("Pre {}", planned.name);
    let (key, log) = begin(running, number, &name);
    let scope = running.scope(&running.state.env);
    let prepared = match in_action::inputs(planned, used, &scope, &log) {
        Ok(inputs) => in_action::folder(running, used, &log)
            .await
            .map(|folder| NodePost {
                planned: planned.clone(),
                used: Arc::clone(used),
                inputs,
                env: running.state.env.clone(),
                folder,
            }),
        Err(message) => Err(Failure::new(Cause::WorkflowInvalid, message)),
    };
    let prepared = match bring_node(running).await {
        Ok(()) => prepared,
        Err(failure) => Err(failure),
    };
    let outcome = match prepared {
        Ok(with) => {
            let spec = spec(running, &with, action, Phase::Pre);
            let outcome = script::command(running, planned, &key, &spec, None, &log).await;
            explained(outcome, action)
        }
        Err(failure) => Outcome::failed(failure),
    };
    end(running, planned.number, key, name, outcome, &log);
}

/// Runs `post` of an action, with the state that the others saved.
pub(super) async fn post(running: &mut Running<'_>, with: &NodePost, number: u32) {
    let Runs::Node(action) = &with.used.action.runs else {
        return;
    };
    running.come_to(with.planned.number);
    let text = action.post_if.as_ref().map(|text| text.value.as_str());
    let scope = running.scope(&running.state.env);
    if !holds(text, &scope) {
        return;
    }
    let name = format!("Post {}", with.planned.name);
    let (key, log) = begin(running, number, &name);
    let spec = spec(running, with, action, Phase::Post);
    let outcome = script::command(running, &with.planned, &key, &spec, None, &log).await;
    let outcome = explained(outcome, action);
    end(running, with.planned.number, key, name, outcome, &log);
}

fn begin(running: &Running<'_>, number: u32, name: &str) -> (StepKey, Arc<StepLog>) {
    let setup = &running.shared.setup;
    let key = StepKey {
        job: running.leg.key.clone(),
        step: number,
    };
    setup.bus.emit(EventKind::StepStarted {
        step: key.clone(),
        name: name.to_owned(),
    });
    let log = Arc::new(StepLog::new(
        &setup.run_dir.log(&key.job, number, name),
        key.clone(),
        Arc::clone(&setup.bus),
        Arc::clone(&running.shared.masker),
        unsecure(&running.state.env),
    ));
    (key, log)
}

/// Tells how a phase ended. A failure is one of the job.
fn end(
    running: &mut Running<'_>,
    planned: u32,
    step: StepKey,
    name: String,
    outcome: Outcome,
    log: &StepLog,
) {
    step::take_told(running, planned, log.finish());
    let result = outcome.ended.outcome;
    if result == Conclusion::Failure {
        running.note_conclusion(result);
    }
    running.shared.setup.bus.emit(EventKind::StepFinished {
        step,
        name,
        outcome: result,
        conclusion: result,
        exit_code: outcome.ended.exit_code,
        failure: outcome.ended.failure,
        note: outcome.note,
    });
}
