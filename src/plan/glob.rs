//! Filter patterns of events: GitHub docs, "Workflow syntax", section "Filter
//! pattern cheat sheet".
//!
//! `*` is any text without `/`, `**` any text, `?` and `+` repeat the character
//! before them, `[]` is one of a set of letters and digits, `\` takes the meaning
//! from the character behind it, and `!` at the beginning takes names out again.

use std::ops::RangeInclusive;

/// Longest pattern that is looked at, in characters.
const MAX_PATTERN: usize = 1024;

/// A pattern, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Whether it takes names out.
    pub(super) negative: bool,
    pieces: Vec<Piece>,
}

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// One character, so and so often.
    One(Set, Times),
    /// `*`
    Name,
    /// `**`
    Any,
    /// `**/`: any folders, also none.
    Folders,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Set {
    Char(char),
    Ranges(Vec<RangeInclusive<char>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    /// `?`
    AtMostOnce,
    /// `+`
    AtLeastOnce,
}

impl Set {
    fn has(&self, character: char) -> bool {
        match self {
            Self::Char(own) => *own == character,
            Self::Ranges(ranges) => ranges.iter().any(|range| range.contains(&character)),
        }
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text.chars().nth(MAX_PATTERN).is_some() {
            return Err("the pattern is too long".to_owned());
        }
        let (negative, rest) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if rest.is_empty() {
            return Err("the pattern is empty".to_owned());
        }
        let mut pieces: Vec<Piece> = Vec::new();
        let mut characters = rest.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '*' => {
                    let mut stars = 1;
                    while characters.next_if_eq(&'*').is_some() {
                        stars += 1;
                    }
                    let begins = matches!(
                        pieces.last(),
                        None | Some(Piece::One(Set::Char('/'), Times::Once) | Piece::Folders)
                    );
                    pieces.push(if stars == 1 {
                        Piece::Name
                    } else if begins && characters.next_if_eq(&'/').is_some() {
                        Piece::Folders
                    } else {
                        Piece::Any
                    });
                }
                '?' | '+' => match pieces.last_mut() {
                    Some(Piece::One(_, times @ Times::Once)) => {
                        *times = if character == '?' {
                            Times::AtMostOnce
                        } else {
                            Times::AtLeastOnce
                        };
                    }
                    _ => return Err(format!("`{character}` repeats no character")),
                },
                '[' => pieces.push(Piece::One(set(&mut characters)?, Times::Once)),
                '\\' => {
                    let escaped = characters
                        .next()
                        .ok_or_else(|| "`\\` escapes no character".to_owned())?;
                    pieces.push(Piece::One(Set::Char(escaped), Times::Once));
                }
                other => pieces.push(Piece::One(Set::Char(other), Times::Once)),
            }
        }
        Ok(Self { negative, pieces })
    }

    /// Whether a name has the form of the pattern, `!` not regarded.
    pub(super) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        // `ends[i]`: the pieces so far can end before character `i`.
        let mut ends = vec![false; name.len() + 1];
        if let Some(first) = ends.first_mut() {
            *first = true;
        }
        for piece in &self.pieces {
            ends = piece.step(&ends, &name);
        }
        ends.last().copied().unwrap_or(false)
    }
}

impl Piece {
    /// Where one more piece can end.
    fn step(&self, from: &[bool], name: &[char]) -> Vec<bool> {
        let mut to = vec![false; from.len()];
        // Whether a piece that goes on is under way.
        let mut open = false;
        for (at, begins) in from.iter().copied().enumerate() {
            let before = at.checked_sub(1).and_then(|before| name.get(before));
            let ended = match (self, before) {
                (Self::One(set, Times::AtLeastOnce), Some(before)) => {
                    open = set.has(*before) && (open || from.get(at - 1) == Some(&true));
                    open
                }
                (Self::One(set, times), Some(before)) => {
                    (set.has(*before) && from.get(at - 1) == Some(&true))
                        || (*times == Times::AtMostOnce && begins)
                }
                (Self::One(_, times), None) => *times == Times::AtMostOnce && begins,
                (Self::Name, before) => {
                    open = begins || (open && before != Some(&'/'));
                    open
                }
                (Self::Any, _) => {
                    open |= begins;
                    open
                }
                (Self::Folders, before) => {
                    let ended = begins || (open && before == Some(&'/'));
                    open |= begins;
                    ended
                }
            };
            if let Some(to) = to.get_mut(at) {
                *to = ended;
            }
        }
        to
    }
}

