//! Reading a log line by line: which signatures are in it, where, and whether its steps
//! failed.

use std::collections::BTreeMap;

use super::Matcher;
use super::line::plain;
use super::signature::{Category, Confidence, Signature};
use super::unknown::Tail;

/// Lines of one signature in one step that are kept; further ones are counted.
const KEPT: usize = 3;
/// Longest line that is kept, in characters.
const LONGEST: usize = 300;
/// Longest line that is looked at, in bytes: no message is longer.
const LOOKED_AT: usize = 16 * 1024;

/// Where lines come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// The job, as far as it is known.
    pub(crate) job: String,
    /// The step, as far as it is known.
    pub(crate) step: String,
    /// The file, for people.
    pub(crate) file: String,
}

/// Something found in a log, or told by a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where.
    pub(crate) origin: Origin,
    /// Its id.
    pub(crate) id: String,
    /// Its kind.
    pub(crate) category: Category,
    /// How sure.
    pub(crate) confidence: Confidence,
    /// What is wrong.
    pub(crate) cause: String,
    /// What to do next; empty where nobody knows.
    pub(crate) next: String,
    /// The first lines that have it, by number; 0 is no line of the file.
    pub(crate) lines: Vec<(u64, String)>,
    /// How many lines have it.
    pub(crate) count: u64,
    /// Its place among all that was found: what comes first may explain what follows.
    pub(crate) order: u64,
}

/// What came of a log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    /// What was found.
    pub(crate) found: Vec<Found>,
    /// Whether it tells that a step failed; absent where it says nothing of it.
    pub(crate) failed: Option<bool>,
    /// Lines read.
    pub(crate) lines: u64,
}

/// The place of a step among all: by its job, both numbered in their order. The lines of its
/// log come behind it, before the next step.
pub(crate) fn order(job: usize, step: u32) -> u64 {
    ((job as u64 + 1) << 44) + (u64::from(step.min(4_000)) << 32)
}

/// Reads one log.
pub(crate) struct Reader<'a> {
    matcher: &'a Matcher,
    origin: Origin,
    order: u64,
    number: u64,
    failed: Option<bool>,
    tail: Tail,
    /// By step and id.
    found: BTreeMap<(String, &'static str), Found>,
    /// What was found of failures that no signature knows.
    unknown: Vec<Found>,
}

impl<'a> Reader<'a> {
    /// Begins a log, whose lines come at [`order`] and after.
    pub(crate) fn new(matcher: &'a Matcher, origin: Origin, order: u64) -> Self {
        Self {
            matcher,
            origin,
            order,
            number: 0,
            failed: None,
            tail: Tail::default(),
            found: BTreeMap::new(),
            unknown: Vec::new(),
        }
    }

    /// Takes a line.
    pub(crate) fn line(&mut self, bytes: &[u8]) {
        self.number += 1;
        let bytes = bytes.get(..LOOKED_AT).unwrap_or(bytes);
        let line = plain(bytes);
        if let Some(name) = line.strip_prefix("##[group]Run ") {
            self.origin.step = format!("Run {}", name.trim());
            self.tail = Tail::default();
        }
        for signature in self.matcher.of(&line) {
            self.note(signature, &line);
        }
        if let Some(rest) = line.strip_prefix("##[error]Process completed with exit code ") {
            let failed = !rest.starts_with("0.");
            self.failed = Some(self.failed.unwrap_or(false) || failed);
            if failed {
                self.end_of_step();
            }
        } else {
            self.tail.line(self.number, &line);
        }
    }

    fn note(&mut self, signature: &'static Signature, line: &str) {
        let key = (self.origin.step.clone(), signature.id);
        let order = self.order + self.number;
        let found = self.found.entry(key).or_insert_with(|| Found {
            origin: self.origin.clone(),
            id: signature.id.to_owned(),
            category: signature.category,
            confidence: signature.confidence,
            cause: signature.cause.to_owned(),
            next: signature.next.to_owned(),
            lines: Vec::new(),
            count: 0,
            order,
        });
        found.count += 1;
        if found.lines.len() < KEPT {
            let cut: String = line.trim().chars().take(LONGEST).collect();
            if found.lines.iter().all(|(_, known)| *known != cut) {
                found.lines.push((self.number, cut));
            }
        }
    }

    /// A step failed: where nothing explains it, its last words are kept.
    fn end_of_step(&mut self) {
        let step = &self.origin.step;
        let known = self.found.keys().any(|(of, _)| of == step);
        if !known {
            self.unknown
                .extend(unknown(&self.tail, &self.origin, self.order + self.number));
        }
    }

    /// Ends the log. `failed` is what is known of it from elsewhere.
    pub(crate) fn finish(mut self, failed: Option<bool>) -> Read {
        let told = self.failed;
        if failed == Some(true) && told != Some(true) {
            self.end_of_step();
        }
        let mut found: Vec<Found> = self.found.into_values().chain(self.unknown).collect();
        found.sort_by_key(|one| one.order);
        Read {
            found,
            failed: failed.or(told),
            lines: self.number,
        }
    }
}

/// Steps that do one thing: what fails in them is of that kind, whatever they say of it.
const STEPS: [(&str, Category); 12] = [
    ("actions/checkout@", Category::Git),
    ("actions/upload-artifact@", Category::Artifact),
    ("actions/download-artifact@", Category::Artifact),
    ("actions/cache@", Category::Artifact),
    ("actions/cache/", Category::Artifact),
    ("actions/setup-python@", Category::Python),
    ("astral-sh/setup-uv@", Category::Install),
    ("docker/login-action@", Category::Registry),
    ("docker/build-push-action@", Category::Build),
    ("docker/bake-action@", Category::Build),
    ("codecov/codecov-action@", Category::Report),
    ("dorny/test-reporter@", Category::Report),
];

/// The kind of a failure that nothing but its step tells.
fn of_step(step: &str) -> Category {
    let name = step.strip_prefix("Run ").unwrap_or(step);
    let known = STEPS.iter().find(|(begin, _)| name.starts_with(begin));
    known.map_or(Category::Unknown, |(_, category)| *category)
}

/// The last words of a step as something found.
fn unknown(tail: &Tail, origin: &Origin, order: u64) -> Option<Found> {
    let excerpt = tail.excerpt()?;
    Some(Found {
        origin: origin.clone(),
        id: excerpt.id,
        category: of_step(&origin.step),
        confidence: Confidence::Possible,
        cause: "a failure that no signature knows".to_owned(),
        next: String::new(),
        lines: excerpt.lines,
        count: 1,
        order,
    })
}
