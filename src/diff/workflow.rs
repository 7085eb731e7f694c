//! What belongs to no job.

use super::finding::{Finding, Topic, Verdict};
use super::permissions;
use super::read::Meaning;
use super::text;
use super::triggers::{self, arrow};
use crate::workflow::{Node, Workflow};

/// Compares what stands above the jobs.
pub(super) fn compare(old: &Meaning<'_>, new: &Meaning<'_>, found: &mut Vec<Finding>) {
    let (before, after) = (old.subject.workflow, new.subject.workflow);
    let name = |workflow: &Workflow| workflow.name.as_ref().map(|name| name.value.clone());
    if name(before) != name(after) {
        let message = arrow(name(before).as_deref(), name(after).as_deref());
        found.push(
            Finding::new(
                Verdict::Changed,
                Topic::Workflow,
                format!("its name {message}"),
            )
            .noted("badges, and workflows that start after it by `workflow_run`, name it"),
        );
    } else {
        let told = text::quoted(name(before).as_deref());
        found.push(Finding::new(
            Verdict::Same,
            Topic::Workflow,
            format!("its name {told}"),
        ));
    }
    triggers::compare(&old.view, &new.view, found);
    let at =
        |meaning: &Meaning<'_>, node: Option<&Node>| node.map(|node| meaning.view.at(node.span));
    let mut both = |was: Option<&Node>, is: Option<&Node>, finding: Option<Finding>| {
        let places = (at(old, was), at(new, is));
        found.extend(finding.map(|one| one.at(places.0.as_ref(), places.1.as_ref())));
    };
    let (was, is) = (before.permissions.as_ref(), after.permissions.as_ref());
    let any = was.is_some() || is.is_some();
    both(was, is, any.then(|| permissions::compare(was, is)));
    let (was, is) = (before.concurrency.as_ref(), after.concurrency.as_ref());
    both(was, is, concurrency(was, is));
}

/// `concurrency`, of a workflow or of a job.
pub(super) fn concurrency(old: Option<&Node>, new: Option<&Node>) -> Option<Finding> {
    let (before, after) = (text::of_option(old), text::of_option(new));
    let verdict = match (&before, &after) {
        (None, None) => return None,
        (None, Some(_)) => Verdict::Added,
        (before, after) if before == after => Verdict::Same,
        _ => Verdict::Changed,
    };
    let message = match verdict {
        Verdict::Changed => format!(
            "`concurrency` {}",
            arrow(before.as_deref(), after.as_deref())
        ),
        _ => format!("`concurrency` {}", text::quoted(after.as_deref())),
    };
    Some(Finding::new(verdict, Topic::Parallelism, message))
}
