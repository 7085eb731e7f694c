//! The contexts that expressions of a running job see.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::actions::hash_files;
use crate::expr::{Contexts, ExprError, Object, StatusCheck, Template, Value, condition};
use crate::plan::{ExprPlace, Frame, Leg, PlanJob, allowed, github_context, strategy_context};
use crate::record::Conclusion;
use crate::workflow::{Entries, Node, NodeKind};

use super::Shared;
use super::environment::Layout;
use super::schedule::Done;

/// A list of names and texts.
pub(super) type Pairs = Vec<(String, String)>;

/// What a job knows of itself while it runs.
#[derive(Debug, Clone)]
pub(super) struct JobState {
    /// `env` as it stands: workflow, job, and what steps wrote to `GITHUB_ENV`.
    pub(super) env: Pairs,
    /// Folders that steps put before `PATH`, latest first.
    pub(super) path: Vec<String>,
    /// `steps` context.
    pub(super) steps: Object,
    /// The job's status so far.
    pub(super) status: Conclusion,
}

impl JobState {
    /// Puts a folder before `PATH`; one that is there already moves to the front
    /// (`AddPathFileCommand` of actions/runner).
    pub(super) fn prepend_path(&mut self, folder: String) {
        self.path.retain(|known| *known != folder);
        self.path.insert(0, folder);
    }
}

impl Default for JobState {
    fn default() -> Self {
        Self {
            env: Vec::new(),
            path: Vec::new(),
            steps: Object::new(),
            status: Conclusion::Success,
        }
    }
}

/// Everything that stays the same for the expressions of a leg.
#[derive(Clone)]
pub(super) struct Scopes {
    github: Value,
    runner: Value,
    strategy: Value,
    matrix: Value,
    needs: Value,
    vars: Value,
    inputs: Value,
    secrets: Value,
    /// `job` beyond its status: `container` and `services`.
    job: Vec<(&'static str, Value)>,
    shared: Arc<Shared>,
}

impl Scopes {
    /// The contexts of a leg.
    pub(super) fn new(
        shared: &Arc<Shared>,
        job: &PlanJob,
        leg: &Leg,
        needs: Value,
        layout: Option<&Layout>,
        secrets: &Pairs,
    ) -> Self {
        let setup = &shared.setup;
        let workspace = layout.map_or("", |layout| layout.workspace.as_str());
        let runner = json!({
            "name": "seatrial",
            "os": "Linux",
            "arch": if cfg!(target_arch = "aarch64") { "ARM64" } else { "X64" },
            "temp": layout.map_or("", |layout| layout.temp.as_str()),
            "tool_cache": layout.map_or("", |layout| layout.tools.as_str()),
            "workspace": workspace,
            "debug": "",
            "environment": "self-hosted",
        });
        let mut github = github_context(&setup.github, workspace, &job.job.id.value);
        if let Some(github) = github.as_object_mut() {
            if let Some(layout) = layout {
                github.insert("event_path".to_owned(), layout.event_path.as_str().into());
            }
            // The two are one and the same on GitHub.
            if let Some((_, token)) = secrets.iter().find(|(name, _)| name == "GITHUB_TOKEN") {
                github.insert("token".to_owned(), token.as_str().into());
            }
        }
        Self {
            github: Value::from_json(&github),
            runner: Value::from_json(&runner),
            strategy: strategy_context(job.fail_fast, job.max_parallel, leg.index, job.legs.len()),
            matrix: leg.matrix.clone(),
            needs,
            vars: object(&setup.vars),
            inputs: job.frame.inputs.clone(),
            secrets: object(secrets),
            job: Vec::new(),
            shared: Arc::clone(shared),
        }
    }

    /// The `github` context of the job.
    pub(super) fn github(&self) -> &Value {
        &self.github
    }

    /// Notes which step comes: `github.action`, which stays as it is after it.
    pub(super) fn set_action(&mut self, name: &str) {
        if let Value::Object(github) = &self.github {
            let mut github = Object::clone(github);
            github.insert("action", name);
            self.github = Value::object(github);
        }
    }

