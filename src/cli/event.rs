//! The event that a run is for, made up from the checkout where none is given.

use serde_json::{Value, json};

use crate::expr::{Contexts, Object};
use crate::plan::{GithubFacts, Given, InputsOf, github_context, typed_inputs};
use crate::record::Cause;
use crate::workflow::{Problem, Span, Workflow};

use super::git::Checkout;

/// Branch that pull requests go to, where nothing else is known.
const DEFAULT_BRANCH: &str = "main";

/// The event that is assumed when none is named: `workflow_dispatch` where inputs
/// are given, else the first of `push` and `pull_request` that the workflow starts
/// on, else its first one.
pub(super) fn default_event(workflow: &Workflow, with_inputs: bool) -> String {
    let starts_on = |event: &str| workflow.on.iter().any(|on| on.event.value == event);
    if with_inputs && let Some(event) = WITH_INPUTS.into_iter().find(|event| starts_on(event)) {
        return event.to_owned();
    }
    for event in ["push", "pull_request"] {
        if starts_on(event) {
            return event.to_owned();
        }
    }
    workflow
        .on
        .first()
        .map_or_else(|| "push".to_owned(), |on| on.event.value.clone())
}

/// The events that take inputs.
const WITH_INPUTS: [&str; 2] = ["workflow_dispatch", "workflow_call"];

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

/// Facts for the `github` context.
pub(super) fn facts(
    checkout: &Checkout,
    folder_name: &str,
    actor: &str,
    event: &str,
    payload: Option<Value>,
) -> GithubFacts {
    let repository = checkout
        .repository
        .clone()
        .unwrap_or_else(|| format!("{actor}/{folder_name}"));
    let branch_ref = if checkout.reference.is_empty() {
        format!("refs/heads/{DEFAULT_BRANCH}")
    } else {
        checkout.reference.clone()
    };
    let branch = branch_ref
        .strip_prefix("refs/heads/")
        .unwrap_or(&branch_ref)
        .to_owned();
    let pull_request = event.starts_with("pull_request");
    let (reference, head_ref, base_ref) = if pull_request {
        (
            "refs/pull/1/merge".to_owned(),
            branch.clone(),
            DEFAULT_BRANCH.to_owned(),
        )
    } else {
        (branch_ref.clone(), String::new(), String::new())
    };
    let payload = payload
        .unwrap_or_else(|| made_up(event, &repository, checkout, &branch_ref, &branch, actor));
    GithubFacts {
        repository,
        sha: checkout.sha.clone(),
        reference,
        actor: actor.to_owned(),
        event_name: event.to_owned(),
        event: payload,
        head_ref,
        base_ref,
        ..GithubFacts::default()
    }
}

/// The parts of GitHub's payload that workflows commonly ask for.
fn made_up(
    event: &str,
    repository: &str,
    checkout: &Checkout,
    reference: &str,
    branch: &str,
    actor: &str,
) -> Value {
    let (owner, name) = repository.split_once('/').unwrap_or(("", repository));
    let mut payload = json!({
        "repository": {
            "full_name": repository,
            "name": name,
            "owner": {"login": owner},
            "default_branch": DEFAULT_BRANCH,
            "fork": false,
            "private": false,
        },
        "sender": {"login": actor},
    });
    let more = match event {
        "push" => json!({
            "ref": reference,
            "after": checkout.sha,
            "before": "0".repeat(40),
            "head_commit": {"id": checkout.sha, "message": ""},
            "commits": [],
            "pusher": {"name": actor},
        }),
        "workflow_dispatch" => json!({"ref": reference, "inputs": {}}),
        _ if event.starts_with("pull_request") => json!({
            "action": "opened",
            "number": 1,
            "pull_request": {
                "number": 1,
                "draft": false,
                "title": "",
                "labels": [],
                "head": {"ref": branch, "sha": checkout.sha, "repo": {"full_name": repository, "fork": false}},
                "base": {"ref": DEFAULT_BRANCH, "repo": {"full_name": repository}},
                "user": {"login": actor},
            },
        }),
        _ => json!({"ref": reference}),
    };
    if let (Value::Object(all), Value::Object(more)) = (&mut payload, more) {
        all.extend(more);
    }
    payload
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_pull_request_has_head_and_base() {
        let checkout = Checkout {
            sha: "abc".to_owned(),
            reference: "refs/heads/feature".to_owned(),
            ..Checkout::default()
        };
        let facts = facts(&checkout, "leadcrm", "ann", "pull_request", None);
        assert_eq!(facts.head_ref, "feature");
        assert_eq!(facts.base_ref, "main");
        assert_eq!(facts.repository, "ann/leadcrm");
        assert_eq!(
            facts.event.pointer("/pull_request/head/sha").unwrap(),
            "abc"
        );
    }

    #[test]
    fn the_default_event_is_one_that_starts_the_workflow() {
        let parse = |on: &str| {
            let text =
                format!("on: {on}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: 'true'\n");
            default_event(&crate::workflow::parse(&text).unwrap().workflow, false)
        };
        assert_eq!(parse("[pull_request, push]"), "push");
        assert_eq!(parse("[workflow_dispatch, pull_request]"), "pull_request");
        assert_eq!(parse("workflow_dispatch"), "workflow_dispatch");
    }
}
