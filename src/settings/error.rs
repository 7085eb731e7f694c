//! What can be wrong with settings.

use crate::record::Cause;
use crate::workflow::Problem;

/// A settings file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileError {
    /// The file, as a person would name it.
    pub(crate) file: String,
    /// Its text; empty when it cannot be read.
    pub(crate) text: String,
    /// Everything that is wrong with it.
    pub(crate) problems: Vec<Problem>,
}

/// A flag, a variable or a combination of them that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueError {
    /// The published reason.
    pub(crate) cause: Cause,
    /// What is wrong, one line.
    pub(crate) message: String,
    /// What was expected.
    pub(crate) hint: Option<String>,
}

impl ValueError {
    /// An error without a hint.
    pub(super) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
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
}
