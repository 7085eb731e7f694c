//! An audit for a person.

use super::place_text;
use crate::audit::{Finding, Report};
use crate::report::findings::{Counts, Page, Shown};
use crate::report::format::counted;
use crate::report::style::{Look, Tone};
use crate::report::text::one_line;
use crate::scan::{Level, Severity};

/// The result for a person, no line wider than `width` unless a word is.
pub(crate) fn audit_text(report: &Report, width: usize, look: Look) -> String {
    let mut page = Page::new(width, look);
    let looked = counted(report.files.len() as u64, "workflow file");
    page.folded("", &format!("{looked} looked at"), Tone::Dim);
    page.lines.push(String::new());
    let shown: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.level != Level::Allow)
        .collect();
    for finding in &shown {
        let mut below = vec![format!("at {}", one_line(&place_text(&finding.place)))];
        if let Some(because) = &finding.because {
            below.push(format!("{}: {}", finding.level.as_str(), one_line(because)));
        }
        below.push(format!("help: {}", finding.rule.remedy()));
        page.finding(&Shown {
            id: finding.rule.id(),
            name: Some(finding.rule.name()),
            severity: finding.severity,
            level: finding.level,
            message: &finding.message,
            below,
        });
    }
    if !shown.is_empty() {
        page.lines.push(String::new());
    }
    page.verdict(&counts(report));
    page.text()
}

fn counts(report: &Report) -> Counts {
    let by = |by_comment: bool| {
        let of = |one: &&Finding| one.level == Level::Allow && one.by_comment == by_comment;
        report.findings.iter().filter(of).count()
    };
    let left_out = [
        (by(false), "allowed by seatrial.toml"),
        (by(true), "ignored by comments"),
    ];
    Counts {
        denied: report.count(Level::Deny),
        warned: report.count(Level::Warn),
        severities: Severity::ALL
            .iter()
            .map(|severity| (*severity, report.shown(*severity)))
            .collect(),
        left_out: left_out
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, how)| format!("{count} {how}"))
            .chain(report.unread.iter().map(|file| format!("{file} not read")))
            .collect(),
        verdict: report.verdict(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::report;
    use super::audit_text;
    use crate::report::style::Look;

    #[test]
    fn an_audit_for_a_person() {
        let look = Look {
            colour: false,
            ascii: false,
        };
        insta::assert_snapshot!("table", audit_text(&report(), 80, look));
        let ascii = audit_text(
            &report(),
            10,
            Look {
                ascii: true,
                ..look
            },
        );
        assert!(!ascii.contains('✗'));
    }
}
