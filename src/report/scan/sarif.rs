//! A scan as SARIF.
//!
//! A viewer opens files of the repository: a finding in an image has the file that stands
//! for the image as its place, and its own place as a logical one.

use serde_json::{Value, json};

use super::place_text;
use crate::report::sarif::{self, Described, Told, uri};
use crate::scan::{Finding, Level, Place, Report, Rule};

/// Where the documentation is.
const DOCS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/scan.md");

/// The result as SARIF.
pub(crate) fn scan_sarif(report: &Report) -> Value {
    let mut used: Vec<Rule> = report.findings.iter().map(|found| found.rule).collect();
    used.sort_unstable();
    used.dedup();
    let rules: Vec<Described> = used.iter().map(|rule| described(*rule)).collect();
    let found: Vec<Told<'_>> = report
        .findings
        .iter()
        .map(|finding| Told {
            rule: finding.rule.id().into(),
            level: finding.level,
            severity: Some(finding.severity),
            message: &finding.message,
            suppressed: (finding.level == Level::Allow)
                .then(|| (finding.because.as_deref().unwrap_or_default(), false)),
            location: location(report, &finding.place),
            print: fingerprint(finding),
        })
        .collect();
    sarif::document(&rules, &found, &report.notices, report.exit_code())
}

fn described(rule: Rule) -> Described {
    Described {
        id: rule.id().into(),
        name: rule.name(),
        title: rule.title(),
        remedy: rule.remedy(),
        page: format!("{DOCS}#{}", rule.anchor()),
        level: rule.level(),
        severity: Some(rule.severity()),
    }
}

fn location(report: &Report, place: &Place) -> Value {
    match place {
        Place::File(file) => sarif::file_location(file),
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

/// What stays the same when lines move.
fn fingerprint(finding: &Finding) -> String {
    let place = match &finding.place {
        Place::File(place) => place.path.as_str(),
        Place::Image(place) => place.path.as_deref().unwrap_or_default(),
    };
    match &finding.vulnerable {
        Some(found) => {
            let what = format!("{} {}", found.id, found.package);
            sarif::fingerprint(finding.rule.id(), place, &what)
        }
        None => sarif::fingerprint(finding.rule.id(), place, &finding.message),
    }
}

#[cfg(test)]
#[path = "sarif_tests.rs"]
mod tests;
