//! A scan as SARIF 2.1.0 (OASIS standard), for GitHub's code scanning and other viewers.
//!
//! A viewer opens files of the repository: a finding in an image has the file that stands
//! for the image as its place, and its own place as a logical one.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::place_text;
use crate::scan::{Finding, Level, Place, Report, Rule, Severity};

/// Where the documentation is.
const DOCS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/scan.md");
/// The schema that the document keeps to.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The result as SARIF.
pub(crate) fn scan_sarif(report: &Report) -> Value {
    let mut used: Vec<Rule> = report.findings.iter().map(|found| found.rule).collect();
    used.sort_unstable();
    used.dedup();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| result(report, finding, &used))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "seatrial",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": used.iter().map(|rule| descriptor(*rule)).collect::<Vec<_>>(),
                }
            },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "exitCode": report.exit_code(),
                "toolExecutionNotifications": report
                    .notices
                    .iter()
                    .map(|notice| json!({ "level": "note", "message": { "text": notice } }))
                    .collect::<Vec<_>>(),
            }],
            "results": results,
        }]
    })
}

fn descriptor(rule: Rule) -> Value {
    json!({
        "id": rule.id(),
        "name": pascal(rule.name()),
        "shortDescription": { "text": sentence(rule.title()) },
        "fullDescription": { "text": sentence(rule.title()) },
        "help": { "text": sentence(rule.remedy()) },
        "helpUri": format!("{DOCS}#{}", rule.anchor()),
        "defaultConfiguration": { "level": level(rule.level()) },
        "properties": {
            "tags": ["security"],
            "security-severity": score(rule.severity()),
        },
    })
}

fn result(report: &Report, finding: &Finding, used: &[Rule]) -> Value {
    let index = used.iter().position(|rule| *rule == finding.rule);
    let mut value = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": index,
        "level": level(finding.level),
        "message": { "text": sentence(&finding.message) },
        "locations": [location(report, &finding.place)],
        "partialFingerprints": { "seatrial/v1": fingerprint(finding) },
        "properties": {
            "severity": finding.severity.as_str(),
            "security-severity": score(finding.severity),
        },
    });
    if let Value::Object(fields) = &mut value
        && finding.level == Level::Allow
    {
        let justification = finding.because.clone().unwrap_or_default();
        fields.insert(
            "suppressions".to_owned(),
            json!([{ "kind": "external", "justification": justification }]),
        );
    }
    value
}

fn location(report: &Report, place: &Place) -> Value {
    match place {
        Place::File(file) => {
            let mut physical = json!({ "artifactLocation": { "uri": uri(&file.path) } });
            if let Value::Object(fields) = &mut physical
                && file.line > 0
            {
                let region = match file.column {
                    0 => json!({ "startLine": file.line }),
                    column => json!({ "startLine": file.line, "startColumn": column }),
                };
                fields.insert("region".to_owned(), region);
            }
            json!({ "physicalLocation": physical })
        }
        Place::Image(image) => {
            let stands = report
                .targets
                .iter()
                .find(|target| target.name == image.image)
                .and_then(|target| target.file.clone());
            let path = match (&stands, &image.path) {
                (Some(file), _) => file.path.clone(),
                (None, Some(path)) => path.trim_start_matches('/').to_owned(),
                (None, None) => image.image.clone(),
            };
            let line = stands.map_or(1, |file| file.line.max(1));
            json!({
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(&path) },
                    "region": { "startLine": line },
                },
                "logicalLocations": [{
                    "fullyQualifiedName": place_text(place),
                    "kind": "resource",
                }],
            })
        }
    }
}

/// What stays the same when lines move: rule, file or path, and what is said without
/// versions of seatrial or places.
fn fingerprint(finding: &Finding) -> String {
    let place = match &finding.place {
        Place::File(place) => place.path.clone(),
        Place::Image(place) => place.path.clone().unwrap_or_default(),
    };
    let what = match &finding.vulnerable {
        Some(found) => format!("{} {}", found.id, found.package),
        None => finding.message.clone(),
    };
    let digest = Sha256::digest(format!("{}\n{place}\n{what}", finding.rule.id()));
    hex::encode(digest.get(..16).unwrap_or_default())
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "note",
    }
}

/// The middle of a severity's range, which code scanning sorts by.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Unknown | Severity::Info => "0.0",
    }
}

/// A path as a relative reference (RFC 3986): everything but what is harmless is written
/// by its bytes.
fn uri(path: &str) -> String {
    let mut text = String::new();
    // A reference is relative to the root of the repository, or of the image.
    for byte in path.trim_start_matches('/').bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn pascal(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let mut text: String = first.into_iter().chain(letters).collect();
    text.push('.');
    text
}

#[cfg(test)]
#[path = "sarif_tests.rs"]
mod tests;
