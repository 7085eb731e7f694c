#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use super::{Expected, python_of, required};
use crate::image::{Facts, Recipe, Survey};
use crate::plan::{Installed, WantedAt, WantedCommand, Wants};

/// A repository with these files, and what is found before its image is built.
fn found(files: &[(&str, &str)], wants: Wants) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    let survey = survey(folder.path());
    let (_, findings) = Expected::new(wants, "test.yml", Some(&survey));
    findings
        .into_iter()
        .map(|finding| finding.message)
        .collect()
}

fn survey(root: &Path) -> Survey {
    let recipe = Recipe::Dockerfile {
        file: root.join("Dockerfile.test"),
        context: root.to_path_buf(),
        target: None,
        args: Vec::new(),
        tag: "seatrial/x:tests".to_owned(),
        derived: false,
    };
    Survey::of(&recipe, root).unwrap()
}

fn at(what: &str, line: usize) -> Vec<(String, WantedAt)> {
    let place = WantedAt {
        file: String::new(),
        line,
    };
    vec![(what.to_owned(), place)]
}

const DOCKERFILE: (&str, &str) = (
    "Dockerfile.test",
    "# tests\nFROM python:3.11-slim\nCOPY requirements.txt .\nRUN pip install \\\n    -r requirements.txt\nWORKDIR /app\nCOPY . .\n",
);

#[test]
fn another_python_is_said_with_both_places() {
    let of = |version: &str| {
        let wants = Wants {
            pythons: at(version, 9),
            ..Wants::default()
        };
        found(&[DOCKERFILE], wants)
    };
    assert_eq!(
        of("3.12"),
        ["test.yml:9 asks for Python 3.12, and Dockerfile.test:2 builds on `python:3.11-slim`"]
    );
    for same in ["3.11", "3.11.4", "3.x", ">=3.9", "3"] {
        assert_eq!(of(same), [""; 0], "{same}");
    }
    assert_eq!(
        python_of("python:3.12.1-bookworm@sha256:00"),
        Some("3.12.1")
    );
    assert_eq!(
        python_of("registry.example.org/mirror/python:3.9"),
        Some("3.9")
    );
    for none in [
        "python",
        "python:latest",
        "python:3",
        "ubuntu:22.04",
        "cpython:3.9",
    ] {
        assert_eq!(python_of(none), None, "{none}");
    }
}

#[test]
fn requirements_of_only_one_side_are_said() {
    let of = |file: &str| {
        let wants = Wants {
            requirements: at(file, 12),
            ..Wants::default()
        };
        found(&[DOCKERFILE], wants)
    };
    assert_eq!(
        of("requirements-dev.txt"),
        [
            "test.yml:12 installs requirements-dev.txt, which Dockerfile.test does not; what it holds is installed in every run",
            "Dockerfile.test:4 installs requirements.txt, which no step of test.yml does",
        ]
    );
    assert_eq!(of("requirements.txt"), [""; 0]);
    let files = |text: &str| required(text).collect::<Vec<_>>();
    assert_eq!(
        files("RUN pip install -r a.txt --requirement=b.txt && x"),
        ["a.txt", "b.txt"]
    );
    assert_eq!(files("COPY -r a.txt"), [""; 0]);
}

#[test]
fn tests_that_are_left_out_are_said() {
    let of = |ignore: &str| {
        let wants = Wants {
            tested: at("tests/unit", 20),
            ..Wants::default()
        };
        let files = [
            DOCKERFILE,
            (".dockerignore", ignore),
            ("tests/unit/test_a.py", ""),
            ("conftest.py", ""),
        ];
        found(&files, wants)
    };
    assert_eq!(
        of("# rules\ntests\n"),
        [
            "test.yml:20 tests tests/unit, which .dockerignore:2 leaves out of the image that Dockerfile.test:7 copies it to"
        ]
    );
    assert_eq!(
        of("conftest.py\n"),
        [
            ".dockerignore:1 leaves conftest.py out of the image that Dockerfile.test:7 copies the source to; tests that lie there do not run"
        ]
    );
    assert_eq!(of("docs\n"), [""; 0]);
    assert_eq!(of("*\n!tests\n!conftest.py\n"), [""; 0]);
}

