//! The command line without an engine: plans, errors, documents in step.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::Project;

const WORKFLOW: &str = "\
name: Test
on: [push, pull_request]
jobs:
  unit:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
        python-version: ['3.11', '3.12']
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: { python-version: '${{ matrix.python-version }}' }
      - run: pytest
  report:
    needs: unit
    runs-on: ubuntu-latest
    steps:
      - run: echo done
";

#[test]
fn the_page_of_exit_codes_is_in_step_with_the_code() {
    let project = Project::new(WORKFLOW);
    let page = project.seatrial(&["docs", "exit-codes"]).expect(0).stdout;
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/exit-codes.md");
    let kept = std::fs::read_to_string(kept).expect("docs/exit-codes.md");
    assert_eq!(page, kept, "seatrial docs exit-codes > docs/exit-codes.md");
}

#[test]
fn init_writes_what_is_not_there_and_touches_nothing_else() {
    let project = Project::new(WORKFLOW);
    let hooks = "repos:\n- repo: local # ours\n  hooks: []\n\nci: {}\n";
    project.write(".pre-commit-config.yaml", hooks);
    let read = |path: &str| std::fs::read_to_string(project.root().join(path)).expect("a file");
    let ran = project.seatrial(&["init", "--workflow"]).expect(0);
    assert_eq!(
        ran.stdout,
        "seatrial.toml: written\n\
         .pre-commit-config.yaml: the hooks of seatrial added\n\
         .github/workflows/seatrial.yml: written\n"
    );
    let after = read(".pre-commit-config.yaml");
    assert!(after.starts_with("repos:\n- repo: local # ours\n  hooks: []\n- repo: https://"));
    assert!(after.ends_with("\n\nci: {}\n") && after.contains("    - id: seatrial-audit\n"));
    assert!(!after.contains("seatrial-convert-check"));
    // The settings change nothing, and the workflow passes the audit that it runs.
    project.seatrial(&["plan", "test.yml"]).expect(0);
    project.seatrial(&["audit", "seatrial.yml"]).expect(0);

    // Again: what is as it would be stays, what somebody changed is not overwritten.
    project.seatrial(&["init", "--workflow"]).expect(0);
    project.write("seatrial.toml", "jobs = ['unit']\n");
    std::fs::remove_file(project.root().join(".github/workflows/seatrial.yml")).expect("a file");
    let ran = project.seatrial(&["init", "--workflow"]).expect(2);
    ran.says("seatrial.toml is there already").says("--force");
    assert_eq!(read("seatrial.toml"), "jobs = ['unit']\n");
    assert!(
        !project
            .root()
            .join(".github/workflows/seatrial.yml")
            .exists()
    );
    project.seatrial(&["init", "--force"]).expect(0);
    assert!(read("seatrial.toml").starts_with("#:schema "));
}

#[test]
fn manual_pages_go_into_a_folder() {
    let project = Project::new(WORKFLOW);
    project
        .seatrial(&["docs", "man"])
        .expect(2)
        .says("--output DIR");
    project
        .seatrial(&["docs", "man", "-o", "man/man1"])
        .expect(0);
    let page = project.root().join("man/man1/seatrial-run.1");
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.contains(".TH seatrial\\-run 1") || page.contains(".TH seatrial-run 1"));
    assert!(page.contains("coverage\\-min"));
}

