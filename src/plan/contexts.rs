//! What is known when the plan is made: the contexts for names, labels and matrices.

use serde_json::{Value as Json, json};

use crate::expr::{Allowed, Contexts, Object, Template, Value};
use crate::workflow::{Entries, Job, Node, NodeKind};

use super::Inputs;
use super::frame::{self, Frame};
use super::matrix::Strategy;

/// Facts for the `github` context, gathered from the checkout and the options.
#[derive(Debug, Clone, Default)]
pub(crate) struct GithubFacts {
    /// `owner/name`.
    pub(crate) repository: String,
    /// Commit of the checkout.
    pub(crate) sha: String,
    /// Full reference, `refs/heads/main`.
    pub(crate) reference: String,
    /// Who started the run.
    pub(crate) actor: String,
    /// Name of the event.
    pub(crate) event_name: String,
    /// Payload of the event.
    pub(crate) event: Json,
    /// Path of the workflow file, relative to the repository.
    pub(crate) workflow_file: String,
    /// Name of the workflow.
    pub(crate) workflow_name: String,
    /// Numeric id of the run, unique on this machine.
    pub(crate) run_id: u64,
    /// Target branch of a pull request.
    pub(crate) base_ref: String,
    /// Source branch of a pull request.
    pub(crate) head_ref: String,
    /// Message of the commit.
    pub(crate) message: String,
}

/// A number or a text of a payload, as text; empty where it is absent.
fn of_payload(payload: &Json, pointer: &str) -> String {
    match payload.pointer(pointer) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

impl GithubFacts {
    /// Short name of the reference.
    pub(crate) fn ref_name(&self) -> &str {
        self.reference
            .strip_prefix("refs/heads/")
            .or_else(|| self.reference.strip_prefix("refs/tags/"))
            .or_else(|| self.reference.strip_prefix("refs/"))
            .unwrap_or(&self.reference)
    }

    /// `branch` or `tag`.
    pub(crate) fn ref_type(&self) -> &'static str {
        if self.reference.starts_with("refs/tags/") {
            "tag"
        } else {
            "branch"
        }
    }

    /// Numeric id of who started the run, as text.
    pub(crate) fn actor_id(&self) -> String {
        of_payload(&self.event, "/sender/id")
    }

    /// Numeric id of the repository, as text.
    pub(crate) fn repository_id(&self) -> String {
        of_payload(&self.event, "/repository/id")
    }

    /// Numeric id of the repository's owner, as text.
    pub(crate) fn owner_id(&self) -> String {
        of_payload(&self.event, "/repository/owner/id")
    }

    /// `public`, `private` or `internal`.
    fn visibility(&self) -> String {
        of_payload(&self.event, "/repository/visibility")
    }

    /// The part before the slash.
    pub(crate) fn owner(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }
}

/// The `github` context (GitHub docs, "Contexts reference"). Paths are those
/// inside the job's environment; `job` is the job's id.
pub(crate) fn github_context(facts: &GithubFacts, workspace: &str, job: &str) -> Json {
    json!({
        "action": "",
        "actor": facts.actor,
        "actor_id": facts.actor_id(),
        "triggering_actor": facts.actor,
        "api_url": "https://api.github.com",
        "base_ref": facts.base_ref,
        "event": facts.event,
        "event_name": facts.event_name,
        "graphql_url": "https://api.github.com/graphql",
        "head_ref": facts.head_ref,
        "job": job,
        "ref": facts.reference,
        "ref_name": facts.ref_name(),
        "ref_protected": false,
        "ref_type": facts.ref_type(),
        "repository": facts.repository,
        "repository_id": facts.repository_id(),
        "repository_owner": facts.owner(),
        "repository_owner_id": facts.owner_id(),
        "repository_visibility": facts.visibility(),
        "repositoryUrl": format!("git://github.com/{}.git", facts.repository),
        "retention_days": "90",
        "run_id": facts.run_id.to_string(),
        "run_number": "1",
        "run_attempt": "1",
        "secret_source": "None",
        "server_url": "https://github.com",
        "sha": facts.sha,
        "token": "",
        "workflow": facts.workflow_name,
        "workflow_ref": format!("{}/{}@{}", facts.repository, facts.workflow_file, facts.reference),
        "workflow_sha": facts.sha,
        "workspace": workspace,
    })
}

