//! What git knows of the checkout.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::results::Changes;
use crate::settings::NamedRepository;

/// Facts of a checkout; empty without git.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Checkout {
    /// `owner/name` of the remote `origin`.
    pub(super) repository: Option<String>,
    /// The branch that pull requests go to, where git can tell.
    pub(super) default_branch: Option<String>,
    /// Its commit.
    pub(super) default_sha: Option<String>,
    /// Commit.
    pub(super) sha: String,
    /// The commit that a push of it would begin from: what `origin` has of the
    /// branch, else the parent; none for the first commit.
    pub(super) before: Option<String>,
    /// `refs/heads/…` or `refs/tags/…`.
    pub(super) reference: String,
    /// Who made the commit.
    pub(super) author: String,
    /// Their address.
    pub(super) email: String,
    /// When, as ISO 8601.
    pub(super) time: String,
    /// Message of the commit.
    pub(super) message: String,
    /// Whether the tree differs from the commit.
    pub(super) dirty: bool,
}

/// Largest commit message that is kept, in bytes.
const MAX_MESSAGE: usize = 64 << 10;

impl Checkout {
    /// Asks git about the folder `root`, also when it lies within a larger
    /// repository.
    pub(super) fn read(root: &Path) -> Self {
        let git = |args: &[&str]| git(root, args);
        let Some(commit) = git(&["log", "-1", "--format=%H%x00%an%x00%ae%x00%cI%x00%B"]) else {
            return Self::default();
        };
        let mut commit = commit.splitn(5, '\0').map(ToOwned::to_owned);
        let mut field = || commit.next().unwrap_or_default();
        let (sha, author, email, time) = (field(), field(), field(), field());
        let mut message = field();
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        let reference = git(&["symbolic-ref", "--quiet", "HEAD"])
            .or_else(|| {
                git(&["describe", "--tags", "--exact-match"]).map(|tag| format!("refs/tags/{tag}"))
            })
            .unwrap_or_default();
        let default_branch = default_branch(root);
        Self {
            before: push_base(root, &reference, &sha),
            default_sha: default_branch
                .as_deref()
                .and_then(|name| branch(root, name)),
            default_branch,
            repository: git(&["config", "--get", "remote.origin.url"])
                .and_then(|url| repository_of(&url)),
            sha,
            reference,
            author,
            email,
            time,
            message,
            dirty: git(&["status", "--porcelain", "--", "."]).is_some_and(|text| !text.is_empty()),
        }
    }
}

/// What git prints, without the line end; `None` when it fails.
fn git(root: &Path, args: &[&str]) -> Option<String> {
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
}

/// The remote `origin`: its host and its repository.
pub(super) fn origin(root: &Path) -> Option<NamedRepository> {
    let url = git(root, &["config", "--get", "remote.origin.url"])?;
    Some(NamedRepository {
        repository: repository_of(&url)?,
        host: host_of(&url)?,
    })
}

/// The host of a remote's address, without user and port.
fn host_of(url: &str) -> Option<String> {
    let authority = match url.split_once("://") {
        Some((_, rest)) => rest.split('/').next()?,
        None => url.split_once(':')?.0,
    };
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?.to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// The repository around the current folder.
pub(super) fn top() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    git(&here, &["rev-parse", "--show-toplevel"]).map(PathBuf::from)
}

/// The files of a folder that git tracks or would track, relative to it.
pub(super) fn files(root: &Path) -> Option<Vec<String>> {
    let listed = git(
        root,
        &[
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
    )?;
    let files = listed.split('\0').filter(|file| !file.is_empty());
    Some(files.map(ToOwned::to_owned).collect())
}

/// The text of a file in a commit, `REV:PATH`, the path from the repository's root on
/// or, with `./`, from the folder `folder`. Else what git says.
pub(super) fn show(folder: &Path, name: &str) -> Result<String, String> {
    // A name that begins with a hyphen would be an option.
    if name.starts_with('-') {
        return Err(format!("`{name}` is no revision"));
    }
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "safe.directory=*", "show", "--no-textconv", name])
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| format!("git cannot be called: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().next().unwrap_or("git failed");
        return Err(line.trim_start_matches("fatal: ").to_owned());
    }
    String::from_utf8(output.stdout).map_err(|_| "the file is not UTF-8 text".to_owned())
}

