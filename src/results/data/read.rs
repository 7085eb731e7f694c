//! Reading the tables of coverage.py.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::database::{broken, open};
use super::{Data, Ran};
use crate::results::coverage::MAX_LINE;
use crate::results::error::{ResultsError, ResultsErrorKind as Kind};

/// The schema of coverage.py 5.0 and later.
const SCHEMA: i64 = 7;
/// The tables that are read.
const TABLES: [&str; 6] = [
    "coverage_schema",
    "file",
    "context",
    "line_bits",
    "arc",
    "tracer",
];
/// Longest set of lines, in bytes.
const MAX_NUMBITS: usize = MAX_LINE as usize / 8 + 1;
/// Most contexts whose names are kept.
const MAX_CONTEXTS: u64 = 1_000_000;

/// Reads the data of one process, or what `coverage combine` made of several.
///
/// # Errors
/// The bytes are no whole database with the tables of schema 7, or what stands in
/// the tables is not what coverage.py writes there.
pub(crate) fn read(bytes: &[u8]) -> Result<Data, ResultsError> {
    let database = open(bytes)?;
    tables(&database)?;
    let mut data = Data::default();
    let mut names: HashMap<i64, String> = HashMap::new();
    each(&database, "select id, path from file", |row| {
        let name = text(row, 1, "file.path")?;
        data.files.entry(name.clone()).or_default();
        names.insert(integer(row, 0, "file.id")?, name);
        Ok(())
    })?;
    each(&database, "select context from context", |row| {
        let name = text(row, 0, "context.context")?;
        data.contexts.insert(name);
        if data.contexts.len() as u64 > MAX_CONTEXTS {
            return Err(ResultsError::whole(Kind::TooMany {
                what: "contexts",
                limit: MAX_CONTEXTS,
            }));
        }
        Ok(())
    })?;
    let mut of = Files {
        names: &names,
        data: &mut data,
    };
    each(&database, "select file_id, numbits from line_bits", |row| {
        let ran = of.ran(row, "line_bits")?;
        match value(row, 1)? {
            ValueRef::Blob(bits) if bits.len() <= MAX_NUMBITS => ran.lines.join_bytes(bits),
            ValueRef::Blob(bits) => {
                let line = bits.len().saturating_mul(8);
                return Err(odd(format!(
                    "it tells of line {line}, and {MAX_LINE} is the last"
                )));
            }
            _ => return Err(odd("`line_bits.numbits` holds no bytes")),
        }
        Ok(())
    })?;
    each(&database, "select file_id, fromno, tono from arc", |row| {
        let ran = of.ran(row, "arc")?;
        let arc = (end(row, 1, "arc.fromno")?, end(row, 2, "arc.tono")?);
        ran.arcs.insert(arc);
        Ok(())
    })?;
    each(&database, "select file_id, tracer from tracer", |row| {
        let ran = of.ran(row, "tracer")?;
        ran.tracer = Some(text(row, 1, "tracer.tracer")?).filter(|name| !name.is_empty());
        Ok(())
    })?;
    Ok(data)
}

/// The files by the numbers that the tables use.
struct Files<'a> {
    names: &'a HashMap<i64, String>,
    data: &'a mut Data,
}

impl Files<'_> {
    /// The file that the first column of a row names.
    fn ran(&mut self, row: &Row<'_>, table: &str) -> Result<&mut Ran, ResultsError> {
        let id = integer(row, 0, "file_id")?;
        self.names
            .get(&id)
            .and_then(|name| self.data.files.get_mut(name))
            .ok_or_else(|| odd(format!("`{table}` names file {id}, and there is none")))
    }
}

/// That the database is coverage.py's, of the schema that is understood.
fn tables(database: &Connection) -> Result<(), ResultsError> {
    let mut found = Vec::new();
    each(
        database,
        "select name from sqlite_schema where type = 'table' and rootpage > 0",
        |row| {
            found.push(text(row, 0, "name")?);
            Ok(())
        },
    )?;
    let has = |table: &str| found.iter().any(|name| name == table);
    if found.is_empty() {
        let reason = "the database is empty: no process wrote its data to the end";
        return Err(ResultsError::whole(Kind::invalid(reason)));
    }
    if !has(TABLES[0]) {
        let reason = format!(
            "the database has no table `{}`, so it is not coverage.py's",
            TABLES[0]
        );
        return Err(ResultsError::whole(Kind::invalid(reason)));
    }
    let mut version = None;
    each(database, "select version from coverage_schema", |row| {
        version = Some(integer(row, 0, "coverage_schema.version")?);
        Ok(())
    })?;
    match version {
        Some(SCHEMA) => {}
        Some(found) => {
            let expected = SCHEMA;
            return Err(ResultsError::whole(Kind::Schema { found, expected }));
        }
        None => return Err(odd("it does not say its schema")),
    }
    match TABLES.iter().find(|table| !has(table)) {
        Some(table) => Err(odd(format!("it has no table `{table}`"))),
        None => Ok(()),
    }
}

/// Calls a function with each row of an answer.
fn each(
    database: &Connection,
    query: &str,
    mut take: impl FnMut(&Row<'_>) -> Result<(), ResultsError>,
) -> Result<(), ResultsError> {
    let mut statement = database.prepare(query).map_err(|error| broken(&error))?;
    let mut rows = statement.query([]).map_err(|error| broken(&error))?;
    while let Some(row) = rows.next().map_err(|error| broken(&error))? {
        take(row)?;
    }
    Ok(())
}

fn value<'r>(row: &'r Row<'_>, column: usize) -> Result<ValueRef<'r>, ResultsError> {
    row.get_ref(column).map_err(|error| broken(&error))
}

fn integer(row: &Row<'_>, column: usize, name: &str) -> Result<i64, ResultsError> {
    match value(row, column)? {
        ValueRef::Integer(number) => Ok(number),
        _ => Err(odd(format!("`{name}` holds no number"))),
    }
}

/// One end of an arc: a line, or with a minus the code that begins there.
fn end(row: &Row<'_>, column: usize, name: &str) -> Result<i32, ResultsError> {
    let number = integer(row, column, name)?;
    i32::try_from(number)
        .ok()
        .filter(|end| end.unsigned_abs() <= MAX_LINE)
        .ok_or_else(|| {
            odd(format!(
                "it tells of line {number}, and {MAX_LINE} is the last"
            ))
        })
}

fn text(row: &Row<'_>, column: usize, name: &str) -> Result<String, ResultsError> {
    match value(row, column)? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes)
            .map(ToOwned::to_owned)
            .map_err(|_| odd(format!("`{name}` is not UTF-8 text"))),
        _ => Err(odd(format!("`{name}` holds no text"))),
    }
}

fn odd(what: impl std::fmt::Display) -> ResultsError {
    ResultsError::whole(Kind::invalid(format!("the coverage data is odd: {what}")))
}
