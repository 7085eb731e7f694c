//! `hashFiles(…)` over the checkout, or over the workspace as it is; also what actions
//! that keep a cache make their keys of.
//!
//! The SHA-256 of the concatenated SHA-256 of every matching file
//! (`src/Misc/expressionFunc/hashFiles` of actions/runner); empty without a match.
//! Patterns are those of `@actions/glob`: minimatch without braces and extended
//! globs, files with a leading dot included, and a folder stands for all below it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use sha2::{Digest, Sha256};

use crate::engine::{SourceTree, TreeKind};

/// One line of the patterns.
struct Rule {
    /// Whether it takes files out.
    negative: bool,
    globs: Vec<GlobMatcher>,
    /// The folder or file that the search begins with: what stands before the first
    /// wildcard.
    begins: PathBuf,
}

/// Files of a workspace with their SHA-256.
pub(crate) type Hashes = BTreeMap<PathBuf, [u8; 32]>;

/// Hashes the files of the checkout that the patterns match. `workspace` is its path
/// inside the job, which patterns may begin with.
pub(crate) fn hash_files(
    tree: &SourceTree,
    workspace: &str,
    patterns: &[String],
) -> Result<String, String> {
    let paths = tree
        .entries
        .iter()
        .filter(|entry| !matches!(entry.kind, TreeKind::Folder))
        .map(|entry| entry.path.as_path());
    hash(paths, workspace, patterns, |path| {
        let file = file(&tree.root, path)?;
        Some(hash_file(&file).map_err(|error| format!("{}: {error}", file.display())))
    })
}

/// The same of files whose hashes are known.
pub(crate) fn hash_known(
    known: &Hashes,
    workspace: &str,
    patterns: &[String],
) -> Result<String, String> {
    let paths = known.keys().map(PathBuf::as_path);
    hash(paths, workspace, patterns, |path| {
        known.get(path).map(|hash| Ok(*hash))
    })
}

/// Hashes the files that the patterns match. Later patterns win; `!` leaves out.
/// `digest` gives nothing for what is no file of the workspace.
fn hash<'p>(
    paths: impl Iterator<Item = &'p Path>,
    workspace: &str,
    patterns: &[String],
    digest: impl Fn(&Path) -> Option<Result<[u8; 32], String>>,
) -> Result<String, String> {
    let mut rules = Vec::new();
    for line in patterns.iter().flat_map(|pattern| pattern.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line == "--follow-symbolic-links" {
            continue;
        }
        rules.extend(rule(line, workspace)?);
    }
    // Each pattern that takes files in is searched for in turn, from its own folder.
    let starts: Vec<&Path> = rules
        .iter()
        .filter(|rule| !rule.negative)
        .map(|rule| rule.begins.as_path())
        .collect();
    let mut found: Vec<(usize, [u8; 32])> = Vec::new();
    for path in paths.filter(|path| !path.starts_with(".git")) {
        let wanted = rules
            .iter()
            .rev()
            .find(|rule| rule.globs.iter().any(|glob| glob.is_match(path)))
            .is_some_and(|rule| !rule.negative);
        // A search within another one is part of that.
        let outermost = starts
            .iter()
            .enumerate()
            .filter(|(_, start)| path.starts_with(start))
            .min_by_key(|(_, start)| start.components().count());
        if let (true, Some((turn, _))) = (wanted, outermost)
            && let Some(digest) = digest(path)
        {
            found.push((turn, digest?));
        }
    }
    found.sort_by_key(|(turn, _)| *turn);
    let mut all = Sha256::new();
    for (_, digest) in &found {
        all.update(digest);
    }
    Ok(if found.is_empty() {
        String::new()
    } else {
        hex::encode(all.finalize())
    })
}

/// The file at a path; for a link what it leads to, if that is a file of the
/// checkout.
fn file(root: &Path, path: &Path) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    let real = root.join(path).canonicalize().ok()?;
    (real.is_file() && real.starts_with(&root)).then_some(real)
}

