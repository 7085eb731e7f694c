//! The jobs: their steps, what they said, and what came out.

use maud::{Markup, html};

use super::overview::{cut, of_failure};
use super::{PageInput, ended, leg_end, log_id, name, step_end};
use crate::record::TestCounts;
use crate::record::{JobRecord, Level, RunRecord, StepRecord};
use crate::report::failed::step_counts;
use crate::report::format::{bytes, counted, duration, percent};
use crate::report::style::Sign;
use crate::report::summary::resources;

/// Most legs that are told with all their steps.
const DETAILED: usize = 300;
/// Most annotations of a step.
const SAID: usize = 50;
/// Longest summary of a step that is shown, in bytes.
const SUMMARY: usize = 8 * 1024;

/// The section.
pub(super) fn section(input: &PageInput<'_>) -> Markup {
    let record = input.record;
    html! {
        @for (at, leg) in record.jobs.iter().enumerate() {
            @if leg.planned.left_out.is_some() || at >= DETAILED {
                p.job id={ "job-" (at) } { (summary(leg)) }
            } @else {
                details.job id={ "job-" (at) } open[leg_end(leg).0 == Sign::Bad] {
                    summary { (summary(leg)) }
                    (told(input, leg))
                }
            }
        }
    }
}

/// A leg on one line.
fn summary(leg: &JobRecord) -> Markup {
    let (sign, word) = leg_end(leg);
    let counts = leg.test_counts();
    let covered = leg.coverage.first();
    let covered = covered.and_then(|report| report.summary.percent());
    let took = leg.started_at.zip(leg.finished_at);
    html! {
        (ended(sign, word)) " " strong { (name(&leg.planned.key.0)) }
        span.facts {
            @if counts.total() > 0 { span { (tests(counts)) } }
            @if let Some(share) = covered { span { "coverage " (percent(share)) } }
            @if let Some((start, end)) = took { span { (duration(end.saturating_sub(start))) } }
            @if let Some(note) = &leg.note { span { (cut(note)) } }
        }
    }
}

/// `212 passed, 2 failed`
pub(super) fn tests(counts: TestCounts) -> String {
    let kinds = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.errors, "broken"),
        (counts.skipped, "skipped"),
    ];
    let kinds = kinds.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = kinds
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    words.join(", ")
}

fn told(input: &PageInput<'_>, leg: &JobRecord) -> Markup {
    html! {
        @if !leg.planned.needs.is_empty() { p { "After " (name(&leg.planned.needs.join(", "))) "." } }
        @if let Some(failure) = &leg.failure { p { (of_failure(failure)) } }
        @if !leg.steps.is_empty() { (steps(input, leg)) }
        @if !leg.missing.is_empty() {
            h3 { "Reports that were due" }
            ul { @for missing in &leg.missing { li { (of_failure(&missing.failure)) } } }
        }
        (results(leg))
        (services(input, leg))
    }
}

fn steps(input: &PageInput<'_>, leg: &JobRecord) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Steps of " (name(&leg.planned.key.0)) } {
            table {
                thead { tr { th scope="col" { "Step" } th scope="col" { "Result" } th scope="col" { "Where" } th.num scope="col" { "Took" } } }
                tbody {
                    @for step in &leg.steps { (step_row(input, leg, step)) }
                    (unreached(leg))
                }
            }
        }
    }
}

fn step_row(input: &PageInput<'_>, leg: &JobRecord, step: &StepRecord) -> Markup {
    let (sign, word) = step_end(leg, step);
    let mut planned = leg.planned.steps.iter();
    let planned = planned.rfind(|planned| planned.number == step.number);
    let took = step.started_at.zip(step.finished_at);
    let counts = step_counts(step);
    html! {
        tr {
            th scope="row" {
                (name(&step.name))
                @if let Some(log) = log_of(input, leg, step) { " " a.small href={ "#" (log) } { "log" } }
                @if counts.total() > 0 { div.quiet { (tests(counts)) } }
                @if let Some(failure) = &step.failure { div { (of_failure(failure)) } }
                @if !step.annotations.is_empty() { (annotations(step)) }
                @if !step.summary.is_empty() { (written(&step.summary)) }
            }
            td {
                (ended(sign, word))
                @if let Some(code) = step.exit_code.filter(|code| *code != 0) { div.quiet { "exit code " (code) } }
            }
            td {
                @if let Some(planned) = planned { (name(&planned.placement)) }
                @if let Some(note) = &step.note { div.quiet { (cut(note)) } }
            }
            td.num { @if let Some((start, end)) = took { (duration(end.saturating_sub(start))) } }
        }
    }
}

