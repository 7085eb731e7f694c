//! Adding runs and removing them.

use super::columns::{COLUMNS, values};
use super::database::{Access, Database, placeholders};
use super::error::StoreError;
use super::value::{Row, Value};
use crate::history::entry::Entry;
use crate::history::pack::pack;
use crate::history::summary::Summary;
use crate::record::TestOutcome;

/// Tables with rows of a run, the one that says that it is there at the end.
const OF_RUN: [&str; 5] = [
    "seatrial_troubles",
    "seatrial_legs",
    "seatrial_uses",
    "seatrial_bodies",
    "seatrial_runs",
];
/// Runs or parts that a statement removes.
const AT_ONCE: usize = 500;

/// What became of a run that was to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It is new.
    New,
    /// It was there without its end, and has one now.
    Completed,
    /// It was there.
    Known,
}

/// Which runs are removed: those that one of these says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Prune {
    /// Of the runs of a repository all but the last so many.
    pub(crate) keep: Option<u64>,
    /// Runs that began earlier than that, in milliseconds since the Unix epoch.
    pub(crate) before: Option<u64>,
    /// Only of this repository.
    pub(crate) repository: Option<String>,
}

/// Adds a run. The same run twice is one entry.
pub(super) fn add(database: &mut Database, entry: &Entry) -> Result<Added, StoreError> {
    let packed = pack(entry)?;
    let summary = Summary::of(entry);
    let run = Value::from(entry.run.0.as_str());
    database.within(Access::Add, |database| {
        let there = "SELECT passed FROM seatrial_runs WHERE run = $1";
        let mut added = Added::New;
        if let Some(mut row) = database.row(there, std::slice::from_ref(&run))? {
            if row.maybe_flag()?.is_some() || entry.passed.is_none() {
                return Ok(Added::Known);
            }
            remove(database, std::slice::from_ref(&run))?;
            added = Added::Completed;
        }
        if database.insert("seatrial_runs", &COLUMNS, &[values(&summary)])? == 0 {
            return Ok(Added::Known);
        }
        let names: Vec<Value> = packed
            .parts
            .keys()
            .map(|name| name.as_str().into())
            .collect();
        let there = known_parts(database, &names)?;
        let parts: Vec<Vec<Value>> = packed
            .parts
            .iter()
            .filter(|(name, _)| !there.contains(*name))
            .map(|(name, body)| vec![name.as_str().into(), body.clone().into()])
            .collect();
        database.insert("seatrial_parts", &["part", "body"], &parts)?;
        let uses: Vec<Vec<Value>> = names
            .iter()
            .map(|name| vec![run.clone(), name.clone()])
            .collect();
        database.insert("seatrial_uses", &["run", "part"], &uses)?;
        let body = vec![run.clone(), packed.body.clone().into()];
        database.insert("seatrial_bodies", &["run", "body"], &[body])?;
        database.insert("seatrial_legs", &LEGS, &legs(entry, &run))?;
        database.insert("seatrial_troubles", &TROUBLES, &troubles(entry, &run))?;
        Ok(added)
    })
}

fn known_parts(database: &mut Database, names: &[Value]) -> Result<Vec<String>, StoreError> {
    let mut known = Vec::new();
    for chunk in names.chunks(AT_ONCE) {
        let sql = format!(
            "SELECT part FROM seatrial_parts WHERE part IN ({})",
            placeholders(0, chunk.len())
        );
        for mut row in database.rows(&sql, chunk)? {
            known.push(row.text()?);
        }
    }
    Ok(known)
}

/// The columns of a leg.
const LEGS: [&str; 9] = [
    "run",
    "place",
    "leg",
    "job",
    "conclusion",
    "queue_millis",
    "startup_millis",
    "millis",
    "cause",
];

fn legs(entry: &Entry, run: &Value) -> Vec<Vec<Value>> {
    let row = |(place, leg): (usize, &crate::history::entry::LegEntry)| {
        vec![
            run.clone(),
            (place as u64).into(),
            leg.key.as_str().into(),
            leg.job.as_str().into(),
            leg.conclusion.map(crate::record::Conclusion::as_str).into(),
            leg.queue_millis.into(),
            leg.startup_millis.into(),
            leg.millis.into(),
            leg.failure
                .as_ref()
                .map(|failure| failure.cause.as_str())
                .into(),
        ]
    };
    entry.legs.iter().enumerate().map(row).collect()
}

