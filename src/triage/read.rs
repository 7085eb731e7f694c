//! Reading a log line by line: which signatures are in it, where, and whether its steps
//! failed.

use std::collections::BTreeMap;

use super::Matcher;
use super::line::plain;
use super::signature::{Category, Confidence, Signature};
use super::step;
use super::telling::is_source;
use super::unknown::Tail;

/// Lines of one signature in one step that are kept; further ones are counted.
const KEPT: usize = 3;
/// Longest line that is kept, in characters.
const LONGEST: usize = 300;
/// How the last line of a step begins, on GitHub and GitLab; its exit code follows.
const ENDS: [&str; 2] = [
    "##[error]Process completed with exit code ",
    "ERROR: Job failed: exit code ",
];
/// Lines of a script that are kept until its group ends.
const SCRIPT: usize = 500;
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
    /// What its words would mean, where nothing tells whether anything failed.
    pub(crate) guess: Option<Found>,
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
    /// The lines since a step began, as long as they may be its script, which GitHub prints in
    /// a group before it runs it: what it would say is not what happened.
    script: Option<Vec<(u64, String)>>,
    /// What the step is for, where that is one thing.
    aim: Option<Category>,
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
            aim: step::of_name(&origin.step),
            origin,
            order,
            number: 0,
            failed: None,
            script: None,
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
            self.end_of_script();
            self.origin.step = format!("Run {}", name.trim());
            self.tail = Tail::default();
            self.aim = step::of_name(&self.origin.step);
            self.script = Some(Vec::new());
        } else if let Some(script) = &mut self.script
            && !line.starts_with("##[")
            && script.len() < SCRIPT
        {
            script.push((self.number, line));
        } else {
            if line == "##[endgroup]" {
                let script = self.script.take().unwrap_or_default();
                let lines = script.iter().map(|(_, line)| line.as_str());
                self.aim = self.aim.or_else(|| step::of_script(lines));
            }
            self.end_of_script();
            self.look(self.number, &line);
        }
    }

    /// What was taken for the script of a step was its output: the group had no end.
    fn end_of_script(&mut self) {
        for (number, line) in self.script.take().unwrap_or_default() {
            self.look(number, &line);
        }
    }

    /// Looks for what a line of a step's output tells.
    fn look(&mut self, number: u64, line: &str) {
        if is_source(line) {
            return;
        }
        let hits = self.matcher.of(line);
        if let Some(rest) = ENDS.iter().find_map(|words| line.strip_prefix(words)) {
            let failed = rest.trim_end_matches('.') != "0";
            self.failed = Some(self.failed.unwrap_or(false) || failed);
            if failed && self.end_of_step() {
                // Nothing but its number tells anything.
                for signature in hits.signatures {
                    self.note(signature, number, line);
                }
            }
            return;
        }
        for signature in hits.signatures {
            self.note(signature, number, line);
        }
        self.tail.line(number, line, hits.kind);
    }

    fn note(&mut self, signature: &'static Signature, number: u64, line: &str) {
        let key = (self.origin.step.clone(), signature.id);
        let order = self.order + number;
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
                found.lines.push((number, cut));
            }
        }
    }

    /// A step failed: where no signature explains it, its last words are kept. Whether nothing
    /// tells even its kind.
    fn end_of_step(&mut self) -> bool {
        let step = &self.origin.step;
        let of_step = self.found.iter().filter(|((of, _), _)| of == step);
        let known: Vec<&Found> = of_step.map(|(_, found)| found).collect();
        if known
            .iter()
            .any(|one| one.confidence > Confidence::Possible)
        {
            return false;
        }
        // Where a signature may be meant, only another kind tells more.
        let more = self.last_words().filter(|words| {
            known.is_empty()
                || (words.category != Category::Unknown
                    && known.iter().all(|one| one.category != words.category))
        });
        let nothing = known.is_empty()
            && more
                .as_ref()
                .is_none_or(|words| words.category == Category::Unknown);
        self.unknown.extend(more);
        nothing
    }

    /// The last words of the step as something found.
    fn last_words(&self) -> Option<Found> {
        let excerpt = self.tail.excerpt()?;
        let category = excerpt.kind.or(self.aim).unwrap_or(Category::Unknown);
        Some(Found {
            origin: self.origin.clone(),
            id: excerpt.id,
            category,
            confidence: excerpt.confidence,
            cause: match category {
                Category::Unknown => "a failure that no signature knows".to_owned(),
                _ => "no signature knows this failure; its words tell its kind".to_owned(),
            },
            next: String::new(),
            order: self.order + excerpt.lines.first().map_or(0, |(number, _)| *number),
            lines: excerpt.lines,
            count: 1,
        })
    }

    /// Ends the log. `failed` is what is known of it from elsewhere.
    pub(crate) fn finish(mut self, failed: Option<bool>) -> Read {
        self.end_of_script();
        let told = self.failed;
        if failed == Some(true) && told != Some(true) {
            self.end_of_step();
        }
        let unsure = failed.or(told).is_none() && self.found.is_empty();
        let guess = unsure
            .then(|| self.last_words())
            .flatten()
            .filter(|words| words.category != Category::Unknown);
        let mut found: Vec<Found> = self.found.into_values().chain(self.unknown).collect();
        found.sort_by_key(|one| one.order);
        Read {
            found,
            guess,
            failed: failed.or(told),
            lines: self.number,
        }
    }
}
