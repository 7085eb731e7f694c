//! A workflow rewritten so that its tests run in Docker, and turned back.
//!
//! Lines are added or changed, each marked, and nothing else is touched: without the marked
//! lines the file is the original, byte for byte. Steps stay as they are and where they are.
//! What changes is the shell of their scripts, which leads into the job's container where
//! there is one, and onto the runner where there is none; so the steps themselves are the
//! fallback. What was made is read again by two parsers before it is given out.

mod check;
mod decide;
mod decide_step;
mod docker;
mod edit;
mod flag;
mod flow;
mod geometry;
mod handover;
mod job;
mod lines;
mod mark;
mod options;
mod seatrial;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::workflow::{Node, NodeKind, parse_yaml};

pub(crate) use decide::{Decided, Fate, ImageUse, JobPlan, decide};
pub(crate) use docker::{BUILD_ID, FLAG, PLACE, SCRIPT, SCRIPT_TEXT, SHADOW_ID, hands_on};
pub(crate) use flag::is_value as is_flag;
pub(crate) use mark::{is_converted, revert};
pub(crate) use options::{Options, Style};
pub(crate) use seatrial::{STEP_ID, is_style as is_in_style_seatrial};

use edit::Edits;
use geometry::Geometry;

/// Why a file is not converted: somebody has to change it first, or it is a bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Line, from 1.
    pub(crate) line: usize,
    /// What is in the way.
    pub(crate) message: String,
}

impl Refusal {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}

/// Converts a workflow: the jobs that are decided for it, by id. The text is the original.
///
/// # Errors
/// Something is written in a way that cannot be edited, or what came out is not what was
/// planned; then nothing is converted.
pub(crate) fn workflow(
    text: &str,
    jobs: &BTreeMap<String, JobPlan>,
    options: &Options,
) -> Result<String, Refusal> {
    if let Some(line) = mark::foreign_mark(text) {
        return Err(Refusal::new(
            line,
            "this looks like a mark of a conversion, and is none",
        ));
    }
    let root = read(text)?;
    let names: Vec<&str> = jobs.keys().map(String::as_str).collect();
    let (unfolded, rewritten) = flow::unfold(text, &root, &names)?;
    let root = read(&unfolded)?;
    let geometry = Geometry::new(&unfolded);
    let mut edits = Edits::default();
    let mut options = options.clone();
    options.dispatch_input = flag::input(&root, &options, &geometry, &mut edits);
    let all = root.get("jobs");
    for (name, planned) in jobs {
        let Some((id, node)) = all.and_then(|all| all.entry(name)) else {
            return Err(Refusal::new(1, format!("there is no job `{name}`")));
        };
        job::edits((&root, id, node), planned, &options, &geometry, &mut edits)?;
    }
    let made = edits.apply(&unfolded, &rewritten);
    check::workflow(text, &made, jobs)?;
    Ok(made)
}

/// Converts the steps of a composite action.
///
/// # Errors
/// As [`workflow`].
pub(crate) fn action(text: &str, fates: &[Fate]) -> Result<String, Refusal> {
    if let Some(line) = mark::foreign_mark(text) {
        return Err(Refusal::new(
            line,
            "this looks like a mark of a conversion, and is none",
        ));
    }
    let root = read(text)?;
    let geometry = Geometry::new(text);
    let mut edits = Edits::default();
    let steps = root.get("runs").and_then(|runs| runs.get("steps"));
    let Some(Node {
        kind: NodeKind::Seq(items),
        ..
    }) = steps
    else {
        return Err(Refusal::new(1, "this is no composite action"));
    };
    for (item, fate) in items.iter().zip(fates) {
        let step = job::StepEdit {
            node: item,
            first: item.span.start.line,
            geometry: &geometry,
        };
        match fate {
            Fate::Untouched | Fate::Runner => {}
            Fate::Provided => step.unless_in_a_container(&mut edits)?,
            Fate::Container => step.shell_of_the_container("", "", &mut edits)?,
        }
    }
    let made = edits.apply(text, &[]);
    check::action(text, &made)?;
    Ok(made)
}

fn read(text: &str) -> Result<Node, Refusal> {
    parse_yaml(text).map_err(|problems| {
        let first = problems.first();
        Refusal::new(
            first.map_or(1, |problem| problem.span.start.line),
            first.map_or_else(String::new, |problem| problem.message.clone()),
        )
    })
}
