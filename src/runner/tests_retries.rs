//! What a step has of `--retries`, and what is said where it did not help.
#![allow(clippy::unwrap_used)]

use super::tests::{Change, run_with};

const WORKFLOW: &str = "
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          show PYTHONPATH
          print no tests
      - name: direct
        run: |
          pytest --junitxml=out.xml
          show PYTHONPATH
          show TOX_OVERRIDE
          report out.xml
      - env: {PYTHONPATH: lib}
        run: |
          pytest
          show PYTHONPATH
          read /seatrial/python/retries
      - run: |
          tox
          show TOX_OVERRIDE
      - env: {PYTHONPATH: lib}
        run: |
          tox
          show PYTHONPATH
          show TOX_OVERRIDE
";

fn lines(retries: u32) -> (Vec<String>, Vec<String>) {
    let ran = run_with(
        WORKFLOW,
        Change {
            retries,
            ..Change::default()
        },
    );
    let lines = ran.lines.iter().map(|line| line.replacen("a: ", "", 1));
    let notices = ran.record.notices.iter();
    let told = notices
        .map(|notice| notice.message.clone())
        .filter(|message| message.contains("run again"));
    (lines.collect(), told.collect())
}

#[test]
fn only_steps_that_reach_pytest_have_the_plugin() {
    let (lines, told) = lines(2);
    assert_eq!(
        lines,
        [
            "PYTHONPATH=(unset)",
            "no tests",
            "PYTHONPATH=/seatrial/python",
            "TOX_OVERRIDE=(unset)",
            "PYTHONPATH=lib:/seatrial/python",
            "2",
            "TOX_OVERRIDE=testenv.pass_env+=PYTEST_ADDOPTS,PYTHONPATH",
            // tox keeps it from the tests: ours would bring it to them.
            "PYTHONPATH=lib",
            "TOX_OVERRIDE=testenv.pass_env+=PYTEST_ADDOPTS",
        ]
    );
    // The report of the fake engine has no property of the plugin.
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("failed tests of `direct` were not run again"));
}

#[test]
fn without_retries_there_is_nothing_of_it() {
    let (lines, told) = lines(0);
    assert_eq!(
        lines,
        [
            "PYTHONPATH=(unset)",
            "no tests",
            "PYTHONPATH=(unset)",
            "TOX_OVERRIDE=(unset)",
            "PYTHONPATH=lib",
            "(no such file)",
            "TOX_OVERRIDE=testenv.pass_env+=PYTEST_ADDOPTS",
            "PYTHONPATH=lib",
            "TOX_OVERRIDE=testenv.pass_env+=PYTEST_ADDOPTS",
        ]
    );
    assert_eq!(told, [""; 0]);
}
