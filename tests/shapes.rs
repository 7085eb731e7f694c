//! Whole projects in the shapes that public repositories have, on a real Docker
//! Engine. Each is a folder of `tests/fixtures/shapes/` with its own workflow.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;

use support::{PYTHON, Project, Ran};

/// Runs seatrial in a project; nothing may be left.
fn seatrial(project: &Project, arguments: &[&str]) -> Ran {
    let ran = project.seatrial(arguments);
    support::assert_nothing_left(&ran);
    ran
}

/// How many tests the merged report holds.
fn tests(ran: &Ran) -> usize {
    ran.file("junit.xml").matches("<testcase").count()
}

#[test]
fn a_library_with_five_versions_through_tox() {
    let project = Project::of_fixture("shapes/tox-matrix");
    // On this machine there is the image of one version only. Its leg as written:
    let ran = seatrial(&project, &["run", "--matrix", "python-version=3.11"])
        .expect(0)
        .says("Python 3.11");
    assert_eq!(tests(&ran), 14);
    // Or all five in one image, each told that it is not quite what it asks for.
    let image = format!("ubuntu-latest={PYTHON}");
    let ran = seatrial(&project, &["run", "--image", &image])
        .expect(0)
        .says("the workflow asks for Python 3.13, the image has 3.11");
    assert_eq!(tests(&ran), 5 * 14);
    // The plan says what the others would need.
    let plan = project.seatrial(&["plan", "--format", "json"]).expect(0);
    for version in ["3.9", "3.10", "3.11", "3.12", "3.13"] {
        plan.stdout
            .contains(&format!("python:{version}-slim"))
            .then_some(())
            .expect(version);
    }
}

#[test]
fn a_server_that_one_step_starts_and_the_next_one_uses() {
    let project = Project::of_fixture("shapes/background-server");
    let ran = seatrial(&project, &["run"])
        .expect(0)
        .says("listening on port 8765")
        .says("POST /notes");
    assert_eq!(tests(&ran), 4);
}

#[test]
fn coverage_of_several_legs_is_combined_and_gated() {
    let project = Project::of_fixture("shapes/combined-coverage");
    let ran = seatrial(&project, &["run"]).expect(0).says("TOTAL");
    assert_eq!(tests(&ran), 6);
    assert!(!ran.path("artifacts/html-report").exists());
    // Without a part of the tests the legs pass, and the gate does not.
    project.write(
        "tests/test_totals.py",
        "from ledger import totals\n\ndef test_dearest():\n    assert totals.dearest([]) is None\n",
    );
    let ran = seatrial(&project, &["run"]).expect(3);
    assert_eq!(ran.cause(), "coverage.below_threshold");
    assert!(ran.path("artifacts/html-report/index.html").is_file());
}

#[test]
fn an_upload_of_coverage_that_is_left_out_owes_nothing() {
    let upload = |condition: &str| {
        Project::new(&format!(
            "name: Test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo tested
      - uses: codecov/codecov-action@v4
        if: {condition}
        with:
          files: ./coverage.xml
"
        ))
    };
    let left_out = upload("github.repository == 'the/project'");
    left_out.run_in(support::SMALL, &[]).expect(0);
    upload("success()").run_in(support::SMALL, &[]).expect(4);
}

#[test]
fn a_composite_action_that_sets_up_and_a_workflow_that_is_called() {
    let project = Project::of_fixture("shapes/reusable-tests");
    let ran = seatrial(&project, &["run", "ci.yml"])
        .expect(0)
        .says("tests (3.11) / pytest")
        .says("3.11.2 was tested");
    assert_eq!(tests(&ran), 4);
    // The action's own set-up step chooses the image.
    let plan = project
        .seatrial(&["plan", "ci.yml", "--format", "json"])
        .expect(0);
    assert!(plan.stdout.contains("python:3.11-slim"), "{}", plan.stdout);
}

#[test]
fn a_project_on_uv_whose_matrix_comes_from_its_metadata() {
    let project = Project::of_fixture("shapes/uv-dynamic-matrix");
    let ran = seatrial(&project, &["run"]).expect(0).says("test (3.11)");
    assert_eq!(tests(&ran), 4);
}

