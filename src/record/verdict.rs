//! The judgement over a run, as recorded. The `gate` room makes it.

use serde::{Deserialize, Serialize};

use super::cause::{EXIT_SUCCESS, Failure};

/// The judgement over a whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// Whether everything that had to hold does hold.
    pub(crate) passed: bool,
    /// The exit code of `seatrial run`.
    pub(crate) exit_code: u8,
    /// What failed, the deciding failure first. Empty when passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) failures: Vec<Failure>,
    /// What did not fail the run and should be known all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
    /// Threshold that total coverage was held against, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coverage_min: Option<f64>,
}

impl Verdict {
    /// Orders the failures by precedence and derives the exit code.
    pub(crate) fn of(mut failures: Vec<Failure>, warnings: Vec<String>) -> Self {
        failures.sort_by_key(|failure| failure.cause.class());
        Self {
            passed: failures.is_empty(),
            exit_code: failures
                .first()
                .map_or(EXIT_SUCCESS, |first| first.cause.exit_code()),
            failures,
            warnings,
            coverage_min: None,
        }
    }

    /// The same verdict with one more failure.
    #[must_use]
    pub(crate) fn with(self, failure: Failure) -> Self {
        let mut failures = self.failures;
        failures.push(failure);
        Self {
            coverage_min: self.coverage_min,
            ..Self::of(failures, self.warnings)
        }
    }
}
