//! What is said of events, on a terminal and in a log.

use super::Live;
use crate::gate::left_out_groups;
use crate::record::{
    Class, Conclusion, Event, EventKind, Failure, ImageRecord, JobKey, Level, RunInfo, TestCounts,
};
use crate::report::format::{counted, duration};
use crate::report::style::{Sign, Tone};
use crate::report::text::one_line;

/// Facts of a failure that are told.
const FACTS: usize = 12;

impl Live {
    /// The lines for an event; `all` where a log is written, otherwise only what
    /// a person at a terminal wants to keep.
    pub(super) fn announced(&self, event: &Event, millis: Option<u64>, all: bool) -> Vec<String> {
        match &event.kind {
            EventKind::RunStarted(info) => vec![self.begun(info)],
            EventKind::ImageStarted { image } if all => {
                vec![self.signed(Sign::Active, &format!("image {image}"))]
            }
            EventKind::ImageStep {
                name,
                cached,
                millis,
                ..
            } if all => {
                let how = if *cached {
                    "cached".to_owned()
                } else {
                    duration(*millis)
                };
                vec![self.signed(Sign::Waiting, &format!("image {name} ({how})"))]
            }
            EventKind::ImageFinished(image) => self.image(image),
            EventKind::JobStarted { job } if all => {
                vec![self.of_job(job, Sign::Active, "job started")]
            }
            EventKind::JobReady {
                job, environment, ..
            } if all => {
                vec![self.of_job(job, Sign::Waiting, &format!("runs in {environment}"))]
            }
            EventKind::StepStarted { step, name } if all => {
                vec![self.of_job(&step.job, Sign::Active, name)]
            }
            EventKind::StepFinished { step, .. } => {
                let (sign, text) = step_result(&event.kind, millis);
                if all {
                    vec![self.of_job(&step.job, sign, &text)]
                } else if matches!(sign, Sign::Bad | Sign::Warn) {
                    vec![self.signed(sign, &format!("{} › {text}", step.job))]
                } else {
                    Vec::new()
                }
            }
            EventKind::JobFinished { job, .. } => self.job_result(job, &event.kind, all),
            EventKind::Tests {
                step,
                cases,
                complete,
                ..
            } if all => {
                let mut text = tests(TestCounts::of(cases));
                if !complete {
                    text.push_str(" (the report is damaged)");
                }
                vec![self.of_job(&step.job, Sign::Waiting, &text)]
            }
            EventKind::ReportFailed { job, failure, .. } => {
                let text = format!("{job}: {}", failure.message);
                vec![self.signed(Sign::Bad, &text)]
            }
            EventKind::Annotation {
                step,
                level,
                message,
                ..
            } if all => vec![self.of_job(&step.job, level_sign(*level), message)],
            EventKind::Notice {
                level,
                job,
                message,
            } => {
                let text = match job {
                    Some(job) => format!("{job}: {message}"),
                    None => message.clone(),
                };
                vec![self.signed(level_sign(*level), &text)]
            }
            EventKind::RunFinished {
                stopped: Some(stopped),
            } => vec![self.signed(Sign::Warn, &stopped.message)],
            _ => Vec::new(),
        }
    }

    /// The legs that do not run here, once all are known.
    pub(super) fn left_out(&mut self) -> Vec<String> {
        let legs = std::mem::take(&mut self.board.left_out);
        let legs = legs.iter().filter_map(|planned| {
            let left_out = planned.left_out.as_ref()?;
            Some((planned.job.as_str(), planned.key.0.as_str(), left_out))
        });
        left_out_groups(legs)
            .iter()
            .map(|group| self.signed(Sign::Skipped, &group.line()))
            .collect()
    }

    /// `✓ text`, the sign in its colour.
    pub(super) fn signed(&self, sign: Sign, text: &str) -> String {
        let text = self.look.own(&one_line(text));
        let text = if sign == Sign::Skipped {
            self.look.paint(Tone::Dim, &text)
        } else {
            text
        };
        format!("{} {text}", self.look.painted(sign))
    }

    /// `job ✓ text`, the names of jobs equally wide.
    fn of_job(&self, job: &JobKey, sign: Sign, text: &str) -> String {
        let text = self.look.own(&one_line(text));
        self.prefixed(job, &self.look.painted(sign), &text)
    }

    fn begun(&self, info: &RunInfo) -> String {
        let text = format!(
            "seatrial {}: {} on {}",
            info.version, info.workflow, info.engine
        );
        self.look.paint(Tone::Strong, &one_line(&text))
    }

