//! The way to GitHub for commands that are asked to go there.

use std::fs::File;
use std::path::Path;
use std::str::FromStr;

use super::App;
use super::error::CliError;
use super::git;
use crate::github::{Artifact, Client, Run};
use crate::report::bytes;
use crate::settings::{NamedRepository, github};

/// A run on GitHub, as the command line names it: by its id, or by the address of its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunName {
    /// The id.
    pub(super) id: u64,
    /// Which attempt; the last one where it is absent.
    pub(super) attempt: Option<u64>,
    /// The repository, where the address tells it.
    pub(super) at: Option<NamedRepository>,
}

impl FromStr for RunName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "expected the id of a run, or its address: https://github.com/OWNER/NAME/actions/runs/ID"
                .to_owned()
        };
        if let Ok(id) = text.parse() {
            return Ok(Self {
                id,
                attempt: None,
                at: None,
            });
        }
        let rest = text.strip_prefix("https://").ok_or_else(wrong)?;
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let parts: Vec<&str> = rest.split('/').collect();
        let [host, owner, name, "actions", "runs", id, more @ ..] = parts.as_slice() else {
            return Err(wrong());
        };
        let attempt = match more {
            ["attempts", number, ..] => Some(number.parse().map_err(|_| wrong())?),
            _ => None,
        };
        Ok(Self {
            id: id.parse().map_err(|_| wrong())?,
            attempt,
            at: Some(NamedRepository {
                host: host.to_ascii_lowercase(),
                repository: format!("{owner}/{name}"),
            }),
        })
    }
}

/// A client for the repository that is asked for, else that of the environment or of the
/// checkout. Waits are told on standard error.
///
/// # Errors
/// No repository or no token is known.
pub(super) fn connect(
    app: &App,
    root: Option<&Path>,
    asked: Option<&NamedRepository>,
) -> Result<Client, CliError> {
    let origin = root.and_then(git::origin);
    let access = github(&app.environment, asked, origin.as_ref())?;
    let out = app.out.clone();
    Ok(Client::new(access, move |line| out.say(line)))
}

/// What a run is called where nobody sees its id.
pub(super) fn workflow_of(run: &Run) -> &str {
    run.name.as_deref().unwrap_or(&run.path)
}

/// The name of an artifact as that of a file.
pub(super) fn file_name(artifact: &Artifact) -> String {
    artifact.name.replace(['/', '\\'], "_")
}

/// The archive of an artifact of at most so many bytes; otherwise why there is none.
pub(super) fn archive(client: &Client, artifact: &Artifact, limit: u64) -> Result<File, String> {
    match artifact.size_in_bytes > limit {
        true => Err(format!("it has {}", bytes(artifact.size_in_bytes))),
        false => client
            .artifact(artifact.id, limit)
            .map_err(|error| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn runs_are_named_by_id_or_address() {
        let of = |text: &str| {
            let run: RunName = text.parse().unwrap();
            let at = run.at.map(|at| format!("{} {}", at.host, at.repository));
            (run.id, run.attempt, at.unwrap_or_default())
        };
        assert_eq!(of("12"), (12, None, String::new()));
        let sea = "github.com octo/sea".to_owned();
        for (tail, attempt) in [
            ("", None),
            ("?pr=7", None),
            ("/job/99#step:4:2", None),
            ("/attempts/2", Some(2)),
        ] {
            let text = format!("https://github.com/octo/sea/actions/runs/12{tail}");
            assert_eq!(of(&text), (12, attempt, sea.clone()), "{text}");
        }
        for wrong in [
            "",
            "-1",
            "twelve",
            "http://github.com/octo/sea/actions/runs/12",
            "https://github.com/octo/sea/pull/12",
            "https://github.com/octo/sea/actions/runs/x",
        ] {
            assert!(wrong.parse::<RunName>().is_err(), "{wrong}");
        }
    }
}
