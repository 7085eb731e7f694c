//! Where past runs are kept.
//!
//! The order of calls is free. What is added is there whole or not at all, also after
//! `kill -9`, and by several processes at a time; the same run twice is one entry.

mod aside;
mod columns;
mod database;
mod decisions;
mod error;
mod file;
mod migrations;
#[cfg(feature = "postgres")]
mod postgres;
mod read;
mod sqlite;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use error::{StoreError, Trouble};
pub(crate) use write::{Added, Prune};

use super::decision::Decision;
use super::entry::Entry;
use super::place::Place;
use super::summary::{Filter, Summary};
use database::Database;

/// What a history is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To add or to remove; a file that is not there is made.
    Write,
    /// To read; what cannot be written to will do.
    Read,
}

/// Past runs.
pub(crate) struct Store {
    database: Database,
    /// Why nothing can be added or removed.
    sealed: Option<StoreError>,
    notices: Vec<String>,
}

impl Store {
    /// Opens the history of a place, and brings one of an earlier version to the present
    /// form. A file that is damaged is set aside, and a new one begun.
    ///
    /// # Errors
    /// It cannot be used at all. One that is only not to be written to can be read.
    pub(crate) fn open(place: &Place, purpose: Purpose) -> Result<Self, StoreError> {
        let opened = match place {
            Place::File(path) => file::open(path, purpose)?,
            #[cfg(feature = "postgres")]
            Place::Server(url) => server(url)?,
            #[cfg(not(feature = "postgres"))]
            Place::Server(url) => {
                let message = format!("this seatrial was built without PostgreSQL: {url}");
                return Err(StoreError::new(Trouble::Unreachable, message).with_hint(
                    "build it with the feature `postgres`, or keep the history in a file",
                ));
            }
        };
        match (purpose, &opened.sealed) {
            (Purpose::Write, Some(why)) => Err(why.clone()),
            _ => Ok(opened),
        }
    }

    /// Opens a file that is there and sound, to read it: for what is only a help, and must not
    /// set aside what is damaged without a word. `None` for everything else.
    pub(crate) fn peek(place: &Place) -> Option<Self> {
        match place {
            Place::File(path) if path.is_file() => file::peek(path).ok(),
            // Nobody waits for a server.
            Place::File(_) | Place::Server(_) => None,
        }
    }

    /// Adds a run to the history of a place, whatever state that is in, and removes what
    /// `prune` says. Gives what a person should know.
    ///
    /// # Errors
    /// It cannot be added.
    pub(crate) fn record(
        place: &Place,
        entry: &Entry,
        prune: &Prune,
    ) -> Result<Vec<String>, StoreError> {
        let mut store = Self::open(place, Purpose::Write)?;
        match (store.add(entry), place) {
            // It could be opened, and is damaged further inside.
            (Err(error), Place::File(path)) if error.trouble == Trouble::Damaged => {
                drop(store);
                store = file::open_anew(path)?;
                store.add(entry)?;
            }
            (added, _) => drop(added?),
        }
        if *prune != Prune::default() {
            store.prune(prune)?;
        }
        Ok(store.notices)
    }

    fn new(database: Database) -> Self {
        Self {
            database,
            sealed: None,
            notices: Vec::new(),
        }
    }

    /// What a person should know: each a line without full stop.
    pub(crate) fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Adds a run.
    ///
    /// # Errors
    /// It cannot be written; nothing of it is there then.
    pub(crate) fn add(&mut self, entry: &Entry) -> Result<Added, StoreError> {
        self.writable()?;
        write::add(&mut self.database, entry)
    }

    /// Removes runs. Gives how many.
    ///
    /// # Errors
    /// They cannot be removed; all are there then.
    pub(crate) fn prune(&mut self, which: &Prune) -> Result<u64, StoreError> {
        self.writable()?;
        let removed = write::prune(&mut self.database, which)?;
        if removed > 0
            && let Database::Sqlite(file) = &mut self.database
        {
            // What is not given back now is used by later runs.
            let _ = file.shrink();
        }
        Ok(removed)
    }

    /// Whoever opened it to read does not write by mistake.
    fn writable(&self) -> Result<(), StoreError> {
        self.sealed.clone().map_or(Ok(()), Err)
    }

    /// The figures of the runs that a filter means, the last one first.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn runs(&mut self, filter: &Filter) -> Result<Vec<Summary>, StoreError> {
        read::runs(&mut self.database, filter)
    }

    /// The runs that a filter means without their tests and the files of their coverage, the
    /// first one first: for what looks at many.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn heads(&mut self, filter: &Filter) -> Result<Vec<Entry>, StoreError> {
        read::heads(&mut self.database, filter)
    }

    /// How many runs a filter means, whatever its limit.
    ///
    /// # Errors
    /// They cannot be counted.
    pub(crate) fn count(&mut self, filter: &Filter) -> Result<u64, StoreError> {
        read::count(&mut self.database, filter)
    }

    /// Names of the runs that a text stands for: a name, the beginning of one, or of its
    /// random bits.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn find(&mut self, text: &str) -> Result<Vec<String>, StoreError> {
        read::find(&mut self.database, text)
    }

    /// Names of the runs that a filter means, the first one first, whatever its limit.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn names(&mut self, filter: &Filter) -> Result<Vec<String>, StoreError> {
        read::names(&mut self.database, filter)
    }

    /// Adds a decision about a roll-out. Gives whether it is new.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn decide(&mut self, decision: &Decision) -> Result<bool, StoreError> {
        self.writable()?;
        decisions::add(&mut self.database, decision)
    }

    /// The last decisions about a workflow of a repository, the last one first.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn decisions(
        &mut self,
        repository: &str,
        workflow: &str,
        most: u64,
    ) -> Result<Vec<Decision>, StoreError> {
        decisions::last(&mut self.database, repository, workflow, most)
    }

    /// The decisions that a filter means, whatever its branch and limit, the first one first.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn all_decisions(&mut self, filter: &Filter) -> Result<Vec<Decision>, StoreError> {
        decisions::all(&mut self.database, filter)
    }

    /// A run with everything that is kept of it; `None` where it is not there.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn entry(&mut self, run: &str) -> Result<Option<Entry>, StoreError> {
        read::entry(&mut self.database, run)
    }
}

#[cfg(feature = "postgres")]
fn server(url: &super::place::ServerUrl) -> Result<Store, StoreError> {
    let mut database = Database::Postgres(Box::new(postgres::Postgres::open(url)?));
    let version = migrations::version(&mut database)?;
    if version < migrations::VERSION {
        migrations::migrate(&mut database)?;
    }
    let mut store = Store::new(database);
    store.seal_if_later(version);
    Ok(store)
}

impl Store {
    /// Notes that a later version of seatrial made it.
    fn seal_if_later(&mut self, version: u64) {
        if version <= migrations::VERSION {
            return;
        }
        let message = format!(
            "a later version of seatrial made the history (form {version}, and this one knows up to {}): it is only read",
            migrations::VERSION
        );
        self.notices.push(message.clone());
        let hint = "use that version, or another place for the history";
        self.sealed = Some(StoreError::new(Trouble::Later, message).with_hint(hint));
    }
}
