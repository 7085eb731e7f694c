//! Actions and workflows of other repositories: fetched with git, kept for later runs.
//!
//! Their code is never run here, only in a job's environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::record::slug;

/// How long a branch or a tag is taken to be what it was. A commit never changes.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// Where repositories are fetched from and kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    /// What stands before `/owner/repo`, such as `https://github.com`.
    pub(crate) server: String,
    /// The folder they are kept in.
    pub(crate) folder: PathBuf,
}

/// A repository at a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// Its folder, without git's own files.
    pub(crate) folder: PathBuf,
    /// Why an older copy had to do, if it had.
    pub(crate) stale: Option<String>,
}

impl Store {
    /// A repository (`owner/repo`) at a branch, a tag or a commit.
    ///
    /// # Errors
    /// Why it cannot be had: in git's words where git failed.
    pub(crate) fn fetch(&self, repository: &str, reference: &str) -> Result<Fetched, String> {
        let folder = self
            .folder
            .join(slug(&self.server))
            .join(slug(repository))
            .join(slug(reference));
        if is_fresh(&folder, reference) {
            return Ok(Fetched {
                folder,
                stale: None,
            });
        }
        match self.clone_to(repository, reference, &folder) {
            Ok(()) => Ok(Fetched {
                folder,
                stale: None,
            }),
            Err(why) if folder.is_dir() => Ok(Fetched {
                folder,
                stale: Some(why),
            }),
            Err(why) => Err(why),
        }
    }

    fn clone_to(&self, repository: &str, reference: &str, folder: &Path) -> Result<(), String> {
        let parent = folder.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(parent)
            .map_err(|error| format!("{}: {error}", parent.display()))?;
        let staging = tempfile::tempdir_in(parent)
            .map_err(|error| format!("{}: {error}", parent.display()))?;
        let at = staging.path();
        let url = format!("{}/{repository}", self.server.trim_end_matches('/'));
        git(at, &["init", "--quiet"])?;
        git(
            at,
            &[
                "fetch",
                "--quiet",
                "--depth=1",
                "--no-tags",
                "--end-of-options",
                &url,
                reference,
            ],
        )?;
        git(at, &["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
        std::fs::remove_dir_all(at.join(".git")).map_err(|error| error.to_string())?;
        let old = folder.with_extension("old");
        let _ = std::fs::remove_dir_all(&old);
        let _ = std::fs::rename(folder, &old);
        let renamed = std::fs::rename(at, folder).map_err(|error| error.to_string());
        let _ = std::fs::remove_dir_all(&old);
        renamed
    }
}

/// Whether a kept copy can be used as it is.
fn is_fresh(folder: &Path, reference: &str) -> bool {
    let is_commit = reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Ok(made) = std::fs::metadata(folder).and_then(|meta| meta.modified()) else {
        return false;
    };
    is_commit
        || SystemTime::now()
            .duration_since(made)
            .is_ok_and(|age| age < FRESH)
}

/// Runs git without ever asking for a password, and without waiting for a server that
/// sends nothing.
fn git(at: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(at)
        .args(["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30"])
        .args(["-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null"])
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("git: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text
        .lines()
        .find(|line| line.starts_with("fatal:") || line.starts_with("error:"))
        .or_else(|| text.lines().next_back())
        .unwrap_or("git failed");
    Err(line
        .trim_start_matches("fatal: ")
        .trim_start_matches("error: ")
        .to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Store, git};

    #[test]
    fn a_repository_is_fetched_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let origin = dir.path().join("server/acme/tool");
        std::fs::create_dir_all(&origin).unwrap();
        std::fs::write(origin.join("action.yml"), "name: x\n").unwrap();
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        git(&origin, &["init", "--quiet"]).unwrap();
        git(&origin, &["add", "."]).unwrap();
        git(&origin, &[&who[..], &["commit", "-qm", "x"]].concat()).unwrap();
        git(&origin, &["tag", "v1"]).unwrap();
        let store = Store {
            server: format!("file://{}", dir.path().join("server").display()),
            folder: dir.path().join("cache"),
        };
        let found = store.fetch("acme/tool", "v1").unwrap();
        assert!(found.folder.join("action.yml").is_file() && found.stale.is_none());
        assert!(!found.folder.join(".git").exists());
        // The second time nobody is asked.
        std::fs::remove_dir_all(&origin).unwrap();
        assert_eq!(store.fetch("acme/tool", "v1").unwrap(), found);
        let why = store.fetch("acme/tool", "v2").unwrap_err();
        assert!(why.contains("acme/tool"), "{why}");
        assert!(store.fetch("acme/tool", "--upload-pack=x").is_err());
    }
}
