//! What was made is read again before it is given out: the original must be in it byte for
//! byte, two parsers that share no code must read it alike, and it may differ from the
//! original in what was planned and in nothing else.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::workflow::{Node, NodeKind, parse, parse_action, parse_yaml};

use super::Refusal;
use super::decide::JobPlan;
use super::docker::{FLAG, SCRIPT, SHADOW_ID};
use super::mark::revert;
use super::seatrial::STEP_ID;

/// Checks a converted workflow.
pub(super) fn workflow(
    before: &str,
    after: &str,
    jobs: &BTreeMap<String, JobPlan>,
) -> Result<(), Refusal> {
    original_is_in_it(before, after)?;
    if let Err(problems) = parse(after) {
        let first = problems.first();
        return Err(wrong(
            first.map_or(1, |problem| problem.span.start.line),
            &format!(
                "the converted workflow would be wrong: {}",
                first.map_or_else(String::new, |problem| problem.message.clone())
            ),
        ));
    }
    let (old, new) = (tree(before)?, tree(after)?);
    same_for_both_parsers(after, &new)?;
    let unplanned = |path: &str| {
        wrong(
            1,
            &format!("`{path}` would change, and that was not planned"),
        )
    };
    let (mut old, mut new) = (old, new);
    without_input(&mut new);
    for name in jobs.keys() {
        let pointer = format!("/jobs/{}", name.replace('~', "~0").replace('/', "~1"));
        let (Some(old), Some(new)) = (old.pointer_mut(&pointer), new.pointer_mut(&pointer)) else {
            return Err(unplanned(&pointer));
        };
        without_default_shell(old);
        without_default_shell(new);
        without_our_steps(new);
    }
    for tree in [&mut old, &mut new] {
        without_shell_and_condition(tree);
    }
    match difference(&old, &new, "") {
        None => Ok(()),
        Some(path) => Err(unplanned(&path)),
    }
}

/// Checks a converted composite action.
pub(super) fn action(before: &str, after: &str) -> Result<(), Refusal> {
    original_is_in_it(before, after)?;
    if parse_action(after).is_err() {
        return Err(wrong(1, "the converted action would be wrong"));
    }
    let (mut old, mut new) = (tree(before)?, tree(after)?);
    same_for_both_parsers(after, &new)?;
    for tree in [&mut old, &mut new] {
        if let Some(steps) = tree.pointer_mut("/runs/steps") {
            of_steps(steps);
        }
    }
    match difference(&old, &new, "") {
        None => Ok(()),
        Some(path) => Err(wrong(
            1,
            &format!("`{path}` would change, and that was not planned"),
        )),
    }
}

fn wrong(line: usize, message: &str) -> Refusal {
    Refusal::new(line, message)
}

fn original_is_in_it(before: &str, after: &str) -> Result<(), Refusal> {
    match revert(after) {
        Ok(original) if original == before => Ok(()),
        _ => Err(wrong(
            1,
            "the original could not be had back byte for byte; do its lines end in different ways?",
        )),
    }
}

/// A file as our parser reads it.
fn tree(text: &str) -> Result<Value, Refusal> {
    parse_yaml(text)
        .map(|node| json(&node))
        .map_err(|problems| {
            let first = problems.first();
            wrong(
                first.map_or(1, |problem| problem.span.start.line),
                &first.map_or_else(String::new, |problem| problem.message.clone()),
            )
        })
}

/// A node without its places. Scalars are texts, as GitHub's reader makes them.
fn json(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Seq(items) => Value::Array(items.iter().map(json).collect()),
        NodeKind::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| (key.value.clone(), json(value)))
                .collect(),
        ),
        NodeKind::Number(_, text) => Value::String(text.clone()),
        _ => Value::String(node.scalar_text().unwrap_or_default()),
    }
}

/// Whether a second parser, one that shares no code with the first, reads the same.
fn same_for_both_parsers(text: &str, first: &Value) -> Result<(), Refusal> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let second: yaml_serde::Value = yaml_serde::from_str(text)
        .map_err(|error| wrong(1, &format!("a second parser cannot read it: {error}")))?;
    match apart(first, &second, "") {
        None => Ok(()),
        Some(path) => Err(wrong(
            1,
            &format!("two parsers read `{path}` differently; write it in a plainer way"),
        )),
    }
}

