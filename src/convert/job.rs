//! The edits of one job.

use crate::workflow::{Node, NodeKind, Text};

use super::Refusal;
use super::decide::{Fate, JobPlan};
use super::docker::{self, SCRIPT};
use super::edit::{Block, Edits};
use super::geometry::{Geometry, is_alias, normal_path};
use super::handover::Handover;
use super::options::Options;
use super::seatrial;

/// What the runner does with a script that names no shell (GitHub docs, "Workflow syntax",
/// `jobs.<job_id>.steps[*].shell`, "unspecified").
const UNSPECIFIED: &str = "bash -e {0}";

/// Plans the edits of a job.
///
/// # Errors
/// Something is written in a way that this cannot edit; it says what.
pub(super) fn edits(
    (root, id, node): (&Node, &Text, &Node),
    job: &JobPlan,
    options: &Options,
    geometry: &Geometry<'_>,
    edits: &mut Edits,
) -> Result<(), Refusal> {
    let refuse =
        |line: usize, what: &str| Refusal::new(line, format!("job `{}`: {what}", id.value));
    let steps =
        entry(node, "steps").ok_or_else(|| refuse(id.span.start.line, "it has no steps"))?;
    let NodeKind::Seq(items) = &steps.1.kind else {
        return Err(refuse(steps.0.span.start.line, "its steps are no list"));
    };
    if geometry.is_flow(node) || geometry.is_flow(&steps.1) {
        return Err(refuse(id.span.start.line, "it is written in braces"));
    }
    let places = geometry.items(&steps.1);
    if places.len() != items.len() {
        return Err(refuse(
            steps.0.span.start.line,
            "its list of steps cannot be told apart",
        ));
    }
    if let Some(handover) = &job.handover {
        return hand_over(
            (&steps.1, &places),
            (job, handover),
            options,
            geometry,
            edits,
        );
    }
    let own_default = shell_of(node);
    let default = own_default
        .clone()
        .or_else(|| shell_of(root))
        .unwrap_or_else(|| UNSPECIFIED.to_owned());
    let directory = directory_of(node)
        .or_else(|| directory_of(root))
        .unwrap_or_default();
    default_shell((id, node), &default, job, geometry, edits)?;
    for ((item, (first, _)), fate) in items.iter().zip(&places).zip(&job.fates) {
        let step = StepEdit::new(item, *first, geometry);
        match fate {
            Fate::Untouched => {}
            Fate::Runner => step.shell_of_the_runner(&default, edits)?,
            Fate::Provided => {
                step.unless_in_a_container(edits)?;
                // Where both sides run it is the runner's alone. No one shell is right for
                // Windows, too.
                if job.windows.is_none() {
                    step.shell_of_the_runner(&default, edits)?;
                }
            }
            Fate::Container => step.shell_of_the_container(&directory, &job.folder, edits)?,
        }
    }
    let made = docker::steps(job, options);
    let indent = geometry.dash(&steps.1).map_or(0, |(_, column)| column - 1);
    let steps = |lines: &[String]| Block::indented(indent, lines);
    let behind = |index: usize| places.get(index).map_or(0, |(_, last)| *last);
    edits.block(behind(job.checkout), steps(&made.start));
    let end = places.len().saturating_sub(1);
    // At the end both are one: removing copies out before.
    if job.last != end {
        edits.block(behind(job.last), steps(&made.collect));
    }
    edits.block(behind(end), steps(&made.end));
    Ok(())
}

/// The edits where one step of seatrial's stands for others.
fn hand_over(
    (steps, places): (&Node, &[(usize, usize)]),
    (job, handover): (&JobPlan, &Handover),
    options: &Options,
    geometry: &Geometry<'_>,
    edits: &mut Edits,
) -> Result<(), Refusal> {
    let NodeKind::Seq(items) = &steps.kind else {
        return Ok(());
    };
    for ((item, (first, _)), moved) in items.iter().zip(places).zip(&handover.moved) {
        if *moved {
            StepEdit::new(item, *first, geometry).unless_in_a_container(edits)?;
        }
    }
    let indent = geometry.dash(steps).map_or(0, |(_, column)| column - 1);
    let lines = seatrial::step(handover, options);
    let behind = places.get(handover.before.saturating_sub(1));
    edits.block(
        behind.map_or(0, |(_, last)| *last),
        Block::indented(indent, &lines),
    );
    edits.block(
        places.last().map_or(0, |(_, last)| *last),
        Block::indented(indent, &seatrial::end(job, options)),
    );
    Ok(())
}

