//! The event that a run is for, made up from the checkout where none is given.

use std::path::Path;

use serde_json::Value;

use crate::expr::{Contexts, Object};
use crate::plan::{
    Decision, GithubFacts, Given, Happened, InputsOf, decide, github_context, typed_inputs,
    usual_type,
};
use crate::record::Cause;
use crate::workflow::{Node, NodeKind, Problem, Span, Workflow};

use super::git::{self, Changed, Checkout};
use super::payload::{Made, laid_over};

/// Branch that pull requests go to, where nothing else is known.
const DEFAULT_BRANCH: &str = "main";

/// The events that take inputs.
const WITH_INPUTS: [&str; 2] = ["workflow_dispatch", "workflow_call"];

/// The events whose run is about the ref that is pushed, made or named; all others
/// but pull requests, releases and merge groups are about the default branch (GitHub
/// docs, "Events that trigger workflows").
const OF_A_REF: [&str; 8] = [
    "push",
    "create",
    "workflow_dispatch",
    "workflow_call",
    "deployment",
    "deployment_status",
    "registry_package",
    "page_build",
];

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// What git knows.
    pub(super) checkout: &'a Checkout,
    /// The repository's folder.
    pub(super) root: &'a Path,
    /// Its name, for repositories without a remote.
    pub(super) folder: &'a str,
    /// Who starts the run.
    pub(super) actor: &'a str,
    /// `--ref`.
    pub(super) reference: Option<&'a str>,
    /// `--event-file`, read.
    pub(super) payload: Option<&'a Value>,
}

/// The event that is assumed when none is named: `workflow_dispatch` where inputs
/// are given; else the first of `push` and `pull_request` that starts the workflow,
/// or else that it names; else its first one.
pub(super) fn default_event(
    workflow: &Workflow,
    with_inputs: bool,
    starts: impl Fn(&str) -> bool,
) -> String {
    let names = |event: &str| workflow.on.iter().any(|on| on.event.value == event);
    let usual = ["push", "pull_request"];
    let found = WITH_INPUTS
        .into_iter()
        .find(|event| with_inputs && names(event))
        .or_else(|| {
            usual
                .into_iter()
                .find(|event| names(event) && starts(event))
        })
        .or_else(|| usual.into_iter().find(|event| names(event)));
    match (found, workflow.on.first()) {
        (Some(event), _) => event.to_owned(),
        (None, Some(first)) => first.event.value.clone(),
        (None, None) => "push".to_owned(),
    }
}

/// Facts for the `github` context. `workflow` with its file is what the event is to
/// start, where that is one.
pub(super) fn facts(
    wanted: Wanted<'_>,
    event: &str,
    workflow: Option<(&Workflow, &str)>,
) -> GithubFacts {
    let checkout = wanted.checkout;
    let given = |pointer: &str| wanted.payload?.pointer(pointer)?.as_str();
    let actor = given("/sender/login").unwrap_or(wanted.actor);
    let repository = given("/repository/full_name")
        .map(ToOwned::to_owned)
        .or_else(|| checkout.repository.clone())
        .unwrap_or_else(|| format!("{actor}/{}", wanted.folder));
    let default_branch = given("/repository/default_branch")
        .or(checkout.default_branch.as_deref())
        .unwrap_or(DEFAULT_BRANCH);
    let checked_out = match wanted.reference {
        Some(name) => git::full_ref(wanted.root, name),
        None if checkout.reference.is_empty() => format!("refs/heads/{default_branch}"),
        None => checkout.reference.clone(),
    };
    let read = workflow.map(|(workflow, _)| workflow);
    let action = match event {
        "release" => Some("published"),
        "merge_group" => Some("checks_requested"),
        "workflow_run" => Some("completed"),
        "issue_comment" => Some("created"),
        _ if event.starts_with("pull_request") || event == "issues" => Some("opened"),
        _ => None,
    };
    let action = usual_type(read, event, action.unwrap_or_default());
    let cron = read.and_then(first_cron);
    let made = Made {
        event,
        action: (!action.is_empty()).then_some(action.as_str()),
        repository: &repository,
        default_branch,
        checkout,
        reference: &checked_out,
        actor,
        workflow: workflow.map_or("", |(_, file)| file),
        cron: cron.as_deref(),
    };
    let mut payload = made.payload();
    if let Some(given) = wanted.payload {
        laid_over(&mut payload, given.clone());
    }
    let mut facts = GithubFacts {
        repository,
        sha: checkout.sha.clone(),
        reference: checked_out,
        actor: actor.to_owned(),
        event_name: event.to_owned(),
        event: payload,
        message: checkout.message.clone(),
        ..GithubFacts::default()
    };
    let explicit = wanted.reference.is_some();
    follow(&mut facts, default_branch, explicit);
    facts
}

