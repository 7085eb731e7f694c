//! Names of runs, jobs and steps, and how they become file names.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Identifies one run: the start time, so that a listing is in order, and random
/// bits, so that two runs never share a name (`20261122-211454-9f3c2a7e01b4`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RunId(pub(crate) String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identifies a run of a workflow at a service for continuous integration. Each of its jobs may
/// call seatrial by itself, on a machine of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct CiRun {
    /// The service's name of it, `GITHUB_RUN_ID`.
    pub(crate) id: String,
    /// The how manieth attempt, from 1: `GITHUB_RUN_ATTEMPT`.
    pub(crate) attempt: u32,
}

/// Identifies one leg of one job: `unit-tests`, or `test (3.11, ubuntu-latest)`
/// for a leg of a matrix. Unique within a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct JobKey(pub(crate) String);

impl JobKey {
    /// The key as a file name, see [`slug`].
    pub(crate) fn slug(&self) -> String {
        slug(&self.0)
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identifies one step of one leg. Number 0 is "Set up job"; the workflow's own
/// steps count from 1; post steps follow them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct StepKey {
    /// The leg.
    pub(crate) job: JobKey,
    /// Number of the step within it.
    pub(crate) step: u32,
}

/// Longest readable part of a file name made by [`slug`].
const SLUG_LEN: usize = 40;

/// A file name for any text: letters, digits, `-`, `_` and `.` stay (lower
/// case), everything else becomes `-`. Two different texts never give the same
/// name: where anything had to be changed, part of a hash follows. The result
/// never starts with a dot and never holds a path separator.
pub(crate) fn slug(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        let kept = match c {
            'a'..='z' | '0'..='9' | '_' | '.' => c,
            'A'..='Z' => c.to_ascii_lowercase(),
            _ => '-',
        };
        if !(kept == '-' && plain.ends_with('-')) {
            plain.push(kept);
        }
    }
    let trimmed = plain.trim_matches(['-', '.']);
    if trimmed == text && !text.is_empty() && text.len() <= SLUG_LEN {
        return text.to_owned();
    }
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    let readable: String = trimmed.chars().take(SLUG_LEN).collect();
    let readable = readable.trim_end_matches(['-', '.']);
    let tail = hash.get(..8).unwrap_or_default();
    if readable.is_empty() {
        tail.to_owned()
    } else {
        format!("{readable}-{tail}")
    }
}

#[cfg(test)]
mod tests {
    use super::slug;
    use proptest::prelude::*;

    #[test]
    fn plain_names_stay() {
        assert_eq!(slug("unit-tests"), "unit-tests");
        assert_eq!(slug("test_3.11"), "test_3.11");
    }

    #[test]
    fn names_that_were_changed_bear_a_hash() {
        assert!(slug("test (3.11, ubuntu-latest)").starts_with("test-3.11-ubuntu-latest-"));
        assert_ne!(slug("a b"), slug("a/b"));
        assert_ne!(slug("A"), slug("a"));
        assert_eq!(slug("").len(), 8);
    }

    proptest! {
        #[test]
        fn never_leaves_its_folder(text in any::<String>()) {
            let name = slug(&text);
            prop_assert!(!name.is_empty() && name.len() <= 49);
            prop_assert!(!name.contains('/') && !name.contains('\\') && !name.starts_with('.'));
        }

        #[test]
        fn different_texts_have_different_names(a in ".{0,60}", b in ".{0,60}") {
            prop_assume!(a != b);
            prop_assert_ne!(slug(&a), slug(&b));
        }
    }
}
