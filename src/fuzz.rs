//! What the fuzz targets in `fuzz/` call: one function for each reader of foreign
//! text, which must come to an end without a panic whatever it is given.
//!
//! Compiled for fuzzing, and for the test that replays the kept corpus.

use std::sync::Arc;

use crate::cli::fuzz_readers as cli;
use crate::engine::fuzz_readers as engine;
use crate::expr::{Allowed, Contexts, Object, Template, Value, condition, eval, parse_with};
use crate::plan::{self, Inputs, Loaded, Origin, Sources};
use crate::results::{Coverage, cobertura, data as coverage_data, junit, lcov};
use crate::runner::fuzz_readers as runner;
use crate::scan::fuzz_readers as scan;
use crate::workflow::{self, Problem, Span};

/// A workflow file: reading it, and planning what could be read.
pub fn workflow(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match workflow::parse(text) {
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            problems.iter().for_each(|problem| in_place(text, problem));
        }
        Ok(parsed) => {
            parsed
                .warnings
                .iter()
                .for_each(|warning| in_place(text, warning));
            workflow::looks_like_tests(&parsed.workflow);
            let planned = plan::build(&parsed.workflow, &Inputs::default());
            let problems = match planned {
                Ok(plan) => plan.warnings,
                Err(error) => error.problems.into_iter().map(|found| found.1).collect(),
            };
            problems.iter().for_each(|problem| in_place(text, problem));
        }
    }
}

/// Every place that is told is one of the text.
fn in_place(text: &str, problem: &Problem) {
    assert!(is_in(text, problem.span), "{problem:?} is not in the text");
}

fn is_in(text: &str, span: Span) -> bool {
    text.get(span.start.offset..span.end.offset).is_some()
}

/// What stands between the parts of an input that has more than one.
const BETWEEN_PARTS: &str = "\n---\n";

/// An event for a workflow: its filters, its payload, and what it would run. Four
/// parts, of which only the first must be there: the workflow, the name of the event,
/// the payload as JSON, and the changed files, one a line.
pub fn event(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut parts = text.splitn(4, BETWEEN_PARTS);
    let text = parts.next().unwrap_or_default();
    let Ok(parsed) = workflow::parse(text) else {
        return;
    };
    let name = parts.next().unwrap_or("push");
    let payload = parts
        .next()
        .and_then(|part| serde_json::from_str(part).ok());
    let changed: Option<Vec<String>> = parts
        .next()
        .map(|part| part.lines().map(ToOwned::to_owned).collect());
    let decision = cli::event(&parsed.workflow, name, payload.as_ref(), changed.as_deref());
    for filter in decision.filters {
        assert!(is_in(text, filter.span), "{filter:?} is not in the text");
    }
}

/// A workflow that uses the action of [`action`].
const USES_AN_ACTION: &str = "
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: ./a
        with: { version: 1 }
";

/// An `action.yml`: reading it, and planning a step that uses it.
pub fn action(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let read = match workflow::parse_action(text) {
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            return problems.iter().for_each(|problem| in_place(text, problem));
        }
        Ok(read) => read,
    };
    let Ok(parsed) = workflow::parse(USES_AN_ACTION) else {
        unreachable!("the workflow is a good one")
    };
    let key = (Origin::Here, "a".to_owned());
    let inputs = Inputs {
        sources: Sources {
            actions: [(key, Loaded::Ready(Arc::new(read)))].into(),
            ..Sources::default()
        },
        ..Inputs::default()
    };
    let Err(error) = plan::build(&parsed.workflow, &inputs) else {
        return;
    };
    for (_, problem) in &error.problems {
        let text = match problem.file {
            Some(_) => text,
            None => USES_AN_ACTION,
        };
        in_place(text, problem);
    }
}

/// An expression, a condition and a template; behind a line end the `github`
/// context as JSON.
pub fn expression(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (text, json) = text.split_once('\n').unwrap_or((text, ""));
    let github = serde_json::from_str(json)
        .map(|json| Value::from_json(&json))
        .unwrap_or_default();
    let scope = Contexts::new()
        .with("github", github)
        .with("env", Object::case_sensitive())
        .with_hash(|patterns| Ok(patterns.join(",")));
    let failed = match parse_with(text, &Allowed::ALL) {
        Err(error) => Some(error),
        Ok(expr) => match eval(&expr, &scope) {
            Err(error) => Some(error),
            Ok(value) => {
                // What a step sees of it.
                value.to_text();
                value.to_json();
                None
            }
        },
    };
    let condition = condition(text, &Allowed::ALL).map(|condition| condition.evaluate(&scope));
    let template = Template::parse(text, &Allowed::ALL).map(|parsed| parsed.evaluate_text(&scope));
    for error in failed
        .into_iter()
        .chain(condition.err())
        .chain(template.err())
    {
        assert!(
            text.get(error.offset..).is_some(),
            "{error:?} is not in the text"
        );
    }
}

