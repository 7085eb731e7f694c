//! Facts of a job's environment, gathered at the end of a test step within its own
//! command: an exec for them alone would take longer than the look.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::ExecEnd;
use crate::plan::PlanStep;
use crate::record::{EventKind, JobFacts};

use super::collect::CLOCK_SLACK;
use super::leg::Running;
use super::masked;

/// The look, see `facts.sh` and `facts.py`.
const LOOK: &str = concat!(
    include_str!("facts.sh"),
    "exec \"$python\" -B - <<'END_OF_FACTS'\n",
    include_str!("facts.py"),
    "END_OF_FACTS\n"
);

/// Most that is read of an answer, in bytes.
const MAX_ANSWER: usize = 512 * 1024;

/// The look that a step is to end with, if any: a test step with the last of its leg, or
/// while nothing is known, as later ones may be skipped.
pub(super) fn look(running: &Running<'_>, planned: &PlanStep) -> Option<&'static str> {
    let last = || {
        let tests = running.leg.steps.iter().rev();
        tests
            .into_iter()
            .find(|step| step.test.is_some())
            .is_some_and(|step| step.number == planned.number)
    };
    (planned.test.is_some() && (!running.facts_known || last())).then_some(LOOK)
}

/// What a look finds beside facts.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Beside {
    /// Coverage files in the folder of the tests, with the second of their last change.
    coverage: Option<BTreeMap<String, u64>>,
}

/// Takes what a look found at the end of a step. One that found nothing is no fault of the
/// job.
pub(super) fn take(running: &mut Running<'_>, step: u32, end: &ExecEnd) {
    if end.after.is_empty() || end.after.len() > MAX_ANSWER {
        return;
    }
    let beside: Beside = serde_json::from_slice(&end.after).unwrap_or_default();
    if let Some(ran) = running.ran.iter_mut().find(|ran| ran.step == step) {
        let fresh = |changed: &u64| changed + CLOCK_SLACK >= ran.started;
        let seen = beside.coverage.unwrap_or_default().into_iter();
        ran.seen = seen
            .filter(|(_, changed)| fresh(changed))
            .map(|(name, _)| name)
            .collect();
    }
    let mask = |text: &str| masked(&running.shared.masker, text);
    if let Some(facts) = JobFacts::read(&end.after, mask) {
        running.facts_known = true;
        running.shared.setup.bus.emit(EventKind::Facts {
            job: running.leg.key.clone(),
            facts: Box::new(facts),
        });
    }
}
