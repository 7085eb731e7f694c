//! An SQLite database from bytes, opened so that nothing in it can do harm.
//!
//! SQLite works on a copy of the bytes in memory, so that this room stays without
//! files. The file comes from a container: its schema is text that SQLite would
//! run (views, generated columns, triggers), so no schema is trusted, views are
//! off, lengths are limited, and work that does not end is broken off
//! (sqlite.org, "Defense Against The Dark Arts").

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, MAIN_DB};

use super::MAGIC;
use crate::results::error::{ResultsError, ResultsErrorKind as Kind, quote};
use crate::results::input::MAX_BYTES;

/// Bytes of the header of a database.
const HEADER: usize = 100;
/// How coverage.py before 5.0 began its files, which were JSON.
const BEFORE_5: &[u8] = b"!coverage.py: This is a private format";
/// Longest value of a column, in bytes; the lines of a file have 1.25 MB at most.
const MAX_VALUE: i32 = 16 * 1024 * 1024;
/// Instructions of SQLite's machine between two looks at how many there were.
const STEP: i32 = 1_000_000;
/// Looks after which the work is broken off. Reading 64 MiB takes some 200.
const STEPS: u32 = 2_000;

/// Opens the bytes as a database.
///
/// # Errors
/// They are none, or not a whole one.
pub(super) fn open(bytes: &[u8]) -> Result<Connection, ResultsError> {
    check(bytes)?;
    connect(bytes).map_err(|error| broken(&error))
}

/// What SQLite has against a database.
pub(super) fn broken(error: &rusqlite::Error) -> ResultsError {
    let reason = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => {
            "reading the coverage data takes too much work".to_owned()
        }
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            "the coverage data is damaged: SQLite cannot follow its pages".to_owned()
        }
        _ => format!(
            "SQLite cannot read the coverage data: {}",
            quote(&error.to_string())
        ),
    };
    ResultsError::whole(Kind::invalid(reason))
}

fn connect(bytes: &[u8]) -> rusqlite::Result<Connection> {
    let mut database = Connection::open_in_memory()?;
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    ] {
        database.set_db_config(setting, value)?;
    }
    database.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
    database.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let mut steps = 0u32;
    database.progress_handler(
        STEP,
        Some(move || {
            steps += 1;
            steps > STEPS
        }),
    )?;
    database.deserialize_read_exact(MAIN_DB, bytes, bytes.len(), true)?;
    database.pragma_update(None, "cell_size_check", true)?;
    Ok(database)
}

/// What the header says, so that a cut file has a better message than SQLite's.
fn check(bytes: &[u8]) -> Result<(), ResultsError> {
    if bytes.len() > MAX_BYTES {
        let kind = Kind::TooLarge {
            bytes: bytes.len() as u64,
            limit: MAX_BYTES as u64,
        };
        return Err(ResultsError::whole(kind));
    }
    if bytes.is_empty() {
        return Err(ResultsError::whole(Kind::Empty));
    }
    if bytes.starts_with(BEFORE_5) {
        let reason = "the coverage data is of a coverage.py before 5.0";
        return Err(ResultsError::whole(Kind::invalid(reason)));
    }
    let head = bytes.get(..MAGIC.len()).unwrap_or(bytes);
    if !MAGIC.starts_with(head) {
        let start = bytes.get(..HEADER).unwrap_or(bytes);
        let text = String::from_utf8_lossy(start);
        let found = quote(text.lines().next().unwrap_or_default());
        return Err(ResultsError::whole(Kind::NotSqlite { found }));
    }
    let cut = |missing: String| Err(ResultsError::whole(Kind::Truncated { missing }));
    let Some(header) = bytes.get(..HEADER) else {
        return cut("a part of its header".to_owned());
    };
    let number = |at: usize, size: usize| {
        let field = header.get(at..at + size).unwrap_or_default();
        field
            .iter()
            .fold(0u64, |sum, &byte| sum << 8 | u64::from(byte))
    };
    // 1 stands for 65,536.
    let page = match number(16, 2) {
        1 => 65_536,
        size => size,
    };
    let pages = number(28, 4);
    if !page.is_power_of_two() || page < 512 {
        let reason = format!("the coverage data is damaged: its pages have {page} bytes");
        return Err(ResultsError::whole(Kind::invalid(reason)));
    }
    // SQLite believes the number of pages only where the two counters agree.
    if number(24, 4) == number(92, 4) && pages * page > bytes.len() as u64 {
        let there = bytes.len() as u64 / page;
        return cut(format!("all from page {} of {pages}", there + 1));
    }
    if number(18, 1) == 2 {
        let reason = "the coverage data is in WAL mode: what is newest is in another file";
        return Err(ResultsError::whole(Kind::invalid(reason)));
    }
    Ok(())
}