    fn image(&self, image: &ImageRecord) -> Vec<String> {
        let took = duration(image.millis);
        let steps = if image.steps > 0 {
            let steps = counted(u64::from(image.steps), "step");
            format!(", {} of {steps} cached", image.cached)
        } else {
            String::new()
        };
        match &image.failure {
            None => {
                let text = format!("image {}: {} in {took}{steps}", image.name, image.origin);
                vec![self.signed(Sign::Good, &text)]
            }
            Some(failure) => {
                let text = format!("image {} ({took}): {}", image.name, failure.message);
                let mut lines = vec![self.signed(Sign::Bad, &text)];
                lines.extend(self.facts(failure));
                lines
            }
        }
    }

    fn job_result(&self, job: &JobKey, kind: &EventKind, all: bool) -> Vec<String> {
        let EventKind::JobFinished {
            conclusion,
            failure,
            note,
            ..
        } = kind
        else {
            return Vec::new();
        };
        let leg = self.board.leg(job);
        if leg.is_some_and(|leg| leg.left_out) {
            return Vec::new();
        }
        let mut text = match conclusion {
            Conclusion::Success => "job succeeded".to_owned(),
            Conclusion::Failure => "job failed".to_owned(),
            Conclusion::Cancelled => "job cancelled".to_owned(),
            Conclusion::Skipped => "job skipped".to_owned(),
        };
        if let Some((start, (_, end))) = leg.and_then(|leg| leg.started.zip(leg.ended)) {
            text.push_str(&format!(" ({})", duration(end.saturating_sub(start))));
        }
        let counts = leg.map(|leg| leg.counts).unwrap_or_default();
        if counts.total() > 0 {
            text.push_str(&format!(", {}", tests(counts)));
        }
        if let Some(reason) = failure.as_ref().map(|one| &one.message).or(note.as_ref()) {
            text.push_str(&format!(": {reason}"));
        }
        let sign = conclusion_sign(*conclusion);
        if all {
            vec![self.of_job(job, sign, &text)]
        } else {
            vec![self.signed(sign, &format!("{job}: {text}"))]
        }
    }

    /// The evidence of a failure, indented.
    pub(super) fn facts(&self, failure: &Failure) -> Vec<String> {
        failure
            .evidence
            .iter()
            .take(FACTS)
            .map(|fact| {
                let fact = self.look.own(&one_line(fact));
                format!("    {}", self.look.paint(Tone::Dim, &fact))
            })
            .collect()
    }
}

/// How a step ended: its sign, and `name (1.2 s): why`.
pub(super) fn step_result(kind: &EventKind, millis: Option<u64>) -> (Sign, String) {
    let EventKind::StepFinished {
        name,
        outcome,
        conclusion,
        failure,
        note,
        ..
    } = kind
    else {
        return (Sign::Waiting, String::new());
    };
    let allowed = *outcome == Conclusion::Failure && *conclusion == Conclusion::Success;
    let sign = if allowed {
        Sign::Warn
    } else {
        conclusion_sign(*outcome)
    };
    let mut facts = Vec::new();
    if *outcome != Conclusion::Skipped {
        facts.extend(millis.map(duration));
    }
    if allowed {
        facts.push("allowed to fail".to_owned());
    } else if *outcome == Conclusion::Cancelled {
        facts.push("cancelled".to_owned());
    }
    facts.extend(note.clone());
    let mut text = name.clone();
    if !facts.is_empty() {
        text.push_str(&format!(" ({})", facts.join(", ")));
    }
    if let Some(failure) = failure {
        text.push_str(&format!(": {}", failure.message));
    }
    (sign, text)
}

/// Whether a step failed for itself, so that its output is worth showing.
pub(super) fn is_failed(kind: &EventKind) -> bool {
    match kind {
        EventKind::StepFinished {
            outcome, failure, ..
        } => {
            *outcome == Conclusion::Failure
                || failure
                    .as_ref()
                    .is_some_and(|failure| failure.cause.class() != Class::Cancelled)
        }
        _ => false,
    }
}

fn conclusion_sign(conclusion: Conclusion) -> Sign {
    match conclusion {
        Conclusion::Success => Sign::Good,
        Conclusion::Failure => Sign::Bad,
        Conclusion::Cancelled => Sign::Warn,
        Conclusion::Skipped => Sign::Skipped,
    }
}

fn level_sign(level: Level) -> Sign {
    match level {
        Level::Notice => Sign::Waiting,
        Level::Warning => Sign::Warn,
        Level::Error => Sign::Bad,
    }
}

/// `212 tests passed, 2 failed, 3 skipped`.
pub(super) fn tests(counts: TestCounts) -> String {
    let mut text = format!("{} passed", counted(u64::from(counts.passed), "test"));
    for (count, word) in [
        (counts.failed, "failed"),
        (counts.errors, "broken"),
        (counts.skipped, "skipped"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    text
}
