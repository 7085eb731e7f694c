//! What stand-ins for actions do in a workflow, on an engine that obeys little
//! scripts.
#![allow(clippy::unwrap_used)]

use super::tests::run;
use crate::record::{Cause, Conclusion};

#[test]
fn an_action_that_publishes_is_skipped_with_a_notice() {
    let ran = run("
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
      - uses: github/codeql-action/init@v3
      - run: print after
");
    assert_eq!(ran.job("a"), Conclusion::Success);
    assert!(ran.said("a: after"));
    let note = ran.step("a", 1).note.clone().unwrap();
    assert!(note.contains("publishes nothing"), "{note}");
    let notices: Vec<&str> = ran
        .record
        .notices
        .iter()
        .map(|notice| notice.message.as_str())
        .collect();
    assert!(
        notices.iter().any(|text| text.contains("pypi-publish")),
        "{notices:?}"
    );
}

#[test]
fn unknown_inputs_are_told_in_githubs_words() {
    let ran = run("
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: re-actors/alls-green@v1
        with: { jobs: '{}', JOBS-allowed: x }
      - uses: actions/checkout@v4
        with: { FETCH-DEPTH: 0 }
");
    assert_eq!(ran.job("a"), Conclusion::Success);
    let said = "a: Unexpected input(s) 'JOBS-allowed', valid inputs are ['jobs', 'allowed-failures', 'allowed-skips']";
    assert!(ran.said(said), "{:?}", ran.lines);
    assert!(ran.said("a: input `FETCH-DEPTH` has no effect here"));
}

#[test]
fn a_command_is_tried_again_until_it_succeeds() {
    let ran = run("
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - id: r
        uses: nick-fields/retry@v3
        with:
          command: exit 7
          new_command_on_retry: |
            print second
            env KEPT=yes
          retry_wait_seconds: 0
          max_attempts: 3
      - run: |
          print ${{ steps.r.outputs.total_attempts }} ${{ steps.r.outputs.exit_code }}
          show KEPT
");
    assert_eq!(ran.job("a"), Conclusion::Success);
    assert!(ran.said("a: 2 0"), "{:?}", ran.lines);
    assert!(ran.said("a: KEPT=yes"));
    assert!(
        ran.said("a: Attempt 1 failed. Reason: Child_process exited with error code 7"),
        "{:?}",
        ran.lines
    );
}

#[test]
fn what_is_tried_again_and_when_it_ends() {
    let ran = run("
on: push
jobs:
  final:
    runs-on: ubuntu-latest
    steps:
      - uses: nick-fields/retry@v3
        with: { command: exit 7, retry_wait_seconds: 0, max_attempts: 2 }
  code:
    runs-on: ubuntu-latest
    steps:
      - uses: nick-invision/retry@v2
        with: { command: exit 7, retry_wait_seconds: 0, retry_on_exit_code: 8 }
  slow:
    runs-on: ubuntu-latest
    steps:
      - id: r
        uses: nick-fields/retry@v3
        with:
          command: hang
          timeout_seconds: 0.05
          retry_on: error
          continue_on_error: true
      - run: print ${{ steps.r.outputs.exit_error }}
  both:
    runs-on: ubuntu-latest
    steps:
      - uses: nick-fields/retry@v3
        with: { command: exit 0, timeout_minutes: 1, timeout_seconds: 1 }
");
    assert!(ran.said("final: Final attempt failed. Child_process exited with error code 7"));
    assert_eq!(ran.step("final", 1).exit_code, Some(7));
    let failure = ran.step("final", 1).failure.clone().unwrap();
    assert_eq!(failure.cause, Cause::StepFailed);
    assert!(ran.said("code: Child_process exited with error code 7"));
    assert_eq!(ran.job("slow"), Conclusion::Success);
    assert!(ran.said("slow: Timeout of 50ms hit"), "{:?}", ran.lines);
    assert_eq!(ran.job("both"), Conclusion::Failure);
}

#[test]
fn a_retried_test_command_owes_its_report() {
    let ran = run("
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: nick-fields/retry@v3
        with:
          command: \"pytest --junitxml=out.xml\\nreport out.xml\"
  b:
    runs-on: ubuntu-latest
    steps:
      - uses: nick-fields/retry@v3
        with: { command: pytest tests }
");
    assert_eq!(ran.step("a", 1).tests[0].counts.passed, 1);
    let missing = |job: &str| {
        let found = ran.record.jobs.iter().find(|one| one.planned.key.0 == job);
        !found.unwrap().missing.is_empty()
    };
    assert!(!missing("a") && missing("b"));
}

#[test]
fn a_retried_command_ends_with_its_step() {
    let ran = run("
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: nick-fields/retry@v3
        timeout-minutes: 0.001
        with: { command: hang, max_attempts: 5 }
      - if: always()
        run: print after
");
    let failure = ran.step("a", 1).failure.clone().unwrap();
    assert_eq!(failure.cause, Cause::StepTimeout);
    assert!(ran.said("a: after"));
}

#[test]
fn artifacts_have_their_rules() {
    let ran = run("
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - id: up
        run: report out.xml
      - id: one
        uses: actions/upload-artifact@v4
        with: { name: one, path: out.xml }
      - uses: actions/upload-artifact@v4
        continue-on-error: true
        with: { name: one, path: out.xml }
      - uses: actions/upload-artifact@v4
        with: { name: one, path: out.xml, overwrite: true }
      - id: nothing
        uses: actions/upload-artifact@v4
        continue-on-error: true
        with: { name: two, path: none, if-no-files-found: error }
      - uses: actions/download-artifact@v4
        continue-on-error: true
        with: { name: two }
      - uses: actions/download-artifact@v4
        with: { artifact-ids: '${{ steps.one.outputs.artifact-id }}' }
      - uses: actions/upload-artifact@v4
        continue-on-error: true
        with: { name: 'a:b', path: out.xml }
      - uses: actions/upload-artifact/merge@v4
        with: { name: all, delete-merged: true }
      - id: all
        uses: actions/download-artifact@v5
      - run: print ${{ steps.nothing.outcome }} ${{ steps.all.outputs.download-path }}
");
    let message = |number: u32| {
        let failure = ran.step("a", number).failure.clone();
        failure.map(|failure| failure.message).unwrap_or_default()
    };
    assert_eq!(message(2), "");
    assert!(message(3).contains("(409) Conflict"), "{}", message(3));
    assert_eq!(message(4), "");
    assert!(message(5).starts_with("No files were found with the provided path: none."));
    assert!(message(6).contains("Artifact not found for name: two"));
    assert_eq!(message(7), "");
    assert!(message(8).contains("Colon :"), "{}", message(8));
    assert_eq!(message(9), "");
    let names: Vec<&str> = ran
        .record
        .jobs
        .iter()
        .flat_map(|job| &job.artifacts)
        .map(|artifact| artifact.name.as_str())
        .collect();
    assert_eq!(names, ["one", "one", "all"]);
    assert!(
        ran.said("a: failure /home/runner/work/app/app"),
        "{:?}",
        ran.lines
    );
}

#[test]
fn another_repository_is_refused_and_the_own_one_is_copied() {
    let ran = run("
on: push
jobs:
  other:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { repository: acme/other }
  own:
    runs-on: ubuntu-latest
    steps:
      - id: c
        uses: actions/checkout@v4
        with: { repository: Acme/App, path: sub }
      - run: print ${{ steps.c.outputs.ref }}
  outside:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: { path: ../x }
");
    assert_eq!(ran.job("other"), Conclusion::Failure);
    assert_eq!(ran.job("own"), Conclusion::Success);
    assert!(ran.said("own: refs/heads/main"));
    assert_eq!(ran.job("outside"), Conclusion::Failure);
}

#[test]
fn a_cache_must_have_a_key_that_can_be_one() {
    let ran = run("
on: push
jobs:
  commas:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/cache@v4
        with: { path: x, key: 'a,b' }
  missing:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/cache/restore@v4
        with: { path: x, key: a, fail-on-cache-miss: true }
  none:
    runs-on: ubuntu-latest
    steps:
      - id: c
        uses: actions/cache/restore@v4
        with: { path: x, key: a }
      - run: print [${{ steps.c.outputs.cache-hit }}] ${{ steps.c.outputs.cache-primary-key }}
");
    let message = |job: &str| ran.step(job, 1).failure.clone().unwrap().message;
    assert_eq!(
        message("commas"),
        "Key Validation Error: a,b cannot contain commas."
    );
    assert!(message("missing").contains("fail-on-cache-miss is set. Input key: a"));
    // Unset, not `false`, as in the action.
    assert!(ran.said("none: [] a"), "{:?}", ran.lines);
}
