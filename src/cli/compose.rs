//! Compose and bake files, as docker's own plugins read them.

use serde_json::Value;

use super::prepare::{NotPrepared, Request};
use super::tool;
use crate::plan::{ComposeServices, ServicesUse};
use crate::record::Cause;

/// Nothing is fetched for an answer (Compose, `COMPOSE_EXPERIMENTAL_…`).
const OFFLINE: [(&str, &str); 2] = [
    ("COMPOSE_EXPERIMENTAL_GIT_REMOTE", "false"),
    ("COMPOSE_EXPERIMENTAL_OCI_REMOTE", "false"),
];
/// Most lines of a plugin's own words that are quoted.
const QUOTED: usize = 5;

/// A compose file of the repository: its text, and what it comes to.
pub(super) struct ComposeFile {
    text: String,
    config: Value,
}

impl ComposeFile {
    /// Reads a file by its path in the repository.
    fn read(request: &Request, file: &str) -> Result<Self, NotPrepared> {
        let path = request.root.join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let hint = "name a compose file of the repository".to_owned();
            NotPrepared::Other(Cause::PathInvalid, format!("{file}: {error}"), Some(hint))
        })?;
        let path = path.to_string_lossy();
        let arguments = ["compose", "-f", &path, "config", "--format", "json"];
        let config = ask(request, "compose", file, &arguments)?;
        Ok(Self { text, config })
    }
}

/// The services of a compose file, and its text.
pub(super) fn services(
    request: &Request,
    wanted: &ServicesUse,
) -> Result<(ComposeServices, String), NotPrepared> {
    let ComposeFile { text, config } = ComposeFile::read(request, &wanted.file)?;
    match ComposeServices::read(&config, &text, wanted, None, &request.allowed_options) {
        Ok(services) => Ok((services, text)),
        Err(problems) => Err(NotPrepared::Problems(
            problems,
            [(wanted.file.clone(), text)].into(),
        )),
    }
}

/// What a plugin of the docker command answers about a file.
fn ask(
    request: &Request,
    plugin: &str,
    file: &str,
    arguments: &[&str],
) -> Result<Value, NotPrepared> {
    let other = |cause, message: String, hint: Option<String>| {
        Err(NotPrepared::Other(cause, message, hint))
    };
    let install =
        format!("install it (https://docs.docker.com/{plugin}/install/), or do without {file}");
    let Some(docker) = &request.docker else {
        let message =
            format!("{file} is read by `docker {plugin}`, and there is no docker command");
        return other(Cause::ConfigInvalid, message, Some(install));
    };
    let run = |arguments: &[&str]| tool::ask(docker, arguments, &request.root, &OFFLINE);
    let answer = match run(arguments) {
        Ok(answer) => answer,
        Err(what) => {
            let message = format!("{file} cannot be read: `docker {plugin}` {what}");
            return other(Cause::ConfigInvalid, message, None);
        }
    };
    if answer.success {
        return serde_json::from_slice(&answer.output).or_else(|error| {
            let message =
                format!("{file}: the answer of `docker {plugin}` cannot be read: {error}");
            let hint = format!("a newer version of it may help: `docker {plugin} version`");
            other(Cause::ConfigInvalid, message, Some(hint))
        });
    }
    if !run(&[plugin, "version"]).is_ok_and(|version| version.success) {
        let message = format!("{file} is read by `docker {plugin}`, which is not installed");
        return other(Cause::ConfigInvalid, message, Some(install));
    }
    let lines: Vec<&str> = answer
        .errors
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("time="))
        .collect();
    let from = lines.len().saturating_sub(QUOTED);
    let words = lines.get(from..).unwrap_or_default().join("; ");
    let message = format!("{file} cannot be used: `docker {plugin}` says: {words}");
    other(Cause::ConfigInvalid, message, None)
}
