//! What is wrong with a workflow file: one message with its place.

use std::fmt;
use std::sync::Arc;

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
    /// The file that the place is in; absent for the workflow that was asked for.
    pub(crate) file: Option<Arc<str>>,
}

impl Problem {
    /// A problem at a place.
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            hint: None,
            file: None,
        }
    }

    /// The same problem with a way out.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says which file the place is in, unless that is said already or it is the
    /// workflow that was asked for (an empty name).
    pub(crate) fn in_file(&mut self, file: &str) {
        if self.file.is_none() && !file.is_empty() {
            self.file = Some(file.into());
        }
    }
}

impl fmt::Display for Problem {
    /// The problem in one line, as GitHub writes it: `FILE (Line: L, Col: C): message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.span.start;
        if let Some(file) = &self.file {
            write!(f, "{file} ")?;
        }
        if start.line > 0 {
            write!(f, "(Line: {}, Col: {}): ", start.line, start.column)?;
        }
        f.write_str(&self.message)
    }
}
