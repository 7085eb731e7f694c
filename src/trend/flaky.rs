//! Tests that sometimes pass and sometimes fail, and nothing about them changed.
//!
//! Only two things are evidence: a test that passed after a retry, and a test that failed on a
//! commit on which it passed as well, in the same leg. A test that fails on one commit and
//! passes on the next was perhaps broken and repaired. What fails because everything does (the
//! engine, a time limit, a service that many tests need) says nothing about single tests.

use std::collections::{BTreeMap, BTreeSet};

use crate::gate::Quarantined;
use crate::history::{Entry, LegEntry, TestEntry};
use crate::record::{Class, TestOutcome};

/// Where more tests of a leg than this fail, and more than one in [`MANY_SHARE`], it is not the
/// tests.
const MANY: usize = 10;
/// See [`MANY`].
const MANY_SHARE: usize = 5;
/// After so many of a test's runs an event counts half.
const HALF: f64 = 30.0;
/// After so many of its runs without an event, a test is quiet.
const QUIET: usize = 50;
/// Signatures that are named for a test.
const SIGNATURES: usize = 3;

/// A test that is flaky.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FlakyTest {
    /// pytest's node id, or `classname::name`.
    pub(crate) test: String,
    /// The leg.
    pub(crate) leg: String,
    /// From 0 to 100: the share of its runs in which it was flaky, where a run counts half
    /// after 30 later ones.
    pub(crate) score: f64,
    /// Its runs.
    pub(crate) runs: usize,
    /// Those in which it was flaky.
    pub(crate) flaky: usize,
    /// Those of them in which it passed after a retry.
    pub(crate) retried: usize,
    /// The first run in which it was flaky.
    pub(crate) first: Sighting,
    /// The last one.
    pub(crate) last: Sighting,
    /// Whether it was not flaky in any of its last 50 runs.
    pub(crate) quiet: bool,
    /// How it fails, the most frequent first: the first line of the message without what
    /// changes from run to run.
    pub(crate) signatures: Vec<String>,
}

/// A run in which a test was flaky.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// The run.
    pub(crate) run: String,
    /// Its start, in milliseconds since the Unix epoch.
    pub(crate) at: u64,
    /// Its commit.
    pub(crate) sha: String,
}

impl FlakyTest {
    /// The share of runs in which it was flaky, in percent.
    pub(crate) fn rate(&self) -> f64 {
        share(self.flaky, self.runs) * 100.0
    }
}

/// What the history says of a quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InQuarantine {
    /// The pattern of its tests.
    pub(crate) test: String,
    /// Who sees to it.
    pub(crate) owner: String,
    /// The last day on which it holds.
    pub(crate) expires: String,
    /// Runs that ran one of its tests.
    pub(crate) runs: usize,
    /// Runs in which one failed, or passed after a retry only.
    pub(crate) unwell: usize,
    /// Whether its tests were well in all of the last 50 runs, so that it can go.
    pub(crate) steady: bool,
}

/// Takes runs, one at a time and the first one first: there may be many, with many tests.
#[derive(Debug, Default)]
pub(crate) struct FlakySearch {
    sightings: Vec<Sighting>,
    tests: BTreeMap<(String, String), Vec<Attempt>>,
}

/// What a test did in a run.
#[derive(Debug)]
struct Attempt {
    /// Index of the run.
    run: usize,
    passed: bool,
    retried: bool,
    /// Whether the commit says all of what was tested.
    clean: bool,
    message: String,
}

impl FlakySearch {
    /// Takes a run.
    pub(crate) fn add(&mut self, entry: &Entry) {
        let run = self.sightings.len();
        self.sightings.push(Sighting {
            run: entry.run.0.clone(),
            at: entry.started_at,
            sha: entry.sha.clone(),
        });
        for leg in entry.legs.iter().filter(|leg| says_something(leg)) {
            for test in leg.steps.iter().flat_map(|step| &step.tests) {
                if test.outcome == TestOutcome::Skipped {
                    continue;
                }
                let key = (leg.key.clone(), test.id.clone());
                let passed = test.outcome == TestOutcome::Passed;
                self.tests.entry(key).or_default().push(Attempt {
                    run,
                    passed,
                    retried: test.is_flaky(),
                    clean: !entry.dirty && !entry.sha.is_empty(),
                    message: match passed {
                        true => String::new(),
                        false => signature(&test.message),
                    },
                });
            }
        }
    }

