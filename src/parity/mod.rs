//! Control and candidate → [`Comparison`]: what behaves differently, and probably why.
//!
//! The control is the runner as it is today, the candidate the container that is to take
//! its place. Both are records of runs of the same commit, several of each where tests
//! were repeated. A function of the records: nothing here runs anything.

mod cause;
mod classify;
mod differences;
mod ignore;
mod jobs;
mod measure;
mod observe;
mod order;
mod reason;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::record::{JobKey, RunRecord, Verdict};

pub(crate) use cause::ProbableCause;
pub(crate) use classify::Kind;
pub(crate) use differences::FactDifference;
pub(crate) use ignore::{IgnoreRule, Ignores};
pub(crate) use jobs::{JobPair, JobSide};
pub(crate) use measure::{CoveragePair, Times};
use observe::{Observed, Tally};
pub(crate) use observe::{Role, TestKey};
pub(crate) use order::{Drawn, Order};
use reason::Reason;

/// Number of the form of a comparison as JSON. It grows when a reader of the old form
/// would misunderstand the new one.
const SCHEMA: u32 = 1;

/// What came of a comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Comparison {
    /// Form of this document, see [`SCHEMA`].
    pub(crate) schema: u32,
    /// The control.
    pub(crate) control: SideInfo,
    /// The candidate.
    pub(crate) candidate: SideInfo,
    /// How many tests there are of each kind. Ignored ones count apart.
    pub(crate) counts: BTreeMap<Kind, usize>,
    /// How many tests differ and are ignored by a rule.
    pub(crate) ignored: usize,
    /// Tests that do not behave the same, the gravest first.
    pub(crate) differences: Vec<Difference>,
    /// The legs side by side.
    pub(crate) jobs: Vec<JobPair>,
    /// Where the environments of legs differ.
    pub(crate) environment: Vec<FactDifference>,
    /// Coverage of all jobs together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) coverage: Option<CoveragePair>,
    /// How the order of the runs was drawn; absent where saved runs were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drawn: Option<Drawn>,
    /// What a person should know before believing the comparison.
    pub(crate) notes: Vec<String>,
    /// Whether it is safe to switch, and what speaks against it.
    pub(crate) verdict: Verdict,
}

/// One side.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SideInfo {
    /// Its engine, in words.
    pub(crate) engine: String,
    /// Its runs, in order.
    pub(crate) runs: Vec<String>,
    /// Commit; empty without git.
    pub(crate) sha: String,
    /// Whether nearly everything fails there, so that it says nothing about single tests.
    pub(crate) broken: bool,
    /// What its runs took.
    pub(crate) times: Times,
}

/// A test that does not behave the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Difference {
    /// The test.
    #[serde(flatten)]
    pub(crate) test: TestKey,
    /// What it amounts to.
    pub(crate) kind: Kind,
    /// Whether more runs would change nothing: it is no chance, or no question of it.
    pub(crate) settled: bool,
    /// What was seen of it in the control.
    pub(crate) control: Counted,
    /// What was seen of it in the candidate.
    pub(crate) candidate: Counted,
    /// Probable causes, the most probable first.
    pub(crate) causes: Vec<ProbableCause>,
    /// Why a rule ignores it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ignored: Option<String>,
}

impl Comparison {
    /// Reads what an earlier comparison was written as; `None` where that is not one, or
    /// of another form.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let comparison: Self = serde_json::from_slice(bytes).ok()?;
        (comparison.schema == SCHEMA).then_some(comparison)
    }
}

impl Difference {
    /// Whether it speaks against the switch.
    pub(crate) fn blocks(&self) -> bool {
        self.kind.blocks() && self.ignored.is_none()
    }
}

/// What was seen of a test on one side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counted {
    /// How often it passed.
    pub(crate) passed: u32,
    /// How often it failed.
    pub(crate) failed: u32,
    /// How often it was skipped.
    pub(crate) skipped: u32,
    /// Why it failed or was skipped, one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl Counted {
    fn of(tally: &Tally) -> Self {
        Self {
            passed: tally.passed,
            failed: tally.failed,
            skipped: tally.skipped,
            reason: tally.reason().map(|reason| reason.message.clone()),
        }
    }
}

