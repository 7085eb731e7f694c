//! `pip install` and `uv pip install`: what they install, and from which files.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::script::{base_name, join};
use crate::plan::setup::{RequirementLine, install_arguments, parse_requirements};

use super::words;

/// Files that include one another are followed this deep.
const MAX_DEPTH: usize = 10;

/// Options with a value that may be baked: they name indexes and how to choose.
const VALUED: &[&str] = &[
    "-i",
    "--index-url",
    "--extra-index-url",
    "--trusted-host",
    "--timeout",
    "--retries",
    "--upgrade-strategy",
    "--only-binary",
    "--no-binary",
    "--progress-bar",
    "--config-settings",
    "-C",
    "--root-user-action",
    "--extra",
    "--group",
    "--resolution",
    "--prerelease",
    "--index-strategy",
    "--exists-action",
];

/// Options without a value.
const FLAGS: &[&str] = &[
    "-U",
    "--upgrade",
    "-q",
    "-qq",
    "--quiet",
    "-v",
    "-vv",
    "-vvv",
    "--verbose",
    "--pre",
    "--no-deps",
    "--no-build-isolation",
    "--no-cache-dir",
    "--no-cache",
    "--prefer-binary",
    "--no-input",
    "--disable-pip-version-check",
    "--no-warn-script-location",
    "--require-hashes",
    "--force-reinstall",
    "-I",
    "--ignore-installed",
    "--break-system-packages",
    "--use-pep517",
    "--all-extras",
    "--reinstall",
    "--no-color",
];

/// Options that mean nothing in the image's own environment.
const DROPPED: &[&str] = &["--user", "--require-virtualenv"];

/// What one command installs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Install {
    /// The command's words, as they are to be run.
    pub(super) words: Vec<String>,
    /// Files that it reads, and those that they include.
    pub(super) files: BTreeSet<String>,
    /// Projects of the repository that it installs: folder and extras.
    pub(super) projects: Vec<(String, Vec<String>)>,
    /// Whether something is fetched with git.
    pub(super) git: bool,
}

/// Reads the words of a command that runs in `directory`; `None` when it is no
/// installation, or one that is not understood whole. `files` are the repository's.
pub(super) fn install(
    command: &[String],
    directory: &str,
    files: &BTreeMap<String, String>,
) -> Option<Install> {
    let arguments = install_arguments(command)?;
    let (program, _) = command.split_at_checked(command.len() - arguments.len())?;
    let uv = program.first().is_some_and(|word| base_name(word) == "uv");
    let mut found = Install {
        words: program.to_vec(),
        ..Install::default()
    };
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        if !words::is_literal(word) {
            return None;
        }
        if DROPPED.contains(&word.as_str()) {
            continue;
        }
        found.words.push(word.clone());
        let (name, value) = match word.split_once('=').filter(|_| word.starts_with("--")) {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        let mut value_of = |found: &mut Install| -> Option<String> {
            if let Some(value) = &value {
                return Some(value.clone());
            }
            let next = rest.next().filter(|word| words::is_literal(word))?.clone();
            found.words.push(next.clone());
            Some(next)
        };
        match name {
            "-r" | "--requirement" | "--requirements" | "-c" | "--constraint" | "--constraints"
            | "--override" | "--overrides" => {
                let file = value_of(&mut found)?;
                read(&join(directory, &file), files, 0, uv, &mut found)?;
            }
            "-e" | "--editable" => {
                let what = value_of(&mut found)?;
                local(&what, directory, files, &mut found)?;
            }
            "--system" if uv => {}
            // The groups and extras stand there.
            "--group" | "--extra" | "--all-extras" => {
                if name != "--all-extras" {
                    value_of(&mut found)?;
                }
                let file = join(directory, "pyproject.toml");
                files
                    .contains_key(&file)
                    .then(|| found.files.insert(file))?;
            }
            _ if VALUED.contains(&name) => {
                value_of(&mut found)?;
            }
            _ if FLAGS.contains(&name) && value.is_none() => {}
            _ if let Some(file) = short_file(word) => {
                read(&join(directory, file), files, 0, uv, &mut found)?;
            }
            _ if word.starts_with('-') => return None,
            _ if is_local(word) => local(word, directory, files, &mut found)?,
            _ => found.git |= word.contains("git+"),
        }
    }
    Some(found)
}

/// `-rFILE`.
fn short_file(word: &str) -> Option<&str> {
    ["-r", "-c"]
        .iter()
        .find_map(|option| word.strip_prefix(option))
        .filter(|file| !file.is_empty())
}

/// Whether pip takes it for a path.
fn is_local(word: &str) -> bool {
    let path = word.split('[').next().unwrap_or(word);
    (path.starts_with('.') || path.contains('/') || path.ends_with(".whl"))
        && !path.contains("://")
        && !path.contains('@')
}

