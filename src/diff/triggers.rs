//! `on`: what starts the workflow (GitHub docs, "Workflow syntax", `on`).

use std::collections::BTreeSet;

use super::finding::{Finding, Topic, Verdict};
use super::text;
use crate::audit::View;
use crate::workflow::{Node, NodeKind, Text, Trigger, Workflow};

/// Types of `pull_request` where none are named.
const PULL_REQUEST: [&str; 3] = ["opened", "synchronize", "reopened"];

/// Compares what starts two workflows.
pub(super) fn compare(old: &View<'_>, new: &View<'_>, found: &mut Vec<Finding>) {
    let named = |workflow: &'_ Workflow, name: &str| {
        workflow
            .on
            .iter()
            .any(|trigger| trigger.event.value == name)
    };
    let (before, after) = (old.subject.workflow, new.subject.workflow);
    for trigger in &before.on {
        let name = &trigger.event.value;
        let at = old.at(trigger.event.span);
        let Some(other) = after.on.iter().find(|other| other.event.value == *name) else {
            let message = format!("`{name}` does not start the workflow any more");
            found.push(Finding::new(Verdict::Lost, Topic::Trigger, message).at(Some(&at), None));
            continue;
        };
        let place = new.at(other.event.span);
        let mut one = Vec::new();
        filters(trigger, other, &mut one);
        if one.is_empty() {
            let message = format!("`{name}` starts the workflow");
            one.push(Finding::new(Verdict::Same, Topic::Trigger, message));
        }
        found.extend(
            one.into_iter()
                .map(|finding| finding.of(name.as_str()).at(Some(&at), Some(&place))),
        );
    }
    for trigger in after
        .on
        .iter()
        .filter(|trigger| !named(before, &trigger.event.value))
    {
        let message = format!("`{}` starts the workflow too", trigger.event.value);
        let place = new.at(trigger.event.span);
        found.push(Finding::new(Verdict::Added, Topic::Trigger, message).at(None, Some(&place)));
    }
}

/// The filters of one event.
fn filters(old: &Trigger, new: &Trigger, found: &mut Vec<Finding>) {
    let workflows = |trigger: &Trigger| items(trigger.raw.get("workflows"));
    let types = |trigger: &Trigger| {
        let given = text::values(&trigger.types);
        let default = matches!(
            trigger.event.as_str(),
            "pull_request" | "pull_request_target"
        );
        match given.is_empty() && default {
            true => PULL_REQUEST.map(str::to_owned).to_vec(),
            false => given,
        }
    };
    let list = |list: &[Text]| text::values(list);
    only(
        "branches",
        &list(&old.branches),
        &list(&new.branches),
        found,
    );
    only("tags", &list(&old.tags), &list(&new.tags), found);
    only("paths", &list(&old.paths), &list(&new.paths), found);
    only("types", &types(old), &types(new), found);
    only("workflows", &workflows(old), &workflows(new), found);
    without(
        "branches-ignore",
        &old.branches_ignore,
        &new.branches_ignore,
        found,
    );
    without("tags-ignore", &old.tags_ignore, &new.tags_ignore, found);
    without("paths-ignore", &old.paths_ignore, &new.paths_ignore, found);
    schedule(old, new, found);
    inputs(old, new, found);
    for key in ["outputs", "secrets"] {
        let (before, after) = (
            text::of_option(old.raw.get(key)),
            text::of_option(new.raw.get(key)),
        );
        if before != after {
            let message = format!("`{key}` {}", arrow(before.as_deref(), after.as_deref()));
            let verdict = match after.is_none() {
                true => Verdict::Lost,
                false => Verdict::Changed,
            };
            found.push(Finding::new(verdict, Topic::Trigger, message));
        }
    }
}

