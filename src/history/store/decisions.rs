//! Decisions about a roll-out.

use super::database::{Access, Database};
use super::error::StoreError;
use crate::history::decision::Decision;

/// Adds a decision.
pub(super) fn add(database: &mut Database, decision: &Decision) -> Result<(), StoreError> {
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
        database.insert("seatrial_decisions", &columns, &[row])?;
        Ok(())
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
    let rows = database.rows(sql, &values)?;
    rows.into_iter()
        .map(|mut row| {
            let body = row.text()?;
            serde_json::from_str(&body).map_err(|error| StoreError::damaged(&error))
        })
        .collect()
}
