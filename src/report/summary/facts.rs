//! What was run on what, and what came out.

use std::collections::HashSet;

use super::{ConsoleOptions, Out};
use crate::record::{CacheRecord, Conclusion, CoverageSummary, ImageRecord, RunRecord, Verdict};
use crate::report::failed::{flaky, run_counts};
use crate::report::format::{bytes, counted, duration, percent, start};
use crate::report::style::Tone;
use crate::report::table::{flow, wrap};
use crate::report::text::one_line;
use crate::results::display_percent;

/// Width of the labels.
const LABEL: usize = 10;
/// Width of the kinds of file.
const KIND: usize = 11;
/// Files of a kind that are named one by one.
const NAMED: usize = 3;

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

/// Adds the lines below everything: images, tests, coverage, where things are.
pub(super) fn results(record: &RunRecord, options: &ConsoleOptions, out: &mut Out) {
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
        let flaky: Vec<&str> = flaky(record).into_iter().collect();
        if !flaky.is_empty() {
            let mut names = flaky
                .iter()
                .take(NAMED)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            if flaky.len() > NAMED {
                names.push_str(&format!(" and {} more", flaky.len() - NAMED));
            }
            let text = format!("{} only when run again: {names}", flaky.len());
            labelled("flaky", &text, Tone::Warn, out);
        }
    }
    if let Some(total) = &record.coverage {
        let (text, tone) = coverage_text(total, record.verdict.as_ref());
        labelled("coverage", &text, tone, out);
    }
    for leg in &record.jobs {
        if let Some(deployed) = &leg.deployed
            && let Some(url) = &deployed.url
        {
            let text = format!("{url} ({}, {})", deployed.environment, leg.planned.key);
            labelled("url", &text, Tone::Plain, out);
        }
    }
    if let Some(end) = record.finished_at {
        let took = duration(end.saturating_sub(record.started_at));
        labelled("time", &took, Tone::Plain, out);
    }
    let folder = options
        .directory
        .clone()
        .unwrap_or_else(|| format!(".seatrial/runs/{}", record.info.id));
    labelled("results", &folder, Tone::Plain, out);
    if options.page {
        listed("page", vec!["report.html".to_owned()], out);
    }
    for (kind, paths) in files(record) {
        listed(kind, paths, out);
    }
}

/// `label     text`, further lines below the text.
pub(super) fn labelled(label: &str, text: &str, tone: Tone, out: &mut Out) {
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
    // What takes no time is of no interest here.
    let cache = image.cache.map_or(0, CacheRecord::millis);
    if cache >= 100 {
        text.push_str(&format!(", {} of it for caches", duration(cache)));
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

/// The files that came out, below the run's directory: what was merged of all legs
/// first, and the logs of the legs that failed.
fn files(record: &RunRecord) -> Vec<(&'static str, Vec<String>)> {
    let mut tests = Vec::new();
    let mut coverage = Vec::new();
    let mut artifacts = Vec::new();
    let mut logs = Vec::new();
    if run_counts(record).total() > 0 {
        tests.push("junit.xml".to_owned());
    }
    if record.coverage.is_some() {
        coverage.extend(["coverage/coverage.xml", "coverage/lcov.info"].map(str::to_owned));
    }
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
        if leg.conclusion == Some(Conclusion::Failure) && leg.ready_at.is_some() {
            logs.push(format!("logs/{}", leg.planned.key.slug()));
        }
    }
    let kinds = [
        ("tests", tests),
        ("coverage", coverage),
        ("artifacts", artifacts),
        ("logs", logs),
    ];
    kinds
        .into_iter()
        .filter(|(_, paths)| !paths.is_empty())
        .collect()
}

/// Adds the first few files of a kind, each once, and how many more there are.
/// Lines break between files, not within a path.
fn listed(kind: &str, mut paths: Vec<String>, out: &mut Out) {
    let mut seen = HashSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    let more = paths.len().saturating_sub(NAMED);
    paths.truncate(NAMED);
    let mut items: Vec<String> = paths.iter().map(|path| one_line(path)).collect();
    if more > 0 {
        items.push(format!("… and {more} more"));
    }
    let mut kind = kind;
    for line in flow(&items, ", ", out.width.saturating_sub(LABEL + KIND)) {
        let text = out.look.own(&format!("{:LABEL$}{kind:<KIND$}{line}", ""));
        let text = out.look.paint(Tone::Dim, &text);
        out.line(text);
        kind = "";
    }
}
