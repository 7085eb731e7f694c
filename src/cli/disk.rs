//! Room on disks: what a run needs before it begins.

use std::path::Path;

use super::error::CliError;
use crate::record::Cause;
use crate::report::bytes;

/// Free space below which a run is in danger.
pub(super) const LITTLE: u64 = 1 << 30;
/// Free space below which a run does not begin: not even its results would fit.
const NONE: u64 = 100 << 20;

/// Bytes that are free for this user on the disk of a path, or of the nearest folder
/// above it that exists.
pub(super) fn free(path: &Path) -> Option<u64> {
    let there = path.ancestors().find(|folder| folder.exists())?;
    let facts = rustix::fs::statvfs(there).ok()?;
    facts.f_bavail.checked_mul(facts.f_frsize)
}

/// Looks whether a run has room in a folder, which holds `what`: a warning where there
/// is little.
///
/// # Errors
/// There is as good as none.
pub(super) fn room(path: &Path, what: &str) -> Result<Option<String>, CliError> {
    free(path).map_or(Ok(None), |free| judge(free, path, what))
}

fn judge(free: u64, path: &Path, what: &str) -> Result<Option<String>, CliError> {
    let message = format!(
        "only {} are free in {}, where {what}",
        bytes(free),
        path.display()
    );
    if free < NONE {
        return Err(CliError::new(Cause::HostDiskFull, message).with_hint(
            "make room: `docker system df` tells what images and caches take, and old runs are in \
             `.seatrial/runs`",
        ));
    }
    Ok((free < LITTLE).then_some(message))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn little_is_a_warning_and_none_an_error() {
        let judge = |free| judge(free, Path::new("/d"), "runs are kept");
        assert_eq!(judge(LITTLE).unwrap(), None);
        assert_eq!(
            judge(LITTLE - 1).unwrap().unwrap(),
            "only 1.0 GiB are free in /d, where runs are kept"
        );
        assert!(judge(NONE).unwrap().is_some());
        let error = judge(NONE - 1).unwrap_err();
        assert_eq!(error.cause, Cause::HostDiskFull);
        assert!(error.hint.unwrap().contains("docker system df"));
    }

    #[test]
    fn a_folder_that_is_not_there_yet_lies_on_the_disk_of_the_one_above() {
        let dir = tempfile::tempdir().unwrap();
        assert!(free(&dir.path().join("a/b/c")).is_some());
    }
}
