//! SARIF 2.1.0 (OASIS standard), for GitHub's code scanning and other viewers: what the
//! documents of scans, audits and runs have in common.

use std::borrow::Cow;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::scan::{FilePlace, Level, Severity};

/// The schema that the document keeps to.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A rule as a document describes it.
pub(super) struct Described {
    /// The published id.
    pub(super) id: Cow<'static, str>,
    /// `root-user`
    pub(super) name: &'static str,
    /// What it is about.
    pub(super) title: &'static str,
    /// The way out.
    pub(super) remedy: &'static str,
    /// The page that describes it, with the anchor.
    pub(super) page: String,
    /// What it leads to by itself.
    pub(super) level: Level,
    /// How grave it is, where it is about security.
    pub(super) severity: Option<Severity>,
}

/// A finding as a document has it.
pub(super) struct Told<'a> {
    /// The id of its rule.
    pub(super) rule: Cow<'static, str>,
    /// What it leads to.
    pub(super) level: Level,
    /// How grave it is, where it is about security.
    pub(super) severity: Option<Severity>,
    /// What is wrong.
    pub(super) message: &'a str,
    /// Why it does not count: the reason, and whether a comment in the file says so.
    pub(super) suppressed: Option<(&'a str, bool)>,
    /// Where.
    pub(super) location: Value,
    /// What stays the same when lines move.
    pub(super) print: String,
}

/// The whole document.
pub(super) fn document(
    rules: &[Described],
    found: &[Told<'_>],
    notices: &[String],
    exit_code: u8,
) -> Value {
    let results: Vec<Value> = found.iter().map(|found| result(found, rules)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "seatrial",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules.iter().map(descriptor).collect::<Vec<_>>(),
                }
            },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "exitCode": exit_code,
                "toolExecutionNotifications": notices
                    .iter()
                    .map(|notice| json!({ "level": "note", "message": { "text": notice } }))
                    .collect::<Vec<_>>(),
            }],
            "results": results,
        }]
    })
}

fn descriptor(rule: &Described) -> Value {
    let mut value = json!({
        "id": rule.id,
        "name": pascal(rule.name),
        "shortDescription": { "text": sentence(rule.title) },
        "fullDescription": { "text": sentence(rule.title) },
        "help": { "text": sentence(rule.remedy) },
        "helpUri": rule.page,
        "defaultConfiguration": { "level": level(rule.level) },
    });
    if let Some(severity) = rule.severity {
        value["properties"] = json!({
            "tags": ["security"],
            "security-severity": score(severity),
        });
    }
    value
}

fn result(found: &Told<'_>, rules: &[Described]) -> Value {
    let index = rules.iter().position(|rule| rule.id == found.rule);
    let mut value = json!({
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": level(found.level),
        "message": { "text": sentence(found.message) },
        "locations": [found.location],
        "partialFingerprints": { "seatrial/v1": found.print },
    });
    if let Some(severity) = found.severity {
        value["properties"] = json!({
            "severity": severity.as_str(),
            "security-severity": score(severity),
        });
    }
    if let Some((justification, in_source)) = found.suppressed {
        let kind = if in_source { "inSource" } else { "external" };
        value["suppressions"] = json!([{ "kind": kind, "justification": justification }]);
    }
    value
}

/// A place in a file of the repository.
pub(super) fn file_location(file: &FilePlace) -> Value {
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

/// The fingerprint of a finding: of rule, file or path, and what is said without versions
/// of seatrial or places.
pub(super) fn fingerprint(rule: &str, place: &str, what: &str) -> String {
    let digest = Sha256::digest(format!("{rule}\n{place}\n{what}"));
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
pub(super) fn uri(path: &str) -> String {
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

pub(super) fn pascal(name: &str) -> String {
    name.split(['-', '_'])
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