/// Compares the runs of both sides, at least one each. `ignores` holds for the day of the
/// comparison.
pub(crate) fn compare(
    control: &[RunRecord],
    candidate: &[RunRecord],
    ignores: &Ignores,
) -> Comparison {
    let sides = [Observed::of(control), Observed::of(candidate)];
    let [one, other] = &sides;
    let broken = [is_broken(one), is_broken(other)];
    let keys: BTreeSet<&TestKey> = one.tests.keys().chain(other.tests.keys()).collect();
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut ignored = 0;
    let mut used = BTreeSet::new();
    let mut differences = Vec::new();
    for key in keys {
        let difference = difference(key, one, other, broken);
        let Some(mut difference) = difference else {
            *counts.entry(Kind::Same).or_default() += 1;
            continue;
        };
        if let Some((at, rule)) = ignores.of(&key.id) {
            used.insert(at);
            ignored += 1;
            difference.ignored = Some(rule.reason.clone());
        } else {
            *counts.entry(difference.kind).or_default() += 1;
        }
        differences.push(difference);
    }
    differences.sort_by(|a, b| {
        let grave = |one: &Difference| (one.ignored.is_some(), one.kind);
        grave(a).cmp(&grave(b)).then_with(|| a.test.cmp(&b.test))
    });
    let jobs = jobs::pairs(one, other);
    let mut notes = verdict::notes(control, candidate, one, other);
    notes.extend(ignores.notes(&used));
    let coverage = measure::coverage(control, candidate);
    let verdict = verdict::judge(&verdict::Case {
        sides: &sides,
        broken,
        differences: &differences,
        jobs: &jobs,
        coverage: coverage.as_ref(),
    });
    Comparison {
        schema: SCHEMA,
        control: side(control, broken[0]),
        candidate: side(candidate, broken[1]),
        counts,
        ignored,
        differences,
        environment: differences::of_legs(one, other),
        coverage,
        jobs,
        drawn: None,
        notes,
        verdict,
    }
}

impl Comparison {
    /// Legs with tests of which more runs would tell more. A side that is broken or lost
    /// tells nothing however often it runs.
    pub(crate) fn unsettled(&self) -> BTreeSet<JobKey> {
        self.differences
            .iter()
            .filter(|difference| !difference.settled && difference.ignored.is_none())
            .map(|difference| difference.test.job.clone())
            .collect()
    }

    /// How many tests are of a kind and not ignored.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.counts.get(&kind).copied().unwrap_or_default()
    }
}

/// A test that does not behave the same; `None` where it does.
fn difference(
    key: &TestKey,
    one: &Observed<'_>,
    other: &Observed<'_>,
    broken: [bool; 2],
) -> Option<Difference> {
    let (control, candidate) = (one.tally(key), other.tally(key));
    let mut judged = classify::judge(&control, &candidate);
    if judged.kind == Kind::Same {
        return None;
    }
    if broken.contains(&true) {
        judged = classify::Judged {
            kind: Kind::Infrastructure,
            settled: true,
        };
    }
    let causes = match judged.kind {
        Kind::Regressed | Kind::DifferentReason | Kind::Fixed => {
            let (failing, role) = match judged.kind {
                Kind::Fixed => (&control, Role::Control),
                _ => (&candidate, Role::Candidate),
            };
            cause::find(
                key,
                failing.reason(),
                role,
                one.facts(&key.job),
                other.facts(&key.job),
            )
        }
        Kind::OnlyControl
        | Kind::Flaky
        | Kind::Infrastructure
        | Kind::OnlyCandidate
        | Kind::Same => Vec::new(),
    };
    Some(Difference {
        test: key.clone(),
        kind: judged.kind,
        settled: judged.settled,
        control: Counted::of(&control),
        candidate: Counted::of(&candidate),
        causes,
        ignored: None,
    })
}

/// Of a side on which more than so many percent of the tests fail, single tests say
/// nothing.
const BROKEN_PERCENT: usize = 80;
/// Fewer tests than these make no side broken: two of two may well fail.
const BROKEN_LEAST: usize = 5;

fn is_broken(side: &Observed<'_>) -> bool {
    let (ran, failing) = side.failing();
    ran >= BROKEN_LEAST && failing * 100 > ran * BROKEN_PERCENT
}

fn side(runs: &[RunRecord], broken: bool) -> SideInfo {
    let first = runs.first().map(|run| &run.info);
    SideInfo {
        engine: first.map(|info| info.engine.clone()).unwrap_or_default(),
        runs: runs.iter().map(|run| run.info.id.0.clone()).collect(),
        sha: first.map(|info| info.sha.clone()).unwrap_or_default(),
        broken,
        times: measure::times(runs),
    }
}
