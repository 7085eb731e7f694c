//! One step, from its condition to its result.

mod built_in;
mod condition;
mod log;
mod placement;
mod result;

use std::sync::Arc;

use crate::engine::{Stop, now_seconds};
use crate::plan::PlanStep;
use crate::record::{EventKind, StepKey};

use super::contexts::{self, Pairs, overlay};
use super::leg::{Ran, Running};
use super::script::working_directory;
use super::{masked, overwritten, workspace_files};

pub(super) use condition::out_of_time;
pub(super) use log::take_told;
pub(super) use result::Outcome;

/// Runs one step, or skips it.
pub(super) async fn run(running: &mut Running<'_>, planned: &PlanStep) {
    let shared = Arc::clone(running.shared);
    let bus = Arc::clone(&shared.setup.bus);
    let key = StepKey {
        job: running.leg.key.clone(),
        step: planned.number,
    };
    condition::watch_for_end(running);
    running.come_to(planned.number);
    running.files = workspace_files::before(running, planned).await;
    let env = step_env(running, planned);
    let scope = running.scope(env.as_ref().unwrap_or(&running.state.env));
    let name = contexts::text(&planned.name, running.place(), &scope)
        .unwrap_or_else(|_| planned.name.clone());
    let name = masked(&shared.masker, &name);
    let stopped = shared.setup.halt.borrow().level != Stop::Run;
    let ready = match env {
        Ok(env) => match condition::wanted(running, planned, &scope) {
            Ok(true) => Ok(env),
            Ok(false) => Err(Outcome::skipped()),
            Err(message) => Err(Outcome::invalid(format!("`if`: {message}"))),
        },
        Err(_) if stopped => Err(Outcome::skipped()),
        // As the runner: before `if`, and whatever `continue-on-error` says.
        Err(message) => Err(Outcome::invalid(format!("`env`: {message}"))),
    };
    let env = match ready {
        Ok(env) => env,
        Err(outcome) => return result::finish(running, planned, &key, name, outcome, false),
    };
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
        env: env.clone(),
        ended_by_itself: false,
        seen: Vec::new(),
    });
    overwritten::bring_before(running, planned).await;
    let log = log::open(running, &key, &name, &env);
    let outcome = placement::act(running, planned, &key, &env, &scope, &log).await;
    let allowed = planned.step.continue_on_error.as_ref().is_some_and(|node| {
        contexts::value(node, running.place(), &scope).is_ok_and(|value| value.is_truthy())
    });
    let told = log::take_told(running, planned.number, log.finish());
    let outcome = outcome.with_told(told, planned);
    result::finish(running, planned, &key, name, outcome, allowed);
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