/// The contexts that a job's `strategy` may use.
pub(super) fn plan_scope(inputs: &Inputs, frame: &Frame, job: &str) -> Contexts {
    let github = github_context(&inputs.github, "", job);
    Contexts::new()
        .with("github", Value::from_json(&github))
        .with("vars", frame::texts(&inputs.vars))
        .with("inputs", frame.inputs.clone())
}

/// The `strategy` context of one leg (GitHub docs, "Contexts reference").
pub(crate) fn strategy_context(
    fail_fast: bool,
    max_parallel: Option<usize>,
    index: usize,
    total: usize,
) -> Value {
    Value::from_json(&json!({
        "fail-fast": fail_fast,
        "job-index": index,
        "job-total": total,
        "max-parallel": max_parallel.unwrap_or(total),
    }))
}

/// The contexts that names, labels and set-up steps of one leg may use. What
/// becomes known only while the run goes is absent.
pub(super) fn leg_scope(
    plan: &Contexts,
    frame: &Frame,
    job: &Job,
    strategy: &Strategy,
    index: usize,
) -> Contexts {
    let mut scope = plan.clone();
    let matrix = strategy.legs.get(index).cloned().unwrap_or_default();
    scope.set("matrix", matrix);
    scope.set(
        "strategy",
        strategy_context(
            strategy.fail_fast,
            strategy.max_parallel,
            index,
            strategy.legs.len(),
        ),
    );
    let mut env = Object::case_sensitive();
    for entries in [&frame.workflow.env, &job.env] {
        for (name, value) in evaluate_entries(entries, &scope) {
            env.insert(name, value);
        }
        scope.set("env", env.clone());
    }
    scope
}

/// The entries whose value is known already.
pub(super) fn evaluate_entries(entries: &Entries, scope: &Contexts) -> Vec<(String, String)> {
    entries
        .iter()
        .filter_map(|(name, node)| Some((name.value.clone(), text(node, scope)?)))
        .collect()
}

/// A scalar with its expressions evaluated; `None` when that fails.
pub(super) fn text(node: &Node, scope: &Contexts) -> Option<String> {
    match &node.kind {
        NodeKind::String(text) => Template::parse(text, &Allowed::ALL)
            .ok()?
            .evaluate_text(scope)
            .ok(),
        _ => node.scalar_text(),
    }
}

/// The label that a leg asks for; several are joined with `, `.
pub(super) fn runs_on(job: &Job, scope: &Contexts) -> String {
    let Some(node) = &job.runs_on else {
        return String::new();
    };
    match &node.kind {
        NodeKind::String(text) => {
            let value = Template::parse(text, &Allowed::ALL)
                .ok()
                .and_then(|template| template.evaluate(scope).ok());
            match value {
                Some(Value::Array(items)) => {
                    let labels: Vec<String> = items.iter().map(Value::to_text).collect();
                    labels.join(", ")
                }
                Some(value) => value.to_text(),
                None => text.clone(),
            }
        }
        NodeKind::Seq(items) => {
            let labels: Vec<String> = items.iter().filter_map(|item| text(item, scope)).collect();
            labels.join(", ")
        }
        NodeKind::Map(_) => match node.get("labels").map(|labels| &labels.kind) {
            Some(NodeKind::Seq(items)) => {
                let labels: Vec<String> =
                    items.iter().filter_map(|item| text(item, scope)).collect();
                labels.join(", ")
            }
            Some(_) => node
                .get("labels")
                .and_then(|labels| text(labels, scope))
                .unwrap_or_default(),
            None => String::new(),
        },
        _ => node.scalar_text().unwrap_or_default(),
    }
}

/// A YAML node as a value, with the expressions in it evaluated.
pub(super) fn value(node: &Node, scope: &Contexts) -> Result<Value, String> {
    Ok(match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Number(value, _) => Value::Number(*value),
        NodeKind::String(text) => Template::parse(text, &Allowed::ALL)
            .and_then(|template| template.evaluate(scope))
            .map_err(|error| error.message)?,
        NodeKind::Seq(items) => Value::array(
            items
                .iter()
                .map(|item| value(item, scope))
                .collect::<Result<_, _>>()?,
        ),
        NodeKind::Map(entries) => {
            let mut object = Object::new();
            for (key, node) in entries {
                object.insert(key.value.clone(), value(node, scope)?);
            }
            Value::object(object)
        }
    })
}
