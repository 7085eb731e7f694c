//! What is said of a series: its normal, the noise around it, and whether it got worse.

use super::levels::{FEWEST, Level, levels, slice};
use super::metric::Metric;
use super::robust::{median, spread};
use super::series::{Point, Series};

/// A change stands for so many runs; after that the new level is the normal one.
pub(crate) const STANDS: usize = 50;
/// The noise that is shown, in standard deviations: about 19 of 20 runs are within it.
const SHOWN: f64 = 2.0;
/// Runs on each side of a change that tell a step from a drift.
const BESIDE: usize = 20;

/// A series and what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trend {
    /// What it is about.
    pub(crate) metric: Metric,
    /// Its figures, the first run first.
    pub(crate) points: Vec<Point>,
    /// Its levels; one for a series that never changed.
    pub(crate) levels: Vec<Level>,
    /// What is normal: of the last level; `None` where there are too few runs to say.
    pub(crate) normal: Option<Normal>,
    /// What is said.
    pub(crate) judgement: Judgement,
}

/// What figures normally are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Normal {
    /// The middle.
    pub(crate) median: f64,
    /// About 19 of 20 runs are at most this far away from it.
    pub(crate) noise: f64,
}

/// What is said of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Judgement {
    /// There are too few runs to say anything.
    TooFew,
    /// Nothing but noise, or only changes that are the normal by now.
    Steady,
    /// It got worse and stayed so.
    Regression(Change),
    /// It got better and stayed so.
    Improvement(Change),
}

impl Judgement {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::TooFew => "too few runs",
            Self::Steady => "steady",
            Self::Regression(_) => "regression",
            Self::Improvement(_) => "improvement",
        }
    }

    /// The change, where there is one.
    pub(crate) fn change(self) -> Option<Change> {
        match self {
            Self::TooFew | Self::Steady => None,
            Self::Regression(change) | Self::Improvement(change) => Some(change),
        }
    }
}

/// A change of level that stands. Indices are those of the series' points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    /// The first run of the new level.
    pub(crate) first: usize,
    /// The run with which it could be known.
    pub(crate) found: usize,
    /// Where the runs begin that it is measured against; they end before `first`.
    pub(crate) base_from: usize,
    /// The level before.
    pub(crate) before: f64,
    /// The level after.
    pub(crate) after: f64,
    /// Whether it came little by little; `first` is then where it became plain.
    pub(crate) drift: bool,
}

/// Judges a series.
pub(crate) fn judge(series: Series) -> Trend {
    let Series { metric, points } = series;
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let levels = levels(&values, metric.kind.floor());
    let judgement = match values.len() < FEWEST {
        true => Judgement::TooFew,
        false => judgement(&metric, &values, &levels),
    };
    Trend {
        normal: normal(&values, &levels),
        metric,
        points,
        levels,
        judgement,
    }
}

impl Trend {
    /// The last figure.
    pub(crate) fn last(&self) -> Option<Point> {
        self.points.last().copied()
    }
}

/// Of the last level, or of the one before where that has too few runs yet.
fn normal(values: &[f64], levels: &[Level]) -> Option<Normal> {
    let level = levels
        .iter()
        .rev()
        .find(|level| level.until - level.from >= FEWEST)?;
    let own = slice(values, level.from, level.until);
    let median = median(own)?;
    Some(Normal {
        median,
        noise: SHOWN * spread(own, median),
    })
}

/// Holds the last level against the one that was the normal [`STANDS`] runs ago.
fn judgement(metric: &Metric, values: &[f64], levels: &[Level]) -> Judgement {
    let long_ago = values.len().saturating_sub(STANDS);
    let base = levels.iter().position(|level| level.until > long_ago);
    let (Some(base), Some(last)) = (base, levels.last()) else {
        return Judgement::Steady;
    };
    let (Some(before), Some(later)) = (levels.get(base), levels.get(base + 1..)) else {
        return Judgement::Steady;
    };
    // A change was found by more than the least one; it stands as long as half of that is left.
    let least = metric.kind.floor().above(before.median) / 2.0;
    let shift = last.median - before.median;
    let away = |level: &Level| {
        let shifted = level.median - before.median;
        shifted.abs() >= least && (shifted > 0.0) == (shift > 0.0)
    };
    // From where on it never came back.
    let stays = later.iter().rev().take_while(|level| away(level)).last();
    let Some(new) = stays else {
        return Judgement::Steady;
    };
    let change = Change {
        first: new.from,
        found: new.found,
        base_from: before.from,
        before: before.median,
        after: last.median,
        drift: is_drift(values, (before.from, new.from), shift),
    };
    match (shift > 0.0) == metric.kind.more_is_better() {
        true => Judgement::Improvement(change),
        false => Judgement::Regression(change),
    }
}

/// Whether a change came little by little: the runs just before and just after its first one
/// differ by less than half of it.
fn is_drift(values: &[f64], (from, first): (usize, usize), shift: f64) -> bool {
    let before = slice(values, from.max(first.saturating_sub(BESIDE)), first);
    let after = slice(values, first, first + BESIDE);
    match (median(before), median(after)) {
        (Some(before), Some(after)) => (after - before) / shift < 0.5,
        _ => false,
    }
}
