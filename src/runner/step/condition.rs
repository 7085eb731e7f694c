//! Whether a step runs: its `if`, and what has ended its job.

use tokio::time::Instant;

use crate::engine::Stop;
use crate::expr::{Contexts, condition};
use crate::plan::{PlanStep, allowed};
use crate::record::{Cause, Failure};

use super::super::leg::Running;
use super::super::stop;

/// Notes a stop of the run, a failed sibling, or the end of the job's time.
pub(super) fn watch_for_end(running: &mut Running<'_>) {
    if running.ended.is_some() {
        return;
    }
    if let Some(failure) = why_to_end(running) {
        running.end(failure);
    }
}

fn why_to_end(running: &Running<'_>) -> Option<Failure> {
    let halt = running.shared.setup.halt.borrow();
    let over = || (Instant::now() >= running.deadline).then(|| out_of_time(running));
    stop::reason(&halt, running.cancelled.borrow().as_ref()).or_else(over)
}

/// The job took longer than it may.
pub(in crate::runner) fn out_of_time(running: &Running<'_>) -> Failure {
    let minutes = running
        .job
        .job
        .timeout_minutes
        .as_ref()
        .and_then(crate::workflow::Node::scalar_text)
        .unwrap_or_else(|| "360".to_owned());
    Failure::new(
        Cause::JobTimeout,
        format!("the job took longer than its timeout-minutes ({minutes})"),
    )
}

/// Whether a step runs.
pub(super) fn wanted(
    running: &Running<'_>,
    planned: &PlanStep,
    scope: &Contexts,
) -> Result<bool, String> {
    // After Ctrl-C the user wants an end, not further steps.
    if running.shared.setup.halt.borrow().level != Stop::Run {
        return Ok(false);
    }
    let text = planned
        .step
        .condition
        .as_ref()
        .map_or("", |text| text.value.as_str());
    condition(text, &allowed(running.condition_place()))
        .and_then(|condition| condition.evaluate(scope))
        .map_err(|error| error.message)
}
