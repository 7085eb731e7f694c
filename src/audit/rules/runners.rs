//! Where jobs run, and for how long.

use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, View};
use crate::workflow::{Node, NodeKind};

/// Finds ST3801 and ST3802.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for job in &view.jobs {
        let steps_end = !job.steps.is_empty()
            && job
                .steps
                .iter()
                .all(|step| step.step.timeout_minutes.is_some());
        // A called workflow has its own jobs.
        if job.job.timeout_minutes.is_none() && job.job.uses.is_none() && !steps_end {
            let message = format!("job `{}` has no time limit of its own", job.job.id.value);
            let place = view.at(job.job.id.span);
            found.push(Finding::new(Rule::NoTimeout, place, message));
        }
        for (label, node) in labels(job) {
            let message = format!("job `{}` has a leg on `{label}`", job.job.id.value);
            found.push(Finding::new(Rule::OtherSystem, view.at(node.span), message));
        }
    }
}

/// The labels of Windows and macOS that a job asks for, where they are written.
fn labels<'a>(job: &'a JobView<'_>) -> Vec<(String, &'a Node)> {
    let Some(runs_on) = &job.job.runs_on else {
        return Vec::new();
    };
    let mut found = Vec::new();
    collect(runs_on, &mut found);
    let text = runs_on.scalar_text().unwrap_or_default();
    let matrix = job
        .job
        .strategy
        .as_ref()
        .and_then(|strategy| strategy.matrix.as_ref());
    // `${{ matrix.os }}`: the values of that key, also in `include`.
    if let (Some((_, path)), Some(matrix)) = (text.split_once("matrix."), matrix) {
        let end = path
            .find(|one: char| !one.is_ascii_alphanumeric() && one != '_' && one != '-')
            .unwrap_or(path.len());
        let key = path.get(..end).unwrap_or(path);
        if let Some(node) = matrix.get(key) {
            collect(node, &mut found);
        }
        if let Some(NodeKind::Seq(items)) = matrix.get("include").map(|node| &node.kind) {
            for node in items.iter().filter_map(|item| item.get(key)) {
                collect(node, &mut found);
            }
        }
    }
    found.dedup_by(|one, other| one.0 == other.0);
    found
}

fn collect<'a>(node: &'a Node, found: &mut Vec<(String, &'a Node)>) {
    match &node.kind {
        NodeKind::String(text) => {
            let low = text.to_ascii_lowercase();
            if low.starts_with("windows") || low.starts_with("macos") {
                found.push((text.clone(), node));
            }
        }
        NodeKind::Seq(items) => items.iter().for_each(|item| collect(item, found)),
        NodeKind::Map(entries) => entries.iter().for_each(|(_, node)| collect(node, found)),
        _ => {}
    }
}
