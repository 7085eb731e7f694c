//! A comparison of two small workflows for tests.

use crate::audit::Subject;
use crate::diff::Diff;
use crate::plan::Project;

const OLD: &str = "on: [push, pull_request]
jobs:
  unit:
    name: Unit tests
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - run: pytest tests --cov=app --cov-fail-under=80 --junitxml=junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: junit, path: junit.xml }
";
const NEW: &str = "on: [push]
jobs:
  unit:
    name: Tests
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t tests .
      - run: docker run --rm tests pytest tests -k fast --cov=app --cov-fail-under=70 --junitxml=junit.xml
      - uses: actions/upload-artifact@v4
        with: { name: junit, path: junit.xml }
";

pub(super) fn diff() -> Diff {
    let read = |text: &str| crate::workflow::parse(text).unwrap_or_else(|_| unreachable!());
    let (old, new) = (read(OLD), read(NEW));
    let project = Project::default();
    let subject = |path, text, parsed| Subject {
        path,
        text,
        workflow: parsed,
        project: &project,
    };
    let before = subject("HEAD:.github/workflows/test.yml", OLD, &old.workflow);
    let after = subject(".github/workflows/test.yml", NEW, &new.workflow);
    crate::diff::diff(&before, &after)
}
