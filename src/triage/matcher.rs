//! Which signatures a line has, and what kind of failure it tells.

use aho_corasick::AhoCorasick;

use super::kinds::{self, Kind};
use super::signature::Signature;
use super::table;

/// The tables, ready to be looked up: one pass over a line finds the longest words of all
/// signatures and phrases that are in it, and only those are looked at.
pub(crate) struct Matcher {
    signatures: Vec<&'static Signature>,
    kinds: Vec<&'static Kind>,
    words: Option<AhoCorasick>,
}

/// What is in a line.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// Signatures, in the order of their table.
    pub(crate) signatures: Vec<&'static Signature>,
    /// The first phrase of a kind.
    pub(super) kind: Option<&'static Kind>,
}

impl Matcher {
    /// All signatures and kinds.
    pub(crate) fn new() -> Self {
        let signatures: Vec<&Signature> = table::all().collect();
        let kinds: Vec<&Kind> = kinds::all().collect();
        let all = signatures.iter().map(|one| one.words);
        let longest = |words: &'static [&str]| {
            let words = words.iter().copied();
            words.max_by_key(|word| word.len()).unwrap_or_default()
        };
        let all = all.chain(kinds.iter().map(|one| one.words)).map(longest);
        Self {
            // It fails only where the tables outgrow what an automaton can hold.
            words: AhoCorasick::new(all).ok(),
            signatures,
            kinds,
        }
    }

    /// What is in a line.
    pub(crate) fn of(&self, line: &str) -> Hits {
        let mut found: Vec<usize> = match &self.words {
            Some(words) => words
                .find_overlapping_iter(line)
                .map(|found| found.pattern().as_usize())
                .collect(),
            None => (0..self.signatures.len() + self.kinds.len()).collect(),
        };
        found.sort_unstable();
        found.dedup();
        let mut hits = Hits::default();
        for index in found {
            if let Some(signature) = self.signatures.get(index) {
                if signature.fits(line) {
                    hits.signatures.push(signature);
                }
            } else if let Some(kind) = self.kinds.get(index - self.signatures.len())
                && kind.fits(line)
            {
                hits.kind = Some(kind);
                break;
            }
        }
        hits
    }
}
