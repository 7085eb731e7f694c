//! Tests that fail in the container and pass on the runner.
//!
//! One failure is no difference: a flaky test fails in the container as well as elsewhere. So a
//! test must fail in several container runs in a row, and in more of them where it is known to
//! fail and pass by turns.

use std::collections::BTreeMap;

use super::judge::{NAMED, counted, evidence, watched};
use super::pairs::{Pair, pairs};
use super::rules::Rules;
use super::trigger::{Trigger, Watched};
use crate::history::{Entry, TestEntry};
use crate::record::TestOutcome;

/// What a test did in the container runs of commits that ran on both sides.
#[derive(Default)]
struct Course<'a> {
    /// The last runs, which it failed, the last one first. On the runner it passed always.
    failed: Vec<(&'a Entry, &'a TestEntry)>,
    /// Whether an earlier run ended the row.
    over: bool,
    /// Whether it failed before that, or passed after a retry only.
    flaky: bool,
}

impl Course<'_> {
    /// Whether it differs for good.
    fn is_different(&self, rules: &Rules) -> bool {
        let least = match self.flaky {
            true => rules.critical_runs_of_flaky(),
            false => rules.critical_runs,
        };
        self.failed.len() >= least
    }
}

/// Judges whole runs, the last one first.
pub(super) fn critical_test(whole: &[&Entry], rules: &Rules) -> Watched {
    let pairs = pairs(whole);
    let commits = pairs.iter().take(rules.window).count();
    let mut courses: BTreeMap<(&str, &str), Course<'_>> = BTreeMap::new();
    for pair in &pairs {
        follow(pair, rules, &mut courses);
    }
    courses.retain(|_, course| !course.failed.is_empty());
    let (different, unsure): (Vec<_>, Vec<_>) = courses
        .into_iter()
        .partition(|(_, course)| course.is_different(rules));
    let (row, row_of_flaky) = (rules.critical_runs, rules.critical_runs_of_flaky());
    let sides = format!("{} that ran on both sides", counted(commits, "commit"));
    let tests = |count| counted(count, "test");
    let seen = match (commits, different.len(), unsure.len()) {
        (0, ..) => "no commit ran on both sides (seatrial compare, or shadow runs)".to_owned(),
        (_, 0, 0) => format!("no test that matters differs on {sides}"),
        (_, 0, some) => format!(
            "{} failed in the last container run and not on the runner; asked for are {row} runs in a \
             row, and {row_of_flaky} of a flaky test",
            tests(some)
        ),
        (_, some, _) => format!(
            "{} failed in the last {row} container runs or more, and never on the runner beside \
             them; {sides}",
            tests(some)
        ),
    };
    let fired = !different.is_empty();
    let named = if fired { different } else { unsure };
    let evidences = named.iter().filter_map(|((leg, id), course)| {
        let (run, test) = course.failed.first()?;
        let text = format!(
            "{id} ({leg}) fails in the container and passes on the runner, {} in a row: {}",
            counted(course.failed.len(), "run"),
            test.message
        );
        Some(evidence(run, text))
    });
    let evidences = evidences.take(NAMED).collect();
    watched(Trigger::CriticalTest, fired, seen, evidences)
}

/// Goes on from later commits to an earlier one.
fn follow<'a>(
    pair: &Pair<'a>,
    rules: &Rules,
    courses: &mut BTreeMap<(&'a str, &'a str), Course<'a>>,
) {
    // Tests that ran on the runner, and whether they passed always.
    let mut control: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    for (leg, test) in pair.control.iter().flat_map(|run| run.tests()) {
        let passed = test.outcome == TestOutcome::Passed;
        *control.entry((&leg.key, &test.id)).or_insert(true) &= passed;
    }
    for run in &pair.candidate {
        for (leg, test) in run.tests() {
            if test.outcome == TestOutcome::Skipped || !rules.is_critical(&test.id) {
                continue;
            }
            let key = (leg.key.as_str(), test.id.as_str());
            let failed = test.outcome != TestOutcome::Passed;
            let differs = failed && control.get(&key) == Some(&true);
            let course = courses.entry(key).or_default();
            course.flaky |= test.is_flaky() || course.over && differs;
            course.over |= !differs;
            if !course.over {
                course.failed.push((run, test));
            }
        }
    }
}
