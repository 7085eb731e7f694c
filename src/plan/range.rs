//! Ranges of versions as npm's semver reads them, which GitHub's set-up actions use.

use std::cmp::Ordering;

/// A version: three numbers, and whether it is a pre-release of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    numbers: [u64; 3],
    /// `rc1`, `alpha.1`; empty for a release.
    pre: String,
}

impl Version {
    /// A release.
    pub(crate) fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self {
            numbers: [major, minor, patch],
            pre: String::new(),
        }
    }

    /// Whether it is no pre-release.
    pub(crate) fn is_release(&self) -> bool {
        self.pre.is_empty()
    }

    /// Major, minor and patch.
    pub(crate) fn numbers(&self) -> [u64; 3] {
        self.numbers
    }

    /// Reads `3.14.0-rc.1`, also as Python writes it, `3.14.0rc1`. Missing parts
    /// are zero.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', '=']);
        let text = text.split('+').next()?;
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (numbers, pre) = text.split_at_checked(end)?;
        let mut parsed = [0; 3];
        for (at, part) in numbers.trim_end_matches('.').split('.').enumerate() {
            *parsed.get_mut(at)? = part.parse().ok()?;
        }
        Some(Self {
            numbers: parsed,
            pre: pre.trim_start_matches('-').to_owned(),
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            // A release comes after its pre-releases.
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => self.pre.cmp(&other.pre),
            }
        })
    }
}

/// Versions that will do: any of several alternatives, each from a first version to
/// before a last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    alternatives: Vec<Vec<Bound>>,
    prereleases: bool,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bound {
    AtLeast(Version),
    Above(Version),
    Below(Version),
    AtMost(Version),
}

impl Range {
    /// Reads a range; `None` when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut alternatives = Vec::new();
        for alternative in text.split("||") {
            alternatives.push(bounds(alternative.trim())?);
        }
        Some(Self {
            alternatives,
            prereleases: false,
        })
    }

    /// Accepts pre-releases too.
    pub(crate) fn with_prereleases(mut self) -> Self {
        self.prereleases = true;
        self
    }

    /// Whether a version will do. A pre-release does only where the range names one
    /// of the same release, or takes all of them.
    pub(crate) fn accepts(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|bounds| {
            let named = version.pre.is_empty()
                || self.prereleases
                || bounds.iter().any(|bound| {
                    let (Bound::AtLeast(other)
                    | Bound::Above(other)
                    | Bound::Below(other)
                    | Bound::AtMost(other)) = bound;
                    !other.pre.is_empty() && other.numbers == version.numbers
                });
            named
                && bounds.iter().all(|bound| match bound {
                    Bound::AtLeast(other) => version >= other,
                    Bound::Above(other) => version > other,
                    Bound::Below(other) => version < other,
                    Bound::AtMost(other) => version <= other,
                })
        })
    }
}

/// Conditions that are joined by blanks, or a hyphen range.
fn bounds(text: &str) -> Option<Vec<Bound>> {
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, _) = partial(from.trim())?;
        let (to, given) = partial(to.trim())?;
        let upper = match given {
            3 => Bound::AtMost(to),
            given => Bound::Below(next(&to, given)),
        };
        return Some(vec![Bound::AtLeast(from), upper]);
    }
    let mut found = Vec::new();
    // An operator may stand apart from its version.
    let mut operator = String::new();
    for word in text.split_whitespace() {
        let word = format!("{operator}{word}");
        operator.clear();
        if word.bytes().all(|byte| b"<>=~^".contains(&byte)) {
            operator = word;
            continue;
        }
        found.extend(comparator(&word)?);
    }
    operator.is_empty().then_some(found)
}

