//! Matrix → legs, by GitHub's algorithm (GitHub docs, "Running variations of jobs
//! in a workflow"; `MatrixBuilder` of actions/runner).

use crate::expr::{Contexts, Value};
use crate::record::{Cause, JobKey};
use crate::workflow::{Job, Node, NodeKind, Problem, Span};

use super::combine::{Combination, combinations};
use super::{MAX_LEGS, contexts};

/// The legs of a job's matrix, where they stand in the file: the `matrix` context of each.
/// `None` where an expression gives them, or GitHub refuses them.
pub(crate) fn static_legs(matrix: &Node) -> Option<Vec<Value>> {
    let legs = static_combinations(matrix)?.into_iter();
    Some(legs.map(|leg| Value::object(leg.values)).collect())
}

fn static_combinations(matrix: &Node) -> Option<Vec<Combination>> {
    if has_expression(matrix) {
        return None;
    }
    let Ok(Value::Object(matrix)) = contexts::value(matrix, &Contexts::new()) else {
        return None;
    };
    combinations(&matrix).ok()
}

/// The key of a leg by its `matrix` context, null without a matrix. `written` is the job's
/// matrix in the workflow, where that is at hand: what an `include` adds to a combination
/// is in the context, and not in the key.
pub(crate) fn leg_key(job: &str, leg: &Value, written: Option<&Node>) -> JobKey {
    let found = written
        .and_then(static_combinations)
        .into_iter()
        .flatten()
        .find(|one| Value::object(one.values.clone()) == *leg);
    let label = match found {
        Some(combination) => label(&combination.named),
        None => label(std::slice::from_ref(leg)),
    };
    JobKey(named(job, label.as_deref()))
}

/// A job's name or id with the values of a leg behind it.
pub(super) fn named(job: &str, label: Option<&str>) -> String {
    match label {
        Some(label) => format!("{job} ({label})"),
        None => job.to_owned(),
    }
}

/// Whether an expression stands anywhere in a node.
fn has_expression(node: &Node) -> bool {
    match &node.kind {
        NodeKind::String(text) => text.contains("${{"),
        NodeKind::Seq(items) => items.iter().any(has_expression),
        NodeKind::Map(entries) => entries.iter().any(|(_, node)| has_expression(node)),
        _ => false,
    }
}

/// A job's strategy with its legs.
#[derive(Debug, Clone)]
pub(super) struct Strategy {
    /// The `matrix` context of each leg; one null without a matrix.
    pub(super) legs: Vec<Value>,
    /// What stands behind the name of each leg.
    pub(super) labels: Vec<Option<String>>,
    /// `fail-fast`.
    pub(super) fail_fast: bool,
    /// `max-parallel`.
    pub(super) max_parallel: Option<usize>,
}

impl Strategy {
    /// The strategy of a job whose own is not known yet: one leg stands for all.
    pub(super) fn unknown() -> Self {
        Self {
            legs: vec![Value::Null],
            labels: vec![None],
            fail_fast: true,
            max_parallel: None,
        }
    }
}

/// Expands a job's matrix.
pub(super) fn expand(job: &Job, scope: &Contexts) -> Result<Strategy, (Cause, Problem)> {
    let mut strategy = Strategy::unknown();
    let Some(read) = &job.strategy else {
        return Ok(strategy);
    };
    if let Some(node) = &read.fail_fast {
        strategy.fail_fast = contexts::value(node, scope)
            .map_err(|message| invalid(node.span, message))?
            .is_truthy();
    }
    if let Some(node) = &read.max_parallel {
        let number = contexts::value(node, scope)
            .map_err(|message| invalid(node.span, message))?
            .to_number();
        if !(number.is_finite() && number >= 1.0) {
            return Err(invalid(
                node.span,
                "`max-parallel` must be a number of at least 1".to_owned(),
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be at least 1; huge numbers saturate"
        )]
        let limit = number as usize;
        strategy.max_parallel = Some(limit);
    }
    let Some(node) = &read.matrix else {
        return Ok(strategy);
    };
    let matrix = contexts::value(node, scope).map_err(|message| invalid(node.span, message))?;
    let Value::Object(matrix) = matrix else {
        return Err(invalid(
            node.span,
            format!("the matrix of job `{}` is not a mapping", job.id.value),
        ));
    };
    let combinations = combinations(&matrix).map_err(|message| invalid(node.span, message))?;
    strategy.labels = combinations
        .iter()
        .map(|combination| label(&combination.named))
        .collect();
    strategy.legs = combinations
        .into_iter()
        .map(|combination| Value::object(combination.values))
        .collect();
    if strategy.legs.is_empty() {
        return Err(invalid(
            node.span,
            format!(
                "the matrix of job `{}` has no combination left",
                job.id.value
            ),
        ));
    }
    if strategy.legs.len() > MAX_LEGS {
        return Err(invalid(
            node.span,
            format!(
                "the matrix of job `{}` has {} combinations, GitHub allows {MAX_LEGS}",
                job.id.value,
                strategy.legs.len()
            ),
        ));
    }
    Ok(strategy)
}

fn invalid(span: Span, message: String) -> (Cause, Problem) {
    (Cause::WorkflowInvalid, Problem::new(span, message))
}

/// The values of a leg as GitHub puts them behind the job's name.
fn label(values: &[Value]) -> Option<String> {
    let mut parts = Vec::new();
    for value in values {
        flatten(value, &mut parts);
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn flatten(value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, parts)),
        Value::Object(object) => object.iter().for_each(|(_, item)| flatten(item, parts)),
        Value::Null => {}
        other => {
            let text = other.to_text();
            if !text.is_empty() {
                parts.push(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::{label, leg_key};
    use crate::expr::Value;
    use crate::plan::{Inputs, build};
    use crate::workflow;

    #[test]
    fn values_become_a_label() {
        let values = [
            json!("3.11"),
            json!({"name": "u", "x": true}),
            json!([1, null, ""]),
        ];
        let values: Vec<Value> = values.iter().map(Value::from_json).collect();
        assert_eq!(label(&values).unwrap(), "3.11, u, true, 1");
        assert_eq!(label(&[Value::Null]), None);
    }

    #[test]
    fn a_leg_is_called_as_in_the_plan() {
        let text = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        \
            python: ['3.10', 3.11]\n        deps: [{name: old, pin: [1, 2]}, null]\n        include:\n        \
            - {python: 3.11, coverage: true}\n        - {python: pypy, extra: x}\n    steps: [{run: pytest}]\n  \
            lint: {runs-on: ubuntu-latest, steps: [{run: ruff}]}\n";
        let parsed = workflow::parse(text).unwrap().workflow;
        let plan = build(&parsed, &Inputs::default()).unwrap();
        let mut legs = 0;
        for job in &plan.jobs {
            let strategy = job.job.strategy.as_ref();
            let written = strategy.and_then(|strategy| strategy.matrix.as_ref());
            for leg in &job.legs {
                // As it comes out of `toJSON(matrix)`.
                let context: serde_json::Value =
                    serde_json::from_str(&leg.matrix.to_json().to_string()).unwrap();
                let context = Value::from_json(&context);
                let key = leg_key(&job.job.id.value, &context, written);
                assert_eq!(key, leg.key);
                if !key.0.contains("3.11") {
                    assert_eq!(leg_key(&job.job.id.value, &context, None), leg.key);
                }
                legs += 1;
            }
        }
        assert_eq!(legs, 6);
        let context = Value::from_json(&json!({"python": 3.11, "coverage": true}));
        assert_eq!(leg_key("test", &context, None).0, "test (3.11, true)");
    }
}
