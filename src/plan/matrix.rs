//! Matrix → legs, by GitHub's algorithm (GitHub docs, "Running variations of jobs
//! in a workflow"; `MatrixBuilder` of actions/runner).

use crate::expr::{Contexts, Object, Value};
use crate::record::Cause;
use crate::workflow::{Job, Problem, Span};

use super::{MAX_LEGS, contexts};

/// A job's strategy with its legs.
#[derive(Debug, Clone)]
pub(super) struct Strategy {
    /// The `matrix` context of each leg; one null without a matrix.
    pub(super) legs: Vec<Value>,
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
    strategy.legs = legs(&matrix).map_err(|message| invalid(node.span, message))?;
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

type Combination = Vec<(String, Value)>;

/// The combinations of a matrix, in GitHub's order: the first axis varies slowest.
fn legs(matrix: &Object) -> Result<Vec<Value>, String> {
    let mut axes: Vec<(&str, Vec<Value>)> = Vec::new();
    let mut include = Vec::new();
    let mut exclude = Vec::new();
    for (key, value) in matrix.iter() {
        match key {
            "include" => include = combinations(key, value)?,
            "exclude" => exclude = combinations(key, value)?,
            _ => match value {
                Value::Array(items) if items.is_empty() => {
                    return Err(format!("the axis `{key}` of the matrix is empty"));
                }
                Value::Array(items) => axes.push((key, items.to_vec())),
                _ => return Err(format!("the axis `{key}` of the matrix is not a list")),
            },
        }
    }
    let mut crossed: Vec<Combination> = if axes.is_empty() {
        Vec::new()
    } else {
        vec![Vec::new()]
    };
    for (key, values) in &axes {
        let mut next = Vec::with_capacity(crossed.len() * values.len());
        for combination in &crossed {
            for value in values {
                let mut longer = combination.clone();
                longer.push(((*key).to_owned(), value.clone()));
                next.push(longer);
            }
        }
        if next.len() > MAX_LEGS * MAX_LEGS {
            return Err(format!("the matrix has more than {MAX_LEGS} combinations"));
        }
        crossed = next;
    }
    crossed.retain(|combination| {
        !exclude.iter().any(|excluded| {
            excluded.iter().all(|(key, value)| {
                combination
                    .iter()
                    .any(|(name, own)| name == key && same(own, value))
            })
        })
    });
    // An include extends every original combination whose axis values it does not
    // change; one that extends none is a combination of its own.
    let axis_names: Vec<&str> = axes.iter().map(|(key, _)| *key).collect();
    let originals = crossed.clone();
    let mut added = Vec::new();
    for entry in include {
        let mut used = false;
        for (original, combination) in originals.iter().zip(crossed.iter_mut()) {
            let fits = entry.iter().all(|(key, value)| {
                !axis_names.contains(&key.as_str())
                    || original
                        .iter()
                        .any(|(name, own)| name == key && same(own, value))
            });
            if fits {
                used = true;
                for (key, value) in &entry {
                    match combination.iter_mut().find(|(name, _)| name == key) {
                        Some((_, own)) => *own = value.clone(),
                        None => combination.push((key.clone(), value.clone())),
                    }
                }
            }
        }
        if !used {
            added.push(entry);
        }
    }
    crossed.extend(added);
    Ok(crossed
        .into_iter()
        .map(|combination| {
            let mut object = Object::new();
            for (key, value) in combination {
                object.insert(key, value);
            }
            Value::object(object)
        })
        .collect())
}

fn combinations(key: &str, value: &Value) -> Result<Vec<Combination>, String> {
    let Value::Array(items) = value else {
        return Err(format!("`{key}` of the matrix is not a list"));
    };
    items
        .iter()
        .map(|item| match item {
            Value::Object(object) => Ok(object
                .iter()
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect()),
            _ => Err(format!(
                "an entry of `{key}` of the matrix is not a mapping"
            )),
        })
        .collect()
}

/// Whether two values are the same in a matrix: deeply, and by type.
fn same(a: &Value, b: &Value) -> bool {
    a.to_json() == b.to_json()
}

/// The values of a leg as GitHub puts them behind the job's name.
pub(super) fn label(matrix: &Value) -> Option<String> {
    let Value::Object(object) = matrix else {
        return None;
    };
    let mut parts = Vec::new();
    for (_, value) in object.iter() {
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
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::{label, legs};
    use crate::expr::Value;
    use serde_json::json;

    fn expand(matrix: &serde_json::Value) -> Vec<serde_json::Value> {
        let Value::Object(object) = Value::from_json(matrix) else {
            panic!("not a mapping");
        };
        legs(&object).unwrap().iter().map(Value::to_json).collect()
    }

    #[test]
    fn the_first_axis_varies_slowest() {
        assert_eq!(
            expand(&json!({"os": ["l", "w"], "py": [1, 2]})),
            [
                json!({"os": "l", "py": 1}),
                json!({"os": "l", "py": 2}),
                json!({"os": "w", "py": 1}),
                json!({"os": "w", "py": 2})
            ]
        );
    }

    /// The example of GitHub's documentation, "Expanding or adding matrix
    /// configurations".
    #[test]
    fn the_documented_include_example() {
        assert_eq!(
            expand(&json!({
                "fruit": ["apple", "pear"],
                "animal": ["cat", "dog"],
                "include": [
                    {"color": "green"},
                    {"color": "pink", "animal": "cat"},
                    {"fruit": "apple", "shape": "circle"},
                    {"fruit": "banana"},
                    {"fruit": "banana", "animal": "cat"}
                ]
            })),
            [
                json!({"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"}),
                json!({"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"}),
                json!({"fruit": "pear", "animal": "cat", "color": "pink"}),
                json!({"fruit": "pear", "animal": "dog", "color": "green"}),
                json!({"fruit": "banana"}),
                json!({"fruit": "banana", "animal": "cat"}),
            ]
        );
    }

    #[test]
    fn exclude_matches_partially_and_may_name_what_is_not_there() {
        assert_eq!(
            expand(&json!({
                "os": ["l", "w"], "py": [1, 2],
                "exclude": [{"os": "w"}, {"os": "m"}, {"os": "l", "py": 2}]
            })),
            [json!({"os": "l", "py": 1})]
        );
    }

    #[test]
    fn include_alone_is_a_matrix() {
        assert_eq!(
            expand(&json!({"include": [{"a": 1}, {"a": 2}]})),
            [json!({"a": 1}), json!({"a": 2})]
        );
    }

    #[test]
    fn values_become_a_label() {
        let value = Value::from_json(&json!({"py": "3.11", "os": {"name": "u", "x": true}}));
        assert_eq!(label(&value).unwrap(), "3.11, u, true");
        assert_eq!(label(&Value::Null), None);
    }
}
