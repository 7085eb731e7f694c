//! A comparison of control and candidate, for a person and for programs.

mod sections;
#[cfg(test)]
mod tests;
mod text;

use serde_json::{Value, json};

use crate::parity::Comparison;

pub(crate) use text::comparison_text;
pub(super) use text::{KINDS, difference, seen, sign_of, words};

/// The comparison as JSON.
pub(crate) fn comparison_json(comparison: &Comparison) -> Value {
    serde_json::to_value(comparison).unwrap_or_else(|error| {
        // It holds nothing that JSON cannot; say so rather than fail.
        json!({ "error": error.to_string() })
    })
}
