//! The commands on kept runs.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use clap::Parser;

use super::args::Args;
use super::out::{Out, Stream};
use super::{App, dispatch};
use crate::gate::sample::{Leg, Run, case, coverage};
use crate::gate::{Masked, Policy, judge};
use crate::record::{
    Cause, EventKind, Failure, JobFacts, JobKey, Python, RunRecord, TestCase, TestOutcome,
};
use crate::settings::Environment;

/// A run of which a test failed.
fn failed() -> Run {
    let facts = JobFacts {
        python: Some(Python {
            version: "3.12.4".to_owned(),
            implementation: "cpython".to_owned(),
            executable: "/usr/local/bin/python".to_owned(),
            ..Python::default()
        }),
        packages: Some([("pytest".to_owned(), "8.3.2".to_owned())].into()),
        uid: Some(1000),
        user: Some("app".to_owned()),
        memory_limit: Some(2 << 30),
        ..JobFacts::default()
    };
    let lint = Leg::new("lint", 0).step("Ruff", "in container", 900);
    let unit = Leg::new("unit (3.12)", 1_000)
        .needs(&["lint"])
        .tests(2_000, 3)
        .with(|step| {
            step.tests[0].1.push(TestCase {
                details: "def test():\n>   assert 3 == 4\n\ntests/test_calc.py:21: AssertionError"
                    .to_owned(),
                ..case(9, TestOutcome::Failed)
            });
        })
        .fails(Failure::new(Cause::TestsFailed, "1 test failed"), Some(1))
        .covers(coverage(914))
        .event(EventKind::Facts {
            job: JobKey("unit (3.12)".to_owned()),
            facts: Box::new(facts),
        });
    Run::of([lint, unit])
        .image(8_000, None)
        .merged(coverage(914))
}

fn judged(run: &Run) -> RunRecord {
    let mut record = run.record();
    let policy = Policy {
        coverage_min: None,
        coverage_due: true,
        limits: crate::gate::Limits::default(),
        masked: Masked::Deny,
        budgets: crate::gate::Budgets::default(),
        quarantine: Vec::new(),
    };
    record.verdict = Some(judge(&record, &policy));
    record
}

/// Keeps the run below a root as `seatrial run` does.
fn keep(root: &Path) -> RunRecord {
    let record = judged(&failed());
    let folder = root.join(".seatrial/runs").join(&record.info.id.0);
    let leg = JobKey("unit (3.12)".to_owned());
    let logs = folder.join("logs").join(leg.slug());
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::write(
        logs.join("01-run-tests.log"),
        "3 passed\u{1b}]0;title\u{7}\n\u{1b}[31m1 failed\u{1b}[0m\n",
    )
    .unwrap();
    let text = serde_json::to_vec(&record).unwrap();
    std::fs::write(folder.join("run.json"), text).unwrap();
    record
}

/// What a command says: its exit code, standard output and standard error.
fn said(root: &Path, words: &[&str]) -> (u8, String, String) {
    let app = App {
        environment: Environment::default(),
        out: Out::listening(),
    };
    let root = root.to_str().unwrap();
    let root_flag = ["--root", root];
    let line = ["seatrial"].iter().chain(words).chain(&root_flag);
    let code = dispatch(&app, Args::try_parse_from(line).unwrap());
    let stdout = app.out.heard(Stream::Stdout).replace(root, "ROOT");
    (code, stdout, app.out.heard(Stream::Stderr))
}

#[test]
fn runs_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (code, _, stderr) = said(root, &["list", "runs"]);
    assert_eq!((code, stderr.contains("there is no run in")), (2, true));
    keep(root);
    let (code, stdout, _) = said(root, &["list", "runs"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("20261122-211454-9f3c2a7e01b4"), "{stdout}");
    assert!(stdout.contains("tests_failed.tests_failed"), "{stdout}");
    let (_, stdout, _) = said(root, &["list", "runs", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(value["runs"][0]["exit_code"], 1);
    let (code, _, stderr) = said(root, &["list", "runs", "--event", "push"]);
    assert_eq!((code, stderr.contains("leave out")), (2, true));
}

#[test]
fn a_run_and_its_jobs_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    keep(root);
    let (code, stdout, _) = said(root, &["show"]);
    assert_eq!(code, 0, "it was done, whatever the verdict of the run");
    assert!(stdout.ends_with("[exit code 1]\n"), "{stdout}");
    let (_, by_leg, _) = said(root, &["show", "9f3c", "unit (3.12)"]);
    insta::assert_snapshot!("job", by_leg);
    let (_, by_job, _) = said(root, &["show", "latest", "unit"]);
    assert_eq!(by_job, by_leg);
    let (code, _, stderr) = said(root, &["show", "latest", "unt (3.12)"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("did you mean `unit (3.12)`?"), "{stderr}");
}

#[test]
fn logs_are_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    keep(root);
    for log in ["--log", "--log=1"] {
        let (code, stdout, _) = said(root, &["show", "latest", "unit", log]);
        assert_eq!(code, 0);
        assert_eq!(stdout, "3 passed␛]0;title␇\n1 failed\n");
    }
    let (code, _, stderr) = said(root, &["show", "latest", "unit", "--log=2"]);
    assert_eq!((code, stderr.contains("no log of a step 2")), (2, true));
}

#[test]
fn a_report_has_several_forms() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let record = keep(root);
    let (code, stdout, _) = said(root, &["report", "--json"]);
    assert_eq!(code, 0);
    assert_eq!(serde_json::from_str::<RunRecord>(&stdout).unwrap(), record);
    for (form, begins) in [
        ("--summary", "## ✗ seatrial: failed"),
        ("--junit", "<?xml version=\"1.0\""),
        ("--sarif", "{\n  \"$schema\""),
    ] {
        let (code, stdout, _) = said(root, &["report", "latest", form]);
        assert_eq!(code, 0);
        assert!(stdout.starts_with(begins), "{stdout}");
        let file = root.join("out");
        let path = file.to_str().unwrap();
        let (_, nothing, _) = said(root, &["report", "latest", form, "-o", path]);
        assert_eq!(nothing, "");
        assert_eq!(std::fs::read_to_string(file).unwrap(), stdout);
    }
    let (code, _, _) = said(root, &["report", "--json", "-o", "/nowhere/out"]);
    assert_eq!(code, Cause::OutputWriteFailed.exit_code());
}

#[test]
fn a_run_that_was_killed_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let place = root.join(".seatrial/runs/killed");
    std::fs::create_dir_all(&place).unwrap();
    let events = failed().events();
    let kept: Vec<String> = events
        .iter()
        .take(events.len() - 3)
        .map(|event| serde_json::to_string(event).unwrap())
        .collect();
    std::fs::write(place.join("events.jsonl"), kept.join("\n")).unwrap();
    for words in [
        &["show"][..],
        &["report", "--summary"],
        &["report", "--sarif"],
    ] {
        let (code, stdout, stderr) = said(root, words);
        assert_eq!(code, 0);
        assert!(stderr.contains("the run has no run.json"), "{stderr}");
        assert!(stdout.contains("no verdict"), "{stdout}");
    }
}
