//! A scan for a person.

use super::place_text;
use crate::report::findings::{Counts, Page, Shown};
use crate::report::format::{bytes, counted, grouped};
use crate::report::style::{Look, Tone};
use crate::report::text::one_line;
use crate::scan::{Checked, Finding, Level, PackageKind, Place, Report, Severity, Target};

/// The result for a person, no line wider than `width` unless a word is.
pub(crate) fn scan_text(report: &Report, width: usize, look: Look) -> String {
    let mut page = Page::new(width, look);
    for target in &report.targets {
        page.target(target);
    }
    page.checked(report);
    page.findings(report);
    for notice in &report.notices {
        page.folded("  ", &format!("note: {}", one_line(notice)), Tone::Dim);
    }
    if !report.notices.is_empty() {
        page.lines.push(String::new());
    }
    page.verdict(&counts(report));
    page.text()
}

impl Page {
    fn target(&mut self, target: &Target) {
        let mut facts = Vec::new();
        if let Some(os) = &target.os {
            facts.push(one_line(&os.name));
        }
        facts.push(bytes(target.bytes));
        facts.push(counted(target.created_by.len() as u64, "layer"));
        let kinds: Vec<String> = PackageKind::ALL
            .iter()
            .filter_map(|kind| {
                let count = target
                    .packages
                    .iter()
                    .filter(|package| package.kind == *kind)
                    .count();
                (count > 0).then(|| format!("{} {}", grouped(count as u64), kind.as_str()))
            })
            .collect();
        facts.push(if kinds.is_empty() {
            "no packages known".to_owned()
        } else {
            format!("packages: {}", kinds.join(", "))
        });
        let name = self.look.paint(Tone::Strong, &one_line(&target.name));
        self.lines.push(name);
        let separator = format!(" {} ", self.look.dot());
        self.folded("  ", &facts.join(&separator), Tone::Dim);
    }

    fn checked(&mut self, report: &Report) {
        let text = match &report.checked {
            Checked::Not(why) => format!("vulnerabilities not checked: {}", one_line(why)),
            Checked::Scanner(name) => format!("vulnerabilities checked by {}", one_line(name)),
            Checked::Database {
                source,
                advisories,
                newest,
            } => {
                let age = match newest {
                    Some(newest) => format!(
                        "the newest of {} ({})",
                        newest.strftime("%Y-%m-%d"),
                        days(report, *newest)
                    ),
                    None => "of unknown age".to_owned(),
                };
                let noun = if *advisories == 1 {
                    "advisory"
                } else {
                    "advisories"
                };
                format!(
                    "vulnerabilities checked against {} {noun} of {}, {age}",
                    grouped(*advisories),
                    one_line(source),
                )
            }
        };
        let tone = match report.checked {
            Checked::Not(_) => Tone::Warn,
            _ => Tone::Dim,
        };
        self.folded("", &text, tone);
        self.lines.push(String::new());
    }

    fn findings(&mut self, report: &Report) {
        let shown: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| finding.level != Level::Allow)
            .collect();
        for finding in &shown {
            let mut below = vec![format!("at {}", one_line(&place_text(&finding.place)))];
            if let Place::Image(place) = &finding.place
                && !place.created_by.is_empty()
            {
                below.push(format!("by {}", one_line(&place.created_by)));
            }
            if let Some(because) = &finding.because {
                below.push(format!("{}: {}", finding.level.as_str(), one_line(because)));
            }
            if finding.vulnerable.is_none() {
                below.push(format!("help: {}", finding.rule.remedy()));
            }
            self.finding(&Shown {
                id: finding.rule.id(),
                name: None,
                severity: finding.severity,
                level: finding.level,
                message: &finding.message,
                below,
            });
        }
        if !shown.is_empty() {
            self.lines.push(String::new());
        }
    }
}

fn counts(report: &Report) -> Counts {
    let mut left_out = Vec::new();
    let allowed = report.count(Level::Allow);
    if allowed > 0 {
        left_out.push(format!("{allowed} allowed by seatrial.toml"));
    }
    if !report.ignored.is_empty() {
        left_out.push(format!("{} ignored by seatrial.toml", report.ignored.len()));
    }
    Counts {
        denied: report.count(Level::Deny),
        warned: report.count(Level::Warn),
        severities: Severity::ALL
            .iter()
            .map(|severity| (*severity, report.shown(*severity)))
            .collect(),
        left_out,
        verdict: if report.count(Level::Deny) > 0 {
            "denied"
        } else {
            "passed"
        },
    }
}

/// How old a database is: `5 days old`.
fn days(report: &Report, newest: jiff::Timestamp) -> String {
    let seconds = report.made.as_second() - newest.as_second();
    match seconds.div_euclid(86_400) {
        ..=0 => "today".to_owned(),
        days => format!("{} old", counted(days.unsigned_abs(), "day")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::report;
    use super::scan_text;
    use crate::report::style::Look;

    #[test]
    fn a_scan_for_a_person() {
        let look = Look {
            colour: false,
            ascii: false,
        };
        insta::assert_snapshot!("table", scan_text(&report(), 80, look));
        let ascii = scan_text(
            &report(),
            10,
            Look {
                ascii: true,
                ..look
            },
        );
        assert!(ascii.lines().all(|line| line.chars().count() <= 100));
        assert!(!ascii.contains('✗') && !ascii.contains('·'));
    }
}
