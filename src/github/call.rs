//! One request, before it is sent.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Read.
    Get,
    /// Create, or start.
    Post,
    /// Change.
    Patch,
}

impl Method {
    /// As HTTP writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
        }
    }
}

/// One request: it can be shown, and it can be sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// What is done.
    pub(crate) method: Method,
    /// The path below the API, with its query.
    pub(crate) path: String,
    /// What is sent along.
    pub(crate) body: Option<Value>,
    /// The permission that it takes, in GitHub's words: `Variables: write`.
    pub(crate) needs: &'static str,
}

/// As a dry run shows it: `PATCH /repos/o/r/actions/variables/A {"value":"false"}`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)?;
        match &self.body {
            Some(body) => write!(f, " {body}"),
            None => Ok(()),
        }
    }
}

impl Call {
    /// Reads something.
    pub(crate) fn get(path: impl Into<String>, needs: &'static str) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            body: None,
            needs,
        }
    }

    /// Creates something, or starts it.
    pub(crate) fn post(path: impl Into<String>, body: Value, needs: &'static str) -> Self {
        Self {
            method: Method::Post,
            body: Some(body),
            ..Self::get(path, needs)
        }
    }

    /// Changes something.
    pub(crate) fn patch(path: impl Into<String>, body: Value, needs: &'static str) -> Self {
        Self {
            method: Method::Patch,
            body: Some(body),
            ..Self::get(path, needs)
        }
    }

    /// Whether it may be sent again when nobody knows what became of it: a change to a given
    /// state comes to the same twice, what creates or starts something does not.
    pub(super) fn may_be_repeated(&self) -> bool {
        self.method != Method::Post
    }
}

/// Characters of a name that stand for themselves in a path.
const PLAIN: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A name as one segment of a path, or as a value of a query.
pub(super) fn segment(name: &str) -> String {
    utf8_percent_encode(name, &PLAIN).to_string()
}

/// A name whose slashes separate segments, such as a branch behind `heads/`.
pub(super) fn segments(name: &str) -> String {
    name.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_shows_all_that_would_be_sent() {
        let call = Call::patch("/repos/o/r", json!({"value": "false"}), "Variables: write");
        assert_eq!(call.to_string(), r#"PATCH /repos/o/r {"value":"false"}"#);
        assert!(call.may_be_repeated());
        assert!(!Call::post("/a", json!({}), "").may_be_repeated());
    }

    #[test]
    fn names_become_segments() {
        assert_eq!(segment("feature/a b?#"), "feature%2Fa%20b%3F%23");
        assert_eq!(segments("feature/a b"), "feature/a%20b");
        assert_eq!(segment("test.yml"), "test.yml");
    }
}
