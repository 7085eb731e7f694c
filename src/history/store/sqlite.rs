//! The history in a file.
//!
//! The file may have come with somebody's repository, so nothing in its schema is trusted:
//! no views, no triggers, no functions with effects, and no way to break it from SQL
//! (sqlite.org, "Defense Against The Dark Arts").

use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, ToSql};

use super::database::Access;
use super::error::{StoreError, Trouble};
use super::value::{Row, Value};

/// How long another process is waited for.
const PATIENCE: Duration = match cfg!(test) {
    false => Duration::from_secs(5),
    true => Duration::from_millis(1500),
};
/// What means something in a URI of SQLite.
const SPECIAL: AsciiSet = CONTROLS.add(b'%').add(b'?').add(b'#');

/// An open file.
pub(super) struct Sqlite {
    connection: Connection,
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// For reading and writing; it is made where it is not there.
    Write,
    /// For reading.
    Read,
    /// For reading where not even a lock can be noted: nobody writes there.
    Sealed,
}

impl Sqlite {
    /// Opens a file.
    pub(super) fn open(path: &Path, mode: Mode) -> Result<Self, StoreError> {
        Self::connect(path, mode).map_err(|error| told(&error))
    }

    fn connect(path: &Path, mode: Mode) -> rusqlite::Result<Self> {
        let access = match mode {
            Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Mode::Read | Mode::Sealed => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let flags = access
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW
            | OpenFlags::SQLITE_OPEN_URI;
        let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
        let sealed = match mode {
            Mode::Sealed => "?immutable=1",
            Mode::Read | Mode::Write => "",
        };
        let uri = format!("file:{}{sealed}", percent_encode(bytes, &SPECIAL));
        let connection = Connection::open_with_flags(uri, flags)?;
        connection.busy_timeout(PATIENCE)?;
        for (setting, value) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        ] {
            connection.set_db_config(setting, value)?;
        }
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        if mode == Mode::Write {
            prepare(&connection)?;
        }
        Ok(Self { connection })
    }

    /// Runs a statement. Gives the number of rows that it changed.
    pub(super) fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let run = || {
            let mut statement = self.connection.prepare(sql)?;
            bind(&mut statement, values)?;
            statement.raw_execute()
        };
        let changed = run().map_err(|error| told(&error))?;
        Ok(changed as u64)
    }

    /// The rows of a query.
    pub(super) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let read = || {
            let mut statement = self.connection.prepare(sql)?;
            bind(&mut statement, values)?;
            let columns = statement.column_count();
            let mut found = Vec::new();
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                let values: rusqlite::Result<Vec<Value>> =
                    (0..columns).map(|at| row.get_ref(at).map(taken)).collect();
                found.push(Row::new(values?));
            }
            Ok(found)
        };
        read().map_err(|error: rusqlite::Error| told(&error))
    }

    /// Begins a transaction. Of those that write there is one at a time.
    pub(super) fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        let sql = match access {
            Access::Read => "BEGIN",
            Access::Add | Access::Alone => "BEGIN IMMEDIATE",
        };
        self.run(sql, &[]).map(|_| ())
    }

    /// Gives room that is not used any more back to the disk.
    pub(super) fn shrink(&mut self) -> Result<(), StoreError> {
        let batch = "PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)";
        let shrunk = self.connection.execute_batch(batch);
        shrunk.map_err(|error| told(&error))
    }
}

/// What holds for the file from its beginning. Of two processes that make one at the same
/// time, one may find it locked: then the other does it.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode != "wal" {
        let batch = "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL";
        match connection.execute_batch(batch) {
            Err(error) if told(&error).trouble != Trouble::Locked => return Err(error),
            _ => {}
        }
    }
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA cell_size_check = ON")
}

/// Binds values to the numbers that the statement names.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for (at, value) in values.iter().enumerate() {
        let name = format!("${}", at + 1);
        let place = statement
            .parameter_index(&name)?
            .ok_or(rusqlite::Error::InvalidParameterName(name))?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn taken(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

/// Whether there is no room: for the data, or for the notes that even a reader makes.
fn is_full(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(
        code,
        Some(rusqlite::ffi::SQLITE_FULL | rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
    )
}

/// What SQLite has against it, in our words.
fn told(error: &rusqlite::Error) -> StoreError {
    let (trouble, message) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            Trouble::Locked,
            format!(
                "another process has held the history for more than {} s",
                PATIENCE.as_secs()
            ),
        ),
        Some(ErrorCode::DatabaseCorrupt) => (Trouble::Damaged, "the history is damaged".to_owned()),
        Some(ErrorCode::NotADatabase) => (
            Trouble::Damaged,
            "the history is damaged: it is no SQLite database".to_owned(),
        ),
        _ if is_full(error) => (
            Trouble::Full,
            "the disk that the history is on is full".to_owned(),
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => (
            Trouble::ReadOnly,
            format!("the history cannot be written to: {error}"),
        ),
        _ => (
            Trouble::Other,
            format!("the history cannot be used: {error}"),
        ),
    };
    StoreError::new(trouble, message)
}