/// What stands between `[` and `]`.
fn set(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Set, String> {
    let mut ranges = Vec::new();
    loop {
        let first = match characters.next() {
            Some(']') if !ranges.is_empty() => return Ok(Set::Ranges(ranges)),
            Some(']') => return Err("`[]` names no character".to_owned()),
            Some(first) => first,
            None => return Err("`[` is not closed".to_owned()),
        };
        if characters.next_if_eq(&'-').is_none() {
            ranges.push(first..=first);
            continue;
        }
        match characters.next() {
            // A hyphen at the end stands for itself.
            Some(']') => {
                ranges.extend([first..=first, '-'..='-']);
                return Ok(Set::Ranges(ranges));
            }
            Some(last) => {
                let kind = |one: char| {
                    (
                        one.is_ascii_lowercase(),
                        one.is_ascii_uppercase(),
                        one.is_ascii_digit(),
                    )
                };
                if !first.is_ascii_alphanumeric() || kind(first) != kind(last) || first > last {
                    return Err(format!("`{first}-{last}` is no range"));
                }
                ranges.push(first..=last);
            }
            None => return Err("`[` is not closed".to_owned()),
        }
    }
}

/// The pattern that decides about a name: the last one that matches it. A negative
/// one takes the name out again. `None` where none matches.
pub(super) fn decides<'p>(
    patterns: impl IntoIterator<Item = &'p Pattern>,
    name: &str,
) -> Option<&'p Pattern> {
    patterns
        .into_iter()
        .filter(|pattern| pattern.matches(name))
        .last()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_cheat_sheet_of_branches_and_tags() {
        for (pattern, matching, other) in [
            (
                "feature/*",
                &["feature/my-branch"][..],
                &["feature/beta-a/my-branch"][..],
            ),
            (
                "feature/**",
                &["feature/beta-a/my-branch", "feature/x"],
                &["features/x"],
            ),
            ("main", &["main"], &["main2", "Main", "x/main"]),
            ("*", &["main", "releases"], &["all/the/branches"]),
            ("**", &["all/the/branches", "every/tag"], &[]),
            (
                "*feature",
                &["mona-feature", "feature", "ver-10-feature"],
                &["feature-x", "a/feature"],
            ),
            ("v2*", &["v2", "v2.0", "v2.9"], &["v1", "v2/x"]),
            (
                "v[12].[0-9]+.[0-9]+",
                &["v1.10.1", "v2.0.0"],
                &["v3.0.0", "v1..1", "v1.10"],
            ),
            ("Octoc?t", &["Octoct", "Octot"], &["Octocat"]),
            ("[CB]at", &["Cat", "Bat"], &["Hat"]),
            ("[1-2]00", &["100", "200"], &["300"]),
            ("a+b", &["ab", "aab"], &["a+b", "b"]),
            (r"a\+b\*", &["a+b*"], &["aab", "a+bc"]),
            (
                "release-[a-z0-9-]",
                &["release--", "release-z"],
                &["release-Z"],
            ),
        ] {
            let pattern = Pattern::read(pattern).unwrap();
            for name in matching {
                assert!(pattern.matches(name), "{pattern:?} {name}");
            }
            for name in other {
                assert!(!pattern.matches(name), "{pattern:?} {name}");
            }
        }
    }

    #[test]
    fn the_cheat_sheet_of_paths() {
        for (pattern, matching, other) in [
            (
                "*",
                &["README.md", "server.rb"][..],
                &["docs/README.md"][..],
            ),
            (
                "*.jsx?",
                &["page.js", "page.jsx"],
                &["page.ts", "js/page.js"],
            ),
            ("**", &["all/the/files.md"], &[]),
            ("*.js", &["app.js"], &["src/app.js"]),
            (
                "**.js",
                &["index.js", "js/index.js", "src/js/app.js"],
                &["a.jsx"],
            ),
            ("docs/*", &["docs/README.md"], &["docs/mona/x.txt", "docs"]),
            (
                "docs/**",
                &["docs/README.md", "docs/mona/octocat.txt"],
                &["docs", "adocs/x"],
            ),
            (
                "docs/**/*.md",
                &["docs/README.md", "docs/mona/hello.md", "docs/a/b/c.md"],
                &["docs.md"],
            ),
            (
                "**/docs/**",
                &[
                    "docs/hello.md",
                    "dir/docs/my-file.txt",
                    "space/docs/plan/space.doc",
                ],
                &["adocs/x"],
            ),
            (
                "**/README.md",
                &["README.md", "js/README.md"],
                &["js/xREADME.md"],
            ),
            (
                "**/*src/**",
                &["a/src/app.js", "my-src/code/js/app.js"],
                &["a/srcs"],
            ),
            (
                "**/*-post.md",
                &["my-post.md", "path/their-post.md"],
                &["post.md"],
            ),
            (
                "**/migrate-*.sql",
                &["migrate-10909.sql", "db/migrate-v1.0.sql"],
                &["db/migrate-/x.sql"],
            ),
            ("src/**", &["src/é/ü.py"], &["src"]),
        ] {
            let pattern = Pattern::read(pattern).unwrap();
            for name in matching {
                assert!(pattern.matches(name), "{pattern:?} {name}");
            }
            for name in other {
                assert!(!pattern.matches(name), "{pattern:?} {name}");
            }
        }
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let read = |texts: &[&str]| -> Vec<Pattern> {
            texts
                .iter()
                .map(|text| Pattern::read(text).unwrap())
                .collect()
        };
        let taken = |texts: &[&str], name: &str| {
            decides(&read(texts), name).is_some_and(|pattern| !pattern.negative)
        };
        assert!(taken(&["*.md", "!README.md"], "hello.md"));
        assert!(!taken(&["*.md", "!README.md"], "README.md"));
        assert!(taken(&["*.md", "!README.md", "README*"], "README.md"));
        assert!(!taken(&["!README.md"], "hello.md"));
        assert!(!taken(&["a"], "b"));
    }

    /// The same matching, slowly: every way to take a pattern apart is tried.
    fn slowly(pieces: &[Piece], name: &[char]) -> bool {
        let Some((piece, rest)) = pieces.split_first() else {
            return name.is_empty();
        };
        let tails = (0..=name.len()).filter(|taken| {
            let taken = &name[..*taken];
            match piece {
                Piece::One(set, Times::Once) => taken.len() == 1 && set.has(taken[0]),
                Piece::One(set, Times::AtMostOnce) => {
                    taken.is_empty() || (taken.len() == 1 && set.has(taken[0]))
                }
                Piece::One(set, Times::AtLeastOnce) => {
                    !taken.is_empty() && taken.iter().all(|one| set.has(*one))
                }
                Piece::Name => !taken.contains(&'/'),
                Piece::Any => true,
                Piece::Folders => taken.is_empty() || taken.last() == Some(&'/'),
            }
        });
        tails.into_iter().any(|taken| slowly(rest, &name[taken..]))
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..proptest::prelude::ProptestConfig::with_cases(2048)
        })]

        #[test]
        fn matching_is_what_it_is_slowly(text in "[ab/*?+!]{1,8}|[ab\\[\\]/*-]{1,8}", name in "[ab/]{0,7}") {
            if let Ok(pattern) = Pattern::read(&text) {
                let characters: Vec<char> = name.chars().collect();
                proptest::prop_assert_eq!(
                    pattern.matches(&name),
                    slowly(&pattern.pieces, &characters),
                    "{} {}", text, name
                );
            }
        }

        #[test]
        fn no_pattern_makes_a_panic(text in "\\PC{0,20}", name in "\\PC{0,20}") {
            if let Ok(pattern) = Pattern::read(&text) {
                pattern.matches(&name);
            }
        }
    }

    #[test]
    fn what_is_no_pattern() {
        for (text, words) in [
            ("", "empty"),
            ("!", "empty"),
            ("?a", "repeats no character"),
            ("*+", "repeats no character"),
            ("a++", "repeats no character"),
            ("[ab", "not closed"),
            ("[a-", "not closed"),
            ("[]", "names no character"),
            ("[z-a]", "no range"),
            ("[A-z]", "no range"),
            ("a\\", "escapes no character"),
        ] {
            let error = Pattern::read(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        assert!(Pattern::read(&"a".repeat(1025)).is_err());
    }
}
