//! What was run on what, and what came out.

use super::Out;
use crate::gate::display_percent;
use crate::record::{CoverageSummary, ImageRecord, RunRecord, Verdict};
use crate::report::failed::run_counts;
use crate::report::format::{bytes, counted, duration, percent};
use crate::report::style::Tone;
use crate::report::table::wrap;
use crate::report::text::one_line;

/// Width of the labels.
const LABEL: usize = 10;
/// Report files and artifacts that are named one by one.
const NAMED: usize = 6;

/// Adds the lines above everything: the workflow, the commit, the engine.
pub(super) fn header(record: &RunRecord, out: &mut Out) {
    let info = &record.info;
    let dot = out.look.dot();
    let name = if info.name.is_empty() {
        &info.workflow
    } else {
        &info.name
    };
    let name = out.look.paint(Tone::Strong, &one_line(name));
    let rest = format!(
        " {dot} {} {dot} {}",
        one_line(&info.event),
        one_line(&info.workflow)
    );
    let rest = out.look.paint(Tone::Dim, &rest);
    out.line(format!("{name}{rest}"));

    let mut facts = Vec::new();
    let short: String = info.sha.chars().take(7).collect();
    let reference = info
        .reference
        .strip_prefix("refs/heads/")
        .unwrap_or(&info.reference);
    let mut code = [info.repository.as_str(), reference, &short]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(one_line)
        .collect::<Vec<_>>()
        .join(" ");
    if info.dirty {
        code.push_str(" (changed)");
    }
    facts.push(code);
    facts.push(one_line(&info.engine));
    if let Some(start) = start(record.started_at) {
        facts.push(start);
    }
    facts.retain(|fact| !fact.is_empty());
    out.below(0, &facts.join(&format!(" {dot} ")));
}

/// Start of the run, to the second.
fn start(millis: u64) -> Option<String> {
    let millis = i64::try_from(millis).ok()?;
    let at = jiff::Timestamp::from_millisecond(millis).ok()?;
    Some(at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// Adds the lines below everything: images, tests, coverage, where things are.
pub(super) fn results(record: &RunRecord, directory: Option<&str>, out: &mut Out) {
    out.line("");
    for image in &record.images {
        labelled("image", &image_text(image), Tone::Plain, out);
    }
    let counts = run_counts(record);
    if counts.total() > 0 {
        let parts: Vec<String> = [
            (counts.passed, "passed"),
            (counts.failed, "failed"),
            (counts.errors, "broken"),
            (counts.skipped, "skipped"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
        labelled("tests", &parts.join(", "), Tone::Plain, out);
    }
    if let Some(total) = &record.coverage {
        let (text, tone) = coverage_text(total, record.verdict.as_ref());
        labelled("coverage", &text, tone, out);
    }
    if let Some(end) = record.finished_at {
        let took = duration(end.saturating_sub(record.started_at));
        labelled("time", &took, Tone::Plain, out);
    }
    let folder = directory.map_or_else(
        || format!(".seatrial/runs/{}", record.info.id),
        str::to_owned,
    );
    labelled("results", &folder, Tone::Plain, out);
    for line in files(record) {
        labelled("", &line, Tone::Dim, out);
    }
}

/// `label     text`, further lines below the text.
fn labelled(label: &str, text: &str, tone: Tone, out: &mut Out) {
    let mut label = label.to_owned();
    let text = out.look.own(&one_line(text));
    for part in wrap(&text, out.width.saturating_sub(LABEL)) {
        let lead = out.look.paint(Tone::Dim, &format!("{label:<LABEL$}"));
        let part = out.look.paint(tone, &part);
        out.line(format!("{lead}{part}"));
        label.clear();
    }
}

fn image_text(image: &ImageRecord) -> String {
    let mut text = if image.failure.is_some() {
        format!("{}: failed after {}", image.name, duration(image.millis))
    } else {
        format!(
            "{}: {} in {}",
            image.name,
            image.origin,
            duration(image.millis)
        )
    };
    if image.steps > 0 {
        text.push_str(&format!(
            ", {} of {} cached",
            image.cached,
            counted(u64::from(image.steps), "step")
        ));
    }
    text
}

/// The total and its parts, and how it stands to the threshold.
fn coverage_text(total: &CoverageSummary, verdict: Option<&Verdict>) -> (String, Tone) {
    let Some(share) = total.percent() else {
        return ("no line of code in the reports".to_owned(), Tone::Warn);
    };
    let mut text = percent(share);
    if let (Some(lines), Some(branches)) = (total.line_percent(), total.branch_percent()) {
        text.push_str(&format!(
            " (lines {}, branches {})",
            percent(lines),
            percent(branches)
        ));
    }
    let below = verdict.and_then(|verdict| {
        verdict
            .failures
            .iter()
            .find(|failure| failure.cause == crate::record::Cause::BelowThreshold)
    });
    match (verdict.and_then(|verdict| verdict.coverage_min), below) {
        (Some(min), Some(_)) => {
            // One digit may hide the difference that decided.
            if share < min && percent(share) == format!("{min:.1} %") {
                text = format!("{} %", display_percent(share, 3));
            }
            (format!("{text}, below the threshold of {min} %"), Tone::Bad)
        }
        (Some(min), None) => (format!("{text}, threshold {min} % reached"), Tone::Good),
        (None, _) => (format!("{text}, no threshold applied"), Tone::Plain),
    }
}

/// The files that came out, below the run's directory.
fn files(record: &RunRecord) -> Vec<String> {
    let mut tests = Vec::new();
    let mut coverage = Vec::new();
    let mut artifacts = Vec::new();
    for leg in &record.jobs {
        for step in &leg.steps {
            tests.extend(step.tests.iter().map(|report| report.path.clone()));
        }
        coverage.extend(leg.coverage.iter().map(|report| report.path.clone()));
        artifacts.extend(leg.artifacts.iter().map(|artifact| {
            format!(
                "{} ({}, {})",
                artifact.path,
                counted(artifact.files, "file"),
                bytes(artifact.bytes)
            )
        }));
    }
    [
        ("test report", tests),
        ("coverage report", coverage),
        ("artifact", artifacts),
    ]
    .into_iter()
    .filter(|(_, paths)| !paths.is_empty())
    .map(|(word, paths)| {
        let count = paths.len();
        let mut named: Vec<String> = paths.into_iter().take(NAMED).collect();
        if count > NAMED {
            named.push("…".to_owned());
        }
        format!("{}: {}", counted(count as u64, word), named.join(", "))
    })
    .collect()
}
