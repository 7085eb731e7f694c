//! `concurrency` of a workflow or a job → what it wants of a group
//! (`WorkflowTemplateConverter.ConvertToConcurrency` of actions/runner, and for `queue`
//! GitHub docs, "Control the concurrency of workflows and jobs").

use crate::expr::Value;
use crate::record::{Cause, Failure};
use crate::workflow::Node;

use super::groups::Wish;

/// Longest name of a group, in characters.
const MAX_NAME: usize = 400;

/// Reads `concurrency`, with the values that `evaluate` gives its parts.
///
/// # Errors
/// A part cannot be evaluated or is not of its kind, in GitHub's words where it has some.
pub(super) fn wish(
    node: &Node,
    evaluate: impl Fn(&Node) -> Result<Value, String>,
) -> Result<Wish, Failure> {
    let part = |key: &str| match node.get(key) {
        Some(part) => evaluate(part).map_err(|message| format!("`{key}`: {message}")),
        None => Ok(Value::Null),
    };
    let read = || {
        let name = if node.is_map() {
            part("group")?
        } else {
            evaluate(node)?
        }
        .to_text();
        if name.is_empty() {
            return Err("Concurrency group name cannot be empty".to_owned());
        }
        if name.chars().count() > MAX_NAME {
            return Err("Concurrency group name must be less than 400 characters".to_owned());
        }
        let cancel_in_progress = match part("cancel-in-progress")? {
            Value::Null => false,
            Value::Bool(cancel) => cancel,
            other => return Err(unexpected("cancel-in-progress", &other)),
        };
        let queue_max = match part("queue")? {
            Value::Null => false,
            other => match other.to_text().as_str() {
                "single" => false,
                "max" => true,
                _ => return Err(unexpected("queue", &other)),
            },
        };
        if queue_max && cancel_in_progress {
            return Err(
                "`queue: max` and `cancel-in-progress: true` exclude each other".to_owned(),
            );
        }
        Ok(Wish {
            name,
            cancel_in_progress,
            queue_max,
        })
    };
    read().map_err(|message: String| {
        Failure::new(Cause::WorkflowInvalid, format!("`concurrency`: {message}"))
    })
}

fn unexpected(key: &str, value: &Value) -> String {
    format!("`{key}`: Unexpected value '{}'", value.to_text())
}
