//! The history in a PostgreSQL server.

use std::error::Error as _;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::BytesMut;
use postgres::config::SslMode;
use postgres::error::SqlState;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::database::Access;
use super::error::{StoreError, Trouble};
use super::value::{Row, Value};
use crate::history::place::ServerUrl;

/// How long the server may take to answer at first.
const CONNECT: Duration = Duration::from_secs(5);
/// How much longer until it has let us in.
const HANDSHAKE: Duration = Duration::from_secs(3);
/// How long a statement may take, its answer included: longer than a lock is waited for.
const STATEMENT: Duration = Duration::from_secs(10);
/// The same where much is removed or the tables are changed: longer than the server lets it.
const ALONE: Duration = Duration::from_secs(65);
/// How long a connection may be silent before it is asked whether it is there.
const IDLE: Duration = Duration::from_secs(10);
/// What holds for a transaction: it neither waits nor works without end.
const WITHIN: &str = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '60s'";
/// The lock that those who remove do not share with those who add: a number that others
/// of the same server are not likely to have ("seatrial" in ASCII).
const LOCK: i64 = 0x7365_6174_7269_616c;
/// What a URL looks like.
const FORM: &str = "expected postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require; in a password @ is written as %40, / as %2F";
/// What to do where encryption is in the way.
const TRUST: &str = "SSL_CERT_FILE names a file of certificates to trust; sslmode=disable in the URL asks for no encryption";

/// Work for the thread of a connection.
type Work = Box<dyn FnOnce(&mut Client) + Send>;

/// An open connection. A thread of its own works with it: the library waits without end for a
/// server that says nothing any more, and nobody waits for the thread without end.
pub(super) struct Postgres {
    work: Option<mpsc::Sender<Work>>,
    /// Says no more when the thread has ended.
    ended: mpsc::Receiver<()>,
    /// How the server is named to people.
    server: String,
    /// How long a statement may take.
    patience: Duration,
}

impl Postgres {
    /// Connects to the server of a URL.
    pub(super) fn open(url: &ServerUrl) -> Result<Self, StoreError> {
        // What is wrong with it is not repeated: it may be a part of the password.
        let mut config: Config = url.secret().parse().map_err(|_| {
            let message = format!("{url} is no URL of a PostgreSQL server");
            StoreError::new(Trouble::Other, message).with_hint(FORM)
        })?;
        if config.get_application_name().is_none() {
            config.application_name("seatrial");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        config.tcp_user_timeout(IDLE);
        config.keepalives_idle(IDLE);
        config.keepalives_interval(Duration::from_secs(2));
        config.keepalives_retries(3);
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(tls()?),
        };
        let patience = config.get_connect_timeout().copied().unwrap_or(CONNECT) + HANDSHAKE;
        let (tell, told) = mpsc::channel();
        let (work, works) = mpsc::channel::<Work>();
        let (end, ended) = mpsc::channel();
        let _detached = std::thread::spawn(move || {
            let _end: mpsc::Sender<()> = end;
            let connected = match tls {
                None => config.connect(NoTls),
                Some(tls) => config.connect(tls),
            };
            match connected {
                Ok(mut client) => {
                    let _ = tell.send(Ok(()));
                    works.iter().for_each(|work| work(&mut client));
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        });
        match told.recv_timeout(patience) {
            Ok(Ok(())) => Ok(Self {
                work: Some(work),
                ended,
                server: url.to_string(),
                patience: STATEMENT,
            }),
            Ok(Err(error)) => Err(not_reached(url, &error)),
            Err(_) => Err(silent(url, patience)),
        }
    }

    /// Has something done by the server, and waits as long as it may take.
    fn ask<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Client) -> Result<T, postgres::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = mpsc::channel();
        let work = move |client: &mut Client| drop(tell.send(work(client)));
        let asked = self.work.as_ref().map(|works| works.send(Box::new(work)));
        if !matches!(asked, Some(Ok(()))) {
            return Err(silent(&self.server, self.patience));
        }
        match told.recv_timeout(self.patience) {
            Ok(done) => done.map_err(|error| told_by(&error)),
            Err(_) => {
                // Whatever comes now is for a question that nobody asks any more.
                self.work = None;
                Err(silent(&self.server, self.patience))
            }
        }
    }

