//! Past runs for the commands that judge them.

use clap::Args as ClapArgs;

use super::App;
use super::error::CliError;
use super::history;
use super::project::RootArgs;
use crate::history::{Entry, Filter, Store, last_wholes};
use crate::record::Cause;

/// Which past runs are asked for; how many of them, each command says for itself.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct PastArgs {
    /// Whose.
    #[command(flatten)]
    pub(super) root: RootArgs,
    /// Only runs of this workflow: a path, or a name in .github/workflows such as test.yml
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    workflow: Option<String>,
    /// Only runs of this branch or tag
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    branch: Option<String>,
}

impl PastArgs {
    fn filter(&self, limit: u64) -> Filter {
        Filter {
            workflow: self.workflow.clone(),
            branch: self.branch.clone(),
            limit: Some(limit),
            ..Filter::default()
        }
    }
}

/// The last so many past runs, put together from their parts, without their tests and the files
/// of their coverage, the first one first; and the history, to ask for more of some.
///
/// # Errors
/// There is none, or they cannot be read.
pub(super) fn past(
    app: &App,
    asked: &PastArgs,
    limit: u32,
) -> Result<(Vec<Entry>, Store), CliError> {
    let mut store = history::reading(app, asked.root.path())?;
    let entries = last_wholes(limit.into(), |rows| store.heads(&asked.filter(rows)))?;
    match entries.is_empty() {
        true => Err(none()),
        false => Ok((entries, store)),
    }
}

/// Gives the last so many past runs one at a time, with everything, the first one first.
///
/// # Errors
/// There is none, or they cannot be read.
pub(super) fn each_past(
    app: &App,
    asked: &PastArgs,
    limit: u32,
    mut take: impl FnMut(&Entry),
) -> Result<(), CliError> {
    let mut store = history::reading(app, asked.root.path())?;
    let runs = store.runs(&asked.filter(limit.into()))?;
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
