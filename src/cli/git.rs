//! What git knows of the checkout.

use std::path::Path;
use std::process::Command;

/// Facts of a checkout; empty without git.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Checkout {
    /// `owner/name` of the remote `origin`.
    pub(super) repository: Option<String>,
    /// Commit.
    pub(super) sha: String,
    /// `refs/heads/…` or `refs/tags/…`.
    pub(super) reference: String,
    /// Whether the tree differs from the commit.
    pub(super) dirty: bool,
}

impl Checkout {
    /// Asks git about the folder `root`, also when it lies within a larger
    /// repository.
    pub(super) fn read(root: &Path) -> Self {
        let git = |args: &[&str]| {
            let output = Command::new("git")
                .arg("-C")
                .arg(root)
                .args(["-c", "safe.directory=*"])
                .args(args)
                .stdin(std::process::Stdio::null())
                .output()
                .ok()?;
            output
                .status
                .success()
                .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let Some(sha) = git(&["rev-parse", "HEAD"]) else {
            return Self::default();
        };
        let reference = git(&["symbolic-ref", "--quiet", "HEAD"])
            .or_else(|| {
                git(&["describe", "--tags", "--exact-match"]).map(|tag| format!("refs/tags/{tag}"))
            })
            .unwrap_or_default();
        Self {
            repository: git(&["config", "--get", "remote.origin.url"])
                .and_then(|url| repository_of(&url)),
            sha,
            reference,
            dirty: git(&["status", "--porcelain", "--", "."]).is_some_and(|text| !text.is_empty()),
        }
    }
}

/// `owner/name` of a remote's address in any of git's forms.
fn repository_of(url: &str) -> Option<String> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url.split_once(':')?.1,
    };
    let path = path.trim_matches('/').trim_end_matches(".git");
    let mut parts = path.rsplit('/');
    let name = parts.next()?;
    let owner = parts.next()?;
    (!name.is_empty() && !owner.is_empty()).then(|| format!("{owner}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::repository_of;

    #[test]
    fn remotes_in_all_forms() {
        for url in [
            "https://github.com/acme/leadcrm.git",
            "https://user:token@github.com/acme/leadcrm",
            "git@github.com:acme/leadcrm.git",
            "ssh://git@github.com/acme/leadcrm.git",
        ] {
            assert_eq!(repository_of(url).as_deref(), Some("acme/leadcrm"), "{url}");
        }
        assert_eq!(repository_of("/srv/git/x.git"), None);
    }
}