/// A project of the repository: `.`, `./lib[extra]`, `.[a,b]`.
fn local(
    what: &str,
    directory: &str,
    files: &BTreeMap<String, String>,
    found: &mut Install,
) -> Option<()> {
    if what.contains("://") {
        found.git |= what.contains("git+");
        return Some(());
    }
    let (path, extras) = match what.split_once('[') {
        Some((path, extras)) => (path, extras.strip_suffix(']')?),
        None => (what, ""),
    };
    let folder = join(directory, path.strip_prefix("file:").unwrap_or(path));
    let has = |name: &str| files.contains_key(&join(&folder, name));
    if folder.starts_with('/')
        || folder.split('/').any(|part| part == "..")
        || !(has("pyproject.toml") || has("setup.py") || has("setup.cfg"))
    {
        return None;
    }
    let extras = extras
        .split(',')
        .map(|extra| extra.trim().to_owned())
        .filter(|extra| !extra.is_empty())
        .collect();
    found.projects.push((folder, extras));
    Some(())
}

/// A requirements file and those that it includes.
fn read(
    file: &str,
    files: &BTreeMap<String, String>,
    depth: usize,
    uv: bool,
    found: &mut Install,
) -> Option<()> {
    if depth > MAX_DEPTH || !words::is_plain_path(file) {
        return None;
    }
    // A file that is made by a step, or that is not there, is for that step to say.
    let text = files.get(file)?;
    if !found.files.insert(file.to_owned()) {
        return Some(());
    }
    if file.ends_with(".toml") || file.ends_with(".cfg") || file.ends_with(".py") {
        // Only uv reads dependencies from these, and only static ones without building.
        return (uv && file.ends_with("pyproject.toml")).then_some(());
    }
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    for line in parse_requirements(text) {
        match line {
            RequirementLine::Include(other) | RequirementLine::Constraint(other) => {
                if !other.contains("://") {
                    read(&join(folder, &other), files, depth + 1, uv, found)?;
                }
            }
            RequirementLine::Requirement(requirement) => {
                let name = &requirement.name;
                if is_local(name) {
                    // Relative to where pip is started, which is not told here.
                    let path = name.split([' ', ';']).next().unwrap_or(name);
                    local(path, "", files, found)?;
                }
            }
            RequirementLine::Option(option) => {
                let local_links = option.starts_with("-f") || option.starts_with("--find-links");
                if local_links && !option.contains("://") {
                    return None;
                }
            }
        }
    }
    found.git |= text.contains("git+");
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read_line(line: &str) -> Option<Install> {
        let words: Vec<String> = line.split(' ').map(ToOwned::to_owned).collect();
        let files = [
            ("requirements.txt", "-r base.txt\nflask\n"),
            ("base.txt", "-c constraints.txt\nidna\n"),
            ("constraints.txt", "idna<4\n"),
            ("sub/dev.txt", "git+https://example.org/x\n"),
            ("own.txt", "-e .\npytest\n"),
            ("pyproject.toml", "[project]\nname='x'\n"),
            ("lib/setup.py", ""),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()));
        install(&words, "", &files.into())
    }

    fn files(line: &str) -> Vec<String> {
        read_line(line).unwrap().files.into_iter().collect()
    }

    #[test]
    fn files_are_followed() {
        assert_eq!(
            files("pip install -r requirements.txt"),
            ["base.txt", "constraints.txt", "requirements.txt"]
        );
        assert_eq!(
            files("python -m pip install --requirement=base.txt"),
            ["base.txt", "constraints.txt"]
        );
        assert!(read_line("pip3 install -rsub/dev.txt").unwrap().git);
        assert_eq!(read_line("pip install -r missing.txt"), None);
        assert_eq!(read_line("pip install -r ../x.txt"), None);
    }

    #[test]
    fn projects_are_told_from_packages() {
        let projects = |line: &str| read_line(line).unwrap().projects;
        assert_eq!(
            projects("pip install -e .[test,dev]"),
            [(String::new(), vec!["test".to_owned(), "dev".to_owned()])]
        );
        assert_eq!(projects("pip install ./lib"), [("lib".to_owned(), vec![])]);
        assert_eq!(
            projects("pip install -r own.txt"),
            [(String::new(), vec![])]
        );
        assert!(projects("pip install flask>=3 django[argon2]").is_empty());
        assert_eq!(read_line("pip install dist/x.whl"), None);
    }

    #[test]
    fn what_is_not_understood_is_not_baked() {
        for line in [
            "pip install --target=lib flask",
            "pip install -f wheels flask",
            "pip install $PACKAGE",
            "pip download flask",
            "npm install flask",
            "pip install -r",
        ] {
            assert_eq!(read_line(line), None, "{line}");
        }
        let kept = read_line("pip install --user -U pip").unwrap();
        assert_eq!(kept.words, ["pip", "install", "-U", "pip"]);
    }
}
