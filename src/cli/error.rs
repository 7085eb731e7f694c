//! Why a command could not do its work.

use std::collections::BTreeMap;

use super::out::Out;
use super::problems::{self, Severity};
use crate::docker::DockerError;
use crate::engine::EngineError;
use crate::github::GithubError;
use crate::record::Cause;
use crate::settings::{FileError, SettingsError, ValueError};
use crate::workflow::Problem;

/// What a person reads instead of a result.
#[derive(Debug, Clone)]
pub(super) struct CliError {
    /// The published reason; decides the exit code.
    pub(super) cause: Cause,
    /// One line, no full stop.
    pub(super) message: String,
    /// More lines: what was tried, what there is.
    pub(super) details: Vec<String>,
    /// The way out.
    pub(super) hint: Option<String>,
    /// Problems of a file, shown with their places before the message.
    pub(super) problems: Option<Box<FileProblems>>,
}

/// Problems of one file.
#[derive(Debug, Clone)]
pub(super) struct FileProblems {
    /// The file, as a person would name it.
    pub(super) file: String,
    /// Its text; empty where it must not or cannot be shown.
    pub(super) text: String,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
    /// Texts of other files that problems are in, by name.
    pub(super) others: BTreeMap<String, String>,
}

impl CliError {
    /// An error without a way out.
    pub(super) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            details: Vec::new(),
            hint: None,
            problems: None,
        }
    }

    /// The same error with a way out.
    #[must_use]
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error for a command that can do without an engine.
    #[must_use]
    pub(super) fn with_fallback_hint(mut self) -> Self {
        self.details
            .push("with `--fallback` the jobs run on this machine, without containers".to_owned());
        self
    }

    /// The same error with more lines.
    #[must_use]
    pub(super) fn with_details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// Everything that is wrong with a file, each with its reason. The first class
    /// in the order of precedence decides.
    pub(super) fn of_problems(
        file: &str,
        text: &str,
        problems: Vec<(Cause, Problem)>,
        others: BTreeMap<String, String>,
    ) -> Self {
        let cause = problems
            .iter()
            .map(|(cause, _)| *cause)
            .min_by_key(|cause| cause.class())
            .unwrap_or(Cause::WorkflowInvalid);
        Self {
            problems: Some(Box::new(FileProblems {
                file: file.to_owned(),
                text: text.to_owned(),
                problems: problems.into_iter().map(|(_, problem)| problem).collect(),
                others,
            })),
            ..Self::new(cause, String::new())
        }
    }

    /// Shows it. Gives the exit code.
    pub(super) fn show(&self, out: &Out) -> u8 {
        if let Some(found) = &self.problems {
            problems::show(out, found, Severity::Error);
        }
        if !self.message.is_empty() {
            out.error(&self.message);
        }
        for line in &self.details {
            out.say(&format!("  {line}"));
        }
        if let Some(hint) = &self.hint {
            out.hint(hint);
        }
        self.cause.exit_code()
    }
}

impl From<FileError> for CliError {
    fn from(error: FileError) -> Self {
        let problems = error
            .problems
            .into_iter()
            .map(|problem| (Cause::ConfigInvalid, problem))
            .collect();
        Self::of_problems(&error.file, &error.text, problems, BTreeMap::new())
    }
}

impl From<ValueError> for CliError {
    fn from(error: ValueError) -> Self {
        Self {
            hint: error.hint,
            ..Self::new(error.cause, error.message)
        }
    }
}

impl From<SettingsError> for CliError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::File(error) => error.into(),
            SettingsError::Value(error) => error.into(),
        }
    }
}

impl From<EngineError> for CliError {
    fn from(error: EngineError) -> Self {
        Self::new(error.cause, error.message)
    }
}

impl From<GithubError> for CliError {
    fn from(error: GithubError) -> Self {
        Self {
            hint: error.hint.clone(),
            ..Self::new(error.cause(), error.message)
        }
    }
}

impl From<DockerError> for CliError {
    fn from(error: DockerError) -> Self {
        Self::new(error.cause(), error.to_string())
    }
}
