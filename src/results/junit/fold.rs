//! One test, one case: pytest writes a second `<testcase>` for a test that
//! failed and whose tear-down then broke as well, and one for each attempt of a test that
//! is run again until it passes.

use std::collections::{HashMap, HashSet};

use super::case::worse;
use super::read::{MAX_DETAILS, MAX_MESSAGE};
use crate::record::{TestCase, TestOutcome};
use crate::results::chars::Gathered;

/// How pytest's message for a broken tear-down begins: since 6.0, and before.
const TEARDOWN: [&str; 2] = ["failed on teardown", "test teardown failure"];

fn is_teardown(case: &TestCase) -> bool {
    case.outcome == TestOutcome::Error
        && TEARDOWN.iter().any(|start| case.message.starts_with(start))
}

/// Folds an error in tear-down into the other case of the same id, if there is
/// one in the list. Outcome: the worse one; time: the sum; message and details:
/// both. Other cases with equal ids stay as they are.
pub(super) fn fold_teardowns(cases: &mut Vec<TestCase>) {
    let broken: HashSet<String> = cases
        .iter()
        .filter(|case| is_teardown(case))
        .map(|case| case.id.clone())
        .collect();
    if broken.is_empty() {
        return;
    }
    let mut last: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<TestCase> = Vec::with_capacity(cases.len());
    for case in cases.drain(..) {
        if !broken.contains(&case.id) {
            kept.push(case);
            continue;
        }
        let earlier = last.get(&case.id).and_then(|&at| kept.get_mut(at));
        match earlier {
            Some(earlier) if is_teardown(earlier) != is_teardown(&case) => join(earlier, &case),
            _ => {
                last.insert(case.id.clone(), kept.len());
                kept.push(case);
            }
        }
    }
    *cases = kept;
}

/// Folds the attempts of a test into its last one. pytest-rerunfailures leaves of an attempt
/// that failed a case without a failure, so nothing but the number of attempts can be told;
/// a case that did fail is never folded into a later one.
pub(super) fn fold_attempts(cases: &mut Vec<TestCase>) {
    let mut last: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<TestCase> = Vec::with_capacity(cases.len());
    for case in cases.drain(..) {
        match last.get(&case.id).and_then(|&at| kept.get_mut(at)) {
            Some(earlier) if earlier.outcome == TestOutcome::Passed => {
                *earlier = TestCase {
                    retries: earlier.retries.saturating_add(1),
                    seconds: earlier.seconds + case.seconds,
                    ..case
                };
            }
            _ => {
                last.insert(case.id.clone(), kept.len());
                kept.push(case);
            }
        }
    }
    *cases = kept;
}

fn join(earlier: &mut TestCase, later: &TestCase) {
    earlier.outcome = worse(earlier.outcome, later.outcome);
    earlier.seconds += later.seconds;
    earlier.retries = earlier.retries.max(later.retries);
    earlier.message = both(MAX_MESSAGE, "\n", &earlier.message, &later.message);
    earlier.details = both(MAX_DETAILS, "\n\n", &earlier.details, &later.details);
}

fn both(limit: usize, between: &str, first: &str, second: &str) -> String {
    let mut text = Gathered::new(limit);
    text.push(first);
    if !first.is_empty() && !second.is_empty() {
        text.push(between);
    }
    text.push(second);
    text.finish()
}
