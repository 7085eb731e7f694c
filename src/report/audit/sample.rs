//! A result of an audit for tests: what is found in a small workflow.

use crate::audit::{Policy, Report, Rule, Subject, audit};
use crate::plan::Project;
use crate::scan::{Level, Override};

const TEXT: &str = "on: push
jobs:
  unit:
    runs-on: ubuntu-latest
    steps:
      - run: pytest --cov=. | tee log
      - run: coverage report --fail-under=80 || true
      - run: pytest tests/slow || true # seatrial: ignore[masked-gate] until they are fast
      - run: docker run --rm img
      - run: docker run --rm img
";

pub(super) fn report() -> Report {
    let parsed = crate::workflow::parse(TEXT).unwrap_or_else(|_| unreachable!());
    let path = ".github/workflows/test.yml";
    let findings = audit(&Subject {
        path,
        text: TEXT,
        workflow: &parsed.workflow,
        project: &Project::default(),
    });
    let set = Override {
        level: Level::Allow,
        reason: Some("GitHub's own limit will do".to_owned()),
    };
    let policy = Policy {
        rules: [(Rule::NoTimeout, set)].into_iter().collect(),
        ..Policy::default()
    };
    Report {
        files: vec![path.to_owned()],
        unread: vec![".github/workflows/broken.yml".to_owned()],
        findings: policy.apply(findings),
    }
}
