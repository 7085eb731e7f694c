//! A diagnosis, for people and for programs.

mod page;
mod sarif;
mod text;

pub(crate) use page::signatures_markdown;
pub(crate) use sarif::triage_sarif;
pub(crate) use text::{triage_brief, triage_text};

use serde_json::Value;

use crate::triage::Diagnosis;

/// The diagnosis as JSON.
pub(crate) fn triage_json(diagnosis: &Diagnosis) -> Value {
    serde_json::to_value(diagnosis).unwrap_or_default()
}
