//! The runs before this one, side by side with it.

use maud::{Markup, html};

use super::{ended, name, plain};
use crate::history::Entry;
use crate::record::RunRecord;
use crate::report::format::{duration, percent, start};
use crate::report::runs::KeptRun;
use crate::report::trends::{DRAWN, HEIGHT, drawing, figure};
use crate::trend::{Judgement, Kind, Trend, overview};

/// Width of a chart, in units of its drawing.
const WIDTH: f64 = 400.0;
/// What is drawn, each for itself.
const DRAWN_KINDS: [Kind; 4] = [Kind::Total, Kind::Tests, Kind::Build, Kind::Coverage];

/// The section; nothing without earlier runs. Of those that were kept the last one comes
/// first; `past` are those of the history, in the order of time and with this one.
pub(super) fn section(record: &RunRecord, earlier: &[KeptRun], past: &[Entry]) -> Option<Markup> {
    let charts = charts(past);
    if earlier.is_empty() && charts.is_empty() {
        return None;
    }
    Some(html! {
        @if !charts.is_empty() {
            p.quiet {
                "Runs of this workflow in the history, on machines like that of this run: until this one, which is \
                 circled where it has the figure. About 19 of 20 runs are within the band."
            }
            div.charts { @for chart in &charts { (chart) } }
        }
        @if !earlier.is_empty() { (table(record, earlier)) }
    })
}

/// A chart for each kind of figures that this run's machines have two of at least.
fn charts(past: &[Entry]) -> Vec<Markup> {
    let Some(this) = past.len().checked_sub(1) else {
        return Vec::new();
    };
    let overviews = overview(past, None);
    // The group of the last run comes first.
    let trends = || overviews.iter().take(1).flat_map(|group| &group.trends);
    let of_kind = |kind: Kind| {
        let trends = trends().map(|followed| &followed.trend);
        let of_kind = trends.filter(|trend| trend.metric.kind == kind && trend.points.len() > 1);
        // Of those with and without a cache, that which this run is one of.
        of_kind.max_by_key(|trend| (is_in(trend, this), trend.points.len()))
    };
    let drawn = DRAWN_KINDS.into_iter().filter_map(of_kind);
    drawn.map(|trend| chart(trend, this)).collect()
}

/// Whether a run, the last of all, has the figure.
fn is_in(trend: &Trend, this: usize) -> bool {
    trend.last().is_some_and(|point| point.run == this)
}

fn chart(trend: &Trend, this: usize) -> Markup {
    let unit = trend.metric.kind.unit();
    let (class, judgement) = match trend.judgement {
        Judgement::Regression(_) => ("bad", trend.judgement.as_str()),
        Judgement::Improvement(_) => ("good", trend.judgement.as_str()),
        Judgement::Steady | Judgement::TooFew => ("quiet", trend.judgement.as_str()),
    };
    let name = trend.metric.name();
    let normal = trend
        .normal
        .map(|normal| format!("normally {}", figure(unit, normal.median)));
    let last = trend.last().map(|point| figure(unit, point.value));
    let drawn = trend.points.len().min(DRAWN);
    let label = format!("{} of the last {drawn} runs", name);
    html! {
        figure {
            figcaption {
                strong { (plain(&name)) } " " span class=(class) { (judgement) }
                span.quiet.small {
                    @if let Some(normal) = normal { (normal) ", " }
                    @if let Some(last) = last { "last " (last) ", " }
                    (drawn) " runs"
                }
            }
            svg viewBox=(format!("-5 -5 {:.0} {:.0}", WIDTH + 10.0, HEIGHT + 10.0)) role="img"
                aria-label=(plain(&label)) { (drawing(trend, WIDTH, is_in(trend, this))) }
        }
    }
}

/// The runs that were kept, this one first.
fn table(record: &RunRecord, earlier: &[KeptRun]) -> Markup {
    let this = KeptRun::of(&record.info.id.0, record);
    let runs: Vec<&KeptRun> = std::iter::once(&this).chain(earlier).collect();
    let longest = runs.iter().filter_map(|run| run.took).max().unwrap_or(1);
    html! {
        p.quiet { "Runs of this workflow that were kept beside this one, the last first." }
        div.scroll tabindex="0" role="region" aria-labelledby="h-trend" {
            table {
                thead { tr {
                    th scope="col" { "Start" } th scope="col" { "Result" } th.num scope="col" { "Tests passed" }
                    th.num scope="col" { "Coverage" } th.num scope="col" { "Time" } th scope="col" { "Commit" }
                } }
                tbody { @for (at, run) in runs.iter().enumerate() { (of_run(run, at == 0, longest)) } }
            }
        }
    }
}

fn of_run(run: &KeptRun, this: bool, longest: u64) -> Markup {
    let (sign, result) = run.result();
    let short: String = run.sha.chars().take(7).collect();
    html! {
        tr {
            th scope="row" {
                (run.started_at.and_then(start).unwrap_or_default())
                @if this { " (this run)" }
            }
            td { (ended(sign, &name(&result))) }
            td.num { (run.tests.passed) " of " (run.tests.total()) }
            td.num { (run.coverage.map_or_else(|| "–".to_owned(), percent)) }
            td.num {
                @match run.took {
                    None => "–",
                    Some(took) => {
                        (duration(took)) " "
                        svg.meter viewBox="0 0 100 10" aria-hidden="true" {
                            rect class="track" width="100" height="10" {}
                            rect class="active" width=(took * 100 / longest.max(1)) height="10" {}
                        }
                    }
                }
            }
            td { code { (name(&short)) } }
        }
    }
}