/// An environment file, read as pairs and as a list of folders.
pub fn env_file(data: &[u8]) {
    runner::env_file(&String::from_utf8_lossy(data));
}

/// The output of a step, line by line, with its workflow commands.
pub fn commands(data: &[u8]) {
    runner::commands(&String::from_utf8_lossy(data));
}

/// A JUnit report: reading it, and saving what a damaged one holds.
pub fn junit(data: &[u8]) {
    let saved = junit::salvage(data);
    match junit::read(data) {
        Ok(report) => assert_eq!(report, saved),
        Err(error) => {
            assert!(!saved.complete);
            let told = error.to_string();
            assert!(error.offset <= Some(data.len() as u64) && told.lines().count() == 1);
        }
    }
}

/// A Cobertura report. What is written of it is read again as the same.
pub fn cobertura(data: &[u8]) {
    if let Ok(coverage) = cobertura::read(data) {
        in_bounds(&coverage);
        let back = cobertura::read(cobertura::write(&coverage, "1", 1).as_bytes());
        assert_eq!(back.map(|back| back.files), Ok(coverage.files));
    }
}

/// A tracefile of LCOV. What is written of it is read again with the same totals;
/// files whose names cannot stand in a line are not written.
pub fn lcov(data: &[u8]) {
    if let Ok(mut coverage) = lcov::read(data) {
        in_bounds(&coverage);
        coverage
            .files
            .retain(|name, _| !name.chars().any(char::is_control));
        if coverage.files.is_empty() {
            return;
        }
        let back = lcov::read(lcov::write(&coverage).as_bytes());
        assert_eq!(back.map(|back| back.summary()), Ok(coverage.summary()));
    }
}

/// coverage.py's data. Joining it with itself changes nothing.
pub fn coverage_data(data: &[u8]) {
    if let Ok(once) = coverage_data::read(data) {
        let mut twice = once.clone();
        twice.merge(once.clone());
        assert_eq!(twice, once);
    }
}

/// No part is larger than its whole.
fn in_bounds(coverage: &Coverage) {
    let summary = coverage.summary();
    assert!(summary.lines_covered <= summary.lines_valid);
    assert!(summary.branches_covered <= summary.branches_valid);
}

/// A tar stream out of a container, extracted beside a canary.
pub fn archive(data: &[u8]) {
    if let Err(error) = engine::archive(data) {
        unreachable!("the temporary folder: {error}")
    }
}

/// The output of a job's container with the marks in it.
pub fn marks(data: &[u8]) {
    engine::marks(data);
}

/// What the shell in a container reports of a step.
pub fn step_report(data: &[u8]) {
    engine::step_report(data);
}

/// A database of packages in an image, or a file that may hold secrets.
pub fn packages(data: &[u8]) {
    scan::packages(data);
}

/// An advisory, and a package that it may be about.
pub fn advisory(data: &[u8]) {
    scan::advisory(data);
}

/// An image as an engine saves it.
pub fn saved_image(data: &[u8]) {
    scan::saved_image(data);
}

/// The texts of a repository that a scan looks at.
pub fn scanned_text(data: &[u8]) {
    scan::scanned_text(data);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::path::Path;

    /// Every input of the kept corpus, and what was found with it.
    #[test]
    fn the_kept_corpus_is_survived() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        for entry in std::fs::read_dir(corpus).unwrap() {
            let folder = entry.unwrap().path();
            let target: fn(&[u8]) = match folder.file_name().unwrap().to_str().unwrap() {
                "workflow" => super::workflow,
                "event" => super::event,
                "action" => super::action,
                "expression" => super::expression,
                "env_file" => super::env_file,
                "commands" => super::commands,
                "junit" => super::junit,
                "cobertura" => super::cobertura,
                "lcov" => super::lcov,
                "coverage_data" => super::coverage_data,
                "archive" => super::archive,
                "marks" => super::marks,
                "step_report" => super::step_report,
                "packages" => super::packages,
                "advisory" => super::advisory,
                "saved_image" => super::saved_image,
                "scanned_text" => super::scanned_text,
                other => panic!("no target `{other}`"),
            };
            let mut inputs = 0;
            for entry in std::fs::read_dir(folder).unwrap() {
                target(&std::fs::read(entry.unwrap().path()).unwrap());
                inputs += 1;
            }
            assert!(inputs > 0);
        }
    }
}
