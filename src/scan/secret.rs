//! Secrets: what looks like one, and how it is told of without giving it away.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use sha2::{Digest, Sha256};

/// A secret that was found. Holds no more of it than may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    /// What it is: `an AWS access key`.
    pub(crate) kind: &'static str,
    /// Its first characters and its length.
    pub(crate) masked: String,
    /// The line it is in, from 1.
    pub(crate) line: usize,
    /// Tells the same secret in two places; nothing can be told from it.
    pub(crate) print: [u8; 8],
}

/// How a kind of token is written: what it begins with and what follows.
struct Pattern {
    kind: &'static str,
    prefix: &'static str,
    /// Which bytes may follow.
    body: fn(u8) -> bool,
    /// How many must follow, and how many may.
    length: (usize, usize),
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn dashed(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// The forms that the services document.
const PATTERNS: &[Pattern] = &[
    pattern("an AWS access key", "AKIA", capital, (16, 16)),
    pattern("an AWS access key", "ASIA", capital, (16, 16)),
    pattern("a GitHub token", "ghp_", alphanumeric, (36, 255)),
    pattern("a GitHub token", "gho_", alphanumeric, (36, 255)),
    pattern("a GitHub token", "ghu_", alphanumeric, (36, 255)),
    pattern("a GitHub token", "ghs_", alphanumeric, (36, 255)),
    pattern("a GitHub token", "ghr_", alphanumeric, (36, 255)),
    pattern("a GitHub token", "github_pat_", word, (60, 255)),
    pattern("a GitLab token", "glpat-", dashed, (20, 300)),
    pattern("a PyPI token", "pypi-AgE", dashed, (60, 1000)),
    pattern("an npm token", "npm_", alphanumeric, (36, 36)),
    pattern("a Slack token", "xoxb-", dashed, (20, 255)),
    pattern("a Slack token", "xoxp-", dashed, (20, 255)),
    pattern("a Slack token", "xapp-", dashed, (20, 255)),
    pattern("a Google API key", "AIza", dashed, (35, 35)),
    pattern("a Stripe key", "sk_live_", alphanumeric, (20, 255)),
    pattern(
        "a SendGrid key",
        "SG.",
        |byte| dashed(byte) || byte == b'.',
        (60, 80),
    ),
    pattern("a Docker Hub token", "dckr_pat_", dashed, (20, 255)),
];

const fn pattern(
    kind: &'static str,
    prefix: &'static str,
    body: fn(u8) -> bool,
    length: (usize, usize),
) -> Pattern {
    Pattern {
        kind,
        prefix,
        body,
        length,
    }
}

/// The first line of a private key in PEM, from behind the dashes.
const KEY_BEGINS: &str = "-----BEGIN ";
/// How a first line of a private key ends.
const KEY_ENDS: [&str; 2] = ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"];

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = PATTERNS
        .iter()
        .map(|pattern| pattern.prefix)
        .chain([KEY_BEGINS]);
    AhoCorasick::new(words).ok()
});

/// Most secrets that are told of one text.
const MOST: usize = 20;

/// The secrets of a known form in a text.
pub(crate) fn find(text: &[u8]) -> Vec<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    let Some(automaton) = AUTOMATON.as_ref() else {
        return found;
    };
    let (mut line, mut counted) = (1, 0);
    for hit in automaton.find_iter(text) {
        if found.len() >= MOST {
            break;
        }
        let passed = text.get(counted..hit.start()).unwrap_or_default();
        line += passed.iter().filter(|byte| **byte == b'\n').count();
        counted = hit.start();
        // A token is a word of its own.
        let before = hit.start().checked_sub(1).and_then(|at| text.get(at));
        let rest = text.get(hit.end()..).unwrap_or_default();
        let Some(pattern) = PATTERNS.get(hit.pattern().as_usize()) else {
            if is_key(rest) {
                found.push(of_kind("a private key", rest, line));
            }
            continue;
        };
        if before.is_some_and(|byte| dashed(*byte)) {
            continue;
        }
        let length = rest
            .iter()
            .take_while(|byte| (pattern.body)(**byte))
            .count();
        if (pattern.length.0..=pattern.length.1).contains(&length) {
            let whole = text
                .get(hit.start()..hit.end() + length)
                .unwrap_or_default();
            if !is_sample(&String::from_utf8_lossy(whole)) {
                found.push(of_kind(pattern.kind, whole, line));
            }
        }
    }
    found
}

/// Whether what follows the dashes begins a private key that is really there: many
/// programs hold the line alone.
fn is_key(rest: &[u8]) -> bool {
    let head = String::from_utf8_lossy(rest.get(..rest.len().min(200)).unwrap_or_default());
    let Some((first, body)) = head.split_once('\n') else {
        return false;
    };
    let first = first.trim_end();
    let long = body
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(40)
        .all(|c| c.is_ascii_alphanumeric() || "+/=:,-".contains(c));
    KEY_ENDS.iter().any(|end| first.ends_with(end)) && first.len() < 40 && long && body.len() > 40
}