/// Where the two parsers disagree. Kinds of scalars are a matter of schemas, and no one
/// doubts the text of a scalar that is no string.
fn apart(first: &Value, second: &yaml_serde::Value, path: &str) -> Option<String> {
    use yaml_serde::Value as Second;
    match (first, second) {
        (_, Second::Tagged(tagged)) => apart(first, &tagged.value, path),
        (Value::Object(first), Second::Mapping(second)) => {
            if first.len() != second.len() {
                return Some(path.to_owned());
            }
            first
                .iter()
                .zip(second)
                .find_map(|((key, value), (name, other))| {
                    let path = format!("{path}/{key}");
                    match name {
                        Second::String(name) if name != key => Some(path),
                        _ => apart(value, other, &path),
                    }
                })
        }
        (Value::Array(first), Second::Sequence(second)) => {
            if first.len() != second.len() {
                return Some(path.to_owned());
            }
            first
                .iter()
                .zip(second)
                .enumerate()
                .find_map(|(index, (value, other))| apart(value, other, &format!("{path}/{index}")))
        }
        // A block scalar at the end of a file may or may not have its last line break.
        (Value::String(first), Second::String(second)) => {
            (first.trim_end() != second.trim_end()).then(|| path.to_owned())
        }
        (Value::String(_), Second::Null | Second::Bool(_) | Second::Number(_)) => None,
        _ => Some(path.to_owned()),
    }
}

/// The first place where two trees differ.
fn difference(old: &Value, new: &Value, path: &str) -> Option<String> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let keys = |map: &Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            if keys(old) != keys(new) {
                return Some(path.to_owned());
            }
            old.iter()
                .find_map(|(key, value)| difference(value, new.get(key)?, &format!("{path}/{key}")))
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => old
            .iter()
            .zip(new)
            .enumerate()
            .find_map(|(index, (old, new))| difference(old, new, &format!("{path}/{index}"))),
        _ => (old != new).then(|| path.to_owned()),
    }
}

/// Takes the input away that the flag may have.
fn without_input(tree: &mut Value) {
    let Some(dispatch) = tree.pointer_mut("/on/workflow_dispatch") else {
        return;
    };
    if let Some(Value::Object(inputs)) = dispatch.get_mut("inputs") {
        inputs.shift_remove(FLAG);
        if inputs.is_empty() {
            *dispatch = Value::String(String::new());
        }
    }
}

/// Takes `defaults.run.shell` away, and what is empty then.
fn without_default_shell(job: &mut Value) {
    let Value::Object(job) = job else { return };
    if let Some(Value::Object(defaults)) = job.get_mut("defaults") {
        if let Some(Value::Object(run)) = defaults.get_mut("run") {
            run.shift_remove("shell");
            if run.is_empty() {
                defaults.shift_remove("run");
            }
        }
        if defaults.is_empty() {
            job.shift_remove("defaults");
        }
    }
}

/// Takes the steps away that a conversion adds.
fn without_our_steps(job: &mut Value) {
    let Some(Value::Array(steps)) = job.get_mut("steps") else {
        return;
    };
    steps.retain(|step| !is_ours(step));
}

/// Whether a step is one that a conversion adds: it calls the script other than as a shell,
/// or it has the condition that no other step has.
fn is_ours(step: &Value) -> bool {
    let text = |key: &str| step.get(key).and_then(Value::as_str).unwrap_or_default();
    let calls = text("run").contains(SCRIPT);
    let builds =
        text("uses").starts_with("docker/") && text("if") == "env.DOCKER_TESTS != 'runner'";
    calls || builds || [STEP_ID, SHADOW_ID].contains(&text("id"))
}

/// Takes shells and conditions of all steps away: one step may be reached from several jobs.
fn without_shell_and_condition(tree: &mut Value) {
    let Some(Value::Object(jobs)) = tree.get_mut("jobs") else {
        return;
    };
    for (_, job) in jobs.iter_mut() {
        if let Some(steps) = job.get_mut("steps") {
            of_steps(steps);
        }
    }
}

fn of_steps(steps: &mut Value) {
    let Value::Array(steps) = steps else { return };
    for step in steps {
        if let Value::Object(step) = step {
            step.shift_remove("shell");
            step.shift_remove("if");
        }
    }
}
