//! The table `history` of `seatrial.toml`, and what flags and variables say of it.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::environment::Environment;
use super::error::ValueError;
use super::file::{ConfigFile, Reader};
use super::resolve::Twins;
use super::values;
use crate::history::{Place, ServerUrl};
use crate::record::Cause;

/// Where the history is, relative to the repository, where nobody says so.
const DEFAULT: &str = ".seatrial/history.db";
/// How the name of a history's file ends.
const ENDINGS: [&str; 3] = ["db", "sqlite", "sqlite3"];
/// The variable with the URL of a server.
const URL: &str = "SEATRIAL_HISTORY_URL";

/// The table as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct HistoryTable {
    enabled: Option<bool>,
    url: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    keep: Option<Spanned<i64>>,
    keep_days: Option<Spanned<i64>>,
}

/// What the table says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HistoryFile {
    enabled: Option<bool>,
    /// A path is relative to the repository.
    place: Option<Place>,
    keep: Option<u64>,
    keep_days: Option<u64>,
}

/// What is asked of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HistoryAsked {
    /// Whether runs are added to it.
    pub(crate) enabled: bool,
    /// Where it is.
    pub(crate) place: Place,
    /// How many runs of the repository are kept; all where it is absent.
    pub(crate) keep: Option<u64>,
    /// For how many days they are kept; for ever where it is absent.
    pub(crate) keep_days: Option<u64>,
}

impl HistoryAsked {
    /// Flag over environment over file, for a repository.
    ///
    /// # Errors
    /// A variable cannot be used.
    pub(crate) fn resolve(
        off: bool,
        environment: &Environment,
        file: &ConfigFile,
        root: &Path,
    ) -> Result<Self, ValueError> {
        let twins = Twins(environment);
        let of_variable = match twins.text(URL) {
            // The value may hold a password, and is not repeated.
            Some(text) => Some(Place::Server(ServerUrl::parse(&text).map_err(
                |expected| {
                    let message = format!("the value of {URL} cannot be used");
                    ValueError::new(Cause::ConfigInvalid, message).with_hint(expected)
                },
            )?)),
            None => None,
        };
        let switched = twins.read("SEATRIAL_HISTORY", values::switch)?;
        let file = &file.history;
        let place = match of_variable.or_else(|| file.place.clone()) {
            None => Place::File(root.join(DEFAULT)),
            Some(Place::File(path)) => Place::File(root.join(path)),
            Some(server) => server,
        };
        Ok(Self {
            enabled: !off && switched.or(file.enabled).unwrap_or(true),
            place,
            keep: file.keep,
            keep_days: file.keep_days,
        })
    }
}

impl Reader<'_> {
    /// What the table says.
    pub(super) fn history(&mut self, table: HistoryTable) -> HistoryFile {
        if let (Some(_), Some(path)) = (&table.url, &table.path) {
            self.wrong(
                path.span(),
                "`url` and `path` exclude each other",
                "`url` keeps the history in a PostgreSQL server, `path` in a file",
            );
        }
        let url = table.url.and_then(|url| {
            let read = ServerUrl::parse(url.get_ref()).map(Place::Server);
            self.checked("url", url.span(), read)
        });
        let path = table.path.and_then(|path| {
            let read = path_below(path.get_ref()).map(Place::File);
            self.checked("path", path.span(), read)
        });
        HistoryFile {
            enabled: table.enabled,
            place: url.or(path),
            keep: self.number("keep", table.keep, 1..=1_000_000_000),
            keep_days: self.number("keep-days", table.keep_days, 1..=100_000),
        }
    }
}

/// A path in the repository: the settings may come from somebody else, and must not name
/// files elsewhere.
fn path_below(text: &str) -> Result<PathBuf, String> {
    let path = Path::new(text);
    let below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let named = path
        .extension()
        .is_some_and(|ending| ENDINGS.iter().any(|one| ending == *one));
    match below && named {
        true => Ok(path.to_path_buf()),
        false => Err(
            "expected a path within the repository that ends in .db, .sqlite or .sqlite3"
                .to_owned(),
        ),
    }
}

