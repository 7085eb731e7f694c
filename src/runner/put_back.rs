//! What a job wrote, put back into the working tree that it ran on: for a run that is one
//! step of a job at GitHub, whose later steps upload it.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::engine::{extract_tree, random_token};
use crate::record::{Cause, Failure, Level};

use super::leg::Running;
use super::run_dir::HOME;

/// What stays where it was made: large, bound to its place, or nobody's report.
const LEFT: [&str; 11] = [
    ".git",
    ".venv",
    "venv",
    ".tox",
    ".nox",
    "node_modules",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    HOME,
];

/// Puts the files of the workspace back that were written since the first step began.
pub(super) async fn put_back(running: &Running<'_>) -> Option<Failure> {
    let setup = &running.shared.setup;
    let since = running.ran.iter().map(|ran| ran.started).min()?;
    let reader = match running.host.get(&running.layout.workspace).await {
        Ok(Some(reader)) => reader,
        Ok(None) => return None,
        Err(error) => return Some(error.failure()),
    };
    let quota = running.budget.folder();
    let staging = setup.run_dir.path().join(format!(".{}", random_token()));
    let root = setup.root.clone();
    let put = tokio::task::spawn_blocking(move || {
        let kept = |path: &Path, changed: u64| changed >= since && !is_left(path);
        let files = extract_tree(reader, &staging, quota, &kept).and_then(|taken| {
            move_files(&staging, &root)?;
            Ok(taken.files)
        });
        let _ = std::fs::remove_dir_all(&staging);
        files
    });
    match put.await {
        Ok(Ok(0)) => None,
        Ok(Ok(files)) => {
            let what = if files == 1 {
                "1 file"
            } else {
                &format!("{files} files")
            };
            let message = format!("put back into the working tree: {what} that the job wrote");
            setup
                .bus
                .notice(Level::Notice, Some(&running.leg.key), message);
            None
        }
        Ok(Err(error)) => {
            let what = "what the job wrote, for the working tree";
            Some(
                running
                    .budget
                    .failure(what, &error, Cause::OutputWriteFailed),
            )
        }
        Err(error) => Some(Failure::new(Cause::Panic, error.to_string())),
    }
}

/// Whether a file stays in the environment.
fn is_left(path: &Path) -> bool {
    path.components()
        .any(|part| LEFT.iter().any(|left| part.as_os_str() == *left))
}

/// Moves all files of a folder to the same paths below another one. No link leads out of it,
/// and a file that is there is replaced, not written into: it may be another name of one
/// elsewhere.
fn move_files(from: &Path, to: &Path) -> io::Result<()> {
    let source = Dir::open_ambient_dir(from, ambient_authority())?;
    let target = Dir::open_ambient_dir(to, ambient_authority())?;
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = match folder.as_os_str().is_empty() {
            true => source.entries()?,
            false => source.read_dir(&folder)?,
        };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
                continue;
            }
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            };
            if !folder.as_os_str().is_empty() {
                target.create_dir_all(&folder).map_err(named)?;
            }
            // A program stays one.
            if let Ok(old) = target.metadata(&path) {
                source
                    .set_permissions(&path, old.permissions())
                    .map_err(named)?;
            }
            source.rename(&path, &target, &path).map_err(named)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn environments_and_our_own_folder_are_left() {
        for left in [
            ".git/HEAD",
            "a/__pycache__/x.pyc",
            ".tox/py/bin/x",
            ".seatrial/latest",
        ] {
            assert!(is_left(Path::new(left)), "{left}");
        }
        for kept in ["coverage.xml", "reports/venv.txt", ".coverage", ".github/x"] {
            assert!(!is_left(Path::new(kept)), "{kept}");
        }
    }

    #[test]
    fn files_are_replaced_and_no_link_leads_out() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to, outside) = (
            dir.path().join("a"),
            dir.path().join("b"),
            dir.path().join("c"),
        );
        for folder in [&from.join("sub"), &to, &outside] {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(from.join("new"), "new").unwrap();
        std::fs::write(from.join("sub/linked"), "new").unwrap();
        std::fs::write(outside.join("kept"), "old").unwrap();
        std::os::unix::fs::symlink(outside.join("kept"), to.join("new")).unwrap();
        move_files(&from, &to).unwrap();
        assert_eq!(std::fs::read_to_string(to.join("new")).unwrap(), "new");
        assert_eq!(
            std::fs::read_to_string(to.join("sub/linked")).unwrap(),
            "new"
        );
        assert_eq!(
            std::fs::read_to_string(outside.join("kept")).unwrap(),
            "old"
        );

        std::fs::create_dir_all(from.join("out")).unwrap();
        std::fs::write(from.join("out/file"), "x").unwrap();
        std::os::unix::fs::symlink(&outside, to.join("out")).unwrap();
        let error = move_files(&from, &to).unwrap_err();
        assert!(error.to_string().starts_with("out/file: "), "{error}");
        assert!(!outside.join("file").exists());
    }
}
