//! What several jobs do again: building an image, downloading packages.

use std::collections::BTreeMap;

use crate::audit::container::{ContainerCall, Verb};
use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, View};
use crate::plan::base_name;
use crate::scan::FilePlace;

/// Finds ST3401 and ST3402.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let mut built: BTreeMap<String, Vec<(&str, FilePlace)>> = BTreeMap::new();
    let mut installed: BTreeMap<String, Vec<(&str, FilePlace)>> = BTreeMap::new();
    for job in &view.jobs {
        let name = job.job.id.as_str();
        for (what, place) in builds(view, job) {
            add(&mut built, what, name, place);
        }
        for (what, place) in installs(view, job) {
            add(&mut installed, what, name, place);
        }
    }
    let mut say = |rule, all: BTreeMap<String, Vec<(&str, FilePlace)>>, verb: &str| {
        for (what, jobs) in all.into_iter().filter(|(_, jobs)| jobs.len() > 1) {
            let names: Vec<String> = jobs.iter().map(|(job, _)| format!("`{job}`")).collect();
            if let Some((_, place)) = jobs.into_iter().nth(1) {
                let message = format!("jobs {} {verb} {what}", names.join(", "));
                found.push(Finding::new(rule, place, message));
            }
        }
    };
    say(Rule::ImageBuiltInEachJob, built, "each build");
    say(Rule::InstallWithoutCache, installed, "each download what");
}

/// Notes a job once for each thing.
fn add<'a>(
    all: &mut BTreeMap<String, Vec<(&'a str, FilePlace)>>,
    what: String,
    job: &'a str,
    place: FilePlace,
) {
    let jobs = all.entry(what).or_default();
    if !jobs.iter().any(|(known, _)| *known == job) {
        jobs.push((job, place));
    }
}

/// Images that a job builds without the layers of another build, by Dockerfile and target.
fn builds(view: &View<'_>, job: &JobView<'_>) -> Vec<(String, FilePlace)> {
    let mut found = Vec::new();
    for (_, uses) in job.actions() {
        if uses.is("docker/build-push-action") && uses.input("cache-from").is_empty() {
            let file = uses.input("file");
            found.push((shown(&file, &uses.input("target")), view.at(uses.text.span)));
        }
    }
    for (_, script, seen) in job.commands() {
        let words = &seen.command.words;
        let is_build = ContainerCall::of(words).is_some_and(|call| call.verb == Verb::Build);
        let cached = words.iter().any(|word| word.starts_with("--cache-from"));
        if is_build && !cached {
            let file = option(words, &["-f", "--file"]);
            let target = option(words, &["--target"]);
            found.push((shown(file, target), view.command(script, seen)));
        }
    }
    found
}

fn shown(file: &str, target: &str) -> String {
    let file = match file.trim_start_matches("./") {
        "" => "Dockerfile",
        file => file,
    };
    match target {
        "" => format!("`{file}`"),
        target => format!("target `{target}` of `{file}`"),
    }
}

fn option<'w>(words: &'w [String], names: &[&str]) -> &'w str {
    for (at, word) in words.iter().enumerate() {
        if names.contains(&word.as_str()) {
            return words.get(at + 1).map_or("", String::as_str);
        }
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        if names.contains(&name) {
            return value;
        }
    }
    ""
}

/// What a job installs without a cache, as the command says it.
fn installs(view: &View<'_>, job: &JobView<'_>) -> Vec<(String, FilePlace)> {
    let cached = job.actions().any(|(_, uses)| {
        let name = uses.name.to_ascii_lowercase();
        name.contains("cache")
            // Its cache is on by itself on GitHub's runners.
            || (name == "astral-sh/setup-uv" && uses.input("enable-cache") != "false")
            || !matches!(uses.input("cache").as_str(), "" | "false")
            || uses.input("enable-cache") == "true"
            || uses.input("bundler-cache") == "true"
    });
    if cached {
        return Vec::new();
    }
    let commands = job.commands();
    commands
        .filter_map(|(_, script, seen)| {
            let told = download(&seen.command.words)?;
            Some((format!("`{told}` brings"), view.command(script, seen)))
        })
        .collect()
}

/// A command that downloads a project's dependencies. A single tool is not worth a cache.
fn download(words: &[String]) -> Option<String> {
    let (program, rest) = words.split_first()?;
    let at = |at: usize| rest.get(at).map_or("", String::as_str);
    let has = |names: &[&str]| rest.iter().any(|word| names.contains(&word.as_str()));
    let project = || {
        has(&["-r", "--requirement"])
            || rest
                .iter()
                .any(|word| word == "." || word.starts_with(".["))
            || has(&["-e", "--editable"])
    };
    let downloads = match base_name(program) {
        "pip" | "pip3" => at(0) == "install" && project(),
        "python" | "python3" => at(0) == "-m" && at(1) == "pip" && at(2) == "install" && project(),
        "poetry" | "pdm" | "pipenv" | "bundle" => matches!(at(0), "install" | "sync"),
        "uv" => at(0) == "sync" || (at(0) == "pip" && at(1) == "install" && project()),
        "npm" => matches!(at(0), "ci" | "install") && at(1).starts_with('-') | at(1).is_empty(),
        "yarn" | "pnpm" => matches!(at(0), "" | "install"),
        _ => false,
    };
    downloads.then(|| words.join(" "))
}