/// A filter that names what counts. Without one everything does.
fn only(key: &str, old: &[String], new: &[String], found: &mut Vec<Finding>) {
    if old == new {
        return;
    }
    let missing: Vec<&String> = old.iter().filter(|value| !new.contains(value)).collect();
    let more: Vec<&String> = new.iter().filter(|value| !old.contains(value)).collect();
    if new.is_empty() {
        let message = format!("`{key}` is gone: it asked for {}", text::listed(old));
        found.push(Finding::new(Verdict::Changed, Topic::Trigger, message));
    } else if old.is_empty() {
        let message = format!("`{key}` is asked for now: {}", text::listed(new));
        found.push(Finding::new(Verdict::Weakened, Topic::Trigger, message));
    } else if key != "types" && excludes(&more) {
        let message = format!("`{key}` leaves out {} now", text::listed(&more));
        found.push(Finding::new(Verdict::Weakened, Topic::Trigger, message));
    } else if missing.iter().any(|value| !value.starts_with('!')) {
        let message = format!("`{key}` does not hold {} any more", text::listed(&missing));
        found.push(Finding::new(Verdict::Weakened, Topic::Trigger, message));
    } else {
        let message = format!("`{key}`: {} → {}", text::listed(old), text::listed(new));
        found.push(Finding::new(Verdict::Changed, Topic::Trigger, message));
    }
}

/// Whether a pattern takes away from those before it.
fn excludes(values: &[&String]) -> bool {
    values.iter().any(|value| value.starts_with('!'))
}

/// A filter that names what does not count.
fn without(key: &str, old: &[Text], new: &[Text], found: &mut Vec<Finding>) {
    let (old, new) = (text::values(old), text::values(new));
    let more: Vec<&String> = new.iter().filter(|value| !old.contains(value)).collect();
    let less: Vec<&String> = old.iter().filter(|value| !new.contains(value)).collect();
    if !more.is_empty() {
        let message = format!("`{key}` leaves out {} now", text::listed(&more));
        found.push(Finding::new(Verdict::Weakened, Topic::Trigger, message));
    } else if !less.is_empty() {
        let message = format!(
            "`{key}` does not leave out {} any more",
            text::listed(&less)
        );
        found.push(Finding::new(Verdict::Changed, Topic::Trigger, message));
    }
}

/// `schedule`: its times.
fn schedule(old: &Trigger, new: &Trigger, found: &mut Vec<Finding>) {
    let times = |trigger: &Trigger| -> BTreeSet<String> {
        let NodeKind::Seq(entries) = &trigger.raw.kind else {
            return BTreeSet::new();
        };
        let entries = entries.iter().filter_map(|entry| entry.get("cron"));
        entries.map(text::of_node).collect()
    };
    let (before, after) = (times(old), times(new));
    if before == after {
        return;
    }
    let message = format!(
        "the times {} → {}",
        text::listed(&before.iter().collect::<Vec<_>>()),
        text::listed(&after.iter().collect::<Vec<_>>())
    );
    let verdict = match after.len() < before.len() {
        true => Verdict::Weakened,
        false => Verdict::Changed,
    };
    found.push(Finding::new(verdict, Topic::Trigger, message));
}

/// `inputs` of calls and of runs that are started by hand.
fn inputs(old: &Trigger, new: &Trigger, found: &mut Vec<Finding>) {
    for input in &old.inputs {
        let name = &input.name.value;
        let Some(other) = new.inputs.iter().find(|other| other.name.value == *name) else {
            let message = format!("the input `{name}` is gone");
            found.push(Finding::new(Verdict::Lost, Topic::Trigger, message));
            continue;
        };
        let told = |input: &crate::workflow::Input| {
            let default = text::of_option(input.default.as_ref());
            let kind = input.kind.as_ref().map(|kind| kind.value.clone());
            (default, kind, input.required, text::values(&input.options))
        };
        if told(input) != told(other) {
            let message = format!("the input `{name}` has another type, default or choice");
            found.push(Finding::new(Verdict::Changed, Topic::Trigger, message));
        }
    }
    for input in &new.inputs {
        let name = &input.name.value;
        if !old.inputs.iter().any(|other| other.name.value == *name) {
            let message = format!("the input `{name}`");
            let verdict = match input.required {
                true => Verdict::Changed,
                false => Verdict::Added,
            };
            found.push(Finding::new(verdict, Topic::Trigger, message));
        }
    }
}

/// The scalars of a list.
fn items(node: Option<&Node>) -> Vec<String> {
    match node.map(|node| &node.kind) {
        Some(NodeKind::Seq(items)) => items.iter().map(text::of_node).collect(),
        Some(_) => text::of_option(node).into_iter().collect(),
        None => Vec::new(),
    }
}

/// What became of a value.
pub(super) fn arrow(old: Option<&str>, new: Option<&str>) -> String {
    format!("{} → {}", text::quoted(old), text::quoted(new))
}
