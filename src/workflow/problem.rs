//! What is wrong with a workflow file: one message with its place.

use super::node::Span;

/// One thing that is wrong with a workflow file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The place in the file.
    pub(crate) span: Span,
    /// What is wrong, one line, no full stop.
    pub(crate) message: String,
    /// What was expected, or the way out.
    pub(crate) hint: Option<String>,
}

impl Problem {
    /// A problem at a place.
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            hint: None,
        }
    }

    /// The same problem with a way out.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
