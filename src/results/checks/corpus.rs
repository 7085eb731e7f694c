//! The kept corpus of damaged reports: what is said of each file.

use std::path::Path;

use crate::results::error::ResultsError;
use crate::results::{cobertura, data, junit, lcov};

/// Each report of `tests/fixtures/malformed/reports` with its message. The beginning
/// of its name says which reader it is for.
#[test]
fn every_damaged_report_has_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/malformed/reports");
    let mut said: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            format!("{name}: {}", refused(&name, &std::fs::read(&path).unwrap()))
        })
        .collect();
    said.sort();
    assert!(said.len() >= 80, "{} reports", said.len());
    insta::assert_snapshot!("malformed_reports", said.join("\n"));
}

/// Why a report is refused.
fn refused(name: &str, bytes: &[u8]) -> ResultsError {
    let error = match name.split('-').next() {
        Some("cobertura") => cobertura::read(bytes).map(|_| ()),
        Some("data") => data::read(bytes).map(|_| ()),
        Some("junit") => junit::read(bytes).map(|_| ()),
        _ => lcov::read(bytes).map(|_| ()),
    };
    error.unwrap_err()
}
