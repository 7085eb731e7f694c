//! A converted workflow, executed as a runner would: on this machine, with the real Docker
//! Engine that its steps call. Without an engine these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use support::{Project, Ran, docker, pytest_image};

const WORKFLOW: &str = r#"name: Tests
on: [push, workflow_dispatch]
env:
  MULTI: "a\nb"
  FAIL: ${{ vars.FAIL }}
  NOT_IN: ${{ vars.NOT_IN }}
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
      - name: Reports
        run: |
          mkdir -p .reports .venv
          echo "<testsuites name='$PWD'/>" > .reports/junit.xml
          echo "<testsuites name='of a package'/>" > .venv/junit.xml
          echo "<coverage/>" > .reports/coverage.xml
          test "$PWD" != "$NOT_IN"
      - name: Allowed to fail
        continue-on-error: true
        run: exit 3
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
        .write("requirements.txt", "# The tests need nothing.\n")
        .write("test_it.py", TESTS)
        .write("sub/keep", "")
        .write("kept/old.xml", "<testsuites/>")
        .write("Dockerfile.test", &dockerfile(""));
    support::commit(project.root(), "v1");
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
    assert_eq!(
        name, "",
        "a container is left\n{}\n{}",
        ran.stdout, ran.stderr
    );
    let images = docker(&["images", "docker-tests", "--format", "{{.Tag}}"]);
    assert_eq!(
        images, "",
        "an image is left\n{}\n{}",
        ran.stdout, ran.stderr
    );
    ran
}

fn artifact(ran: &Ran, name: &str) -> String {
    ran.file(&format!("artifacts/reports/{name}"))
}

/// The record of a job that ran in both places.
struct Shadow {
    folder: PathBuf,
    files: Vec<String>,
}

impl Shadow {
    fn of(ran: &Ran, job: &str) -> Self {
        let folder = ran.path(&format!("artifacts/seatrial-shadow-{job}"));
        let mut files = Vec::new();
        let mut folders = vec![folder.clone()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
                let path = entry.path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => {
                        let path = path.strip_prefix(&folder).expect("a file below");
                        files.push(path.display().to_string());
                    }
                }
            }
        }
        files.sort();
        Self { folder, files }
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).unwrap_or_default()
    }

    fn fact(&self, name: &str) -> String {
        let text = self.text("shadow.env");
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")));
        value.unwrap_or("absent").to_owned()
    }
}