/// Reads a line; nothing where it leads out of the workspace, whose files alone count.
fn rule(line: &str, workspace: &str) -> Result<Option<Rule>, String> {
    let mut pattern = line;
    let mut negative = false;
    while let Some(rest) = pattern.strip_prefix('!') {
        negative = !negative;
        pattern = rest.trim();
    }
    if pattern.is_empty() {
        return Err(format!("the pattern `{line}` is empty"));
    }
    let inner = pattern.strip_prefix("./").unwrap_or(pattern);
    if inner.split('/').any(|part| part == "..")
        || (inner != "." && inner.split('/').any(|part| part == "."))
    {
        return Err(format!(
            "Invalid pattern '{pattern}'. Relative pathing '.' and '..' is not allowed."
        ));
    }
    let inside = if inner.starts_with('/') {
        match inner
            .strip_prefix(workspace)
            .filter(|_| !workspace.is_empty())
        {
            Some("") => "**",
            Some(rest) if rest.starts_with('/') => rest,
            _ => return Ok(None),
        }
    } else if inner == "~" || inner.starts_with("~/") {
        return Ok(None);
    } else if inner == "." {
        "**"
    } else {
        inner
    };
    let parts: Vec<&str> = inside.split('/').filter(|part| !part.is_empty()).collect();
    let plain = parts.join("/");
    let begins = parts
        .iter()
        .take_while(|part| !part.contains(['*', '?', '[', '\\']))
        .collect();
    let mut forms = vec![format!("{plain}/**")];
    // With a slash behind it, it is of a folder.
    if !inside.ends_with('/') {
        forms.push(plain);
    }
    let globs = forms
        .iter()
        .map(|form| {
            let literal_braces = form.replace('{', "[{]").replace('}', "[}]");
            GlobBuilder::new(&literal_braces)
                .literal_separator(true)
                .build()
                .map(|glob| glob.compile_matcher())
                .map_err(|error| format!("the pattern `{line}` cannot be read: {error}"))
        })
        .collect::<Result<_, _>>()?;
    Ok(Some(Rule {
        negative,
        globs,
        begins,
    }))
}

fn hash_file(path: &Path) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    io::copy(&mut std::fs::File::open(path)?, &mut hash)?;
    Ok(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::engine::TreeEntry;

    /// A checkout with these files.
    fn tree(root: &Path, files: &[&str]) -> SourceTree {
        let entry = |path: &&str| TreeEntry {
            path: PathBuf::from(path),
            kind: TreeKind::File {
                executable: false,
                replaced: None,
            },
        };
        SourceTree {
            root: root.to_path_buf(),
            entries: files.iter().map(entry).collect(),
        }
    }

    #[test]
    fn matches_like_the_runner() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("sub")).unwrap();
        std::fs::write(dir.path().join("requirements.txt"), "a").unwrap();
        std::fs::write(dir.path().join("sub/requirements.txt"), "b").unwrap();
        let files = ["requirements.txt", "sub/requirements.txt"];
        let tree = tree(dir.path(), &files);
        let hash = |pattern: &str| hash_files(&tree, "/w/leadcrm", &[pattern.to_owned()]).unwrap();
        // sha256(sha256("a"))
        let of = |texts: &[&str]| {
            let mut all = Sha256::new();
            for text in texts {
                all.update(Sha256::digest(text.as_bytes()));
            }
            hex::encode(all.finalize())
        };
        let (one, both) = (of(&["a"]), of(&["a", "b"]));
        for (pattern, expected) in [
            ("requirements*.txt", &one),
            ("**/requirements*.txt", &both),
            ("sub", &of(&["b"])),
            ("sub/", &of(&["b"])),
            ("./sub/*.txt", &of(&["b"])),
            ("requirements.txt/", &String::new()),
            ("{requirements,x}.txt", &String::new()),
            ("/w/leadcrm/**/*.txt", &both),
            ("/w/leadcrm", &both),
            (".", &both),
            ("/etc/passwd", &String::new()),
            ("~/x", &String::new()),
            ("# requirements.txt", &String::new()),
            ("**\n!sub/**", &one),
            ("**\n!sub/**\nsub/*.txt", &both),
            ("!!requirements.txt", &one),
            // In the order of the patterns.
            ("sub/*\nrequirements.txt", &of(&["b", "a"])),
            ("sub/*\n*.txt", &both),
        ] {
            assert_eq!(&hash(pattern), expected, "{pattern}");
        }
        let error = hash_files(&tree, "", &["sub/../x".to_owned()]).unwrap_err();
        assert!(error.starts_with("Invalid pattern 'sub/../x'"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_count_as_what_they_lead_to() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.txt"), "a").unwrap();
        std::os::unix::fs::symlink("a.txt", dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", dir.path().join("outside")).unwrap();
        let tree = tree(dir.path(), &["a.txt", "link", "outside"]);
        let hash = |pattern: &str| hash_files(&tree, "", &[pattern.to_owned()]).unwrap();
        assert_eq!(hash("link"), hash("a.txt"));
        assert_eq!(hash("outside"), "");
    }
}
