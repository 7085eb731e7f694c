//! An audit as SARIF.

use serde_json::Value;

use crate::audit::{Report, Rule};
use crate::report::sarif::{self, Described, Told};
use crate::scan::{Level, Severity};

/// Where the documentation is.
const DOCS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/audit.md");

/// The result as SARIF.
pub(crate) fn audit_sarif(report: &Report) -> Value {
    let mut used: Vec<Rule> = report.findings.iter().map(|found| found.rule).collect();
    used.sort_unstable();
    used.dedup();
    let rules: Vec<Described> = used.iter().map(|rule| described(*rule)).collect();
    let found: Vec<Told<'_>> = report
        .findings
        .iter()
        .enumerate()
        .map(|(at, finding)| {
            // The same again in one file is told apart by its order.
            let before = report.findings.iter().take(at).filter(|one| {
                one.rule == finding.rule
                    && one.place.path == finding.place.path
                    && one.message == finding.message
            });
            let what = match before.count() {
                0 => finding.message.clone(),
                count => format!("{} {count}", finding.message),
            };
            Told {
                rule: finding.rule.id().into(),
                level: finding.level,
                severity: Some(finding.severity),
                message: &finding.message,
                suppressed: (finding.level == Level::Allow).then(|| {
                    let because = finding.because.as_deref().unwrap_or_default();
                    (because, finding.by_comment)
                }),
                location: sarif::file_location(&finding.place),
                print: sarif::fingerprint(finding.rule.id(), &finding.place.path, &what),
            }
        })
        .collect();
    let notices: Vec<String> = report
        .unread
        .iter()
        .map(|file| format!("{file} cannot be read"))
        .collect();
    sarif::document(&rules, &found, &notices, report.exit_code())
}

fn described(rule: Rule) -> Described {
    let level = if rule.severity() >= Severity::High {
        Level::Deny
    } else {
        Level::Warn
    };
    Described {
        id: rule.id().into(),
        name: rule.name(),
        title: rule.title(),
        remedy: rule.remedy(),
        page: format!("{DOCS}#{}", rule.anchor()),
        level,
        severity: Some(rule.severity()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::sample::report;
    use super::audit_sarif;
    use crate::report::sarif_form::sarif_faults;

    #[test]
    fn an_audit_for_code_scanning() {
        let value = audit_sarif(&report());
        assert_eq!(sarif_faults(&value), [""; 0]);
        let results = value["runs"][0]["results"].as_array().unwrap();
        let prints: std::collections::HashSet<String> = results
            .iter()
            .map(|result| result["partialFingerprints"]["seatrial/v1"].to_string())
            .collect();
        assert_eq!(prints.len(), report().findings.len());
        let text = format!("{value:#}").replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!("sarif", text);
    }
}