#[test]
fn an_audit_judges_each_file_and_says_where() {
    let project = Project::new(
        "on: push
jobs:
  unit:
    runs-on: ubuntu-latest
    steps:
      - run: pytest || true
      - run: coverage report
        continue-on-error: true
",
    );
    project
        .write(".github/workflows/broken.yml", "on: push\njobs: 1\n")
        .write(
            "pyproject.toml",
            "[tool.coverage.report]\nfail_under = 80\n",
        );
    // A broken file is told, and the others are looked at all the same.
    let ran = project.seatrial(&["audit"]).expect(2);
    ran.says(".github/workflows/broken.yml (Line: 2")
        .says("ST3001 masked-gate high")
        .says("at .github/workflows/test.yml:6:14")
        .says("ST3003 forgiven-gate medium")
        .says(".github/workflows/broken.yml not read");
    let json = project
        .seatrial(&["audit", "test.yml", "--format", "json"])
        .expect(6)
        .stdout;
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["reasons"][0], "policy.audit_rule");
    assert_eq!(value["findings"][0]["place"]["column"], 14);
    project.write(
        "seatrial.toml",
        "[audit.rules]\nmasked-gate = { level = 'allow', reason = 'until the old tests are gone' }\n",
    );
    project
        .seatrial(&["audit", "test.yml", "-o", "audit.txt"])
        .expect(0);
    let written = std::fs::read_to_string(project.root().join("audit.txt")).expect("a result");
    assert!(written.contains("1 allowed by seatrial.toml"), "{written}");
    project
        .seatrial(&["audit", "test", "--fail-on", "medium"])
        .expect(6);
    project.seatrial(&["audit", "tests.yml"]).expect(2);
    project
        .seatrial(&["audit", "--fail-on", "grave"])
        .expect(2)
        .says("expected info, low, medium, high or none");
}

#[test]
fn a_plan_in_three_forms() {
    let project = Project::new(WORKFLOW);
    project
        .seatrial(&["plan"])
        .expect(0)
        .says("python:3.11-slim")
        .says("windows-latest");
    let json = project
        .seatrial(&[
            "plan",
            "test.yml",
            "--format",
            "json",
            "--matrix",
            "python-version=3.11",
        ])
        .expect(0)
        .stdout;
    let plan: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(plan["schema"], 1);
    assert_eq!(plan["partial"], true);
    assert_eq!(plan["jobs"][0]["legs"].as_array().map(Vec::len), Some(4));
    let mermaid = project.seatrial(&["plan", "--format", "mermaid"]).expect(0);
    assert!(mermaid.stdout.starts_with("flowchart"));
}

#[test]
fn wrong_words_have_exit_code_2_and_a_way_out() {
    let project = Project::new(WORKFLOW);
    for (arguments, words) in [
        (&["plan", "--job", "unti"][..], "did you mean `unit`?"),
        (
            &["plan", "--matrix", "python=3.11"][..],
            "no job has a matrix with `python`",
        ),
        (&["plan", "--matrix", "os=linux"][..], "its values are"),
        (&["plan", "missing.yml"][..], "missing.yml"),
        (&["plan", "--target", "nothing"][..], "nothing"),
        (&["plan", "--no-such-flag"][..], "--no-such-flag"),
        (&["sail"][..], "sail"),
    ] {
        project.seatrial(arguments).expect(2).says(words);
    }
}

#[test]
fn problems_are_told_together_with_their_places() {
    let project = Project::new(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stesp:\n      - run: x\n  b:\n    needs: [a, c]\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.here }}\n      - uses: actions/checkout\n",
    );
    project
        .seatrial(&["plan"])
        .expect(2)
        .says("did you mean `steps`?")
        .says("test.yml:5")
        .says("needs `c`");
    let cycle = Project::new(
        "on: push\njobs:\n  a:\n    needs: b\n    runs-on: x\n    steps: [{run: x}]\n  b:\n    needs: a\n    runs-on: x\n    steps: [{run: x}]\n",
    );
    cycle.seatrial(&["plan"]).expect(2).says("a → b → a");
    let expression = Project::new(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: pytest ${{ nothing.here }}\n",
    );
    expression
        .seatrial(&["plan"])
        .expect(2)
        .says("Unrecognized named-value: 'nothing'");
}

#[test]
fn a_repository_without_workflows_is_told_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_seatrial"))
        .arg("plan")
        .current_dir(folder.path())
        .output()
        .expect("seatrial");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains(".github/workflows"));
}

#[test]
fn settings_of_the_file_hold_and_its_errors_have_places() {
    let project = Project::new(WORKFLOW);
    project.write("seatrial.toml", "jobs = ['unit']\n");
    let json = project
        .seatrial(&["plan", "--format", "json"])
        .expect(0)
        .stdout;
    let plan: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(plan["jobs"].as_array().map(Vec::len), Some(1));
    project.write("seatrial.toml", "[coverage]\nmni = 80\n");
    project
        .seatrial(&["plan"])
        .expect(2)
        .says("seatrial.toml:2")
        .says("mni");
}

