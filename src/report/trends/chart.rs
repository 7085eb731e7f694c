//! Trends as pictures.

use maud::{Markup, html};

use super::figure;
use crate::report::text::one_line;
use crate::trend::{Judgement, Overview, Trend};

/// Width of a chart in a picture that stands alone.
const WIDTH: f64 = 640.0;
/// Height of the drawing of a chart.
pub(in crate::report) const HEIGHT: f64 = 120.0;
/// Height of the line above it.
const TITLE: f64 = 22.0;
/// Runs that are drawn.
pub(in crate::report) const DRAWN: usize = 200;
/// What a picture that stands alone looks like.
const STYLE: &str = "text{font:13px sans-serif;fill:#24292f}\
.band{fill:#0969da;fill-opacity:.12}.normal{stroke:#0969da;stroke-dasharray:4 3}\
.points{fill:none;stroke:#57606a;stroke-width:3.6;stroke-linecap:round}.level{stroke:#1a7f37;stroke-width:2}\
.worse{stroke:#cf222e;stroke-width:2}.paper{fill:#fff}";

/// The charts of all trends below each other, as an SVG file.
pub(crate) fn trends_svg(overviews: &[Overview]) -> String {
    let all: Vec<(&Overview, &Trend)> = overviews
        .iter()
        .flat_map(|one| {
            one.trends
                .iter()
                .map(move |followed| (one, &followed.trend))
        })
        .collect();
    let each = HEIGHT + 2.0 * TITLE;
    let mut height = 10.0;
    let charts: Vec<Markup> = all
        .iter()
        .map(|(one, trend)| {
            let top = height;
            height += each;
            let machine = one_line(&one.machine);
            html! {
                g transform=(format!("translate(10 {top:.0})")) {
                    text y="14" { (title(trend)) ", " (machine) }
                    g transform=(format!("translate(0 {TITLE:.0})")) { (drawing(trend, WIDTH, false)) }
                }
            }
        })
        .collect();
    let width = WIDTH + 20.0;
    let picture = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {width:.0} {height:.0}"))
            width=(format!("{width:.0}")) height=(format!("{height:.0}")) role="img" {
            title { "Trends" }
            style { (maud::PreEscaped(STYLE)) }
            rect class="paper" width="100%" height="100%" {}
            @for chart in &charts { (chart) }
        }
    };
    picture.into_string() + "\n"
}

/// `unit (3.12): normally 1 min 04 s; regression`.
fn title(trend: &Trend) -> String {
    let name = one_line(&trend.metric.name());
    let unit = trend.metric.kind.unit();
    match trend.normal {
        Some(normal) => {
            let median = figure(unit, normal.median);
            format!("{name}: normally {median}; {}", trend.judgement.as_str())
        }
        None => format!("{name}: {}", trend.judgement.as_str()),
    }
}

/// A point for each run, the levels, and the band of the noise. The lowest line is 0 where
/// figures go down far enough, so that changes look as large as they are. The last run is
/// `circled` where it is meant.
pub(in crate::report) fn drawing(trend: &Trend, width: f64, circled: bool) -> Markup {
    let from = trend.points.len().saturating_sub(DRAWN);
    let points = trend.points.get(from..).unwrap_or_default();
    let most = points
        .iter()
        .map(|point| point.value)
        .fold(f64::MIN, f64::max);
    let least = points
        .iter()
        .map(|point| point.value)
        .fold(f64::MAX, f64::min);
    let bottom = if least < most / 2.0 {
        0.0
    } else {
        least - (most - least).max(most / 50.0) / 4.0
    };
    let range = (most - bottom).max(f64::MIN_POSITIVE) * 1.05;
    let count = u32::try_from(points.len()).unwrap_or(u32::MAX);
    let step = width / f64::from(count.max(2) - 1);
    let x =
        |at: usize| f64::from(u32::try_from(at.saturating_sub(from)).unwrap_or(u32::MAX)) * step;
    let y = |value: f64| (HEIGHT - (value - bottom) / range * HEIGHT).clamp(0.0, HEIGHT);
    let one = |number: f64| format!("{number:.1}");
    // Lines without length and with round ends: shorter than a circle for each.
    let dots: String = points
        .iter()
        .enumerate()
        .map(|(at, point)| format!("M{:.1} {:.1}h0", x(at + from), y(point.value)))
        .collect();
    let changed = trend.judgement.change().map(|change| change.first);
    let is_worse = matches!(trend.judgement, Judgement::Regression(_));
    html! {
        @if let Some(normal) = trend.normal {
            rect class="band" width=(one(width)) y=(one(y(normal.median + normal.noise)))
                height=(one((y(normal.median - normal.noise) - y(normal.median + normal.noise)).max(1.0))) {}
        }
        path class="points" d=(dots) {}
        @if let (true, Some(last)) = (circled, points.last()) {
            circle class="this" cx=(one(x(points.len() - 1 + from))) cy=(one(y(last.value))) r="4.5" {}
        }
        @for level in trend.levels.iter().filter(|level| level.until > from) {
            line class=(if is_worse && changed.is_some_and(|first| level.from >= first) { "worse" } else { "level" })
                x1=(one(x(level.from.max(from)))) x2=(one(x(level.until - 1)))
                y1=(one(y(level.median))) y2=(one(y(level.median))) {}
        }
    }
}
