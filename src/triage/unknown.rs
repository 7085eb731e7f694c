//! A failure that no signature knows: the lines that tell most, and a signature of its own
//! by which the same failure is known again.

use std::collections::VecDeque;

use super::kinds::Kind;
use super::signature::{Category, Confidence};
use super::telling;

/// How ids of such failures begin.
pub(super) const ID: &str = "unknown.";
/// Lines that are kept before the end.
const BEFORE: usize = 12;
/// Longest line that is kept, in characters.
const LONGEST: usize = 300;

/// The lines of a log that may tell of a failure: the last ones before its end, the last one
/// that looks like an error, and the last one that tells its kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Tail {
    last: VecDeque<(u64, String)>,
    sign: Option<(u64, String)>,
    phrase: Option<Phrase>,
}

/// A line that tells a kind of failure.
#[derive(Debug, Clone)]
struct Phrase {
    line: (u64, String),
    kind: Category,
    /// Whether one that is not replaces it.
    vague: bool,
}

/// What is known of such a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// `unknown.` and a hash of the line without what changes from run to run.
    pub(super) id: String,
    /// The kind of failure that its first line tells.
    pub(super) kind: Option<Category>,
    /// How sure that is.
    pub(super) confidence: Confidence,
    /// The lines, by number.
    pub(super) lines: Vec<(u64, String)>,
}

impl Tail {
    /// Takes a line, and what kind of failure it tells.
    pub(super) fn line(&mut self, number: u64, line: &str, kind: Option<&'static Kind>) {
        let line = line.strip_prefix("##[error]").unwrap_or(line);
        let line = line
            .strip_prefix("##")
            .filter(|rest| rest.starts_with("[warning]"))
            .unwrap_or(line);
        if line.trim().is_empty() || line.starts_with("##[") {
            return;
        }
        let cut: String = line.chars().take(LONGEST).collect();
        if telling::is_error(&cut) {
            self.sign = Some((number, cut.clone()));
        }
        if let Some(kind) = kind.filter(|_| !telling::is_heading(line)) {
            let vague = kind.vague || telling::warns(&cut);
            if !vague || (self.phrase.is_none() && telling::is_trouble(&cut)) {
                self.phrase = Some(Phrase {
                    line: (number, cut.clone()),
                    kind: kind.category,
                    vague,
                });
            }
        }
        if self.last.len() == BEFORE {
            self.last.pop_front();
        }
        self.last.push_back((number, cut));
    }

    /// The shortest excerpt that holds the error: the line that tells its kind, else the one
    /// that looks like an error, and what follows, at most three lines; without one, the last
    /// line.
    pub(super) fn excerpt(&self) -> Option<Excerpt> {
        let phrase = self.phrase.as_ref();
        let begin = phrase.map(|phrase| phrase.line.clone());
        let lines: Vec<(u64, String)> = match begin.or_else(|| self.sign.clone()) {
            Some(begin) => {
                let behind = self.last.iter().filter(|(number, _)| *number > begin.0);
                let behind: Vec<_> = behind.take(2).cloned().collect();
                std::iter::once(begin).chain(behind).collect()
            }
            None => self.last.back().cloned().into_iter().collect(),
        };
        let (_, first) = lines.first()?;
        let id = format!("{ID}{}", fingerprint(first));
        Some(Excerpt {
            id,
            kind: phrase.map(|phrase| phrase.kind),
            confidence: match phrase {
                Some(phrase) if !phrase.vague => Confidence::Likely,
                _ => Confidence::Possible,
            },
            lines,
        })
    }
}

/// A hash of a line in which numbers, hexadecimal ids, paths and quoted values count as the
/// same.
fn fingerprint(line: &str) -> String {
    let shape: Vec<String> = line.split_whitespace().map(shape).collect();
    let hash = blake3::hash(shape.join(" ").as_bytes()).to_hex();
    hash.chars().take(10).collect()
}

/// A word without what changes from run to run.
fn shape(word: &str) -> String {
    let inner = word.trim_matches(|one: char| !one.is_alphanumeric() && one != '/');
    if inner.contains('/') {
        let name = inner
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        return format!("/{}", without_digits(name));
    }
    let long_hex = inner.len() >= 7 && inner.chars().all(|one| one.is_ascii_hexdigit());
    if long_hex && inner.chars().any(|one| one.is_ascii_digit()) {
        return "#".to_owned();
    }
    without_digits(word)
}

/// A word with `0` for each run of digits.
fn without_digits(word: &str) -> String {
    let mut shape = String::with_capacity(word.len());
    for one in word.chars() {
        if !one.is_ascii_digit() {
            shape.push(one);
        } else if !shape.ends_with('0') {
            shape.push('0');
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::{Tail, fingerprint};

    #[test]
    fn the_same_failure_is_known_again() {
        let same = |one, other| assert_eq!(fingerprint(one), fingerprint(other));
        same(
            "error: job 17 of 4f1a2b3c failed after 3.2 s",
            "error: job 9 of 00ffee11 failed after 11.25 s",
        );
        same(
            "fatal: /tmp/abc12/work/x.c:12 is bad",
            "fatal: /var/z/x.c:9 is bad",
        );
        assert_ne!(
            fingerprint("error: no such colour"),
            fingerprint("error: no such shape")
        );
    }

    #[test]
    fn the_excerpt_is_the_error_and_what_follows() {
        let mut tail = Tail::default();
        for (number, line) in [
            "one",
            "an Error: here",
            "",
            "two",
            "three",
            "##[error]exit 1",
        ]
        .iter()
        .enumerate()
        {
            tail.line(number as u64 + 1, line, None);
        }
        let excerpt = tail.excerpt().map(|excerpt| excerpt.lines);
        let expected = [(2, "an Error: here"), (4, "two"), (5, "three")];
        assert_eq!(
            excerpt,
            Some(expected.map(|(n, text)| (n, text.to_owned())).to_vec())
        );
        assert!(Tail::default().excerpt().is_none());
    }
}
