//! The lines of an export.

use serde::{Deserialize, Serialize};

use super::decision::Decision;
use super::entry::{ENTRY_SCHEMA, Entry};

/// Longest name of a run or a decision, in bytes; ours have 28 and 32.
const LONGEST_NAME: usize = 100;

/// What a line tells of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    /// A run.
    Run(Box<Entry>),
    /// A decision about a roll-out.
    Decision(Box<Decision>),
}

/// A line with a decision: beside the number of its form the decision under its name, so that
/// it is never taken for a run.
#[derive(Serialize, Deserialize)]
struct OfDecision {
    schema: u32,
    decision: Decision,
}

/// By what a line is known.
#[derive(Deserialize)]
struct Head {
    schema: Option<u32>,
    run: Option<serde::de::IgnoredAny>,
    decision: Option<serde::de::IgnoredAny>,
}

impl Line {
    /// Its text, with the end of the line.
    ///
    /// # Errors
    /// It has none in JSON.
    pub(crate) fn write(&self) -> Result<String, serde_json::Error> {
        let text = match self {
            Self::Run(entry) => serde_json::to_string(entry),
            Self::Decision(decision) => serde_json::to_string(&OfDecision {
                schema: ENTRY_SCHEMA,
                decision: Decision::clone(decision),
            }),
        };
        Ok(text? + "\n")
    }

    /// Whether a text is a line of an export, as far as its beginning tells.
    pub(crate) fn is_one(text: &[u8]) -> bool {
        let head = serde_json::from_slice::<Head>(text);
        head.is_ok_and(|head| head.run.is_some() || head.decision.is_some())
    }

    /// Reads a line.
    ///
    /// # Errors
    /// In words: it is none, or of a later version.
    pub(crate) fn read(text: &[u8]) -> Result<Self, String> {
        let head: Head =
            serde_json::from_slice(text).map_err(|error| format!("this is no JSON: {error}"))?;
        if let Some(schema) = head.schema.filter(|schema| *schema > ENTRY_SCHEMA) {
            return Err(format!(
                "it was written by a later version of seatrial (schema {schema}, and this one reads up to {ENTRY_SCHEMA})"
            ));
        }
        if head.run.is_none() && head.decision.is_some() {
            let line: OfDecision = serde_json::from_slice(text)
                .map_err(|error| format!("this is no decision of a history: {error}"))?;
            return match is_name(&line.decision.id) {
                true => Ok(Self::Decision(Box::new(line.decision))),
                false => Err("the decision has no usable name".to_owned()),
            };
        }
        let entry: Entry = serde_json::from_slice(text)
            .map_err(|error| format!("this is no run of a history: {error}"))?;
        match is_name(&entry.run.0) {
            true => Ok(Self::Run(Box::new(entry))),
            false => Err("the run has no usable name".to_owned()),
        }
    }
}

/// Whether a run can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(usable)
}
