//! The verdict and why, and the figures.

use maud::{Markup, html};

use super::words::prose;
use super::{LOOK, ended, tone};
use crate::record::{CoverageSummary, Failure, Level, RunRecord};
use crate::report::failed::run_counts;
use crate::report::format::{counted, duration, grouped, percent, start};
use crate::report::notices::notices;
use crate::report::style::Sign;
use crate::report::text::plain;

/// Facts of a failure that are told, and failures, warnings and notices.
const FACTS: usize = 40;
/// Longest text of a message.
const MESSAGE: usize = 4_000;

/// How the run ended, in a word.
pub(super) fn result(record: &RunRecord) -> &'static str {
    match &record.verdict {
        Some(verdict) if verdict.passed && verdict.warnings.is_empty() => "passed",
        Some(verdict) if verdict.passed => "passed with warnings",
        Some(_) => "failed",
        None => "no verdict",
    }
}

fn sign(record: &RunRecord) -> Sign {
    match &record.verdict {
        Some(verdict) if verdict.passed => Sign::Good,
        Some(_) => Sign::Bad,
        None => Sign::Warn,
    }
}

/// The workflow's name, made harmless.
pub(super) fn workflow(record: &RunRecord) -> String {
    let info = &record.info;
    super::name(if info.name.is_empty() {
        &info.workflow
    } else {
        &info.name
    })
}

/// The head of the page.
pub(super) fn header(record: &RunRecord) -> Markup {
    let info = &record.info;
    let sign = sign(record);
    let short: String = info.sha.chars().take(7).collect();
    let reference = info.reference.strip_prefix("refs/heads/");
    let reference = reference.unwrap_or(&info.reference);
    let code = [info.repository.as_str(), reference, &short];
    let code: Vec<String> = code
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(super::name)
        .collect();
    let took = record
        .finished_at
        .map(|end| duration(end.saturating_sub(record.started_at)));
    html! {
        header class=(tone(sign)) {
            div.in {
                h1 {
                    span.verdict { span aria-hidden="true" { (LOOK.sign(sign)) } " " (result(record)) }
                    " " span.workflow { (workflow(record)) }
                }
                p {
                    (code.join(" · "))
                    @if info.dirty { " (changed)" }
                    " · " (super::name(&info.event))
                    " · " (super::name(&info.engine))
                    @if let Some(start) = start(record.started_at) { " · " (start) }
                    @if let Some(took) = took { " · " (took) }
                }
            }
        }
    }
}

/// The verdict, the figures, and what should be known.
pub(super) fn section(record: &RunRecord) -> Markup {
    let verdict = record.verdict.as_ref();
    let failures = verdict.map_or(&[][..], |verdict| &verdict.failures);
    let warnings = verdict.map_or(&[][..], |verdict| &verdict.warnings);
    let notices = notices(record);
    html! {
        section aria-label="Verdict" {
            @match verdict {
                None => p.box.warn { "The run did not come to its end, so there is no verdict. This is what its events tell." },
                Some(verdict) if verdict.passed => p.box.good { "Everything that had to hold does hold. Exit code " (verdict.exit_code) "." },
                Some(verdict) => {
                    div.box.bad {
                        p { "Exit code " (verdict.exit_code) ", because of:" }
                        ul {
                            @for failure in failures.iter().take(FACTS) { li { (of_failure(failure)) } }
                        }
                        (more(failures.len()))
                    }
                }
            }
            (cards(record))
            @if !warnings.is_empty() {
                details open[warnings.len() <= 5] {
                    summary { (ended(Sign::Warn, &counted(warnings.len() as u64, "warning"))) }
                    ul {
                        @for warning in warnings.iter().take(FACTS) { li { (prose(warning)) } }
                    }
                    (more(warnings.len()))
                }
            }
            @if !notices.is_empty() {
                details {
                    summary { (counted(notices.len() as u64, "notice")) }
                    ul {
                        @for notice in notices.iter().take(FACTS) {
                            li {
                                @match notice.level {
                                    Level::Notice => "",
                                    Level::Warning => (ended(Sign::Warn, "")),
                                    Level::Error => (ended(Sign::Bad, "")),
                                }
                                (prose(&notice.text))
                            }
                        }
                    }
                    (more(notices.len()))
                }
            }
        }
    }
}

