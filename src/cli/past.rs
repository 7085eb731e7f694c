//! Past runs for the commands that judge them.

use std::path::Path;

use super::App;
use super::error::CliError;
use super::saved;
use crate::history::{Beside, Entry};
use crate::record::Cause;
use crate::runner::HOME;

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

/// Past runs, the first one first.
///
/// # Errors
/// There is none, or they cannot be read.
pub(super) fn past(app: &App, asked: Asked<'_>) -> Result<Vec<Entry>, CliError> {
    let none = |message: String| {
        CliError::new(Cause::PathInvalid, message).with_hint("`seatrial run` makes one")
    };
    let Some(root) = saved::root(app, asked.root)? else {
        return Err(none(format!("no folder above holds {HOME}/runs")));
    };
    let (found, _) = saved::all(&root, usize::MAX);
    let mut entries: Vec<Entry> = found
        .iter()
        .filter_map(|(_, read)| read.as_ref().ok())
        .map(|saved| Entry::of_record(&saved.record, Beside::default()))
        .filter(|entry| asked.means(entry))
        .collect();
    entries.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX));
    if entries.is_empty() {
        return Err(none("no run that is kept is one of these".to_owned()));
    }
    entries.reverse();
    Ok(entries)
}

/// Gives past runs one at a time, with their tests, the first one first.
///
/// # Errors
/// There is none, or they cannot be read.
pub(super) fn each_past(
    app: &App,
    asked: Asked<'_>,
    take: impl FnMut(Entry),
) -> Result<(), CliError> {
    past(app, asked)?.into_iter().for_each(take);
    Ok(())
}

impl Asked<'_> {
    fn means(&self, entry: &Entry) -> bool {
        let file = entry.workflow.rsplit('/').next();
        self.workflow
            .is_none_or(|one| one == entry.workflow || Some(one) == file)
            && self.branch.is_none_or(|branch| branch == entry.branch())
    }
}
