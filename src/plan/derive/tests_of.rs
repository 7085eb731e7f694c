//! Environments that a test step's own tool would make first: tox, nox, hatch.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::script::{self, base_name};

use super::command::Part;
use super::{Cache, Phase, words};

/// What makes the environments that the script's test commands use. `has` tells the
/// commands that the image has, `variable` the values of variables.
pub(super) fn environments(
    text: &str,
    files: &BTreeMap<String, String>,
    has: &BTreeSet<String>,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    for command in script::parse(text) {
        if command.conditional || command.directory.as_deref() != Some("") {
            continue;
        }
        let line: Option<Vec<String>> = command
            .words
            .iter()
            .map(|word| words::expanded(word, &variable))
            .collect();
        let Some(line) = line else { continue };
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let (tool, rest) = match line.as_slice() {
            [first, "-m", module, rest @ ..] if base_name(first).starts_with("python") => {
                (*module, rest)
            }
            [first, rest @ ..] => (base_name(first), rest),
            [] => continue,
        };
        // What follows is for the tests.
        let rest = rest.split(|word| *word == "--").next().unwrap_or(rest);
        if !has.contains(tool) {
            continue;
        }
        match tool {
            "tox" => parts.extend(tox(rest, files, variable("TOXENV").is_some())),
            "nox" => parts.extend(nox(rest, files)),
            "hatch" => parts.extend(hatch(rest)),
            _ => {}
        }
    }
    parts
}

/// `tox … --notest`: without a named environment tox would make all of them, and with a
/// plugin that chooses by what GitHub's runner has, others than here.
fn tox(rest: &[&str], files: &BTreeMap<String, String>, named: bool) -> Vec<Part> {
    const CONFIG: &[&str] = &["tox.ini", "tox.toml", "setup.cfg", "pyproject.toml"];
    let configs: Vec<(&str, &String)> = CONFIG
        .iter()
        .filter_map(|name| Some((*name, files.get(*name)?)))
        .collect();
    let chosen_elsewhere = |text: &str| {
        text.contains("[gh-actions") || text.contains("[gh]") || text.contains("tox-gh")
    };
    let named = named
        || rest
            .iter()
            .any(|word| word.starts_with("-e") || word.starts_with("--env"));
    if !named || configs.iter().any(|(_, text)| chosen_elsewhere(text)) {
        return Vec::new();
    }
    let line = |more: &[&str]| words::line(["tox"].iter().chain(rest).chain(more).copied());
    let mut parts = Vec::new();
    // The dependencies alone, where the files that they are in are known.
    if let Some(mut copies) = files_of_tox(&configs, files) {
        copies.extend(configs.iter().map(|(name, _)| (*name).to_owned()));
        parts.push(
            Part::new(
                Phase::Dependencies,
                line(&["--notest", "--skip-pkg-install"]),
            )
            .with_cache(Cache::Pip)
            .with_files(copies),
        );
    }
    parts.push(Part::new(Phase::Source, line(&["--notest"])).with_cache(Cache::Pip));
    parts
}

/// Requirements files that tox's configuration names; `None` when one cannot be told.
fn files_of_tox(
    configs: &[(&str, &String)],
    files: &BTreeMap<String, String>,
) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let lines = configs
        .iter()
        .filter(|(name, _)| name.starts_with("tox"))
        .flat_map(|(_, text)| text.lines());
    for line in lines {
        let Some((_, file)) = ["-r", "-c"].iter().find_map(|option| {
            line.trim().split_once(option).filter(|(before, _)| {
                before.is_empty() || before.ends_with([' ', ':', '=', '"', '\'', '['])
            })
        }) else {
            continue;
        };
        let file = file
            .trim_matches([' ', '"', '\'', ',', ']', '='])
            .replace("{toxinidir}/", "")
            .replace("{tox_root}/", "");
        let file = file.trim_start_matches("./");
        if !words::is_plain_path(file) || !files.contains_key(file) {
            return None;
        }
        found.insert(file.to_owned());
    }
    Some(found)
}

/// nox makes its environments anew unless it is told to use them again.
fn nox(rest: &[&str], files: &BTreeMap<String, String>) -> Option<Part> {
    let flagged = rest.iter().any(|word| {
        matches!(
            *word,
            "-r" | "-R"
                | "--reuse-existing-virtualenvs"
                | "--reuse-venv=yes"
                | "--reuse-venv=always"
        )
    });
    let written = files.get("noxfile.py").is_some_and(|text| {
        text.contains("reuse_existing_virtualenvs = True")
            || text.contains("reuse_venv = \"yes\"")
            || text.contains("reuse_venv = \"always\"")
            || text.contains("reuse_venv=True")
    });
    if !(flagged || written) {
        return None;
    }
    // `-R` would leave the installation out.
    let words: Vec<&str> = rest
        .iter()
        .map(|word| if *word == "-R" { "-r" } else { word })
        .collect();
    let line = words::line(
        ["nox"]
            .iter()
            .chain(&words)
            .chain(&["--install-only"])
            .copied(),
    );
    Some(Part::new(Phase::Source, line).with_cache(Cache::Pip))
}

/// `hatch run ENV:script`: the environment.
fn hatch(rest: &[&str]) -> Option<Part> {
    let [verb, script, ..] = rest else {
        return None;
    };
    if *verb != "run" || script.starts_with(['+', '-']) {
        return None;
    }
    let mut line = vec!["hatch", "env", "create"];
    line.extend(script.split_once(':').map(|(environment, _)| environment));
    Some(Part::new(Phase::Source, words::line(line)).with_cache(Cache::Pip))
}
