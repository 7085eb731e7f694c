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

/// An open connection.
pub(super) struct Postgres {
    client: Client,
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
        // The library's own limit ends with the connection: a server that says nothing after
        // that would hold us for ever.
        let (tell, told) = mpsc::channel();
        let _detached = std::thread::spawn(move || {
            let _ = tell.send(match tls {
                None => config.connect(NoTls),
                Some(tls) => config.connect(tls),
            });
        });
        match told.recv_timeout(patience) {
            Ok(Ok(client)) => Ok(Self { client }),
            Ok(Err(error)) => Err(not_reached(url, &error)),
            Err(_) => {
                let message = format!(
                    "the history's server cannot be used ({url}): it has not answered for {} s",
                    patience.as_secs()
                );
                Err(StoreError::new(Trouble::Unreachable, message))
            }
        }
    }

    /// Runs a statement. Gives the number of rows that it changed.
    pub(super) fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let done = if values.is_empty() {
            // Nothing to prepare: one way there and back.
            self.client.batch_execute(sql).map(|()| 0)
        } else {
            self.client.execute(sql, &references(values))
        };
        done.map_err(|error| told(&error))
    }

    /// The rows of a query.
    pub(super) fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let rows = self.client.query(sql, &references(values));
        rows.and_then(|rows| rows.iter().map(row).collect())
            .map_err(|error| told(&error))
    }

    /// Begins a transaction. Those who add do so side by side; who removes is alone.
    pub(super) fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        let sql = match access {
            Access::Read => format!("BEGIN READ ONLY; {WITHIN}"),
            Access::Add => format!("BEGIN; {WITHIN}; SELECT pg_advisory_xact_lock_shared({LOCK})"),
            Access::Alone => format!("BEGIN; {WITHIN}; SELECT pg_advisory_xact_lock({LOCK})"),
        };
        self.client.batch_execute(&sql).map_err(|error| {
            let _ = self.client.batch_execute("ROLLBACK");
            told(&error)
        })
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

/// What the server has against it, in our words.
fn told(error: &postgres::Error) -> StoreError {
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