#[test]
fn expressions_are_evaluated_one_a_line() {
    use std::io::Write;
    let project = Project::new(WORKFLOW);
    let mut child = project
        .command(&["eval", "--stdin"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("seatrial");
    let mut input = child.stdin.take().expect("stdin");
    writeln!(
        input,
        r#"{{"expr":"a.b[1] == 2","contexts":{{"a":{{"b":[1,2]}}}}}}"#
    )
    .expect("a line");
    writeln!(input, r#"{{"expr":"github.sha","contexts":{{}}}}"#).expect("a line");
    drop(input);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "{\"kind\":\"Boolean\",\"value\":true}\n\
         {\"error\":\"Unrecognized named-value: 'github'. Located at position 1 within expression: github.sha\"}\n"
    );
    project
        .seatrial(&["eval", "format('{0}', 1)"])
        .expect(0)
        .says("1");
    project
        .seatrial(&["eval", "1 +"])
        .expect(2)
        .says("Unexpected symbol: '+'");
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let project = Project::new(WORKFLOW);
    let mut child = project
        .command(&["plan", "--format", "json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("seatrial");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("its end");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panic"));
}

const DISPATCHED: &str = "\
on:
  push:
  workflow_dispatch:
    inputs:
      slow: { type: boolean }
      level: { type: choice, options: [info, warn], default: warn }
jobs:
  unit:
    runs-on: ${{ inputs.slow && 'slow' || 'fast' }}-${{ github.event.inputs.level }}
    steps:
      - run: pytest
";

#[test]
fn inputs_have_their_types() {
    let project = Project::new(DISPATCHED);
    project
        .seatrial(&["plan", "--input", "slow=false"])
        .expect(0)
        .says("fast-warn");
    project
        .seatrial(&["plan", "--input", "slow=true", "--input", "level=info"])
        .expect(0)
        .says("slow-info");
    project
        .seatrial(&["plan", "--input", "solw=true", "--input", "level=wran"])
        .expect(2)
        .says("test.yml: the workflow has no input `solw`")
        .says("did you mean `slow`?")
        .says("test.yml (Line: 6, Col: 7): the input `level` has no option `wran`");
    project
        .seatrial(&["plan", "--event", "push", "--input", "slow=true"])
        .expect(2)
        .says("the event `push` takes none");
}

#[test]
fn a_list_says_what_an_event_starts() {
    let project = Project::new(
        "on:\n  push: { branches: [main] }\n  pull_request: { paths: ['src/**'] }\njobs:\n  unit:\n    runs-on: x\n    steps: [run: pytest]\n",
    );
    project.write(
        ".github/workflows/release.yml",
        "on: { push: { tags: ['v*'] } }\njobs:\n  build:\n    if: github.ref == 'refs/tags/v1'\n    runs-on: x\n    steps: [run: make]\n",
    );
    project
        .seatrial(&["list"])
        .expect(0)
        .says("push · refs/heads/main")
        .says("✓ unit")
        .says("tags: it names tags only, and `main` is a branch");
    project
        .seatrial(&["list", "--ref", "fix/1"])
        .expect(0)
        .says("branches: no pattern matches `fix/1`");
    project
        .seatrial(&["list", "--ref", "refs/tags/v2"])
        .expect(0)
        .says("○ build  `if: github.ref == 'refs/tags/v1'` is false");
    project
        .seatrial(&["list", "--event", "pull_request"])
        .expect(0)
        .says("paths: the changed files are not known, so it counts as matched");
    let json = project
        .seatrial(&["list", "--event", "release", "--format", "json"])
        .expect(0)
        .stdout;
    let list: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(list["workflows"][0]["starts"], false);
    assert_eq!(list["workflows"][0]["filters"][0]["filter"], "event");
    project.write(".github/workflows/broken.yml", "on: push\n");
    project
        .seatrial(&["list"])
        .expect(2)
        .says("the workflow has no `jobs`");
    project
        .seatrial(&["plan", "test.yml", "--event", "push", "--ref", "fix/1"])
        .expect(0)
        .says("the event `push` does not start this workflow on GitHub")
        .says("no pattern matches `fix/1`");
}
