//! A composite action as a workflow of one job, so that two of them can be compared.

use crate::workflow::{ActionFile, Job, Runs, Span, Text, Workflow};

/// The action's steps as a job. One that is no composite action has none.
pub(crate) fn of_action(action: ActionFile) -> Workflow {
    let steps = match action.runs {
        Runs::Composite(steps) => steps,
        Runs::Node(_) | Runs::Docker(_) => Vec::new(),
    };
    let id = Text {
        value: "runs".to_owned(),
        span: Span::file_start(),
    };
    let job = Job {
        outputs: action
            .outputs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect(),
        steps,
        ..Job::empty(id, Span::file_start())
    };
    Workflow {
        jobs: vec![job],
        ..Workflow::default()
    }
}
