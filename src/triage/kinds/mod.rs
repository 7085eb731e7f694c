//! Phrases that tell what kind of failure a line is, for failures that no signature knows: a
//! kind is better than nothing, and where to look is half of what to do.
//!
//! A phrase that many meet deserves a signature with a cause and a next step instead: write
//! one in `table`, and the phrase here goes.

mod assertion;
mod general;
mod lint;
mod machine;
mod needs;
mod network;
mod packages;
mod services;
mod tests;

use super::signature::{Category, in_order};

/// A phrase and the kind of failure that it tells.
#[derive(Debug)]
pub(super) struct Kind {
    /// What kind.
    pub(super) category: Category,
    /// Words that all stand in the line, in this order.
    pub(super) words: &'static [&'static str],
    /// Whether it only tells who speaks: a line with a better phrase counts more.
    pub(super) vague: bool,
}

impl Kind {
    /// Whether a line has it.
    pub(super) fn fits(&self, line: &str) -> bool {
        in_order(self.words, line)
    }
}

/// Phrases, by kind: words in their order, alternatives after a comma.
macro_rules! kinds {
    (vague: $vague:literal; $($category:ident: $($words:expr),+ $(,)?;)*) => {
        /// The phrases of this file.
        pub(super) const KINDS: &[super::Kind] = &[$($(
            super::Kind {
                category: $crate::triage::signature::Category::$category,
                words: &$words,
                vague: $vague,
            },
        )+)*];
    };
}
use kinds;

/// All phrases; where two are in one line, the first one counts.
pub(super) fn all() -> impl Iterator<Item = &'static Kind> {
    [
        assertion::KINDS,
        lint::KINDS,
        machine::KINDS,
        network::KINDS,
        services::KINDS,
        needs::KINDS,
        packages::KINDS,
        tests::KINDS,
        general::KINDS,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod checks {
    use super::{Kind, all};

    #[test]
    fn no_phrase_hides_behind_an_earlier_one() {
        let all: Vec<&Kind> = all().collect();
        let mut hidden = Vec::new();
        for (at, kind) in all.iter().enumerate() {
            // Every line with its words has those of the other one.
            let least = kind.words.join("\0");
            if all.iter().take(at).any(|earlier| earlier.fits(&least)) {
                hidden.push(kind.words);
            }
        }
        assert!(hidden.is_empty(), "{hidden:?}");
    }
}