fn comparator(word: &str) -> Option<Vec<Bound>> {
    let end = word
        .find(|c: char| !"<>=~^".contains(c))
        .unwrap_or(word.len());
    let (operator, version) = word.split_at_checked(end)?;
    let (version, given) = partial(version)?;
    let upto = |given| Bound::Below(next(&version, given));
    Some(match operator {
        "" | "=" | "==" if given == 0 => Vec::new(),
        "" | "=" | "==" if given == 3 => vec![
            Bound::AtLeast(version.clone()),
            Bound::AtMost(version.clone()),
        ],
        "" | "=" | "==" => vec![Bound::AtLeast(version.clone()), upto(given)],
        ">=" => vec![Bound::AtLeast(version)],
        ">" if given == 3 => vec![Bound::Above(version)],
        // Nothing is above everything.
        ">" if given == 0 => vec![Bound::Below(Version::new(0, 0, 0))],
        ">" => vec![Bound::AtLeast(next(&version, given))],
        "<" => vec![Bound::Below(version)],
        "<=" if given == 3 => vec![Bound::AtMost(version)],
        "<=" if given == 0 => Vec::new(),
        "<=" => vec![upto(given)],
        "~" | "~>" if given == 0 => Vec::new(),
        "~" | "~>" => vec![Bound::AtLeast(version.clone()), upto(given.min(2))],
        "^" if given == 0 => Vec::new(),
        "^" => {
            // Up to the first number that is not zero.
            let first = version
                .numbers
                .iter()
                .position(|number| *number != 0)
                .map_or(given, |at| at + 1);
            vec![Bound::AtLeast(version.clone()), upto(first.min(given))]
        }
        _ => return None,
    })
}

/// The version after all that agree in the first `given` numbers, pre-releases of it
/// excluded from what is before it.
fn next(version: &Version, given: usize) -> Version {
    let mut numbers = [0; 3];
    for (at, number) in version.numbers.iter().enumerate().take(given) {
        if let Some(place) = numbers.get_mut(at) {
            *place = *number + u64::from(at + 1 == given);
        }
    }
    Version {
        numbers,
        pre: "0".to_owned(),
    }
}

/// A version that may end early or in a wildcard, and how many numbers it gives.
fn partial(text: &str) -> Option<(Version, usize)> {
    let text = text.trim_start_matches('v');
    let (numbers, pre) = match text.split_once('-') {
        Some((numbers, pre)) => (numbers, pre),
        None => (text, ""),
    };
    let mut parsed = [0; 3];
    let mut given = 0;
    let mut wild = false;
    for (at, part) in numbers.split('.').enumerate() {
        let place = parsed.get_mut(at)?;
        if matches!(part, "x" | "X" | "*") {
            wild = true;
        } else if !wild {
            *place = part.parse().ok()?;
            given += 1;
        }
    }
    if numbers.is_empty() {
        return None;
    }
    Some((
        Version {
            numbers: parsed,
            pre: pre.to_owned(),
        },
        given,
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Range, Version};

    #[test]
    fn ranges_are_those_of_npm() {
        for (range, version, good) in [
            ("1.2.3", "1.2.3", true),
            ("1.2.3", "1.2.4", false),
            ("1.2", "1.2.9", true),
            ("1.x", "1.9.0", true),
            ("1.x", "2.0.0", false),
            ("*", "9.9.9", true),
            ("", "1.0.0", true),
            ("~1.2.3", "1.2.9", true),
            ("~1.2.3", "1.3.0", false),
            ("~1", "1.9.9", true),
            ("^1.2.3", "1.9.0", true),
            ("^0.2.3", "0.2.9", true),
            ("^0.2.3", "0.3.0", false),
            ("^0.0.3", "0.0.4", false),
            (">1.2", "1.2.9", false),
            (">1.2", "1.3.0", true),
            ("<=1.2", "1.2.9", true),
            (">= 1.2 < 2", "1.9.0", true),
            (">=1.2 <2", "2.0.0", false),
            ("1.2 - 1.4", "1.4.9", true),
            ("1.2 - 1.4.1", "1.4.2", false),
            ("1 || 3", "3.1.0", true),
            ("1 || 3", "2.1.0", false),
            ("1.2", "1.2.0-rc.1", false),
            ("~1.2.0-0", "1.2.0-rc.1", true),
            ("<2", "2.0.0-rc.1", false),
        ] {
            let version = Version::parse(version).unwrap();
            let parsed = Range::parse(range).unwrap();
            assert_eq!(parsed.accepts(&version), good, "{range} {version:?}");
        }
        for wrong in ["two", "1.2.3.4", ">", "1.2,<3"] {
            assert_eq!(Range::parse(wrong), None, "{wrong}");
        }
    }
}
