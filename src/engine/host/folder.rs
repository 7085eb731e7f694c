//! The private folder of a run on this machine, and those that dead runs left.

use std::fs;
use std::io::Error;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::processes::{self, Mark};
use crate::docker::{Owner, RUN_VARIABLE, is_alive};
use crate::engine::Sweep;

/// What the names of the folders begin with.
const PREFIX: &str = "seatrial-host-";
/// The file that says whose a folder is: the run, and below it the owner as in the label
/// of a container.
const OWNER: &str = "owner";

/// The private folder of a run: `seatrial-host-…` below the machine's temporary folder.
#[derive(Debug)]
pub(super) struct Folder {
    folder: TempDir,
}

impl Folder {
    /// Makes it below `parent`, readable by nobody else. Short, because paths of sockets
    /// end after 108 bytes.
    pub(super) fn new(parent: &Path, run: &str) -> std::io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .rand_bytes(6)
            .tempdir_in(parent)?;
        let text = format!("{run}\n{}\n", Owner::current().to_label());
        fs::write(folder.path().join(OWNER), text)?;
        Ok(Self { folder })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever is left then is found by the next run.
        let _ = remove(self.folder.path());
    }
}

/// A folder that a run made.
struct Found {
    path: PathBuf,
    run: String,
    owner: Option<Owner>,
}

/// The folders of this user's runs below `parent`.
fn found(parent: &Path) -> Vec<Found> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        // A link could lead anywhere.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| entry.metadata().is_ok_and(|metadata| is_ours(&metadata)))
        .filter_map(|entry| {
            let path = entry.path();
            let text = fs::read_to_string(path.join(OWNER)).ok()?;
            let (run, owner) = text.split_once('\n')?;
            Some(Found {
                run: run.to_owned(),
                owner: Owner::from_label(owner.trim()),
                path,
            })
        })
        .collect()
}

/// Whether something belongs to this user: in a folder that all share, others could make
/// what looks like ours.
#[cfg(unix)]
fn is_ours(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_ours(_metadata: &fs::Metadata) -> bool {
    true
}

/// Removes the folders of `scope` with the processes of their runs; gives what was
/// removed, in words.
pub(crate) async fn sweep(parent: &Path, scope: Sweep) -> Vec<String> {
    let current = Owner::current();
    let dead = |found: &Found| {
        found
            .owner
            .as_ref()
            .is_some_and(|owner| !is_alive(owner, &current, None))
    };
    let wanted = found(parent)
        .into_iter()
        .filter(|found| scope == Sweep::Everything || dead(found));
    let mut removed = Vec::new();
    for one in wanted {
        if tidy_up(&one).await {
            removed.push(format!("folder {} of run {}", one.path.display(), one.run));
        }
    }
    removed
}

/// Ends what a run that has ended left on this machine: its processes, then its folder.
pub(crate) async fn reap(parent: &Path, run: &str) {
    processes::end(&Mark {
        entry: format!("{RUN_VARIABLE}={run}"),
        folder: None,
    })
    .await;
    for one in found(parent).iter().filter(|found| found.run == run) {
        tidy_up(one).await;
    }
}

async fn tidy_up(found: &Found) -> bool {
    processes::end(&Mark {
        entry: format!("{RUN_VARIABLE}={}", found.run),
        folder: Some(found.path.clone()),
    })
    .await;
    remove(&found.path).is_ok()
}

/// Times that a removal is begun: another process may be at it, and what still writes
/// there may make something new.
const ATTEMPTS: u32 = 5;

/// Removes a folder with everything in it, also what its owner may not change. One that
/// is gone is fine.
pub(super) fn remove(folder: &Path) -> std::io::Result<()> {
    let mut last = Ok(());
    for _ in 0..ATTEMPTS {
        last = fs::remove_dir_all(folder);
        if fs::symlink_metadata(folder).is_err() {
            return Ok(());
        }
        let _ = open_up(folder);
    }
    last.map_err(|error| Error::new(error.kind(), format!("{}: {error}", folder.display())))
}

/// Gives the owner all rights to the folders below one: Go's cache of modules, for
/// example, is read-only.
#[cfg(unix)]
fn open_up(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_type()?.is_dir() {
            // One that cannot be changed keeps no other from it.
            let _ = open_up(&entry.path());
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn open_up(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn folders_of_dead_runs_go_and_those_of_live_ones_stay() {
        let parent = tempfile::tempdir().unwrap();
        let live = Folder::new(parent.path(), "live").unwrap();
        let dead = parent.path().join("seatrial-host-dead");
        let closed = dead.join("read-only");
        fs::create_dir_all(&closed).unwrap();
        fs::write(closed.join("file"), "x").unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
        let owner = Owner {
            boot: "another".to_owned(),
            ..Owner::current()
        };
        fs::write(
            dead.join(OWNER),
            format!("20260101\n{}\n", owner.to_label()),
        )
        .unwrap();
        // What merely has such a name is not ours.
        let other = parent.path().join("seatrial-host-other");
        fs::create_dir(&other).unwrap();
        std::os::unix::fs::symlink(&other, parent.path().join("seatrial-host-link")).unwrap();
        let removed = sweep(parent.path(), Sweep::Dead).await;
        assert_eq!(
            removed,
            [format!("folder {} of run 20260101", dead.display())]
        );
        assert!(!dead.exists() && live.path().exists() && other.exists());
        reap(parent.path(), "live").await;
        assert!(!live.path().exists());
        assert!(sweep(parent.path(), Sweep::Everything).await.is_empty());
    }
}
