//! The record of a run → its entry.

use super::entry::{
    ENTRY_SCHEMA, Entry, ImageEntry, Layer, LegEntry, Reason, Source, StepEntry, TestEntry, Warmth,
};
use crate::record::{
    Conclusion, Failure, ImageRecord, JobRecord, RunRecord, StepRecord, TestCase, TestOutcome,
};

/// Longest text that is kept of a message or an instruction, in characters.
const LONGEST: usize = 200;
/// How an image came about for which nothing had to be done.
const UNCHANGED: &str = "unchanged";

/// What is known of a run beside its record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// Ids of the signatures that the triage found, root causes first.
    pub(crate) signatures: Vec<String>,
    /// The value of the roll-out's flag for this run, where a roll-out decided about it.
    pub(crate) rollout: Option<String>,
}

impl Entry {
    /// What is kept of a run. The record's texts are masked already; output of steps,
    /// variables and paths of this machine are not among what is taken from it.
    pub(crate) fn of_record(record: &RunRecord, beside: Beside) -> Self {
        let info = &record.info;
        let verdict = record.verdict.as_ref();
        Self {
            schema: ENTRY_SCHEMA,
            run: info.id.clone(),
            source: if info.ci { Source::Ci } else { Source::Local },
            version: info.version.clone(),
            workflow: info.workflow.clone(),
            name: info.name.clone(),
            repository: info.repository.clone(),
            sha: info.sha.clone(),
            reference: info.reference.clone(),
            event: info.event.clone(),
            dirty: info.dirty,
            partial: info.partial,
            ci_run: info.ci_run.clone(),
            engine: info.engine.clone(),
            cpus: info.cpus,
            memory: info.memory,
            started_at: record.started_at,
            finished_at: record.finished_at,
            passed: verdict.map(|verdict| verdict.passed),
            exit_code: verdict.map(|verdict| verdict.exit_code),
            failures: verdict
                .into_iter()
                .flat_map(|verdict| &verdict.failures)
                .map(reason)
                .collect(),
            signatures: beside.signatures,
            fallback: record.fallback.as_ref().map(reason),
            reports_collected: reports_collected(record),
            rollout: beside.rollout,
            images: record.images.iter().map(image).collect(),
            legs: record.jobs.iter().map(|leg| of_leg(record, leg)).collect(),
            coverage: record.coverage.clone(),
        }
    }
}

/// Whether all reports that were due came out.
fn reports_collected(record: &RunRecord) -> Option<bool> {
    let owes = |leg: &JobRecord| {
        leg.steps.iter().any(|step| {
            let ran = step.started_at.is_some() && step.conclusion != Some(Conclusion::Skipped);
            let mut planned = leg.planned.steps.iter();
            ran && planned.any(|one| one.number == step.number && !one.due.is_empty())
        })
    };
    let missing = record.jobs.iter().any(|leg| !leg.missing.is_empty());
    (missing || record.jobs.iter().any(owes)).then_some(!missing)
}

fn image(image: &ImageRecord) -> ImageEntry {
    let warmth = if image.steps == 0 {
        match image.origin == UNCHANGED {
            true => Warmth::Warm,
            false => Warmth::NotBuilt,
        }
    } else if image.cached == 0 {
        Warmth::Cold
    } else if image.cached < image.steps {
        Warmth::Partly
    } else {
        Warmth::Warm
    };
    ImageEntry {
        name: image.name.clone(),
        origin: image.origin.clone(),
        warmth,
        millis: image.millis,
        steps: image.steps,
        cached: image.cached,
        bytes: image.bytes,
        layers: image
            .build
            .iter()
            .map(|step| Layer {
                name: cut(&step.name),
                cached: step.cached,
                millis: step.millis,
            })
            .collect(),
        failure: image.failure.as_ref().map(reason),
    }
}

fn of_leg(record: &RunRecord, leg: &JobRecord) -> LegEntry {
    let failure = leg.failure.as_ref();
    let of_step = || leg.steps.iter().find_map(|step| step.failure.as_ref());
    LegEntry {
        key: leg.planned.key.0.clone(),
        job: leg.planned.job.clone(),
        conclusion: leg.conclusion.filter(|_| leg.planned.left_out.is_none()),
        queue_millis: leg
            .started_at
            .map(|start| start.saturating_sub(could_begin(record, leg))),
        startup_millis: record.startup_millis(leg),
        millis: leg
            .finished_at
            .zip(leg.started_at)
            .map(|(end, start)| end.saturating_sub(start)),
        failure: failure.or_else(of_step).map(reason),
        steps: leg.steps.iter().map(|step| of_step_of(leg, step)).collect(),
    }
}

/// When a leg could have begun: when the last leg that it needs had ended.
fn could_begin(record: &RunRecord, leg: &JobRecord) -> u64 {
    let ends = record
        .jobs
        .iter()
        .filter(|other| leg.planned.needs.contains(&other.planned.job))
        .filter_map(|other| other.finished_at);
    ends.max().unwrap_or(record.started_at)
}

fn of_step_of(leg: &JobRecord, step: &StepRecord) -> StepEntry {
    let mut planned = leg.planned.steps.iter();
    let cases = step.tests.iter().flat_map(|report| &report.cases);
    StepEntry {
        number: step.number,
        name: cut(&step.name),
        test: planned.any(|one| one.number == step.number && one.test),
        conclusion: step.conclusion,
        millis: step
            .finished_at
            .zip(step.started_at)
            .map(|(end, start)| end.saturating_sub(start)),
        cause: step.failure.as_ref().map(|failure| failure.cause.path()),
        tests: cases.map(of_case).collect(),
    }
}

pub(super) fn of_case(case: &TestCase) -> TestEntry {
    let broken = matches!(case.outcome, TestOutcome::Failed | TestOutcome::Error);
    TestEntry {
        id: case.id.clone(),
        outcome: case.outcome,
        millis: millis(case.seconds),
        retries: case.retries,
        message: match broken {
            true => cut(&case.message),
            false => String::new(),
        },
    }
}

/// Seconds of a report in milliseconds; what is no time is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates, and nothing negative is left"
)]
fn millis(seconds: f64) -> u64 {
    // A day is longer than any job, and no report is trusted.
    (seconds.clamp(0.0, 86_400.0) * 1000.0).round() as u64
}

pub(super) fn reason(failure: &Failure) -> Reason {
    Reason {
        cause: failure.cause.path(),
        message: cut(&failure.message),
    }
}

/// The first line that says something, cut.
fn cut(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        None => line.to_owned(),
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
    }
}
