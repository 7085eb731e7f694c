//! Opening the file of a history, whatever state it is in.

use std::path::{Path, PathBuf};

use super::aside;
use super::database::Database;
use super::error::{StoreError, Trouble};
use super::migrations::{self, VERSION};
use super::sqlite::{Mode, Sqlite};
use super::{Purpose, Store};
use crate::runner::make_home;

/// Opens the file.
///
/// # Errors
/// It is a link, the database of something else, or cannot be opened.
pub(super) fn open(path: &Path, purpose: Purpose) -> Result<Store, StoreError> {
    let path = resolved(path, purpose)?;
    match whole(&path, purpose) {
        Err(error) if error.trouble == Trouble::Damaged => anew(&path),
        other => other,
    }
}

/// Opens the file to read it, and leaves it as it is.
///
/// # Errors
/// See [`open`]; it is damaged.
pub(super) fn peek(path: &Path) -> Result<Store, StoreError> {
    whole(&resolved(path, Purpose::Read)?, Purpose::Read)
}

/// Opens a file that turned out to be damaged: it is set aside, and a new one begun.
///
/// # Errors
/// It cannot be set aside, or no new one begun.
pub(super) fn open_anew(path: &Path) -> Result<Store, StoreError> {
    anew(&resolved(path, Purpose::Write)?)
}

fn anew(path: &Path) -> Result<Store, StoreError> {
    let (mut store, notice) = aside::replace(path, || sound(path))?;
    store.notices.extend(notice);
    Ok(store)
}

/// Opens a file that is not damaged anywhere.
fn sound(path: &Path) -> Result<Store, StoreError> {
    let mut store = writable(path)?;
    let row = store.database.row("PRAGMA quick_check(1)", &[])?;
    match row.map(|mut row| row.text()).transpose()?.as_deref() {
        Some("ok") => Ok(store),
        found => Err(StoreError::damaged(found.unwrap_or_default())),
    }
}

/// The path without links on the way to its folder. Neither the folder nor the file may be
/// one: a repository could bring a link to anywhere.
fn resolved(path: &Path, purpose: Purpose) -> Result<PathBuf, StoreError> {
    let refuse = |link: &Path| {
        let message = format!(
            "{} is a symbolic link; seatrial does not write through it",
            link.display()
        );
        StoreError::new(Trouble::Foreign, message)
    };
    let is_link = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
    let unusable = |error: std::io::Error| {
        let message = format!("the history {} cannot be opened: {error}", path.display());
        StoreError::new(Trouble::ReadOnly, message)
    };
    let name = path
        .file_name()
        .ok_or_else(|| unusable(std::io::ErrorKind::InvalidInput.into()))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if is_link(folder) {
        return Err(refuse(folder));
    }
    if purpose == Purpose::Write {
        make_home(folder).map_err(unusable)?;
    }
    let real = folder.canonicalize().map_err(unusable)?.join(name);
    for end in ["", "-wal", "-shm"] {
        let file = aside::beside(&real, end);
        if is_link(&file) {
            return Err(refuse(&file));
        }
    }
    Ok(real)
}

/// Opens a file that is not damaged, as far as can be seen without reading all of it.
fn whole(path: &Path, purpose: Purpose) -> Result<Store, StoreError> {
    match writable(path) {
        Err(error)
            if purpose == Purpose::Read
                && matches!(error.trouble, Trouble::ReadOnly | Trouble::Full) =>
        {
            readable(path, error)
        }
        other => other,
    }
}

/// Opens a file to write to it, and brings it to the present form.
fn writable(path: &Path) -> Result<Store, StoreError> {
    let mut database = Database::Sqlite(Sqlite::open(path, Mode::Write)?);
    let version = migrations::version(&mut database)?;
    if version < VERSION {
        migrations::migrate(&mut database)?;
    }
    let mut store = Store::new(database);
    store.seal_if_later(version);
    Ok(store)
}

/// Opens a file that cannot be written to, as `why` says.
fn readable(path: &Path, why: StoreError) -> Result<Store, StoreError> {
    let open = |mode| {
        let mut database = Database::Sqlite(Sqlite::open(path, mode)?);
        let version = migrations::version(&mut database)?;
        Ok::<_, StoreError>((database, version))
    };
    // Where the file alone can be read, there is no place for the notes of a reader either.
    let (database, version) = open(Mode::Read).or_else(|_| open(Mode::Sealed))?;
    if version < VERSION {
        let message = format!(
            "the history is of an earlier version of seatrial and cannot be brought to the present form: {}",
            path.display()
        );
        return Err(StoreError::new(Trouble::ReadOnly, message)
            .with_hint("copy it to where it can be written to"));
    }
    let mut store = Store::new(database);
    store.seal_if_later(version);
    store.sealed.get_or_insert(why);
    Ok(store)
}
