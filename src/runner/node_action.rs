//! JavaScript actions, run by the Node of the job's environment (`NodeScriptActionHandler`
//! of actions/runner).

use std::sync::Arc;

use crate::engine::ExecSpec;
use crate::record::{Cause, Failure, StepKey};
use crate::workflow::NodeAction;

use super::contexts::overlay;
use super::in_action::{self, variables};
use super::leg::Running;
use super::log::StepLog;
use super::phases::{Invocation, Phase};
use super::script::{self, MAILBOX};
use super::source;
use super::step::Outcome;
use super::variables::command_env;

/// Runs one phase of an action.
pub(super) async fn run(
    running: &mut Running<'_>,
    invocation: &Invocation,
    action: &NodeAction,
    key: &StepKey,
    phase: Phase,
    limit: Option<f64>,
    log: &Arc<StepLog>,
) -> Outcome {
    let folder = match in_action::folder(running, &invocation.used, log).await {
        Ok(folder) => folder,
        Err(failure) => return Outcome::failed(failure),
    };
    if let Err(failure) = bring_node(running).await {
        return Outcome::failed(failure);
    }
    let spec = spec(running, invocation, action, phase, &folder);
    let planned = &invocation.planned;
    let outcome = script::command(running, planned, key, &spec, limit, log).await;
    explained(outcome, action)
}

/// What one phase of an action is run with.
fn spec(
    running: &Running<'_>,
    invocation: &Invocation,
    action: &NodeAction,
    phase: Phase,
    folder: &str,
) -> ExecSpec {
    let path = match phase {
        Phase::Pre => action.pre.as_ref(),
        Phase::Main => Some(&action.main),
        Phase::Post => action.post.as_ref(),
    };
    let path = path.map_or("", |path| path.value.as_str());
    let planned = &invocation.planned;
    let mut env = command_env(running, planned, &invocation.env);
    overlay(&mut env, variables(&invocation.used, folder));
    overlay(&mut env, in_action::input_variables(&invocation.inputs));
    overlay(&mut env, invocation.saved_state(running));
    ExecSpec {
        name: format!("{}{}", planned.number, phase.ending()),
        command: vec![node(running), format!("{folder}/{path}")],
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
