//! A scan for a person.

use super::place_text;
use crate::report::format::{bytes, counted, grouped};
use crate::report::style::{Look, Sign, Tone};
use crate::report::table::wrap;
use crate::report::text::one_line;
use crate::scan::{Checked, Finding, Level, PackageKind, Place, Report, Severity, Target};

/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;

/// The result for a person, no line wider than `width` unless a word is.
pub(crate) fn scan_text(report: &Report, width: usize, look: Look) -> String {
    let mut page = Page {
        lines: Vec::new(),
        width: width.max(NARROW),
        look,
    };
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
    page.verdict(report);
    let mut text = page.lines.join("\n");
    text.push('\n');
    text
}

struct Page {
    lines: Vec<String>,
    width: usize,
    look: Look,
}

impl Page {
    /// Text in lines that all begin with `indent`.
    fn folded(&mut self, indent: &str, text: &str, tone: Tone) {
        let room = self.width.saturating_sub(indent.len()).max(20);
        for line in wrap(&self.look.own(text), room) {
            let painted = self.look.paint(tone, &line);
            self.lines.push(format!("{indent}{painted}"));
        }
    }

    /// Text behind a head of so many columns, the further lines indented by four.
    fn hanging(&mut self, head: &str, columns: usize, text: &str) {
        let text = self.look.own(text);
        // The first line has less room than the others.
        let first = wrap(&text, self.width.saturating_sub(columns).max(20))
            .into_iter()
            .next()
            .unwrap_or_default();
        let rest = text.get(first.len()..).unwrap_or_default().trim_start();
        self.lines.push(format!("{head}{first}"));
        if !rest.is_empty() {
            self.folded("    ", rest, Tone::Plain);
        }
    }

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
            let (sign, tone) = match finding.level {
                Level::Deny => (Sign::Bad, Tone::Bad),
                _ => (Sign::Warn, Tone::Warn),
            };
            let head = format!(
                "{} {} {}  ",
                self.look.painted(sign),
                self.look.paint(Tone::Strong, finding.rule.id()),
                self.look.paint(tone, finding.severity.as_str()),
            );
            let taken = 4 + finding.rule.id().len() + finding.severity.as_str().len();
            self.hanging(&head, taken, &one_line(&finding.message));
            let place = format!("at {}", one_line(&place_text(&finding.place)));
            self.folded("    ", &place, Tone::Dim);
            if let Place::Image(place) = &finding.place
                && !place.created_by.is_empty()
            {
                let made = format!("by {}", one_line(&place.created_by));
                self.folded("    ", &made, Tone::Dim);
            }
            if let Some(because) = &finding.because {
                let text = format!("{}: {}", finding.level.as_str(), one_line(because));
                self.folded("    ", &text, Tone::Dim);
            }
            if finding.vulnerable.is_none() {
                self.folded(
                    "    ",
                    &format!("help: {}", finding.rule.remedy()),
                    Tone::Dim,
                );
            }
        }
        if !shown.is_empty() {
            self.lines.push(String::new());
        }
    }

    fn verdict(&mut self, report: &Report) {
        let denied = report.count(Level::Deny);
        let warned = report.count(Level::Warn);
        let mut parts = Vec::new();
        for severity in Severity::ALL {
            let count = report.shown(severity);
            if count > 0 {
                parts.push(format!("{count} {}", severity.as_str()));
            }
        }
        let mut text = format!("{denied} denied, {}", counted(warned as u64, "warning"));
        if !parts.is_empty() {
            text.push_str(&format!(" ({})", parts.join(", ")));
        }
        let allowed = report.count(Level::Allow);
        if allowed > 0 {
            text.push_str(&format!(", {allowed} allowed by seatrial.toml"));
        }
        if !report.ignored.is_empty() {
            text.push_str(&format!(
                ", {} ignored by seatrial.toml",
                report.ignored.len()
            ));
        }
        let sign = if denied > 0 { Sign::Bad } else { Sign::Good };
        let tone = if denied > 0 { Tone::Bad } else { Tone::Good };
        let word = if denied > 0 { "denied" } else { "passed" };
        let head = format!(
            "{} {} ",
            self.look.painted(sign),
            self.look.paint(tone, &format!("{word}:"))
        );
        self.hanging(&head, word.len() + 4, &text);
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