#[test]
fn a_web_application_with_its_database_and_its_cache() {
    let project = Project::of_fixture("shapes/web-services");
    let ran = seatrial(&project, &["run"]).expect(0);
    assert_eq!(tests(&ran), 3);
}

/// A file of `tests/fixtures/results/union`.
fn part(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/results/union");
    std::fs::read_to_string(folder.join(name)).expect(name)
}

/// The project whose parts are in `tests/fixtures/results/union`, with a workflow.
fn union(workflow: &str) -> Project {
    let project = Project::new(workflow);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/results/union");
    for name in ["src", "tests"] {
        support::copy_tree(&folder.join(name), &project.root().join(name));
    }
    project.write(".coveragerc", &part(".coveragerc"));
    project
}

/// Jobs that leave nothing but data of coverage.py behind, one by a tool whose command does
/// not say so, are counted as by `coverage combine`.
#[test]
fn coverage_data_counts_as_much_as_reports() {
    let project = union(
        "name: Test
on: push
env: {PYTHONPATH: src}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: coverage run -m pytest -q tests/test_a.py
  b:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          mkdir ~/bin && echo ~/bin >> $GITHUB_PATH
          printf '#!/bin/sh\\ncoverage run -m pytest -q tests/test_b.py\\n' > ~/bin/make
          chmod +x ~/bin/make
      - run: make test
  c:
    runs-on: ubuntu-latest
    env: {COVERAGE_FILE: out/data}
    steps:
      - uses: actions/checkout@v4
      - run: mkdir out && pytest -q --cov --cov-report= tests/test_c.py
",
    );
    let figures = |text: &str| {
        let at = text.find(" lines-valid=").expect("a total");
        text[at..].split(" complexity").next().map(str::to_owned)
    };
    let image = support::pytest_image();
    let ran = project.run_in(image, &["--coverage-min", "90"]).expect(0);
    support::assert_nothing_left(&ran);
    let counted = figures(&ran.file("coverage/coverage.xml"));
    assert_eq!(counted, figures(&part("combined.xml")));

    // Where coverage.py cannot tell, what ran is added to what a report knows; and a step
    // that was killed leaves as much.
    project.write(
        ".github/workflows/test.yml",
        "name: Test
on: push
env: {PYTHONPATH: src}
jobs:
  b:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest -q --cov --cov-report=xml tests/test_b.py
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          coverage run -m pytest -q tests/test_a.py
          sed -i 's/^parallel.*/plugins = nowhere/' .coveragerc
  c:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          coverage run -m pytest -q tests/test_c.py
          kill -9 $$
      - run: coverage xml
",
    );
    let ran = project.run_in(image, &[]).expect(9);
    let counted = figures(&ran.file("coverage/coverage.xml"));
    assert_eq!(counted, figures(&part("combined.xml")));
}

#[test]
fn limits_of_packages_and_changed_lines_hold_in_a_run() {
    let project = union(
        "name: Test
on: push
env: {PYTHONPATH: src}
jobs:
  all:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest -q --cov --cov-report=xml
",
    );
    support::commit(project.root(), "v1");
    let never = std::fs::read_to_string(project.root().join("src/never.py")).expect("a file");
    project.write(
        "src/never.py",
        &format!("{never}\n\ndef more():\n    return 1\n"),
    );
    let limits = [
        "--coverage-base",
        "v1",
        "--coverage-new-lines-min",
        "60",
        "--coverage-package-min",
        "src/one=99.5",
    ];
    let ran = project.run_in(support::pytest_image(), &limits).expect(3);
    let causes: Vec<String> = ran.record()["verdict"]["failures"]
        .as_array()
        .expect("failures")
        .iter()
        .map(|failure| failure["cause"].as_str().unwrap_or_default().to_owned())
        .collect();
    let expected = ["coverage.below_threshold", "coverage.diff_below_threshold"];
    assert_eq!(causes, expected);
}
