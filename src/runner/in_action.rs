//! Actions whose own code is run: their inputs, their folder, and the steps of
//! composite ones (`CompositeActionHandler` of actions/runner).

use std::sync::Arc;

use crate::actions::hash_known;
use crate::engine::Output;
use crate::expr::{Contexts, Object, StatusCheck, Value};
use crate::plan::{ActionUse, ExprPlace, Origin, PlanStep};
use crate::record::{Cause, Conclusion, Failure, Level};
use crate::workflow::StepAction;

use super::contexts::{self, Pairs, overlay};
use super::leg::Running;
use super::log::StepLog;
use super::reason::Ended;
use super::step::{self, Outcome};
use super::{masked, source};

/// The composite action whose steps are running.
#[derive(Debug, Clone)]
pub(super) struct InAction {
    /// The action.
    used: Arc<ActionUse>,
    /// Its folder inside the environment.
    pub(super) folder: String,
    /// The `inputs` context of its steps.
    inputs: Value,
    /// Variables of the step that uses it, and of those around.
    pub(super) env: Pairs,
    /// The `steps` context of what is around.
    outer_steps: Object,
    /// How its steps went so far (`action_status` of actions/runner): `success()` and
    /// `failure()` inside it ask for this, not for the job.
    pub(super) status: Conclusion,
}

impl InAction {
    /// Makes a job's scope that of a step of the action.
    pub(super) fn enter(&self, scope: Contexts, github: &Value, job: Conclusion) -> Contexts {
        let own = self.status;
        scope
            .with("github", with_action(github, &self.used, &self.folder))
            .with("inputs", self.inputs.clone())
            .with_status(move |check| match check {
                StatusCheck::Success => own == Conclusion::Success,
                StatusCheck::Failure => own == Conclusion::Failure,
                StatusCheck::Cancelled => job == Conclusion::Cancelled,
                StatusCheck::Always => true,
            })
    }

    /// The scope of what `run` itself says, from that of its step. GitHub's runner has
    /// taken the name of the action out by then (`ActionRunner` of actions/runner, its
    /// issue 2473); `env` and `if` of the step still see it.
    pub(super) fn of_script(&self, scope: Contexts, github: &Value) -> Contexts {
        scope.with("github", with_origin(github, &self.folder, ("", "")))
    }

    /// Variables that tell the steps where they are.
    pub(super) fn variables(&self) -> Pairs {
        vec![("GITHUB_ACTION_PATH".to_owned(), self.folder.clone())]
    }
}

/// `GITHUB_ACTION_PATH` and the like.
pub(super) fn variables(used: &ActionUse, folder: &str) -> Pairs {
    let (repository, reference) = origin(used);
    vec![
        ("GITHUB_ACTION_PATH".to_owned(), folder.to_owned()),
        ("GITHUB_ACTION_REPOSITORY".to_owned(), repository.to_owned()),
        ("GITHUB_ACTION_REF".to_owned(), reference.to_owned()),
    ]
}

/// The `github` context inside an action.
fn with_action(github: &Value, used: &ActionUse, folder: &str) -> Value {
    with_origin(github, folder, origin(used))
}

fn with_origin(github: &Value, folder: &str, (repository, reference): (&str, &str)) -> Value {
    let Value::Object(github) = github else {
        return github.clone();
    };
    let mut github = Object::clone(github);
    github.insert("action_path", folder);
    github.insert("action_repository", repository);
    github.insert("action_ref", reference);
    Value::object(github)
}

fn origin(used: &ActionUse) -> (&str, &str) {
    match &used.origin {
        Origin::Here => ("", ""),
        Origin::Remote {
            repository,
            reference,
        } => (repository, reference),
    }
}