/// The text of a settings file as it can be shown: what stands between `:` and `@` in a URL is
/// starred, whatever else is wrong with its line.
pub(super) fn without_passwords(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let Some((start, rest)) = line.split_once("://") else {
            return line.to_owned();
        };
        let end = rest.rfind('@').unwrap_or(0);
        let query = rest.get(end..).and_then(|rest| rest.find('?'));
        let starred = rest.char_indices().map(|(at, c)| {
            let in_user = at < end && rest.get(..at).is_some_and(|before| before.contains(':'));
            let in_query = query.is_some_and(|query| at > end + query);
            let keeps = matches!(c, '\n' | '\r') || (!in_user && matches!(c, '"' | '\''));
            match (in_user || in_query) && !keeps {
                // As long as it was: places in the text stay the same.
                true => "*".repeat(c.len_utf8()),
                false => c.to_string(),
            }
        });
        format!("{start}://{}", starred.collect::<String>())
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn asked(text: &str, variables: &[(&str, &str)]) -> HistoryAsked {
        let file = ConfigFile::parse(text).unwrap();
        let environment: Environment = variables.iter().copied().collect();
        HistoryAsked::resolve(false, &environment, &file, Path::new("/repo")).unwrap()
    }

    #[test]
    fn where_it_is() {
        let file = |path: &str| Place::File(PathBuf::from(path));
        assert_eq!(asked("", &[]).place, file("/repo/.seatrial/history.db"));
        let text = "[history]\npath = 'ci/runs.sqlite'\nkeep = 500\nkeep-days = 90\n";
        let of_file = asked(text, &[]);
        assert_eq!(of_file.place, file("/repo/ci/runs.sqlite"));
        assert_eq!((of_file.keep, of_file.keep_days), (Some(500), Some(90)));
        let server = asked(text, &[(URL, "postgres://ann:hunter2@db/ci")]).place;
        assert_eq!(server.to_string(), "postgres://ann@db/ci");
        let text = "[history]\nurl = 'postgres://db/ci'\n";
        assert_eq!(asked(text, &[]).place.to_string(), "postgres://db/ci");
    }

    #[test]
    fn whether_there_is_one() {
        let off = "[history]\nenabled = false\n";
        assert!(asked("", &[]).enabled && !asked(off, &[]).enabled);
        assert!(asked(off, &[("SEATRIAL_HISTORY", "true")]).enabled);
        assert!(!asked("", &[("SEATRIAL_HISTORY", "0")]).enabled);
        let none = ConfigFile::default();
        let flag = HistoryAsked::resolve(true, &Environment::default(), &none, Path::new("/"));
        assert!(!flag.unwrap().enabled);
    }

    #[test]
    fn what_is_wrong_with_it() {
        let text = "[history]
url = 'mysql://ann:hunter2@db/ci'
path = '../runs.db'
keep = 0
";
        let error = ConfigFile::parse(text).unwrap_err();
        let told: Vec<String> = error
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.span.start.line, problem.message))
            .collect();
        assert_eq!(
            told,
            [
                "2: the value of `url` cannot be used",
                "3: `url` and `path` exclude each other",
                "3: the value of `path` cannot be used",
                "4: the value of `keep` cannot be used",
            ]
        );
        assert!(!error.text.contains("hunter2"));
        for path in ["/var/runs.db", "README.md", "runs", "a/../../b.db"] {
            assert!(ConfigFile::parse(&format!("[history]\npath = '{path}'")).is_err());
        }
        let environment: Environment = [(URL, "hunter2")].into_iter().collect();
        let file = ConfigFile::default();
        let error = HistoryAsked::resolve(false, &environment, &file, Path::new("/")).unwrap_err();
        assert!(!error.message.contains("hunter2"));
    }

    #[test]
    fn no_password_is_shown_of_a_file() {
        for (text, shown) in [
            ("a = 1\nb = 'x://y'\n", "a = 1\nb = 'x://y'\n"),
            (
                "u = 'p://ann:hunt@r2@db/ci'\n",
                "u = 'p://ann:*******@db/ci'\n",
            ),
            (
                "u = \"p://ann:hun\"ter@db/ci",
                "u = \"p://ann:*******@db/ci",
            ),
            (
                "u = 'p://db/ci?password=x'\n",
                "u = 'p://db/ci?**********'\n",
            ),
            ("u = 'p://ann:é@db?a=b\n", "u = 'p://ann:**@db?***\n"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }
}