/// Sets ref, commit and branches as GitHub does for the payload of the event.
fn follow(facts: &mut GithubFacts, default_branch: &str, explicit: bool) {
    let text = |pointer: &str| {
        facts
            .event
            .pointer(pointer)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(ToOwned::to_owned)
    };
    let event = facts.event_name.as_str();
    let (reference, sha) = match event {
        "push" => (text("/ref"), text("/after")),
        "pull_request_target" => (
            text("/pull_request/base/ref").map(|branch| format!("refs/heads/{branch}")),
            text("/pull_request/base/sha"),
        ),
        _ if event.starts_with("pull_request") => (
            facts
                .event
                .pointer("/pull_request/number")
                .or_else(|| facts.event.get("number"))
                .and_then(Value::as_u64)
                .map(|number| format!("refs/pull/{number}/merge")),
            text("/pull_request/merge_commit_sha"),
        ),
        "release" => (
            text("/release/tag_name").map(|tag| format!("refs/tags/{tag}")),
            None,
        ),
        "merge_group" => (text("/merge_group/head_ref"), text("/merge_group/head_sha")),
        _ if OF_A_REF.contains(&event) => {
            (text("/ref").filter(|name| name.starts_with("refs/")), None)
        }
        _ if explicit => (None, None),
        _ => (Some(format!("refs/heads/{default_branch}")), None),
    };
    let message = text("/head_commit/message").or_else(|| text("/merge_group/head_commit/message"));
    let branches = matches!(event, "pull_request" | "pull_request_target").then(|| {
        let side = |name: &str| text(&format!("/pull_request/{name}/ref")).unwrap_or_default();
        (side("head"), side("base"))
    });
    if let Some(reference) = reference {
        facts.reference = reference;
    }
    if let Some(sha) = sha {
        facts.sha = sha;
    }
    if let Some(message) = message {
        facts.message = message;
    }
    if let Some((head, base)) = branches {
        (facts.head_ref, facts.base_ref) = (head, base);
    }
}

/// The files that a push or a pull request changes, where git can tell.
pub(super) fn changed_files(root: &Path, facts: &GithubFacts) -> Option<Changed> {
    let text = |pointer: &str| {
        let value = facts.event.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default()
    };
    match facts.event_name.as_str() {
        "push" if facts.ref_type() == "branch" => {
            git::pushed_files(root, text("/before"), text("/after"))
        }
        "pull_request" | "pull_request_target" => git::pull_request_files(
            root,
            &facts.base_ref,
            text("/pull_request/base/sha"),
            text("/pull_request/head/sha"),
        ),
        _ => None,
    }
}

/// Whether an event starts a workflow.
pub(super) fn decision(root: &Path, workflow: &Workflow, facts: &GithubFacts) -> Decision {
    let changed = changed_files(root, facts);
    let happened = Happened {
        github: facts,
        changed: changed.as_ref().map(|changed| changed.files.as_slice()),
    };
    decide(workflow, happened)
}

fn first_cron(workflow: &Workflow) -> Option<String> {
    let schedule = workflow
        .on
        .iter()
        .find(|trigger| trigger.event.value == "schedule")?;
    match &schedule.raw.kind {
        NodeKind::Seq(items) => items.first()?.get("cron").and_then(Node::scalar_text),
        _ => None,
    }
}

/// The `inputs` context: `--input` over the payload's own `inputs` over defaults.
///
/// # Errors
/// What is wrong with them, see [`typed_inputs`]; or the event takes none.
pub(super) fn inputs(
    workflow: &Workflow,
    github: &GithubFacts,
    vars: &[(String, String)],
    given: &[(String, String)],
) -> Result<Object, Vec<(Cause, Problem)>> {
    let event = github.event_name.as_str();
    if !WITH_INPUTS.contains(&event) {
        if given.is_empty() {
            return Ok(Object::new());
        }
        let problem = Problem::new(
            Span::default(),
            format!("inputs are given, and the event `{event}` takes none"),
        );
        return Err(vec![(
            Cause::Usage,
            problem.with_hint("`--event workflow_dispatch` takes them"),
        )]);
    }
    let declared = workflow
        .on
        .iter()
        .find(|trigger| trigger.event.value == event)
        .map_or(&[][..], |trigger| &trigger.inputs);
    let payload = github.event.get("inputs").and_then(Value::as_object);
    let values: Vec<Given> = payload
        .into_iter()
        .flatten()
        .map(|(name, value)| (name, crate::expr::Value::from_json(value)))
        .chain(
            given
                .iter()
                .map(|(name, value)| (name, value.as_str().into())),
        )
        .map(|(name, value)| Given {
            name: name.clone(),
            value: Some(value),
            span: Span::default(),
        })
        .collect();
    let vars: Object = vars.iter().cloned().collect();
    let scope = Contexts::new()
        .with(
            "github",
            crate::expr::Value::from_json(&github_context(github, "", "")),
        )
        .with("vars", vars);
    // Defaults of `workflow_dispatch` are literals.
    let scope = (event == "workflow_call").then_some(&scope);
    typed_inputs(declared, &values, InputsOf::Person { scope })
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
