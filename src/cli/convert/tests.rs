//! Conversions of whole files: `tests/convert/NN-name/` holds a workflow before and after in
//! both styles, and what else the repository holds. With `UPDATE_CONVERSIONS=1` the results are written
//! anew, to be read before they are kept.

#![allow(clippy::panic)]

use std::path::{Path, PathBuf};

use clap::Parser;

use super::super::args::{Args, Command};
use super::super::out::Out;
use super::files::Change;
use super::{App, ConvertArgs};
use crate::convert::{is_converted, revert};
use crate::settings::Environment;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/convert");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{error}"))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&place).unwrap_or_else(|error| panic!("{error}"));
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

/// A repository with the fixture's workflow.
fn repository(fixture: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    copy(&fixture.join("repo"), folder.path());
    let workflows = folder.path().join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap_or_else(|error| panic!("{error}"));
    std::fs::copy(fixture.join("before.yml"), workflows.join("test.yml"))
        .unwrap_or_else(|error| panic!("{error}"));
    folder
}

/// The styles, and the files that hold what they give.
const STYLES: [(&str, &str); 2] = [("docker", "after.yml"), ("seatrial", "after-seatrial.yml")];

fn args(root: &Path, fixture: &Path, style: &str) -> ConvertArgs {
    let more = std::fs::read_to_string(fixture.join("args")).unwrap_or_default();
    let root = root.display().to_string();
    let words = [
        "seatrial", "convert", "test.yml", "--root", &root, "--style", style,
    ]
    .into_iter()
    .chain(more.split_whitespace());
    match Args::try_parse_from(words) {
        Ok(Args {
            command: Command::Convert(args),
        }) => *args,
        other => panic!("{other:?}"),
    }
}

fn app() -> App {
    App {
        environment: Environment::from_iter([("HOME", "/nonexistent")]),
        out: Out::new(false),
    }
}

/// The files that change, and the jobs that stay.
type Converted = (Vec<Change>, Vec<String>);

/// The changes, or the error as text.
fn converted(root: &Path, fixture: &Path, style: &str) -> Result<Converted, String> {
    super::changes(&app(), &args(root, fixture, style))
        .map(|(_, changes)| (changes.files, changes.left))
        .map_err(|error| {
            let problems = error.problems.iter().flat_map(|found| &found.problems);
            let lines = problems
                .map(|problem| format!("line {}: {}", problem.span.start.line, problem.message))
                .chain(error.details.clone());
            std::iter::once(error.message.clone())
                .chain(lines)
                .collect::<Vec<_>>()
                .join("\n")
        })
}

/// Everything that a conversion says, in one text: the workflow, then what was left, then
/// other files that change.
fn shown(found: &Result<Converted, String>) -> String {
    let (files, left) = match found {
        Ok(found) => found,
        Err(error) => return format!("# REFUSED: {}\n", error.replace('\n', "\n# ")),
    };
    let mut text = String::new();
    for change in files {
        let same_everywhere =
            change.path == crate::convert::SCRIPT || change.path == ".dockerignore";
        if change.path == ".github/workflows/test.yml" {
            text.insert_str(0, &change.after);
        } else if !same_everywhere && change.changes() {
            text += &format!("\n# ===== {} =====\n{}", change.path, change.after);
        }
    }
    for left in left {
        text += &format!("\n# LEFT: {left}\n");
    }
    text
}

#[test]
fn every_fixture_is_converted_as_it_is_written_there() {
    let update = std::env::var_os("UPDATE_CONVERSIONS").is_some();
    let mut wrong = Vec::new();
    for (fixture, (style, name)) in fixtures()
        .iter()
        .flat_map(|fixture| STYLES.map(|style| (fixture, style)))
    {
        let folder = repository(fixture);
        let made = shown(&converted(folder.path(), fixture, style));
        let place = fixture.join(name);
        if update {
            std::fs::write(&place, &made).unwrap_or_else(|error| panic!("{error}"));
        }
        let expected = std::fs::read_to_string(&place).unwrap_or_default();
        if made != expected {
            wrong.push(format!("{}:\n{made}", fixture.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        fixtures().len() >= 30,
        "there are only {}",
        fixtures().len()
    );
}

#[test]
fn a_conversion_can_be_taken_back_and_done_again() {
    for (fixture, (style, _)) in fixtures()
        .iter()
        .flat_map(|fixture| STYLES.map(|style| (fixture, style)))
    {
        let folder = repository(fixture);
        let Ok((files, left)) = converted(folder.path(), fixture, style) else {
            continue;
        };
        for change in &files {
            let name = format!("{} ({style}): {}", fixture.display(), change.path);
            if let Some(before) = &change.before {
                assert_eq!(revert(&change.after).as_ref(), Ok(before), "{name}");
                assert_eq!(is_converted(&change.after), change.changes(), "{name}");
            }
            let place = folder.path().join(&change.path);
            std::fs::create_dir_all(place.parent().unwrap_or(folder.path()))
                .and_then(|()| std::fs::write(place, &change.after))
                .unwrap_or_else(|error| panic!("{error}"));
        }
        let (again, still_left) = converted(folder.path(), fixture, style)
            .unwrap_or_else(|error| panic!("{}: {error}", fixture.display()));
        for change in again {
            assert!(
                !change.changes(),
                "{}: a second conversion changes {}:\n{}",
                fixture.display(),
                change.path,
                super::show::diff(std::slice::from_ref(&change))
            );
        }
        assert_eq!(left, still_left, "{}", fixture.display());
    }
}
