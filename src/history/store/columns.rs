//! The figures of a run as columns.

use super::error::StoreError;
use super::value::{Row, Value};
use crate::history::entry::{Source, Warmth};
use crate::history::summary::Summary;
use crate::record::TestCounts;

/// The columns of a run, in the order of [`values`] and [`summary`].
pub(super) const COLUMNS: [&str; 32] = [
    "run",
    "started_at",
    "repository",
    "workflow",
    "sha",
    "branch",
    "event",
    "source",
    "machine",
    "engine",
    "warmth",
    "dirty",
    "partial",
    "fell_back",
    "passed",
    "exit_code",
    "cause",
    "reports_collected",
    "rollout",
    "millis",
    "build_millis",
    "build_failed",
    "startup_millis",
    "queue_millis",
    "test_millis",
    "image_bytes",
    "coverage",
    "tests_passed",
    "tests_failed",
    "tests_errors",
    "tests_skipped",
    "flaky",
];

/// The values of a run.
pub(super) fn values(run: &Summary) -> Vec<Value> {
    vec![
        run.run.as_str().into(),
        run.started_at.into(),
        run.repository.as_str().into(),
        run.workflow.as_str().into(),
        run.sha.as_str().into(),
        run.branch.as_str().into(),
        run.event.as_str().into(),
        run.source.as_str().into(),
        run.machine.as_str().into(),
        run.engine.as_str().into(),
        run.warmth.as_str().into(),
        run.dirty.into(),
        run.partial.into(),
        run.fell_back.into(),
        run.passed.into(),
        run.exit_code.map(u32::from).into(),
        run.cause.as_deref().into(),
        run.reports_collected.into(),
        run.rollout.as_deref().into(),
        run.millis.into(),
        run.build_millis.into(),
        run.build_failed.into(),
        run.startup_millis.into(),
        run.queue_millis.into(),
        run.test_millis.into(),
        run.image_bytes.into(),
        run.coverage.into(),
        run.tests.passed.into(),
        run.tests.failed.into(),
        run.tests.errors.into(),
        run.tests.skipped.into(),
        run.flaky.into(),
    ]
}

/// A run of its values.
pub(super) fn summary(row: &mut Row) -> Result<Summary, StoreError> {
    Ok(Summary {
        run: row.text()?,
        started_at: row.number()?,
        repository: row.text()?,
        workflow: row.text()?,
        sha: row.text()?,
        branch: row.text()?,
        event: row.text()?,
        source: one_of(&row.text()?, &Source::ALL, Source::as_str)?,
        machine: row.text()?,
        engine: row.text()?,
        warmth: one_of(&row.text()?, &Warmth::ALL, Warmth::as_str)?,
        dirty: row.flag()?,
        partial: row.flag()?,
        fell_back: row.flag()?,
        passed: row.maybe_flag()?,
        exit_code: row.maybe_number()?.and_then(|code| u8::try_from(code).ok()),
        cause: row.maybe_text()?,
        reports_collected: row.maybe_flag()?,
        rollout: row.maybe_text()?,
        millis: row.maybe_number()?,
        build_millis: row.maybe_number()?,
        build_failed: row.flag()?,
        startup_millis: row.maybe_number()?,
        queue_millis: row.maybe_number()?,
        test_millis: row.maybe_number()?,
        image_bytes: row.maybe_number()?,
        coverage: row.maybe_real()?,
        tests: TestCounts {
            passed: row.count()?,
            failed: row.count()?,
            errors: row.count()?,
            skipped: row.count()?,
        },
        flaky: row.count()?,
    })
}

/// The one of all that a word stands for.
pub(super) fn one_of<T: Copy>(
    word: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, StoreError> {
    let found = all.iter().copied().find(|one| name(*one) == word);
    found.ok_or_else(|| StoreError::damaged(format!("`{word}` is no word that stands there")))
}
