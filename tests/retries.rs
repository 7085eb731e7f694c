//! `--retries` with a real pytest in containers. Without an engine these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::process::{Command, Stdio};

use support::{Project, Ran, pytest_image};

/// The image with pytest, and pytest-xdist in it.
fn xdist_image() -> &'static str {
    const TAG: &str = "seatrial-test/pytest-xdist:1";
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(
        folder.path().join("Dockerfile"),
        format!(
            "FROM {}\nUSER root\nRUN pip install --no-cache-dir pytest-xdist==3.6.1\nUSER 1000\n",
            pytest_image()
        ),
    )
    .expect("a Dockerfile");
    let status = Command::new("docker")
        .args(["buildx", "build", "--load", "--quiet", "--tag", TAG])
        .arg(folder.path())
        .stdout(Stdio::null())
        .status()
        .expect("docker buildx");
    assert!(status.success(), "the image with pytest-xdist can be built");
    TAG
}

/// A workflow with steps behind a checkout, and a test that fails the first time.
fn project(steps: &str) -> Project {
    let project = Project::new(&format!(
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n{steps}"
    ));
    project.write(
        "tests/test_flaky.py",
        "import os, pytest

calls = []

@pytest.fixture(scope='module')
def resource():
    calls.append('set up')
    assert len(calls) > 1, 'not at once'

def test_fixture(resource):
    assert calls == ['set up', 'set up']

def test_flaky(tmp_path_factory):
    place = tmp_path_factory.getbasetemp() / 'been'
    been = place.exists()
    place.touch()
    assert been, 'for the first time'

def test_sees_nothing_of_it():
    assert os.environ.get('PYTHONPATH') == os.environ.get('EXPECTED')
",
    );
    project
}

/// Name, outcome and attempts before of each test of a run.
fn tests(ran: &Ran) -> Vec<(String, String, u64)> {
    let record = ran.record();
    let steps = record["jobs"][0]["results"].as_array().expect("steps");
    let reports = steps.iter().filter_map(|step| step["tests"].as_array());
    let cases = reports
        .flatten()
        .filter_map(|report| report["cases"].as_array());
    let mut all: Vec<(String, String, u64)> = cases
        .flatten()
        .map(|case| {
            let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
            let retries = case["retries"].as_u64().unwrap_or(0);
            (text("name"), text("outcome"), retries)
        })
        .collect();
    all.sort();
    all
}

fn case(name: &str, outcome: &str, retries: u64) -> (String, String, u64) {
    (name.to_owned(), outcome.to_owned(), retries)
}

#[test]
fn a_test_that_passes_when_it_is_run_again_is_flaky_also_with_xdist() {
    let project = project(
        "      - run: pytest -n 2 tests
        env:
          PYTHONPATH: lib
          EXPECTED: lib
      - if: always()
        run: python -m pytest --junitxml=own.xml broken.py
",
    );
    project.write(
        "broken.py",
        "def test_broken(record_property):
    record_property('kept', 'yes')
    assert False, 'always'
",
    );
    let ran = project
        .run_in(xdist_image(), &["--retries", "2"])
        .expect(1)
        .says("tests/test_flaky.py::test_flaky passed at attempt 2")
        .says("for the first time")
        .says("test_broken failed 3 times");
    assert_eq!(ran.cause(), "tests_failed.tests_failed");
    assert_eq!(
        tests(&ran),
        [
            case("test_broken", "failed", 2),
            case("test_fixture", "passed", 1),
            case("test_flaky", "passed", 1),
            case("test_sees_nothing_of_it", "passed", 0),
        ]
    );
    let junit = ran.file("junit.xml");
    assert_eq!(junit.matches("name=\"flaky\" value=\"true\"").count(), 2);
    assert_eq!(junit.matches("name=\"kept\"").count(), 1);
}

#[test]
fn tests_are_run_again_only_where_that_is_asked_for_and_possible() {
    let project = project("      - run: pytest tests\n");
    project.write("seatrial.toml", "[run]\nretries = 1\n");
    let ran = project
        .run_in(pytest_image(), &[])
        .expect(0)
        .says("2 only when run again: tests/test_flaky.py::test_f");
    assert_eq!(
        tests(&ran),
        [
            case("test_fixture", "passed", 1),
            case("test_flaky", "passed", 1),
            case("test_sees_nothing_of_it", "passed", 0),
        ]
    );
    // A flag wins over the file.
    project
        .run_in(pytest_image(), &["--retries", "0"])
        .expect(1)
        .says("2 of 3 tests failed");
    // What the script says itself stays, and nobody is left to wonder.
    project.write(
        ".github/workflows/test.yml",
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: PYTHONPATH=lib EXPECTED=lib pytest tests\n",
    );
    project
        .run_in(pytest_image(), &[])
        .expect(1)
        .says("were not run again: pytest did not load seatrial's plugin");
}
