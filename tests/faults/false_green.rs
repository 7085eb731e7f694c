//! Fixtures that cheat or are broken (S4, F22, F23, T26, T27): none may pass. Most are
//! steps of one run, each judged by itself.

mod cases;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Project, Ran, SMALL, alone, assert_nothing_left, docker, pytest_image};
use cases::{Case, HEIRS, IMAGES, LIES, OTHER_CAUSES, OTHERS};

/// A coverage report of one file, of which this many of ten lines were hit.
fn cobertura(attributes: &str, hits: &str) -> String {
    let lines: String = (1..=10)
        .map(|line| format!("<line number=\"{line}\" hits=\"{hits}\"/>"))
        .collect();
    format!(
        "<coverage {attributes}><packages><package><classes><class filename=\"code.py\" \
         line-rate=\"1.0\"><lines>{lines}</lines></class></classes></package></packages></coverage>"
    )
}

/// The repository: tests of all kinds, reports that were committed, a pytest that does
/// nothing.
fn project(workflow: &str) -> Project {
    let project = Project::new(workflow);
    let passed = "<testsuites><testsuite name=\"s\"><testcase classname=\"t\" name=\"a\"/>\
                  </testsuite></testsuites>";
    for (path, text) in [
        ("code.py", "x = 1\n"),
        ("test_ok.py", "def test_ok():\n    pass\n"),
        ("test_bad.py", "def test_bad():\n    assert 0\n"),
        ("test_none.py", "x = 1\n"),
        (
            "test_exit.py",
            "import os\ndef test_a():\n    os._exit(0)\n",
        ),
        ("test_sysexit.py", "import sys\nsys.exit(0)\n"),
        (
            "test_kill.py",
            "import os\ndef test_a():\n    os.kill(os.getpid(), 9)\n",
        ),
        ("conf/exit/conftest.py", "import os\nos._exit(0)\n"),
        (
            "conf/finish/conftest.py",
            "import os, pytest\n@pytest.hookimpl(tryfirst=True)\n\
             def pytest_sessionfinish():\n    os._exit(0)\n",
        ),
        (
            "conf/atexit/conftest.py",
            "import atexit, os\natexit.register(os._exit, 0)\n",
        ),
        (
            "conf/status/conftest.py",
            "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n",
        ),
        ("site/sitecustomize.py", "import os\nos._exit(0)\n"),
        ("leave.sh", "exit 0\n"),
        ("passed.xml", passed),
        ("committed.xml", passed),
        ("committed-cov.xml", &cobertura("line-rate=\"1\"", "1")),
        ("fake/pytest", "#!/bin/sh\nexit 0\n"),
        (
            "bad/pytest",
            "#!/bin/sh\nmkdir -p \"$(dirname \"${1#*=}\")\"\ncp failed.xml \"${1#*=}\"\nexit 1\n",
        ),
        (
            "failed.xml",
            "<testsuite><testcase name=\"a\"><failure/></testcase></testsuite>",
        ),
    ] {
        project.write(path, text);
    }
    for command in ["fake/pytest", "bad/pytest"] {
        let file = project.root().join(command);
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    for name in ["exit", "finish", "atexit", "status"] {
        project.write(
            &format!("conf/{name}/test_bad.py"),
            "def test_bad():\n    assert 0\n",
        );
    }
    for (name, attributes, hits) in [
        ("minus", "", "-1"),
        ("nan", "", "NaN"),
        ("exponent", "", "1e308"),
        ("comma", "", "0,95"),
        (
            "liar",
            "line-rate=\"1.0\" lines-covered=\"99\" lines-valid=\"10\"",
            "0",
        ),
    ] {
        project.write(&format!("cov/{name}.xml"), &cobertura(attributes, hits));
    }
    project
}

/// The steps of a job, one for each case, whatever became of those before.
fn steps(cases: &[Case]) -> String {
    let mut text = String::new();
    for Case {
        name, more, script, ..
    } in cases
    {
        let script = serde_json::json!(script);
        writeln!(
            text,
            "      - {{name: {name}, if: always(), {more}run: {script}}}"
        )
        .unwrap();
    }
    text
}

/// What failed at each place: `job › step` or a job.
fn failures(ran: &Ran) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for failure in ran.record()["verdict"]["failures"].as_array().unwrap() {
        let message = failure["message"].as_str().unwrap();
        let place = message.split(": ").next().unwrap();
        let cause = failure["cause"].as_str().unwrap();
        found
            .entry(place.to_owned())
            .or_default()
            .push(cause.to_owned());
    }
    found
}

/// The cases of a job that are not told as they should be.
fn wrong(found: &BTreeMap<String, Vec<String>>, job: &str, cases: &[Case]) -> Vec<String> {
    cases
        .iter()
        .filter_map(|case| {
            let told = found.get(&format!("{job} › {}", case.name));
            let right = match told {
                None => case.cause.is_empty(),
                Some(causes) => causes.iter().any(|cause| cause == case.cause),
            };
            (!right).then(|| format!("{job} › {}: {told:?} and not {}", case.name, case.cause))
        })
        .collect()
}