/// Steps that the leg never came to.
fn unreached(leg: &JobRecord) -> Markup {
    let reached = |number: u32| leg.steps.iter().any(|step| step.number == number);
    let rest = leg
        .planned
        .steps
        .iter()
        .filter(|step| !reached(step.number));
    html! {
        @for step in rest {
            tr.quiet {
                th scope="row" { (name(&step.name)) }
                td { (ended(Sign::Waiting, "not reached")) }
                td { (name(&step.placement)) }
                td {}
            }
        }
    }
}

fn log_of(input: &PageInput<'_>, leg: &JobRecord, step: &StepRecord) -> Option<String> {
    let mut logs = input.logs.iter().filter(|log| log.tells());
    let log = logs.find(|log| log.job == leg.planned.key && log.step == Some(step.number))?;
    log_id(input.record, log)
}

fn annotations(step: &StepRecord) -> Markup {
    html! {
        ul.said {
            @for said in step.annotations.iter().take(SAID) {
                li {
                    @match said.level {
                        Level::Error => (ended(Sign::Bad, "error: ")),
                        Level::Warning => (ended(Sign::Warn, "warning: ")),
                        Level::Notice => "notice: ",
                    }
                    (cut(&said.message))
                    @if let Some(place) = &said.place {
                        " " code { (name(&place.file)) @if let Some(line) = place.line { ":" (line) } }
                    }
                }
            }
            @if step.annotations.len() > SAID { li { "and " (step.annotations.len() - SAID) " more" } }
        }
    }
}

/// What a step wrote into its summary: Markdown of others, shown as the text that it is.
fn written(summary: &str) -> Markup {
    let end = summary.floor_char_boundary(SUMMARY);
    let kept = summary.get(..end).unwrap_or_default();
    html! {
        details {
            summary { "Summary that it wrote" }
            pre tabindex="0" {
                (crate::report::text::plain(kept))
                @if end < summary.len() { "\n… " (bytes((summary.len() - end) as u64)) " more" }
            }
        }
    }
}

fn results(leg: &JobRecord) -> Markup {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if !leg.image.is_empty() {
        rows.push(("Image", name(&leg.image)));
    }
    if let Some(facts) = &leg.facts {
        rows.extend(resources(facts));
    }
    if let Some(deployed) = &leg.deployed {
        rows.push(("Environment", name(&deployed.environment)));
        rows.extend(deployed.url.as_ref().map(|url| ("URL", name(url))));
    }
    for report in leg.steps.iter().flat_map(|step| &step.tests) {
        let damaged = if report.complete {
            ""
        } else {
            ", damaged: what could be read"
        };
        let count = counted(u64::from(report.counts.total()), "test");
        rows.push((
            "Tests",
            format!("{} ({count}{damaged})", name(&report.path)),
        ));
    }
    rows.extend(leg.coverage.iter().map(|report| {
        let share = report.summary.percent().map(percent).unwrap_or_default();
        ("Coverage", format!("{} ({share})", name(&report.path)))
    }));
    rows.extend(leg.artifacts.iter().map(|artifact| {
        let size = format!(
            "{}, {}",
            counted(artifact.files, "file"),
            bytes(artifact.bytes)
        );
        ("Artifact", format!("{} ({size})", name(&artifact.path)))
    }));
    html! {
        @if !rows.is_empty() {
            dl.rows {
                @for (label, text) in rows { div { dt { (label) } dd { (text) @if label == "Memory" { (meter(leg)) } } } }
            }
        }
    }
}

/// How much of its memory a leg has had at most; the figures beside it say the same.
fn meter(leg: &JobRecord) -> Markup {
    let facts = leg.facts.as_deref();
    let peak = facts.and_then(|facts| facts.memory_peak.zip(facts.memory_limit));
    html! {
        @if let Some((peak, limit)) = peak {
            @let share = (u128::from(peak) * 100 / u128::from(limit.max(1))).min(100);
            " " svg.meter viewBox="0 0 100 10" aria-hidden="true" {
                rect class="track" width="100" height="10" {}
                rect class=(if share < 90 { "good" } else { "warn" }) width=(share) height="10" {}
            }
        }
    }
}

/// Links to the logs of the services of a leg.
fn services(input: &PageInput<'_>, leg: &JobRecord) -> Markup {
    let logs = input.logs.iter();
    let logs = logs.filter(|log| log.job == leg.planned.key && log.step.is_none() && log.tells());
    let links: Vec<(String, String)> = logs
        .filter_map(|log| {
            let file = log.path.rsplit('/').next().unwrap_or_default();
            Some((log_id(input.record, log)?, name(file)))
        })
        .collect();
    html! {
        @if !links.is_empty() {
            p { "Logs of services: " @for (id, file) in links { a href={ "#" (id) } { (file) } " " } }
        }
    }
}

/// The names of the legs that tests ran in, for a record.
pub(super) fn tested(record: &RunRecord) -> Vec<&str> {
    let legs = record.jobs.iter();
    let legs = legs.filter(|leg| leg.test_counts().total() > 0);
    legs.map(|leg| leg.planned.key.0.as_str()).collect()
}
