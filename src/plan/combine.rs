//! The combinations of a matrix, by the algorithm of actions/runner
//! (`MatrixBuilder`): the cross product of the axes, less what `exclude` matches,
//! extended by what `include` matches, followed by the rest of `include`.

use crate::expr::{Object, Value, equal};

use super::MAX_LEGS;

/// One combination.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Combination {
    /// The `matrix` context.
    pub(super) values: Object,
    /// The values that stand behind the job's name: those of the axes, and for an
    /// `include` of its own all of them. What an `include` adds to a combination
    /// does not show.
    pub(super) named: Vec<Value>,
}

/// The combinations in GitHub's order: the first axis varies slowest.
///
/// # Errors
/// What is wrong with the matrix, in words.
pub(super) fn combinations(matrix: &Object) -> Result<Vec<Combination>, String> {
    let mut axes: Vec<(&str, &[Value])> = Vec::new();
    let mut include = Vec::new();
    let mut exclude = Vec::new();
    for (key, value) in matrix.iter() {
        match key {
            "include" => include = mappings(key, value)?,
            "exclude" => exclude = mappings(key, value)?,
            _ => match value {
                Value::Array(items) if items.is_empty() => {
                    return Err(format!("the axis `{key}` of the matrix is empty"));
                }
                Value::Array(items) => axes.push((key, items)),
                _ => return Err(format!("the axis `{key}` of the matrix is not a list")),
            },
        }
    }
    let is_axis = |key: &str| !is_list_key(key) && matrix.get(key).is_some();
    check(&include, &exclude, is_axis)?;
    let total = axes
        .iter()
        .try_fold(1_usize, |total, (_, values)| {
            total.checked_mul(values.len())
        })
        .filter(|total| *total <= MAX_LEGS * MAX_LEGS)
        .ok_or_else(|| format!("the matrix has more than {MAX_LEGS} combinations"))?;
    let total = if axes.is_empty() { 0 } else { total };
    let mut used = vec![false; include.len()];
    let mut found = Vec::new();
    for index in 0..total {
        let mut values = Object::new();
        let mut block = total;
        for (key, axis) in &axes {
            block /= axis.len();
            let value = axis.get(index / block % axis.len());
            values.insert(*key, value.cloned().unwrap_or_default());
        }
        let matches = |filter: &Object, only_axes: bool| {
            filter
                .iter()
                .filter(|(key, _)| !only_axes || is_axis(key))
                .all(|(key, wanted)| holds(values.get(key), wanted))
        };
        if exclude.iter().any(|filter| matches(filter, false)) {
            continue;
        }
        let mut extra = Object::new();
        for (entry, used) in include.iter().zip(&mut used) {
            if matches(entry, true) {
                *used = true;
                extra.extend(
                    entry
                        .iter()
                        .filter(|(key, _)| !is_axis(key))
                        .map(|(key, value)| (key, value.clone())),
                );
            }
        }
        let named = values.iter().map(|(_, value)| value.clone()).collect();
        values.extend(extra.iter().map(|(key, value)| (key, value.clone())));
        found.push(Combination { values, named });
    }
    for (entry, used) in include.iter().zip(used) {
        if !used {
            let (of_axes, more): (Vec<_>, Vec<_>) = entry.iter().partition(|(key, _)| is_axis(key));
            let values: Object = of_axes
                .into_iter()
                .chain(more)
                .map(|(key, value)| (key, value.clone()))
                .collect();
            let named = values.iter().map(|(_, value)| value.clone()).collect();
            found.push(Combination { values, named });
        }
    }
    Ok(found)
}

fn is_list_key(key: &str) -> bool {
    matches!(key, "include" | "exclude")
}

/// What GitHub refuses in the two lists, in its words. That a value is not there is
/// none of it.
fn check(
    include: &[&Object],
    exclude: &[&Object],
    is_axis: impl Fn(&str) -> bool,
) -> Result<(), String> {
    if include.iter().any(|entry| entry.is_empty()) {
        return Err("Matrix include mapping does not contain any values".to_owned());
    }
    for entry in exclude {
        if entry.is_empty() {
            return Err("Matrix exclude filter must not be empty".to_owned());
        }
        if let Some((key, _)) = entry.iter().find(|(key, _)| !is_axis(key)) {
            return Err(format!(
                "Matrix exclude key '{key}' does not match any key within the matrix"
            ));
        }
    }
    Ok(())
}

fn mappings<'v>(key: &str, value: &'v Value) -> Result<Vec<&'v Object>, String> {
    let Value::Array(items) = value else {
        return Err(format!("`{key}` of the matrix is not a list"));
    };
    items
        .iter()
        .map(|item| match item {
            Value::Object(object) => Ok(&**object),
            _ => Err(format!(
                "an entry of `{key}` of the matrix is not a mapping"
            )),
        })
        .collect()
}

/// Whether a value is as a filter wants it: every scalar in the filter is compared
/// by the `==` of expressions with what stands at its place; what the value has
/// besides is not asked for.
fn holds(value: Option<&Value>, wanted: &Value) -> bool {
    match wanted {
        Value::Object(wanted) => wanted.iter().all(|(key, wanted)| {
            let inner = match value {
                Some(Value::Object(object)) => object.get(key),
                _ => None,
            };
            holds(inner, wanted)
        }),
        Value::Array(wanted) => wanted.iter().enumerate().all(|(at, wanted)| {
            let inner = match value {
                Some(Value::Array(items)) => items.get(at),
                _ => None,
            };
            holds(inner, wanted)
        }),
        scalar => equal(value.unwrap_or(&Value::Null), scalar),
    }
}

#[cfg(test)]
#[path = "combine_tests.rs"]
mod tests;
