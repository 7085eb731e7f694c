//! Where a series changes its level.
//!
//! A level begins with a baseline: its first runs, at most [`BASELINE`] of them. From then on
//! the last runs, in windows of several lengths, are held against that baseline. The level
//! has changed where the medians differ by more than the noise of medians explains and by more
//! than the least change that is worth a word, and where so many runs of the window lie beyond
//! the middle between both that the outliers of the level cannot be it. A few outliers move
//! neither median, so no single run gives an alarm; a drift is found because the baseline stays
//! where it is.
//! Decision 0035 says why it is done so.

use super::metric::Floor;
use super::robust::{cost, median, number, spread};

/// With fewer runs nothing is said.
pub(crate) const FEWEST: usize = 5;
/// Lengths of the windows that are held against the baseline: short ones find large changes
/// soon, long ones small changes later.
const WINDOWS: [usize; 7] = [5, 6, 8, 10, 14, 20, 40];
/// Runs that a baseline is made of, where there are as many.
const BASELINE: usize = 40;
/// By how many of its standard deviations a difference of medians must exceed 0.
const SIGMAS: f64 = 5.0;
/// The standard deviation of a median is this much larger than that of a mean.
const OF_MEDIAN: f64 = 1.2533;
/// How improbable it must be that a window has so many runs beyond the middle, if they are as
/// many as before.
const CHANCE: f64 = 1e-7;

/// Runs of one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    /// Index of its first run.
    pub(crate) from: usize,
    /// Index after its last run.
    pub(crate) until: usize,
    /// Index of the run with which it was found; its own first for the first level.
    pub(crate) found: usize,
    /// Its middle.
    pub(crate) median: f64,
    /// Standard deviation of its noise, estimated.
    pub(crate) noise: f64,
}

/// The levels of a series, the first one first; none without values.
pub(super) fn levels(values: &[f64], floor: Floor) -> Vec<Level> {
    let mut levels = Vec::new();
    let (mut from, mut found) = (0, 0);
    let mut baseline: Option<Baseline> = None;
    let mut noise_before = 0.0;
    for end in 1..=values.len() {
        for window in WINDOWS {
            // A baseline is at least as long as the window, up to its full length.
            let Some(start) = end
                .checked_sub(window)
                .filter(|start| *start >= from + window)
            else {
                break;
            };
            let count = (start - from).min(BASELINE);
            let base = match baseline {
                Some(known) if known.count == count => known,
                _ => Baseline::of(slice(values, from, from + count), noise_before, floor),
            };
            baseline = Some(base);
            let (before, now) = (slice(values, from, start), slice(values, start, end));
            if !base.is_left(before, now, floor) {
                continue;
            }
            let at = locate(values, from, end, window, base.median);
            let level = level(values, (from, at), found);
            noise_before = if level.median == 0.0 {
                0.0
            } else {
                base.noise / level.median.abs()
            };
            levels.push(level);
            (from, found) = (at, end - 1);
            baseline = None;
            break;
        }
    }
    if from < values.len() {
        levels.push(level(values, (from, values.len()), found));
    }
    levels
}

/// What the runs of a level are held against.
#[derive(Debug, Clone, Copy)]
struct Baseline {
    count: usize,
    median: f64,
    noise: f64,
}

impl Baseline {
    /// Of the first runs of a level. The noise of few runs is a bad estimate: that of the level
    /// before, relative to its median, is a second one, and the larger one counts.
    fn of(values: &[f64], noise_before: f64, floor: Floor) -> Self {
        let median = median(values).unwrap_or_default();
        let count = values.len();
        let few = 1.0 + 5.0 / number(count as u64).max(1.0);
        let noise = (spread(values, median) * few)
            .max(floor.noise * median.abs())
            .max(match count < BASELINE {
                true => noise_before * median.abs(),
                false => 0.0,
            });
        Self {
            count,
            median,
            noise,
        }
    }

    /// Whether the runs of a window are of another level than those before it.
    fn is_left(&self, before: &[f64], window: &[f64], floor: Floor) -> bool {
        let Some(now) = median(window) else {
            return false;
        };
        let shift = now - self.median;
        let counts = 1.0 / number(window.len() as u64) + 1.0 / number(self.count as u64);
        let of_noise = SIGMAS * OF_MEDIAN * self.noise * counts.sqrt();
        if shift.abs() < of_noise || shift.abs() < floor.above(self.median) {
            return false;
        }
        let middle = self.median + shift / 2.0;
        let beyond = |values: &[f64]| {
            let beyond = values
                .iter()
                .filter(|value| (**value > middle) == (shift > 0.0));
            beyond.count()
        };
        let usual = number(beyond(before) as u64 + 1) / number(before.len() as u64 + 2);
        at_least(beyond(window), window.len(), usual) < CHANCE
    }
}

/// How probable it is that at least `hits` of `all` come by chance, each with this probability.
fn at_least(hits: usize, all: usize, probability: f64) -> f64 {
    let mut term = (1.0 - probability).powi(i32::try_from(all).unwrap_or(i32::MAX));
    let mut below = 0.0;
    let odds = probability / (1.0 - probability).max(f64::MIN_POSITIVE);
    for hit in 0..hits {
        below += term;
        term *= odds * number((all - hit) as u64) / number(hit as u64 + 1);
    }
    1.0 - below
}

/// The first run of the new level, which was found with the window before `end`: where two
/// levels explain the last runs best. What is far from both levels is an outlier, and belongs
/// to either.
fn locate(values: &[f64], from: usize, end: usize, window: usize, before: f64) -> usize {
    let first = (from + FEWEST).max(end.saturating_sub(2 * window));
    let last = end.saturating_sub(3);
    let after = median(slice(values, end - window, end)).unwrap_or_default();
    let most = (after - before).abs() / 2.0;
    let costs = (first..=last).map(|at| {
        let old = cost(slice(values, first, at), before, most);
        (at, old + cost(slice(values, at, end), after, most))
    });
    costs
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
        .map_or(first, |(at, _)| at)
}

fn level(values: &[f64], (from, until): (usize, usize), found: usize) -> Level {
    let own = slice(values, from, until);
    let median = median(own).unwrap_or_default();
    Level {
        from,
        until,
        found,
        median,
        noise: spread(own, median),
    }
}

/// A part of values; empty where there is none.
pub(super) fn slice(values: &[f64], from: usize, until: usize) -> &[f64] {
    values
        .get(from..until.min(values.len()))
        .unwrap_or_default()
}
