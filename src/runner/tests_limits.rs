//! What a job may leave behind, all together.
#![allow(clippy::unwrap_used)]

use super::tests::{Change, run_with};
use crate::engine::Quota;
use crate::record::{Cause, ReportKind, RunRecord, StepRecord};

#[test]
fn artifacts_and_reports_of_a_job_share_what_it_may_leave_behind() {
    let text = "on: push
jobs:
  one: &job
    runs-on: ubuntu-latest
    steps:
      - run: \"write a 1\\nwrite b 2\\nwrite c 3\"
      - {uses: actions/upload-artifact@v4, with: {name: 'A-${{ github.job }}', path: a}}
      - {uses: actions/upload-artifact@v4, with: {name: 'B-${{ github.job }}', path: b}}
      - {name: beyond, uses: actions/upload-artifact@v4, with: {name: 'C-${{ github.job }}', path: c}}
      - {name: tests, if: always(), run: \"report junit.xml\\npytest --junitxml=junit.xml\"}
      - {name: page, if: always(), run: \"report\\nwrite html/index.html x\\npytest --cov --cov-report=html:html\"}
  other: *job
";
    let ran = run_with(
        text,
        Change {
            leaves: Some(Quota {
                files: 2,
                ..Quota::JOB
            }),
            ..Change::default()
        },
    );
    for job in &ran.record.jobs {
        assert_eq!(job.artifacts.len(), 2, "each job has its own");
        let beyond = job.steps.iter().find(|step| step.name == "beyond").unwrap();
        let failure = beyond.failure.as_ref().unwrap();
        assert_eq!(failure.cause, Cause::ArtifactLimit);
        let name = format!("the artifact `C-{}`", job.planned.job);
        assert!(failure.message.starts_with(&name), "{}", failure.message);
        assert!(failure.message.ends_with("1 MiB and 2 files are used"));
        // The report that decides comes out all the same, the page does not.
        let tests = job.steps.iter().find(|step| step.name == "tests").unwrap();
        assert_eq!(tests.tests.len(), 1);
        let missing: Vec<(ReportKind, Cause)> = job
            .missing
            .iter()
            .map(|one| (one.kind, one.failure.cause))
            .collect();
        assert_eq!(missing, [(ReportKind::Html, Cause::ArtifactLimit)]);
    }
}

/// Runs one step that prints a line so often; gives what became of the step.
fn printed(count: usize, line: &str) -> (RunRecord, StepRecord) {
    let script = format!("times {count} {line}");
    let text = format!(
        "on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps: [{{run: '{script}'}}]\n"
    );
    let record = run_with(&text, Change::default()).record;
    let mut steps = record.jobs.iter().flat_map(|job| &job.steps);
    let step = steps.find(|step| step.number == 1).unwrap().clone();
    (record, step)
}

#[test]
fn annotations_without_measure_are_counted() {
    let long = "x".repeat(5000);
    let (record, step) = printed(1200, &format!("::warning::% {long}"));
    assert_eq!(step.annotations.len(), 1000);
    let longest = step.annotations.iter().map(|one| one.message.len()).max();
    assert!(longest.unwrap() < 4200);
    let told = "200 annotations are left out: of a step 1000 are kept";
    assert!(record.notices.iter().any(|notice| notice.message == told));
}

#[test]
fn a_value_that_can_no_longer_be_masked_fails_the_step() {
    let (_, step) = printed(1001, "::add-mask::value-%");
    let failure = step.failure.unwrap();
    assert_eq!(failure.message, "add-mask: too many values to mask");
    let (_, step) = printed(1000, "::add-mask::value-%");
    assert_eq!(step.failure, None);
}

#[test]
fn outputs_without_measure_fail_the_step() {
    let value = "x".repeat(10_000);
    let (_, step) = printed(200, &format!("::set-output name=n%::{value}"));
    let message = step.failure.unwrap().message;
    assert!(message.contains("more than 1 MiB"), "{message}");
}

#[test]
fn a_secret_that_holds_an_earlier_one_is_masked_as_a_whole() {
    let text = "on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps: [{run: \"print ::add-mask::abcd\\nprint ::add-mask::abcd1234\\nprint abcd1234 and abcd\"}]
";
    let lines = run_with(text, Change::default()).lines;
    assert!(
        lines.iter().any(|line| line.ends_with("*** and ***")),
        "{lines:?}"
    );
}
