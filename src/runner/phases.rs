//! The phases of an action's own code: `pre` before the first step of the job, `main`
//! in the place of the step, `post` after the last step, in reverse order
//! (`ActionRunner` of actions/runner).

use std::sync::Arc;

use crate::expr::{Contexts, condition};
use crate::plan::{ActionUse, ExprPlace, Origin, Placement, PlanStep, allowed};
use crate::record::{Cause, Conclusion, EventKind, Failure, StepKey};
use crate::workflow::Runs;

use super::contexts::Pairs;
use super::leg::Running;
use super::log::StepLog;
use super::post::Post;
use super::step::{self, Outcome};
use super::variables::unsecure;
use super::{docker_action, in_action, node_action, script};

/// One of the three phases of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Pre,
    Main,
    Post,
}

impl Phase {
    /// What sets its commands apart from those of the other phases.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Pre => "-pre",
            Self::Main => "",
            Self::Post => "-post",
        }
    }
}

/// An action in the step that uses it: what its phases are run with.
#[derive(Debug, Clone)]
pub(super) struct Invocation {
    /// The step.
    pub(super) planned: PlanStep,
    /// The action.
    pub(super) used: Arc<ActionUse>,
    /// Its inputs, defaults included.
    pub(super) inputs: Pairs,
    /// Variables of the job and the step.
    pub(super) env: Pairs,
}

impl Invocation {
    /// The variables in which a phase finds what those before it saved.
    pub(super) fn saved_state(&self, running: &Running<'_>) -> Pairs {
        let saved = running.saved.get(&self.planned.number);
        saved
            .into_iter()
            .flatten()
            .map(|(name, value)| (format!("STATE_{name}"), value.clone()))
            .collect()
    }

    async fn run(
        &self,
        running: &mut Running<'_>,
        key: &StepKey,
        phase: Phase,
        limit: Option<f64>,
        log: &Arc<StepLog>,
    ) -> Outcome {
        match &self.used.action.runs {
            Runs::Node(action) => {
                node_action::run(running, self, action, key, phase, limit, log).await
            }
            Runs::Docker(action) => {
                docker_action::run(running, self, action, key, phase, limit, log).await
            }
            Runs::Composite(_) => Outcome::failed(Failure::new(
                Cause::Invariant,
                "a composite action has no phases",
            )),
        }
    }
}

/// The condition of a phase that an action has beside `main`; `always()` where it says
/// nothing.
fn condition_of(runs: &Runs, phase: Phase) -> Option<&str> {
    let (code, condition) = match (runs, phase) {
        (Runs::Node(action), Phase::Pre) => (&action.pre, &action.pre_if),
        (Runs::Node(action), Phase::Post) => (&action.post, &action.post_if),
        (Runs::Docker(action), Phase::Pre) => (&action.pre, &action.pre_if),
        (Runs::Docker(action), Phase::Post) => (&action.post, &action.post_if),
        (Runs::Composite(_), _) | (_, Phase::Main) => return None,
    };
    code.as_ref()?;
    let text = condition.as_ref().map(|text| text.value.as_str());
    Some(text.unwrap_or("always()"))
}

/// Whether a `pre-if` or `post-if` holds.
fn holds(text: &str, scope: &Contexts) -> bool {
    condition(text, &allowed(ExprPlace::ActionStepIf))
        .and_then(|condition| condition.evaluate(scope))
        .unwrap_or(false)
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
    let invalid = |message| Outcome::failed(Failure::new(Cause::WorkflowInvalid, message));
    let inputs = match in_action::inputs(planned, used, scope, log) {
        Ok(inputs) => inputs,
        Err(message) => return invalid(message),
    };
    let limit = match script::limit(planned, scope) {
        Ok(limit) => limit,
        Err(message) => return invalid(message),
    };
    let invocation = Invocation {
        planned: planned.clone(),
        used: Arc::clone(used),
        inputs,
        env: env.clone(),
    };
    note_post(running, &invocation);
    invocation.run(running, key, Phase::Main, limit, log).await
}

/// Notes that an action has a `post`. One whose `pre` ran is there already: its place
/// in the order stays, what it is run with comes from `main`.
fn note_post(running: &mut Running<'_>, invocation: &Invocation) {
    if condition_of(&invocation.used.action.runs, Phase::Post).is_none() {
        return;
    }
    let noted = running.posts.iter_mut().find_map(|post| match post {
        Post::Action(noted) if noted.planned.number == invocation.planned.number => Some(noted),
        _ => None,
    });
    match noted {
        Some(noted) => noted.as_mut().clone_from(invocation),
        None => running
            .posts
            .push(Post::Action(Box::new(invocation.clone()))),
    }
}

/// Runs `pre` of every action that has one, before the first step of the job. Those
/// of local actions are never run: their files come with the first step.
pub(super) async fn pre_steps(running: &mut Running<'_>) {
    let steps: Vec<PlanStep> = running.leg.every_step().into_iter().cloned().collect();
    let mut number = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    for planned in &steps {
        let (Placement::Node(used) | Placement::Docker(used)) = &planned.placement else {
            continue;
        };
        let Some(condition) = condition_of(&used.action.runs, Phase::Pre) else {
            continue;
        };
        if used.origin == Origin::Here {
            continue;
        }
        number = number.saturating_add(1);
        running.extra_steps = number;
        let scope = running.scope(&running.state.env);
        if holds(condition, &scope) {
            pre(running, planned, used, number).await;
        }
    }
}

/// Runs `pre`, with the inputs that are known before the job begins.
async fn pre(running: &mut Running<'_>, planned: &PlanStep, used: &Arc<ActionUse>, number: u32) {
    running.come_to(planned.number);
    let name = format!("Pre {}", planned.name);
    let (key, log) = begin(running, number, &name);
    let scope = running.scope(&running.state.env);
    let outcome = match in_action::inputs(planned, used, &scope, &log) {
        Ok(inputs) => {
            let invocation = Invocation {
                planned: planned.clone(),
                used: Arc::clone(used),
                inputs,
                env: running.state.env.clone(),
            };
            note_post(running, &invocation);
            invocation.run(running, &key, Phase::Pre, None, &log).await
        }
        Err(message) => Outcome::failed(Failure::new(Cause::WorkflowInvalid, message)),
    };
    end(running, planned.number, key, name, outcome, &log);
}

/// Runs `post` of an action, with the state that the others saved.
pub(super) async fn post(running: &mut Running<'_>, invocation: &Invocation, number: u32) {
    let Some(condition) = condition_of(&invocation.used.action.runs, Phase::Post) else {
        return;
    };
    let planned = &invocation.planned;
    running.come_to(planned.number);
    let scope = running.scope(&running.state.env);
    if !holds(condition, &scope) {
        return;
    }
    let name = format!("Post {}", planned.name);
    let (key, log) = begin(running, number, &name);
    let outcome = invocation.run(running, &key, Phase::Post, None, &log).await;
    end(running, planned.number, key, name, outcome, &log);
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
        &running.shared.log_room(&key.job),
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
