//! Shadow records: what the jobs of a converted workflow leave behind, taken into the history.
//! One test asks a real pytest in a container. Without an engine it fails.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::{Project, Ran, pytest_image};

const WORKFLOW: &str = "\
on: push
jobs:
  unit:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        python: ['3.11']
        include: [{python: '3.11', slow: true}]
    steps:
      - uses: actions/checkout@v4
      - run: python -m pytest --continue-on-collection-errors --junitxml=report.xml
        continue-on-error: true
";

/// The facts of a job, in shadow of one commit; `container` is how it ended there.
fn facts(number: u32, job: &str, container: &str) -> String {
    format!(
        "schema=1\nrepository=acme/widgets\nworkflow=.github/workflows/test.yml\nname=Tests\n\
         sha={number:040x}\nref=refs/heads/main\nevent=push\nrun_id={}\nattempt=1\njob={job}\n\
         cpus=4\nmemory=16772182016\nengine=28.0.4\nbegan={}\nended={}\nrunner=success\n{container}",
        5_000_000 + number,
        1_795_700_000 + number * 600,
        1_795_700_060 + number * 600,
    )
}

/// A report of pytest with two tests.
fn report(well: bool) -> String {
    let failure = match well {
        true => "",
        false => "<failure message='PermissionError: /data'>E</failure>",
    };
    format!(
        "<testsuites name='pytest tests'><testsuite name='pytest'>\
         <testcase classname='tests.test_a' name='test_one' time='0.1'/>\
         <testcase classname='tests.test_a' name='test_two' time='0.1'>{failure}</testcase>\
         </testsuite></testsuites>"
    )
}

/// A zip archive, without compression.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut output = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
    for (name, bytes) in files {
        let (mut file, config) = archive
            .new_file(name)
            .compression_method(rawzip::CompressionMethod::STORE)
            .start()
            .unwrap();
        let mut writer = config.wrap(&mut file);
        writer.write_all(bytes).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        file.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    output
}

/// Takes in what lies at a path of the project.
fn import(project: &Project, path: &str) -> Ran {
    project.seatrial(&["history", "import", path])
}

