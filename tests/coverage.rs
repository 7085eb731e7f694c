//! `seatrial coverage` on files that coverage.py wrote, without an engine.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::path::{Path, PathBuf};

use support::{Project, Ran};

/// Reports and data of three processes and of all, see `tests/fixtures/results/union`.
fn union() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/results/union")
}

/// A repository that holds nothing but the sources that the reports are about.
fn repository() -> Project {
    let project = Project::new("on: push\n");
    support::copy_tree(&union().join("src"), &project.root().join("src"));
    project
}

fn seatrial(project: &Project, line: &str, files: &[&str]) -> Ran {
    let files: Vec<String> = files
        .iter()
        .map(|file| union().join(file).display().to_string())
        .collect();
    let mut arguments: Vec<&str> = vec!["coverage"];
    arguments.extend(line.split_whitespace());
    arguments.extend(files.iter().map(String::as_str));
    project.seatrial(&arguments)
}

/// A report without what every producer and run writes anew.
fn without_head(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("<!--"));
    lines
        .map(|line| match line.find(" lines-valid=") {
            Some(at) if line.starts_with("<coverage") => &line[at..],
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file")
}

#[test]
fn merged_parts_are_the_combined_report_to_the_letter() {
    let project = repository();
    let parts = ["part-a.xml", "part-b.xml", "part-c.xml"];
    let ran = seatrial(&project, "merge --keep-names", &parts);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let expected = without_head(&read(&union().join("combined.xml")));
    assert_eq!(without_head(&ran.stdout), expected);
    assert!(
        ran.stderr
            .contains("92.6 % of 105 lines and 44 branches in 7 files")
    );
    // Some of them as data: what ran, for the statements that the others tell.
    for parts in [
        ["part-a.coverage", "part-b.xml", "part-c.xml"],
        ["combined.xml", "part-b.coverage", "part-a.coverage"],
    ] {
        let ran = seatrial(&project, "show --format json", &parts);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(json["totals"]["missing_lines"], 6, "{parts:?}");
        assert_eq!(json["totals"]["missing_branches"], 5, "{parts:?}");
        let files: Vec<&String> = json["files"].as_object().expect("files").keys().collect();
        assert!(
            files.iter().all(|file| file.starts_with("src/")),
            "{files:?}"
        );
    }
}

#[test]
fn every_form_is_written_and_read_again() {
    let project = repository();
    let ran = seatrial(
        &project,
        "merge -o out/all.xml --lcov out/all.info -o out/all.json",
        &["combined.xml"],
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let table = |input: &str| {
        let ran = project.seatrial(&["coverage", "show", input]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let shown = table("out/all.xml");
    assert!(shown.contains("src/two/util.py"), "{shown}");
    assert_eq!(table("out/all.info"), shown);
    // A folder is looked through; JUnit reports beside them are none.
    project.write("out/junit.xml", "<testsuites/>");
    assert_eq!(table("out"), shown);
    assert_eq!(table("."), shown);
}

#[test]
fn files_of_processes_that_were_killed_are_told() {
    let project = repository();
    project.write("data/.coverage.host.12.XaBcDe", "");
    let data = project.root().join("data");
    for part in ["a", "b", "c"] {
        let from = union().join(format!("part-{part}.coverage"));
        let to = data.join(format!(".coverage.host.{part}.x"));
        std::fs::copy(from, to).expect("a copy");
    }
    // Data alone does not say what there is to cover.
    let ran = project.seatrial(&["coverage", "show", "data"]);
    assert_eq!(ran.code, 4);
    assert!(
        ran.stderr.contains("a report is needed beside it"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains(".coverage.host.12.XaBcDe holds nothing")
    );
    std::fs::copy(union().join("part-c.xml"), data.join("coverage.xml")).expect("a copy");
    let ran = project.seatrial(&["coverage", "show", "data"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("no report has, so they are left out: src/space/part.py")
    );
}

#[test]
fn what_cannot_be_read_fails_and_names_the_file() {
    let project = repository();
    project.write("cut/coverage.xml", "<coverage><packages>");
    project.write("cut/.coverage", "nonsense");
    project.write("none/read.me", "");
    for (input, code, says) in [
        (
            "cut",
            4,
            "cut/coverage.xml: the report breaks off: </coverage> is missing",
        ),
        ("none", 4, "none: the folder holds no coverage"),
        ("nowhere", 4, "nowhere: No such file"),
    ] {
        let ran = project.seatrial(&["coverage", "show", input]);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{input}");
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
    let ran = project.seatrial(&["coverage", "show", "cut"]);
    let both = ran
        .stderr
        .contains("also cut/.coverage: the report is no SQLite database");
    assert!(both, "{}", ran.stderr);
    let ran = seatrial(&project, "merge -o report.txt", &["combined.xml"]);
    assert_eq!(ran.code, 2);
}
