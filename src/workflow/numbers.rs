//! Warnings about numbers that do not mean what is written: `3.10` is 3.1.

use super::names::shown;
use super::node::{Node, NodeKind, number_text};
use super::problem::Problem;

/// Keys whose value is meant as a number.
const NUMERIC: [&str; 3] = ["timeout-minutes", "cancel-timeout-minutes", "max-parallel"];

/// One warning for each plain number whose text is not the text GitHub makes of
/// it, since nearly everything in a workflow is used as text (`python-version`).
pub(crate) fn surprising_numbers(node: &Node) -> Vec<Problem> {
    let mut warnings = Vec::new();
    collect(node, &mut warnings);
    warnings
}

/// As deep as the nodes are nested, which the reader bounds.
fn collect(node: &Node, warnings: &mut Vec<Problem>) {
    match &node.kind {
        NodeKind::Number(value, text) => {
            let read = number_text(*value);
            if read != *text {
                let text = shown(text);
                let warning = format!("`{text}` is read as the number {read}");
                warnings.push(
                    Problem::new(node.span, warning).with_hint(format!("quote it: '{text}'")),
                );
            }
        }
        NodeKind::Seq(items) => {
            for item in items {
                collect(item, warnings);
            }
        }
        NodeKind::Map(entries) => {
            for (key, value) in entries {
                if !NUMERIC.contains(&key.as_str()) {
                    collect(value, warnings);
                }
            }
        }
        NodeKind::Null | NodeKind::Bool(_) | NodeKind::String(_) => {}
    }
}
