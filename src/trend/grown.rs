//! Which part of a run made a figure grow.

use std::collections::BTreeMap;

use super::judge::{Change, Trend};
use super::metric::Kind;
use super::robust::{median, number};
use crate::history::{Entry, LegEntry};

/// Runs on each side of a change that are looked at.
const LOOKED_AT: usize = 40;
/// Parts that are named.
const NAMED: usize = 3;

/// A part of a run that changed with a figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grown {
    /// `unit (3.12) › Run tests`, an instruction of a build, an image, a file.
    pub(crate) part: String,
    /// Median before the change, in the unit of the figure; absent for a part that is new.
    pub(crate) before: Option<f64>,
    /// Median after it; absent for one that is gone.
    pub(crate) after: Option<f64>,
}

impl Grown {
    /// How much it changed.
    pub(crate) fn difference(&self) -> f64 {
        self.after.unwrap_or_default() - self.before.unwrap_or_default()
    }
}

/// The parts that changed most in the direction of a change, the largest first. Of coverage,
/// files are looked at, where entries have them.
pub(crate) fn grown(trend: &Trend, change: &Change, entries: &[Entry]) -> Vec<Grown> {
    let side = |from: usize, until: usize| {
        let points = trend.points.get(from..until).unwrap_or_default();
        let runs = points.iter().filter_map(|point| entries.get(point.run));
        medians(runs, |entry| parts(trend, entry))
    };
    let before = side(
        change.base_from.max(change.first.saturating_sub(LOOKED_AT)),
        change.first,
    );
    let after = side(
        change
            .first
            .max(trend.points.len().saturating_sub(LOOKED_AT)),
        trend.points.len(),
    );
    let mut grown: Vec<Grown> = before
        .keys()
        .chain(after.keys().filter(|part| !before.contains_key(*part)))
        .map(|part| Grown {
            part: part.clone(),
            before: before.get(part).copied(),
            after: after.get(part).copied(),
        })
        .collect();
    let direction = if change.after < change.before {
        -1.0
    } else {
        1.0
    };
    // What explains less than a tenth of it explains nothing.
    let least = (change.after - change.before).abs() / 10.0;
    grown.retain(|one| one.difference() * direction >= least);
    grown.sort_by(|a, b| {
        let size = |one: &Grown| one.difference() * direction;
        size(b).total_cmp(&size(a))
    });
    grown.truncate(NAMED);
    grown
}

/// The median of each part over runs; what fewer than half of them have is no part.
fn medians<'e>(
    runs: impl Iterator<Item = &'e Entry>,
    parts: impl Fn(&Entry) -> Vec<(String, f64)>,
) -> BTreeMap<String, f64> {
    let mut count = 0;
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for entry in runs {
        let parts = parts(entry);
        // One that is read without its files says nothing of them.
        count += usize::from(!parts.is_empty());
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        for (part, value) in parts {
            *sums.entry(part).or_default() += value;
        }
        for (part, value) in sums {
            all.entry(part).or_default().push(value);
        }
    }
    all.retain(|_, values| values.len() * 2 >= count);
    all.into_iter()
        .filter_map(|(part, values)| Some((part, median(&values)?)))
        .collect()
}

/// What a figure of a run is made of.
fn parts(trend: &Trend, entry: &Entry) -> Vec<(String, f64)> {
    let legs = entry.legs.iter();
    match trend.metric.kind {
        Kind::Total => {
            let build = entry.build_millis();
            let mut parts: Vec<(String, f64)> = legs.flat_map(|leg| steps(leg, |_| true)).collect();
            parts.extend(build.map(|millis| ("build of the image".to_owned(), number(millis))));
            parts.extend(waits(entry));
            parts
        }
        Kind::Tests => legs.flat_map(|leg| steps(leg, |test| test)).collect(),
        Kind::Job => legs
            .filter(|leg| leg.key == trend.metric.leg)
            .flat_map(|leg| {
                let start = leg.startup_millis.map(|millis| start_of(leg, millis));
                steps(leg, |_| true).into_iter().chain(start)
            })
            .collect(),
        Kind::Build => entry
            .images
            .iter()
            .flat_map(|image| &image.layers)
            .map(|layer| (layer.name.clone(), number(layer.millis)))
            .collect(),
        Kind::Startup => legs
            .filter_map(|leg| Some(start_of(leg, leg.startup_millis?)))
            .collect(),
        Kind::Queue => legs
            .filter_map(|leg| Some((leg.key.clone(), number(leg.queue_millis?))))
            .collect(),
        Kind::ImageSize => entry
            .images
            .iter()
            .filter_map(|image| Some((image.name.clone(), number(image.bytes?))))
            .collect(),
        Kind::Coverage => entry
            .coverage
            .iter()
            .flat_map(|coverage| &coverage.files)
            .filter_map(|file| Some((file.path.clone(), file.percent()?)))
            .collect(),
        Kind::Step => Vec::new(),
    }
}

/// The steps of a leg but "Set up job", whose time is that of image and start.
fn steps(leg: &LegEntry, wanted: impl Fn(bool) -> bool) -> Vec<(String, f64)> {
    leg.steps
        .iter()
        .filter(|step| step.number > 0 && wanted(step.test))
        .filter_map(|step| {
            let name = format!("{} › {}", leg.key, step.name);
            Some((name, number(step.millis?)))
        })
        .collect()
}

fn start_of(leg: &LegEntry, millis: u64) -> (String, f64) {
    let name = format!("{} › start of the container", leg.key);
    (name, number(millis))
}

/// Starts and the longest wait of a run.
fn waits(entry: &Entry) -> Vec<(String, f64)> {
    let starts = entry.legs.iter();
    let mut waits: Vec<(String, f64)> = starts
        .filter_map(|leg| Some(start_of(leg, leg.startup_millis?)))
        .collect();
    let queue = entry.queue_millis();
    waits.extend(queue.map(|millis| ("waiting for a turn".to_owned(), number(millis))));
    waits
}
