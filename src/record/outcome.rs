//! How a step, a leg or a job ended, in GitHub's four words.

use serde::{Deserialize, Serialize};

/// GitHub's result words. A step's *outcome* is the result before
/// `continue-on-error` is applied, its *conclusion* the result after it
/// (GitHub docs, "steps context").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Conclusion {
    /// Ended well.
    Success,
    /// Ended badly.
    Failure,
    /// Stopped from outside before its end.
    Cancelled,
    /// Never started.
    Skipped,
}

impl Conclusion {
    /// The word as it appears in `needs.*.result` and `steps.*.outcome`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// The result of a job with several legs, as `needs.<job>.result` shows it:
    /// a failure beats a cancellation, which beats success; skipped only when
    /// every leg was.
    pub(crate) fn combine(all: impl IntoIterator<Item = Self>) -> Self {
        let mut combined = Self::Skipped;
        for one in all {
            combined = match (combined, one) {
                (Self::Failure, _) | (_, Self::Failure) => Self::Failure,
                (Self::Cancelled, _) | (_, Self::Cancelled) => Self::Cancelled,
                (Self::Success, _) | (_, Self::Success) => Self::Success,
                (Self::Skipped, Self::Skipped) => Self::Skipped,
            };
        }
        combined
    }
}

#[cfg(test)]
mod tests {
    use super::Conclusion::{self, Cancelled, Failure, Skipped, Success};

    #[test]
    fn one_failed_leg_fails_the_job() {
        assert_eq!(Conclusion::combine([Success, Cancelled, Failure]), Failure);
        assert_eq!(Conclusion::combine([Success, Skipped]), Success);
        assert_eq!(Conclusion::combine([Success, Cancelled]), Cancelled);
        assert_eq!(Conclusion::combine([Skipped, Skipped]), Skipped);
        assert_eq!(Conclusion::combine([]), Skipped);
    }
}
