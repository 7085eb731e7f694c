//! A conversion that loses something is not written: what was made is compared with its
//! original by meaning.

use std::collections::BTreeMap;
use std::path::Path;

use super::files::line_start;
use crate::audit::Subject;
use crate::cli::error::CliError;
use crate::cli::project_files;
use crate::diff::{self, Finding, Topic, Verdict};
use crate::plan::Project;
use crate::record::Cause;
use crate::report::diff_line;
use crate::workflow::{self, ActionFile, Problem, Workflow};

/// One file before and after.
#[derive(Clone, Copy)]
pub(super) struct Made<'a> {
    /// Its path.
    pub(super) path: &'a str,
    /// The original.
    pub(super) original: &'a str,
    /// What was made of it.
    pub(super) after: &'a str,
}

/// Whether a converted workflow means what it meant.
///
/// # Errors
/// What is lost or weakened, each with its line in the original.
pub(super) fn of_workflow(root: &Path, made: Made<'_>) -> Result<(), CliError> {
    let read = |text: &str| workflow::parse(text).map(|parsed| parsed.workflow);
    prove(root, made, read)
}

/// Whether a converted composite action does.
///
/// # Errors
/// As [`of_workflow`].
pub(super) fn of_action(root: &Path, made: Made<'_>) -> Result<(), CliError> {
    let read = |text: &str| -> Result<Workflow, Vec<Problem>> {
        let action: ActionFile = workflow::parse_action(text)?;
        Ok(diff::of_action(action))
    };
    prove(root, made, read)
}

fn prove(
    root: &Path,
    made: Made<'_>,
    read: impl Fn(&str) -> Result<Workflow, Vec<Problem>>,
) -> Result<(), CliError> {
    let unread = |problems: Vec<Problem>| {
        let problems = problems
            .into_iter()
            .map(|problem| (Cause::WorkflowInvalid, problem));
        CliError::of_problems(made.path, made.after, problems.collect(), BTreeMap::new())
    };
    let (before, after) = (
        read(made.original).map_err(unread)?,
        read(made.after).map_err(unread)?,
    );
    let project = Project::read(&project_files::read(root, &before));
    let subject = |text, workflow| Subject {
        path: made.path,
        text,
        workflow,
        project: &project,
    };
    let compared = diff::diff(
        &subject(made.original, &before),
        &subject(made.after, &after),
    );
    let denied = compared
        .findings
        .iter()
        .filter(|finding| finding.verdict.is_denied());
    let problems: Vec<(Cause, Problem)> = denied
        .map(|finding| (Cause::WorkflowWeakened, problem(finding, made.original)))
        .collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(CliError::of_problems(
            made.path,
            made.original,
            problems,
            BTreeMap::new(),
        )),
    }
}

/// A finding at its place in the original.
fn problem(finding: &Finding, text: &str) -> Problem {
    let line = finding.old.as_ref().map_or(1, |place| place.line);
    let what = match finding.verdict {
        Verdict::Lost => "something would be lost",
        _ => "it would prove less",
    };
    let message = format!("it is not converted, as {what}: {}", diff_line(finding));
    let hint = match finding.topic {
        Topic::Environment => {
            "set it in the script itself, or in the image: in a container it has another value"
        }
        _ => {
            "docs/diff.md says what is compared; where the workflow would mean the same, this is a bug"
        }
    };
    Problem::new(line_start(text, line), message).with_hint(hint)
}
