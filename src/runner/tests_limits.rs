//! What a job may leave behind, all together.
#![allow(clippy::unwrap_used)]

use super::tests::{Change, run_with};
use crate::engine::Quota;
use crate::record::{Cause, ReportKind};

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
