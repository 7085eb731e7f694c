//! A scan for programs.

use serde_json::{Value, json};

use super::place_text;
use crate::scan::{Checked, Finding, Level, PackageKind, Place, Report, Target};

/// Version of the JSON form.
const SCHEMA: u32 = 1;

/// The result as JSON.
pub(crate) fn scan_json(report: &Report) -> Value {
    json!({
        "schema": SCHEMA,
        "verdict": if report.exit_code() == 0 { "passed" } else { "denied" },
        "exit_code": report.exit_code(),
        "reasons": report.causes(),
        "denied": report.count(Level::Deny),
        "warned": report.count(Level::Warn),
        "allowed": report.count(Level::Allow),
        "made": report.made.to_string(),
        "images": report.targets.iter().map(target).collect::<Vec<_>>(),
        "vulnerabilities": checked(&report.checked),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "ignored": report
            .ignored
            .iter()
            .map(|(id, reason)| json!({ "id": id, "reason": reason }))
            .collect::<Vec<_>>(),
        "notices": report.notices,
    })
}

fn target(target: &Target) -> Value {
    let packages: serde_json::Map<String, Value> = PackageKind::ALL
        .iter()
        .map(|kind| {
            let of = |package: &&crate::scan::Package| package.kind == *kind;
            let count = target.packages.iter().filter(of).count();
            (kind.as_str().to_lowercase(), json!(count))
        })
        .filter(|(_, count)| *count != json!(0))
        .collect();
    json!({
        "name": target.name,
        "id": target.id,
        "bytes": target.bytes,
        "layers": target.created_by.len(),
        "distribution": target.os.as_ref().map(|os| json!({
            "id": os.id,
            "version": os.version,
            "name": os.name,
        })),
        "packages": packages,
    })
}

fn checked(checked: &Checked) -> Value {
    match checked {
        Checked::Not(why) => json!({ "checked": false, "why": why }),
        Checked::Scanner(name) => json!({ "checked": true, "by": name }),
        Checked::Database {
            source,
            advisories,
            newest,
        } => json!({
            "checked": true,
            "by": "osv",
            "database": source,
            "advisories": advisories,
            "newest": newest.map(|newest| newest.to_string()),
        }),
    }
}

fn finding(finding: &Finding) -> Value {
    let mut value = json!({
        "rule": finding.rule.id(),
        "name": finding.rule.name(),
        "severity": finding.severity,
        "level": finding.level.as_str(),
        "reason": finding.rule.cause(),
        "message": finding.message,
        "place": place(&finding.place),
        "remedy": finding.rule.remedy(),
    });
    let Value::Object(fields) = &mut value else {
        return value;
    };
    if let Some(because) = &finding.because {
        fields.insert("because".to_owned(), json!(because));
    }
    if let Some(found) = &finding.vulnerable {
        let vulnerability = json!({
            "id": found.id,
            "aliases": found.aliases,
            "package": found.package,
            "version": found.version,
            "ecosystem": found.ecosystem,
            "purl": found.purl,
            "fixed": found.fixed,
            "url": found.url,
        });
        fields.insert("vulnerability".to_owned(), vulnerability);
    }
    value
}

fn place(place: &Place) -> Value {
    match place {
        Place::File(file) => json!({
            "text": place_text(place),
            "file": file.path,
            "line": (file.line > 0).then_some(file.line),
            "column": (file.column > 0).then_some(file.column),
        }),
        Place::Image(image) => json!({
            "text": place_text(place),
            "image": image.image,
            "layer": image.layer.map(|layer| layer.0),
            "layers": image.layer.map(|layer| layer.1),
            "created_by": (!image.created_by.is_empty()).then_some(&image.created_by),
            "path": image.path,
            "line": (image.line > 0).then_some(image.line),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::report;

    #[test]
    fn a_scan_for_programs() {
        insta::assert_json_snapshot!("json", super::scan_json(&report()));
    }
}
