//! Each rule against its two workflows in `tests/fixtures/audit/`: `bad.yml` breaks it in just
//! the lines that end with `# bad`, `good.yml` is as near to that as can be and keeps it.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use super::*;
use crate::plan::Project;
use crate::scan::Level;

const MARK: &str = "# bad";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audit")
}

fn of_text(text: &str) -> Vec<Finding> {
    let parsed = crate::workflow::parse(text).unwrap_or_else(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        unreachable!("{told:?}\n{text}")
    });
    audit(&Subject {
        path: "test.yml",
        text,
        workflow: &parsed.workflow,
        project: &Project::default(),
    })
}

/// The lines in which a rule finds something, each once.
fn lines(findings: &[Finding], rule: Rule) -> Vec<usize> {
    let mut lines: Vec<usize> = findings
        .iter()
        .filter(|found| found.rule == rule)
        .map(|found| found.place.line)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

#[test]
fn each_rule_is_broken_by_one_workflow_and_kept_by_the_nearest() {
    let mut told = String::new();
    for rule in Rule::ALL {
        let folder = folder().join(format!("{}-{}", rule.id(), rule.name()));
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path)
                .unwrap_or_else(|error| unreachable!("{}: {error}", path.display()))
        };
        let bad = read("bad.yml");
        let marked: Vec<usize> = bad
            .lines()
            .enumerate()
            .filter(|(_, line)| line.ends_with(MARK))
            .map(|(at, _)| at + 1)
            .collect();
        assert!(!marked.is_empty(), "{}: nothing is marked", rule.id());
        let found = of_text(&bad);
        assert_eq!(lines(&found, *rule), marked, "{}: {found:#?}", rule.id());
        let good = of_text(&read("good.yml"));
        assert_eq!(lines(&good, *rule), [0; 0], "{}: {good:#?}", rule.id());
        for found in found.iter().filter(|found| found.rule == *rule) {
            told.push_str(&format!(
                "{} {} {}:{} {}\n",
                rule.id(),
                found.severity.as_str(),
                found.place.line,
                found.place.column,
                found.message
            ));
        }
    }
    insta::assert_snapshot!("messages", told);
}

#[test]
fn there_are_no_fixtures_of_rules_that_are_not() {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let known: Vec<String> = Rule::ALL
        .iter()
        .map(|rule| format!("{}-{}", rule.id(), rule.name()))
        .collect();
    assert_eq!(found, known);
}

#[test]
fn a_comment_ignores_and_says_why() {
    let text = "on: push
jobs:
  a:
    runs-on: x
    timeout-minutes: 5
    steps:
      # seatrial: ignore[masked-gate] until the old tests are gone
      - run: pytest || true
";
    let found = Policy::default().apply(of_text(text));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].level, Level::Allow);
    assert_eq!(
        found[0].because.as_deref(),
        Some("ignored in line 7: until the old tests are gone")
    );
}

/// Whatever a script holds, rules do not panic and places are in the file.
#[test]
fn odd_scripts_are_survived() {
    for script in [
        "pytest || ",
        "docker run",
        "docker run -v",
        "docker run --rm --name x -e",
        "bash -c",
        "bash -c 'bash -c \"bash -c pytest\"'",
        "set -o",
        "${",
        "echo ${{ github.event.issue.title",
        "sleep",
        "docker compose",
        "pytest --junitxml",
        "[ -f coverage.xml ] &&",
        "é; pytest | é",
    ] {
        let text = format!(
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          {script}\n      - run: '{}'\n",
            script.replace('\'', "''")
        );
        let count = text.lines().count();
        for found in of_text(&text) {
            assert!(
                (1..=count).contains(&found.place.line),
                "{script}: {found:?}"
            );
            assert!(found.place.column > 0, "{script}: {found:?}");
        }
    }
}
