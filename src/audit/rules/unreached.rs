//! Jobs that nothing can start.

use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::View;
use crate::workflow::{Job, Workflow};

/// Finds ST3501.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let workflow = view.subject.workflow;
    let mut dead: Vec<(&str, String)> = Vec::new();
    // A job may stand before those that it needs; chains are at most this long.
    for _ in 0..=workflow.jobs.len() {
        let before = dead.len();
        for job in &workflow.jobs {
            let id = job.id.as_str();
            if dead.iter().any(|(known, _)| *known == id) {
                continue;
            }
            if let Some(why) = never(job, workflow, &dead) {
                dead.push((id, why));
            }
        }
        if dead.len() == before {
            break;
        }
    }
    for job in &workflow.jobs {
        let Some((id, why)) = dead.iter().find(|(id, _)| *id == job.id.as_str()) else {
            continue;
        };
        let span = job
            .condition
            .as_ref()
            .filter(|_| why.starts_with("its"))
            .map_or(job.id.span, |text| text.span);
        let message = format!("job `{id}` never runs: {why}");
        found.push(Finding::new(Rule::UnreachableJob, view.at(span), message));
    }
}

/// Why a job never runs.
fn never(job: &Job, workflow: &Workflow, dead: &[(&str, String)]) -> Option<String> {
    let text = job.condition.as_ref().map_or("", |text| bare(&text.value));
    let low = text.to_ascii_lowercase();
    let any_case = ["always()", "cancelled()", "failure()"]
        .iter()
        .any(|call| low.contains(call));
    let needed = job
        .needs
        .iter()
        .find(|need| dead.iter().any(|(id, _)| *id == need.as_str()));
    if let Some(need) = needed.filter(|_| !any_case) {
        return Some(format!("it needs `{}`, which never runs", need.value));
    }
    // Either side of an `||` may hold.
    if low.contains("||") {
        return None;
    }
    for part in low
        .split("&&")
        .map(|part| part.trim().trim_matches(['(', ')']).trim())
    {
        if part == "false" {
            return Some("its condition is `false`".to_owned());
        }
        if part == "failure" && job.needs.is_empty() {
            return Some(
                "its condition is `failure()`, and it needs no job that could fail".to_owned(),
            );
        }
        if let Some(event) = other_event(part, workflow) {
            return Some(format!(
                "its condition asks for the event `{event}`, which does not start this workflow"
            ));
        }
    }
    None
}

/// The condition without `${{ }}`.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("${{")
        .and_then(|text| text.strip_suffix("}}"))
        .map_or(text, str::trim)
}

/// The event of `github.event_name == 'x'` where `on` does not have it. A workflow that is
/// called has the event of its caller.
fn other_event<'t>(part: &'t str, workflow: &Workflow) -> Option<&'t str> {
    let (left, right) = part.split_once("==")?;
    let (left, right) = (left.trim(), right.trim());
    let event = match (left, right) {
        ("github.event_name", event) | (event, "github.event_name") => event,
        _ => return None,
    };
    let event = event.strip_prefix('\'')?.strip_suffix('\'')?;
    let known = |trigger: &crate::workflow::Trigger| {
        trigger.event.value == "workflow_call" || trigger.event.value.eq_ignore_ascii_case(event)
    };
    (!workflow.on.iter().any(known)).then_some(event)
}