#[test]
fn nothing_that_cheats_or_is_broken_passes() {
    let _alone = alone();
    let images = HostileImages::build();
    let half = LIES.len() / 2;
    let mut workflow = "on: push\njobs:\n".to_owned();
    for (job, cases) in [
        ("first", &LIES[..half]),
        ("second", &LIES[half..]),
        ("heirs", HEIRS),
    ] {
        write!(
            workflow,
            "  {job}:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n{}",
            steps(cases)
        )
        .unwrap();
    }
    workflow.push_str(OTHERS);
    for (at, (name, ..)) in IMAGES.iter().enumerate() {
        write!(
            workflow,
            "  {name}:\n    runs-on: ubuntu-latest\n    container: {}\n    steps:\n      \
             - uses: actions/checkout@v4\n      - {{name: test, run: bad/pytest --junitxml=/tmp/baked/r.xml || true}}\n",
            images.tag(at)
        )
        .unwrap();
    }
    let project = project(&workflow);
    let ran = project
        .run_in(pytest_image(), &["--coverage-min", "0"])
        .expect(2);
    let found = failures(&ran);
    let mut wrong: Vec<String> = [
        ("first", &LIES[..half]),
        ("second", &LIES[half..]),
        ("heirs", HEIRS),
    ]
    .iter()
    .flat_map(|(job, cases)| wrong(&found, job, cases))
    .collect();
    for (place, cause) in OTHER_CAUSES {
        let told = found.get(*place);
        let right = match told {
            None => cause.is_empty(),
            Some(causes) => causes.iter().any(|one| one == cause),
        };
        if !right {
            wrong.push(format!("{place}: {told:?} and not {cause}"));
        }
    }
    for (name, _, cause) in IMAGES {
        let told: Vec<&String> = found
            .iter()
            .filter(|(place, _)| place.split(" › ").next() == Some(name))
            .flat_map(|(_, causes)| causes)
            .collect();
        // What is wrong with an image is told of the image.
        if !told.iter().any(|one| one.as_str() == cause) && ran.cause() != cause {
            wrong.push(format!("{name}: {told:?} and not {cause}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{}\n{}",
        wrong.join("\n"),
        ran.stdout,
        ran.stderr
    );
    let record = ran.record();
    let warnings = record["verdict"]["warnings"].to_string();
    assert!(
        warnings.contains("others › forgiven: failed under continue-on-error"),
        "{warnings}"
    );
    let jobs = record["jobs"].as_array().unwrap();
    let honest = jobs.iter().find(|job| job["key"] == "honest").unwrap();
    assert_eq!(honest["conclusion"], "success");
    assert!(LIES.len() + OTHER_CAUSES.len() + IMAGES.len() >= 40);
}

/// A workflow of one job.
fn one_job(steps: &str) -> String {
    format!("on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
}

#[test]
fn coverage_counts_by_its_lines_and_not_by_what_it_says_of_itself() {
    let script = "fake/pytest --junitxml=j.xml --cov --cov-report=xml:c.xml\ncp passed.xml j.xml\ncp cov/liar.xml c.xml";
    let steps = format!(
        "      - uses: actions/checkout@v4\n      - run: {}\n",
        serde_json::json!(script)
    );
    let project = project(&one_job(&steps));
    let ran = project.run_in(SMALL, &["--coverage-min", "80"]).expect(3);
    assert_eq!(ran.cause(), "coverage.below_threshold");
}

#[test]
fn a_step_that_answers_ctrl_c_with_success_was_cancelled() {
    let project = project(&one_job(
        "      - run: \"trap 'exit 0' INT TERM; echo waiting; while :; do sleep 0.1; done\"\n",
    ));
    let started = project.start_until(&["run", "test.yml", "--image", SMALL], "│ waiting");
    started.signal("INT");
    let ran = started.wait().expect(130);
    assert_eq!(ran.cause(), "cancelled.user_interrupt");
    assert_nothing_left(&ran);
}

#[test]
fn a_container_that_was_killed_from_outside_says_nothing_of_the_tests() {
    let project = project(&one_job("      - run: echo waiting; sleep 60\n"));
    let started = project.start_until(&["run", "test.yml", "--image", SMALL], "│ waiting");
    let container = docker(&["ps", "--quiet", "--filter", &project.label()]);
    docker(&["kill", &container]);
    let ran = started.wait().expect(10);
    assert_eq!(ran.cause(), "infrastructure.engine_lost");
    assert_nothing_left(&ran);
}

/// The images of [`IMAGES`], removed at the end.
struct HostileImages(Vec<String>);

impl HostileImages {
    fn build() -> Self {
        let tags = IMAGES.iter().map(|(name, lines, _)| {
            let folder = tempfile::tempdir().unwrap();
            let text = format!("FROM {}\nUSER 0\n{lines}\nUSER 1000\n", pytest_image());
            std::fs::write(folder.path().join("Dockerfile"), text).unwrap();
            let tag = format!("seatrial-test/{name}:{}", std::process::id());
            let path = folder.path().to_str().unwrap();
            docker(&["buildx", "build", "--load", "--quiet", "--tag", &tag, path]);
            tag
        });
        Self(tags.collect())
    }

    fn tag(&self, at: usize) -> &str {
        &self.0[at]
    }
}

impl Drop for HostileImages {
    fn drop(&mut self) {
        for tag in &self.0 {
            docker(&["rmi", tag]);
        }
    }
}
