//! What belongs to a whole job.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Finding, Topic, Verdict};
use super::read::JobMeaning;
use super::step::{self, condition};
use super::triggers::arrow;
use super::{permissions, services, text, workflow};
use crate::plan::static_legs;
use crate::workflow::{Entries, Job, Node, Text};

/// Compares two jobs, but for what they do. `ids` gives new ids of jobs by their old ones.
pub(super) fn compare(
    old: &JobMeaning<'_>,
    new: &JobMeaning<'_>,
    ids: &BTreeMap<&str, &str>,
    found: &mut Vec<Finding>,
) {
    let (before, after) = (old.job, new.job);
    name(before, after, found);
    needs(before, after, ids, found);
    found.extend(condition(
        (before.condition.as_ref(), old.condition.as_ref()),
        (after.condition.as_ref(), new.condition.as_ref()),
        "the job",
    ));
    matrix(before, after, found);
    value(
        "runs-on",
        before.runs_on.as_ref(),
        after.runs_on.as_ref(),
        Topic::Job,
        found,
    );
    services::compare(before, after, new.ways.first(), found);
    outputs(before, after, found);
    parallelism(before, after, found);
    found.extend(step::timeout(
        before.timeout_minutes.as_ref(),
        after.timeout_minutes.as_ref(),
        "GitHub's own of 6 hours counts",
    ));
    found.extend(step::forgiven(
        before.continue_on_error.as_ref(),
        after.continue_on_error.as_ref(),
        true,
    ));
    if before.permissions.is_some() || after.permissions.is_some() {
        found.push(permissions::compare(
            before.permissions.as_ref(),
            after.permissions.as_ref(),
        ));
    }
    environment(
        before.environment.as_ref(),
        after.environment.as_ref(),
        found,
    );
    called(before, after, found);
}

/// What a required status check is called after.
pub(super) fn shown_name(job: &Job) -> &str {
    job.name.as_ref().map_or(&job.id.value, |name| &name.value)
}

fn name(old: &Job, new: &Job, found: &mut Vec<Finding>) {
    if old.id.value != new.id.value {
        let message = format!("its id `{}` → `{}`", old.id.value, new.id.value);
        found.push(Finding::new(Verdict::Changed, Topic::Job, message));
    }
    let (before, after) = (shown_name(old), shown_name(new));
    if before == after {
        let message = format!("its name `{}`", text::short(before));
        found.push(Finding::new(Verdict::Same, Topic::JobName, message));
        return;
    }
    let message = format!(
        "its name `{}` → `{}`",
        text::short(before),
        text::short(after)
    );
    found.push(Finding::new(Verdict::Changed, Topic::JobName, message).noted(required(before)));
}

/// What happens to pull requests when a job of this name is gone.
pub(super) fn required(name: &str) -> String {
    format!(
        "where `{}` is a required status check, pull requests wait for it for ever: change the \
         rule of the branch too",
        text::short(name)
    )
}

fn needs(old: &Job, new: &Job, ids: &BTreeMap<&str, &str>, found: &mut Vec<Finding>) {
    let before: BTreeSet<&str> = old
        .needs
        .iter()
        .map(|need| ids.get(need.as_str()).copied().unwrap_or(need.as_str()))
        .collect();
    let after: BTreeSet<&str> = new.needs.iter().map(Text::as_str).collect();
    let lost: Vec<&&str> = before.difference(&after).collect();
    let more: Vec<&&str> = after.difference(&before).collect();
    if !lost.is_empty() {
        let message = format!("it does not wait for {} any more", text::listed(&lost));
        found.push(Finding::new(Verdict::Weakened, Topic::Needs, message));
    }
    if !more.is_empty() {
        let message = format!("it waits for {} too", text::listed(&more));
        found.push(Finding::new(Verdict::Changed, Topic::Needs, message));
    }
    if lost.is_empty() && more.is_empty() && !after.is_empty() {
        let after: Vec<&str> = after.into_iter().collect();
        let message = format!("it waits for {}", text::listed(&after));
        found.push(Finding::new(Verdict::Same, Topic::Needs, message));
    }
}

