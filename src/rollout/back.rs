//! Coming back after a roll-back: only after clean shadow runs.

use serde::Serialize;

use super::judge::by_infrastructure;
use super::pairs::pairs;
use super::rules::Rules;
use crate::history::Entry;

/// Whether containers may count again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Readiness {
    /// Commits in a row, the last ones, that ran on both sides without a difference that
    /// matters.
    pub(crate) clean: usize,
    /// How many there must be.
    pub(crate) wanted: usize,
    /// Why the row ends where it does; nothing where it is long enough, or nothing is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) broken_by: Option<String>,
}

impl Readiness {
    /// Whether there are enough of them.
    pub(crate) fn is_ready(&self) -> bool {
        self.clean >= self.wanted
    }
}

/// Judges the commits that ran on both sides since a point in time (milliseconds since the
/// Unix epoch; that of the roll-back), of runs that come the last one first.
pub(crate) fn readiness(entries: &[Entry], since: u64, rules: &Rules) -> Readiness {
    let since: Vec<&Entry> = entries
        .iter()
        .filter(|entry| !entry.partial && entry.started_at >= since)
        .collect();
    let mut clean = 0;
    let mut broken_by = None;
    for pair in pairs(&since) {
        let candidates = || pair.candidate.iter();
        // Says nothing either way.
        if candidates().all(|entry| by_infrastructure(entry)) {
            continue;
        }
        let mismatch = pair
            .mismatches()
            .into_iter()
            .find(|one| rules.is_critical(&one.test));
        broken_by = if let Some(one) = mismatch {
            Some(format!("{}: {} differs", pair.sha, one.test))
        } else if candidates().any(|entry| entry.reports_collected == Some(false)) {
            Some(format!("{}: reports did not come out", pair.sha))
        } else if candidates().any(|entry| entry.images.iter().any(|image| image.failure.is_some()))
        {
            Some(format!("{}: an image failed", pair.sha))
        } else if let Some(legs) = pair.failed_legs() {
            legs.first().map(|leg| {
                let sha = pair.sha;
                format!("{sha}: {leg} fails in the container and succeeds on the runner")
            })
        } else {
            // Nothing was compared.
            continue;
        };
        if broken_by.is_some() || clean >= rules.clean_runs {
            break;
        }
        clean += 1;
    }
    if clean >= rules.clean_runs {
        broken_by = None;
    }
    Readiness {
        clean,
        wanted: rules.clean_runs,
        broken_by,
    }
}
