//! A damaged file is set aside, never removed, and a new one begun.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::Store;
use super::error::{StoreError, Trouble};

/// Sets the file aside and opens a new one. Of several processes that find it damaged at the
/// same time one does so, the others find the new one. Gives what to tell, where it was this
/// one.
pub(super) fn replace(
    path: &Path,
    open: impl Fn() -> Result<Store, StoreError>,
) -> Result<(Store, Option<String>), StoreError> {
    let unusable = |error: std::io::Error| {
        let message = format!(
            "the history {} is damaged and cannot be set aside: {error}",
            path.display()
        );
        StoreError::new(Trouble::Damaged, message)
    };
    // Goes with the process, however it ends.
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(path, ".lock"))
        .map_err(unusable)?;
    lock.lock().map_err(unusable)?;
    match open() {
        Err(error) if error.trouble == Trouble::Damaged => {}
        other => return Ok((other?, None)),
    }
    let aside = free_name(path);
    std::fs::rename(path, &aside).map_err(unusable)?;
    // What SQLite has beside it belongs to it and would spoil the new one.
    for end in ["-wal", "-shm"] {
        let _ = std::fs::rename(beside(path, end), beside(&aside, end));
    }
    let notice = format!(
        "the history was damaged; it is kept as {} and a new one has been begun",
        aside.display()
    );
    Ok((open()?, Some(notice)))
}

/// `history.db.corrupt-20261126T134512Z`, with a number behind it where that is taken.
fn free_name(path: &Path) -> PathBuf {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let name = beside(path, &format!(".corrupt-{now}"));
    let more = (2..).map(|number| beside(&name, &format!("-{number}")));
    let mut names = std::iter::once(name.clone()).chain(more);
    names.find(|name| !name.exists()).unwrap_or(name)
}

/// A path with something at its end.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}
