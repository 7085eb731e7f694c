//! What a step came to, and who hears of it.

use crate::expr::Object;
use crate::plan::PlanStep;
use crate::record::{COVERAGE_GATE, Cause, Conclusion, EventKind, Failure, StepKey};

use super::super::contexts::{self, Pairs};
use super::super::leg::Running;
use super::super::log::Told;
use super::super::reason::Ended;

/// From this exit code on a shell says that a signal ended its command (POSIX, "Exit
/// Status for Commands").
const KILLED: i64 = 128;

/// What a step came to.
pub(in crate::runner) struct Outcome {
    pub(in crate::runner) ended: Ended,
    pub(in crate::runner) outputs: Pairs,
    pub(in crate::runner) note: Option<String>,
}

impl Outcome {
    pub(in crate::runner) fn failed(failure: Failure) -> Self {
        Self {
            ended: Ended {
                outcome: Conclusion::Failure,
                exit_code: None,
                failure: Some(failure),
            },
            outputs: Vec::new(),
            note: None,
        }
    }

    /// It was not run.
    pub(super) fn skipped() -> Self {
        Self {
            ended: Ended {
                outcome: Conclusion::Skipped,
                exit_code: None,
                failure: None,
            },
            outputs: Vec::new(),
            note: None,
        }
    }

    /// It cannot be run, for what the workflow says.
    pub(in crate::runner) fn invalid(message: String) -> Self {
        Self::failed(Failure::new(Cause::WorkflowInvalid, message))
    }

    /// Takes in what the step said of itself while it ran.
    pub(super) fn with_told(mut self, told: Told, planned: &PlanStep) -> Self {
        self.outputs.splice(0..0, told.outputs);
        if let (Some(name), Some(failure), Some(127)) = (
            told.missing_command,
            &mut self.ended.failure,
            self.ended.exit_code,
        ) && failure.cause == Cause::StepFailed
        {
            failure.message =
                format!("`{name}` is not installed where the step runs (exit code 127)");
        }
        if let (Some(line), Some(failure)) = (told.coverage_gate, &mut self.ended.failure) {
            if planned.test.is_none() && failure.cause == Cause::StepFailed {
                *failure = Failure::new(Cause::BelowThreshold, line);
            } else {
                failure.evidence.push(format!("{COVERAGE_GATE}{line}"));
            }
        }
        if let Some(message) = told.refused
            && self.ended.outcome == Conclusion::Success
        {
            self.ended.outcome = Conclusion::Failure;
            self.ended.failure = Some(Failure::new(Cause::StepFailed, message));
        }
        self
    }

    pub(in crate::runner) fn success(note: Option<String>) -> Self {
        Self {
            ended: Ended {
                outcome: Conclusion::Success,
                exit_code: None,
                failure: None,
            },
            outputs: Vec::new(),
            note,
        }
    }
}

/// Tells the result, and lets the job know of it.
pub(super) fn finish(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    name: String,
    outcome: Outcome,
    continue_on_error: bool,
) {
    let Ended {
        outcome: result,
        exit_code,
        failure,
    } = outcome.ended;
    let conclusion = if result == Conclusion::Failure && continue_on_error {
        Conclusion::Success
    } else {
        result
    };
    if let Some(id) = &planned.step.id {
        let mut entry = Object::new();
        entry.insert("outputs", contexts::object(&outcome.outputs));
        entry.insert("outcome", result.as_str());
        entry.insert("conclusion", conclusion.as_str());
        running.state.steps.insert(id.value.clone(), entry);
    }
    running.note_conclusion(conclusion);
    if let Some(ran) = running.ran.iter_mut().find(|ran| ran.step == key.step) {
        ran.ended_by_itself = exit_code.is_some_and(|code| code < KILLED);
    }
    running.shared.setup.bus.emit(EventKind::StepFinished {
        step: key.clone(),
        name,
        outcome: result,
        conclusion,
        exit_code,
        failure,
        note: outcome.note,
    });
}
