//! What a test's behaviour on both sides amounts to.

use serde::{Deserialize, Serialize};

use super::observe::Tally;

/// A difference that chance makes this often or more rarely is believed: once in twenty,
/// with room for rounding, as three against three makes exactly that.
const ALPHA: f64 = 0.05 + 1e-9;

/// How a test stands on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Its leg could not run to an end that says anything.
    Lost,
    /// Its leg ran, and the test was not there.
    Absent,
    /// It was always skipped.
    Skipped,
    /// It never failed.
    Passed,
    /// It always failed.
    Failed,
    /// It failed, and it did not.
    Mixed,
}

impl Standing {
    /// Reads it off a tally.
    pub(crate) fn of(tally: &Tally) -> Self {
        match (tally.passed, tally.failed, tally.skipped) {
            (0, 0, 0) if tally.lost => Self::Lost,
            (0, 0, 0) => Self::Absent,
            (0, 0, _) => Self::Skipped,
            (_, 0, _) => Self::Passed,
            (0, _, 0) => Self::Failed,
            _ => Self::Mixed,
        }
    }
}

/// What a test's behaviour on both sides amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// It does not pass in the candidate, and in the control it does.
    Regressed,
    /// Only the control has it.
    OnlyControl,
    /// It fails on both sides, for different reasons.
    DifferentReason,
    /// It fails now and then: on one side both was seen.
    Flaky,
    /// One side could not be observed.
    Infrastructure,
    /// Only the candidate has it.
    OnlyCandidate,
    /// It passes in the candidate, and in the control it does not.
    Fixed,
    /// It behaves the same.
    Same,
}

impl Kind {
    /// Whether it speaks against the switch to the candidate.
    pub(crate) fn blocks(self) -> bool {
        match self {
            Self::Regressed | Self::OnlyControl | Self::DifferentReason => true,
            // A side that could not be observed blocks as a whole, once.
            Self::Flaky | Self::Infrastructure | Self::OnlyCandidate | Self::Fixed | Self::Same => {
                false
            }
        }
    }
}

/// A judgement of one test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Judged {
    /// What it amounts to.
    pub(crate) kind: Kind,
    /// Whether more runs would change nothing: the difference is no chance.
    pub(crate) settled: bool,
}

/// Judges one test by what was seen of it on both sides.
pub(crate) fn judge(control: &Tally, candidate: &Tally) -> Judged {
    let settled = |kind| Judged {
        kind,
        settled: true,
    };
    // Two sides that differ by chance, with the same share of failures: how often?
    let worse = chance(control, candidate) <= ALPHA;
    let better = chance(candidate, control) <= ALPHA;
    use Standing::{Absent, Failed, Lost, Mixed, Passed, Skipped};
    match (Standing::of(control), Standing::of(candidate)) {
        (Lost, Lost | Absent | Skipped | Passed | Failed | Mixed)
        | (Absent | Skipped | Passed | Failed | Mixed, Lost) => settled(Kind::Infrastructure),
        (Absent, Absent) | (Passed, Passed) | (Skipped, Skipped) => settled(Kind::Same),
        (Absent, Skipped | Passed | Failed | Mixed) => settled(Kind::OnlyCandidate),
        (Skipped | Passed | Failed | Mixed, Absent) => settled(Kind::OnlyControl),
        (Passed | Skipped, Failed) => Judged {
            kind: Kind::Regressed,
            settled: worse,
        },
        (Failed, Passed) => Judged {
            kind: Kind::Fixed,
            settled: better,
        },
        // What decides about a skip is the environment, and no chance.
        (Passed, Skipped) => settled(Kind::Regressed),
        (Skipped, Passed) => settled(Kind::Fixed),
        (Failed, Skipped) => settled(Kind::DifferentReason),
        (Failed, Failed) if share_a_reason(control, candidate) => settled(Kind::Same),
        (Failed, Failed) => Judged {
            kind: Kind::DifferentReason,
            // Reasons may come by chance, too: as often as for a failure.
            settled: chance_of_separation(control.failed, candidate.failed) <= ALPHA,
        },
        (Mixed, Skipped | Passed | Failed | Mixed) | (Skipped | Passed | Failed, Mixed)
            if worse =>
        {
            settled(Kind::Regressed)
        }
        (Mixed, Skipped | Passed | Failed | Mixed) | (Skipped | Passed | Failed, Mixed)
            if better =>
        {
            settled(Kind::Fixed)
        }
        // A test that fails now and then in the control proves itself flaky.
        (Mixed, Skipped | Passed | Failed | Mixed) => settled(Kind::Flaky),
        // One that does so only in the candidate may be so by the candidate's fault.
        (Skipped | Passed | Failed, Mixed) => Judged {
            kind: Kind::Flaky,
            settled: false,
        },
    }
}

fn share_a_reason(control: &Tally, candidate: &Tally) -> bool {
    let of = |reason: &super::Reason| !reason.skipped;
    let mut all = control.reasons.iter().filter(|reason| of(reason));
    all.any(|one| candidate.reasons.iter().any(|other| one.same(other)))
}

/// How probable it is that at least so many of all failures fall to `worse`, if both sides
/// fail equally often (Fisher's exact test, one-sided).
pub(crate) fn chance(better: &Tally, worse: &Tally) -> f64 {
    fisher((better.failed, better.seen()), (worse.failed, worse.seen()))
}

/// The same for two sides of which one has it always and the other never.
fn chance_of_separation(one: u32, other: u32) -> f64 {
    fisher((0, one), (other, other))
}

fn fisher(better: (u32, u32), worse: (u32, u32)) -> f64 {
    let failures = better.0 + worse.0;
    let most = failures.min(worse.1);
    (worse.0..=most)
        .map(|at_worse| {
            let at_better = failures - at_worse;
            if at_better > better.1 {
                return 0.0;
            }
            (choose(worse.1, at_worse) + choose(better.1, at_better)
                - choose(worse.1 + better.1, failures))
            .exp()
        })
        .sum::<f64>()
        .min(1.0)
}

/// Logarithm of the number of ways to take `k` of `n`.
fn choose(n: u32, k: u32) -> f64 {
    (0..k)
        .map(|at| f64::from(n - at).ln() - f64::from(at + 1).ln())
        .sum()
}
