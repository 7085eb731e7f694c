#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{PackError, Packed, pack, unpack};
use crate::gate::sample::{Leg, Run, coverage};
use crate::history::entry::{Entry, TestEntry};
use crate::history::of_record::Beside;
use crate::record::{FileCoverage, TestOutcome};

fn opened(body: &[u8], parts: &BTreeMap<String, Vec<u8>>) -> Result<Entry, PackError> {
    unpack(body, |name| Ok(parts.get(name).cloned()))
}

fn entry(tests: Vec<TestEntry>) -> Entry {
    let mut covered = coverage(850);
    covered.files = vec![FileCoverage {
        path: "src/calc.py".to_owned(),
        lines_valid: 1000,
        lines_covered: 850,
        ..FileCoverage::default()
    }];
    let run = Run::of([
        Leg::new("lint", 0).step("a", "in container", 1),
        Leg::new("unit", 0).tests(9, 0),
    ]);
    let mut entry = Entry::of_record(&run.merged(covered).record(), Beside::default());
    entry.legs[1].steps[0].tests = tests;
    entry
}

fn tests_of_any_kind() -> impl Strategy<Value = Vec<TestEntry>> {
    let one = (any::<String>(), 0..4usize, any::<u64>(), 0..3u32, ".{0,20}");
    let test = |(id, outcome, millis, retries, message)| TestEntry {
        id,
        outcome: [
            TestOutcome::Passed,
            TestOutcome::Failed,
            TestOutcome::Error,
            TestOutcome::Skipped,
        ][outcome],
        millis,
        retries,
        message,
    };
    proptest::collection::vec(one.prop_map(test), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_packed_comes_out_again(tests in tests_of_any_kind()) {
        let entry = entry(tests);
        let Packed { body, parts } = pack(&entry).unwrap();
        prop_assert_eq!(opened(&body, &parts), Ok(entry));
    }

    #[test]
    fn damaged_bytes_are_an_error_and_no_panic(at in any::<prop::sample::Index>(), bit in 0..8u8, cut in any::<bool>()) {
        let tests = (0..50).map(|number| TestEntry {
            id: format!("test_{number}"),
            outcome: TestOutcome::Passed,
            millis: number,
            retries: 0,
            message: String::new(),
        });
        let Packed { body, parts } = pack(&entry(tests.collect())).unwrap();
        let mut damaged = body.clone();
        let at = at.index(body.len());
        if cut { damaged.truncate(at) } else { damaged[at] ^= 1 << bit }
        // A flipped bit of a number can be another number; nothing else is believed.
        let _ = opened(&damaged, &parts);
        for (name, bytes) in &parts {
            let mut parts = parts.clone();
            let mut bytes = bytes.clone();
            bytes.truncate(bytes.len() / 2);
            parts.insert(name.clone(), bytes);
            prop_assert!(opened(&body, &parts).is_err());
        }
    }
}

#[test]
fn runs_share_names_of_tests_and_files() {
    let tests = |millis: u64| -> Vec<TestEntry> {
        (0..5000)
            .map(|number| TestEntry {
                id: format!(
                    "tests/unit/test_module_{}.py::test_case_{number}",
                    number / 25
                ),
                outcome: TestOutcome::Passed,
                millis: millis + number % 7,
                retries: 0,
                message: String::new(),
            })
            .collect()
    };
    let (one, other) = (
        pack(&entry(tests(1))).unwrap(),
        pack(&entry(tests(9))).unwrap(),
    );
    assert_eq!(one.parts.len(), 2);
    assert_eq!(one.parts, other.parts);
    assert_ne!(one.body, other.body);
    // Two bits and a time for each.
    assert!(one.body.len() < 5000, "{}", one.body.len());
    let missing = opened(&one.body, &BTreeMap::new());
    assert_eq!(missing, Err(PackError::Missing));
}