/// Words in names of variables that hold secrets.
const TELLING: [&str; 12] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "CREDENTIAL",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "AUTH_KEY",
    "ENCRYPTION_KEY",
];

/// Endings of names that tell where a secret is, not what it is.
const HARMLESS_ENDINGS: [&str; 9] = [
    "_FILE", "_PATH", "_DIR", "_NAME", "_URL", "_LENGTH", "_TTL", "_TIMEOUT", "_ID",
];

/// Whether a variable of this name should hold a secret.
pub(crate) fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    TELLING.iter().any(|word| name.contains(word))
        && !HARMLESS_ENDINGS.iter().any(|end| name.ends_with(end))
}

/// The secret in a variable: of a known form, or by its name and because no person
/// would write such a value.
pub(crate) fn of_variable(name: &str, value: &str, line: usize) -> Option<Secret> {
    if let Some(found) = find(value.as_bytes()).into_iter().next() {
        return Some(Secret { line, ..found });
    }
    if let Some(password) = of_url(value) {
        return Some(of_kind("a password in a URL", password.as_bytes(), line));
    }
    let looks = value.len() >= LEAST && entropy(value) >= RANDOM && !is_sample(value);
    (is_telling(name) && looks && !value.contains('$'))
        .then(|| of_kind("what looks like a secret", value.as_bytes(), line))
}

/// The secret in a word `NAME=VALUE`, or in one that is no such pair, with the name.
pub(crate) fn of_word(word: &str) -> Option<(&str, Secret)> {
    let word = word.trim_matches(['"', '\'']);
    let (name, value) = word.split_once('=').unwrap_or(("", word));
    let value = value.trim_matches(['"', '\'']);
    of_variable(name, value, 0)
        .or_else(|| find(word.as_bytes()).into_iter().next())
        .map(|secret| (name, secret))
}

/// The password of `https://user:password@host`, where it is no sample.
pub(crate) fn of_url(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let end = rest
        .find(['/', '?', '#', ' ', '"', '\''])
        .unwrap_or(rest.len());
    let (user, _) = rest.get(..end)?.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let real = password.len() >= LEAST
        && entropy(password) >= RANDOM
        && !password.contains('$')
        && !is_sample(password);
    real.then_some(password)
}

/// Shortest value that is taken for a secret by its look.
const LEAST: usize = 8;
/// Bits for each character from which a value looks random. English words and the
/// passwords of example databases stay below.
const RANDOM: f64 = 3.0;

/// Shannon's entropy in bits for each character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total: f64 = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

/// Words of values that stand for a secret and are none.
const SAMPLES: [&str; 18] = [
    "example",
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "dummy",
    "sample",
    "fake",
    "insecure",
    "not-a-",
    "not_a_",
    "notasecret",
    "testing",
    "test-",
    "test_",
    "your-",
    "your_",
    "xxxx",
];

fn is_sample(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    SAMPLES.iter().any(|word| value.contains(word)) || value.starts_with("test")
}

/// A secret of a kind.
pub(crate) fn of_kind(kind: &'static str, value: &[u8], line: usize) -> Secret {
    let masked = if kind == "a private key" {
        String::new()
    } else {
        masked(&String::from_utf8_lossy(value))
    };
    Secret {
        kind,
        masked,
        line,
        print: print_of(value),
    }
}

/// The beginning of a secret's hash.
fn print_of(value: &[u8]) -> [u8; 8] {
    let mut print = [0; 8];
    for (to, from) in print.iter_mut().zip(Sha256::digest(value)) {
        *to = from;
    }
    print
}

/// At most the first four characters, and never more than a quarter, with the length.
pub(crate) fn masked(value: &str) -> String {
    let length = value.chars().count();
    let shown: String = value.chars().take((length / 4).min(4)).collect();
    format!("`{shown}…`, {length} characters")
}

impl Secret {
    /// The kind and what may be shown.
    pub(crate) fn told(&self) -> String {
        if self.masked.is_empty() {
            self.kind.to_owned()
        } else {
            format!("{} ({})", self.kind, self.masked)
        }
    }
}

/// A text of one line with everything in it hidden that looks like a secret, or is one
/// that was found elsewhere, for the history of an image.
pub(crate) fn hidden(text: &str, found: &BTreeSet<[u8; 8]>) -> String {
    let is_found = |word: &str| {
        let word = word.trim_matches(['"', '\'']);
        !word.is_empty() && found.contains(&print_of(word.as_bytes()))
    };
    let is_secret = |word: &str| {
        !find(word.as_bytes()).is_empty()
            || of_url(word).is_some()
            || word.split(|c: char| !dashed_char(c)).any(is_found)
            || is_found(word)
    };
    text.split(' ')
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or(("", part));
            if is_secret(name) || (name.is_empty() && is_secret(value)) {
                "***".to_owned()
            } else if is_secret(value) || (is_telling(name) && !value.is_empty()) {
                format!("{name}=***")
            } else if is_secret(part) {
                "***".to_owned()
            } else {
                part.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn dashed_char(c: char) -> bool {
    u8::try_from(c).is_ok_and(dashed)
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
