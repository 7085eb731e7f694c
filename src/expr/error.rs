//! The one error of the room: GitHub's wording and the place it is about.

/// An expression that cannot be read or evaluated.
///
/// `message` is worded as the GitHub runner words it (`ParseException`,
/// `ExpressionResources` and `TemplateStrings` in actions/runner), so that what a
/// user sees here is what GitHub would have shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ExprError {
    /// What is wrong, in GitHub's words.
    pub(crate) message: String,
    /// Where it is: a byte offset within the text that was given to be parsed
    /// (for a template, the whole text and not the single expression).
    pub(crate) offset: usize,
}

impl ExprError {
    /// An error with a message of its own.
    pub(crate) fn new(message: impl Into<String>, offset: usize) -> Self {
        Self {
            message: message.into(),
            offset,
        }
    }

    /// An error about one token, worded
    /// `<what>: '<token>'. Located at position <n> within expression: <source>`.
    ///
    /// The position is counted from one in UTF-16 units, as .NET strings are.
    /// `base` is where `source` begins in the text the offset shall refer to.
    pub(crate) fn at_token(
        what: &str,
        source: &str,
        token: std::ops::Range<usize>,
        base: usize,
    ) -> Self {
        let before = source.get(..token.start).unwrap_or(source);
        let raw = source.get(token.clone()).unwrap_or_default();
        let position = before.encode_utf16().count() + 1;
        Self::new(
            format!("{what}: '{raw}'. Located at position {position} within expression: {source}"),
            base + token.start,
        )
    }
}
