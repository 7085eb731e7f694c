//! The probable causes of a failure, each with a link to the line of the log that tells it.

use maud::{Markup, html};

use super::logs::Shown;
use super::overview::cut;
use super::words::prose;
use super::{PageInput, ended, log_id, name};
use crate::report::format::counted;
use crate::report::style::Sign;
use crate::triage::{Confidence, Finding, Place};

/// Causes, steps and symptoms that are told.
const CAUSES: usize = 20;
const STEPS: usize = 5;
const SYMPTOMS: usize = 5;

/// The section; nothing where the logs tell nothing.
pub(super) fn section(input: &PageInput<'_>, logs: &[Shown<'_>]) -> Option<Markup> {
    let found: Vec<&Finding> = input.why?.of_words().collect();
    if found.is_empty() {
        return None;
    }
    Some(html! {
        p.quiet { "What the logs and the messages of the failed tests tell. A cause comes before what follows from it." }
        @for finding in found.iter().take(CAUSES) { (one(input, logs, finding)) }
        @if found.len() > CAUSES {
            p.quiet { "and " (found.len() - CAUSES) " more, which " code { "seatrial triage" } " shows" }
        }
    })
}

fn one(input: &PageInput<'_>, logs: &[Shown<'_>], finding: &Finding) -> Markup {
    let (sign, sure) = match finding.confidence {
        Confidence::Possible => (Sign::Warn, "possible"),
        Confidence::Likely => (Sign::Bad, "likely"),
        Confidence::Certain => (Sign::Bad, "certain"),
    };
    html! {
        div.failed {
            p {
                (ended(sign, "")) strong { (finding.category.label()) ": " (prose(&finding.cause)) }
                " " span.quiet { "(" code { (name(&finding.id)) } ", " (sure) ")" }
            }
            @if !finding.steps.is_empty() {
                p.quiet {
                    "In " (some(finding.steps.iter().map(|step| name(step)).collect(), STEPS))
                    @if finding.count > 1 { ", " (counted(finding.count, "line")) " in all" }
                }
            }
            @if !finding.lines.is_empty() {
                ul {
                    @for place in &finding.lines { li { (line(input, logs, place)) } }
                }
            }
            @if !finding.symptoms.is_empty() {
                p { "It explains " (some(finding.symptoms.iter().map(|one| cut(&one.told())).collect(), SYMPTOMS)) "." }
            }
            @if !finding.next.is_empty() { p { strong { "Next: " } (prose(&finding.next)) } }
        }
    }
}

/// A line that tells it: a link where the page has it, else where its log lies.
fn line(input: &PageInput<'_>, logs: &[Shown<'_>], place: &Place) -> Markup {
    let log = logs.iter().find(|log| log.log.path == place.file);
    let target = log.and_then(|log| {
        log.id_of(place.line)
            .or_else(|| log_id(input.record, log.log))
    });
    let at = format!("{}:{}", name(&place.file), place.line);
    html! {
        code { (name(&place.text)) }
        @match (target, place.line) {
            (_, 0) => {},
            (Some(target), _) => { " " a href={ "#" (target) } { (at) } },
            (None, _) => { " " span.quiet { (at) } },
        }
    }
}

/// At most so many, and how many more there are.
fn some(mut all: Vec<String>, most: usize) -> String {
    let more = all.len().saturating_sub(most);
    all.truncate(most);
    match more {
        0 => all.join(", "),
        more => format!("{} and {more} more", all.join(", ")),
    }
}
