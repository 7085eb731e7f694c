//! The tables, and how those of earlier versions become the present ones.
//!
//! Each migration happens whole or not at all, the number of the version with it: who is
//! killed in the middle has changed nothing. A migration that was released is never changed.

use super::database::{Access, Database};
use super::error::{StoreError, Trouble};
use super::value::Value;

/// Holds the number of the last migration.
const VERSION_TABLE: &str = "seatrial_schema";
/// What the names of all tables begin with: a server may hold others.
const PREFIX: &str = "seatrial_";

/// The migrations; the first one is number 1.
pub(super) const MIGRATIONS: [&[&str]; 3] = [
    &[
        "CREATE TABLE seatrial_runs (
            run TEXT PRIMARY KEY,
            started_at BIGINT NOT NULL,
            repository TEXT NOT NULL,
            workflow TEXT NOT NULL,
            sha TEXT NOT NULL,
            branch TEXT NOT NULL,
            event TEXT NOT NULL,
            source TEXT NOT NULL,
            machine TEXT NOT NULL,
            engine TEXT NOT NULL,
            warmth TEXT NOT NULL,
            dirty BIGINT NOT NULL,
            partial BIGINT NOT NULL,
            fell_back BIGINT NOT NULL,
            passed BIGINT,
            exit_code BIGINT,
            cause TEXT,
            reports_collected BIGINT,
            rollout TEXT,
            millis BIGINT,
            build_millis BIGINT,
            build_failed BIGINT NOT NULL,
            startup_millis BIGINT,
            queue_millis BIGINT,
            test_millis BIGINT,
            image_bytes BIGINT,
            coverage DOUBLE PRECISION,
            tests_passed BIGINT NOT NULL,
            tests_failed BIGINT NOT NULL,
            tests_errors BIGINT NOT NULL,
            tests_skipped BIGINT NOT NULL,
            flaky BIGINT NOT NULL
        )",
        "CREATE TABLE seatrial_bodies (run TEXT PRIMARY KEY, body BYTEA NOT NULL)",
        "CREATE TABLE seatrial_parts (part TEXT PRIMARY KEY, body BYTEA NOT NULL)",
        "CREATE TABLE seatrial_uses (
            run TEXT NOT NULL,
            part TEXT NOT NULL,
            PRIMARY KEY (run, part)
        )",
        "CREATE INDEX seatrial_uses_by_part ON seatrial_uses (part)",
        "CREATE TABLE seatrial_legs (
            run TEXT NOT NULL,
            place BIGINT NOT NULL,
            leg TEXT NOT NULL,
            job TEXT NOT NULL,
            conclusion TEXT,
            queue_millis BIGINT,
            startup_millis BIGINT,
            millis BIGINT,
            cause TEXT,
            PRIMARY KEY (run, place)
        )",
        "CREATE TABLE seatrial_troubles (
            run TEXT NOT NULL,
            place BIGINT NOT NULL,
            leg TEXT NOT NULL,
            test TEXT NOT NULL,
            outcome TEXT NOT NULL,
            millis BIGINT NOT NULL,
            retries BIGINT NOT NULL,
            message TEXT NOT NULL,
            PRIMARY KEY (run, place)
        )",
    ],
    &[
        "CREATE INDEX seatrial_runs_by_time ON seatrial_runs (started_at, run)",
        "CREATE INDEX seatrial_runs_by_workflow ON seatrial_runs (workflow, started_at, run)",
        "CREATE INDEX seatrial_runs_by_repository ON seatrial_runs (repository, started_at, run)",
        "CREATE INDEX seatrial_troubles_by_test ON seatrial_troubles (test)",
    ],
    &["CREATE TABLE seatrial_decisions (
            id TEXT PRIMARY KEY,
            at BIGINT NOT NULL,
            repository TEXT NOT NULL,
            workflow TEXT NOT NULL,
            body TEXT NOT NULL
        )"],
];

/// The version that this seatrial makes.
pub(super) const VERSION: u64 = MIGRATIONS.len() as u64;

/// The version of a database; 0 for one without tables.
///
/// # Errors
/// It cannot be read, or it is the database of something else.
pub(super) fn version(database: &mut Database) -> Result<u64, StoreError> {
    let tables = database.tables()?;
    let (ours, others): (Vec<&str>, Vec<&str>) = tables
        .iter()
        .map(String::as_str)
        .partition(|name| name.starts_with(PREFIX));
    if let (true, Some(other)) = (database.is_own(), others.first()) {
        let message = format!("the file is the database of something else: it has `{other}`");
        return Err(StoreError::new(Trouble::Foreign, message)
            .with_hint("name another file for the history, or remove this one"));
    }
    if !ours.contains(&VERSION_TABLE) {
        return Ok(0);
    }
    let row = database.row(&format!("SELECT version FROM {VERSION_TABLE}"), &[])?;
    match row {
        Some(mut row) => row.number(),
        None => Err(StoreError::damaged("it has no version")),
    }
}

/// Brings a database to the present version.
pub(super) fn migrate(database: &mut Database) -> Result<(), StoreError> {
    migrate_to(database, MIGRATIONS.len())
}

/// Brings a database to a version, the present one but in tests.
pub(super) fn migrate_to(database: &mut Database, last: usize) -> Result<(), StoreError> {
    for (at, statements) in MIGRATIONS.iter().enumerate().take(last) {
        let number = at as u64 + 1;
        database.within(Access::Alone, |database| {
            // Another process may have done it meanwhile.
            let now = version(database)?;
            if now >= number {
                return Ok(());
            }
            for statement in *statements {
                database.run(statement, &[])?;
            }
            set_version(database, now, number)
        })?;
    }
    Ok(())
}

fn set_version(database: &mut Database, now: u64, next: u64) -> Result<(), StoreError> {
    if now == 0 {
        let table = format!("CREATE TABLE {VERSION_TABLE} (version BIGINT NOT NULL)");
        database.run(&table, &[])?;
        let sql = format!("INSERT INTO {VERSION_TABLE} (version) VALUES ($1)");
        database.run(&sql, &[Value::from(next)])?;
    } else {
        let sql = format!("UPDATE {VERSION_TABLE} SET version = $1");
        database.run(&sql, &[Value::from(next)])?;
    }
    Ok(())
}
