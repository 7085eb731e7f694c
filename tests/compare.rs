//! This machine against containers of a real Docker Engine. Without an engine, or a Python
//! on this machine, these tests fail.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;

use serde_json::Value;
use support::{Project, Ran, pytest_image};

/// A project with planted differences, whose container has the rights that this machine's
/// user has not, or the reverse.
fn planted(counter: &Path) -> Project {
    pytest_image();
    let project = Project::of_fixture("parity/planted");
    let root = std::fs::metadata("/proc/self").expect("/proc");
    let user = match std::os::unix::fs::MetadataExt::uid(&root) {
        0 => "1000",
        _ => "0",
    };
    let dockerfile = std::fs::read_to_string(project.root().join("Dockerfile.test"));
    let dockerfile = dockerfile.expect("the Dockerfile");
    project.write("Dockerfile.test", &format!("{dockerfile}USER {user}\n"));
    project.write("counter.txt", &counter.display().to_string());
    std::fs::write(counter, "0").expect("a counter");
    project
}

fn compare(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command(&[&["compare"], arguments].concat());
    project.end(command.env("TZ", "UTC"))
}

/// The kind of a test's difference, its probable causes by rule, and the first in words.
fn difference(comparison: &Value, test: &str) -> (String, Vec<String>, String) {
    let all = comparison["differences"].as_array().expect("differences");
    let id = format!("tests/test_planted.py::{test}");
    let Some(found) = all.iter().find(|one| one["id"] == id.as_str()) else {
        return (String::new(), Vec::new(), String::new());
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let causes = found["causes"].as_array().expect("causes");
    (
        text(&found["kind"]),
        causes.iter().map(|cause| text(&cause["rule"])).collect(),
        text(&found["causes"][0]["text"]),
    )
}

#[test]
fn planted_differences_are_found_with_their_causes_and_a_flaky_test_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = planted(&folder.path().join("counter"));
    let ran = compare(
        &project,
        &["--max-runs", "2", "--seed", "3", "--format", "json"],
    )
    .expect(12);
    support::assert_nothing_left(&ran);
    let comparison: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let of = |test: &str| difference(&comparison, test);

    let (kind, causes, text) = of("test_the_epoch_begins_at_midnight");
    assert_eq!(
        (kind.as_str(), causes[0].as_str()),
        ("regressed", "time_zone"),
        "{comparison:#}"
    );
    assert!(
        text.contains("UTC+9 (JST) in the candidate and UTC in the control"),
        "{text}"
    );

    let (kind, causes, text) = of("test_loads_a_library_of_the_system");
    assert_eq!(
        (kind.as_str(), causes[0].as_str()),
        ("regressed", "missing_library")
    );
    assert!(
        text.contains("the candidate lacks the system library libctf.so.0"),
        "{text}"
    );

    // One needs root, the other needs not to be root: whoever tests, one regresses.
    let rights = ["test_needs_root", "test_is_refused_an_unreadable_file"].map(of);
    let kinds = [&rights[0], &rights[1]].map(|(kind, _, _)| kind.as_str());
    assert!(
        kinds == ["regressed", "fixed"] || kinds == ["fixed", "regressed"],
        "{kinds:?}"
    );
    for (_, causes, _) in &rights {
        assert_eq!(causes[0], "root", "{comparison:#}");
    }

    // It passed in the control and failed in the candidate, until it was repeated.
    assert_eq!(
        of("test_fails_every_other_time").0,
        "flaky",
        "{comparison:#}"
    );
    assert_eq!(of("test_depends_on_nothing").0, "");
    assert_eq!(comparison["counts"]["regressed"], 3);
    assert_eq!(comparison["drawn"]["seed"], 3);
    let blocking = comparison["verdict"]["failures"]
        .as_array()
        .expect("failures");
    assert_eq!(blocking.len(), 3, "{blocking:#?}");

    // The same of saved runs, also with the sides exchanged: what was fixed regresses.
    let run = |side: &str| {
        let id = comparison[side]["runs"][0].as_str();
        id.expect("a run").to_owned()
    };
    let (control, candidate) = (run("control"), run("candidate"));
    compare(&project, &[&control, &candidate])
        .expect(12)
        .says("lacks the system library libctf.so.0")
        .says("not safe to switch");
    let exchanged = compare(&project, &[&candidate, &control]).expect(12);
    let both = ran.stdout + &exchanged.stdout;
    for cause in [
        "a refusal is expected and does not come: the candidate runs as root",
        "it needs rights that the candidate does not have",
    ] {
        let line = both.replace("\n               ", " ");
        assert!(line.contains(cause), "{both}");
    }
    // What makes no sense is told with the way out.
    for (arguments, says) in [
        (
            &["--engine", "host"][..],
            "--engine has no meaning for `seatrial compare`",
        ),
        (&["nothing", "latest"], "there is no run `nothing`"),
        (
            &["latest", "tests"],
            "holds neither run.json nor events.jsonl",
        ),
        (&["--runs", "0"], "--runs"),
    ] {
        compare(&project, arguments).expect(2).says(says);
    }
    compare(&project, &[&control, &control])
        .expect(0)
        .says("6 tests: 6 same")
        .says("safe to switch");
}
