//! The commands that judge past runs.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use clap::Parser;

use super::args::Args;
use super::out::{Out, Stream};
use super::{App, dispatch};
use crate::gate::sample::{Leg, Run, START, case, coverage};
use crate::history::{Beside, Entry, Place, Purpose, Store};
use crate::record::{CiRun, RunId, TestOutcome};
use crate::settings::Environment;

/// Adds a run to the history whose tests take so long; one of them may pass after a retry only.
fn keep(root: &Path, number: u64, millis: u64, retries: u32) {
    add(root, &run(number, millis, retries));
}

/// Adds the same in parts, as jobs at GitHub have them: another job has none of the tests.
fn keep_in_parts(root: &Path, number: u64, millis: u64) {
    let mut part = run(number, millis, 0);
    part.partial = true;
    part.ci_run = Some(CiRun {
        id: number.to_string(),
        attempt: 1,
    });
    let mut other = part.clone();
    other.run.0.push_str("-lint");
    other.started_at += 1;
    other.coverage = None;
    for leg in &mut other.legs {
        leg.key = "lint".to_owned();
        leg.job = "lint".to_owned();
        leg.steps.clear();
        leg.millis = Some(9_000);
    }
    add(root, &part);
    add(root, &other);
}

fn add(root: &Path, entry: &Entry) {
    let place = Place::File(root.join(".seatrial/history.db"));
    let mut store = Store::open(&place, Purpose::Write).unwrap();
    store.add(entry).unwrap();
}

fn run(number: u64, millis: u64, retries: u32) -> Entry {
    let leg = Leg::new("unit", 0)
        .tests(millis, 4)
        .with(|step| {
            let mut flaky = case(9, TestOutcome::Passed);
            flaky.retries = retries;
            step.tests[0].1.push(flaky);
        })
        .covers(coverage(914));
    let share = if millis > 80_000 { 850 } else { 914 };
    let mut record = Run::of([leg]).merged(coverage(share)).record();
    record.info.id = RunId(format!("20261122-{number:06}-9f3c2a7e01b4"));
    record.info.dirty = false;
    record.info.sha = format!("{:x}", 0xabc_0000 + number).repeat(5);
    let later = number * 3_600_000;
    record.started_at = START + later;
    record.finished_at = record.finished_at.map(|end| end + later);
    Entry::of_record(&record, Beside::default())
}

fn said(root: &Path, line: &str) -> (u8, String) {
    let app = App {
        environment: Environment::default(),
        out: Out::listening(),
    };
    let line = format!("seatrial {line} --root {}", root.display());
    let args = Args::try_parse_from(line.split_whitespace()).unwrap();
    let code = dispatch(&app, args);
    let heard = app.out.heard(Stream::Stdout) + &app.out.heard(Stream::Stderr);
    (code, heard)
}

#[test]
fn a_regression_is_told_and_fails_only_a_check() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    assert_eq!(said(root, "trends").0, 2);
    for number in 0..30 {
        let slower = if number < 20 { 0 } else { 25_000 };
        keep(
            root,
            number,
            60_000 + number % 7 * 300 + slower,
            u32::from(number == 25),
        );
    }
    let (code, text) = said(root, "trends");
    assert_eq!(code, 0, "{text}");
    for part in [
        "acme/widgets",
        "30 runs",
        "✗ unit regression: 1 min 01 s → 1 min 26 s (+41 %)",
        "first run   20261122-000020-9f3c2a7e01b4",
        "commits     abc0013..abc0014",
        "most of it  unit › Run tests",
        "most of it  src/widgets/cli.py",
        "✗ coverage regression: 91.4 % → 85.0 % (-6.4 points)",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert_eq!(said(root, "trends --check").0, 13);
    assert_eq!(said(root, "trends --check --metric queue").0, 0);
    assert_eq!(said(root, "trends --check --limit 9").0, 0);
    assert_eq!(said(root, "trends --workflow other.yml").0, 2);
    let (code, json) = said(root, "trends --metric tests --format json");
    assert_eq!(code, 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["groups"][0]["trends"][0]["judgement"], "regression");
    let file = root.join("trends.svg");
    let line = format!("trends --format svg -o {}", file.display());
    assert_eq!(said(root, &line), (0, String::new()));
    assert!(std::fs::read_to_string(file).unwrap().starts_with("<svg "));
}

#[test]
fn jobs_that_ran_by_themselves_are_one_run() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for number in 0..30 {
        let slower = if number < 20 { 0 } else { 25_000 };
        keep_in_parts(root, number, 60_000 + number % 7 * 300 + slower);
    }
    let (code, text) = said(root, "trends --check");
    assert_eq!(code, 13, "{text}");
    for part in [
        "30 runs",
        "✗ unit regression: 1 min 01 s → 1 min 26 s (+41 %)",
        "lint",
        "first run   20261122-000020-9f3c2a7e01b4",
        "✗ coverage regression: 91.4 % → 85.0 % (-6.4 points)",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    // As many runs as are asked for, not as many parts.
    let (_, text) = said(root, "trends --limit 12");
    assert!(text.contains("12 runs"), "{text}");
}

#[test]
fn flaky_tests_are_listed() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    for number in 0..5 {
        keep(root, number, 1_000, u32::from(number == 3));
    }
    let (code, text) = said(root, "flaky");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("1 of 5 (20.0 %)"), "{text}");
    let (_, json) = said(root, "flaky --format json --limit 1");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["runs"], &json["tests"]),
        (&1.into(), &serde_json::json!([]))
    );
}
