//! The readers of this room that fuzz targets call.

use std::path::Path;

use serde_json::Value;

use super::event::{self, Wanted};
use super::git::Checkout;
use crate::expr::Object;
use crate::plan::{Answer, Decision, Happened, Inputs, decide, foresee};
use crate::workflow::Workflow;

/// What becomes of an event: its facts, whether it starts a workflow, and which jobs
/// it would run. `changed` are the files that it changes, where that is known.
pub(crate) fn event(
    workflow: &Workflow,
    name: &str,
    payload: Option<&Value>,
    changed: Option<&[String]>,
) -> Decision {
    let checkout = Checkout {
        reference: "refs/heads/main".to_owned(),
        ..Checkout::default()
    };
    let wanted = Wanted {
        checkout: &checkout,
        root: Path::new(""),
        folder: "fuzzed",
        actor: "me",
        // A name here would be looked up by git.
        reference: None,
        payload,
    };
    let github = event::facts(wanted, name, Some((workflow, "test.yml")));
    let happened = Happened {
        github: &github,
        changed,
    };
    let decision = decide(workflow, happened);
    let refused = decision
        .filters
        .iter()
        .any(|filter| filter.answer == Answer::No);
    assert_eq!(decision.starts, !refused, "{decision:?}");
    let inputs = event::inputs(workflow, &github, &[], &[]).unwrap_or_else(|_| Object::new());
    let inputs = Inputs {
        inputs,
        github,
        ..Inputs::default()
    };
    assert_eq!(foresee(workflow, &inputs).len(), workflow.jobs.len());
    decision
}
