//! The triggers and what they are shown by.

use serde::Serialize;

/// A reason for going back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trigger {
    /// The tests take too long, or much longer than before.
    SlowTests,
    /// Reports could not be brought out, several runs in a row.
    LostReports,
    /// Images cannot be built too often.
    FailedBuilds,
    /// A test that matters fails in the container and passes on the runner.
    CriticalTest,
}

impl Trigger {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Self; 4] = [
        Self::SlowTests,
        Self::LostReports,
        Self::FailedBuilds,
        Self::CriticalTest,
    ];

    /// Its name, as it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SlowTests => "slow_tests",
            Self::LostReports => "lost_reports",
            Self::FailedBuilds => "failed_builds",
            Self::CriticalTest => "critical_test",
        }
    }
}

/// What one trigger sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Watched {
    /// The trigger.
    pub(crate) trigger: Trigger,
    /// Whether it speaks for going back.
    pub(crate) fired: bool,
    /// What it sees, against what it allows, one sentence without full stop.
    pub(crate) seen: String,
    /// What that rests on.
    pub(crate) evidence: Vec<Evidence>,
}

/// A run that a trigger rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Evidence {
    /// Name of the run.
    pub(crate) run: String,
    /// Its commit; empty without git.
    pub(crate) sha: String,
    /// What of it counts, in words.
    pub(crate) text: String,
}