    /// Lets expressions see the job's containers, once they run.
    pub(super) fn with_containers(mut self, containers: Vec<(&'static str, Value)>) -> Self {
        self.job = containers;
        self
    }

    /// The scope for one step (or for the job itself, before its first step).
    pub(super) fn of(&self, state: &JobState, env: &Pairs) -> Contexts {
        let mut job = Object::new();
        job.insert("status", state.status.as_str());
        for (name, value) in &self.job {
            job.insert(*name, value.clone());
        }
        let mut variables = Object::case_sensitive();
        for (name, value) in env {
            variables.insert(name.clone(), value.as_str());
        }
        let status = state.status;
        let shared = Arc::clone(&self.shared);
        let workspace = match &self.github {
            Value::Object(github) => github.get("workspace").map(Value::to_text),
            _ => None,
        }
        .unwrap_or_default();
        Contexts::new()
            .with("github", self.github.clone())
            .with("runner", self.runner.clone())
            .with("strategy", self.strategy.clone())
            .with("matrix", self.matrix.clone())
            .with("needs", self.needs.clone())
            .with("vars", self.vars.clone())
            .with("inputs", self.inputs.clone())
            .with("secrets", self.secrets.clone())
            .with("env", variables)
            .with("job", job)
            .with("steps", state.steps.clone())
            .with_status(move |check| match check {
                StatusCheck::Success => status == Conclusion::Success,
                StatusCheck::Failure => status == Conclusion::Failure,
                StatusCheck::Cancelled => status == Conclusion::Cancelled,
                StatusCheck::Always => true,
            })
            .with_hash(move |patterns| hash_files(&*shared.tree()?, &workspace, patterns))
    }
}

/// The scope of a job's `if`: `github`, `needs`, `vars`, `inputs`. `ancestors`
/// are the results of all jobs it depends on, directly or not.
pub(super) fn job_condition(
    shared: &Shared,
    job: &PlanJob,
    needs: Value,
    ancestors: &[(String, Conclusion)],
) -> Result<bool, ExprError> {
    let setup = &shared.setup;
    let results: Vec<Conclusion> = ancestors.iter().map(|(_, result)| *result).collect();
    let scope = Contexts::new()
        .with(
            "github",
            Value::from_json(&github_context(&setup.github, "", &job.job.id.value)),
        )
        .with("needs", needs)
        .with("vars", object(&setup.vars))
        .with("inputs", job.frame.inputs.clone())
        .with_status(move |check| match check {
            StatusCheck::Success => results.iter().all(|result| *result == Conclusion::Success),
            StatusCheck::Failure => results.contains(&Conclusion::Failure),
            StatusCheck::Cancelled => results.contains(&Conclusion::Cancelled),
            StatusCheck::Always => true,
        });
    let text = job
        .job
        .condition
        .as_ref()
        .map_or("", |text| text.value.as_str());
    condition(text, &allowed(ExprPlace::JobIf))?.evaluate(&scope)
}

/// A text with its expressions evaluated.
pub(super) fn text(text: &str, place: ExprPlace, scope: &Contexts) -> Result<String, String> {
    Template::parse(text, &allowed(place))
        .and_then(|template| template.evaluate_text(scope))
        .map_err(|error| error.message)
}

/// A node with its expressions evaluated.
pub(super) fn value(node: &Node, place: ExprPlace, scope: &Contexts) -> Result<Value, String> {
    match &node.kind {
        NodeKind::String(text) => Template::parse(text, &allowed(place))
            .and_then(|template| template.evaluate(scope))
            .map_err(|error| error.message),
        NodeKind::Bool(value) => Ok(Value::Bool(*value)),
        NodeKind::Number(value, _) => Ok(Value::Number(*value)),
        _ => Ok(Value::Null),
    }
}

/// `env`, `with` or `outputs` with their expressions evaluated.
pub(super) fn entries(
    entries: &Entries,
    place: ExprPlace,
    scope: &Contexts,
) -> Result<Pairs, String> {
    entries
        .iter()
        .map(|(name, node)| {
            let value = value(node, place, scope)
                .map_err(|message| format!("`{}`: {message}", name.value))?;
            Ok((name.value.clone(), value.to_text()))
        })
        .collect()
}

/// Sets variables, in place of earlier ones of the same name.
pub(super) fn overlay(pairs: &mut Pairs, more: Pairs) {
    for (name, value) in more {
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => pairs.push((name, value)),
        }
    }
}

/// Texts as an object.
pub(super) fn object(pairs: &[(String, String)]) -> Value {
    let mut object = Object::new();
    for (name, value) in pairs {
        object.insert(name.clone(), value.as_str());
    }
    Value::object(object)
}

/// The `needs` context (and `jobs`, which looks the same): results and outputs of
/// jobs.
pub(super) fn needs<'a>(jobs: impl IntoIterator<Item = &'a Done>) -> Value {
    let mut all = serde_json::Map::new();
    for done in jobs {
        let outputs: serde_json::Map<String, Json> = done
            .outputs
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        all.insert(
            done.id.clone(),
            json!({"result": done.result.as_str(), "outputs": outputs}),
        );
    }
    Value::from_json(&Json::Object(all))
}

/// The scope of keys of a workflow: `github`, `vars`, `inputs`.
pub(super) fn of_workflow(shared: &Shared, frame: &Frame) -> Contexts {
    let setup = &shared.setup;
    Contexts::new()
        .with(
            "github",
            Value::from_json(&github_context(&setup.github, "", "")),
        )
        .with("vars", object(&setup.vars))
        .with("inputs", frame.inputs.clone())
}

/// The scope of `on.workflow_call.outputs`, which also sees `jobs`.
pub(super) fn call_outputs(shared: &Shared, frame: &Frame, jobs: Value) -> Contexts {
    of_workflow(shared, frame).with("jobs", jobs)
}
