//! A database of either kind, as far as the history uses one.
//!
//! All SQL is the same for both: `$1`, `BIGINT`, `DOUBLE PRECISION`, `TEXT`, `BYTEA` and
//! `ON CONFLICT` mean the same to SQLite and PostgreSQL. What differs is in the drivers:
//! opening, beginning a transaction, and which tables there are.

use super::error::StoreError;
#[cfg(feature = "postgres")]
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::value::{Row, Value};

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading what belongs together.
    Read,
    /// Adding, beside others who do.
    Add,
    /// Removing or changing the tables, with nobody beside.
    Alone,
}

/// An open database.
pub(super) enum Database {
    /// A file.
    Sqlite(Sqlite),
    /// A server.
    #[cfg(feature = "postgres")]
    Postgres(Box<Postgres>),
}

impl Database {
    /// Runs a statement. Gives the number of rows that it changed.
    pub(super) fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(one) => one.run(sql, values),
            #[cfg(feature = "postgres")]
            Self::Postgres(one) => one.run(sql, values),
        }
    }

    /// The rows of a query.
    pub(super) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(one) => one.rows(sql, values),
            #[cfg(feature = "postgres")]
            Self::Postgres(one) => one.rows(sql, values),
        }
    }

    /// The first row of a query.
    pub(super) fn row(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    /// Names of the tables, and of whatever else there is beside indices.
    pub(super) fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let query = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_master WHERE type <> 'index' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()"
            }
        };
        self.rows(query, &[])?.iter_mut().map(Row::text).collect()
    }

    /// Whether it belongs to the history alone, so that nothing else has a place in it.
    pub(super) fn is_own(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Does some work whole or not at all.
    pub(super) fn within<T>(
        &mut self,
        access: Access,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(one) => one.begin(access)?,
            #[cfg(feature = "postgres")]
            Self::Postgres(one) => one.begin(access)?,
        }
        let done = work(self).and_then(|done| {
            self.run("COMMIT", &[])?;
            Ok(done)
        });
        if done.is_err() {
            // Where the connection is gone, so is what was begun.
            let _ = self.run("ROLLBACK", &[]);
        }
        done
    }

    /// Inserts rows, many to a statement; what is there already stays as it is. Gives how
    /// many were inserted.
    pub(super) fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: &[Vec<Value>],
    ) -> Result<u64, StoreError> {
        /// Values of a statement: both kinds allow for many more.
        const VALUES: usize = 4_000;
        let width = columns.len().max(1);
        let mut inserted = 0;
        for chunk in rows.chunks((VALUES / width).max(1)) {
            let places: Vec<String> = (0..chunk.len())
                .map(|row| format!("({})", placeholders(row * width, width)))
                .collect();
            let sql = format!(
                "INSERT INTO {table} ({}) VALUES {} ON CONFLICT DO NOTHING",
                columns.join(", "),
                places.join(", ")
            );
            inserted += self.run(&sql, &chunk.concat())?;
        }
        Ok(inserted)
    }
}

/// `$1, $2`: so many, after those that came before.
pub(super) fn placeholders(before: usize, count: usize) -> String {
    let each: Vec<String> = (1..=count).map(|at| format!("${}", before + at)).collect();
    each.join(", ")
}
