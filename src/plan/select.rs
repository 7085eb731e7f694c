//! What part of the workflow is wanted, and what of it can run here.

use crate::expr::Value;
use crate::record::{Cause, LeftOut};
use crate::workflow::{Job, Problem, Span, Workflow, nearest};

use super::PlanJob;
use super::alone::is_leg;

/// The jobs that `--job` names, and with `needs` what they need; all when it names none.
pub(super) fn jobs<'a>(
    workflow: &'a Workflow,
    wanted: &[String],
    needs: bool,
) -> Result<Vec<&'a Job>, Problem> {
    if wanted.is_empty() {
        return Ok(workflow.jobs.iter().collect());
    }
    let mut open: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let mut names: Vec<&str> = Vec::new();
    while let Some(id) = open.pop() {
        let Some(job) = workflow.jobs.iter().find(|job| job.id.value == id) else {
            let ids: Vec<&str> = workflow
                .jobs
                .iter()
                .map(|job| job.id.value.as_str())
                .collect();
            let hint = match nearest(id, &ids) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its jobs are: {}", ids.join(", ")),
            };
            return Err(
                Problem::new(Span::default(), format!("the workflow has no job `{id}`"))
                    .with_hint(hint),
            );
        };
        if !names.contains(&id) {
            names.push(id);
            if needs {
                open.extend(job.needs.iter().map(|need| need.value.as_str()));
            }
        }
    }
    Ok(workflow
        .jobs
        .iter()
        .filter(|job| names.contains(&job.id.value.as_str()))
        .collect())
}

/// Why a leg does not run here: `--matrix`, `--leg`, or the machine that it asks for.
pub(super) fn left_out(
    runs_on: &str,
    matrix: &Value,
    (filters, only): (&[(String, String)], Option<&Value>),
) -> Option<LeftOut> {
    if only.is_some_and(|only| !is_leg(matrix, only)) {
        return Some(LeftOut::chosen("--leg"));
    }
    for (key, wanted) in filters {
        if let Value::Object(object) = matrix
            && let Some(value) = object.get(key)
            && value.to_text() != *wanted
        {
            return Some(LeftOut::chosen(format!("--matrix {key}={wanted}")));
        }
    }
    let label = runs_on.to_ascii_lowercase();
    ["windows", "macos"]
        .iter()
        .any(|system| label.starts_with(system) || label.contains(&format!(", {system}")))
        .then(|| LeftOut::on_runner(runs_on))
}

/// Filters that no leg of any job has a value for: a typing error, most likely.
pub(super) fn unused_matrix_filters(
    jobs: &[PlanJob],
    filters: &[(String, String)],
) -> Vec<(Cause, Problem)> {
    let mut problems = Vec::new();
    // What legs there are is known only while the run goes.
    if jobs.iter().any(|job| job.pending) {
        return problems;
    }
    for (key, wanted) in filters {
        let mut values: Vec<String> = Vec::new();
        let mut legs = Vec::new();
        jobs.iter().for_each(|job| job.running(&mut legs));
        let callers = jobs.iter().flat_map(|job| &job.legs);
        for leg in legs.iter().map(|(_, leg)| *leg).chain(callers) {
            if let Value::Object(object) = &leg.matrix
                && let Some(value) = object.get(key)
            {
                let text = value.to_text();
                if !values.contains(&text) {
                    values.push(text);
                }
            }
        }
        if values.is_empty() {
            problems.push((
                Cause::Usage,
                Problem::new(Span::default(), format!("no job has a matrix with `{key}`")),
            ));
        } else if !values.contains(wanted) {
            problems.push((
                Cause::Usage,
                Problem::new(Span::default(), format!("no leg has `{key}` = `{wanted}`"))
                    .with_hint(format!("its values are: {}", values.join(", "))),
            ));
        }
    }
    problems
}