/// The legs, where the file says which there are; else what it says.
fn matrix(old: &Job, new: &Job, found: &mut Vec<Finding>) {
    let node = |job: &Job| {
        job.strategy
            .as_ref()
            .and_then(|strategy| strategy.matrix.clone())
    };
    let (before, after) = (node(old), node(new));
    if before.is_none() && after.is_none() {
        return;
    }
    let one_leg = || vec![crate::expr::Value::Null];
    let legs = |matrix: &Option<Node>| matrix.as_ref().map_or_else(|| Some(one_leg()), static_legs);
    let (Some(was), Some(is)) = (legs(&before), legs(&after)) else {
        return value(
            "matrix",
            before.as_ref(),
            after.as_ref(),
            Topic::Matrix,
            found,
        );
    };
    let told = |legs: &[crate::expr::Value]| -> BTreeSet<Leg> { legs.iter().map(leg).collect() };
    let (was, is) = (told(&was), told(&is));
    let by_values = |legs: &BTreeSet<Leg>| -> BTreeSet<Vec<String>> {
        legs.iter()
            .map(|leg| leg.values().cloned().collect())
            .collect()
    };
    let lost: Vec<String> = was.difference(&is).map(leg_text).collect();
    let more: Vec<String> = is.difference(&was).map(leg_text).collect();
    if lost.is_empty() && more.is_empty() {
        let message = format!("{} of its matrix", crate::diff::text::legs(was.len()));
        found.push(Finding::new(Verdict::Same, Topic::Matrix, message));
        return;
    }
    if before.is_some() && after.is_some() && by_values(&was) == by_values(&is) {
        let message = "the keys of its matrix have other names, their values are the same";
        found.push(Finding::new(Verdict::Changed, Topic::Matrix, message));
        return;
    }
    if !lost.is_empty() && before.is_some() {
        let message = format!("{} lost: {}", text::legs(lost.len()), text::listed(&lost));
        found.push(Finding::new(Verdict::Lost, Topic::Matrix, message));
    }
    if !more.is_empty() && after.is_some() {
        let message = format!("{} more: {}", text::legs(more.len()), text::listed(&more));
        found.push(Finding::new(Verdict::Added, Topic::Matrix, message));
    }
}

/// The values of a leg by their keys.
type Leg = BTreeMap<String, String>;

fn leg(value: &crate::expr::Value) -> Leg {
    match value {
        crate::expr::Value::Object(object) => object
            .iter()
            .map(|(key, value)| {
                let text = match value.is_primitive() {
                    true => value.to_text(),
                    false => value.to_json().to_string(),
                };
                (key.to_owned(), text)
            })
            .collect(),
        _ => Leg::new(),
    }
}

fn leg_text(leg: &Leg) -> String {
    let values: Vec<&str> = leg.values().map(String::as_str).collect();
    match values.is_empty() {
        true => "the one without a matrix".to_owned(),
        false => values.join(", "),
    }
}

fn outputs(old: &Job, new: &Job, found: &mut Vec<Finding>) {
    for (name, node) in &old.outputs {
        let name = &name.value;
        let other = new.outputs.iter().find(|(other, _)| other.value == *name);
        let (verdict, message) = match other {
            None => (Verdict::Lost, format!("the output `{name}` is gone")),
            Some((_, other)) if text::of_node(node) == text::of_node(other) => {
                (Verdict::Same, format!("the output `{name}`"))
            }
            Some((_, other)) => {
                let told = arrow(Some(&text::of_node(node)), Some(&text::of_node(other)));
                (Verdict::Changed, format!("the output `{name}` {told}"))
            }
        };
        found.push(Finding::new(verdict, Topic::Outputs, message));
    }
    for (name, _) in &new.outputs {
        if !old
            .outputs
            .iter()
            .any(|(other, _)| other.value == name.value)
        {
            let message = format!("the output `{}`", name.value);
            found.push(Finding::new(Verdict::Added, Topic::Outputs, message));
        }
    }
}

