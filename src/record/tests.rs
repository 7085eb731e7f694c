//! Test cases as their reports tell them.

use serde::{Deserialize, Serialize};

use super::event::Place;
use super::zero::is_zero;

/// What became of one test case.
///
/// `Error` is JUnit's `<error>`: a failure outside the test's own body
/// (collection, set-up, tear-down).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TestOutcome {
    /// The test ran and passed.
    Passed,
    /// The test ran and its assertion failed.
    Failed,
    /// The test could not run to its end: collection, set-up or tear-down broke.
    Error,
    /// The test was skipped, or failed as expected (`xfail`).
    Skipped,
}

impl TestOutcome {
    /// Whether a test that ended so is flaky: it passed, and not at the first attempt.
    pub(crate) fn is_flaky(self, retries: u32) -> bool {
        retries > 0 && self == Self::Passed
    }
}

/// One test case of one JUnit report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TestCase {
    /// pytest's node id (`tests/test_a.py::TestB::test_c[1]`) where the report
    /// names the file, otherwise `classname::name`.
    pub(crate) id: String,
    /// JUnit's `classname` attribute, unchanged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) classname: String,
    /// JUnit's `name` attribute, unchanged.
    pub(crate) name: String,
    /// Source file relative to the test root, where the report names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// First line of the test, counted from 1, where the report names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    /// Where in the repository it failed, as far as its traceback tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failed_at: Option<Place>,
    /// What became of it.
    pub(crate) outcome: TestOutcome,
    /// Seconds that the test took, as the report says; 0 where it does not.
    pub(crate) seconds: f64,
    /// Attempts before the one that counts: with any, a test that passed is flaky.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) retries: u32,
    /// The `message` attribute of the failure, error or skip, at most 4 KiB.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) message: String,
    /// The text of the failure or error (for pytest the traceback), at most 64 KiB.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) details: String,
}

impl TestCase {
    /// Whether it passed, and not at the first attempt.
    pub(crate) fn is_flaky(&self) -> bool {
        self.outcome.is_flaky(self.retries)
    }
}

/// A test report that came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TestReport {
    /// Path below the run's directory.
    pub(crate) path: String,
    /// `false` for what could be salvaged of a damaged report.
    pub(crate) complete: bool,
    /// Cases by outcome.
    pub(crate) counts: TestCounts,
    /// The cases.
    pub(crate) cases: Vec<TestCase>,
}

/// Number of test cases by outcome, recounted from the cases: totals written in
/// a report are not believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TestCounts {
    /// Cases that passed.
    pub(crate) passed: u32,
    /// Cases that failed.
    pub(crate) failed: u32,
    /// Cases that ended in an error.
    pub(crate) errors: u32,
    /// Cases that were skipped.
    pub(crate) skipped: u32,
}

impl TestCounts {
    /// Counts the given cases.
    pub(crate) fn of<'a>(cases: impl IntoIterator<Item = &'a TestCase>) -> Self {
        let mut counts = Self::default();
        for case in cases {
            match case.outcome {
                TestOutcome::Passed => counts.passed += 1,
                TestOutcome::Failed => counts.failed += 1,
                TestOutcome::Error => counts.errors += 1,
                TestOutcome::Skipped => counts.skipped += 1,
            }
        }
        counts
    }

    /// All cases, whatever their outcome.
    pub(crate) fn total(self) -> u32 {
        self.passed + self.failed + self.errors + self.skipped
    }

    /// The sum of two counts.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }
}
