//! A diagnosis as SARIF.

use serde_json::Value;

use crate::report::sarif::{self, Described, Told};
use crate::scan::{FilePlace, Level};
use crate::triage::{Confidence, Diagnosis, Finding};

/// Where the documentation is.
const DOCS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/triage.md");

/// The diagnosis as SARIF: a rule for each signature that was found, a result for each cause.
pub(crate) fn triage_sarif(diagnosis: &Diagnosis) -> Value {
    let rules: Vec<Described> = diagnosis.findings.iter().map(described).collect();
    let messages: Vec<String> = diagnosis.findings.iter().map(message).collect();
    let found: Vec<Told<'_>> = diagnosis
        .findings
        .iter()
        .zip(&messages)
        .map(|(finding, message)| Told {
            rule: finding.id.clone().into(),
            level: level(finding.confidence),
            severity: None,
            message,
            suppressed: None,
            location: sarif::file_location(&place(finding)),
            print: sarif::fingerprint(&finding.id, "", &finding.steps.join(" ")),
        })
        .collect();
    sarif::document(&rules, &found, &[], 0)
}

fn described(finding: &Finding) -> Described {
    Described {
        id: finding.id.clone().into(),
        name: finding.category.label(),
        title: finding.category.label(),
        remedy: "the message says what to do next",
        page: DOCS.to_owned(),
        level: level(finding.confidence),
        severity: None,
    }
}

fn level(confidence: Confidence) -> Level {
    match confidence {
        Confidence::Possible => Level::Warn,
        Confidence::Likely | Confidence::Certain => Level::Deny,
    }
}

fn message(finding: &Finding) -> String {
    let mut message = finding.cause.clone();
    if let Some(line) = finding.lines.first() {
        message.push_str(&format!(": {}", line.text));
    }
    if !finding.next.is_empty() {
        message.push_str(&format!(". Next: {}", finding.next));
    }
    message
}

/// The first line of the log that tells it.
fn place(finding: &Finding) -> FilePlace {
    let first = finding.lines.first();
    FilePlace {
        path: first.map(|place| place.file.clone()).unwrap_or_default(),
        line: first.map_or(0, |place| usize::try_from(place.line).unwrap_or(0)),
        column: 0,
    }
}
