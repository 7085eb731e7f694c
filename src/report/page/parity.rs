//! The comparison that the run was the candidate of.

use maud::{Markup, html};

use super::{ended, name};
use crate::parity::{Comparison, Difference, SideInfo};
use crate::report::format::{counted, duration, percent};
use crate::report::parity::{KINDS, difference, seen, sign_of, words};
use crate::report::style::Sign;

/// Most differences that are listed.
const DIFFERENCES: usize = 100;
/// Most facts and files that are listed.
const ROWS: usize = 50;

/// The section; nothing without a comparison.
pub(super) fn section(comparison: Option<&Comparison>) -> Option<Markup> {
    let comparison = comparison?;
    let (sign, result) = match comparison.verdict.passed {
        true => (Sign::Good, "safe to switch"),
        false => (Sign::Bad, "not safe to switch"),
    };
    let seen: Vec<&Difference> = comparison
        .differences
        .iter()
        .filter(|one| one.ignored.is_none())
        .collect();
    Some(html! {
        p { "The tests on the runner and in containers, side by side: " (ended(sign, result)) "." }
        (sides(comparison))
        p {
            @let kinds: Vec<String> = KINDS
                .into_iter()
                .filter(|kind| comparison.count(*kind) > 0)
                .map(|kind| format!("{} {}", comparison.count(kind), words(kind)))
                .collect();
            "Tests: " (kinds.join(", "))
            @if comparison.ignored > 0 { ", " (comparison.ignored) " ignored by rule" }
            "."
        }
        @if !seen.is_empty() {
            ul.differences { @for one in seen.iter().take(DIFFERENCES) { (of_test(one)) } }
            @if seen.len() > DIFFERENCES { p.quiet { "and " (seen.len() - DIFFERENCES) " more" } }
        }
        (environments(comparison))
        (coverage(comparison))
        @for note in comparison.notes.iter().chain(&comparison.verdict.warnings) {
            p.quiet { (name(note)) }
        }
    })
}

fn sides(comparison: &Comparison) -> Markup {
    let row = |label: &str, side: &SideInfo, apart: String| {
        html! {
            tr {
                th scope="row" { (label) }
                td { (name(&side.engine)) }
                td.num { (side.times.run.map(duration).unwrap_or_default()) }
                td.num { (duration(side.times.tests)) }
                td { (apart) }
                td { @for run in &side.runs { code { (name(run)) } " " } }
            }
        }
    };
    let apart = difference(
        comparison.control.times.tests,
        comparison.candidate.times.tests,
    );
    html! {
        div.scroll tabindex="0" role="region" aria-label="Both sides" {
            table {
                thead { tr {
                    th scope="col" { "Side" } th scope="col" { "Engine" } th.num scope="col" { "Run" }
                    th.num scope="col" { "Test steps" } th scope="col" { "Difference" } th scope="col" { "Runs" }
                } }
                tbody {
                    (row("control", &comparison.control, String::new()))
                    (row("candidate", &comparison.candidate, apart))
                }
            }
        }
    }
}

fn of_test(one: &Difference) -> Markup {
    html! {
        li {
            (ended(sign_of(one.kind), words(one.kind))) " " code { (name(&one.test.id)) } " (" (name(&one.test.job.0)) ")"
            br;
            "control: " (name(&seen(&one.control))) br;
            "candidate: " (name(&seen(&one.candidate)))
            @if !one.settled { br; span.quiet { "may be chance: more runs would tell" } }
            @for cause in &one.causes { br; "probably: " (name(&cause.text)) }
        }
    }
}

fn environments(comparison: &Comparison) -> Markup {
    let facts = &comparison.environment;
    html! {
        @if !facts.is_empty() {
            details {
                summary { "The environments differ in " (counted(facts.len() as u64, "fact")) }
                div.scroll tabindex="0" role="region" aria-label="Environments" {
                    table {
                        thead { tr { th scope="col" { "Fact" } th scope="col" { "Control" } th scope="col" { "Candidate" } } }
                        tbody { @for one in facts.iter().take(ROWS) {
                            tr { th scope="row" { (name(&one.fact)) } td { (name(&one.control)) } td { (name(&one.candidate)) } }
                        } }
                    }
                }
            }
        }
    }
}

fn coverage(comparison: &Comparison) -> Markup {
    let Some(pair) = &comparison.coverage else {
        return html! {};
    };
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
    html! {
        p {
            "Coverage: " (share(pair.control)) " in the control, " (share(pair.candidate)) " in the candidate; "
            (counted(pair.same as u64, "file")) " the same"
            @if pair.files.is_empty() { "." } @else { ", " (pair.files.len()) " not:" }
        }
        @if !pair.files.is_empty() {
            ul { @for file in pair.files.iter().take(ROWS) { li { code { (name(&file.path)) } } } }
            @if pair.files.len() > ROWS { p.quiet { "and " (pair.files.len() - ROWS) " more" } }
        }
    }
}
