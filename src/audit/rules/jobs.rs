//! Jobs whose failure nobody sees.

use super::forgiven::{decides, is_true};
use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, View};
use crate::workflow::{Node, NodeKind, StepAction};

/// Finds ST3502 and ST3503.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for job in &view.jobs {
        silent(view, job, found);
        unchecked(view, job, found);
    }
}

/// `continue-on-error` for a whole job whose result no other job looks at.
fn silent(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    let node = job.job.continue_on_error.as_ref();
    let Some(node) = node.filter(|node| is_true(Some(node))) else {
        return;
    };
    let id = job.job.id.as_str();
    let needed = view
        .subject
        .workflow
        .jobs
        .iter()
        .any(|other| other.needs.iter().any(|need| need.value == id));
    if !needed {
        let message = format!("job `{id}` may fail, and no job looks at its result");
        found.push(Finding::new(Rule::SilentJob, view.at(node.span), message));
    }
}

/// A job that is there to sum up others, runs whatever they did, and passes.
fn unchecked(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    let Some(condition) = &job.job.condition else {
        return;
    };
    let low = condition.value.to_ascii_lowercase();
    let always = low.contains("always()") || low.contains("!cancelled()");
    if !always || job.job.needs.is_empty() || low.contains("needs.") || decides(job) {
        return;
    }
    let gates = |need: &str| {
        let mut jobs = view.jobs.iter();
        jobs.any(|other| other.job.id.value == need && decides(other))
    };
    // One that publishes what others left is no gate.
    let has_duty = job.steps.iter().any(|step| match &step.step.action {
        StepAction::Uses { .. } => true,
        StepAction::Run { script, .. } => script.value.contains("exit 1"),
    });
    let looks = job.steps.iter().any(|step| {
        let run = match &step.step.action {
            StepAction::Run { script, .. } => names_needs(&script.value),
            StepAction::Uses { with, .. } => with.iter().any(|(_, node)| holds(node)),
        };
        run || step.step.env.iter().any(|(_, node)| holds(node))
            || step
                .step
                .condition
                .as_ref()
                .is_some_and(|text| names_needs(&text.value))
    }) || job.job.env.iter().any(|(_, node)| holds(node));
    let needs_a_gate = job.job.needs.iter().any(|need| gates(&need.value));
    if needs_a_gate && !has_duty && !looks && job.job.uses.is_none() {
        let message = format!(
            "job `{}` runs whatever {} did, and passes",
            job.job.id.value,
            names(job)
        );
        found.push(Finding::new(
            Rule::UncheckedNeeds,
            view.at(condition.span),
            message,
        ));
    }
}

/// Whether a text has the `needs` context: `needs.a.result`, `toJSON(needs)`.
fn names_needs(text: &str) -> bool {
    let low = text.to_ascii_lowercase();
    ["needs.", "needs)", "needs["]
        .iter()
        .any(|form| low.contains(form))
}

fn names(job: &JobView<'_>) -> String {
    let names: Vec<String> = job
        .job
        .needs
        .iter()
        .map(|need| format!("`{}`", need.value))
        .collect();
    names.join(", ")
}

fn holds(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::String(text) if names_needs(text))
}
