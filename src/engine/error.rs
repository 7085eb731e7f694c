//! What can go wrong with a job's environment.

use crate::docker::DockerError;
use crate::record::{Cause, Failure};

/// An environment could not do what it was asked for. A command that fails is
/// not an error.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct EngineError {
    /// The published reason.
    pub(crate) cause: Cause,
    /// One line for a person.
    pub(crate) message: String,
    /// Facts that led to it.
    pub(crate) evidence: Vec<String>,
    /// Label of the service that is at fault.
    pub(crate) service: Option<String>,
}

impl EngineError {
    /// An error with its reason.
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            evidence: Vec::new(),
            service: None,
        }
    }

    /// The same error, of a service.
    #[must_use]
    pub(crate) fn of_service(mut self, label: &str) -> Self {
        self.service = Some(label.to_owned());
        self
    }

    /// The error as it is recorded.
    pub(crate) fn failure(&self) -> Failure {
        Failure {
            evidence: self.evidence.clone(),
            ..Failure::new(self.cause, self.message.clone())
        }
    }
}

impl From<DockerError> for EngineError {
    fn from(error: DockerError) -> Self {
        Self::new(error.cause(), error.to_string())
    }
}