/// Runs the steps of a composite action in place of the step that uses it.
pub(super) async fn composite(
    running: &mut Running<'_>,
    planned: &PlanStep,
    used: &Arc<ActionUse>,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    let inputs = match inputs(planned, used, scope, log) {
        Ok(inputs) => inputs,
        Err(message) => return invalid(message),
    };
    let folder = match folder(running, used, log).await {
        Ok(folder) => folder,
        Err(failure) => return Outcome::failed(failure),
    };
    let mut env = running
        .inside
        .last()
        .map(|around| around.env.clone())
        .unwrap_or_default();
    match contexts::entries(&planned.step.env, running.place(), scope) {
        Ok(own) => overlay(&mut env, own),
        Err(message) => return invalid(message),
    }
    running.inside.push(InAction {
        used: Arc::clone(used),
        folder,
        inputs: contexts::object(&inputs),
        env,
        outer_steps: std::mem::take(&mut running.state.steps),
        status: Conclusion::Success,
    });
    for step in &used.steps {
        Box::pin(step::run(running, step)).await;
    }
    let outputs = outputs(running, used);
    let Some(inside) = running.inside.pop() else {
        return Outcome::failed(Failure::new(Cause::Invariant, "an action ended twice"));
    };
    running.state.steps = inside.outer_steps;
    match outputs {
        Err(message) => invalid(message),
        Ok(outputs) => Outcome {
            ended: Ended {
                outcome: inside.status,
                exit_code: None,
                // The step that failed says why.
                failure: None,
            },
            outputs,
            note: None,
        },
    }
}

fn invalid(message: String) -> Outcome {
    Outcome::failed(Failure::new(Cause::WorkflowInvalid, message))
}

/// The outputs of a composite action, from what its steps gave.
fn outputs(running: &Running<'_>, used: &ActionUse) -> Result<Pairs, String> {
    let scope = running.scope(&running.state.env);
    let mut found = Vec::new();
    for (name, value) in &used.action.outputs {
        let Some(value) = value else { continue };
        let value = contexts::value(value, ExprPlace::ActionOutput, &scope)
            .map_err(|message| format!("the output `{}`: {message}", name.value))?;
        found.push((name.value.clone(), value.to_text()));
    }
    Ok(found)
}

/// The inputs of an action: what `with` gives, and defaults. Always texts.
pub(super) fn inputs(
    planned: &PlanStep,
    used: &ActionUse,
    scope: &Contexts,
    log: &StepLog,
) -> Result<Pairs, String> {
    let StepAction::Uses { with, .. } = &planned.step.action else {
        return Ok(Vec::new());
    };
    let place = if planned.inside.is_some() {
        ExprPlace::ActionStep
    } else {
        ExprPlace::Step
    };
    let given =
        contexts::entries(with, place, scope).map_err(|error| format!("`with`: {error}"))?;
    let declared = &used.action.inputs;
    let mut unexpected = Vec::new();
    for (name, _) in &given {
        match declared
            .iter()
            .find(|input| input.name.value.eq_ignore_ascii_case(name))
        {
            Some(input) => {
                if let Some(message) = &input.deprecated {
                    log.warning(&format!(
                        "Input '{name}' has been deprecated with message: {}",
                        message.value
                    ));
                }
            }
            // Docker actions take these two without declaring them.
            None if name.eq_ignore_ascii_case("entrypoint")
                || name.eq_ignore_ascii_case("args") => {}
            None => unexpected.push(format!("'{name}'")),
        }
    }
    if !unexpected.is_empty() {
        let valid: Vec<String> = declared
            .iter()
            .map(|input| format!("'{}'", input.name.value))
            .collect();
        log.warning(&format!(
            "Unexpected input(s) {}, valid inputs are [{}]",
            unexpected.join(", "),
            valid.join(", ")
        ));
    }
    let mut inputs: Pairs = Vec::new();
    for input in declared {
        let name = &input.name.value;
        let own = given
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone());
        let value = match (own, &input.default) {
            (Some(value), _) => value,
            (None, Some(node)) => contexts::value(node, ExprPlace::ActionInput, scope)
                .map_err(|error| format!("the default of `{name}`: {error}"))?
                .to_text(),
            (None, None) => String::new(),
        };
        inputs.push((name.clone(), value));
    }
    for (name, value) in given {
        if !inputs
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
            inputs.push((name, value));
        }
    }
    Ok(inputs)
}

