//! Decisions about a roll-out.

use super::database::{Access, Database};
use super::error::StoreError;
use super::read::clause;
use super::value::Row;
use crate::history::decision::Decision;
use crate::history::summary::Filter;

/// Adds a decision. Gives whether it is new: the same twice is one.
pub(super) fn add(database: &mut Database, decision: &Decision) -> Result<bool, StoreError> {
    let body = serde_json::to_string(decision).map_err(|error| StoreError::damaged(&error))?;
    let row = vec![
        decision.id.as_str().into(),
        decision.at.into(),
        decision.repository.as_str().into(),
        decision.workflow.as_str().into(),
        body.as_str().into(),
    ];
    let columns = ["id", "at", "repository", "workflow", "body"];
    database.within(Access::Add, |database| {
        let added = database.insert("seatrial_decisions", &columns, &[row])?;
        Ok(added > 0)
    })
}

/// The last decisions about a workflow, the last one first.
pub(super) fn last(
    database: &mut Database,
    repository: &str,
    workflow: &str,
    most: u64,
) -> Result<Vec<Decision>, StoreError> {
    let sql = "SELECT body FROM seatrial_decisions WHERE repository = $1 AND workflow = $2
        ORDER BY at DESC, id DESC LIMIT $3";
    let values = [repository.into(), workflow.into(), most.into()];
    database.rows(sql, &values)?.into_iter().map(read).collect()
}

/// Those that a filter means, the first one first. Decisions hold for every branch.
pub(super) fn all(database: &mut Database, filter: &Filter) -> Result<Vec<Decision>, StoreError> {
    let (clause, values) = clause(&Filter {
        branch: None,
        since: None,
        ..filter.clone()
    });
    let sql = format!("SELECT body FROM seatrial_decisions{clause} ORDER BY at, id");
    let rows = database.rows(&sql, &values)?;
    let mut all: Vec<Decision> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    all.retain(|decision| filter.since.is_none_or(|since| decision.at >= since));
    Ok(all)
}

fn read(mut row: Row) -> Result<Decision, StoreError> {
    let body = row.text()?;
    serde_json::from_str(&body).map_err(|error| StoreError::damaged(&error))
}
