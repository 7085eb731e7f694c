//! `dorny/paths-filter` and `tj-actions/changed-files`: what changed, by git.
//!
//! The user's checkout stands for the commit of the event, so uncommitted work and
//! new files count. Compared is with where the branch left the default branch or
//! the pull request's target; on that branch itself with the commit before.

mod changed_files;
mod paths_filter;

use std::path::Path;
use std::process::Command;

use super::Call;

pub(super) use changed_files::run as changed_files;
pub(super) use paths_filter::run as paths_filter;

/// How a file changed, as `git diff --name-status` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Added,
    Modified,
    Deleted,
    Renamed,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    /// Its path, relative to the checkout.
    path: String,
    status: Status,
}

/// What changed since when.
struct Changes {
    files: Vec<Change>,
    /// Since when, in words.
    since: String,
    /// What the person should know: nothing to compare with was found.
    notice: Option<String>,
}

/// Asks git. Without an answer everything counts as changed.
async fn find(call: &Call<'_>, base: &str, renames: bool) -> Result<Changes, String> {
    let facts = Facts {
        asked: base.to_owned(),
        target: call.github.base_ref.clone(),
        branch: call.github.ref_name().to_owned(),
        default: call
            .github
            .event
            .pointer("/repository/default_branch")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        before: call
            .github
            .event
            .get("before")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned(),
    };
    let root = call.root.to_path_buf();
    let found = tokio::task::spawn_blocking(move || by_git(&root, &facts, renames))
        .await
        .map_err(|error| error.to_string())?;
    if let Some(changes) = found {
        return Ok(changes);
    }
    let tree = (call.tree)()?;
    let files = tree
        .entries
        .iter()
        .filter(|entry| {
            !matches!(entry.kind, crate::engine::TreeKind::Folder)
                && !entry.path.starts_with(".git")
        })
        .map(|entry| Change {
            path: entry.path.display().to_string(),
            status: Status::Added,
        })
        .collect();
    Ok(Changes {
        files,
        since: "the beginning".to_owned(),
        notice: Some(
            "git has no commit to compare with, so every file counts as changed".to_owned(),
        ),
    })
}

/// What decides with which commit is compared.
struct Facts {
    /// What the workflow asks for; empty for nothing.
    asked: String,
    /// Target branch of a pull request; empty for another event.
    target: String,
    /// Branch of the event.
    branch: String,
    /// Default branch, as far as the event tells it.
    default: String,
    /// The commit before a push, as far as the event tells it.
    before: String,
}

fn by_git(root: &Path, facts: &Facts, renames: bool) -> Option<Changes> {
    let git = |args: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(root)
            .args(["-c", "safe.directory=*", "-c", "core.quotepath=off"])
            .args(args)
            .stdin(std::process::Stdio::null())
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let commit = |name: &str| {
        let name = format!("{name}^{{commit}}");
        git(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &name,
        ])
        .map(|sha| sha.trim().to_owned())
    };
    let since = base(facts, &commit, &|a, b| {
        git(&["merge-base", a, b]).map(|sha| sha.trim().to_owned())
    })?;
    let rename = if renames {
        "--find-renames"
    } else {
        "--no-renames"
    };
    let diff = git(&["diff", "--name-status", "-z", "--relative", rename, &since])?;
    let mut files = parse(&diff);
    let new = git(&["ls-files", "-z", "--others", "--exclude-standard"])?;
    files.extend(
        new.split('\0')
            .filter(|path| !path.is_empty() && !path.starts_with(".seatrial/"))
            .map(|path| Change {
                path: path.to_owned(),
                status: Status::Added,
            }),
    );
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Some(Changes {
        files,
        since,
        notice: None,
    })
}

/// The commit that is compared with.
fn base(
    facts: &Facts,
    commit: &dyn Fn(&str) -> Option<String>,
    merge_base: &dyn Fn(&str, &str) -> Option<String>,
) -> Option<String> {
    let branch = |name: &str| commit(&format!("origin/{name}")).or_else(|| commit(name));
    if !facts.target.is_empty() {
        let target = branch(&facts.target)?;
        return merge_base(&target, "HEAD").or(Some(target));
    }
    let previous = || commit(&facts.before).or_else(|| commit("HEAD~1"));
    let named = if facts.asked.is_empty() {
        facts.default.as_str()
    } else {
        facts.asked.trim_start_matches("refs/heads/")
    };
    let other = if named.is_empty() {
        ["main", "master"]
            .into_iter()
            .find(|name| branch(name).is_some())
    } else {
        Some(named)
    };
    match other {
        Some(name) if name != facts.branch => match branch(name) {
            Some(other) => merge_base(&other, "HEAD").or(Some(other)),
            None => previous(),
        },
        _ => previous(),
    }
}

/// Reads `git diff --name-status -z`.
fn parse(diff: &str) -> Vec<Change> {
    let mut parts = diff.split('\0');
    let mut found = Vec::new();
    while let Some(status) = parts.next().filter(|status| !status.is_empty()) {
        let Some(path) = parts.next() else { break };
        let (status, path) = match status.chars().next() {
            Some('A' | 'C') if status.len() > 1 => (Status::Added, parts.next().unwrap_or(path)),
            Some('A') => (Status::Added, path),
            Some('D') => (Status::Deleted, path),
            Some('R') => (Status::Renamed, parts.next().unwrap_or(path)),
            _ => (Status::Modified, path),
        };
        found.push(Change {
            path: path.to_owned(),
            status,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Change, Facts, Status, base, parse};

    #[test]
    fn git_is_understood() {
        let change = |path: &str, status| Change {
            path: path.to_owned(),
            status,
        };
        assert_eq!(
            parse("M\0a.py\0A\0b c.py\0D\0d\0R090\0old\0new\0T\0e\0"),
            [
                change("a.py", Status::Modified),
                change("b c.py", Status::Added),
                change("d", Status::Deleted),
                change("new", Status::Renamed),
                change("e", Status::Modified),
            ]
        );
    }

    #[test]
    fn what_is_compared_with() {
        let facts = |asked: &str, target: &str, branch: &str| Facts {
            asked: asked.to_owned(),
            target: target.to_owned(),
            branch: branch.to_owned(),
            default: String::new(),
            before: String::new(),
        };
        let commit = |name: &str| {
            ["HEAD~1", "main", "dev"]
                .contains(&name)
                .then(|| format!("sha-{name}"))
        };
        let merge = |a: &str, _: &str| Some(format!("base-{a}"));
        let found = |facts: &Facts| base(facts, &commit, &merge);
        for (asked, target, branch, since) in [
            ("", "", "feature", Some("base-sha-main")),
            ("", "", "main", Some("sha-HEAD~1")),
            ("dev", "", "feature", Some("base-sha-dev")),
            ("dev", "", "dev", Some("sha-HEAD~1")),
            ("", "dev", "feature", Some("base-sha-dev")),
            ("", "gone", "feature", None),
        ] {
            assert_eq!(found(&facts(asked, target, branch)).as_deref(), since);
        }
    }
}
