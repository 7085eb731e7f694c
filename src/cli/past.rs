//! Past runs for the commands that judge them.

use std::path::Path;

use super::App;
use super::error::CliError;
use super::history;
use crate::history::{Entry, Filter, Store};
use crate::record::Cause;

/// Which past runs are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The repository.
    pub(super) root: Option<&'a Path>,
    /// The workflow file: its path, or its name without folders.
    pub(super) workflow: Option<&'a str>,
    /// The branch or tag.
    pub(super) branch: Option<&'a str>,
    /// The last so many.
    pub(super) limit: u32,
}

impl Asked<'_> {
    fn filter(&self) -> Filter {
        Filter {
            workflow: self.workflow.map(ToOwned::to_owned),
            branch: self.branch.map(ToOwned::to_owned),
            limit: Some(self.limit.into()),
            ..Filter::default()
        }
    }
}

/// Past runs without their tests and the files of their coverage, the first one first; and the
/// history, to ask for more of some.
///
/// # Errors
/// There is none, or they cannot be read.
pub(super) fn past(app: &App, asked: Asked<'_>) -> Result<(Vec<Entry>, Store), CliError> {
    let mut store = history::reading(app, asked.root)?;
    let entries = store.heads(&asked.filter())?;
    match entries.is_empty() {
        true => Err(none()),
        false => Ok((entries, store)),
    }
}

/// Gives past runs one at a time, with everything, the first one first.
///
/// # Errors
/// There is none, or they cannot be read.
pub(super) fn each_past(
    app: &App,
    asked: Asked<'_>,
    mut take: impl FnMut(&Entry),
) -> Result<(), CliError> {
    let mut store = history::reading(app, asked.root)?;
    let runs = store.runs(&asked.filter())?;
    if runs.is_empty() {
        return Err(none());
    }
    for run in runs.iter().rev() {
        // One that is removed meanwhile is not missed.
        if let Some(entry) = store.entry(&run.run)? {
            take(&entry);
        }
    }
    Ok(())
}

fn none() -> CliError {
    CliError::new(Cause::PathInvalid, "the history has none of these runs")
        .with_hint("`seatrial run` adds one, `seatrial history import` those of CI")
}
