//! The user's checkout: listed, never written to.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::engine::{SourceTree, TreeEntry, TreeKind};

use super::run_dir::HOME;

/// Lists the files of a checkout as they would be on the runner: with git what
/// git tracks plus what it would track (the user's uncommitted work counts),
/// without git everything. `.git` itself comes along, because version numbers
/// and tests ask it; its configuration, which may hold credentials, does not.
pub(super) fn list(root: &Path) -> io::Result<SourceTree> {
    let files = if root.join(".git").exists() {
        from_git(root)
    } else {
        None
    };
    let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
    match files {
        Some(files) => {
            paths.extend(files);
            if root.join(".git").is_dir() {
                walk(root, Path::new(".git"), &mut paths)?;
            }
        }
        None => walk(root, Path::new(""), &mut paths)?,
    }
    entries(root, paths)
}

/// What the paths are, parents before children.
fn entries(root: &Path, paths: BTreeSet<PathBuf>) -> io::Result<SourceTree> {
    let mut entries = Vec::new();
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for path in paths {
        let Ok(meta) = std::fs::symlink_metadata(root.join(&path)) else {
            // Tracked and deleted: gone in the working tree, so gone here.
            continue;
        };
        let mut parents: Vec<&Path> = path.ancestors().skip(1).collect();
        parents.pop();
        for parent in parents.into_iter().rev() {
            if folders.insert(parent.to_path_buf()) {
                entries.push(TreeEntry {
                    path: parent.to_path_buf(),
                    kind: TreeKind::Folder,
                });
            }
        }
        let kind = if meta.is_symlink() {
            TreeKind::Link(std::fs::read_link(root.join(&path))?)
        } else if meta.is_dir() {
            if !folders.insert(path.clone()) {
                continue;
            }
            TreeKind::Folder
        } else if meta.is_file() {
            use std::os::unix::fs::PermissionsExt;
            TreeKind::File {
                executable: meta.permissions().mode() & 0o111 != 0,
                replaced: (path == Path::new(".git/config")).then(|| GIT_CONFIG.to_vec()),
            }
        } else {
            continue;
        };
        entries.push(TreeEntry { path, kind });
    }
    Ok(SourceTree {
        root: root.to_path_buf(),
        entries,
    })
}

/// Lists everything below a folder, such as a fetched action.
pub(super) fn everything(root: &Path) -> io::Result<SourceTree> {
    let mut paths = BTreeSet::new();
    walk(root, Path::new(""), &mut paths)?;
    entries(root, paths)
}

/// A single program, under a name of its own.
pub(super) fn program(file: &Path, name: &str) -> io::Result<SourceTree> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    if !file.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let own = file.file_name().is_some_and(|own| own == name);
    if !own {
        return Err(io::Error::other(format!(
            "the file must be called `{name}`"
        )));
    }
    Ok(SourceTree {
        root: folder.to_path_buf(),
        entries: vec![TreeEntry {
            path: PathBuf::from(name),
            kind: TreeKind::File {
                executable: true,
                replaced: None,
            },
        }],
    })
}

/// A configuration without remotes, and so without credentials.
const GIT_CONFIG: &[u8] =
    b"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n";

/// What git leaves alone by the repository's own rules, folders in one; empty where git
/// cannot tell.
pub(super) fn ignored(root: &Path) -> Vec<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--others"])
        .args(["--ignored", "--exclude-standard", "--directory"])
        .output();
    let Ok(output) = output else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// What git would check out, `None` when git cannot tell.
fn from_git(root: &Path) -> Option<Vec<PathBuf>> {
    use std::os::unix::ffi::OsStrExt;
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .args(["--cached", "--others", "--exclude-standard"])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(
        output
            .stdout
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
            .map(|name| PathBuf::from(std::ffi::OsStr::from_bytes(name)))
            .filter(|path| !path.starts_with(HOME))
            .collect(),
    )
}

/// Everything below a folder. The rules of a surrounding repository's
/// `.gitignore` do not apply: they are not the checkout's own.
fn walk(root: &Path, below: &Path, paths: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if path == Path::new(HOME) || path == Path::new(".git/hooks") {
            continue;
        }
        let kind = entry.file_type()?;
        paths.insert(path.clone());
        if kind.is_dir() {
            walk(root, &path, paths)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn names(tree: &SourceTree) -> Vec<String> {
        tree.entries
            .iter()
            .map(|entry| entry.path.display().to_string())
            .collect()
    }

    #[test]
    fn without_git_everything_comes_but_our_own() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::create_dir_all(root.join(".seatrial/runs")).unwrap();
        std::fs::write(root.join("a/b/x.py"), "").unwrap();
        std::fs::write(root.join(".gitignore"), "*.py\n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.join("link")).unwrap();
        let tree = list(root).unwrap();
        assert_eq!(names(&tree), [".gitignore", "a", "a/b", "a/b/x.py", "link"]);
    }

    #[test]
    fn with_git_ignored_files_stay_behind_and_credentials_too() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let git = |args: &[&str]| {
            assert!(
                Command::new("git")
                    .arg("-C")
                    .arg(root)
                    .args(args)
                    .status()
                    .unwrap()
                    .success()
            );
        };
        git(&["init", "-q"]);
        git(&["config", "http.extraheader", "AUTHORIZATION: secret"]);
        std::fs::write(root.join(".gitignore"), "venv/\n").unwrap();
        std::fs::create_dir_all(root.join("venv")).unwrap();
        std::fs::write(root.join("venv/x"), "").unwrap();
        std::fs::write(root.join("new.py"), "").unwrap();
        std::fs::write(root.join("gone.py"), "").unwrap();
        git(&["add", "gone.py"]);
        std::fs::remove_file(root.join("gone.py")).unwrap();
        let tree = list(root).unwrap();
        let names = names(&tree);
        assert!(names.contains(&"new.py".to_owned()));
        assert!(names.contains(&".git/HEAD".to_owned()));
        assert!(
            !names
                .iter()
                .any(|name| name.contains("venv") || name.contains("gone"))
        );
        let config = tree
            .entries
            .iter()
            .find(|entry| entry.path == Path::new(".git/config"))
            .unwrap();
        assert!(
            matches!(&config.kind, TreeKind::File { replaced: Some(text), .. } if !String::from_utf8_lossy(text).contains("secret"))
        );
    }
}
