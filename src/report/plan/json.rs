//! The plan for programs.

use serde_json::{Value, json};

use crate::expr;
use crate::plan::{ImageNeed, Leg, Placement, Plan, PlanJob, PlanStep, sudo_use};
use crate::workflow::StepAction;

use super::{image, installs, may_be_true};

/// Number of the wire form. It grows when a reader of the old form would
/// misunderstand the new one.
const SCHEMA: u32 = 1;

/// The plan as JSON.
pub(crate) fn plan_json(plan: &Plan) -> Value {
    let warnings: Vec<Value> = plan
        .warnings
        .iter()
        .map(|warning| {
            json!({
                "line": warning.span.start.line,
                "message": warning.message,
                "hint": warning.hint,
            })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "name": plan.name,
        "dockerfile": plan.dockerfile.as_ref().map(|used| &used.name),
        "partial": plan.partial,
        "jobs": plan.all_jobs().into_iter().map(|one| job(plan, one)).collect::<Vec<_>>(),
        "warnings": warnings,
    })
}

fn job(plan: &Plan, job: &PlanJob) -> Value {
    // Where steps belong does not depend on the leg.
    let steps = job.legs.first().map(Leg::every_step).unwrap_or_default();
    let read = &job.job;
    json!({
        "id": job.id,
        "needs": job.frame.needs_of(&job.needs),
        "calls": read.uses.as_ref().map(|uses| &uses.value),
        "pending": job.pending,
        "if": read.condition.as_ref().map(|condition| &condition.value),
        "timeout_minutes": read.timeout_minutes.as_ref().and_then(scalar),
        "continue_on_error": read.continue_on_error.as_ref().is_some_and(may_be_true),
        "fail_fast": job.fail_fast,
        "max_parallel": job.max_parallel,
        "legs": job.legs.iter().map(|one| leg(plan, one)).collect::<Vec<_>>(),
        "sudo": job.legs.first().and_then(|leg| sudo_use(job, leg)).map(|found| json!({
            "step": found.step.number,
            "granted": !found.own_container,
        })),
        "docker_socket": job.docker_socket,
        "steps": steps.into_iter().map(step).collect::<Vec<_>>(),
    })
}

fn leg(plan: &Plan, leg: &Leg) -> Value {
    let kind = match &leg.image {
        ImageNeed::Dockerfile { .. } => "dockerfile",
        ImageNeed::Base(_) => "base",
        ImageNeed::Named(_) => "named",
        ImageNeed::AnyPython => "any_python",
        ImageNeed::Any => "any",
    };
    json!({
        "key": leg.key,
        "name": leg.name,
        "matrix": expr::Value::to_json(&leg.matrix),
        "runs_on": leg.runs_on,
        "image": { "kind": kind, "name": image(plan, leg) },
        "services": leg.services.iter().map(|service| {
            json!({ "label": service.label, "image": service.image })
        }).collect::<Vec<_>>(),
        "left_out": leg.left_out,
    })
}

fn step(step: &PlanStep) -> Value {
    let (placement, of) = match &step.placement {
        Placement::Container => ("container", None),
        Placement::ThisMachine => ("this_machine", None),
        Placement::ProvidedByImage(setup) => ("provided_by_image", Some(installs(setup))),
        Placement::Baked(baked) => ("provided_by_image", Some(baked.text())),
        Placement::BuiltIn(built_in) => ("built_in", Some(built_in.action().to_owned())),
        Placement::Composite(used) => ("composite", Some(used.uses.clone())),
        Placement::Node(used) => ("node", Some(used.uses.clone())),
        Placement::Docker(used) => ("docker", Some(used.uses.clone())),
        Placement::SkippedAction | Placement::LeftOutAction(_) => match &step.step.action {
            StepAction::Uses { action, .. } => ("skipped", Some(action.value.clone())),
            StepAction::Run { .. } => ("skipped", None),
        },
    };
    let due: Vec<Value> = step
        .due
        .iter()
        .map(|due| {
            json!({
                "kind": due.kind,
                // Where seatrial asks for the report, it also says where.
                "path": (!due.path.is_empty()).then_some(&due.path),
                "required": due.hard,
            })
        })
        .collect();
    json!({
        "number": step.number,
        "inside": step.inside,
        "name": step.name,
        "placement": placement,
        "of": of,
        "if": step.step.condition.as_ref().map(|condition| &condition.value),
        "continue_on_error": step.step.continue_on_error.as_ref().is_some_and(may_be_true),
        "test": step.test.as_ref().map(|test| json!({
            "command": test.command,
            "pytest_runs": test.pytest_runs,
            "junit_injected": test.inject_junit,
        })),
        "due": due,
    })
}

/// A number where it is one, otherwise the expression.
fn scalar(node: &crate::workflow::Node) -> Option<Value> {
    let text = node.scalar_text()?;
    Some(
        text.parse::<u64>()
            .map_or_else(|_| json!(text), |number| json!(number)),
    )
}
