//! The result of a scenario as text, for `expected.txt`.

use std::fmt::Write as _;

use super::scenario::Show;
use crate::cli::error::CliError;
use crate::cli::request::Asked;
use crate::record::{Conclusion, Failure, JobRecord, Level, RunRecord, StepKey, StepRecord};
use crate::workflow::Problem;

/// A line that a step printed.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The step.
    pub(super) step: StepKey,
    /// The line.
    pub(super) text: String,
}

/// Why there is no run.
pub(super) fn error(error: &CliError) -> String {
    let mut text = format!(
        "exit {} ({})\n",
        error.cause.exit_code(),
        error.cause.path()
    );
    if let Some(found) = &error.problems {
        for problem in &found.problems {
            text.push_str(&problem_text("error", &found.file, problem));
        }
    }
    if !error.message.is_empty() {
        let _ = writeln!(text, "error: {}", error.message);
    }
    for line in &error.details {
        let _ = writeln!(text, "  {line}");
    }
    if let Some(hint) = &error.hint {
        let _ = writeln!(text, "hint: {hint}");
    }
    text
}

/// What is odd about the workflow.
pub(super) fn warnings(asked: &Asked) -> String {
    let file = &asked.prepared.workflow_name;
    let mut text = String::new();
    for warning in &asked.prepared.warnings {
        text.push_str(&problem_text("warning", file, warning));
    }
    text
}

fn problem_text(level: &str, file: &str, problem: &Problem) -> String {
    let file = problem.file.as_deref().unwrap_or(file);
    let start = problem.span.start;
    let place = if start.line == 0 {
        file.to_owned()
    } else {
        format!("{file} (Line: {}, Col: {})", start.line, start.column)
    };
    let mut text = format!("{level}: {place}: {}\n", problem.message);
    if let Some(hint) = &problem.hint {
        let _ = writeln!(text, "  help: {hint}");
    }
    text
}

/// How the run was judged.
pub(super) fn verdict(record: &RunRecord) -> String {
    let verdict = record.verdict.as_ref().unwrap();
    let mut text = format!("exit {}\n", verdict.exit_code);
    for failed in &verdict.failures {
        let _ = writeln!(text, "  {}", failure(failed));
    }
    // Few scenarios are about coverage.
    let coverage = |warning: &&String| !warning.contains("measures coverage");
    for warning in verdict.warnings.iter().filter(coverage) {
        let _ = writeln!(text, "  warning: {warning}");
    }
    text
}

/// What happened, leg by leg.
pub(super) fn record(record: &RunRecord, lines: &[Line], show: &[Show]) -> String {
    let mut text = String::new();
    for job in &record.jobs {
        text.push('\n');
        text.push_str(&leg(job, lines, show));
    }
    if !record.notices.is_empty() {
        text.push('\n');
    }
    for notice in &record.notices {
        let about = notice
            .job
            .as_ref()
            .map_or_else(String::new, |job| format!(" [{job}]"));
        let _ = writeln!(text, "{}{about}: {}", level(notice.level), notice.message);
    }
    if show.contains(&Show::Order) {
        text.push_str("\nin order\n");
        for line in lines {
            let _ = writeln!(text, "  {}: {}", line.step.job, line.text);
        }
    }
    text
}

/// The calls of the engine.
pub(super) fn calls(log: &[String]) -> String {
    let mut text = "\ncalls\n".to_owned();
    for call in log {
        let _ = writeln!(text, "  {call}");
    }
    text
}

fn leg(job: &JobRecord, lines: &[Line], show: &[Show]) -> String {
    let key = &job.planned.key;
    let mut text = format!("{key}: {}", word(job.conclusion));
    if job.planned.name != key.0 {
        let _ = write!(text, ", shown as `{}`", job.planned.name);
    }
    text.push('\n');
    if let Some(note) = &job.note {
        let _ = writeln!(text, "  ({note})");
    }
    if let Some(failed) = &job.failure {
        let _ = writeln!(text, "  {}", failure(failed));
    }
    for step in &job.steps {
        // "Set up job" is worth a line only when it fails.
        if step.number == 0 && step.outcome == Some(Conclusion::Success) {
            continue;
        }
        let _ = write!(text, "  {} {}: {}", step.number, step.name, result(step));
        if let Some(planned) = job
            .planned
            .steps
            .iter()
            .find(|planned| planned.number == step.number && show.contains(&Show::Placement))
        {
            let _ = write!(text, " <{}>", planned.placement);
        }
        text.push('\n');
        text.push_str(&details(step));
        for line in lines {
            if line.step.job == *key && line.step.step == step.number {
                let _ = writeln!(text, "    | {}", indented(&line.text));
            }
        }
    }
    for missing in &job.missing {
        let _ = writeln!(text, "  missing: {}", failure(&missing.failure));
    }
    if let Some(deployed) = &job.deployed {
        let url = deployed.url.as_deref().unwrap_or("no url");
        let _ = writeln!(text, "  environment {}: {url}", deployed.environment);
    }
    for artifact in &job.artifacts {
        let _ = writeln!(
            text,
            "  artifact {}: {} files, {} bytes",
            artifact.name, artifact.files, artifact.bytes
        );
    }
    text
}

/// The results of a step: both words where they differ.
fn result(step: &StepRecord) -> String {
    let mut text = word(step.outcome).to_owned();
    if step.conclusion != step.outcome {
        let _ = write!(text, " but {}", word(step.conclusion));
    }
    if let Some(code) = step.exit_code.filter(|code| *code != 0) {
        let _ = write!(text, ", exit {code}");
    }
    text
}

fn details(step: &StepRecord) -> String {
    let mut text = String::new();
    if let Some(failed) = &step.failure {
        let _ = writeln!(text, "    {}", failure(failed));
    }
    if let Some(note) = &step.note {
        let _ = writeln!(text, "    ({note})");
    }
    for annotation in &step.annotations {
        let place = annotation.place.as_ref().map_or_else(String::new, |place| {
            let number = |number: Option<u32>| {
                number.map_or_else(String::new, |number| format!(":{number}"))
            };
            format!(
                " {}{}{}",
                place.file,
                number(place.line),
                number(place.column)
            )
        });
        let _ = writeln!(
            text,
            "    {}{place}: {}",
            level(annotation.level),
            indented(&annotation.message)
        );
    }
    for line in step.summary.lines() {
        let _ = writeln!(text, "    summary: {line}");
    }
    for report in &step.tests {
        let _ = writeln!(text, "    tests: {} passed", report.counts.passed);
    }
    text
}

/// A text whose further lines are seen to be so.
fn indented(text: &str) -> String {
    text.replace('\n', "\n      ")
}

fn failure(failure: &Failure) -> String {
    format!("{}: {}", failure.cause.path(), failure.message)
}

fn word(conclusion: Option<Conclusion>) -> &'static str {
    conclusion.map_or("never ended", Conclusion::as_str)
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}
