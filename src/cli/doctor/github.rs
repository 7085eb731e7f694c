//! `seatrial doctor --github`: the token, the repository, the flag of a conversion, and the
//! checks that a merge requires.

use std::path::Path;

use jiff::Timestamp;

use super::checks::{Check, Status};
use super::names::names;
use super::required::judge;
use crate::cli::App;
use crate::cli::github::connect;
use crate::cli::project;
use crate::convert::{FLAG, is_flag};
use crate::github::{Client, GithubError, Known, SetAt, Trouble, required_checks};
use crate::record::{Cause, EXIT_SUCCESS};

/// Requests below which it is worth saying that they become few.
const FEW: u64 = 100;

/// Everything about the link to GitHub, and the exit code.
pub(super) fn checks(app: &App) -> (Vec<Check>, u8) {
    let root = project::root(app, None).ok();
    let client = match connect(app, root.as_deref(), None) {
        Ok(client) => client,
        Err(error) => {
            let check = Check::fail("token", &error.message, error.hint.as_deref());
            return (vec![check], error.cause.exit_code());
        }
    };
    let mut found = Found::default();
    // Without a token that counts, or without the repository, there is nothing more to see.
    if found.take("token", token(&client)).is_none()
        || found.take("requests", requests(&client)).is_none()
    {
        return found.end();
    }
    let Some(known) = found.take("repository", repository(&client)) else {
        return found.end();
    };
    found.take(FLAG, flag(&client));
    found.take(
        "required checks",
        required(app, &client, root.as_deref(), &known),
    );
    found.end()
}

/// What was found so far.
#[derive(Default)]
struct Found {
    checks: Vec<Check>,
    cause: Option<Cause>,
}

impl Found {
    /// Adds what was found of something, or what is in the way.
    fn take<T>(&mut self, name: &str, found: Result<(Vec<Check>, T), GithubError>) -> Option<T> {
        match found {
            Ok((checks, more)) => {
                self.checks.extend(checks);
                Some(more)
            }
            Err(error) => {
                let check = Check::fail(name, &error.message, error.hint.as_deref());
                self.checks.push(check);
                self.cause = self.cause.or(Some(error.cause()));
                None
            }
        }
    }

    /// The lines, and the exit code: that of the first trouble, else that of a check which
    /// would be lost.
    fn end(self) -> (Vec<Check>, u8) {
        let fails = self.checks.iter().any(|check| check.status == Status::Fail);
        let code = match self.cause {
            Some(cause) => cause.exit_code(),
            None if fails => Cause::WorkflowWeakened.exit_code(),
            None => EXIT_SUCCESS,
        };
        (self.checks, code)
    }
}

/// Some lines, and nothing else.
type Lines = Result<(Vec<Check>, ()), GithubError>;

fn token(client: &Client) -> Lines {
    let who = client.who()?;
    let access = client.access();
    let whose = match &who.login {
        Some(login) => format!("of {login}"),
        None => "of an app, such as that of a workflow".to_owned(),
    };
    let may = match &who.scopes {
        Some(scopes) if scopes.is_empty() => "without scopes".to_owned(),
        Some(scopes) => format!("scopes {scopes}"),
        None => "GitHub does not tell its permissions".to_owned(),
    };
    let message = format!(
        "{}, for {}: {whose}; {may}",
        access.found, access.server.host
    );
    Ok((vec![Check::ok("token", &message)], ()))
}

fn requests(client: &Client) -> Lines {
    let Some(limit) = client.limit()? else {
        return Ok((vec![Check::ok("requests", "this server has no limits")], ()));
    };
    let message = format!(
        "{} of {} are left for this hour",
        limit.remaining, limit.limit
    );
    let check = match limit.remaining < FEW {
        false => Check::ok("requests", &message),
        true => {
            let until = Timestamp::from_second(limit.reset).unwrap_or_default();
            let remedy = format!("there are {} again at {until}", limit.limit);
            Check::warn("requests", &message, &remedy)
        }
    };
    Ok((vec![check], ()))
}

fn repository(client: &Client) -> Result<(Vec<Check>, Known), GithubError> {
    let known = client.known()?;
    let asked = client.repository().to_string();
    let visible = if known.private { "private" } else { "public" };
    let message = format!(
        "{}, {visible}, default branch {}",
        known.full_name, known.default_branch
    );
    let check = match known.full_name.eq_ignore_ascii_case(&asked) {
        true => Check::ok("repository", &message),
        false => Check::warn(
            "repository",
            &message,
            &format!("{asked} was renamed: `git remote set-url origin` with the new name"),
        ),
    };
    Ok((vec![check], known))
}

fn flag(client: &Client) -> Lines {
    let found = match client.effective_variable(FLAG) {
        // Not needed for anything else.
        Err(error) if error.trouble == Trouble::Permission => {
            let message = format!("cannot be read: {}", error.message);
            let remedy = error.hint.unwrap_or_default();
            return Ok((vec![Check::warn(FLAG, &message, &remedy)], ()));
        }
        other => other?,
    };
    let check = match found {
        None => Check::ok(
            FLAG,
            "not set: the default in the converted workflow counts",
        ),
        Some((value, at)) => {
            let by = match at {
                SetAt::Repository => "in the repository",
                SetAt::Organisation => "in the organisation",
            };
            let message = format!("`{value}`, set {by}");
            match is_flag(&value) {
                true => Check::ok(FLAG, &message),
                false => Check::warn(
                    FLAG,
                    &message,
                    "it is true, false, shadow, or a percentage such as 25%",
                ),
            }
        }
    };
    Ok((vec![check], ()))
}

fn required(app: &App, client: &Client, root: Option<&Path>, known: &Known) -> Lines {
    let required = required_checks(client, &known.default_branch)?;
    let mut checks = Vec::new();
    let files = match root.map(|root| names(app, root)) {
        None if required.is_empty() => Vec::new(),
        None => {
            let message = format!(
                "{} are required, and there is no checkout to look at",
                required.len()
            );
            let remedy = "start seatrial in a checkout of the repository";
            return Ok((vec![Check::warn("required checks", &message, remedy)], ()));
        }
        Some(Err(error)) => {
            let check = Check::warn("workflows", &error.message, "see `seatrial plan`");
            return Ok((vec![check], ()));
        }
        Some(Ok((files, unread))) => {
            for one in unread {
                checks.push(Check::warn("workflows", &one, "see `seatrial plan`"));
            }
            files
        }
    };
    checks.extend(judge(
        &required,
        &files,
        client.access().server.host == "github.com",
    ));
    Ok((checks, ()))
}
