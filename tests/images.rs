//! Which image a job gets, on a real Docker Engine.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::{PYTHON, Project, SMALL};

const TWO_LABELS: &str = "name: Test
on: push
jobs:
  plain:
    runs-on: ubuntu-latest
    steps:
      - run: echo \"plain has $(command -v python3 || echo no python)\"
  other:
    strategy:
      matrix:
        os: [ubuntu-24.04, ubuntu-22.04]
    runs-on: ${{ matrix.os }}
    steps:
      - run: echo \"${{ matrix.os }} has $(command -v python3 || echo no python)\"
";

#[test]
fn a_label_has_its_own_image() {
    let project = Project::new(TWO_LABELS);
    // The image of the label goes before the one of all jobs.
    let label = format!("Ubuntu-Latest={PYTHON}");
    project
        .run_in(SMALL, &["--image", &label])
        .expect(0)
        .says("plain has /")
        .says("ubuntu-24.04 has no python")
        .says("ubuntu-22.04 has no python");
    project.write(
        "seatrial.toml",
        &format!("[images]\n\"ubuntu-24.04\" = \"{SMALL}\"\n\"ubuntu-22.04\" = \"{PYTHON}\"\nubuntu-latest = \"{SMALL}\"\n"),
    );
    // And before a Dockerfile; a flag goes before the file.
    project.write("Dockerfile.test", "FROM no-such-image:1\n");
    let ran = project.seatrial(&["run", "test.yml", "--image", &label]);
    support::assert_nothing_left(&ran);
    ran.expect(0)
        .says("plain has /")
        .says("ubuntu-24.04 has no python")
        .says("ubuntu-22.04 has /");
    project
        .seatrial(&["plan", "test.yml", "--image", "ubuntu-lates=x"])
        .expect(0)
        .says("no job of the workflow runs on that");
}

#[test]
fn a_job_that_needs_no_language_gets_what_is_there() {
    let project = Project::new(
        "name: Test
on: push
jobs:
  shell:
    runs-on: ubuntu-latest
    steps:
      - run: echo \"$(id -un) in a shell\"
",
    );
    let ran = project.seatrial(&["run", "test.yml"]);
    support::assert_nothing_left(&ran);
    ran.expect(0).says("runner in a shell");
    // Beside a job that says what it needs, one image is enough.
    let project = Project::new(
        "name: Test
on: push
jobs:
  shell:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
  python:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: '3.11' }
      - run: python --version
",
    );
    let plan = project.seatrial(&["plan", "test.yml", "--format", "json"]);
    assert_eq!(plan.stdout.matches("python:3.11-slim").count(), 2);
    // A container of another job is that job's own.
    let project = Project::new(&format!(
        "name: Test
on: push
jobs:
  shell:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello
  own:
    runs-on: ubuntu-latest
    container: {SMALL}
    steps:
      - run: echo hello
"
    ));
    let plan = project.seatrial(&["plan", "test.yml", "--format", "json"]);
    assert_eq!(plan.stdout.matches(SMALL).count(), 1);
}
