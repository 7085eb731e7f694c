//! Coverage and times, side by side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::record::{CoverageSummary, FileCoverage, JobRecord, RunRecord};

/// Coverage of both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CoveragePair {
    /// Total of the control in percent.
    pub(crate) control: Option<f64>,
    /// Total of the candidate in percent.
    pub(crate) candidate: Option<f64>,
    /// How many files are covered the same.
    pub(crate) same: usize,
    /// Files that are not, by path.
    pub(crate) files: Vec<FilePair>,
}

/// Coverage of a file that differs; `None` where a side does not have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FilePair {
    /// Path in the repository.
    pub(crate) path: String,
    /// In the control.
    pub(crate) control: Option<FileCoverage>,
    /// In the candidate.
    pub(crate) candidate: Option<FileCoverage>,
}

/// Puts the coverage of both sides next to each other: of the first run that has any,
/// as later ones may be parts. `None` where neither has.
pub(super) fn coverage(control: &[RunRecord], candidate: &[RunRecord]) -> Option<CoveragePair> {
    fn of(runs: &[RunRecord]) -> Option<&CoverageSummary> {
        runs.iter().find_map(|run| run.coverage.as_ref())
    }
    let (control, candidate) = (of(control), of(candidate));
    if control.is_none() && candidate.is_none() {
        return None;
    }
    let mut files: BTreeMap<&str, [Option<&FileCoverage>; 2]> = BTreeMap::new();
    for (side, summary) in [control, candidate].into_iter().enumerate() {
        for file in summary.into_iter().flat_map(|summary| &summary.files) {
            if let Some(place) = files.entry(&file.path).or_default().get_mut(side) {
                *place = Some(file);
            }
        }
    }
    let all = files.len();
    let files: Vec<FilePair> = files
        .into_iter()
        .filter(|(_, [one, other])| one != other)
        .map(|(path, [one, other])| FilePair {
            path: path.to_owned(),
            control: one.cloned(),
            candidate: other.cloned(),
        })
        .collect();
    Some(CoveragePair {
        control: control.and_then(CoverageSummary::percent),
        candidate: candidate.and_then(CoverageSummary::percent),
        same: all - files.len(),
        files,
    })
}

/// What runs took, in milliseconds: the middle one of all whole runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Times {
    /// From start to end.
    pub(crate) run: Option<u64>,
    /// Making or looking up images.
    pub(crate) images: u64,
    /// Opening the environments of all legs.
    pub(crate) opening: u64,
    /// The test steps of all legs.
    pub(crate) tests: u64,
}

/// The times of one side.
pub(super) fn times(runs: &[RunRecord]) -> Times {
    // Of repetitions only parts ran.
    let first = runs.first().map_or(0, ran);
    let whole: Vec<&RunRecord> = runs.iter().filter(|run| ran(run) == first).collect();
    let of = |time: &dyn Fn(&RunRecord) -> Option<u64>| {
        middle(whole.iter().filter_map(|run| time(run)).collect())
    };
    let sum = |run: &RunRecord, time: &dyn Fn(&JobRecord) -> u64| run.jobs.iter().map(time).sum();
    Times {
        run: of(&|run| Some(run.finished_at?.saturating_sub(run.started_at))),
        images: of(&|run| Some(run.images.iter().map(|image| image.millis).sum()))
            .unwrap_or_default(),
        opening: of(&|run| Some(sum(run, &opening))).unwrap_or_default(),
        tests: of(&|run| Some(sum(run, &tests))).unwrap_or_default(),
    }
}

fn ran(run: &RunRecord) -> usize {
    run.jobs
        .iter()
        .filter(|job| job.started_at.is_some())
        .count()
}

/// From a leg's start until its steps could run, in milliseconds.
pub(super) fn opening(job: &JobRecord) -> u64 {
    match (job.started_at, job.ready_at) {
        (Some(start), Some(ready)) => ready.saturating_sub(start),
        _ => 0,
    }
}

/// What the test steps of a leg took, in milliseconds.
pub(super) fn tests(job: &JobRecord) -> u64 {
    let is_test = |number: u32| {
        let mut planned = job.planned.steps.iter();
        planned.any(|step| step.number == number && step.test)
    };
    let steps = job.steps.iter().filter(|step| is_test(step.number));
    steps
        .filter_map(|step| Some(step.finished_at?.saturating_sub(step.started_at?)))
        .sum()
}

/// The middle one, the lower of two.
pub(super) fn middle(mut all: Vec<u64>) -> Option<u64> {
    all.sort_unstable();
    all.get(all.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::middle;

    #[test]
    fn the_middle_one() {
        assert_eq!(middle(vec![]), None);
        assert_eq!(middle(vec![3]), Some(3));
        assert_eq!(middle(vec![9, 1]), Some(1));
        assert_eq!(middle(vec![9, 1, 5]), Some(5));
    }
}
