//! Runs that can be compared, and their figures in the order of time.

use std::collections::BTreeMap;

use super::metric::{Metric, figures};
use crate::history::Entry;

/// Runs that can be compared: of one workflow of one repository, on machines of one class.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    /// `owner/name`.
    pub(crate) repository: String,
    /// The workflow file.
    pub(crate) workflow: String,
    /// The class of the machines.
    pub(crate) machine: String,
    /// How many runs there are.
    pub(crate) runs: usize,
    /// Start of the last one, in milliseconds since the Unix epoch.
    pub(crate) last_at: u64,
    /// Their figures.
    pub(crate) series: Vec<Series>,
}

/// The figures of one thing, the first run first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// What it is.
    pub(crate) metric: Metric,
    /// A point for each run that has the figure.
    pub(crate) points: Vec<Point>,
}

/// The figure of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    /// Index of the run in what was given.
    pub(crate) run: usize,
    /// In the metric's unit.
    pub(crate) value: f64,
}

/// Sorts runs, which may come in any order, into groups; that of the last run comes first.
pub(crate) fn groups(entries: &[Entry]) -> Vec<Group> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let key = |at: &usize| entries.get(*at).map(|one| (one.started_at, &one.run.0));
    order.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut found: BTreeMap<(String, String, String), Gathered> = BTreeMap::new();
    for run in order {
        let Some(entry) = entries.get(run) else {
            continue;
        };
        let key = (
            entry.repository.clone(),
            entry.workflow.clone(),
            entry.machine_class(),
        );
        let group = found.entry(key).or_default();
        group.runs += 1;
        group.last_at = entry.started_at;
        for (metric, value) in figures(entry) {
            let points = group.series.entry(metric).or_default();
            points.push(Point { run, value });
        }
    }
    let mut groups: Vec<Group> = found
        .into_iter()
        .map(|((repository, workflow, machine), group)| Group {
            repository,
            workflow,
            machine,
            runs: group.runs,
            last_at: group.last_at,
            series: group
                .series
                .into_iter()
                .map(|(metric, points)| Series { metric, points })
                .collect(),
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.last_at));
    groups
}

#[derive(Default)]
struct Gathered {
    runs: usize,
    last_at: u64,
    series: BTreeMap<Metric, Vec<Point>>,
}
