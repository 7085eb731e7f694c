//! Which signatures a line has.

use aho_corasick::AhoCorasick;

use super::signature::Signature;
use super::table;

/// The table, ready to be looked up: one pass over a line finds the longest words of all
/// signatures that are in it, and only those signatures are looked at.
pub(crate) struct Matcher {
    signatures: Vec<&'static Signature>,
    words: Option<AhoCorasick>,
}

impl Matcher {
    /// All signatures.
    pub(crate) fn new() -> Self {
        let signatures: Vec<&Signature> = table::all().collect();
        let longest = |one: &&Signature| {
            let words = one.words.iter().copied();
            words.max_by_key(|word| word.len()).unwrap_or_default()
        };
        // It fails only where the table outgrows what an automaton can hold.
        let words = AhoCorasick::new(signatures.iter().map(longest)).ok();
        Self { signatures, words }
    }

    /// The signatures of a line, in the order of the table.
    pub(crate) fn of(&self, line: &str) -> Vec<&'static Signature> {
        let Some(words) = &self.words else {
            return self
                .signatures
                .iter()
                .copied()
                .filter(|one| one.fits(line))
                .collect();
        };
        let mut found: Vec<usize> = words
            .find_overlapping_iter(line)
            .map(|found| found.pattern().as_usize())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
            .into_iter()
            .filter_map(|index| self.signatures.get(index).copied())
            .filter(|one| one.fits(line))
            .collect()
    }
}
