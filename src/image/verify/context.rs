//! The build context: what is left out of it and should not be, and the other way round.

use super::{Expected, Finding};
use crate::image::Survey;
use crate::image::dockerfile::Stage;
use crate::image::dockerfile::TextLine;

/// Where tests usually lie.
const TESTS: &[&str] = &["tests", "test", "conftest.py"];

/// What nobody wants in an image of tests.
const CLUTTER: &[&str] = &[
    ".git",
    ".hg",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    ".venv",
    "__pycache__",
    "env",
    "node_modules",
    "venv",
];

/// Tests that `.dockerignore` leaves out, where the image holds the source.
pub(super) fn left_out(survey: &Survey, expected: &Expected) -> Vec<Finding> {
    if survey.stage().and_then(Stage::source_dir).is_none() {
        return Vec::new();
    }
    let copy = survey.place(copies_all);
    let mut findings = Vec::new();
    let mut told = Vec::new();
    for (path, at) in &expected.wants.tested {
        // What is not there is made by a step, or an error of its own.
        let root = path.split('/').next().unwrap_or(path);
        if survey.there.contains(root)
            && let Some(line) = survey.ignore.left_out_by(path)
        {
            told.push(path.as_str());
            findings.push(Finding::warning(format!(
                "{} tests {path}, which {}:{line} leaves out of the image that {copy} copies it to",
                expected.at(at),
                survey.ignore_name
            )));
        }
    }
    let usual = survey.there.iter().filter(|name| {
        TESTS.contains(&name.as_str()) || (name.starts_with("test_") && name.ends_with(".py"))
    });
    for path in usual.filter(|path| !told.iter().any(|known| known.starts_with(path.as_str()))) {
        if let Some(line) = survey.ignore.left_out_by(path) {
            findings.push(Finding::warning(format!(
                "{}:{line} leaves {path} out of the image that {copy} copies the source to; tests that lie there do not run",
                survey.ignore_name
            )));
        }
    }
    findings
}

/// Caches and the like that are copied into the image.
pub(super) fn taken_in(survey: &Survey) -> Option<Finding> {
    if !survey.takes_all() {
        return None;
    }
    let there: Vec<&str> = CLUTTER
        .iter()
        .copied()
        .filter(|name| survey.taken.contains(*name) && is_clutter(survey, name))
        .collect();
    if there.is_empty() {
        return None;
    }
    let what = if survey.has_ignore {
        format!("add them to {}", survey.ignore_name)
    } else {
        format!("write them into a file {}", survey.ignore_name)
    };
    Some(Finding::notice(format!(
        "{} takes {} into the build, which makes it slow and the image large; {what}",
        survey.place(copies_all),
        there.join(", ")
    )))
}

/// Whether a folder that may be called anything is what its name says.
fn is_clutter(survey: &Survey, name: &str) -> bool {
    !matches!(name, "env" | "venv") || survey.taken.contains(&format!("{name}/pyvenv.cfg"))
}

/// Files with credentials that are copied into the image.
pub(super) fn credentials(survey: &Survey) -> Vec<Finding> {
    survey
        .credentials
        .iter()
        .map(|(path, what)| {
            Finding::warning(format!(
                "{} puts {path} into the image, which holds {what}; add the line `{path}` to {}",
                survey.place(|line| copies_all(line) || line.text.contains(path.as_str())),
                survey.ignore_name
            ))
        })
        .collect()
}

/// `COPY . …`.
fn copies_all(line: &TextLine) -> bool {
    let mut words = line.text.split(' ');
    let is_copy = words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("copy") || word.eq_ignore_ascii_case("add"));
    let mut words = words.filter(|word| !word.starts_with("--"));
    is_copy
        && !line.text.contains("--from=")
        && words
            .next()
            .is_some_and(|word| matches!(word, "." | "./" | "/"))
}
