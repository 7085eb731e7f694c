//! Compose and bake files, as docker's own plugins read them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::prepare::{NotPrepared, Request};
use super::tool;
use crate::plan::{ComposeServices, Definition, DefinitionKind, DefinitionUse, ServicesUse};
use crate::record::Cause;
use crate::settings::BuiltFrom;

/// Nothing is fetched for an answer (Compose, `COMPOSE_EXPERIMENTAL_…`).
const OFFLINE: [(&str, &str); 2] = [
    ("COMPOSE_EXPERIMENTAL_GIT_REMOTE", "false"),
    ("COMPOSE_EXPERIMENTAL_OCI_REMOTE", "false"),
];
/// Files that bake reads where none is named, those for compose not counted (Docker's
/// documentation, "Bake file reference").
const BAKE_FILES: [&str; 4] = [
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
];
/// Most bytes of a file.
const MOST: u64 = 4 << 20;
/// Most lines of a plugin's own words that are quoted.
const QUOTED: usize = 5;

/// A plugin of the docker command.
#[derive(Debug, Clone, Copy)]
struct Plugin {
    name: &'static str,
    /// Where it is told how to install it.
    install: &'static str,
}

const COMPOSE: Plugin = Plugin {
    name: "compose",
    install: "https://docs.docker.com/compose/install/",
};
const BUILDX: Plugin = Plugin {
    name: "buildx",
    install: "https://github.com/docker/buildx#installing",
};

/// The services of a compose file of the repository, and its text.
pub(super) fn services(
    request: &Request,
    wanted: &ServicesUse,
) -> Result<(ComposeServices, String), NotPrepared> {
    let file = &wanted.file;
    let path = request.root.join(file);
    let text = read(file, &path, "name a compose file of the repository")?;
    let arguments = ["-f", &path.to_string_lossy(), "config", "--format", "json"];
    let config = ask(request, COMPOSE, file, &arguments)?;
    // The service whose image the tests run in is none beside them.
    let own = match &request.built {
        Some(BuiltFrom::Definition(own))
            if own.kind == DefinitionKind::Compose
                && own.file.as_ref().is_some_and(|file| same(file, &path)) =>
        {
            Some(own.name.as_str())
        }
        _ => None,
    };
    match ComposeServices::read(&config, &text, wanted, own, &request.allowed_options) {
        Ok(services) => Ok((services, text)),
        Err(problems) => Err(NotPrepared::Problems(
            problems,
            [(file.clone(), text)].into(),
        )),
    }
}

/// How a file describes the tests' image, and the file's name for people.
pub(super) fn definition(
    request: &Request,
    wanted: &DefinitionUse,
) -> Result<(Definition, String), NotPrepared> {
    let path = match &wanted.file {
        Some(file) => file.clone(),
        None => bake_file(&request.root)?,
    };
    let file = shown(&path, &request.root);
    let noun = wanted.kind.noun();
    let text = read(&file, &path, &format!("name the file of the {noun}"))?;
    let whole = path.to_string_lossy();
    let in_file = |mut problems: Vec<_>| {
        for (_, problem) in &mut problems {
            let problem: &mut crate::workflow::Problem = problem;
            problem.in_file(&file);
        }
        NotPrepared::Problems(problems, [(file.clone(), text.clone())].into())
    };
    let answer = match wanted.kind {
        // A service for tests is often one that only a profile starts.
        DefinitionKind::Compose => {
            let arguments = ["--profile", "*", "-f", &whole, "config", "--format", "json"];
            ask(request, COMPOSE, &file, &arguments)
        }
        DefinitionKind::Bake => {
            let mut arguments = vec!["bake"];
            if wanted.file.is_some() {
                arguments.extend(["-f", &whole]);
            }
            arguments.extend(["--print", &wanted.name]);
            ask(request, BUILDX, &file, &arguments)
        }
    };
    let answer = match answer {
        Err(NotPrepared::Other(_, message, _)) if message.contains("failed to find target") => {
            let problem = Definition::no_target(&text, wanted);
            return Err(in_file(vec![(Cause::ConfigInvalid, problem)]));
        }
        answer => answer?,
    };
    let read = Definition::read(&answer, &text, wanted).map_err(in_file)?;
    Ok((read, file))
}

/// The first of the files that bake reads where none is named.
fn bake_file(root: &Path) -> Result<PathBuf, NotPrepared> {
    let mut usual = BAKE_FILES.iter().map(|name| root.join(name));
    usual.find(|path| path.is_file()).ok_or_else(|| {
        let message = "there is no docker-bake.hcl or docker-bake.json in the repository";
        let hint = "name the file, too: `FILE#TARGET`".to_owned();
        NotPrepared::Other(Cause::PathInvalid, message.to_owned(), Some(hint))
    })
}

/// A path relative to the repository, for people.
pub(super) fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

fn read(file: &str, path: &Path, hint: &str) -> Result<String, NotPrepared> {
    let unusable = |what: String| {
        let message = format!("{file}: {what}");
        NotPrepared::Other(Cause::PathInvalid, message, Some(hint.to_owned()))
    };
    let meta = std::fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
    if meta.len() > MOST {
        return Err(unusable(format!("is larger than {} MiB", MOST >> 20)));
    }
    std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))
}

fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// What a plugin of the docker command answers about a file. It runs in the repository.
fn ask(
    request: &Request,
    plugin: Plugin,
    file: &str,
    arguments: &[&str],
) -> Result<Value, NotPrepared> {
    let unusable = |message: String, hint: Option<String>| {
        Err(NotPrepared::Other(Cause::ConfigInvalid, message, hint))
    };
    let Plugin { name, install } = plugin;
    let install = format!("install it ({install}), or do without {file}");
    let Some(docker) = &request.docker else {
        let message = format!("{file} is read by `docker {name}`, and there is no docker command");
        return unusable(message, Some(install));
    };
    let run = |arguments: &[&str]| tool::ask(docker, arguments, &request.root, &OFFLINE);
    let answer = match run(&[&[name], arguments].concat()) {
        Ok(answer) => answer,
        Err(what) => {
            let message = format!("{file} cannot be read: `docker {name}` {what}");
            return unusable(message, None);
        }
    };
    if answer.success {
        return serde_json::from_slice(&answer.output).or_else(|error| {
            let message = format!("{file}: the answer of `docker {name}` cannot be read: {error}");
            let hint = format!("a newer version of it may help: `docker {name} version`");
            unusable(message, Some(hint))
        });
    }
    if !run(&[name, "version"]).is_ok_and(|version| version.success) {
        let message = format!("{file} is read by `docker {name}`, which is not installed");
        return unusable(message, Some(install));
    }
    let words = quoted(&answer.errors);
    let message = format!("{file} cannot be used: `docker {name}` says: {words}");
    unusable(message, None)
}

/// What a plugin says of its failure: behind an excerpt of the file, where it shows one.
fn quoted(errors: &str) -> String {
    let lines: Vec<&str> = errors
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("time="))
        .collect();
    let told = lines.iter().position(|line| line.starts_with("ERROR: "));
    let from = told.unwrap_or(0).max(lines.len().saturating_sub(QUOTED));
    let words = lines.get(from..).unwrap_or_default().join("; ");
    words.strip_prefix("ERROR: ").unwrap_or(&words).to_owned()
}
