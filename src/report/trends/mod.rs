//! How figures develop, for people and for programs.

mod chart;
mod json;
mod spark;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use chart::trends_svg;
pub(super) use chart::{DRAWN, HEIGHT, drawing};
pub(crate) use json::trends_json;
pub(crate) use text::trends_text;

use super::format::{bytes, duration, percent};
use crate::history::Entry;
use crate::trend::{Change, Trend, Unit};

/// A figure in its unit.
pub(super) fn figure(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Millis => duration(whole(value)),
        Unit::Percent => percent(value),
        Unit::Bytes => bytes(whole(value)),
    }
}

/// A difference of figures, without its sign.
fn difference(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Percent => format!("{:.1} points", value.abs()),
        other => figure(other, value.abs()),
    }
}

/// A figure as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates, and nothing negative is left"
)]
fn whole(value: f64) -> u64 {
    value.max(0.0).round() as u64
}

/// By how much a level changed: `+29.7 %`, `-1.5 points`.
fn by(trend: &Trend, change: &Change) -> String {
    let shift = change.after - change.before;
    let sign = if shift < 0.0 { "-" } else { "+" };
    let unit = trend.metric.kind.unit();
    if unit == Unit::Percent || change.before == 0.0 {
        return format!("{sign}{}", difference(unit, shift));
    }
    format!("{sign}{:.0} %", (shift / change.before * 100.0).abs())
}

/// The run of a point.
fn run<'e>(trend: &Trend, point: usize, entries: &'e [Entry]) -> Option<&'e Entry> {
    entries.get(trend.points.get(point)?.run)
}

/// The last run before a change and its first one.
fn around<'e>(
    trend: &Trend,
    change: &Change,
    entries: &'e [Entry],
) -> Option<(&'e Entry, &'e Entry)> {
    let before = run(trend, change.first.checked_sub(1)?, entries)?;
    Some((before, run(trend, change.first, entries)?))
}
