//! Jobs whose legs depend on what other jobs give, and jobs that call workflows.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::tests::{Change, run, run_with};
use crate::record::{Cause, Conclusion};

const DYNAMIC: &str = "
on: push
jobs:
  set-matrix:
    runs-on: ubuntu-latest
    outputs:
      matrix: ${{ steps.x.outputs.matrix }}
    steps:
      - id: x
        run: |
          output matrix={\"py\": [\"3.10\", \"3.11\"], \"include\": [{\"py\": \"3.11\", \"extra\": true}]}
  test:
    needs: set-matrix
    runs-on: ubuntu-latest
    strategy:
      matrix: ${{ fromJSON(needs.set-matrix.outputs.matrix) }}
    steps:
      - run: print ${{ matrix.py }} ${{ matrix.extra }} ${{ strategy.job-index }}/${{ strategy.job-total }}
  last:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - run: print ${{ needs.test.result }}
";

#[test]
fn a_matrix_may_come_from_another_job() {
    let ran = run(DYNAMIC);
    let keys: Vec<&str> = ran
        .record
        .jobs
        .iter()
        .map(|job| job.planned.key.0.as_str())
        .collect();
    // In place of the job that stood for them, not at the end.
    assert_eq!(keys, ["set-matrix", "test (3.10)", "test (3.11)", "last"]);
    assert!(ran.said("test (3.10): 3.10  0/2"));
    assert!(ran.said("test (3.11): 3.11 true 1/2"));
    assert!(ran.said("last: success"));
}

#[test]
fn a_matrix_that_cannot_be_read_fails_its_job() {
    let ran = run(&DYNAMIC.replace("output matrix={", "output matrix=["));
    assert_eq!(ran.job("test"), Conclusion::Failure);
    let failure = ran.record.jobs[1].failure.as_ref().unwrap();
    assert_eq!(failure.cause, Cause::WorkflowInvalid);
    assert!(
        failure.message.contains("Error parsing fromJson"),
        "{failure:?}"
    );
    assert!(
        failure.message.starts_with("(Line: 16, Col: 15)"),
        "{failure:?}"
    );
    assert_eq!(ran.job("last"), Conclusion::Skipped);
}

#[test]
fn an_empty_matrix_from_another_job_is_an_error_as_on_github() {
    let text = DYNAMIC.replace(r#"["3.10", "3.11"]"#, "[]");
    assert_ne!(text, DYNAMIC);
    let ran = run(&text);
    assert_eq!(ran.job("test"), Conclusion::Failure);
}

#[test]
fn a_skipped_job_with_an_unknown_matrix_is_one_job() {
    let ran = run(&DYNAMIC.replace("output matrix={", "exit 1\n          print {"));
    assert_eq!(ran.job("set-matrix"), Conclusion::Failure);
    assert_eq!(ran.job("test"), Conclusion::Skipped);
}

#[test]
fn name_and_label_may_come_from_another_job() {
    let ran = run("
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    outputs: { os: ubuntu-latest, name: Nice }
    steps:
      - run: print a
  b:
    needs: a
    name: ${{ needs.a.outputs.name }} tests
    runs-on: ${{ needs.a.outputs.os }}
    steps:
      - run: print b
  c:
    needs: a
    runs-on: windows-${{ needs.a.outputs.name }}
    steps:
      - run: print c
");
    assert_eq!(ran.record.jobs[1].planned.name, "Nice tests");
    assert!(ran.said("b: b"));
    assert_eq!(ran.job("c"), Conclusion::Skipped);
    assert!(ran.record.jobs[2].planned.left_out.is_some());
}

const TESTS: &str = "
on:
  workflow_call:
    inputs:
      versions: { type: string, required: true }
      strict: { type: boolean }
      times: { type: number, default: 2 }
    secrets:
      token: { required: true }
    outputs:
      which:
        value: ${{ jobs.one.outputs.which }}
env:
  OWN: called
jobs:
  one:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        py: ${{ fromJSON(inputs.versions) }}
    outputs:
      which: ${{ matrix.py }}
    steps:
      - run: |
          print ${{ matrix.py }} ${{ inputs.strict == false }} ${{ inputs.times + 0 == 2 }}
          show OWN
          show CALLER
      - run: print token ${{ secrets.token == 'hunter2-hunter2' }} other ${{ secrets.OTHER }}
  two:
    needs: one
    if: ${{ !cancelled() }}
    runs-on: ubuntu-latest
    steps:
      - run: print two after ${{ needs.one.result }}
";

const CALLS: &str = "
on: push
env:
  CALLER: caller
jobs:
  first:
    runs-on: ubuntu-latest
    outputs: { v: '[\"3.11\"]' }
    steps:
      - run: print first
  call:
    needs: first
    uses: ./.github/workflows/tests.yml
    with:
      versions: '[\"3.11\", \"3.12\"]'
    secrets:
      token: ${{ secrets.TOKEN }}
  last:
    needs: call
    runs-on: ubuntu-latest
    steps:
      - run: print ${{ needs.call.result }} ${{ needs.call.outputs.which }}
";

fn call(text: &str, called: &'static str) -> super::tests::Ran {
    run_with(
        text,
        Change {
            files: vec![(".github/workflows/tests.yml", called)],
            secrets: vec![
                ("TOKEN".to_owned(), "hunter2-hunter2".to_owned()),
                ("OTHER".to_owned(), "not-handed-on".to_owned()),
            ],
            ..Change::default()
        },
    )
}

#[test]
fn a_called_workflow_has_its_own_inputs_secrets_and_variables() {
    let called = TESTS.replace("${{ inputs.times + 0 == 2 }}", "${{ inputs.times == 2 }}");
    let ran = call(CALLS, called.leak());
    let keys: Vec<&str> = ran
        .record
        .jobs
        .iter()
        .map(|job| job.planned.key.0.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "first",
            "call / one (3.11)",
            "call / one (3.12)",
            "call / two",
            "last"
        ]
    );
    assert!(ran.said("call / one (3.11): 3.11 true true"));
    assert!(ran.said("call / one (3.11): OWN=called"));
    assert!(ran.said("call / one (3.11): CALLER=(unset)"));
    assert!(ran.said("call / one (3.12): token true other "));
    assert!(ran.said("call / two: two after success"));
    assert!(ran.said("last: success 3.12") || ran.said("last: success 3.11"));
    let two = &ran.record.jobs[3].planned;
    assert_eq!(
        (two.job.as_str(), two.needs.as_slice()),
        ("call / two", &["call / one".to_owned()][..])
    );
    assert_eq!(ran.record.jobs[1].planned.needs, ["first"]);
}

#[test]
fn inputs_of_a_call_may_come_from_another_job() {
    let called = TESTS.replace("${{ inputs.times + 0 == 2 }}", "");
    let text = CALLS.replace("'[\"3.11\", \"3.12\"]'", "${{ needs.first.outputs.v }}");
    assert_ne!(text, CALLS);
    let ran = call(&text, called.leak());
    assert!(ran.said("call / one (3.11): 3.11 true "), "{:?}", ran.lines);
    assert_eq!(ran.record.jobs.len(), 4);
    assert!(ran.said("last: success 3.11"));
}

#[test]
fn a_failure_in_a_called_workflow_is_one_of_the_call() {
    let called = TESTS.replace("print two after ${{ needs.one.result }}", "exit 1");
    let called = called.replace("${{ inputs.times + 0 == 2 }}", "");
    let ran = call(CALLS, called.leak());
    assert_eq!(ran.job("call / two"), Conclusion::Failure);
    assert_eq!(ran.job("last"), Conclusion::Skipped);
}

#[test]
fn a_skipped_call_skips_all_its_jobs() {
    let called = TESTS.replace("${{ inputs.times + 0 == 2 }}", "");
    let ran = call(
        &CALLS.replace("    needs: first\n", "    if: false\n"),
        called.leak(),
    );
    assert_eq!(ran.job("call / one (3.11)"), Conclusion::Skipped);
    assert_eq!(ran.job("call / two"), Conclusion::Skipped);
    assert_eq!(ran.job("last"), Conclusion::Skipped);
}

#[test]
fn a_failed_call_cancels_its_siblings() {
    let called = "
on:
  workflow_call:
    inputs:
      what: { type: string }
jobs:
  x:
    runs-on: ubuntu-latest
    steps:
      - run: ${{ inputs.what }}
      - if: always()
        run: print end
";
    let ran = call(
        "
on: push
jobs:
  call:
    strategy:
      matrix:
        what: [\"wait go\\nexit 1\", \"signal go\\nhang\"]
    uses: ./.github/workflows/tests.yml
    with:
      what: ${{ matrix.what }}
",
        called,
    );
    let results: Vec<Conclusion> = ran
        .record
        .jobs
        .iter()
        .map(|job| job.conclusion.unwrap())
        .collect();
    assert_eq!(results, [Conclusion::Failure, Conclusion::Cancelled]);
}
