//! `seatrial diff` from the command line: which files, which forms, which exit codes.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::Project;

const WORKFLOW: &str = "\
on: [push, pull_request]
jobs:
  unit:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest tests --cov=app --cov-fail-under=80
";

fn git(project: &Project, arguments: &[&str]) {
    let done = std::process::Command::new("git")
        .current_dir(project.root())
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"])
        .args(arguments)
        .output()
        .expect("git");
    assert!(done.status.success(), "{done:?}");
}

/// A repository whose one commit holds the workflow.
fn committed() -> Project {
    let project = Project::new(WORKFLOW);
    git(&project, &["init", "--quiet", "--initial-branch=main"]);
    git(&project, &["add", "."]);
    git(&project, &["commit", "--quiet", "-m", "One"]);
    project
}

#[test]
fn one_file_is_compared_with_its_version_in_head() {
    let project = committed();
    project
        .seatrial(&["diff", "test.yml"])
        .expect(0)
        .says(".github/workflows/test.yml against HEAD:.github/workflows/test.yml")
        .says("✓ same: 0 lost, 0 weakened, 0 changed, 0 added");
    let weaker = WORKFLOW.replace("under=80", "under=70");
    project.write(".github/workflows/test.yml", &weaker);
    project
        .seatrial(&["diff", "test"])
        .expect(12)
        .says("✗ weakened")
        .says("the threshold is lower: `80` → `70`")
        .says("old line 7, new line 7");
    let longer = WORKFLOW.replace("pytest tests", "pytest tests docs");
    project.write(".github/workflows/test.yml", &longer);
    project
        .seatrial(&["diff", ".github/workflows/test.yml"])
        .expect(0)
        .says("it runs `docs` too")
        .says("✓ changed: 0 lost, 0 weakened, 1 changed");
    // From a folder below, and of a repository that is named.
    let root = project.root().display().to_string();
    project
        .seatrial(&["diff", "test.yml", "--root", &root])
        .expect(0)
        .says("`docs` too");
}

#[test]
fn commits_and_files_are_compared_in_any_order() {
    let project = committed();
    let stricter = WORKFLOW.replace("under=80", "under=90");
    project.write("other.yml", &stricter);
    let at_head = "HEAD:.github/workflows/test.yml";
    project
        .seatrial(&["diff", at_head, "other.yml"])
        .expect(0)
        .says("the threshold is higher");
    project
        .seatrial(&["diff", "other.yml", at_head])
        .expect(12)
        .says("the threshold is lower");
    project
        .seatrial(&["diff", "main:./.github/workflows/test.yml", "test.yml"])
        .expect(0);
}

#[test]
fn a_comparison_for_programs_holds_what_is_the_same_where_it_is_asked_for() {
    let project = committed();
    project.write("new.yml", &WORKFLOW.replace("[push, pull_request]", "push"));
    let json = |arguments: &[&str]| -> serde_json::Value {
        let arguments = [
            &["diff", "test.yml", "new.yml", "--format", "json"],
            arguments,
        ]
        .concat();
        let ran = project.seatrial(&arguments).expect(12);
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    let value = json(&[]);
    assert_eq!(value["schema"], 1);
    assert_eq!(value["verdict"], "lost");
    assert_eq!(value["exit_code"], 12);
    assert_eq!(value["reasons"][0], "comparison.workflow_weakened");
    assert_eq!(value["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(value["findings"][0]["topic"], "trigger");
    assert_eq!(value["findings"][0]["old"]["line"], 1);
    assert_eq!(value["findings"][0]["new"], serde_json::Value::Null);
    let same = value["counts"]["same"].as_u64().expect("a number");
    let all = json(&["--all"]);
    let findings = all["findings"].as_array().map(|all| all.len() as u64);
    assert_eq!(findings, Some(same + 1));
    let text = project
        .seatrial(&["diff", "test.yml", "new.yml", "--all"])
        .expect(12);
    text.says("✓ same  unit › pytest tests")
        .says("its failure counts");
}

#[test]
fn what_cannot_be_compared_is_told_with_its_place() {
    let project = committed();
    project
        .seatrial(&["diff", "tset.yml"])
        .expect(2)
        .says("there is no workflow `tset.yml`")
        .says("did you mean `test.yml`?");
    project.write("broken.yml", "on: push\njobs:\n  a:\n    stesp: []\n");
    project
        .seatrial(&["diff", "test.yml", "broken.yml"])
        .expect(2)
        .says("broken.yml (Line: 4")
        .says("did you mean `steps`?");
    project
        .seatrial(&["diff", "nothing:test.yml", "test.yml"])
        .expect(2)
        .says("`nothing:test.yml` cannot be read from git")
        .says("write REV:PATH");
    project.write(".github/workflows/fresh.yml", WORKFLOW);
    project
        .seatrial(&["diff", "fresh.yml"])
        .expect(2)
        .says("`HEAD:./.github/workflows/fresh.yml` cannot be read from git");
    project.seatrial(&["diff"]).expect(2);
    project.seatrial(&["diff", "a", "b", "c"]).expect(2);
}

#[test]
fn a_file_needs_no_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("old.yml", WORKFLOW.to_owned()),
        ("new.yml", WORKFLOW.replace("v4", "v5")),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let diff = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_seatrial"))
            .arg("diff")
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("SEATRIAL_ROOT")
            .env("GIT_CEILING_DIRECTORIES", folder.path())
            .output()
            .expect("seatrial")
    };
    let done = diff(&["old.yml", "new.yml"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(String::from_utf8_lossy(&done.stdout).contains("its version `v4` → `v5`"));
    assert_eq!(diff(&["old.yml"]).status.code(), Some(2));
}
