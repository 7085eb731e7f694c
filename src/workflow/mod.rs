//! The workflow file: text in, [`Workflow`] or [`Problem`]s out.
//!
//! What GitHub accepts is accepted and what it refuses is refused, with the place,
//! what was found and what was expected. The rules are those of GitHub's "Workflow
//! syntax for GitHub Actions" and of its own reader (`src/Sdk/WorkflowParser` of
//! actions/runner, `workflow-v1.0.json` of actions/languageservices). Expressions
//! stay text here: the `plan` room evaluates them.
//!
//! This room does no I/O and uses no other room.

mod action_file;
mod cron;
mod discover;
mod model;
mod names;
mod needs;
mod node;
mod numbers;
mod problem;
mod read;
mod read_action;
mod read_container;
mod read_job;
mod read_on;
mod read_step;
mod read_strategy;
mod read_values;
mod scalar;
mod shell_words;
mod source;
mod test_tools;
mod yaml;
mod yaml_build;

#[cfg(test)]
mod tests_broken;
#[cfg(test)]
mod tests_broken_jobs;
#[cfg(test)]
pub(crate) mod tests_keys;
#[cfg(test)]
mod tests_property;
#[cfg(test)]
mod tests_valid;
#[cfg(test)]
mod tests_yaml;

use std::collections::HashSet;

pub(crate) use action_file::{ActionFile, DockerAction, NodeAction, Runs};
pub(crate) use discover::{looks_like_tests, test_command, tests_with};
pub(crate) use model::{
    Container, Entries, Input, Job, RunDefaults, Step, StepAction, Strategy, Trigger, Workflow,
};
pub(crate) use names::nearest;
pub(crate) use node::{Mark, Node, NodeKind, Span, Text, number_text};
pub(crate) use numbers::surprising_numbers;
pub(crate) use problem::Problem;
pub(crate) use shell_words::commands;

/// A workflow that can be run, and what is odd about it.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The workflow.
    pub(crate) workflow: Workflow,
    /// Things that probably are not meant, in the order of the file.
    pub(crate) warnings: Vec<Problem>,
}

/// Reads a workflow file. All problems are reported together, in the order of the
/// file; only what makes the YAML itself unreadable is reported alone.
pub(crate) fn parse(text: &str) -> Result<Parsed, Vec<Problem>> {
    let document = yaml::read(text).map_err(|problem| vec![problem])?;
    let (workflow, mut problems, mut warnings) = read::workflow(&document.root);
    problems.extend(document.problems);
    if !problems.is_empty() {
        return Err(in_order(problems));
    }
    warnings.extend(numbers::surprising_numbers(&document.root));
    Ok(Parsed {
        workflow,
        warnings: in_order(warnings),
    })
}

/// Reads any YAML by the same rules.
pub(crate) fn parse_yaml(text: &str) -> Result<Node, Vec<Problem>> {
    let document = yaml::read(text).map_err(|problem| vec![problem])?;
    if document.problems.is_empty() {
        Ok(document.root)
    } else {
        Err(in_order(document.problems))
    }
}

/// Reads an action's `action.yml`.
pub(crate) fn parse_action(text: &str) -> Result<ActionFile, Vec<Problem>> {
    let document = yaml::read(text).map_err(|problem| vec![problem])?;
    if !document.problems.is_empty() {
        return Err(in_order(document.problems));
    }
    read_action::action(&document.root).map_err(in_order)
}

/// Sorted by place, each said once: what stands under an anchor is read once for
/// every alias.
fn in_order(problems: Vec<Problem>) -> Vec<Problem> {
    let mut said = HashSet::new();
    let mut problems: Vec<Problem> = problems
        .into_iter()
        .filter(|problem| said.insert((problem.span.start.offset, topic(&problem.message))))
        .collect();
    problems.sort_by(|a, b| {
        let place = |problem: &Problem| (problem.span.start.offset, problem.span.end.offset);
        place(a)
            .cmp(&place(b))
            .then_with(|| a.message.cmp(&b.message))
    });
    problems
}

/// A message without the names of job and step, which are those of the alias.
fn topic(message: &str) -> String {
    let mut topic = String::new();
    let mut rest = message;
    while let Some((before, behind)) = rest.split_once("job `") {
        let before = match before.rsplit_once("step ") {
            Some((kept, number)) if number.ends_with(" of ") => kept,
            _ => before,
        };
        topic.push_str(before);
        rest = behind.split_once('`').map_or("", |(_, behind)| behind);
    }
    topic + rest
}
