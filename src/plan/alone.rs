//! One job run alone, as one machine of GitHub's runs it: which leg it is, and what came of
//! the jobs that it needs, are told from outside.

use crate::expr::Value;
use crate::record::Cause;
use crate::workflow::{Job, Problem, Span};

use super::{PlanJob, Problems};

/// What is known from outside of the one job that is run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Alone {
    /// The `matrix` context of the one leg that is run; `None` for all legs.
    pub(crate) leg: Option<Value>,
    /// The `needs` context: the jobs in it are not run, and this one is, whatever its `if`
    /// says. `None` where they are to be run.
    pub(crate) needs: Option<Value>,
}

impl Alone {
    /// What is wrong with it for the jobs that were selected.
    pub(super) fn problems(&self, wanted: &[String], selected: &[&Job]) -> Problems {
        let usage = |message: String| vec![(Cause::Usage, Problem::new(Span::default(), message))];
        if self.leg.is_none() && self.needs.is_none() {
            return Vec::new();
        }
        let ([_], Some(job)) = (
            wanted,
            selected.iter().find(|job| wanted.contains(&job.id.value)),
        ) else {
            return usage("--leg and --needs are about one job: name it with --job".to_owned());
        };
        let Some(needs) = &self.needs else {
            return Vec::new();
        };
        let missing: Vec<&str> = job
            .needs
            .iter()
            .map(|need| need.value.as_str())
            .filter(|need| match needs {
                Value::Object(told) => told.get(need).is_none(),
                _ => true,
            })
            .collect();
        match missing.as_slice() {
            [] => Vec::new(),
            some => usage(format!(
                "--needs tells nothing of {}, which `{}` needs",
                some.join(", "),
                job.id.value
            )),
        }
    }

    /// What is wrong with the leg for the job that was planned.
    pub(super) fn no_such_leg(&self, wanted_jobs: &[String], jobs: &[PlanJob]) -> Problems {
        let Some(wanted) = &self.leg else {
            return Vec::new();
        };
        let named = || jobs.iter().filter(|job| wanted_jobs.contains(&job.id));
        let legs = || named().flat_map(|job| &job.legs);
        if named().any(|job| job.pending) || legs().any(|leg| is_leg(&leg.matrix, wanted)) {
            return Vec::new();
        }
        let names: Vec<String> = legs().map(|leg| leg.matrix.to_json().to_string()).collect();
        let problem = Problem::new(
            Span::default(),
            format!("no leg of the job has the matrix {}", wanted.to_json()),
        );
        vec![(
            Cause::Usage,
            problem.with_hint(format!("its legs have: {}", names.join(", "))),
        )]
    }
}

/// Whether a leg is the one that is asked for: a job without a matrix has none or an
/// empty one.
pub(super) fn is_leg(matrix: &Value, wanted: &Value) -> bool {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    (empty(matrix) && empty(wanted)) || matrix.to_json() == wanted.to_json()
}
