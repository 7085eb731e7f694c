#![allow(clippy::unwrap_used)]

use std::io::Write;

use super::{Plan, What};
use crate::history::Entry;

/// Where `benches/histories` asks for a history, and what it is like.
const OUTPUT: &str = "SEATRIAL_SIMULATED_FILE";
const WORDS: &str = "SEATRIAL_SIMULATED_PLAN";

/// Writes a history where `benches/histories` asks for one; otherwise a small one, which is
/// read again.
#[test]
fn histories_are_written_as_lines() {
    let words = std::env::var(WORDS).unwrap_or_else(|_| {
        "runs=30 seed=3 shadow=1 critical-test@10 flaky:0.5@5-6 lost-reports@20".to_owned()
    });
    let plan = Plan::parse(&words).unwrap();
    if let Ok(path) = std::env::var(OUTPUT) {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        for line in plan.lines() {
            file.write_all(line.as_bytes()).unwrap();
        }
        return file.flush().unwrap();
    }
    let read = |line: String| serde_json::from_str::<Entry>(&line).unwrap();
    let read: Vec<Entry> = plan.lines().map(read).collect();
    assert_eq!(read, plan.entries());
    assert_eq!(read.len(), 60);
}

#[test]
fn words_say_what_is_planted() {
    let plan = Plan::parse("runs=9 slow-tests:2@4 drift@1-3 lost-reports").unwrap();
    let expected = Plan::clean(0, 9)
        .with(4, What::AllTests(2.0))
        .between(1, 4, What::Drift("unit (3.12)", 0.001))
        .with(0, What::ReportsLost);
    assert_eq!(plan, expected);
    for wrong in ["slow", "runs=x", "size=3", "drift@soon", "flaky:often@3"] {
        let error = Plan::parse(wrong).unwrap_err();
        assert!(error.starts_with(&format!("{wrong}: ")), "{error}");
    }
}
