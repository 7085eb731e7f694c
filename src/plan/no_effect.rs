//! Keys that have a meaning on GitHub only: read, checked, and told.

use super::Plan;

/// Keys of a plan's workflow that have no effect here, as a person would name them.
pub(crate) fn no_effect(plan: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    let Some(workflow) = plan.jobs.first().map(|job| &job.frame.workflow) else {
        return found;
    };
    for (key, there) in [
        ("run-name", workflow.run_name.is_some()),
        ("permissions", workflow.permissions.is_some()),
        ("concurrency", workflow.concurrency.is_some()),
    ] {
        if there {
            found.push(format!("`{key}`"));
        }
    }
    for job in plan.jobs.iter().map(|planned| &planned.job) {
        for (key, there) in [("permissions", job.permissions.is_some())] {
            if there {
                found.push(format!("`{key}` of job `{}`", job.id.value));
            }
        }
        for key in &job.no_effect {
            found.push(format!("`{}` of job `{}`", key.value, job.id.value));
        }
    }
    found
}
