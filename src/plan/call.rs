//! A job that calls a workflow: its jobs in place of steps (GitHub docs, "Reuse
//! workflows").

use std::sync::Arc;

use crate::expr::{Contexts, Value};
use crate::record::Cause;
use crate::workflow::{Node, NodeKind, Problem, Text, Trigger, Workflow};

use super::frame::{Frame, MAX_DEPTH};
use super::job::Planner;
use super::sources::{Loaded, called_workflow};
use super::{Given, InputsOf, Leg, PlanJob, Problems, check, contexts, typed_inputs};

/// The jobs of the workflow that one leg calls.
pub(super) fn jobs(
    planner: &Planner,
    planned: &PlanJob,
    leg: &Leg,
    uses: &Text,
    scope: &Contexts,
) -> Result<Arc<[PlanJob]>, Problems> {
    let frame = &planned.frame;
    let refuse = |cause: Cause, message: String, hint: &str| {
        vec![(cause, Problem::new(uses.span, message).with_hint(hint))]
    };
    if frame.depth + 1 >= MAX_DEPTH {
        return Err(refuse(
            Cause::WorkflowInvalid,
            format!(
                "`{}` is called {MAX_DEPTH} levels deep, and GitHub allows no more",
                uses.value
            ),
            "does a workflow call itself?",
        ));
    }
    let found = called_workflow(&uses.value, &frame.origin)
        .and_then(|(origin, path)| {
            let loaded = planner
                .inputs
                .sources
                .workflows
                .get(&(origin.clone(), path.clone()))?;
            Some((origin, path, loaded))
        })
        .ok_or_else(|| {
            refuse(
                Cause::Invariant,
                format!("the workflow `{}` was not looked for", uses.value),
                "this is a bug of seatrial",
            )
        })?;
    let (origin, path, loaded) = found;
    let workflow = match loaded {
        Loaded::Ready(workflow) => Arc::clone(workflow),
        Loaded::Wrong(problems) => {
            return Err(problems
                .iter()
                .map(|problem| (Cause::WorkflowInvalid, problem.clone()))
                .collect());
        }
        Loaded::Missing(why, hint) => {
            return Err(refuse(
                Cause::WorkflowInvalid,
                format!("the workflow `{}` cannot be had: {why}", uses.value),
                hint,
            ));
        }
    };
    let file = origin.file(&path);
    let Some(trigger) = call_trigger(&workflow) else {
        return Err(refuse(
            Cause::WorkflowInvalid,
            format!("`{file}` cannot be called: it has no `on: workflow_call`"),
            "add `workflow_call:` to its `on:`",
        ));
    };
    let mut problems = Problems::new();
    let inputs = inputs(planned, trigger, uses, scope, &mut problems);
    secrets(planned, trigger, uses, &mut problems);
    for mut problem in check::expressions(&workflow) {
        problem.in_file(&file);
        problems.push((Cause::WorkflowInvalid, problem));
    }
    let called = Arc::new(Frame {
        workflow,
        origin,
        file,
        ids: format!("{} / ", planned.id),
        keys: format!("{} / ", leg.key.0),
        names: format!("{} / ", leg.name),
        inputs,
        needs: frame.needs_of(&planned.needs),
        depth: frame.depth + 1,
    });
    let mut jobs = Vec::new();
    if problems.is_empty() && !planned.pending {
        for job in &called.workflow.jobs {
            match planner.job(&called, &Arc::new(job.clone()), None) {
                Ok(job) => jobs.push(job),
                Err(mut found) => problems.append(&mut found),
            }
        }
    }
    if problems.is_empty() {
        Ok(jobs.into())
    } else {
        Err(problems)
    }
}

/// The `workflow_call` of a workflow.
pub(super) fn call_trigger(workflow: &Workflow) -> Option<&Trigger> {
    workflow
        .on
        .iter()
        .find(|trigger| trigger.event.value == "workflow_call")
}

/// The `inputs` context of the called workflow: what `with` gives, defaults for the
/// rest.
fn inputs(
    planned: &PlanJob,
    trigger: &Trigger,
    uses: &Text,
    scope: &Contexts,
    problems: &mut Problems,
) -> Value {
    let mut given = Vec::new();
    for (name, node) in &planned.job.with {
        let value = match contexts::value(node, scope) {
            // What other jobs give is not known yet.
            _ if planned.pending => None,
            Ok(value) => Some(value),
            Err(message) => {
                problems.push((Cause::WorkflowInvalid, Problem::new(node.span, message)));
                None
            }
        };
        given.push(Given {
            name: name.value.clone(),
            value,
            span: node.span,
        });
    }
    let how = InputsOf::Call {
        uses: uses.span,
        scope,
    };
    match typed_inputs(&trigger.inputs, &given, how) {
        Ok(inputs) => Value::object(inputs),
        Err(found) => {
            problems.extend(found);
            Value::Null
        }
    }
}

/// Secrets that the called workflow requires and that `secrets:` does not name.
fn secrets(planned: &PlanJob, trigger: &Trigger, uses: &Text, problems: &mut Problems) {
    let given = planned.job.secrets.as_ref().map(|node| &node.kind);
    let Some(NodeKind::Map(declared)) = trigger.raw.get("secrets").map(|node| &node.kind) else {
        return;
    };
    if matches!(given, Some(NodeKind::String(_))) {
        return;
    }
    let given: &[(Text, Node)] = match given {
        Some(NodeKind::Map(entries)) => entries,
        _ => &[],
    };
    for (name, node) in declared {
        let required = node
            .get("required")
            .is_some_and(|node| node.kind == NodeKind::Bool(true));
        let named = given
            .iter()
            .any(|(key, _)| key.value.eq_ignore_ascii_case(&name.value));
        if required && !named {
            problems.push((
                Cause::WorkflowInvalid,
                Problem::new(
                    uses.span,
                    format!(
                        "Secret {} is required, but not provided while calling.",
                        name.value
                    ),
                )
                .with_hint(format!(
                    "add `secrets: {{ {0}: ${{{{ secrets.{0} }}}} }}`, or `secrets: inherit`",
                    name.value
                )),
            ));
        }
    }
    for (name, _) in given {
        let known = declared
            .iter()
            .any(|(key, _)| key.value.eq_ignore_ascii_case(&name.value));
        if !known {
            problems.push((
                Cause::WorkflowInvalid,
                Problem::new(
                    name.span,
                    format!(
                        "Invalid secret, {} is not defined in the referenced workflow.",
                        name.value
                    ),
                ),
            ));
        }
    }
}