/// The columns of a test that was not well.
const TROUBLES: [&str; 8] = [
    "run", "place", "leg", "test", "outcome", "millis", "retries", "message",
];

/// Tests that failed, or passed at a later attempt.
fn troubles(entry: &Entry, run: &Value) -> Vec<Vec<Value>> {
    let worth = entry.tests().filter(|(_, test)| {
        test.retries > 0 || matches!(test.outcome, TestOutcome::Failed | TestOutcome::Error)
    });
    let row = |(place, (leg, test)): (usize, (&_, &crate::history::entry::TestEntry))| {
        let leg: &crate::history::entry::LegEntry = leg;
        vec![
            run.clone(),
            (place as u64).into(),
            leg.key.as_str().into(),
            test.id.as_str().into(),
            outcome_word(test.outcome).into(),
            test.millis.into(),
            test.retries.into(),
            test.message.as_str().into(),
        ]
    };
    worth.enumerate().map(row).collect()
}

/// The word for an outcome, as it is written.
pub(super) fn outcome_word(outcome: TestOutcome) -> &'static str {
    match outcome {
        TestOutcome::Passed => "passed",
        TestOutcome::Failed => "failed",
        TestOutcome::Error => "error",
        TestOutcome::Skipped => "skipped",
    }
}

/// Removes runs. Gives how many.
pub(super) fn prune(database: &mut Database, which: &Prune) -> Result<u64, StoreError> {
    database.within(Access::Alone, |database| {
        let mut going: Vec<Value> = Vec::new();
        if let Some(before) = which.before {
            let sql = "SELECT run FROM seatrial_runs WHERE started_at < $1 AND ($2 = '' OR repository = $2)";
            let of = which.repository.as_deref().unwrap_or_default();
            going.extend(names(database.rows(sql, &[before.into(), of.into()])?)?);
        }
        if let Some(keep) = which.keep {
            let sql = "SELECT run FROM (
                SELECT run, ROW_NUMBER() OVER (
                    PARTITION BY repository ORDER BY started_at DESC, run DESC
                ) AS place FROM seatrial_runs WHERE $2 = '' OR repository = $2
            ) AS placed WHERE place > $1";
            let of = which.repository.as_deref().unwrap_or_default();
            for run in names(database.rows(sql, &[keep.into(), of.into()])?)? {
                if !going.contains(&run) {
                    going.push(run);
                }
            }
        }
        let mut parts = std::collections::BTreeSet::new();
        for chunk in going.chunks(AT_ONCE) {
            let sql = format!(
                "SELECT DISTINCT part FROM seatrial_uses WHERE run IN ({})",
                placeholders(0, chunk.len())
            );
            for mut row in database.rows(&sql, chunk)? {
                parts.insert(row.text()?);
            }
            remove(database, chunk)?;
        }
        let parts: Vec<Value> = parts.iter().map(|part| part.as_str().into()).collect();
        for chunk in parts.chunks(AT_ONCE) {
            let sql = format!(
                "DELETE FROM seatrial_parts WHERE part IN ({}) AND NOT EXISTS (
                    SELECT 1 FROM seatrial_uses WHERE seatrial_uses.part = seatrial_parts.part
                )",
                placeholders(0, chunk.len())
            );
            database.run(&sql, chunk)?;
        }
        Ok(going.len() as u64)
    })
}

fn names(rows: Vec<Row>) -> Result<Vec<Value>, StoreError> {
    let name = |mut row: Row| Ok(Value::Text(row.text()?));
    rows.into_iter().map(name).collect()
}

/// Removes what there is of these runs, but for parts that others may use.
fn remove(database: &mut Database, runs: &[Value]) -> Result<(), StoreError> {
    for table in OF_RUN {
        let places = placeholders(0, runs.len());
        let sql = format!("DELETE FROM {table} WHERE run IN ({places})");
        database.run(&sql, runs)?;
    }
    Ok(())
}
