//! What `seatrial.toml` may say, and what is said of one that is wrong.

#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn all_keys_are_read() {
    let text = r#"
workflow = "test.yml"
jobs = ["unit", "lint"]
[image]
dockerfile = "ci/Dockerfile"
target = "test"
args = { PYTHON = "3.12" }
[coverage]
min = 85
precision = 2
[actions]
skip = ["codecov/codecov-action"]
[gate]
masked = "warn"
[run]
parallel = 2
memory = "2g"
pids = 500
retries = 2
[vars]
REGION = "eu"
"#;
    let file = ConfigFile::parse(text).unwrap();
    assert_eq!(file.workflow.as_deref(), Some("test.yml"));
    assert_eq!(file.jobs, ["unit", "lint"]);
    assert_eq!(file.dockerfile.as_deref(), Some("ci/Dockerfile"));
    assert_eq!(file.coverage.min, Some(85.0));
    assert_eq!(file.coverage.precision, Some(2));
    assert_eq!(file.masked, Some(Masked::Warn));
    assert_eq!(file.memory, Some(2 << 30));
    assert_eq!(file.retries, Some(2));
    assert_eq!(file.build_args["PYTHON"], "3.12");
    assert_eq!(file.vars["REGION"], "eu");
}

#[test]
fn the_socket_is_granted_to_all_jobs_or_to_those_that_are_named() {
    for (text, expected) in [
        ("", SocketGrant::Nobody),
        ("[container]\ndocker-socket = false", SocketGrant::Nobody),
        ("[container]\ndocker-socket = true", SocketGrant::Everybody),
        (
            "[container]\ndocker-socket = ['e2e', 'call / e2e']",
            SocketGrant::Jobs(vec!["e2e".to_owned(), "call / e2e".to_owned()]),
        ),
    ] {
        assert_eq!(
            ConfigFile::parse(text).unwrap().docker_socket,
            expected,
            "{text}"
        );
    }
    for wrong in ["'e2e'", "1", "[1]", "['']", "[]"] {
        assert_eq!(
            problems(&format!("[container]\ndocker-socket = {wrong}")),
            [
                "2:17 the value of `docker-socket` cannot be used | expected true, or the ids of jobs: [\"integration\"]"
            ],
            "{wrong}"
        );
    }
}

#[test]
fn no_file_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(ConfigFile::load(dir.path()).unwrap(), ConfigFile::default());
}

/// Line, column, message and hint of every problem.
fn problems(text: &str) -> Vec<String> {
    ConfigFile::parse(text)
        .unwrap_err()
        .problems
        .iter()
        .map(|problem| {
            format!(
                "{}:{} {} | {}",
                problem.span.start.line,
                problem.span.start.column,
                problem.message,
                problem.hint.as_deref().unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn errors_tell_the_place_and_what_was_expected() {
    for (text, expected) in [
        (
            "workflw = 'x'",
            "1:1 unknown key `workflw` | did you mean `workflow`?",
        ),
        (
            "[coverage]\nlow = 3",
            "2:1 unknown key `low` | the keys here are: min, precision, base, tolerance, new-lines-min, packages",
        ),
        (
            "[image]\nargs = { A = 3 }",
            "2:14 invalid type: integer `3`, expected a string | ",
        ),
        (
            "[coverage]\nmin = 'high'",
            "2:7 invalid type: string \"high\", expected f64 | ",
        ),
        (
            "ä = 1",
            "1:1 invalid unquoted key, expected letters, numbers, `-`, `_` | ",
        ),
        (
            "[run]\nmemory = 'lots'",
            "2:10 the value of `memory` cannot be used | expected an amount of memory of at least 6m, such as 512m or 4g",
        ),
        (
            "jobs = ['a', ' ']",
            "1:14 `jobs` is empty | leave the key out, or give it a value",
        ),
        (
            "[image]\nname = 'a'\ndockerfile = 'b'",
            "2:8 `name` and `dockerfile` exclude each other | `name` takes an image as it is, each of `dockerfile`, `compose` and `bake` builds one",
        ),
        (
            "[image]\nbake = 'test'\ncompose = 'compose.yml#tests'",
            "3:11 `compose` and `bake` exclude each other | `name` takes an image as it is, each of `dockerfile`, `compose` and `bake` builds one",
        ),
        (
            "[image]\ncompose = 'compose.yml'",
            "2:11 the value of `compose` cannot be used | expected FILE#SERVICE, such as docker-compose.test.yml#tests: the file and the service of it that is built",
        ),
    ] {
        assert_eq!(problems(text), [expected], "{text}");
    }
}

#[test]
fn all_wrong_values_are_told_at_once() {
    let text = "[gate]\nmasked = 'no'\n[run]\nparallel = 0\n[coverage]\nmin = 101\nprecision = 16\n[actions]\nskip = ['cache']\n";
    let lines: Vec<String> = problems(text)
        .iter()
        .filter_map(|line| line.split(' ').next().map(ToOwned::to_owned))
        .collect();
    assert_eq!(lines, ["2:10", "4:12", "6:7", "7:13", "9:9"]);
}