/// What a history knows of the artifacts of a run: an entry each.
fn imported(workflow: &str, ran: &Ran) -> Vec<serde_json::Value> {
    let project = Project::new(workflow);
    let artifacts = ran.path("artifacts");
    project
        .seatrial(&["history", "import", &artifacts.display().to_string()])
        .expect(0);
    let export = project.seatrial(&["history", "export"]).expect(0);
    let lines = export.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Names of the legs that ran on a side, all in one run of CI.
fn legs(entries: &[serde_json::Value], on_runner: bool) -> Vec<&str> {
    let side = entries.iter().filter(|entry| {
        let engine = entry["engine"].as_str().unwrap_or_default();
        engine.starts_with("host") == on_runner
    });
    let legs = side.flat_map(|entry| {
        assert_eq!(entry["ci_run"], entries[0]["ci_run"]);
        assert!(entry["ci_run"]["id"].is_string(), "{entry}");
        entry["legs"].as_array().expect("legs")
    });
    let ran = legs.filter(|leg| leg["conclusion"].is_string());
    let mut keys: Vec<&str> = ran.filter_map(|leg| leg["key"].as_str()).collect();
    keys.sort_unstable();
    keys
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
    // What both sides reported is kept, each its own, although both wrote it to one path.
    let record = Shadow::of(&ran, "moved-0");
    let reports = ["container/.reports/junit.xml", "runner/.reports/junit.xml"];
    assert_eq!(record.files, [reports[0], reports[1], "shadow.env"]);
    assert_eq!(record.text(reports[0]), "<testsuites name='/app'/>\n");
    assert!(!record.text(reports[1]).contains("/app"));
    for (name, value) in [
        ("schema", "1"),
        ("workflow", ".github/workflows/test.yml"),
        ("name", "Tests"),
        ("job", "moved"),
        ("attempt", "1"),
        ("runner", "success"),
        ("container", "success"),
    ] {
        assert_eq!(record.fact(name), value, "{name}");
    }
    let number = |name: &str| record.fact(name).parse::<u64>().unwrap_or_default();
    assert!(number("cpus") > 0 && number("memory") > 1 << 20);
    assert!(number("began") > 1_700_000_000 && number("ended") >= number("began"));
    assert!(record.fact("engine").contains('.') && record.fact("sha") != "absent");
    // A step that fails in the container alone, and one that fails on both sides.
    let ran = on_a_runner(&project, &[&shadow[..], &["--var", "NOT_IN=/app"]].concat()).expect(0);
    let record = Shadow::of(&ran, "moved-0");
    assert_eq!(record.fact("runner"), "success");
    assert_eq!(record.fact("container"), "failure");
    assert_eq!(record.files, [reports[0], reports[1], "shadow.env"]);
    let entries = imported(WORKFLOW, &ran);
    assert_eq!(
        (legs(&entries, true), legs(&entries, false)),
        (vec!["moved"], vec!["moved"])
    );
    let passed = |on_runner: bool| {
        let side = entries.iter().find(|entry| {
            let engine = entry["engine"].as_str().unwrap_or_default();
            engine.starts_with("host") == on_runner
        });
        side.map(|entry| entry["passed"] == true)
    };
    assert_eq!((passed(true), passed(false)), (Some(true), Some(false)));
    let ran = on_a_runner(&project, &[&shadow[..], &["--var", "FAIL=yes"]].concat()).expect(1);
    let record = Shadow::of(&ran, "moved-0");
    assert_eq!(record.fact("runner"), "failure");
    assert_eq!(record.fact("container"), "failure");
    // Nothing that lives can be started in this image; what was made of it is gone, too.
    project.write("Dockerfile.test", &dockerfile("RUN rm $(which sleep)\n"));
    let ran = on_a_runner(&project, &[])
        .expect(0)
        .says("the container could not be started: the steps run on the runner");
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

const BY_SEATRIAL: &str = r#"name: Tests
on: [push, workflow_dispatch]
jobs:
  first:
    runs-on: ubuntu-latest
    outputs:
      word: ${{ steps.late.outputs.word }}
    steps:
      - uses: actions/checkout@v4
      - run: pwd > where.txt
      - id: late
        uses: ./.github/actions/word
  second:
    needs: first
    runs-on: ubuntu-latest
    strategy:
      matrix:
        number: [1, 2]
        include:
          - number: 1
            more: {deep: true}
    env:
      WORD: ${{ needs.first.outputs.word }}
    steps:
      - uses: actions/checkout@v4
      - run: pip install -r requirements.txt
      - name: The tests
        env:
          TOKEN: ${{ secrets.API_TOKEN }}
          FAIL: ${{ vars.FAIL }}
        run: |
          echo "leg ${{ matrix.number }} of $WORD, deep ${{ matrix.more.deep }}, token ${#TOKEN}"
          python -m unittest discover -v
          echo "<testsuites name='$PWD'/>" > junit.xml
          pwd > sub/pwd.txt
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports-${{ matrix.number }}
          path: |
            sub/pwd.txt
            junit.xml
            tests.txt
"#;

/// A project with the action of this repository in it, which runs this build of seatrial.
fn project_with_action() -> Project {
    let project = Project::new(BY_SEATRIAL);
    let action = include_str!("../action.yml");
    let program = format!("    default: '{}'\n", env!("CARGO_BIN_EXE_seatrial"));
    let at = action.find("  program:").expect("an input");
    let (before, behind) = action.split_at(at);
    let action = format!(
        "{before}{}",
        behind.replacen("    default: ''\n", &program, 1)
    );
    project
        .write(".github/actions/seatrial/action.yml", &action)
        .write(
            ".github/actions/seatrial/action/find.sh",
            include_str!("../action/find.sh"),
        )
        .write(
            ".github/actions/seatrial/action/run.sh",
            include_str!("../action/run.sh"),
        )
        .write(
            ".github/actions/seatrial/shadow/action.yml",
            include_str!("../shadow/action.yml"),
        )
        .write(
            ".github/actions/seatrial/src/convert/script/docker-tests.sh",
            include_str!("../src/convert/script/docker-tests.sh"),
        )
        .write(
            ".github/actions/word/action.yml",
            "name: word\noutputs:\n  word:\n    value: ${{ steps.say.outputs.word }}\nruns:\n  using: composite\n  steps:\n    - id: say\n      shell: bash\n      run: echo word=given >> $GITHUB_OUTPUT\n",
        )
        .write("requirements.txt", "# The tests need nothing.\n")
        .write(".gitignore", "*.txt\n!requirements.txt\n")
        .write("test_it.py", TESTS)
        .write("sub/keep", "")
        .write("Dockerfile.test", &dockerfile(""));
    support::commit(project.root(), "v1");
    project
}

/// A run on this machine whose jobs call seatrial themselves; what these had on the engine
/// must be gone behind it.
fn by_the_action(project: &Project, more: &[&str]) -> Ran {
    let ran = project.seatrial(&[&["run", "test.yml", "--engine", "host"], more].concat());
    let label = "label=dev.seatrial.run";
    let left = docker(&["ps", "--all", "--filter", label, "--format", "{{.ID}}"]);
    assert_eq!(left, "", "a container is left\n{}", ran.stderr);
    ran
}

#[test]
fn a_workflow_of_the_style_seatrial_runs_its_jobs_by_the_action() {
    let project = project_with_action();
    let style = [
        "--style",
        "seatrial",
        "--action",
        "./.github/actions/seatrial",
    ];
    project
        .seatrial(&[&["convert", "test.yml", "--in-place"], &style[..]].concat())
        .expect(0);
    // The style need not be named again.
    project
        .seatrial(&[&["convert", "test.yml", "--check"], &style[2..]].concat())
        .expect(0);

    let secret = ["--secret", "API_TOKEN=12345"];
    let ran = by_the_action(&project, &secret)
        .expect(0)
        .says("leg 1 of given, deep true, token 5")
        .says("leg 2 of given, deep , token 5");
    let file = |ran: &Ran, name: &str| ran.file(&format!("artifacts/reports-2/{name}"));
    assert_eq!(file(&ran, "sub/pwd.txt"), "/app\n");
    assert_eq!(file(&ran, "tests.txt"), "the tests ran\n");
    assert!(
        ran.file("artifacts/seatrial-second-0/run.json")
            .contains("passed")
    );
    // The history is part of the artifact, and in the cache for the next run.
    let runs = |ran: &Ran| {
        let other = Project::new(BY_SEATRIAL);
        other.write(".seatrial/keep", "");
        let kept = ran.path("artifacts/seatrial-second-0/history.db");
        std::fs::copy(kept, other.root().join(".seatrial/history.db")).expect("a history");
        let listed = other.seatrial(&["history", "list", "--format", "json"]);
        let listed: serde_json::Value =
            serde_json::from_str(&listed.expect(0).stdout).expect("JSON");
        listed["runs"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(runs(&ran), 1);

    // Tests that fail fail the job, and their reports come out all the same.
    let ran = by_the_action(&project, &["--var", "FAIL=yes"]).expect(9);
    assert_eq!(file(&ran, "tests.txt"), "the tests ran\n");
    assert_eq!(runs(&ran), 2);

    let ran = by_the_action(&project, &["--var", "CI_USE_DOCKER_TESTS=shadow"])
        .expect(0)
        .says("leg 1 of given");
    assert_ne!(file(&ran, "sub/pwd.txt"), "/app\n");
    // The runner's side is kept besides; what the container brought out is not of it.
    let record = Shadow::of(&ran, "second-1");
    let report = "runner/junit.xml";
    assert_eq!(record.files, ["matrix.json", report, "shadow.env"]);
    assert_eq!(record.text(report), file(&ran, "junit.xml"));
    assert!(!record.text(report).contains("/app"));
    assert!(record.text("matrix.json").contains("\"number\": 2"));
    assert_eq!(record.fact("job"), "second");
    assert_eq!(record.fact("runner"), "success");
    assert_eq!(record.fact("container"), "absent");
    // Both sides are parts of one run, with the same names for its legs.
    let entries = imported(BY_SEATRIAL, &ran);
    assert_eq!(legs(&entries, true), legs(&entries, false));
    assert_eq!(legs(&entries, true), ["second (1)", "second (2)"]);
    let brought = ran.file("artifacts/seatrial-second-1/artifacts/reports-2/junit.xml");
    assert_eq!(brought, "<testsuites name='/app'/>\n");
    project.write("Dockerfile.test", &dockerfile("RUN false\n"));
    let ran = by_the_action(&project, &[])
        .expect(0)
        .says("no container could be had (exit code 5): the steps of the job run on the runner");
    assert_ne!(file(&ran, "sub/pwd.txt"), "/app\n");
    project
        .seatrial(&["convert", "test.yml", "--revert", "--in-place"])
        .expect(0);
    let place = project.root().join(".github/workflows/test.yml");
    assert_eq!(
        std::fs::read_to_string(place).expect("the workflow"),
        BY_SEATRIAL
    );
}
