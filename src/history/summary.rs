//! The figures of a run: what lists and trends read of thousands of runs without
//! unpacking one.

use serde::Serialize;

use super::entry::{Entry, Source, Warmth};
use crate::record::{CoverageSummary, TestCounts};

/// The figures of one run. Times are milliseconds, points in time count from the Unix epoch;
/// what is absent was not measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    /// Name of the run.
    pub(crate) run: String,
    /// Start.
    pub(crate) started_at: u64,
    /// `owner/name`, or the folder's name.
    pub(crate) repository: String,
    /// The workflow file.
    pub(crate) workflow: String,
    /// Commit of the checkout.
    pub(crate) sha: String,
    /// Branch or tag.
    pub(crate) branch: String,
    /// The event.
    pub(crate) event: String,
    /// Where it ran.
    pub(crate) source: Source,
    /// Which machines it can be compared with, see [`Entry::machine_class`].
    pub(crate) machine: String,
    /// The engine.
    pub(crate) engine: String,
    /// What was there of its images.
    pub(crate) warmth: Warmth,
    /// Whether the tree differed from the commit.
    pub(crate) dirty: bool,
    /// Whether jobs were left out.
    pub(crate) partial: bool,
    /// Whether it ran without containers because an image could not be made.
    pub(crate) fell_back: bool,
    /// Whether the verdict was good.
    pub(crate) passed: Option<bool>,
    /// Exit code of `seatrial run`.
    pub(crate) exit_code: Option<u8>,
    /// The published reason that decided, `class.reason`.
    pub(crate) cause: Option<String>,
    /// Whether all reports that were due came out.
    pub(crate) reports_collected: Option<bool>,
    /// The value of the roll-out's flag.
    pub(crate) rollout: Option<String>,
    /// From start to end.
    pub(crate) millis: Option<u64>,
    /// Building images.
    pub(crate) build_millis: Option<u64>,
    /// Whether an image could not be built or had.
    pub(crate) build_failed: bool,
    /// The longest start of a container.
    pub(crate) startup_millis: Option<u64>,
    /// The longest wait for a turn.
    pub(crate) queue_millis: Option<u64>,
    /// All test steps.
    pub(crate) test_millis: Option<u64>,
    /// Size of the images in bytes.
    pub(crate) image_bytes: Option<u64>,
    /// Covered share in percent, as coverage.py counts it.
    pub(crate) coverage: Option<f64>,
    /// Tests by outcome.
    #[serde(serialize_with = "counts")]
    pub(crate) tests: TestCounts,
    /// Tests that passed, and not at the first attempt.
    pub(crate) flaky: u32,
}

fn counts<S: serde::Serializer>(counts: &TestCounts, to: S) -> Result<S::Ok, S::Error> {
    serde_json::json!({
        "passed": counts.passed,
        "failed": counts.failed,
        "errors": counts.errors,
        "skipped": counts.skipped,
    })
    .serialize(to)
}

impl Summary {
    /// The figures of an entry.
    pub(crate) fn of(entry: &Entry) -> Self {
        let flaky = entry.tests().filter(|(_, test)| test.is_flaky()).count();
        Self {
            run: entry.run.0.clone(),
            started_at: entry.started_at,
            repository: entry.repository.clone(),
            workflow: entry.workflow.clone(),
            sha: entry.sha.clone(),
            branch: entry.branch().to_owned(),
            event: entry.event.clone(),
            source: entry.source,
            machine: entry.machine_class(),
            engine: entry.engine.clone(),
            warmth: entry.warmth(),
            dirty: entry.dirty,
            partial: entry.partial,
            fell_back: entry.fallback.is_some(),
            passed: entry.passed,
            exit_code: entry.exit_code,
            cause: entry.failures.first().map(|first| first.cause.clone()),
            reports_collected: entry.reports_collected,
            rollout: entry.rollout.clone(),
            millis: entry.millis(),
            build_millis: entry.build_millis(),
            build_failed: entry.images.iter().any(|image| image.failure.is_some()),
            startup_millis: entry.startup_millis(),
            queue_millis: entry.queue_millis(),
            test_millis: entry.test_millis(),
            image_bytes: entry.image_bytes(),
            coverage: entry.coverage.as_ref().and_then(CoverageSummary::percent),
            tests: entry.test_counts(),
            flaky: u32::try_from(flaky).unwrap_or(u32::MAX),
        }
    }
}

/// Which runs are meant. What is absent is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Of this repository.
    pub(crate) repository: Option<String>,
    /// Of this workflow file: its path, or its name without folders.
    pub(crate) workflow: Option<String>,
    /// Of this branch or tag.
    pub(crate) branch: Option<String>,
    /// That began then or later, in milliseconds since the Unix epoch.
    pub(crate) since: Option<u64>,
    /// The last so many of them.
    pub(crate) limit: Option<u64>,
}
