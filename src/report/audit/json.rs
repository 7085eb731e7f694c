//! An audit for programs.

use serde_json::{Value, json};

use super::place_text;
use crate::audit::{Finding, Report};
use crate::scan::Level;

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// The result as JSON.
pub(crate) fn audit_json(report: &Report) -> Value {
    json!({
        "schema": SCHEMA,
        "verdict": report.verdict(),
        "exit_code": report.exit_code(),
        "reasons": report.causes(),
        "denied": report.count(Level::Deny),
        "warned": report.count(Level::Warn),
        "allowed": report.count(Level::Allow),
        "files": report.files,
        "unread": report.unread,
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let place = &finding.place;
    let mut value = json!({
        "rule": finding.rule.id(),
        "name": finding.rule.name(),
        "severity": finding.severity,
        "level": finding.level.as_str(),
        "title": finding.rule.title(),
        "message": finding.message,
        "place": {
            "text": place_text(place),
            "file": place.path,
            "line": place.line,
            "column": place.column,
        },
        "remedy": finding.rule.remedy(),
    });
    if let Value::Object(fields) = &mut value
        && let Some(because) = &finding.because
    {
        fields.insert("because".to_owned(), json!(because));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::sample::report;

    #[test]
    fn an_audit_for_programs() {
        insta::assert_json_snapshot!("json", super::audit_json(&report()));
    }
}
