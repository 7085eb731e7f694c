//! Which workflow is found.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::cli::out::{Out, Stream};
use crate::settings::Environment;

const TESTS: &str = "name: CI\non: [push, pull_request]\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n";
const CALLED: &str = "on: workflow_call\njobs:\n  unit:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n";
const OTHER: &str =
    "on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ship\n";
const BROKEN: &str = "on: push\njobs:\n  a:\n   - [\n";

fn app() -> App {
    App {
        environment: Environment::default(),
        out: Out::listening(),
    }
}

/// A repository with these workflows.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join(FOLDER);
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    dir
}

fn declines(_: &App, _: &[String]) -> Option<usize> {
    None
}

#[test]
fn the_root_is_the_nearest_folder_with_workflows() {
    let dir = repository(&[]);
    let deep = dir.path().join("src/a/b");
    std::fs::create_dir_all(&deep).unwrap();
    assert_eq!(find_root(&deep).unwrap(), dir.path());
    let none = tempfile::tempdir().unwrap();
    let error = find_root(none.path()).unwrap_err();
    assert_eq!(error.cause, Cause::PathInvalid);
    assert!(error.hint.unwrap().contains("--root"));
}

#[test]
fn the_one_that_tests_is_found() {
    for (files, expected) in [
        (&[("test.yml", TESTS)][..], "test.yml"),
        (&[("a.yml", OTHER), ("b.yaml", TESTS)], "b.yaml"),
        (&[("a.yml", CALLED), ("b.yml", TESTS)], "b.yml"),
        (&[("a.yml", CALLED), ("b.yml", OTHER)], "a.yml"),
        (&[("a.txt", TESTS), ("b.yml", TESTS)], "b.yml"),
        (&[("a.yml", BROKEN), ("b.yml", TESTS)], "b.yml"),
    ] {
        let dir = repository(files);
        let found = look(&app(), dir.path(), &declines).unwrap();
        assert_eq!(found.name, format!("{FOLDER}/{expected}"));
        assert!(found.text.contains("pytest"));
    }
}

#[test]
fn a_broken_one_beside_it_is_mentioned() {
    let dir = repository(&[("a.yml", BROKEN), ("b.yml", TESTS)]);
    let app = app();
    look(&app, dir.path(), &declines).unwrap();
    let said = app.out.heard(Stream::Stderr);
    assert!(
        said.starts_with("warning: .github/workflows/a.yml (Line: "),
        "{said}"
    );
}

#[test]
fn none_tells_what_was_looked_at() {
    let dir = repository(&[("a.yml", OTHER), ("b.yml", BROKEN)]);
    let error = look(&app(), dir.path(), &declines).unwrap_err();
    assert_eq!(error.cause, Cause::WorkflowInvalid);
    assert!(error.details[0].starts_with(".github/workflows/b.yml cannot be read (Line: "));
    assert_eq!(
        error.details[1],
        ".github/workflows/a.yml calls no test command"
    );
    let empty = repository(&[]);
    let error = look(&app(), empty.path(), &declines).unwrap_err();
    assert_eq!(error.cause, Cause::Usage);
    assert_eq!(error.message, ".github/workflows holds no workflow");
}

#[test]
fn of_several_one_must_be_named_or_chosen() {
    let dir = repository(&[("ci.yml", TESTS), ("nightly.yml", TESTS)]);
    let error = look(&app(), dir.path(), &declines).unwrap_err();
    assert_eq!(error.message, "2 workflows run tests");
    assert_eq!(
        error.details[0],
        "ci.yml  (CI: jobs unit; on push, pull_request)"
    );
    assert!(error.hint.unwrap().contains("`seatrial run ci.yml`"));
    let second = |_: &App, _: &[String]| Some(1);
    let found = look(&app(), dir.path(), &second).unwrap();
    assert!(found.name.ends_with("nightly.yml"));
}

#[test]
fn choices() {
    let lines = ["a".to_owned(), "b".to_owned()];
    for (answers, expected) in [
        ("2\n", Some(1)),
        ("0\nx\n1\n", Some(0)),
        ("\n", None),
        ("", None),
        ("9\n9\n9\n1\n", None),
    ] {
        assert_eq!(choose(&app(), &lines, &mut answers.as_bytes()), expected);
    }
}

#[test]
fn names_and_paths_are_understood() {
    let dir = repository(&[("test.yml", TESTS), ("other.yaml", OTHER)]);
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), TESTS).unwrap();
    let whole = dir.path().join(FOLDER).join("test.yml");
    for (asked, expected) in [
        ("test.yml", ".github/workflows/test.yml"),
        ("test", ".github/workflows/test.yml"),
        ("other", ".github/workflows/other.yaml"),
        (".github/workflows/test.yml", ".github/workflows/test.yml"),
        (whole.to_str().unwrap(), ".github/workflows/test.yml"),
        (
            outside.path().to_str().unwrap(),
            outside.path().to_str().unwrap(),
        ),
    ] {
        let found = named(dir.path(), asked).unwrap();
        assert_eq!(found.name, expected, "{asked}");
    }
    for (asked, hint) in [
        ("tset.yml", "did you mean `test.yml`?"),
        ("test.yaml", "did you mean `test.yml`?"),
        ("deploy", ".github/workflows holds: other.yaml, test.yml"),
    ] {
        let error = named(dir.path(), asked).unwrap_err();
        assert_eq!(error.cause, Cause::Usage);
        assert_eq!(error.hint.as_deref(), Some(hint), "{asked}");
    }
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let dir = repository(&[]);
    std::fs::write(dir.path().join(FOLDER).join("a.yml"), b"on: \xff").unwrap();
    let error = named(dir.path(), "a.yml").unwrap_err();
    assert_eq!(error.cause, Cause::WorkflowInvalid);
    assert_eq!(
        error.message,
        ".github/workflows/a.yml: the file is not UTF-8 text (byte 4)"
    );
}