fn listed(project: &Project) -> Vec<String> {
    let ran = project.seatrial(&["history", "list", "--format", "json"]);
    let list: Value = serde_json::from_str(&ran.expect(0).stdout).expect("JSON");
    let name = |run: &Value| run["run"].as_str().unwrap_or_default().to_owned();
    list["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .map(name)
        .collect()
}

/// Everything in the history, in order.
fn export(project: &Project) -> Vec<Value> {
    let ran = project.seatrial(&["history", "export"]).expect(0);
    let line = |line| serde_json::from_str(line).expect("JSON");
    ran.stdout.lines().map(line).collect()
}

/// Ids and outcomes of the tests of an entry's first leg.
fn tests(entry: &Value) -> Vec<(String, String)> {
    let steps = entry["legs"][0]["steps"].as_array().expect("steps");
    let tests = steps.iter().filter_map(|step| step["tests"].as_array());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all: Vec<(String, String)> = tests
        .flatten()
        .map(|test| (text(&test["id"]), text(&test["outcome"])))
        .collect();
    all.sort();
    all
}

#[test]
fn records_come_from_folders_and_archives() {
    let project = Project::new(WORKFLOW);
    let one = "artifacts/seatrial-shadow-unit-0";
    project
        .write(&format!("{one}/runner/report.xml"), &report(true))
        .write(&format!("{one}/container/report.xml"), &report(false))
        .write(
            &format!("{one}/matrix.json"),
            r#"{"python": "3.11", "slow": true}"#,
        )
        .write(
            &format!("{one}/shadow.env"),
            &facts(1, "unit", "container=failure\n"),
        );
    let ran = import(&project, "artifacts").expect(0);
    assert_eq!(ran.stdout, "added 2 runs\n");
    let ran = import(&project, "artifacts").expect(0);
    assert_eq!(ran.stdout, "added 0 runs, knew 2 already\n");

    // All artifacts of a run in one archive, one of them an archive itself.
    let (lint, other) = (
        facts(2, "lint", ""),
        facts(2, "unit", "container=success\n"),
    );
    let (good, damaged) = (report(true), report(true).replace("</testsuites>", ""));
    let inner = zip(&[
        ("container/a/report.xml", damaged.as_bytes()),
        ("runner/a/report.xml", good.as_bytes()),
        ("shadow.env", other.as_bytes()),
    ]);
    let later = lint.replace("schema=1", "schema=2");
    let all = zip(&[
        ("seatrial-shadow-lint-0/shadow.env", lint.as_bytes()),
        ("seatrial-shadow-unit-0.zip", &inner),
        ("seatrial-shadow-later-0/shadow.env", later.as_bytes()),
        ("seatrial-shadow-cut-0/shadow.env", b"schema=1\njob=cut\n"),
    ]);
    std::fs::write(project.root().join("all.zip"), all).expect("an archive");
    let ran = import(&project, "all.zip").expect(2);
    assert_eq!(ran.stdout, "added 3 runs\n");
    for part in [
        "all.zip/seatrial-shadow-unit-0.zip/container/a/report.xml: ",
        "all.zip/seatrial-shadow-later-0/shadow.env: it was written by a later version",
        "all.zip/seatrial-shadow-cut-0/shadow.env: it does not say repository, workflow, sha, run_id",
    ] {
        assert!(ran.stderr.contains(part), "{part} in\n{}", ran.stderr);
    }
    let names = listed(&project);
    assert_eq!(names.len(), 5);
    assert!(names.iter().all(|name| name.starts_with("github-500000")));

    let entries = export(&project);
    let of = |begin: &str, engine: &str| {
        let found = entries.iter().find(|entry| {
            let has = |key: &str, text: &str| {
                entry[key]
                    .as_str()
                    .is_some_and(|value| value.starts_with(text))
            };
            has("run", begin) && has("engine", engine)
        });
        found.expect("an entry").clone()
    };
    let container = of("github-5000001-1-", "docker 28.0.4");
    assert_eq!(container["passed"], false);
    assert_eq!(
        container["failures"][0]["cause"],
        "tests_failed.tests_failed"
    );
    // What an `include` added to the leg is not in its name.
    assert_eq!(container["legs"][0]["key"], "unit (3.11)");
    let runner = of("github-5000001-1-", "host");
    assert_eq!(runner["passed"], true);
    assert_eq!(runner["legs"][0]["key"], "unit (3.11)");
    assert_eq!(tests(&runner).len(), 2);
    // What came before the damage is there.
    assert_eq!(tests(&of("github-5000002-1-", "docker")).len(), 2);

    let ran = project.seatrial(&["history", "import", &format!("{one}/runner")]);
    assert!(ran.expect(2).stderr.contains("there is no run in it"));
}

#[test]
fn a_test_that_fails_in_the_container_only_is_seen_by_the_triggers() {
    let project = Project::new(WORKFLOW);
    let well = |number| number < 3;
    for number in 0..7 {
        for job in ["unit", "lint"] {
            let folder = format!("all/{number}/seatrial-shadow-{job}-0");
            let good = job == "lint" || well(number);
            let end = if good { "success" } else { "failure" };
            project
                .write(
                    &format!("{folder}/shadow.env"),
                    &facts(number, job, &format!("container={end}\n")),
                )
                .write(&format!("{folder}/runner/report.xml"), &report(true))
                .write(&format!("{folder}/container/report.xml"), &report(good));
        }
    }
    import(&project, "all/0").expect(0);
    import(&project, "all/1").expect(0);
    let check = || project.seatrial(&["rollout", "check", "test.yml", "--format", "json"]);
    check().expect(0);
    let ran = import(&project, "all").expect(0);
    assert_eq!(ran.stdout, "added 20 runs, knew 8 already\n");
    let state: Value = serde_json::from_str(&check().expect(12).stdout).expect("JSON");
    let watched = state["triggers"].as_array().expect("triggers");
    let fired: Vec<&Value> = watched.iter().filter(|one| one["fired"] == true).collect();
    assert_eq!(fired.len(), 1, "{state}");
    assert_eq!(fired[0]["trigger"], "critical_test");
    let told = fired[0].to_string();
    assert!(told.contains("tests/test_a.py::test_two"), "{told}");
}

/// What pytest writes of a folder's tests, where nobody asks it for more.
fn plain_report(root: &Path) -> String {
    let mut tar = Command::new("tar")
        .args(["--create", "--exclude=.git", "--exclude=.seatrial", "."])
        .current_dir(root)
        .stdout(Stdio::piped())
        .spawn()
        .expect("tar");
    let script = "mkdir /tmp/w && cd /tmp/w && tar -x && \
        python -m pytest --continue-on-collection-errors --junitxml=report.xml >/dev/null; cat report.xml";
    let output = Command::new("docker")
        .args(["run", "--rm", "--interactive", "--network", "none"])
        .args([pytest_image(), "sh", "-c", script])
        .stdin(tar.stdout.take().expect("a pipe"))
        .output()
        .expect("docker");
    assert!(tar.wait().expect("tar").success() && output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_test_has_one_id_on_the_runner_and_in_a_run_of_seatrial() {
    let project = Project::new(WORKFLOW);
    project
        .write("tests/__init__.py", "")
        .write(
            "tests/base.py",
            "class Base:\n    def test_inherited(self): pass\n",
        )
        .write(
            "tests/test_a.py",
            "import pytest, unittest\nfrom tests.base import Base\n\
             def test_one(): pass\n\
             @pytest.mark.parametrize('x', ['a.b', 'c/d.py', 'e::f', '<&>'])\n\
             def test_each(x): assert x != '<&>'\n\
             @pytest.mark.skip\n\
             def test_not(): pass\n\
             class TestOuter(Base):\n    class TestInner:\n        def test_deep(self): pass\n\
             class Old(unittest.TestCase):\n    def test_unit(self): self.fail()\n",
        )
        .write("deep/er/other_test.py", "def test_there(): pass\n")
        .write("deep/test_broken.py", "import nothing_of_that_name\n");
    project.run_in(pytest_image(), &[]);
    project
        .write("record/runner/report.xml", &plain_report(project.root()))
        .write("record/matrix.json", r#"{"python": "3.11", "slow": true}"#)
        .write("record/shadow.env", &facts(1, "unit", ""));
    import(&project, "record").expect(0);
    let entries = export(&project);
    let side = |host: bool| {
        let is_host = |entry: &&Value| {
            let engine = entry["engine"].as_str().unwrap_or_default();
            engine.starts_with("host") == host
        };
        entries.iter().find(is_host).expect("a run")
    };
    let (runner, container) = (side(true), side(false));
    assert_eq!(runner["legs"][0]["key"], container["legs"][0]["key"]);
    assert_eq!(tests(runner), tests(container));
    let ids: Vec<String> = tests(runner).into_iter().map(|(id, _)| id).collect();
    for id in [
        "deep/er/other_test.py::test_there",
        "deep/test_broken.py",
        "tests/test_a.py::Old::test_unit",
        "tests/test_a.py::TestOuter::TestInner::test_deep",
        "tests/test_a.py::TestOuter::test_inherited",
        "tests/test_a.py::test_each[c/d.py]",
    ] {
        assert!(ids.iter().any(|one| one == id), "{id} in {ids:?}");
    }
}
