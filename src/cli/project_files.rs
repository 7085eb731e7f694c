//! Small files of the repository that say how it is tested and what it needs.

use std::collections::BTreeMap;
use std::path::Path;

use crate::plan::{PROJECT_FILES, version_files};
use crate::workflow::Workflow;

/// Deepest folder that is looked into for files of dependencies.
const DEPTH: usize = 4;
/// Most files of dependencies that are read.
const FILES: usize = 1000;
/// Longest file that is read; of a lock file only its being there matters.
const BYTES: u64 = 512 * 1024;

/// Files of dependencies by their names. Those that end in `.txt` or `.in` may have any.
const NAMES: &[&str] = &[
    ".python-version",
    "Pipfile",
    "Pipfile.lock",
    "hatch.toml",
    "noxfile.py",
    "pdm.lock",
    "pdm.toml",
    "poetry.lock",
    "poetry.toml",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "tox.toml",
    "uv.lock",
    "uv.toml",
];

/// The files with a fixed name.
pub(super) fn fixed(root: &Path) -> BTreeMap<String, String> {
    let names = PROJECT_FILES.iter().map(|name| (*name).to_owned());
    names
        .filter_map(|name| {
            let text = std::fs::read_to_string(root.join(&name)).ok()?;
            Some((name, text))
        })
        .collect()
}

/// The files by their paths: those with a fixed name, those that set-up steps name and
/// that lie in the repository, and those with dependencies.
pub(super) fn read(root: &Path, workflow: &Workflow) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = PROJECT_FILES
        .iter()
        .map(|name| (*name).to_owned())
        .chain(version_files(workflow))
        .filter(|name| {
            Path::new(name)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)))
        })
        .filter_map(|name| {
            let text = std::fs::read_to_string(root.join(&name)).ok()?;
            Some((name, text))
        })
        .collect();
    dependencies(root, "", DEPTH, &mut found);
    found
}

/// Adds the files of dependencies below a folder. What cannot be read is not there.
fn dependencies(root: &Path, below: &str, depth: usize, found: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(root.join(below)) else {
        return;
    };
    for entry in entries.flatten() {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
            continue;
        };
        let path = if below.is_empty() {
            name.clone()
        } else {
            format!("{below}/{name}")
        };
        if kind.is_dir() {
            let foreign = name.starts_with('.') || name == "node_modules" || name == "venv";
            if depth > 1 && !foreign {
                dependencies(root, &path, depth - 1, found);
            }
            continue;
        }
        let listed = name.ends_with(".txt") || name.ends_with(".in");
        if !kind.is_file() || !(listed || NAMES.contains(&name.as_str())) {
            continue;
        }
        if found.len() >= FILES || found.contains_key(&path) {
            continue;
        }
        let short = entry.metadata().is_ok_and(|meta| meta.len() <= BYTES);
        if name.ends_with(".lock") {
            found.insert(path, String::new());
        } else if short && let Ok(text) = std::fs::read_to_string(entry.path()) {
            found.insert(path, text);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn files_of_dependencies_are_found_and_others_are_not() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("requirements.txt", "flask\n"),
            ("requirements/dev.in", "pytest\n"),
            ("lib/pyproject.toml", "[project]\n"),
            ("uv.lock", "long\n"),
            ("src/main.py", "1\n"),
            ("venv/lib/x.txt", "1\n"),
            (".tox/x.txt", "1\n"),
            ("a/b/c/d/e.txt", "1\n"),
        ] {
            let file = dir.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let workflow =
            crate::workflow::parse("on: push\njobs:\n  a:\n    runs-on: x\n    steps: [run: a]\n")
                .unwrap()
                .workflow;
        let found = read(dir.path(), &workflow);
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "lib/pyproject.toml",
                "requirements.txt",
                "requirements/dev.in",
                "uv.lock"
            ]
        );
        assert_eq!(found["uv.lock"], "");
    }
}
