//! Reading runs.

use super::columns::{COLUMNS, summary};
use super::database::{Access, Database};
use super::error::StoreError;
use super::value::{Row, Value};
use crate::history::entry::Entry;
use crate::history::pack::{unpack, unpack_head};
use crate::history::summary::{Filter, Summary};

/// Where workflow files are that are named without folders.
const WORKFLOWS: &str = ".github/workflows/";
/// Where the random bits begin in the name of a run, counted from 1: after date and time.
const RANDOM: u64 = 17;

/// The figures of runs, the last one first.
pub(super) fn runs(database: &mut Database, filter: &Filter) -> Result<Vec<Summary>, StoreError> {
    let (clause, mut values) = clause(filter);
    let mut sql = format!(
        "SELECT {} FROM seatrial_runs{clause} ORDER BY started_at DESC, run DESC",
        COLUMNS.join(", ")
    );
    if let Some(limit) = filter.limit {
        values.push(limit.into());
        sql.push_str(&format!(" LIMIT ${}", values.len()));
    }
    let mut rows = database.rows(&sql, &values)?;
    rows.iter_mut().map(summary).collect()
}

/// The runs that a filter means without their tests and the files of their coverage, the
/// first one first.
pub(super) fn heads(database: &mut Database, filter: &Filter) -> Result<Vec<Entry>, StoreError> {
    let (clause, mut values) = clause(filter);
    let mut runs = format!(
        "SELECT run, started_at FROM seatrial_runs{clause} ORDER BY started_at DESC, run DESC"
    );
    if let Some(limit) = filter.limit {
        values.push(limit.into());
        runs.push_str(&format!(" LIMIT ${}", values.len()));
    }
    let sql = format!(
        "SELECT bodies.body FROM ({runs}) AS runs
        JOIN seatrial_bodies AS bodies ON bodies.run = runs.run
        ORDER BY runs.started_at, runs.run"
    );
    let rows = database.rows(&sql, &values)?;
    rows.into_iter()
        .map(|mut row| Ok(unpack_head(&row.bytes()?)?))
        .collect()
}

/// How many runs there are, whatever the limit.
pub(super) fn count(database: &mut Database, filter: &Filter) -> Result<u64, StoreError> {
    let (clause, values) = clause(filter);
    let sql = format!("SELECT count(*) FROM seatrial_runs{clause}");
    match database.row(&sql, &values)? {
        Some(mut row) => row.number(),
        None => Ok(0),
    }
}

/// `WHERE …` for a filter, and its values.
pub(super) fn clause(filter: &Filter) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut terms: Vec<String> = Vec::new();
    if let Some(repository) = &filter.repository {
        values.push(repository.as_str().into());
        terms.push(format!("repository = ${}", values.len()));
    }
    if let Some(workflow) = &filter.workflow {
        values.push(workflow.as_str().into());
        let mut term = format!("workflow = ${}", values.len());
        if !workflow.contains('/') {
            values.push(format!("{WORKFLOWS}{workflow}").as_str().into());
            term = format!("workflow IN (${}, ${})", values.len() - 1, values.len());
        }
        terms.push(term);
    }
    if let Some(branch) = &filter.branch {
        values.push(branch.as_str().into());
        terms.push(format!("branch = ${}", values.len()));
    }
    if let Some(since) = filter.since {
        values.push(since.into());
        terms.push(format!("started_at >= ${}", values.len()));
    }
    match terms.is_empty() {
        true => (String::new(), values),
        false => (format!(" WHERE {}", terms.join(" AND ")), values),
    }
}

/// Names of the runs that a text stands for: one's name, or the beginning of several, or of
/// their random bits.
pub(super) fn find(database: &mut Database, text: &str) -> Result<Vec<String>, StoreError> {
    let length = text.chars().count() as u64;
    let sql = format!(
        "SELECT run FROM seatrial_runs
        WHERE substr(run, 1, {length}) = $1 OR substr(run, {RANDOM}, {length}) = $1
        ORDER BY started_at, run"
    );
    let mut rows = database.rows(&sql, &[text.into()])?;
    let found: Result<Vec<String>, StoreError> = rows.iter_mut().map(Row::text).collect();
    let found = found?;
    Ok(match found.iter().any(|run| run == text) {
        true => vec![text.to_owned()],
        false => found,
    })
}

/// Names of all runs that a filter means, the first one first.
pub(super) fn names(database: &mut Database, filter: &Filter) -> Result<Vec<String>, StoreError> {
    let (clause, values) = clause(filter);
    let sql = format!("SELECT run FROM seatrial_runs{clause} ORDER BY started_at, run");
    let mut rows = database.rows(&sql, &values)?;
    rows.iter_mut().map(Row::text).collect()
}

/// A run with everything that is kept of it; `None` where it is not there.
pub(super) fn entry(database: &mut Database, run: &str) -> Result<Option<Entry>, StoreError> {
    database.within(Access::Read, |database| {
        let sql = "SELECT body FROM seatrial_bodies WHERE run = $1";
        let Some(mut row) = database.row(sql, &[run.into()])? else {
            return Ok(None);
        };
        let body = row.bytes()?;
        unpack(&body, |part| {
            let sql = "SELECT body FROM seatrial_parts WHERE part = $1";
            let row = database.row(sql, &[part.into()])?;
            row.map(|mut row| row.bytes()).transpose()
        })
        .map(Some)
    })
}
