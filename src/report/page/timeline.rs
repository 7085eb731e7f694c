//! The time line: images, legs and steps, the critical path, and what would shorten it.

use maud::{Markup, html};

use super::bar::Scale;
use super::critical::{Link, What, image_span, path, scale};
use super::graph::graph;
use super::words::prose;
use super::{ended, leg_end, name, step_end, tone};
use crate::record::{Conclusion, ImageRecord, JobRecord, RunRecord};
use crate::report::format::duration;
use crate::report::style::Sign;

/// Most legs whose steps are drawn.
const DETAILED: usize = 200;
/// A part of the critical path that is worth a word, in percent.
const WORTH: u64 = 5;

/// The section; nothing where nothing ran.
pub(super) fn section(record: &RunRecord) -> Option<Markup> {
    let legs: Vec<(usize, &JobRecord)> = record
        .jobs
        .iter()
        .enumerate()
        .filter(|(_, leg)| leg.started_at.is_some() && leg.conclusion != Some(Conclusion::Skipped))
        .collect();
    if legs.is_empty() && record.images.is_empty() {
        return None;
    }
    let scale = scale(record);
    let path = path(record);
    let critical = |what: What<'_>| path.iter().any(|link| link.what == what);
    Some(html! {
        @if let Some(advice) = advice(&path, scale) {
            p { (advice) }
        }
        (axis(scale))
        ul.tl {
            @for image in &record.images {
                li { (image_row(record, image, scale, critical(What::Image(image)))) }
            }
            @for (at, leg) in &legs {
                li { (leg_row(*at, leg, scale, critical(What::Leg(leg)))) }
            }
        }
        p.quiet { span.mark { "◆" } " on the critical path. Light: the environment is made ready. Click a job for its steps." }
        @if let Some(graph) = graph(record) {
            h3 { "Which job waits for which" }
            (graph)
        }
    })
}

fn axis(scale: Scale) -> Markup {
    html! {
        div.row.axis aria-hidden="true" {
            span.label {}
            span.ticks {
                @for part in 0..5u64 {
                    span { (duration(scale.span() * part / 4)) }
                }
            }
            span.time {}
        }
    }
}

fn row(label: &Markup, critical: bool, bar: &Markup, time: &str) -> Markup {
    html! {
        span.label { @if critical { span.mark title="on the critical path" { "◆" span.sr { " on the critical path " } } " " } (label) }
        (bar)
        span.time { (time) }
    }
}

fn image_row(record: &RunRecord, image: &ImageRecord, scale: Scale, critical: bool) -> Markup {
    let (from, to) = image_span(record, image);
    let sign = if image.failure.is_some() {
        Sign::Bad
    } else {
        Sign::Good
    };
    let title = words("image", from, to, scale);
    let class = format!("image{}", if critical { " critical" } else { "" });
    let label = html! { (ended(sign, "")) "image " (name(&image.name)) };
    html! {
        div.row { (row(&label, critical, &scale.bar(&[(from, to, &class)], &title), &duration(image.millis))) }
    }
}

fn leg_row(at: usize, leg: &JobRecord, scale: Scale, critical: bool) -> Markup {
    let (sign, word) = leg_end(leg);
    let start = leg.started_at.unwrap_or(scale.start);
    let end = leg.finished_at.unwrap_or(scale.end);
    let ready = leg.ready_at.unwrap_or(end).min(end);
    let class = format!("{}{}", tone(sign), if critical { " critical" } else { "" });
    let bar = scale.bar(
        &[(start, ready, "setup"), (ready, end, &class)],
        &words(word, start, end, scale),
    );
    let label = html! { (ended(sign, "")) (name(&leg.planned.key.0)) };
    let took = duration(end.saturating_sub(start));
    html! {
        @if at < DETAILED {
            details.leg {
                summary.row { (row(&label, critical, &bar, &took)) }
                ul {
                    @for step in &leg.steps {
                        @if let (Some(from), Some(to)) = (step.started_at, step.finished_at) {
                            @let (sign, word) = step_end(leg, step);
                            li.row {
                                (row(
                                    &html! { (ended(sign, "")) (name(&step.name)) },
                                    false,
                                    &scale.bar(&[(from, to, tone(sign))], &words(word, from, to, scale)),
                                    &duration(to.saturating_sub(from)),
                                ))
                            }
                        }
                    }
                    li { a href={ "#job-" (at) } { "More of this job" } }
                }
            }
        } @else {
            div.row { (row(&label, critical, &bar, &took)) }
        }
    }
}

/// What a bar shows, in words.
fn words(word: &str, from: u64, to: u64, scale: Scale) -> String {
    format!(
        "{word}, from {} to {}",
        duration(from.saturating_sub(scale.start)),
        duration(to.saturating_sub(scale.start))
    )
}

/// What made the run as long as it was, and what would shorten it most.
fn advice(path: &[Link<'_>], scale: Scale) -> Option<Markup> {
    let named = path.iter().filter(|link| link.millis() > 0);
    let chain: Vec<String> = named
        .map(|link| {
            let what = match link.what {
                What::Image(image) => format!("image {}", name(&image.name)),
                What::Leg(leg) => name(&leg.planned.key.0),
                What::Place => "waiting for a free place".to_owned(),
            };
            format!("{what} ({})", duration(link.millis()))
        })
        .collect();
    let total: u64 = path.iter().map(Link::millis).sum();
    if chain.is_empty() || total == 0 {
        return None;
    }
    let queued = path.iter().any(|link| link.what == What::Place);
    let heaviest = path
        .iter()
        .filter_map(part)
        .max_by_key(|(_, millis)| *millis);
    Some(html! {
        "The run took " (duration(scale.span())) ", and its critical path is "
        strong { (chain.join(" → ")) } "."
        @if let Some((what, millis)) = heaviest {
            @let share = 100 * millis / total;
            @if share >= WORTH {
                " What would shorten it most: " (prose(&what)) ", " (duration(millis)) " of it (" (share) " %)"
                @if queued { "; and more legs at a time (" code { "--parallel" } "), since some waited for others to end" }
                "."
            }
        }
    })
}

/// The part of a link that takes longest, in words.
fn part(link: &Link<'_>) -> Option<(String, u64)> {
    match link.what {
        What::Place => None,
        What::Image(image) => {
            let slow = image.build.iter().filter(|step| !step.cached);
            let slow = slow.max_by_key(|step| step.millis);
            let what = match slow {
                Some(step) => format!("the image, above all `{}`", name(&step.name)),
                None => format!("the image ({})", name(&image.origin)),
            };
            Some((what, link.millis()))
        }
        What::Leg(leg) => {
            let took = |from: Option<u64>, to: Option<u64>| {
                from.zip(to)
                    .map_or(0, |(from, to)| to.saturating_sub(from.max(link.from)))
            };
            let key = name(&leg.planned.key.0);
            let setup = took(leg.started_at, leg.ready_at);
            let steps = leg
                .steps
                .iter()
                .map(|step| {
                    let what = format!("the step `{}` of `{key}`", name(&step.name));
                    (what, took(step.started_at, step.finished_at))
                })
                .chain([(format!("making the environment of `{key}` ready"), setup)]);
            steps.max_by_key(|(_, millis)| *millis)
        }
    }
}