/// A failure with what it rests on.
pub(super) fn of_failure(failure: &Failure) -> Markup {
    html! {
        (ended(Sign::Bad, "")) strong { (prose(&failure.message)) } " " code { (failure.cause.path()) }
        @if !failure.evidence.is_empty() {
            ul.quiet {
                @for fact in failure.evidence.iter().take(FACTS) { li { (prose(fact)) } }
            }
        }
    }
}

fn more(count: usize) -> Markup {
    html! { @if count > FACTS { p.quiet { "and " (count - FACTS) " more, which run.json has" } } }
}

/// A text of others of sensible length.
pub(super) fn cut(text: &str) -> String {
    let safe = plain(text);
    if safe.len() <= MESSAGE {
        return safe;
    }
    let end = safe.floor_char_boundary(MESSAGE);
    format!("{}…", safe.get(..end).unwrap_or_default())
}

/// The figures.
fn cards(record: &RunRecord) -> Markup {
    let counts = run_counts(record);
    let failed = counts.failed + counts.errors;
    let legs = record.jobs.iter();
    let here = legs.filter(|leg| leg.planned.left_out.is_none());
    let ends: Vec<Sign> = here.map(|leg| super::leg_end(leg).0).collect();
    let good = ends.iter().filter(|sign| **sign == Sign::Good).count();
    let bad = ends.iter().filter(|sign| **sign == Sign::Bad).count();
    html! {
        dl.cards {
            div {
                dt { "Jobs" }
                dd { (good) span.of { " of " (ends.len()) " succeeded" } }
                @if bad > 0 { dd.note { (ended(Sign::Bad, &format!("{bad} failed"))) } }
            }
            @if counts.total() > 0 {
                div {
                    dt { "Tests" }
                    dd { (grouped(counts.passed.into())) span.of { " of " (grouped(counts.total().into())) " passed" } }
                    dd.note {
                        @if failed > 0 { (ended(Sign::Bad, &format!("{} failed", grouped(failed.into())))) " " }
                        @if counts.skipped > 0 { (ended(Sign::Skipped, &format!("{} skipped", grouped(counts.skipped.into())))) }
                    }
                }
            }
            @if let Some(total) = &record.coverage { (coverage(record, total)) }
            @if let Some(end) = record.finished_at {
                div {
                    dt { "Time" }
                    dd { (duration(end.saturating_sub(record.started_at))) }
                    @for image in record.images.iter().take(1) {
                        dd.note { "image: " (super::name(&image.origin)) " in " (duration(image.millis)) }
                    }
                }
            }
        }
    }
}

fn coverage(record: &RunRecord, total: &CoverageSummary) -> Markup {
    let min = record
        .verdict
        .as_ref()
        .and_then(|verdict| verdict.coverage_min);
    let below = record.verdict.iter().any(|verdict| {
        let mut failures = verdict.failures.iter();
        failures.any(|failure| failure.cause == crate::record::Cause::BelowThreshold)
    });
    html! {
        div {
            dt { "Coverage" }
            dd {
                @match total.percent() {
                    Some(share) => (percent(share)),
                    None => "–",
                }
            }
            dd.note {
                @match (min, below) {
                    (Some(min), true) => (ended(Sign::Bad, &format!("below the threshold of {min} %"))),
                    (Some(min), false) => (ended(Sign::Good, &format!("threshold {min} % reached"))),
                    (None, _) => "no threshold applied",
                }
            }
        }
    }
}

/// The foot of the page.
pub(super) fn footer(record: &RunRecord) -> Markup {
    let info = &record.info;
    html! {
        footer {
            div.in {
                "Run " code { (super::name(&info.id.0)) } " of " code { (super::name(&info.workflow)) }
                @if info.partial { " (jobs were left out)" }
                ", by seatrial " (super::name(&info.version)) ". Beside this page lie "
                code { "run.json" } ", the logs and the reports."
            }
        }
    }
}