    /// What the runs say of tests in quarantine.
    pub(crate) fn in_quarantine(&self, rules: &[Quarantined]) -> Vec<InQuarantine> {
        let of = |rule: &Quarantined| {
            let tests = self.tests.iter();
            let attempts = tests
                .filter(|((_, test), _)| rule.test.means(test))
                .flat_map(|(_, attempts)| attempts);
            let mut runs: BTreeMap<usize, bool> = BTreeMap::new();
            for attempt in attempts {
                *runs.entry(attempt.run).or_default() |= attempt.retried || !attempt.passed;
            }
            let lately = runs.values().rev().take(QUIET);
            InQuarantine {
                test: rule.test.as_str().to_owned(),
                owner: rule.owner.clone(),
                expires: rule.expires.to_string(),
                runs: runs.len(),
                unwell: runs.values().filter(|unwell| **unwell).count(),
                steady: runs.len() >= QUIET && lately.into_iter().all(|unwell| !unwell),
            }
        };
        rules.iter().map(of).collect()
    }

    /// How many runs it has taken.
    pub(crate) fn runs(&self) -> usize {
        self.sightings.len()
    }

    /// The tests that are flaky, that with the highest score first.
    pub(crate) fn list(&self) -> Vec<FlakyTest> {
        let found = self.tests.iter().filter_map(|((leg, test), attempts)| {
            let commit = |attempt: &Attempt| {
                let sighting = self.sightings.get(attempt.run);
                sighting.map(|one| one.sha.as_str()).unwrap_or_default()
            };
            let passed_on: BTreeSet<&str> = attempts
                .iter()
                .filter(|one| one.passed && one.clean)
                .map(commit)
                .collect();
            let is_flaky = |one: &Attempt| {
                one.retried || !one.passed && one.clean && passed_on.contains(commit(one))
            };
            self.flaky(leg, test, attempts, is_flaky)
        });
        let mut found: Vec<FlakyTest> = found.collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found
    }

    fn flaky(
        &self,
        leg: &str,
        test: &str,
        attempts: &[Attempt],
        is_flaky: impl Fn(&Attempt) -> bool,
    ) -> Option<FlakyTest> {
        let flaky: Vec<(usize, &Attempt)> = attempts
            .iter()
            .enumerate()
            .filter(|(_, one)| is_flaky(one))
            .collect();
        let ((_, first), (last_at, last)) = (flaky.first()?, flaky.last()?);
        let weight = |at: usize| 0.5f64.powf(share(attempts.len() - 1 - at, 1) / HALF);
        let all: f64 = (0..attempts.len()).map(weight).sum();
        let bad: f64 = flaky.iter().map(|(at, _)| weight(*at)).sum();
        Some(FlakyTest {
            test: test.to_owned(),
            leg: leg.to_owned(),
            score: bad / all * 100.0,
            runs: attempts.len(),
            flaky: flaky.len(),
            retried: flaky.iter().filter(|(_, one)| one.retried).count(),
            first: self.sightings.get(first.run)?.clone(),
            last: self.sightings.get(last.run)?.clone(),
            quiet: attempts.len() - last_at > QUIET,
            signatures: most_frequent(flaky.iter().map(|(_, one)| one.message.as_str())),
        })
    }
}

/// A part of a whole.
fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(part) / number(whole.max(1))
}

/// Whether the outcomes of a leg say something about its tests.
fn says_something(leg: &LegEntry) -> bool {
    let class = leg.failure.as_ref().and_then(crate::history::Reason::class);
    let of_tests = match class {
        None
        | Some(Class::TestsFailed | Class::CommandFailed | Class::NoReport | Class::Coverage) => {
            true
        }
        Some(_) => false,
    };
    let tests = || leg.steps.iter().flat_map(|step| &step.tests);
    let broken =
        |test: &&TestEntry| matches!(test.outcome, TestOutcome::Failed | TestOutcome::Error);
    let failed = tests().filter(broken).count();
    of_tests && !(failed > MANY && failed * MANY_SHARE > tests().count())
}

/// A message without what changes from run to run: numbers, addresses, names made by chance.
fn signature(message: &str) -> String {
    let words = message.split_whitespace().map(|word| {
        let hexadecimal = word.chars().filter(char::is_ascii_hexdigit).count();
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if digits > 0 && hexadecimal >= 8 && hexadecimal * 4 >= word.chars().count() * 3 {
            return "#".to_owned();
        }
        let mut text = String::new();
        for c in word.chars() {
            match c.is_ascii_digit() {
                true if text.ends_with('#') => {}
                true => text.push('#'),
                false => text.push(c),
            }
        }
        text
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The texts that are not empty, the most frequent first.
fn most_frequent<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts.filter(|text| !text.is_empty()) {
        *counts.entry(text).or_default() += 1;
    }
    let mut sorted: Vec<(&str, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let texts = sorted.into_iter().map(|(text, _)| text.to_owned());
    texts.take(SIGNATURES).collect()
}
