//! Why a report cannot be read.

use thiserror::Error;

/// Longest piece of a report that is quoted in a message, in characters.
const QUOTE: usize = 60;

/// A report that cannot be read, and where in it the reader gave up.
///
/// A report with an error has no figures at all: what was read before the
/// damage is given up, except by [`super::junit::salvage`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}{}", place(*.offset))]
pub(crate) struct ResultsError {
    /// What is wrong.
    pub(crate) kind: ResultsErrorKind,
    /// Bytes from the start of the report, counted from 0; `None` where what is
    /// wrong has no place.
    pub(crate) offset: Option<u64>,
}

fn place(offset: Option<u64>) -> String {
    offset.map_or_else(String::new, |offset| format!(" (at byte {offset})"))
}

impl ResultsError {
    /// An error of the given kind at the given byte.
    pub(crate) fn new(kind: ResultsErrorKind, offset: u64) -> Self {
        Self {
            kind,
            offset: Some(offset),
        }
    }

    /// An error of the report as a whole.
    pub(crate) fn whole(kind: ResultsErrorKind) -> Self {
        Self { kind, offset: None }
    }
}

/// What is wrong with a report; every kind has a message of one line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum ResultsErrorKind {
    /// No bytes, or nothing but white space.
    #[error("the report is empty")]
    Empty,
    /// The report ends before its end mark.
    #[error("the report breaks off: {missing} is missing")]
    Truncated {
        /// The end mark: `</coverage>`, `end_of_record` …
        missing: String,
    },
    /// The text is no XML at all.
    #[error("the report is not XML: it begins with `{found}`")]
    NotXml {
        /// Its first characters.
        found: String,
    },
    /// XML, but of another kind.
    #[error("the root element is <{found}>, expected {expected}")]
    WrongRoot {
        /// Name of the root element.
        found: String,
        /// The names that would do.
        expected: &'static str,
    },
    /// Something follows the root element.
    #[error("something follows the end of the root element")]
    Trailing,
    /// The bytes are no UTF-8.
    #[error("the report is not UTF-8 text")]
    NotUtf8,
    /// The bytes look like UTF-16.
    #[error("the report is UTF-16 text, expected UTF-8")]
    Utf16,
    /// A NUL byte.
    #[error("the report contains a NUL byte")]
    Nul,
    /// The bytes are no SQLite database.
    #[error("the report is no SQLite database: it begins with `{found}`")]
    NotSqlite {
        /// Its first characters.
        found: String,
    },
    /// A database, but not of a form that is understood.
    #[error("the coverage data has schema {found}; {expected} is understood")]
    Schema {
        /// The schema of the data.
        found: i64,
        /// The schema that would do.
        expected: i64,
    },
    /// More bytes than a report may have.
    #[error("the report has {bytes} bytes, more than {limit}")]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Elements nested too deeply.
    #[error("elements are nested deeper than {limit}")]
    TooDeep {
        /// The limit in levels.
        limit: usize,
    },
    /// More of something than a report may have.
    #[error("more than {limit} {what}")]
    TooMany {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The document declares entities of its own; they are never expanded.
    #[error("the document declares entities, which are not expanded")]
    Entities,
    /// A required attribute is not there.
    #[error("<{element}> has no attribute `{attribute}`")]
    MissingAttribute {
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: &'static str,
    },
    /// Text where a number is due, or a number out of range.
    #[error("bad {what}: `{text}`")]
    BadNumber {
        /// What the number is.
        what: &'static str,
        /// The text that stands in its place.
        text: String,
    },
    /// Anything else.
    #[error("{reason}")]
    Invalid {
        /// One line in words.
        reason: String,
    },
}

impl ResultsErrorKind {
    /// [`Self::BadNumber`] with the text cut to what fits into a message.
    pub(crate) fn bad_number(what: &'static str, text: &str) -> Self {
        Self::BadNumber {
            what,
            text: quote(text),
        }
    }

    /// [`Self::Invalid`] with the reason as it is.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid {
            reason: reason.into(),
        }
    }
}

/// A piece of a report for use in a message: one line, no control characters,
/// cut after [`QUOTE`] characters.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted: String = text
        .chars()
        .take(QUOTE)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(QUOTE).is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_short_line() {
        let text = "1\n".repeat(10_000);
        let error = ResultsError::new(ResultsErrorKind::bad_number("line number", &text), 17);
        let message = error.to_string();
        assert!(message.starts_with("bad line number: `1\u{fffd}1"));
        assert!(message.ends_with("…` (at byte 17)"));
        assert_eq!(message.lines().count(), 1);
        assert!(message.chars().count() < 120);
    }
}
