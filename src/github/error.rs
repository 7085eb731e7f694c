//! What GitHub refuses, in words that say what to do.

use std::fmt;

use serde::Deserialize;

use super::call::Call;
use crate::record::Cause;

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The token is not accepted (401).
    Login,
    /// The token may not do this (403).
    Permission,
    /// It is not there, or must not be seen (404).
    Missing,
    /// It was there (410): logs and artifacts are kept for a time.
    Gone,
    /// It contradicts what is there (409).
    Conflict,
    /// What was sent is not accepted (422, 400 and others).
    Invalid,
    /// Too many requests, and no time to wait for more.
    Limit,
    /// GitHub cannot be reached, or is at fault itself.
    Unavailable,
    /// What comes is larger than what is taken.
    TooLarge,
    /// This machine's own files cannot be written.
    Local,
}

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GithubError {
    /// What kind of trouble it is.
    pub(crate) trouble: Trouble,
    /// What is wrong, one line; it names the call.
    pub(crate) message: String,
    /// The way out.
    pub(crate) hint: Option<String>,
}

impl fmt::Display for GithubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GithubError {}

impl GithubError {
    /// An error without a way out.
    pub(super) fn new(trouble: Trouble, message: impl Into<String>) -> Self {
        Self {
            trouble,
            message: message.into(),
            hint: None,
        }
    }

    /// The same error with a way out.
    #[must_use]
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The published reason.
    pub(crate) fn cause(&self) -> Cause {
        match self.trouble {
            Trouble::Login | Trouble::Permission => Cause::GithubLogin,
            Trouble::Missing | Trouble::Gone | Trouble::Conflict | Trouble::Invalid => {
                Cause::GithubRequest
            }
            Trouble::TooLarge => Cause::GithubRequest,
            Trouble::Limit | Trouble::Unavailable => Cause::GithubUnavailable,
            Trouble::Local => Cause::OutputWriteFailed,
        }
    }
}

/// What an error says in GitHub's own words.
#[derive(Debug, Default, Deserialize)]
struct Said {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<serde_json::Value>,
}

/// Longest text of GitHub that is repeated, in characters.
const LONGEST: usize = 300;

/// GitHub's own words in the body of an error, on one line.
pub(super) fn said(body: &[u8]) -> String {
    let said: Said = serde_json::from_slice(body).unwrap_or_default();
    let mut text = said.message;
    for error in &said.errors {
        let more = error
            .get("message")
            .unwrap_or(error)
            .as_str()
            .map(ToOwned::to_owned);
        let more = more.or_else(|| {
            let field = error.get("field")?.as_str()?;
            Some(format!("{field}: {}", error.get("code")?.as_str()?))
        });
        if let Some(more) = more {
            text.push_str("; ");
            text.push_str(&more);
        }
    }
    let text: Vec<&str> = text.split_whitespace().collect();
    text.join(" ").chars().take(LONGEST).collect()
}

/// What an answer tells that is an error.
pub(super) struct Refused<'a> {
    /// Its status.
    pub(super) status: u16,
    /// GitHub's words.
    pub(super) said: &'a str,
    /// The permissions that GitHub itself names as enough
    /// (`X-Accepted-GitHub-Permissions`, or the scopes of a classic token).
    pub(super) accepted: Option<&'a str>,
    /// `owner/name`.
    pub(super) repository: &'a str,
    /// Where the token was found.
    pub(super) found: &'a str,
}

impl Refused<'_> {
    /// The error.
    pub(super) fn of(&self, call: &Call) -> GithubError {
        let what = format!("{} {}", call.method.as_str(), call.path);
        let words = match self.said {
            "" => format!("status {}", self.status),
            said => format!("{said} ({})", self.status),
        };
        let message = |says: &str| format!("{what}: {says}: {words}");
        match self.status {
            401 => GithubError::new(
                Trouble::Login,
                message("GitHub does not accept the token"),
            )
            .with_hint(format!(
                "the token of {} has expired or is of another server; `gh auth login` or a new token helps",
                self.found
            )),
            403 => self.forbidden(call, &message("the token may not do this")),
            404 => GithubError::new(Trouble::Missing, message("GitHub knows no such thing"))
                .with_hint(format!(
                    "check the name; where {} is private, GitHub says the same of everything that the token of {} may not see ({})",
                    self.repository, self.found, call.needs
                )),
            409 => GithubError::new(Trouble::Conflict, message("it contradicts what is there")),
            410 => GithubError::new(Trouble::Gone, message("it is no longer kept"))
                .with_hint("GitHub deletes logs and artifacts after a time (90 days unless set otherwise); run it again"),
            400..=499 => {
                GithubError::new(Trouble::Invalid, message("GitHub does not accept this"))
            }
            _ => GithubError::new(Trouble::Unavailable, message("GitHub is at fault"))
                .with_hint(match call.may_be_repeated() {
                    true => "githubstatus.com tells of outages; try again later",
                    false => "it was not sent again, because it may have been done; look before you try again",
                }),
        }
    }

    fn forbidden(&self, call: &Call, message: &str) -> GithubError {
        let enough = match self.accepted {
            Some(accepted) if !accepted.is_empty() => format!("{} ({accepted})", call.needs),
            _ => call.needs.to_owned(),
        };
        let hint = if self.said.contains("SAML") {
            "the organisation asks for single sign-on: authorise the token for it in your settings at GitHub".to_owned()
        } else {
            format!(
                "the token of {} needs the permission {enough}; in a workflow that is a line below `permissions:`, and a pull request from a fork has none that writes",
                self.found
            )
        };
        GithubError::new(Trouble::Permission, message).with_hint(hint)
    }
}
