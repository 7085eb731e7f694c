//! `hashFiles(…)` over the checkout.
//!
//! The SHA-256 of the concatenated SHA-256 of every matching file
//! (`src/Misc/expressionFunc/hashFiles` of actions/runner); empty without a match.

use std::io;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use sha2::{Digest, Sha256};

use crate::engine::{SourceTree, TreeKind};

/// Hashes the files that the patterns match. Later patterns win; `!` leaves out.
pub(super) fn hash_files(tree: &SourceTree, patterns: &[String]) -> Result<String, String> {
    let mut rules: Vec<(bool, GlobMatcher)> = Vec::new();
    for line in patterns.iter().flat_map(|pattern| pattern.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line == "--follow-symbolic-links" {
            continue;
        }
        let (include, pattern) = match line.strip_prefix('!') {
            Some(rest) => (false, rest),
            None => (true, line),
        };
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        for form in [pattern.to_owned(), format!("{pattern}/**")] {
            let glob = GlobBuilder::new(&form)
                .literal_separator(true)
                .build()
                .map_err(|error| format!("the pattern `{line}` cannot be read: {error}"))?;
            rules.push((include, glob.compile_matcher()));
        }
    }
    let mut all = Sha256::new();
    let mut any = false;
    for entry in &tree.entries {
        let TreeKind::File { .. } = entry.kind else {
            continue;
        };
        if entry.path.starts_with(".git") {
            continue;
        }
        let wanted = rules
            .iter()
            .rev()
            .find(|(_, glob)| glob.is_match(&entry.path))
            .is_some_and(|(include, _)| *include);
        if wanted {
            any = true;
            all.update(
                hash_file(&tree.root.join(&entry.path))
                    .map_err(|error| format!("{}: {error}", entry.path.display()))?,
            );
        }
    }
    Ok(if any {
        hex::encode(all.finalize())
    } else {
        String::new()
    })
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

    #[test]
    fn matches_like_the_runner() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("sub")).unwrap();
        std::fs::write(dir.path().join("requirements.txt"), "a").unwrap();
        std::fs::write(dir.path().join("sub/requirements.txt"), "b").unwrap();
        let tree = super::super::source::list(dir.path()).unwrap();
        let hash = |pattern: &str| hash_files(&tree, &[pattern.to_owned()]).unwrap();
        // sha256(sha256("a"))
        let one = hex::encode(Sha256::digest(Sha256::digest(b"a")));
        assert_eq!(hash("requirements*.txt"), one);
        assert_ne!(hash("**/requirements*.txt"), one);
        assert_eq!(hash("sub/../nothing"), "");
        assert_eq!(
            hash_files(
                &tree,
                &["**/requirements.txt".to_owned(), "!sub/**".to_owned()]
            )
            .unwrap(),
            one
        );
    }
}