/// What has changed since the commit at which a revision and the checkout part, with
/// what is not committed; `None` where git does not know the revision.
pub(super) fn changes(root: &Path, revision: &str) -> Option<Changes> {
    let base = commit(root, revision).or_else(|| branch(root, revision))?;
    let base = git(root, &["merge-base", &base, "HEAD"]).unwrap_or(base);
    let diff = git(
        root,
        &[
            "-c",
            "core.quotePath=false",
            "diff",
            "--unified=0",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-renames",
            "--relative",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            &base,
            "--",
        ],
    )?;
    let mut changes = Changes::parse(&diff);
    let new = git(root, &["ls-files", "-z", "--others", "--exclude-standard"])?;
    for file in new.split('\0').filter(|file| !file.is_empty()) {
        changes.add_whole(file.to_owned());
    }
    Some(changes)
}

/// The branch that `origin` points to, else the usual one of those that exist.
fn default_branch(root: &Path) -> Option<String> {
    let head = git(
        root,
        &["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"],
    );
    if let Some(branch) = head
        .as_deref()
        .and_then(|head| head.strip_prefix("refs/remotes/origin/"))
    {
        return Some(branch.to_owned());
    }
    ["main", "master"]
        .into_iter()
        .find(|name| branch(root, name).is_some())
        .map(ToOwned::to_owned)
}

/// The commit of a ref or an id; `None` when there is none.
fn commit(root: &Path, name: &str) -> Option<String> {
    // A name that begins with a hyphen would be an option.
    if name.is_empty() || name.starts_with('-') {
        return None;
    }
    let name = format!("{name}^{{commit}}");
    git(root, &["rev-parse", "--verify", "--quiet", &name])
}

/// The full ref of a name: a branch before a tag, and a branch where neither is
/// there.
pub(super) fn full_ref(root: &Path, name: &str) -> String {
    if name.starts_with("refs/") {
        return name.to_owned();
    }
    let tag = format!("refs/tags/{name}");
    let branch = format!("refs/heads/{name}");
    if commit(root, &branch).is_none() && commit(root, &tag).is_some() {
        tag
    } else {
        branch
    }
}

/// The files that an event changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    /// Relative to the repository, with `/`.
    pub(super) files: Vec<String>,
    /// Between what, for people: `1a2b3c4..5d6e7f8`.
    pub(super) between: String,
}

/// The tree without files.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// The commit of a branch, as `origin` has it or else as it is here.
fn branch(root: &Path, name: &str) -> Option<String> {
    ["refs/remotes/origin/", "refs/heads/"]
        .iter()
        .find_map(|place| commit(root, &format!("{place}{name}")))
}

/// The commit that a push begins from.
fn push_base(root: &Path, reference: &str, head: &str) -> Option<String> {
    let known = |name: &str| commit(root, name).filter(|commit| commit != head);
    reference
        .strip_prefix("refs/heads/")
        .and_then(|branch| known(&format!("refs/remotes/origin/{branch}")))
        .filter(|base| git(root, &["merge-base", "--is-ancestor", base, head]).is_some())
        .or_else(|| known(&format!("{head}^")))
}

/// The files of a push (GitHub docs, "Git diff comparisons": two dots). `None`
/// where git cannot tell.
pub(super) fn pushed_files(root: &Path, before: &str, after: &str) -> Option<Changed> {
    let head = commit(root, after).or_else(|| commit(root, "HEAD"))?;
    let base = commit(root, before)
        .or_else(|| commit(root, &format!("{head}^")))
        .unwrap_or_else(|| EMPTY_TREE.to_owned());
    changed(root, &base, &head, "..")
}

