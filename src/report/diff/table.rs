//! A comparison of workflows for a person.

use crate::diff::{Diff, Finding, Verdict};
use crate::report::findings::Page;
use crate::report::style::{Look, Sign, Tone};
use crate::report::text::one_line;

/// How a comparison is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DiffOptions {
    /// The width that lines keep to, unless a word is wider.
    pub(crate) width: usize,
    /// Signs and colours.
    pub(crate) look: Look,
    /// Whether what is the same is shown too.
    pub(crate) all: bool,
}

/// The comparison for a person.
pub(crate) fn diff_text(diff: &Diff, options: DiffOptions) -> String {
    let mut page = Page::new(options.width, options.look);
    let files = format!("{} against {}", one_line(&diff.new), one_line(&diff.old));
    page.folded("", &files, Tone::Dim);
    page.lines.push(String::new());
    let shown: Vec<&Finding> = diff
        .findings
        .iter()
        .filter(|finding| options.all || finding.verdict != Verdict::Same)
        .collect();
    for finding in &shown {
        one(&mut page, finding, options.look);
    }
    if !shown.is_empty() {
        page.lines.push(String::new());
    }
    let (sign, tone) = match diff.verdict() {
        Verdict::Lost | Verdict::Weakened => (Sign::Bad, Tone::Bad),
        _ => (Sign::Good, Tone::Good),
    };
    let word = diff.verdict().as_str();
    let head = format!(
        "{} {} ",
        options.look.painted(sign),
        options.look.paint(tone, &format!("{word}:"))
    );
    let counts: Vec<String> = Verdict::ALL
        .iter()
        .map(|verdict| format!("{} {}", diff.count(*verdict), verdict.as_str()))
        .collect();
    page.hanging(&head, word.len() + 4, &counts.join(", "));
    page.text()
}

/// A finding, what to think of below it, and where it stands.
fn one(page: &mut Page, finding: &Finding, look: Look) {
    let (sign, tone) = match finding.verdict {
        Verdict::Lost | Verdict::Weakened => (Sign::Bad, Tone::Bad),
        Verdict::Changed => (Sign::Warn, Tone::Warn),
        Verdict::Added => (Sign::Waiting, Tone::Active),
        Verdict::Same => (Sign::Good, Tone::Good),
    };
    let word = finding.verdict.as_str();
    let head = format!("{} {}  ", look.painted(sign), look.paint(tone, word));
    page.hanging(&head, word.len() + 4, &finding_line(finding));
    if finding.verdict == Verdict::Same {
        return;
    }
    let line = |name: &str, place: &Option<crate::scan::FilePlace>| {
        place
            .as_ref()
            .map(|place| format!("{name} line {}", place.line))
    };
    let places: Vec<String> = [line("old", &finding.old), line("new", &finding.new)]
        .into_iter()
        .flatten()
        .collect();
    if !places.is_empty() {
        page.folded("    ", &places.join(", "), Tone::Dim);
    }
    if let Some(note) = &finding.note {
        page.folded("    ", &format!("note: {}", one_line(note)), Tone::Plain);
    }
}

/// A finding in one line: `unit › pytest tests: it runs fewer tests …`.
pub(crate) fn finding_line(finding: &Finding) -> String {
    let names: Vec<&str> = [&finding.job, &finding.thing]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let way = finding.way.told().map(|told| format!(" ({told})"));
    let message = format!("{}{}", finding.message, way.unwrap_or_default());
    match names.is_empty() {
        true => one_line(&message),
        false => one_line(&format!("{}: {message}", names.join(" › "))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::diff;
    use super::*;

    #[test]
    fn a_comparison_for_a_person() {
        let options = DiffOptions {
            width: 90,
            look: Look {
                colour: false,
                ascii: false,
            },
            all: false,
        };
        insta::assert_snapshot!("table", diff_text(&diff(), options));
        let all = DiffOptions {
            width: 40,
            look: Look {
                colour: false,
                ascii: true,
            },
            all: true,
        };
        let text = diff_text(&diff(), all);
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("+ same  "), "{text}");
    }
}
