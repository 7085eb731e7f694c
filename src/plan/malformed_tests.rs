//! The kept corpus of broken workflows: what is said of each file.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::{Inputs, build};
use crate::workflow::{Problem, parse};

/// Each workflow of `tests/fixtures/malformed/workflows` with its problems.
#[test]
fn every_broken_workflow_has_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/malformed/workflows");
    let mut said: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let problems = problems(&std::fs::read_to_string(&path).unwrap());
            assert!(!problems.is_empty(), "{name} is accepted");
            let lines: Vec<String> = problems.iter().map(line).collect();
            format!("{name}:\n  {}", lines.join("\n  "))
        })
        .collect();
    said.sort();
    assert!(said.len() >= 60, "{} workflows", said.len());
    insta::assert_snapshot!("malformed_workflows", said.join("\n"));
}

/// What is wrong with a workflow, found by reading or by planning it.
fn problems(text: &str) -> Vec<Problem> {
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(problems) => return problems,
    };
    match build(&parsed.workflow, &Inputs::default()) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems.into_iter().map(|found| found.1).collect(),
    }
}

/// `line:column message / hint`, cut where it is endless.
fn line(problem: &Problem) -> String {
    let place = problem.span.start;
    let hint = problem.hint.as_ref().map(|hint| format!(" / {hint}"));
    let text = format!("{}{}", problem.message, hint.unwrap_or_default());
    let text: String = text.chars().take(300).collect();
    format!("{}:{} {text}", place.line, place.column)
}
