//! What the jobs ran in: images, machine, Python and packages.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{ended, name};
use crate::record::{CacheRecord, ImageRecord, JobFacts, RunRecord};
use crate::report::format::{bytes, duration};
use crate::report::style::Sign;
use crate::report::summary::environment_facts;

/// Most packages that are listed.
const PACKAGES: usize = 1_000;
/// Most build steps of an image.
const STEPS: usize = 100;

/// Legs whose environments were the same.
struct Group<'a> {
    facts: JobFacts,
    legs: Vec<&'a str>,
}

/// The section; nothing where nothing is known.
pub(super) fn section(record: &RunRecord) -> Option<Markup> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for leg in &record.jobs {
        let Some(facts) = leg.facts.as_deref() else {
            continue;
        };
        let key = leg.planned.key.0.as_str();
        let facts = facts.steady();
        match groups.iter_mut().find(|group| group.facts == facts) {
            Some(group) => group.legs.push(key),
            None => groups.push(Group {
                facts,
                legs: vec![key],
            }),
        }
    }
    if groups.is_empty() && record.images.is_empty() {
        return None;
    }
    let info = &record.info;
    Some(html! {
        p {
            (name(&info.engine)) ", " (info.cpus) " processors"
            @if info.memory > 0 { ", " (bytes(info.memory)) " of memory" }
            "."
        }
        @for image in &record.images { (of_image(image)) }
        @for group in &groups {
            details {
                summary { "Environment of " strong { (name(&group.legs.join(", "))) } }
                dl.rows {
                    @for (label, text) in environment_facts(&group.facts) {
                        div { dt { (label) } dd { (name(&text)) } }
                    }
                }
            }
        }
        (packages(&groups))
    })
}

fn of_image(image: &ImageRecord) -> Markup {
    let sign = if image.failure.is_some() {
        Sign::Bad
    } else {
        Sign::Good
    };
    html! {
        details {
            summary {
                (ended(sign, "")) "Image " strong { (name(&image.name)) }
                span.facts {
                    span { (name(&image.origin)) }
                    span { (duration(image.millis)) }
                    @if image.steps > 0 { span { (image.cached) " of " (image.steps) " steps cached" } }
                }
            }
            dl.rows {
                @if !image.id.is_empty() { div { dt { "Id" } dd { code { (name(&image.id)) } } } }
                @if image.sent > 0 { div { dt { "Context" } dd { (bytes(image.sent)) " sent" } } }
                @let caches = image.cache.map_or(0, CacheRecord::millis);
                @if caches > 0 { div { dt { "Caches" } dd { (duration(caches)) } } }
                @if let Some(failure) = &image.failure { div { dt { "Failure" } dd { (super::overview::of_failure(failure)) } } }
            }
            @if !image.build.is_empty() {
                ol.build {
                    @for step in image.build.iter().take(STEPS) {
                        li {
                            code { (name(&step.name)) } " "
                            @if step.cached { span.quiet { "cached" } } @else { (duration(step.millis)) }
                            @if step.bytes > 0 { ", " (bytes(step.bytes)) " fetched" }
                        }
                    }
                }
            }
        }
    }
}

/// The packages of all environments, a column for each where there are several.
fn packages(groups: &[Group<'_>]) -> Markup {
    let groups: Vec<(&Group<'_>, &BTreeMap<String, String>)> = groups
        .iter()
        .filter_map(|group| Some((group, group.facts.packages.as_ref()?)))
        .collect();
    let mut names: Vec<&String> = groups.iter().flat_map(|(_, all)| all.keys()).collect();
    names.sort_unstable();
    names.dedup();
    html! {
        @if !names.is_empty() {
            details {
                summary { "Python packages (" (names.len()) ")" }
                div.scroll tabindex="0" role="region" aria-label="Python packages" {
                    table {
                        thead { tr {
                            th scope="col" { "Package" }
                            @for (group, _) in &groups { th scope="col" { @if groups.len() > 1 { (name(&group.legs.join(", "))) } @else { "Version" } } }
                        } }
                        tbody {
                            @for package in names.iter().take(PACKAGES) {
                                tr {
                                    th scope="row" { (name(package)) }
                                    @for (_, all) in &groups { td { @match all.get(*package) { Some(version) => (name(version)), None => "–" } } }
                                }
                            }
                        }
                    }
                }
                @if names.len() > PACKAGES { p.quiet { "and " (names.len() - PACKAGES) " more" } }
            }
        }
    }
}
