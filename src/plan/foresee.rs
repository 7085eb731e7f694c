//! Which jobs an event would run, as far as that is known before a run.

use std::sync::Arc;

use crate::expr::{Known, Value, condition};
use crate::workflow::{Job, Workflow};

use super::check::{Place, allowed};
use super::{Frame, Inputs, contexts};

/// What is known of a job before the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Foreseen {
    /// The job's id.
    pub(crate) job: String,
    /// Whether it runs; `None` where that is decided while the run goes.
    pub(crate) runs: Option<bool>,
    /// Why it does not, or what decides; nothing for a job that simply runs.
    pub(crate) why: Option<String>,
}

/// The jobs of a workflow that an event starts, in the order of the file.
pub(crate) fn foresee(workflow: &Workflow, inputs: &Inputs) -> Vec<Foreseen> {
    let context = Value::object(inputs.inputs.clone());
    let frame = Frame::root(Arc::new(workflow.clone()), context);
    let mut found: Vec<Foreseen> = Vec::new();
    // A job may stand before those that it needs; chains are at most this long.
    for _ in 0..=workflow.jobs.len() {
        let before = found.clone();
        found = workflow
            .jobs
            .iter()
            .map(|job| one(job, inputs, &frame, &before))
            .collect();
        if found == before {
            break;
        }
    }
    found
}

/// One job, with what is known of the others so far.
fn one(job: &Job, inputs: &Inputs, frame: &Frame, others: &[Foreseen]) -> Foreseen {
    let needed: Vec<&Foreseen> = job
        .needs
        .iter()
        .filter_map(|need| others.iter().find(|other| other.job == need.value))
        .collect();
    let skipped = needed.iter().find(|other| other.runs == Some(false));
    let open = needed.iter().find(|other| other.runs.is_none());
    let success = match (skipped, open) {
        (Some(_), _) => Some(false),
        (None, Some(_)) => None,
        // That they succeed is what is assumed, unless something asks for it.
        (None, None) => Some(true),
    };
    let text = job
        .condition
        .as_ref()
        .map_or("", |text| text.value.as_str());
    let scope = contexts::plan_scope(inputs, frame, &job.id.value);
    let known = Known {
        scope: &scope,
        later: &["needs"],
        success,
    };
    let decided = condition(text, &allowed(Place::JobIf)).and_then(|parsed| parsed.foresee(&known));
    let shown = || format!("`if: {}`", text.trim());
    let (runs, why) = match decided {
        Ok(Some(true)) => (Some(true), None),
        Ok(Some(false)) => {
            let why = match skipped {
                Some(other) if holds_without_needs(text, &scope) != Some(false) => {
                    format!("`{}` does not run", other.job)
                }
                _ => format!("{} is false", shown()),
            };
            (Some(false), Some(why))
        }
        Ok(None) => {
            let why = match open {
                Some(other) if text.trim().is_empty() => {
                    format!("decided while it runs: needs `{}`", other.job)
                }
                _ => format!("decided while it runs: {}", shown()),
            };
            (None, Some(why))
        }
        Err(error) => (
            Some(false),
            Some(format!("{} fails: {}", shown(), error.message)),
        ),
    };
    Foreseen {
        job: job.id.value.clone(),
        runs,
        why,
    }
}

/// What the condition would be if all that the job needs succeeded.
fn holds_without_needs(text: &str, scope: &crate::expr::Contexts) -> Option<bool> {
    let known = Known {
        scope,
        later: &["needs"],
        success: Some(true),
    };
    condition(text, &allowed(Place::JobIf))
        .and_then(|parsed| parsed.foresee(&known))
        .ok()
        .flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::plan::GithubFacts;

    #[test]
    fn jobs_of_an_event() {
        let workflow = crate::workflow::parse(
            "on: push
jobs:
  late:
    needs: [deploy, unit]
    runs-on: x
    steps: [run: a]
  unit:
    runs-on: x
    steps: [run: a]
  deploy:
    if: github.ref == 'refs/heads/main'
    needs: unit
    runs-on: x
    steps: [run: a]
  again:
    needs: [deploy]
    if: always() && github.event_name == 'push'
    runs-on: x
    steps: [run: a]
  maybe:
    needs: unit
    if: needs.unit.outputs.go == 'yes'
    runs-on: x
    steps: [run: a]
  behind:
    needs: maybe
    runs-on: x
    steps: [run: a]
",
        )
        .unwrap()
        .workflow;
        let inputs = Inputs {
            github: GithubFacts {
                event_name: "push".to_owned(),
                reference: "refs/heads/fix".to_owned(),
                ..GithubFacts::default()
            },
            ..Inputs::default()
        };
        let told: Vec<String> = foresee(&workflow, &inputs)
            .into_iter()
            .map(|job| {
                let runs = match job.runs {
                    Some(true) => "runs",
                    Some(false) => "no",
                    None => "later",
                };
                format!("{} {runs} {}", job.job, job.why.unwrap_or_default())
            })
            .collect();
        assert_eq!(
            told,
            [
                "late no `deploy` does not run",
                "unit runs ",
                "deploy no `if: github.ref == 'refs/heads/main'` is false",
                "again runs ",
                "maybe later decided while it runs: `if: needs.unit.outputs.go == 'yes'`",
                "behind later decided while it runs: needs `maybe`",
            ]
        );
    }
}
