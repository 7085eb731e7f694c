//! Whether it is safe to switch.

use super::jobs::JobPair;
use super::measure::CoveragePair;
use super::observe::{Observed, Role, Tally};
use super::{Difference, Kind};
use crate::record::{Cause, Conclusion, Failure, JobKey, RunRecord, Verdict};
use crate::results::display_percent;

/// Most tests that are named one by one as blocking.
const NAMED: usize = 50;

/// What is judged.
pub(super) struct Case<'a> {
    /// Control and candidate.
    pub(super) sides: &'a [Observed<'a>; 2],
    /// Whether each is broken.
    pub(super) broken: [bool; 2],
    /// Tests that differ.
    pub(super) differences: &'a [Difference],
    /// The legs.
    pub(super) jobs: &'a [JobPair],
    /// Coverage of both sides.
    pub(super) coverage: Option<&'a CoveragePair>,
}

/// The judgement: passed where it is safe to switch. What speaks against it are its
/// failures, with the published reasons.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let mut blocking = broken(case);
    for pair in case.jobs {
        blocking.extend(of_leg(pair, case.differences));
    }
    let tests: Vec<&Difference> = case.differences.iter().filter(|one| one.blocks()).collect();
    blocking.extend(tests.iter().take(NAMED).map(|one| of_test(one)));
    if tests.len() > NAMED {
        let more = tests.len() - NAMED;
        blocking.push(mismatch(format!("{more} more tests behave differently")));
    }
    let mut warnings = Vec::new();
    let flaky = case
        .differences
        .iter()
        .filter(|one| one.kind == Kind::Flaky)
        .count();
    if flaky > 0 {
        let tests = if flaky == 1 { "test is" } else { "tests are" };
        warnings.push(format!(
            "{flaky} {tests} flaky: seen both ways on one side, which says nothing about the other"
        ));
    }
    warnings.extend(case.coverage.and_then(less_covered));
    if case.sides.iter().all(|side| side.tests.is_empty()) && blocking.is_empty() {
        warnings.push("no test report came out: only the results of jobs were compared".to_owned());
    }
    Verdict::of(blocking, warnings)
}

/// What to say where less is covered in the candidate. The gate of the workflow decides
/// whether it is too little.
fn less_covered(pair: &CoveragePair) -> Option<String> {
    let control = pair.control?;
    let Some(candidate) = pair.candidate else {
        return Some("coverage was measured only in the control".to_owned());
    };
    (candidate < control).then(|| {
        format!(
            "the tests cover less in the candidate: {} % instead of {} %",
            display_percent(candidate, 2),
            display_percent(control, 2)
        )
    })
}

fn mismatch(message: impl Into<String>) -> Failure {
    Failure::new(Cause::ParityMismatch, message)
}

/// Sides that are broken as a whole.
fn broken(case: &Case<'_>) -> Vec<Failure> {
    let roles = [Role::Control, Role::Candidate];
    let sides = roles.iter().zip(case.sides).zip(case.broken);
    sides
        .filter(|(_, broken)| *broken)
        .map(|((role, side), _)| {
            let (ran, failing) = side.failing();
            let failure = mismatch(format!(
                "the {} is broken: {failing} of its {ran} tests fail, so single tests say nothing",
                role.as_str()
            ));
            match most_frequent(side) {
                Some(reason) => failure.with_evidence(format!("most often: {reason}")),
                None => failure,
            }
        })
        .collect()
}

/// The most frequent message of tests that fail.
fn most_frequent(side: &Observed<'_>) -> Option<String> {
    let mut seen: Vec<(&super::Reason, usize)> = Vec::new();
    for reason in side.tests.values().filter_map(Tally::reason) {
        match seen.iter().position(|(known, _)| known.same(reason)) {
            Some(at) => seen
                .get_mut(at)
                .into_iter()
                .for_each(|(_, count)| *count += 1),
            None if seen.len() < NAMED => seen.push((reason, 1)),
            None => {}
        }
    }
    let most = seen.into_iter().max_by_key(|(_, count)| *count)?;
    Some(most.0.message.clone()).filter(|message| !message.is_empty())
}

