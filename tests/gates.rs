//! Gates beside the tests: budgets and the quarantine, and the history that they need not.
//! Without an engine these tests fail; those of disks mount file systems, and run as root.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use support::disk::Disk;
use support::{Project, Ran, SMALL, pytest_image};

/// Causes of the failures of a run, and its exit code as `run.json` has it.
fn verdict(ran: &Ran) -> (Vec<String>, u64) {
    let verdict = &ran.record()["verdict"];
    let failures = verdict["failures"].as_array();
    let failures = failures.map_or(&[][..], Vec::as_slice);
    let cause = |failure: &serde_json::Value| {
        let cause = failure["cause"].as_str().unwrap_or_default();
        cause.to_owned()
    };
    let code = verdict["exit_code"].as_u64().expect("an exit code");
    (failures.iter().map(cause).collect(), code)
}

#[test]
fn a_budget_that_is_exceeded_fails_the_run() {
    // What takes time is what is judged; nothing is waited for.
    let project = Project::new(
        "on: push\njobs:\n  a: {runs-on: ubuntu-latest, steps: [{run: 'sleep 1.1; exit ${{ vars.code }}'}]}\n",
    );
    project.write("seatrial.toml", "[budgets]\ntotal = \"1s\"\n");
    let ran = project.run_in(SMALL, &["--var", "code=0"]).expect(13);
    let total = "performance.total_budget".to_owned();
    assert_eq!(verdict(&ran), (vec![total.clone()], 13));
    ran.says("performance.total_budget");
    // What failed otherwise decides, and the budget is named as well.
    let ran = project.run_in(SMALL, &["--var", "code=3"]).expect(9);
    let (causes, _) = verdict(&ran);
    assert_eq!(causes, ["command_failed.step_failed".to_owned(), total]);
    project.write("seatrial.toml", "[budgets]\ntotal = false\n");
    project.run_in(SMALL, &["--var", "code=0"]).expect(0);
}

/// What `seatrial.toml` says of a test that is in quarantine until a day.
fn quarantine(until: &str) -> String {
    format!(
        "[[quarantine]]\ntest = \"test_shop.py::test_race\"\nowner = \"@shop\"\nreason = \"issue 812\"\nexpires = {until}\n"
    )
}

#[test]
fn a_quarantine_forgives_until_its_last_day() {
    let project = Project::new(
        "on: push\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: python -m pytest\n",
    );
    project.write(
        "test_shop.py",
        "def test_race():\n    assert False\n\ndef test_cart():\n    pass\n",
    );
    let run = || project.run_in(pytest_image(), &[]);
    let ran = run().expect(1);
    assert_eq!(verdict(&ran).0, ["tests_failed.tests_failed"]);
    project.write("seatrial.toml", &quarantine("2999-12-31"));
    let ran = run()
        .expect(0)
        .says("only tests in quarantine failed: test_shop.py::test_race")
        .says("until 2999-12-31: issue 812)");
    assert_eq!(verdict(&ran), (vec![], 0));
    // It forgives tests of its own only.
    project.write("test_other.py", "def test_cart():\n    raise ValueError\n");
    run().expect(1);
    project.write("test_other.py", "");
    project.write("seatrial.toml", &quarantine("2020-01-31"));
    run().expect(2).says("seatrial.toml:5").says("expired");
}

/// A project with its history on a disk of its own, where it has one run already.
fn with_disk(project: &Project, options: &str) -> Disk {
    project.write("seatrial.toml", "[history]\npath = \"ci/history.db\"\n");
    let disk = Disk::mount(&project.root().join("ci"), options);
    project.run_in(SMALL, &["--var", "code=0"]).expect(0);
    disk
}

const ENDS: &str =
    "on: push\njobs:\n  a: {runs-on: ubuntu-latest, steps: [{run: 'exit ${{ vars.code }}'}]}\n";

/// Whatever is wrong with the history, runs end as they would without it, and say it.
fn ends_as_ever(project: &Project, warning: &str) {
    for (code, end) in [("0", 0), ("3", 9)] {
        let ran = project
            .run_in(SMALL, &["--var", &format!("code={code}")])
            .expect(end)
            .says("warning: the run is not in the history")
            .says("history.db")
            .says(warning);
        assert_eq!(verdict(&ran).1, u64::try_from(end).expect("a code"));
        assert_eq!(ran.stderr.matches("not in the history").count(), 1);
    }
    let list = project.seatrial(&["history", "list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list.expect(0).stdout).expect("JSON");
    assert_eq!(list["runs"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_history_that_is_read_only_changes_no_verdict() {
    let project = Project::new(ENDS);
    let disk = with_disk(&project, "size=20m");
    disk.seal();
    ends_as_ever(&project, "ci/history.db");
}

#[test]
fn a_history_on_a_full_disk_changes_no_verdict() {
    let project = Project::new(ENDS);
    let disk = with_disk(&project, "size=2m");
    disk.fill();
    ends_as_ever(&project, "disk");
}
