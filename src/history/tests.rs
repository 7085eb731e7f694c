#![allow(clippy::unwrap_used)]

use super::{Beside, Entry, Source, Warmth};
use crate::gate::sample::{Leg, Run, START, case, coverage};
use crate::record::{Cause, Conclusion, Failure, ReportKind, TestOutcome};

fn entry(run: &Run) -> Entry {
    Entry::of_record(&run.record(), Beside::default())
}

#[test]
fn what_is_kept_of_a_run() {
    let run = Run::of([
        Leg::new("lint", 0).step("ruff", "in container", 2_000),
        Leg::new("unit", 5_000)
            .needs(&["lint"])
            .tests(60_000, 20)
            .covers(coverage(850)),
    ])
    .image(30_000, None)
    .merged(coverage(850));
    let entry = entry(&run);
    insta::assert_json_snapshot!("entry", entry);
    let text = serde_json::to_string(&entry).unwrap();
    assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    assert_eq!(entry.branch(), "main");
    assert_eq!(entry.machine_class(), "local, docker, 8 cores, 16 GiB");
    assert_eq!(
        (entry.source, entry.warmth()),
        (Source::Local, Warmth::Partly)
    );
    assert_eq!(entry.build_millis(), Some(30_000));
    assert_eq!(entry.test_counts().passed, 20);
    assert_eq!(entry.reports_collected, Some(true));
    assert_eq!(entry.started_at, START);
}

#[test]
fn why_it_failed_and_which_tests_were_not_well() {
    let failure = Failure::new(Cause::TestsFailed, "2 of 20 tests failed\nsecond line");
    let run = Run::of([
        Leg::new("unit", 0)
            .tests(1_000, 0)
            .with(|step| {
                let mut failed = case(1, TestOutcome::Failed);
                failed.message = format!("\n  {}\nmore", "é".repeat(300));
                failed.seconds = f64::NAN;
                let mut flaky = case(2, TestOutcome::Passed);
                flaky.retries = 1;
                flaky.seconds = 0.0016;
                let mut skipped = case(3, TestOutcome::Skipped);
                skipped.message = "not here".to_owned();
                step.tests = vec![("junit.xml".to_owned(), vec![failed, flaky, skipped], true)];
            })
            .fails(failure.clone(), Some(1))
            .misses(
                Some(1),
                ReportKind::Cobertura,
                Failure::new(Cause::ReportMissing, "none"),
            ),
        Leg::new("mac", 0).elsewhere("macos-14"),
    ]);
    let mut record = run.record();
    record.verdict = Some(crate::record::Verdict::of(vec![failure], Vec::new()));
    record.finished_at = None;
    record.info.ci = true;
    let beside = Beside {
        signatures: vec!["test.assertion".to_owned()],
        rollout: Some("25%".to_owned()),
    };
    let entry = Entry::of_record(&record, beside);
    assert_eq!((entry.passed, entry.exit_code), (Some(false), Some(1)));
    assert_eq!(entry.failures[0].cause, "tests_failed.tests_failed");
    assert_eq!(entry.failures[0].message, "2 of 20 tests failed");
    assert_eq!(entry.reports_collected, Some(false));
    assert_eq!((entry.millis(), entry.source), (None, Source::Ci));
    let tests: Vec<_> = entry.tests().map(|(_, test)| test).collect();
    assert_eq!(tests[0].message.chars().count(), 201);
    assert_eq!((tests[0].millis, tests[1].millis), (0, 2));
    assert!(tests[1].is_flaky() && !tests[0].is_flaky());
    assert_eq!(tests[2].message, "");
    assert_eq!(entry.legs[0].conclusion, Some(Conclusion::Failure));
    assert_eq!(entry.legs[1].conclusion, None);
    assert_eq!(
        entry.legs[0].failure.as_ref().unwrap().cause,
        "tests_failed.tests_failed"
    );
    assert_eq!(entry.signatures, ["test.assertion"]);
    assert_eq!(entry.rollout.as_deref(), Some("25%"));
}

#[test]
fn a_leg_waits_for_its_turn_and_not_for_its_image() {
    let mut record = Run::of([
        Leg::new("lint", 0).step("ruff", "in container", 2_000),
        Leg::new("unit", 9_000).needs(&["lint"]).tests(1_000, 1),
    ])
    .image(1_000, None)
    .record();
    let ended = record.jobs[0].finished_at.unwrap();
    record.jobs[1].started_at = Some(ended + 700);
    record.images[0].finished_at = Some(ended + 5_700);
    record.jobs[1].ready_at = Some(ended + 6_000);
    let entry = Entry::of_record(&record, Beside::default());
    assert_eq!(entry.legs[1].queue_millis, Some(700));
    assert_eq!(entry.legs[1].startup_millis, Some(300));
    assert_eq!(entry.queue_millis(), Some(700));
}

#[test]
fn reasons_of_a_later_version_can_be_read() {
    let mut entry = entry(&Run::of([Leg::new("unit", 0).tests(1_000, 1)]));
    entry.failures = vec![super::Reason {
        cause: "gravity.fell_down".to_owned(),
        message: String::new(),
    }];
    let mut value = serde_json::to_value(&entry).unwrap();
    value["colour"] = "green".into();
    let read: Entry = serde_json::from_value(value).unwrap();
    assert_eq!(read, entry);
}