/// What a leg says beside its tests.
fn of_leg(pair: &JobPair, differences: &[Difference]) -> Vec<Failure> {
    let job = &pair.job;
    let mut found = Vec::new();
    for (role, side) in [
        (Role::Control, &pair.control),
        (Role::Candidate, &pair.candidate),
    ] {
        // Once usable, a leg is known; the other times were told by their runs.
        if let Some(side) = side.as_ref().filter(|side| !side.is_usable())
            && let Some(lost) = side.lost.first()
        {
            let message = format!(
                "{job} could not run in the {}: {}",
                role.as_str(),
                lost.message
            );
            found.push(Failure {
                message,
                ..lost.clone()
            });
        }
    }
    if let (Some(control), Some(candidate)) = (&pair.control, &pair.candidate) {
        let lost = candidate
            .missing
            .iter()
            .filter(|kind| !control.missing.contains(kind));
        found.extend(lost.map(|kind| {
            let label = kind.label();
            mismatch(format!(
                "the {label} of {job} comes out only in the control"
            ))
        }));
    }
    match (&pair.control, &pair.candidate) {
        (Some(control), None) if control.is_usable() => {
            found.push(mismatch(format!("{job} ran only in the control")));
        }
        (Some(control), Some(candidate))
            if control.is_usable() && control.succeeded == control.runs - control.lost.len() =>
        {
            if let Some(failure) = candidate.always_fails_otherwise() {
                let cause = failure.cause.path();
                found.push(
                    mismatch(format!(
                        "{job} succeeds in the control and fails in the candidate: {}",
                        failure.message
                    ))
                    .with_evidence(cause),
                );
            } else if candidate.is_usable()
                && candidate.succeeded == 0
                && !differences.iter().any(|one| one.test.job == *job)
            {
                let why = "although each of its tests behaves the same";
                found.push(mismatch(format!(
                    "{job} succeeds in the control and fails in the candidate, {why}"
                )));
            }
        }
        _ => {}
    }
    found
}

fn of_test(difference: &Difference) -> Failure {
    let test = &difference.test;
    let what = match difference.kind {
        Kind::OnlyControl => "is only in the control",
        Kind::DifferentReason => "fails on both sides for different reasons",
        _ if difference.candidate.failed == 0 => "is skipped in the candidate",
        _ => "fails in the candidate",
    };
    let mut failure = mismatch(format!("{} {what} ({})", test.id, test.job));
    if let Some(reason) = &difference.candidate.reason {
        failure.evidence.push(reason.clone());
    }
    let causes = difference.causes.iter().map(|cause| cause.text.clone());
    failure.evidence.extend(causes);
    failure
}

/// Legs with tests that no run of either side ran, such as those for Windows.
fn ran_nowhere(control: &[RunRecord], candidate: &[RunRecord]) -> Vec<String> {
    let jobs = || control.iter().chain(candidate).flat_map(|run| &run.jobs);
    let ran = |key: &JobKey| {
        jobs().any(|job| {
            job.planned.key == *key && !matches!(job.conclusion, None | Some(Conclusion::Skipped))
        })
    };
    let mut found: Vec<String> = Vec::new();
    for job in jobs() {
        let name = job.planned.key.0.clone();
        let tests = job.planned.steps.iter().any(|step| step.test);
        if tests && !found.contains(&name) && !ran(&job.planned.key) {
            found.push(name);
        }
    }
    found
}

/// What a person should know before believing the comparison.
pub(super) fn notes(
    control: &[RunRecord],
    candidate: &[RunRecord],
    one: &Observed<'_>,
    other: &Observed<'_>,
) -> Vec<String> {
    let mut notes = Vec::new();
    let infos = || control.iter().chain(candidate).map(|run| &run.info);
    let differ = |of: &dyn Fn(&crate::record::RunInfo) -> String| {
        let mut all: Vec<String> = infos().map(of).collect();
        all.sort();
        all.dedup();
        (all.len() > 1).then(|| all.join(", "))
    };
    if let Some(commits) = differ(&|info| info.sha.get(..12).unwrap_or(&info.sha).to_owned()) {
        notes.push(format!(
            "the runs are of different commits ({commits}): a difference may be the code's"
        ));
    }
    if let Some(workflows) = differ(&|info| info.workflow.clone()) {
        notes.push(format!("the runs are of different workflows: {workflows}"));
    }
    if differ(&|info| info.repository.clone()).is_some() {
        notes.push("the runs are of different repositories".to_owned());
    }
    if infos().any(|info| info.dirty) {
        notes.push("the tree differs from its commit: what was changed between runs counts as a difference".to_owned());
    }
    let nowhere = ran_nowhere(control, candidate);
    if !nowhere.is_empty() {
        let nowhere = nowhere.join(", ");
        notes.push(format!(
            "neither side ran {nowhere}: nothing is known of what only these test"
        ));
    }
    for (role, side) in [(Role::Control, one), (Role::Candidate, other)] {
        let unknown = side
            .legs
            .iter()
            .filter(|(_, leg)| {
                leg.facts().is_none() && leg.usable.iter().any(|job| job.test_counts().total() > 0)
            })
            .map(|(job, _)| job.to_string());
        let unknown: Vec<String> = unknown.collect();
        if !unknown.is_empty() {
            notes.push(format!(
                "what the environment of the {} was like is not known for {}: causes are found less often",
                role.as_str(),
                unknown.join(", ")
            ));
        }
    }
    notes
}
