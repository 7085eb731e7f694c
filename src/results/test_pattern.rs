//! Patterns of test ids, as settings have them.

use globset::{GlobBuilder, GlobMatcher};

/// A glob pattern of node ids: `*` is any text, `?` one character. Brackets stand for
/// themselves, as ids of parametrised tests have them.
#[derive(Debug, Clone)]
pub(crate) struct TestPattern {
    text: String,
    matcher: GlobMatcher,
}

impl PartialEq for TestPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl TestPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let literal: String = text
            .chars()
            .flat_map(|c| match c {
                '[' | ']' | '{' | '}' | '\\' => vec!['\\', c],
                _ => vec![c],
            })
            .collect();
        let glob = GlobBuilder::new(&literal)
            .literal_separator(false)
            .backslash_escape(true)
            .build()
            .map_err(|error| error.kind().to_string())?;
        Ok(Self {
            text: text.to_owned(),
            matcher: glob.compile_matcher(),
        })
    }

    /// The pattern as it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it means a test.
    pub(crate) fn means(&self, id: &str) -> bool {
        self.matcher.is_match(id)
    }
}