fn parallelism(old: &Job, new: &Job, found: &mut Vec<Finding>) {
    let part = |job: &Job, of: &dyn Fn(&crate::workflow::Strategy) -> Option<String>| {
        job.strategy.as_ref().and_then(of)
    };
    // GitHub's own default; written out it means the same.
    let fail_fast = |job: &Job| {
        let given = part(job, &|strategy| {
            text::of_option(strategy.fail_fast.as_ref())
        });
        let has_legs = job
            .strategy
            .as_ref()
            .is_some_and(|one| one.matrix.is_some());
        given.or_else(|| has_legs.then(|| "true".to_owned()))
    };
    let at_once = |job: &Job| {
        part(job, &|strategy| {
            text::of_option(strategy.max_parallel.as_ref())
        })
    };
    for (key, before, after) in [
        ("fail-fast", fail_fast(old), fail_fast(new)),
        ("max-parallel", at_once(old), at_once(new)),
    ] {
        if before.is_none() && after.is_none() {
            continue;
        }
        let (verdict, told) = match before == after {
            true => (Verdict::Same, text::quoted(after.as_deref())),
            false => (Verdict::Changed, arrow(before.as_deref(), after.as_deref())),
        };
        found.push(Finding::new(
            verdict,
            Topic::Parallelism,
            format!("`{key}` {told}"),
        ));
    }
    found.extend(workflow::concurrency(
        old.concurrency.as_ref(),
        new.concurrency.as_ref(),
    ));
}

/// `environment`, whose rules of protection a job waits for.
fn environment(old: Option<&Node>, new: Option<&Node>, found: &mut Vec<Finding>) {
    if old.is_some() && new.is_none() {
        let told = text::quoted(text::of_option(old).as_deref());
        let message = format!("`environment` {told} is gone, and with it its rules and secrets");
        found.push(Finding::new(Verdict::Weakened, Topic::Job, message));
        return;
    }
    value("environment", old, new, Topic::Job, found);
}

/// The workflow that it calls in place of steps.
fn called(old: &Job, new: &Job, found: &mut Vec<Finding>) {
    let uses = |job: &Job| job.uses.as_ref().map(|uses| uses.value.clone());
    let (before, after) = (uses(old), uses(new));
    match (&before, &after) {
        (None, None) => return,
        (Some(_), None) => {
            let told = text::quoted(before.as_deref());
            let message = format!("it calls {told} no more and has steps of its own");
            found.push(
                Finding::new(Verdict::Changed, Topic::Job, message)
                    .noted("what the called workflow does is not read"),
            );
            return;
        }
        (None, Some(_)) => {
            let told = text::quoted(after.as_deref());
            found.push(
                Finding::new(Verdict::Changed, Topic::Job, format!("it calls {told} now"))
                    .noted("what the called workflow does is not read"),
            );
            return;
        }
        (Some(a), Some(b)) if a == b => {
            let message = format!("it calls `{}`", text::short(a));
            found.push(Finding::new(Verdict::Same, Topic::Job, message));
        }
        (Some(a), Some(b)) => {
            let message = format!("it calls {}", arrow(Some(a), Some(b)));
            found.push(Finding::new(Verdict::Changed, Topic::Job, message));
        }
    }
    entries("the input", &old.with, &new.with, found);
    value(
        "secrets",
        old.secrets.as_ref(),
        new.secrets.as_ref(),
        Topic::Job,
        found,
    );
}

/// What is handed to a called workflow.
fn entries(what: &str, old: &Entries, new: &Entries, found: &mut Vec<Finding>) {
    for (key, node) in old {
        let other = new.iter().find(|(name, _)| name.value == key.value);
        let (verdict, told) = match other {
            None => (Verdict::Changed, "is not given any more".to_owned()),
            Some((_, other)) if text::of_node(other) == text::of_node(node) => continue,
            Some((_, other)) => {
                let told = arrow(Some(&text::of_node(node)), Some(&text::of_node(other)));
                (Verdict::Changed, told)
            }
        };
        let message = format!("{what} `{}` {told}", key.value);
        found.push(Finding::new(verdict, Topic::Job, message));
    }
    for (key, _) in new {
        if !old.iter().any(|(name, _)| name.value == key.value) {
            let message = format!("{what} `{}`", key.value);
            found.push(Finding::new(Verdict::Added, Topic::Job, message));
        }
    }
}

/// A value whose every change is just that.
fn value(
    key: &str,
    old: Option<&Node>,
    new: Option<&Node>,
    topic: Topic,
    found: &mut Vec<Finding>,
) {
    let (before, after) = (text::of_option(old), text::of_option(new));
    if before.is_none() && after.is_none() {
        return;
    }
    let (verdict, told) = match before == after {
        true => (Verdict::Same, text::quoted(after.as_deref())),
        false => (Verdict::Changed, arrow(before.as_deref(), after.as_deref())),
    };
    found.push(Finding::new(verdict, topic, format!("`{key}` {told}")));
}
