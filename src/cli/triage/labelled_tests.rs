//! Excerpts of logs with the category that they were given before triage was asked:
//! `CATEGORY/NAME.log`, whose first line says where it comes from. The tables were written by
//! those of `tests/fixtures/triage`; those of `tests/fixtures/triage-apart` they never saw, and
//! are not to be mended by.

#![allow(clippy::print_stderr, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use super::logs;
use crate::triage::{Matcher, Origin, Reader, diagnose, order};

/// The least share of excerpts, in percent, whose first cause is of the category that they
/// were given.
const LEAST: usize = 95;
/// The fewest excerpts that such a share says something of.
const COUNT: usize = 200;

/// What triage says of a log of a step that failed: the category and the id of its first cause.
fn said(matcher: &Matcher, log: &str) -> (String, String) {
    let origin = Origin {
        job: "unit".to_owned(),
        step: "Run".to_owned(),
        file: "unit/1_Run.txt".to_owned(),
    };
    let mut reader = Reader::new(matcher, origin, order(0, 1));
    logs::read(&mut log.as_bytes(), &mut reader, &mut u64::MAX.clone()).unwrap();
    let diagnosis = diagnose(vec![reader.finish(Some(true))]);
    let Some(first) = diagnosis.findings.first() else {
        return ("nothing".to_owned(), String::new());
    };
    let category = serde_json::to_value(first.category).unwrap();
    (category.as_str().unwrap().to_owned(), first.id.clone())
}

/// Names a folder with another set, to measure one that the tables have not seen.
const OTHER: &str = "SEATRIAL_LABELLED";

/// Each excerpt: its category, its path below the folder, where it comes from, the log.
fn excerpts(root: &Path) -> Vec<(String, String, String, String)> {
    let mut all = Vec::new();
    for folder in std::fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        let category = folder.file_name().unwrap().to_string_lossy().into_owned();
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let text = std::fs::read_to_string(&file).unwrap();
            let (source, log) = text.split_once('\n').unwrap();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            all.push((
                category.clone(),
                format!("{category}/{name}"),
                source.to_owned(),
                log.to_owned(),
            ));
        }
    }
    all.sort();
    all
}

/// Asks triage of each excerpt of a folder, so many at least: the least share of them must be
/// right.
fn agree(root: &Path, count: usize) {
    let matcher = Matcher::new();
    let all = excerpts(root);
    assert!(all.len() >= count, "{} excerpts", all.len());
    let mut missed = Vec::new();
    for (category, path, source, log) in &all {
        assert!(
            source.starts_with("# produced: ") || source.starts_with("# documented: "),
            "{path}: {source}"
        );
        let (found, id) = said(&matcher, log);
        if found != *category {
            missed.push(format!("{path}: {found} {id}"));
        }
    }
    let right = all.len() - missed.len();
    // Shown with `--nocapture`.
    eprintln!("{right} of {} excerpts\n{}", all.len(), missed.join("\n"));
    assert!(
        right * 100 >= all.len() * LEAST,
        "{right} of {} are right; these are not:\n{}",
        all.len(),
        missed.join("\n")
    );
}

/// A folder of this repository's fixtures.
fn fixtures(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    folder.join(name)
}

#[test]
fn labels_and_triage_agree() {
    match std::env::var_os(OTHER) {
        Some(other) => agree(Path::new(&other), 1),
        None => agree(&fixtures("triage"), COUNT),
    }
}

#[test]
fn they_agree_on_logs_that_the_tables_never_saw() {
    agree(&fixtures("triage-apart"), COUNT);
}