#[test]
fn clutter_and_credentials_are_said() {
    let files = [
        DOCKERFILE,
        (".git/config", "url = https://a:ghs_token@github.com/a/b\n"),
        (".venv/pyvenv.cfg", ""),
        ("env/settings.py", ""),
        (".env", "API_TOKEN=abc\n"),
    ];
    assert_eq!(
        found(&files, Wants::default()),
        [
            "Dockerfile.test:7 takes .git, .venv into the build, which makes it slow and the image large; write them into a file .dockerignore",
            "Dockerfile.test:7 puts .env into the image, which holds variables with secrets; add the line `.env` to .dockerignore",
            "Dockerfile.test:7 puts .git/config into the image, which holds a token for git; add the line `.git/config` to .dockerignore",
        ]
    );
    let mut good = files.to_vec();
    good.push((".dockerignore", ".git\n.venv\n.env\n"));
    assert_eq!(found(&good, Wants::default()), [""; 0]);
    // What is not copied does no harm.
    let mut files = files.to_vec();
    files[0] = ("Dockerfile.test", "FROM python:3.11\nCOPY env /app\n");
    assert_eq!(found(&files, Wants::default()), [""; 0]);
}

#[test]
fn commands_that_are_missing_are_said_unless_something_may_bring_them() {
    let wanted = |name: &str, after: Installed| WantedCommand {
        name: name.to_owned(),
        place: at("", 5).remove(0).1,
        after,
    };
    let (none, system, python, anything) = (
        Installed::default(),
        Installed {
            system: true,
            ..Installed::default()
        },
        Installed {
            python: true,
            ..Installed::default()
        },
        Installed {
            anything: true,
            ..Installed::default()
        },
    );
    let wants = Wants {
        commands: vec![
            wanted("psql", python),
            wanted("git", system),
            wanted("pytest", none),
            wanted("tox", python),
            wanted("jq", anything),
            wanted("our-tool", none),
            wanted("their-tool", python),
            wanted("make", none),
        ],
        ..Wants::default()
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile.test"), DOCKERFILE.1).unwrap();
    let (expected, _) = Expected::new(wants, "test.yml", Some(&survey(folder.path())));
    let mut facts = Facts::default();
    facts
        .commands
        .insert("make".to_owned(), "/usr/bin/make".to_owned());
    let messages: Vec<String> = expected
        .compare(&facts)
        .into_iter()
        .map(|finding| finding.message)
        .collect();
    assert_eq!(
        messages,
        [
            "test.yml:5 calls `psql`, which the image of Dockerfile.test:2 lacks; `apt-get install postgresql-client` brings it",
            "test.yml:5 calls `pytest`, which the image of Dockerfile.test:2 lacks; `pip install pytest` brings it",
            "test.yml:5 calls `our-tool`, which the image of Dockerfile.test:2 lacks",
        ]
    );
}

#[test]
fn the_python_of_the_image_is_said_where_no_tag_tells_it() {
    let of = |dockerfile: &str, found: Option<&str>| {
        let wants = Wants {
            pythons: at("3.12", 9),
            ..Wants::default()
        };
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Dockerfile.test"), dockerfile).unwrap();
        let (expected, _) = Expected::new(wants, "test.yml", Some(&survey(folder.path())));
        let facts = Facts {
            python: found.map(ToOwned::to_owned),
            ..Facts::default()
        };
        let found = expected.compare(&facts);
        found
            .into_iter()
            .map(|finding| finding.message)
            .collect::<Vec<_>>()
    };
    let ubuntu = "FROM ubuntu:24.04\n";
    assert_eq!(
        of(ubuntu, Some("3.10.12")),
        [
            "test.yml:9 asks for Python 3.12, and the image that Dockerfile.test:1 is built on has 3.10.12"
        ]
    );
    assert_eq!(
        of(ubuntu, None),
        [
            "test.yml:9 asks for Python 3.12, and the image that Dockerfile.test:1 is built on has none"
        ]
    );
    assert_eq!(of(ubuntu, Some("3.12.3")), [""; 0]);
    // Told already, of the tag.
    assert_eq!(of("FROM python:3.11\n", Some("3.11.9")), [""; 0]);
}
