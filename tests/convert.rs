//! A converted workflow, executed as a runner would: on this machine, with the real Docker
//! Engine that its steps call. Without an engine these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::os::unix::fs::MetadataExt;

use support::{Project, Ran, docker, pytest_image};

const WORKFLOW: &str = r#"name: Tests
on: [push, workflow_dispatch]
env:
  MULTI: "a\nb"
  FAIL: ${{ vars.FAIL }}
jobs:
  moved:   # it is told apart by its comment
    runs-on: ubuntu-latest
    outputs:
      out: ${{ steps.set.outputs.out }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
      - run: pip install -r requirements.txt
      - name: Where am I
        run: echo "user $(id -u) in $PWD of $(dirname "$GITHUB_WORKSPACE")"
      - id: set
        working-directory: sub
        run: |
          echo "FROM_ENV=line" >> "$GITHUB_ENV"
          echo "$PWD/bin" >> $GITHUB_PATH
          echo "out=given" >> $GITHUB_OUTPUT
          echo "a summary of $PWD" >> $GITHUB_STEP_SUMMARY
          mkdir -p bin
          printf '#!/bin/sh\necho the tool ran\n' > bin/tool
          chmod +x bin/tool
          (while sleep 0.1; do echo still there; done > alive) &
      - name: What came through
        shell: bash
        run: |
          tool | tee said.txt
          test "$FROM_ENV" = line
          test "${{ steps.set.outputs.out }}" = given
          test "$MULTI" = "$(printf 'a\nb')"
          test -f "$GITHUB_WORKSPACE/sub/alive"
          pwd > pwd.txt
      - name: The tests
        run: python -m unittest discover -v
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports
          path: |
            said.txt
            pwd.txt
            tests.txt
  after:
    needs: moved
    runs-on: ubuntu-latest
    steps:
      - run: test "${{ needs.moved.outputs.out }}" = given
"#;

const TESTS: &str = "import os, unittest

class Case(unittest.TestCase):
    def test_it(self):
        with open('tests.txt', 'w') as report:
            report.write('the tests ran\\n')
        self.assertFalse(os.environ.get('FAIL'))
";

fn dockerfile(more: &str) -> String {
    format!(
        "FROM {}\nUSER 0\nRUN mkdir /app && chown 1000 /app\nWORKDIR /app\nCOPY . .\n{more}USER 1000\n",
        pytest_image()
    )
}

fn project() -> Project {
    let project = Project::new(WORKFLOW);
    project
        .write("requirements.txt", "pytest\n")
        .write("test_it.py", TESTS)
        .write("sub/keep", "")
        .write("Dockerfile.test", &dockerfile(""));
    project
}

/// A run on this machine; the jobs' containers and images must be gone behind it.
fn on_a_runner(project: &Project, more: &[&str]) -> Ran {
    let ran = project.seatrial(&[&["run", "test.yml", "--engine", "host"], more].concat());
    let name = docker(&[
        "ps",
        "--all",
        "--filter",
        "label=docker-tests",
        "--format",
        "{{.ID}}",
    ]);
    assert_eq!(name, "", "a container is left\n{}", ran.stderr);
    let images = docker(&["images", "docker-tests", "--format", "{{.Tag}}"]);
    assert_eq!(images, "", "an image is left");
    ran
}

fn artifact(ran: &Ran, name: &str) -> String {
    ran.file(&format!("artifacts/reports/{name}"))
}

#[test]
fn a_converted_workflow_does_on_a_runner_what_it_promises() {
    let project = project();
    project
        .seatrial(&["convert", "test.yml", "--in-place"])
        .expect(0);
    project
        .seatrial(&["convert", "test.yml", "--check"])
        .expect(0);

    // In a container: its user, its folder, and everything that a step hands to the next.
    let ran = on_a_runner(&project, &[])
        .expect(0)
        .says("user 1000 in /app of ");
    assert_eq!(artifact(&ran, "said.txt"), "the tool ran\n");
    assert_eq!(artifact(&ran, "pwd.txt"), "/app\n");
    assert_eq!(artifact(&ran, "tests.txt"), "the tests ran\n");
    let owner = std::fs::metadata(ran.path("artifacts/reports/said.txt"))
        .expect("a file")
        .uid();
    assert_eq!(
        owner,
        std::fs::metadata(project.root()).expect("a folder").uid()
    );

    // Tests that fail fail the job, and their reports come out all the same.
    let ran = on_a_runner(&project, &["--var", "FAIL=yes"]).expect(1);
    assert_eq!(artifact(&ran, "tests.txt"), "the tests ran\n");

    // The flag, and what it does where the image cannot be built.
    let off = ["--var", "CI_USE_DOCKER_TESTS=false"];
    let ran = on_a_runner(&project, &off).expect(0);
    assert_ne!(artifact(&ran, "pwd.txt"), "/app\n");
    let shadow = ["--var", "CI_USE_DOCKER_TESTS=shadow"];
    let ran = on_a_runner(&project, &shadow)
        .expect(0)
        .says("user 1000 in /app of ");
    assert_ne!(artifact(&ran, "pwd.txt"), "/app\n");
    project.write("Dockerfile.test", &dockerfile("RUN false\n"));
    let ran = on_a_runner(&project, &[])
        .expect(0)
        .says("the image could not be built: the steps run on the runner");
    assert_ne!(artifact(&ran, "pwd.txt"), "/app\n");
}

#[test]
fn a_converted_workflow_is_run_as_its_original_and_turned_back() {
    let project = project();
    project
        .seatrial(&["convert", "test.yml", "--in-place"])
        .expect(0);
    project
        .seatrial(&["plan", "test.yml"])
        .expect(0)
        .says("was converted by seatrial; its original steps are taken");
    let place = project.root().join(".github/workflows/test.yml");
    let converted = std::fs::read_to_string(&place).expect("the workflow");
    // A new step among the original ones is converted by the next conversion.
    let more = converted.replace(
        "      - name: The tests\n",
        "      - run: echo new\n        shell: sh\n      - name: The tests\n",
    );
    std::fs::write(&place, &more).expect("a file");
    project
        .seatrial(&["convert", "test.yml", "--check"])
        .expect(12)
        .says("test.yml is not what a conversion gives");
    project
        .seatrial(&["convert", "test.yml", "--in-place"])
        .expect(0);
    project
        .seatrial(&["convert", "test.yml", "--check"])
        .expect(0);
    project
        .seatrial(&["convert", "test.yml", "--revert", "--in-place"])
        .expect(0);
    let original = WORKFLOW.replace(
        "      - name: The tests\n",
        "      - run: echo new\n        shell: sh\n      - name: The tests\n",
    );
    assert_eq!(
        std::fs::read_to_string(&place).expect("the workflow"),
        original
    );
    assert!(!project.root().join(".github/docker-tests.sh").exists());
}