/// An entry of a map.
fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a (Text, Node)> {
    node.entry(key)
}

/// `defaults.run.shell` of a job or a workflow.
fn shell_of(node: &Node) -> Option<String> {
    node.get("defaults")?
        .get("run")?
        .get("shell")?
        .scalar_text()
}

/// `defaults.run.working-directory` of a job or a workflow.
fn directory_of(node: &Node) -> Option<String> {
    node.get("defaults")?
        .get("run")?
        .get("working-directory")?
        .scalar_text()
}

/// The command line of a shell that a workflow names by a word (`ScriptHandlerHelpers` of
/// actions/runner).
pub(super) fn command_line(shell: &str) -> String {
    match shell.trim() {
        "bash" => "bash --noprofile --norc -eo pipefail {0}".to_owned(),
        "sh" => "sh -e {0}".to_owned(),
        "python" => "python {0}".to_owned(),
        other if other.contains("{0}") => other.to_owned(),
        other => format!("{other} {{0}}"),
    }
}

/// The job's default shell becomes the one of the container.
fn default_shell(
    (id, node): (&Text, &Node),
    default: &str,
    job: &JobPlan,
    geometry: &Geometry<'_>,
    edits: &mut Edits,
) -> Result<(), Refusal> {
    let command = command_line(default);
    let shell = match &job.windows {
        None => format!(
            "bash ${{{{ github.workspace }}}}/{}{SCRIPT} exec {command}",
            job.folder
        ),
        Some(runs_on) => format!(
            "${{{{ startsWith({runs_on}, 'windows') && 'pwsh' || format('bash {{0}}/{}{SCRIPT} exec {}', github.workspace, '{{0}}') }}}}",
            job.folder,
            command.replace("{0}", "{1}")
        ),
    };
    let indent = node.span.start.column.saturating_sub(1);
    let blank = |levels: usize| " ".repeat(indent + 2 * levels);
    let refuse =
        |line: usize, what: &str| Refusal::new(line, format!("job `{}`: {what}", id.value));
    let Some((key, defaults)) = entry(node, "defaults") else {
        let Some((key, runs_on)) = entry(node, "runs-on") else {
            return Err(refuse(id.span.start.line, "it names no runner"));
        };
        edits.block(
            geometry.last_line(key, runs_on),
            Block {
                indent,
                lines: vec![
                    format!("{}defaults:", blank(0)),
                    format!("{}run:", blank(1)),
                    format!("{}shell: {shell}", blank(2)),
                ],
            },
        );
        return Ok(());
    };
    let line = key.span.start.line;
    let Some((run_key, run)) = entry(defaults, "run") else {
        return Err(refuse(line, "its `defaults` have no `run`"));
    };
    if is_alias(key, defaults)
        || is_alias(run_key, run)
        || geometry.is_flow(defaults)
        || geometry.is_flow(run)
    {
        return Err(refuse(
            line,
            "its `defaults` are an alias, or written in braces",
        ));
    }
    match entry(run, "shell") {
        Some((key, value)) => {
            let line = key.span.start.line;
            edits.change(line, with_value(geometry, line, value, &shell));
        }
        None => {
            let NodeKind::Map(entries) = &run.kind else {
                return Err(refuse(line, "its `defaults` have no `run`"));
            };
            let Some((first, value)) = entries.first() else {
                return Err(refuse(line, "its `defaults` have no `run`"));
            };
            let indent = " ".repeat(first.span.start.column.saturating_sub(1));
            edits.add(
                geometry.last_line(first, value),
                format!("{indent}shell: {shell}"),
            );
        }
    }
    Ok(())
}

/// A line with another value, what stands around it kept.
fn with_value(geometry: &Geometry<'_>, line: usize, value: &Node, new: &str) -> String {
    let text = geometry.line(line);
    let old = geometry.slice(value);
    match text.rfind(old).filter(|_| !old.is_empty()) {
        Some(at) => {
            let before = text.get(..at).unwrap_or_default();
            let behind = text.get(at + old.len()..).unwrap_or_default();
            format!("{before}{new}{behind}")
        }
        None => format!("{text} {new}"),
    }
}

