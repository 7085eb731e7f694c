//! Where a history is.

use std::fmt;
use std::path::PathBuf;

/// Where a history is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a file of this machine, an SQLite database.
    File(PathBuf),
    /// In a PostgreSQL server.
    Server(ServerUrl),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(url) => url.fmt(f),
        }
    }
}

/// The URL of a database in a PostgreSQL server. It may hold a password, and is shown
/// without it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl(String);

impl ServerUrl {
    /// Takes a text that begins as such URLs do.
    ///
    /// # Errors
    /// What was expected; the text, which may hold a password, is not repeated.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let rest = ["postgres://", "postgresql://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        match rest {
            Some(rest) if !rest.is_empty() => Ok(Self(text.to_owned())),
            _ => Err("expected postgres://USER@HOST/DATABASE".to_owned()),
        }
    }

    /// The text, with its password.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

/// Scheme, user, hosts and database. What follows a `?` may hold a password, too.
impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", ""));
        // A password that is not written as URLs want it may hold any sign: it ends with the
        // last `@`. Where that cannot be told from one behind a `?`, nothing is shown.
        let (user, place) = match rest.rsplit_once('@') {
            Some((before, _)) if before.contains('?') => ("", "…"),
            Some((before, place)) => (before.split(':').next().unwrap_or_default(), place),
            None => ("", rest),
        };
        let place = place.split('?').next().unwrap_or_default();
        let at = if user.is_empty() { "" } else { "@" };
        write!(f, "{scheme}://{user}{at}{place}")
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::ServerUrl;

    #[test]
    fn a_password_is_never_shown() {
        for (text, shown) in [
            ("postgres://db/ci", "postgres://db/ci"),
            ("postgres://ann@db:5433/ci", "postgres://ann@db:5433/ci"),
            ("postgresql://ann:hunter2@a,b/ci", "postgresql://ann@a,b/ci"),
            ("postgres://ann:hun@ter/2@db/ci", "postgres://ann@db/ci"),
            (
                "postgres://db/ci?user=ann&password=hunter2",
                "postgres://db/ci",
            ),
            ("postgres://ann:hunter2@", "postgres://ann@"),
            ("postgres://ann:hun?ter2@db/ci", "postgres://…"),
            ("postgres://db/ci?password=hun@ter2", "postgres://…"),
        ] {
            let url = ServerUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("ServerUrl({shown})"));
        }
        for text in ["", "postgres://", "mysql://ann:hunter2@db/ci", "hunter2"] {
            assert!(!ServerUrl::parse(text).unwrap_err().contains("hunter2"));
        }
    }
}
