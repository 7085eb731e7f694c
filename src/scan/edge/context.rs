//! What of the repository a scan looks at beside the Dockerfile.

use std::path::Path;

use crate::scan::context::{Unwanted, kind_of};

/// Folders within folders that are looked into.
const DEPTH: usize = 4;
/// Most entries that are looked at.
const ENTRIES: usize = 50_000;
/// Most things that are told.
const MOST: usize = 200;

/// What in a folder does not belong into an image built of it, sorted by its path.
pub(crate) fn unwanted(root: &Path) -> Vec<Unwanted> {
    let mut found = Vec::new();
    let mut seen = 0;
    walk(root, "", 0, &mut seen, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, prefix: &str, depth: usize, seen: &mut usize, found: &mut Vec<Unwanted>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        *seen += 1;
        if *seen > ENTRIES || found.len() >= MOST {
            return;
        }
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        // A folder that Python made an environment of, whatever its name is.
        let environment = kind.is_dir() && entry.path().join("pyvenv.cfg").is_file();
        let unwanted = match kind_of(&name, kind.is_dir()) {
            None if environment => Some(crate::scan::context::UnwantedKind::Installed),
            other => other,
        };
        if let Some(kind) = unwanted {
            found.push(Unwanted { path, kind });
        } else if kind.is_dir() && depth + 1 < DEPTH && name != ".seatrial" {
            walk(&entry.path(), &format!("{path}/"), depth + 1, seen, found);
        }
    }
}

/// The compose files of a repository, by name: those that `docker compose` takes by
/// itself, and variants of them such as `docker-compose.test.yml`.
pub(crate) fn compose_files(root: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(root) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            let stem = name
                .strip_suffix(".yml")
                .or_else(|| name.strip_suffix(".yaml"));
            stem.is_some_and(|stem| {
                ["compose", "docker-compose"].iter().any(|start| {
                    stem.strip_prefix(start)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
                })
            })
        })
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn unwanted_things_and_compose_files_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let file = dir.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        };
        for path in [
            ".git/config",
            "env/pyvenv.cfg",
            "api/.env",
            "api/.env.example",
            "web/node_modules/a/.env",
            "src/app.py",
            "compose.yml",
            "docker-compose.test.yaml",
            "composer.yml",
        ] {
            write(path);
        }
        let paths: Vec<String> = unwanted(dir.path())
            .into_iter()
            .map(|one| one.path)
            .collect();
        assert_eq!(paths, [".git", "api/.env", "env", "web/node_modules"]);
        assert_eq!(
            compose_files(dir.path()),
            ["compose.yml", "docker-compose.test.yaml"]
        );
    }
}