/// A text as a scalar of YAML: quoted where it would not be read as it stands.
fn plain_or_quoted(text: String) -> String {
    if text.contains(": ") || text.contains(" #") {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text
    }
}

/// Edits of a step, of a job or of a composite action.
pub(super) struct StepEdit<'a> {
    /// The step.
    pub(super) node: &'a Node,
    /// Its first line.
    pub(super) first: usize,
    /// Where it stands.
    pub(super) geometry: &'a Geometry<'a>,
}

impl<'a> StepEdit<'a> {
    /// The edits of an item of a list of steps that begins at the line `first`.
    fn new(node: &'a Node, first: usize, geometry: &'a Geometry<'a>) -> Self {
        Self {
            node,
            first: node.span.start.line.min(first).max(1),
            geometry,
        }
    }

    fn refuse(&self, what: &str) -> Refusal {
        Refusal::new(self.first, format!("this step {what}"))
    }

    /// Adds a line `key: value` behind the step's first entry.
    fn add(&self, text: &str, edits: &mut Edits) -> Result<(), Refusal> {
        let NodeKind::Map(entries) = &self.node.kind else {
            return Err(self.refuse("is no map"));
        };
        if self.geometry.is_flow(self.node) {
            return Err(self.refuse("is written in braces"));
        }
        let Some((key, value)) = entries.first() else {
            return Err(self.refuse("is empty"));
        };
        let indent = " ".repeat(key.span.start.column.saturating_sub(1));
        edits.add(
            self.geometry.last_line(key, value),
            format!("{indent}{text}"),
        );
        Ok(())
    }

    /// It keeps the shell that it has, although the job's default is another one now.
    fn shell_of_the_runner(&self, default: &str, edits: &mut Edits) -> Result<(), Refusal> {
        if self.node.get("run").is_none() || self.node.get("shell").is_some() {
            return Ok(());
        }
        self.add(&format!("shell: {default}"), edits)
    }

    /// It is left out where the container is used.
    pub(super) fn unless_in_a_container(&self, edits: &mut Edits) -> Result<(), Refusal> {
        let outside = format!("env.{} != 'container'", docker::PLACE);
        let Some((key, value)) = self.node.entry("if") else {
            return self.add(&format!("if: {outside}"), edits);
        };
        let line = key.span.start.line;
        if is_alias(key, value) || value.span.end.line != line || self.geometry.is_flow(self.node) {
            return Err(
                self.refuse("has a condition of several lines, an alias, or is written in braces")
            );
        }
        let condition = value.scalar_text().unwrap_or_default();
        let condition = condition.trim();
        let inner = match condition
            .strip_prefix("${{")
            .and_then(|rest| rest.strip_suffix("}}"))
        {
            Some(inner) if !inner.contains("}}") => inner.trim(),
            Some(_) => return Err(self.refuse("has a condition of several expressions")),
            None if condition.contains("${{") => {
                return Err(self.refuse(
                    "has a condition that is text with expressions, which is always true",
                ));
            }
            None => condition,
        };
        let both = plain_or_quoted(format!("${{{{ {outside} && ({inner}) }}}}"));
        edits.change(line, with_value(self.geometry, line, value, &both));
        Ok(())
    }

    /// Its own shell becomes one in the container. Without one it has the job's.
    pub(super) fn shell_of_the_container(
        &self,
        directory: &str,
        folder: &str,
        edits: &mut Edits,
    ) -> Result<(), Refusal> {
        let Some((key, value)) = self.node.entry("shell") else {
            return Ok(());
        };
        let line = key.span.start.line;
        if is_alias(key, value) || self.geometry.is_flow(self.node) {
            return Err(self.refuse("has its shell from an alias, or is written in braces"));
        }
        let directory = self
            .node
            .get("working-directory")
            .and_then(Node::scalar_text)
            .unwrap_or_else(|| directory.to_owned());
        let Some(directory) = normal_path(&directory) else {
            return Err(
                self.refuse("has its own shell, in a folder that is known only while the job runs")
            );
        };
        let up = "../".repeat(directory.split('/').filter(|part| !part.is_empty()).count());
        let shell = value.scalar_text().unwrap_or_default();
        let new = format!("bash {up}{folder}{SCRIPT} exec {}", command_line(&shell));
        edits.change(line, with_value(self.geometry, line, value, &new));
        Ok(())
    }
}
