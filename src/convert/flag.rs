//! The input of a run that is started by hand, which goes before the repository's variable.

use crate::workflow::{Node, NodeKind};

use super::docker::FLAG;
use super::edit::{Block, Edits};
use super::geometry::{Geometry, is_alias};
use super::options::Options;

/// Whether a text is a value of the flag: on, off, beside the runner, or for a share of commits.
pub(crate) fn is_value(text: &str) -> bool {
    let percentage = text
        .strip_suffix('%')
        .unwrap_or(text)
        .parse::<u8>()
        .is_ok_and(|number| number <= 100);
    matches!(text, "true" | "false" | "shadow") || percentage
}

/// Adds the input where the workflow can be started by hand. Whether it has one then.
pub(super) fn input(
    root: &Node,
    options: &Options,
    geometry: &Geometry<'_>,
    edits: &mut Edits,
) -> bool {
    let Some((_, on)) = root.entry("on") else {
        return false;
    };
    let Some((key, dispatch)) = on.entry("workflow_dispatch") else {
        return false;
    };
    if geometry.is_flow(on) || geometry.is_flow(dispatch) || is_alias(key, dispatch) {
        return false;
    }
    let indent = key.span.start.column.saturating_sub(1) + 2;
    let (behind, indent, with_key) = match dispatch.entry("inputs") {
        Some((_, inputs)) if inputs.get(FLAG).is_some() => return true,
        Some((inputs_key, inputs)) => match &inputs.kind {
            NodeKind::Map(entries)
                if !geometry.is_flow(inputs) && !is_alias(inputs_key, inputs) =>
            {
                let Some((first, _)) = entries.first() else {
                    return false;
                };
                let column = first.span.start.column.saturating_sub(1);
                (inputs_key.span.start.line, column, false)
            }
            _ => return false,
        },
        None if dispatch.kind == NodeKind::Null => (key.span.start.line, indent, true),
        None => return false,
    };
    let mut lines = Vec::new();
    let mut at = indent;
    if with_key {
        lines.push(format!("{}inputs:", " ".repeat(at)));
        at += 2;
    }
    let blank = " ".repeat(at);
    lines.extend([
        format!("{blank}{FLAG}:"),
        format!(
            "{blank}  description: Run the tests in Docker (true, false, shadow, or a percentage)"
        ),
        format!("{blank}  type: string"),
        format!("{blank}  default: ''"),
    ]);
    let _ = options;
    edits.block(behind, Block { indent, lines });
    true
}
