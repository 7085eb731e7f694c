//! Compose files, as docker's own plugin reads them.

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

/// The services of a compose file of the repository, and its text.
pub(super) fn services(
    request: &Request,
    wanted: &ServicesUse,
) -> Result<(ComposeServices, String), NotPrepared> {
    let file = &wanted.file;
    let path = request.root.join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let hint = "name a compose file of the repository".to_owned();
        NotPrepared::Other(Cause::PathInvalid, format!("{file}: {error}"), Some(hint))
    })?;
    let config = config(request, file, &path.to_string_lossy())?;
    match ComposeServices::read(&config, &text, wanted, &request.allowed_options) {
        Ok(services) => Ok((services, text)),
        Err(problems) => Err(NotPrepared::Problems(
            problems,
            [(file.clone(), text)].into(),
        )),
    }
}

/// What `docker compose config` makes of a file.
fn config(request: &Request, file: &str, path: &str) -> Result<Value, NotPrepared> {
    let unusable = |message: String, hint: Option<String>| {
        Err(NotPrepared::Other(Cause::ConfigInvalid, message, hint))
    };
    let install =
        format!("install it (https://docs.docker.com/compose/install/), or do without {file}");
    let Some(docker) = &request.docker else {
        let message = format!("{file} is read by `docker compose`, and there is no docker command");
        return unusable(message, Some(install));
    };
    let run = |arguments: &[&str]| tool::ask(docker, arguments, &request.root, &OFFLINE);
    let answer = match run(&["compose", "-f", path, "config", "--format", "json"]) {
        Ok(answer) => answer,
        Err(what) => {
            let message = format!("{file} cannot be read: `docker compose` {what}");
            return unusable(message, None);
        }
    };
    if answer.success {
        return serde_json::from_slice(&answer.output).or_else(|error| {
            let message = format!("{file}: the answer of `docker compose` cannot be read: {error}");
            let hint = "a newer version of it may help: `docker compose version`".to_owned();
            unusable(message, Some(hint))
        });
    }
    if !run(&["compose", "version"]).is_ok_and(|version| version.success) {
        let message = format!("{file} is read by `docker compose`, which is not installed");
        return unusable(message, Some(install));
    }
    let lines: Vec<&str> = answer
        .errors
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("time="))
        .collect();
    let from = lines.len().saturating_sub(QUOTED);
    let words = lines.get(from..).unwrap_or_default().join("; ");
    let message = format!("{file} cannot be used: `docker compose` says: {words}");
    unusable(message, None)
}
