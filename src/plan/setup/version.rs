//! Equality of Python versions (PEP 440, "Version matching").

/// A version in a form in which equal versions are equal texts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    /// Epoch, release without trailing zeros, pre, post and dev segment.
    public: String,
    /// What follows the `+`.
    local: Option<String>,
}

/// Whether `installed` is what `==pinned` asks for: `1.0` is `1.0.0`, and a
/// pin without a local version takes any (`1.0+cu118` is `==1.0`). `None` when
/// one of the two is not a version of PEP 440.
pub(crate) fn matches(pinned: &str, installed: &str) -> Option<bool> {
    let pinned = parse(pinned)?;
    let installed = parse(installed)?;
    let local = pinned.local.is_none() || pinned.local == installed.local;
    Some(pinned.public == installed.public && local)
}

/// Normalises a version (PEP 440, "Normalization").
fn parse(text: &str) -> Option<Version> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_prefix('v').unwrap_or(&text);
    let (public, local) = match text.split_once('+') {
        Some((public, local)) => (public, Some(normal_local(local)?)),
        None => (text, None),
    };
    let (epoch, rest) = match public.split_once('!') {
        Some((epoch, rest)) => (number(epoch)?, rest),
        None => ("0", public),
    };
    let (release, mut rest) = split_release(rest)?;
    let mut normal = format!("{epoch}!{}", release.join("."));
    for (segment, spellings, bare) in SEGMENTS {
        if let Some((digits, after)) = take_segment(rest, spellings, *bare) {
            normal.push_str(&format!("{segment}{digits}"));
            rest = after;
        }
    }
    rest.is_empty().then_some(Version {
        public: normal,
        local,
    })
}

/// The segments behind the release in their order; of each the name, the
/// spellings (the longer of two that begin alike first) and whether `-1` alone
/// means it.
const SEGMENTS: &[(&str, &[&str], bool)] = &[
    ("a", &["alpha", "a"], false),
    ("b", &["beta", "b"], false),
    ("rc", &["preview", "pre", "rc", "c"], false),
    (".post", &["post", "rev", "r"], true),
    (".dev", &["dev"], false),
];

/// The release numbers without trailing zeros, and the rest of the text.
fn split_release(text: &str) -> Option<(Vec<&str>, &str)> {
    let mut numbers = Vec::new();
    let mut rest = text;
    loop {
        let (digits, after) = take_digits(rest);
        numbers.push(number(digits)?);
        rest = after;
        match rest.strip_prefix('.') {
            Some(after) if after.starts_with(|one: char| one.is_ascii_digit()) => rest = after,
            _ => break,
        }
    }
    while numbers.len() > 1 && numbers.last() == Some(&"0") {
        numbers.pop();
    }
    Some((numbers, rest))
}

fn take_segment<'a>(text: &'a str, spellings: &[&str], bare: bool) -> Option<(&'a str, &'a str)> {
    const SEPARATORS: &[char] = &['.', '-', '_'];
    let word = text.strip_prefix(SEPARATORS).unwrap_or(text);
    for spelling in spellings {
        if let Some(after) = word.strip_prefix(spelling) {
            let digits_at = after.strip_prefix(SEPARATORS).unwrap_or(after);
            let (digits, rest) = take_digits(digits_at);
            return Some(match number(digits) {
                Some(digits) => (digits, rest),
                None => ("0", after),
            });
        }
    }
    let (digits, rest) = take_digits(text.strip_prefix('-').filter(|_| bare)?);
    Some((number(digits)?, rest))
}

fn take_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|one: char| !one.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A number without leading zeros.
fn number(digits: &str) -> Option<&str> {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let stripped = digits.trim_start_matches('0');
    Some(if stripped.is_empty() { "0" } else { stripped })
}

fn normal_local(local: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in local.split(['.', '-', '_']) {
        if part.is_empty() || !part.bytes().all(|one| one.is_ascii_alphanumeric()) {
            return None;
        }
        parts.push(number(part).unwrap_or(part));
    }
    Some(parts.join("."))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::matches;

    #[test]
    fn equality() {
        let table = [
            ("1.0", "1.0", Some(true)),
            ("1.0", "1.0.0", Some(true)),
            ("1", "1.0.0.0", Some(true)),
            ("1.0.0", "1", Some(true)),
            ("0", "0.0", Some(true)),
            ("1.0", "1.1", Some(false)),
            ("1.10", "1.1", Some(false)),
            ("1.0", "1.0.1", Some(false)),
            ("v1.0", "1.0", Some(true)),
            ("1.01", "1.1", Some(true)),
            ("1.0", "1!1.0", Some(false)),
            ("0!1.0", "1.0", Some(true)),
            ("1.0a1", "1.0.alpha-1", Some(true)),
            ("1.0a", "1.0a0", Some(true)),
            ("1.0b2", "1.0_beta.2", Some(true)),
            ("1.0rc1", "1.0-c1", Some(true)),
            ("1.0rc1", "1.0.pre1", Some(true)),
            ("1.0rc1", "1.0", Some(false)),
            ("1.0.post1", "1.0-1", Some(true)),
            ("1.0.post1", "1.0.rev1", Some(true)),
            ("1.0.post1", "1.0", Some(false)),
            ("1.0.dev3", "1.0dev3", Some(true)),
            ("1.0a1.post2.dev3", "1.0a1post2dev3", Some(true)),
            ("1.0", "1.0+cu118", Some(true)),
            ("1.0+cu118", "1.0+cu118", Some(true)),
            ("1.0+CU.118", "1.0.0+cu-118", Some(true)),
            ("1.0+cu118", "1.0", Some(false)),
            ("2024.01.05", "2024.1.5", Some(true)),
            (
                "99999999999999999999999",
                "99999999999999999999999.0",
                Some(true),
            ),
            ("1.*", "1.0", None),
            ("", "1.0", None),
            ("1.0", "", None),
            ("1.0", "unknown", None),
            ("1.0-x", "1.0", None),
            ("1.0+", "1.0", None),
            ("1..0", "1.0", None),
            ("${X}", "1.0", None),
        ];
        for (pinned, installed, expected) in table {
            assert_eq!(
                matches(pinned, installed),
                expected,
                "{pinned:?} {installed:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics(one in "\\PC*", other in "v?[0-9.!+abrcdevpost_-]{0,12}") {
            let _ = matches(&one, &other);
            let same = matches(&other, &other);
            prop_assert!(same.is_none() || same == Some(true));
        }
    }
}