/// The files of a pull request, from where it left its base (three dots).
pub(super) fn pull_request_files(
    root: &Path,
    base_branch: &str,
    base: &str,
    head: &str,
) -> Option<Changed> {
    let head = commit(root, head).or_else(|| commit(root, "HEAD"))?;
    let base = commit(root, base).or_else(|| branch(root, base_branch))?;
    changed(root, &base, &head, "...")
}

fn changed(root: &Path, from: &str, to: &str, dots: &str) -> Option<Changed> {
    let range: Vec<String> = if from == EMPTY_TREE {
        vec![from.to_owned(), to.to_owned()]
    } else {
        vec![format!("{from}{dots}{to}")]
    };
    let mut args = vec!["diff", "--name-only", "-z", "--no-renames", "--relative"];
    args.extend(range.iter().map(String::as_str));
    let files = git(root, &args)?
        .split('\0')
        .filter(|file| !file.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    let short = |id: &str| id.get(..7).unwrap_or(id).to_owned();
    Some(Changed {
        files,
        between: format!("{}{dots}{}", short(from), short(to)),
    })
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
    #![allow(clippy::unwrap_used)]

    use super::*;

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

    /// A repository with commits on `main` and on `fix`, which is checked out.
    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let run = |args: &[&str]| {
            let identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
            git(root, &[&identity, args].concat()).unwrap();
        };
        let write = |name: &str| std::fs::write(root.join(name), "x").unwrap();
        run(&["init", "--quiet", "--initial-branch=main"]);
        write("one.txt");
        run(&["add", "."]);
        run(&["commit", "--quiet", "-m", "One"]);
        run(&["tag", "v1"]);
        run(&["checkout", "--quiet", "-b", "fix"]);
        write("two.txt");
        run(&["add", "."]);
        run(&["commit", "--quiet", "-m", "Two"]);
        write("three.txt");
        run(&["add", "."]);
        run(&["commit", "--quiet", "-m", "Three\n\nlong"]);
        folder
    }

    #[test]
    fn a_checkout_and_what_it_changes() {
        let folder = repository();
        let root = folder.path();
        let checkout = Checkout::read(root);
        assert_eq!(checkout.reference, "refs/heads/fix");
        assert_eq!(checkout.default_branch.as_deref(), Some("main"));
        assert_eq!(checkout.author, "Ann");
        assert_eq!(checkout.email, "ann@example.org");
        assert_eq!(checkout.message, "Three\n\nlong");
        assert_eq!(checkout.sha.len(), 40);
        let zeros = "0".repeat(40);
        let pushed = pushed_files(root, &zeros, &checkout.sha).unwrap();
        assert_eq!(pushed.files, ["three.txt"]);
        let pushed = pushed_files(root, "main", "").unwrap();
        assert_eq!(pushed.files, ["three.txt", "two.txt"]);
        let first = pushed_files(root, &zeros, "v1").unwrap();
        assert_eq!(first.files, ["one.txt"]);
        let asked = pull_request_files(root, "main", "", "").unwrap();
        assert_eq!(asked.files, ["three.txt", "two.txt"]);
        assert_eq!(pull_request_files(root, "no-such", "", ""), None);
        assert_eq!(full_ref(root, "v1"), "refs/tags/v1");
        assert_eq!(full_ref(root, "fix"), "refs/heads/fix");
        assert_eq!(full_ref(root, "new"), "refs/heads/new");
        assert_eq!(full_ref(root, "refs/pull/3/merge"), "refs/pull/3/merge");
    }

    #[test]
    fn without_git() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Checkout::read(folder.path()), Checkout::default());
        assert_eq!(pushed_files(folder.path(), "", ""), None);
    }
}
