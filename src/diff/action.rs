//! A composite action as a workflow of one job, so that two of them can be compared.

use crate::workflow::{ActionFile, Job, RunDefaults, Runs, Span, Text, Workflow};

/// The action's steps as a job. One that is no composite action has none.
pub(crate) fn of_action(action: ActionFile) -> Workflow {
    let steps = match action.runs {
        Runs::Composite(steps) => steps,
        Runs::Node(_) | Runs::Docker(_) => Vec::new(),
    };
    let job = Job {
        id: Text {
            value: "runs".to_owned(),
            span: Span::file_start(),
        },
        span: Span::file_start(),
        name: None,
        needs: Vec::new(),
        condition: None,
        runs_on: None,
        env: Vec::new(),
        defaults: RunDefaults::default(),
        strategy: None,
        container: None,
        services: Vec::new(),
        outputs: action
            .outputs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect(),
        timeout_minutes: None,
        continue_on_error: None,
        steps,
        uses: None,
        with: Vec::new(),
        secrets: None,
        permissions: None,
        environment: None,
        concurrency: None,
        no_effect: Vec::new(),
    };
    Workflow {
        jobs: vec![job],
        ..Workflow::default()
    }
}
