//! A leg that calls a workflow: its secrets in, its jobs run, its outputs out.

use std::sync::Arc;

use crate::expr::Value;
use crate::plan::{ExprPlace, Leg, PlanJob};
use crate::record::{Cause, Conclusion, Failure, Level};
use crate::workflow::NodeKind;

use super::contexts::{self, JobState, Pairs, Scopes};
use super::leg::Ended;
use super::schedule::{self, Caller, Done};
use super::{Shared, masked, turn};

/// Runs the jobs of the workflow that a leg calls.
pub(super) async fn run(
    shared: &Arc<Shared>,
    job: &PlanJob,
    leg: &Leg,
    jobs: &[PlanJob],
    needs: Value,
    secrets: &Arc<Pairs>,
    caller: Caller,
) -> Ended {
    let scopes = Scopes::new(shared, job, leg, needs, None, secrets);
    let given = match handed_on(job, secrets, &scopes) {
        Ok(given) => given,
        Err(message) => {
            let failure = Failure::new(
                Cause::WorkflowInvalid,
                format!("the secrets of job `{}`: {message}", job.id),
            );
            turn::tell_not_run(shared, job, leg, Conclusion::Failure, Some(&failure), None);
            return Ended {
                conclusion: Conclusion::Failure,
                outputs: Vec::new(),
                host: None,
            };
        }
    };
    let done = schedule::run(shared, jobs, &given, caller).await;
    let conclusion = Conclusion::combine(done.iter().map(|done| done.result));
    Ended {
        conclusion,
        outputs: outputs(shared, leg, jobs, &done),
        host: None,
    }
}

/// The secrets that the called workflow sees: all with `secrets: inherit`, otherwise
/// those that are named.
fn handed_on(job: &PlanJob, secrets: &Arc<Pairs>, scopes: &Scopes) -> Result<Arc<Pairs>, String> {
    match job.job.secrets.as_ref().map(|node| &node.kind) {
        Some(NodeKind::Map(entries)) => {
            let scope = scopes.of(&JobState::default(), &Vec::new());
            contexts::entries(entries, ExprPlace::CallSecrets, &scope).map(Arc::new)
        }
        Some(NodeKind::String(_)) => Ok(Arc::clone(secrets)),
        _ => Ok(Arc::default()),
    }
}

/// `on.workflow_call.outputs`, with what the called jobs gave. Masked values are left
/// out, as GitHub does.
fn outputs(shared: &Arc<Shared>, leg: &Leg, jobs: &[PlanJob], done: &[Done]) -> Pairs {
    let Some(frame) = jobs.first().map(|job| &job.frame) else {
        return Vec::new();
    };
    let Some(declared) = frame.called_outputs() else {
        return Vec::new();
    };
    let scope = contexts::call_outputs(shared, frame, contexts::needs(done));
    let mut found = Vec::new();
    for (name, node) in declared {
        let Some(node) = node.get("value") else {
            continue;
        };
        match contexts::value(node, ExprPlace::CallOutputs, &scope) {
            Ok(value) => {
                let text = value.to_text();
                if masked(&shared.masker, &text) == text {
                    found.push((name.value.clone(), text));
                } else {
                    shared.setup.bus.notice(
                        Level::Warning,
                        None,
                        format!(
                            "the output `{}` of `{}` holds a secret and is left out",
                            name.value, leg.key
                        ),
                    );
                }
            }
            Err(message) => shared.setup.bus.notice(
                Level::Error,
                None,
                format!("the output `{}` of `{}`: {message}", name.value, leg.key),
            ),
        }
    }
    found
}
