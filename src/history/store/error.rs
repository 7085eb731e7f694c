//! What can be wrong with a history.

use crate::history::pack::PackError;

/// What kind of trouble it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Another process has held it for longer than was waited.
    Locked,
    /// It is damaged, or no database at all.
    Damaged,
    /// It is the database of something else, or a link.
    Foreign,
    /// A later version of seatrial made it, and this one can only read it.
    Later,
    /// It may not be written to.
    ReadOnly,
    /// The disk is full.
    Full,
    /// The server cannot be reached, or refuses.
    Unreachable,
    /// Anything else.
    Other,
}

/// Why a history cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct StoreError {
    /// The kind.
    pub(crate) trouble: Trouble,
    /// One line, without full stop and without a password.
    pub(crate) message: String,
    /// The way out, where there is one to tell.
    pub(crate) hint: Option<String>,
}

impl StoreError {
    /// Trouble of a kind.
    pub(super) fn new(trouble: Trouble, message: impl Into<String>) -> Self {
        Self {
            trouble,
            message: message.into(),
            hint: None,
        }
    }

    /// The same with a way out.
    #[must_use]
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The database holds what it cannot hold.
    pub(super) fn damaged(what: impl std::fmt::Display) -> Self {
        Self::new(Trouble::Damaged, format!("the history is damaged: {what}"))
    }
}

impl From<PackError> for StoreError {
    fn from(error: PackError) -> Self {
        match error {
            PackError::TooLarge => {
                Self::new(Trouble::Other, "the run is too large for the history")
            }
            PackError::Missing | PackError::Damaged(_) => Self::damaged(error),
        }
    }
}