    /// Runs a statement. Gives the number of rows that it changed.
    pub(super) fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let (text, values) = (sql.to_owned(), values.to_vec());
        let done = self.ask(move |client| {
            if values.is_empty() {
                // Nothing to prepare: one way there and back.
                client.batch_execute(&text).map(|()| 0)
            } else {
                client.execute(&text, &references(&values))
            }
        });
        if matches!(sql, "COMMIT" | "ROLLBACK") {
            self.patience = STATEMENT;
        }
        done
    }

    /// The rows of a query.
    pub(super) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let (sql, values) = (sql.to_owned(), values.to_vec());
        self.ask(move |client| {
            let rows = client.query(&sql, &references(&values))?;
            rows.iter().map(row).collect()
        })
    }

    /// Begins a transaction. Those who add do so side by side; who removes is alone.
    pub(super) fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        let sql = match access {
            Access::Read => format!("BEGIN READ ONLY; {WITHIN}"),
            Access::Add => format!("BEGIN; {WITHIN}; SELECT pg_advisory_xact_lock_shared({LOCK})"),
            Access::Alone => format!("BEGIN; {WITHIN}; SELECT pg_advisory_xact_lock({LOCK})"),
        };
        self.ask(move |client| {
            let begun = client.batch_execute(&sql);
            if begun.is_err() {
                let _ = client.batch_execute("ROLLBACK");
            }
            begun
        })?;
        if access == Access::Alone {
            self.patience = ALONE;
        }
        Ok(())
    }
}

/// Takes leave of the server, which then does not wonder where we are.
impl Drop for Postgres {
    fn drop(&mut self) {
        if self.work.take().is_some() {
            let _ = self.ended.recv_timeout(HANDSHAKE);
        }
    }
}

/// Encryption, where the server's certificate is one that this machine trusts.
fn tls() -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::new(Trouble::Other, format!("no encryption: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn references(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    let each = values.iter();
    each.map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn row(row: &postgres::Row) -> Result<Row, postgres::Error> {
    let value = |(at, column): (usize, &postgres::Column)| {
        let value = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map(Value::Int),
            Type::FLOAT8 => row.try_get::<_, Option<f64>>(at)?.map(Value::Real),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map(Value::Bytes),
            _ => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
        };
        Ok(value.unwrap_or(Value::Null))
    };
    let values: Result<Vec<Value>, postgres::Error> =
        row.columns().iter().enumerate().map(value).collect();
    values.map(Row::new)
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Real(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::FLOAT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}

/// The server cannot be reached, does not let us in, or cannot be trusted.
fn not_reached(url: &ServerUrl, error: &postgres::Error) -> StoreError {
    let why = words(error);
    let message = format!("the history's server cannot be used ({url}): {why}");
    let told = StoreError::new(Trouble::Unreachable, message);
    match why.contains("TLS") {
        true => told.with_hint(TRUST),
        false => told,
    }
}

/// The server says nothing.
fn silent(server: impl std::fmt::Display, patience: Duration) -> StoreError {
    let message = format!(
        "the history's server cannot be used ({server}): it has not answered for {} s",
        patience.as_secs()
    );
    StoreError::new(Trouble::Unreachable, message)
}

/// What the server has against it, in our words.
fn told_by(error: &postgres::Error) -> StoreError {
    let is = |states: &[SqlState]| error.code().is_some_and(|code| states.contains(code));
    let denied = [
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    let (trouble, before) = if is(&[SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED]) {
        (Trouble::Locked, "the history is in use by others")
    } else if is(&denied) {
        (Trouble::ReadOnly, "the history cannot be written to")
    } else if is(&[SqlState::DISK_FULL]) {
        (Trouble::Full, "the disk of the history's server is full")
    } else if error.code().is_none() {
        (Trouble::Unreachable, "the history's server went away")
    } else {
        (Trouble::Other, "the history's server refuses")
    };
    StoreError::new(trouble, format!("{before}: {}", words(error)))
}

/// An error with what led to it. Neither the server nor the library repeats a password.
fn words(error: &postgres::Error) -> String {
    if let Some(of_server) = error.as_db_error() {
        return of_server.message().to_owned();
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(&format!(": {inner}"));
        source = inner.source();
    }
    text
}