/// The inputs as an action's own code sees them: `INPUT_SOME_THING` for `some thing`
/// (`Handler.AddInputsToEnvironment` of actions/runner).
pub(super) fn input_variables(inputs: &Pairs) -> Pairs {
    inputs
        .iter()
        .map(|(name, value)| {
            let name = name.replace(' ', "_").to_uppercase();
            (format!("INPUT_{name}"), value.clone())
        })
        .collect()
}

/// The folder of an action inside the environment. One of another repository is
/// copied there when it is used first.
pub(super) async fn folder(
    running: &mut Running<'_>,
    used: &ActionUse,
    log: &Arc<StepLog>,
) -> Result<String, Failure> {
    let root = match &used.origin {
        Origin::Here => running.layout.workspace.clone(),
        Origin::Remote {
            repository,
            reference,
        } => {
            let root = format!(
                "{}/actions/{repository}/{}",
                running.host.control(),
                crate::record::slug(reference)
            );
            if running.fetched.insert(used.origin.clone()) {
                bring(running, &used.origin, &root, log).await?;
            }
            root
        }
    };
    Ok(format!("{root}/{}", used.folder)
        .trim_end_matches('/')
        .to_owned())
}

/// Copies a fetched repository into the environment.
async fn bring(
    running: &Running<'_>,
    origin: &Origin,
    root: &str,
    log: &Arc<StepLog>,
) -> Result<(), Failure> {
    let folders = &running.shared.setup.plan.planner.sources().folders;
    let folder = folders
        .get(origin)
        .ok_or_else(|| Failure::new(Cause::Invariant, format!("{origin} was not fetched")))?;
    let tree = source::everything(folder)
        .map_err(|error| Failure::new(Cause::PathInvalid, format!("{origin}: {error}")))?;
    log.write(format!("copying {origin} into the environment\n").as_bytes());
    running
        .host
        .put_tree(Arc::new(tree), root)
        .await
        .map_err(|error| error.failure())
}

impl Running<'_> {
    /// The contexts of the next step, with these variables.
    pub(super) fn scope(&self, env: &Pairs) -> Contexts {
        let mut scope = self.scopes.of(&self.state, env);
        if let Some(files) = self.files.clone() {
            let workspace = self.layout.workspace.clone();
            scope = scope.with_hash(move |patterns| hash_known(&files, &workspace, patterns));
        }
        match self.inside.last() {
            Some(inside) => inside.enter(scope, self.scopes.github(), self.state.status),
            None => scope,
        }
    }

    /// The place in which expressions of the running steps stand.
    pub(super) fn place(&self) -> ExprPlace {
        if self.inside.is_empty() {
            ExprPlace::Step
        } else {
            ExprPlace::ActionStep
        }
    }

    /// The place in which their conditions stand.
    pub(super) fn condition_place(&self) -> ExprPlace {
        if self.inside.is_empty() {
            ExprPlace::StepIf
        } else {
            ExprPlace::ActionStepIf
        }
    }

    /// Tells the job, or the action around, how a step ended.
    pub(super) fn note_conclusion(&mut self, conclusion: Conclusion) {
        let status = match self.inside.last_mut() {
            Some(inside) => &mut inside.status,
            None => &mut self.state.status,
        };
        if conclusion == Conclusion::Failure && *status == Conclusion::Success {
            *status = Conclusion::Failure;
        }
    }

    /// A warning about this leg.
    pub(super) fn warn(&self, message: &str) {
        self.shared.setup.bus.notice(
            Level::Warning,
            Some(&self.leg.key),
            masked(&self.shared.masker, message),
        );
    }
}
