//! Findings for a person: what the pages of scans and audits have in common.

use super::format::counted;
use super::style::{Look, Sign, Tone};
use super::table::wrap;
use super::text::one_line;
use crate::scan::{Level, Severity};

/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;

/// A page that grows by lines.
pub(super) struct Page {
    /// The lines.
    pub(super) lines: Vec<String>,
    width: usize,
    /// How it looks.
    pub(super) look: Look,
}

/// A finding as a page has it.
pub(super) struct Shown<'a> {
    /// The id of its rule.
    pub(super) id: &'a str,
    /// The name of its rule, where it is shown.
    pub(super) name: Option<&'a str>,
    /// How grave it is.
    pub(super) severity: Severity,
    /// What it leads to.
    pub(super) level: Level,
    /// What is wrong.
    pub(super) message: &'a str,
    /// Lines below it.
    pub(super) below: Vec<String>,
}

/// How many findings there are.
pub(super) struct Counts {
    /// Of level deny.
    pub(super) denied: usize,
    /// Of level warn.
    pub(super) warned: usize,
    /// Of those, by severity, the gravest first.
    pub(super) severities: Vec<(Severity, usize)>,
    /// What was left out, in words: `2 allowed by seatrial.toml`.
    pub(super) left_out: Vec<String>,
    /// What came of it: `passed`, or another word.
    pub(super) verdict: &'static str,
}

impl Page {
    /// An empty page, no line of which is wider than `width` unless a word is.
    pub(super) fn new(width: usize, look: Look) -> Self {
        Self {
            lines: Vec::new(),
            width: width.max(NARROW),
            look,
        }
    }

    /// The text of the page.
    pub(super) fn text(self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }

    /// Text in lines that all begin with `indent`.
    pub(super) fn folded(&mut self, indent: &str, text: &str, tone: Tone) {
        let room = self.width.saturating_sub(indent.len()).max(20);
        for line in wrap(&self.look.own(text), room) {
            let painted = self.look.paint(tone, &line);
            self.lines.push(format!("{indent}{painted}"));
        }
    }

    /// Text behind a head of so many columns, the further lines indented by four.
    pub(super) fn hanging(&mut self, head: &str, columns: usize, text: &str) {
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

    /// A finding.
    pub(super) fn finding(&mut self, shown: &Shown<'_>) {
        let (sign, tone) = match shown.level {
            Level::Deny => (Sign::Bad, Tone::Bad),
            _ => (Sign::Warn, Tone::Warn),
        };
        let named = shown
            .name
            .map(|name| format!(" {name}"))
            .unwrap_or_default();
        let head = format!(
            "{} {}{named} {}  ",
            self.look.painted(sign),
            self.look.paint(Tone::Strong, shown.id),
            self.look.paint(tone, shown.severity.as_str()),
        );
        let taken = 4 + shown.id.len() + named.len() + shown.severity.as_str().len();
        self.hanging(&head, taken, &one_line(shown.message));
        for line in &shown.below {
            self.folded("    ", line, Tone::Dim);
        }
    }

    /// The last line.
    pub(super) fn verdict(&mut self, counts: &Counts) {
        let mut text = format!(
            "{} denied, {}",
            counts.denied,
            counted(counts.warned as u64, "warning")
        );
        let parts: Vec<String> = counts
            .severities
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {}", severity.as_str()))
            .collect();
        if !parts.is_empty() {
            text.push_str(&format!(" ({})", parts.join(", ")));
        }
        for part in &counts.left_out {
            text.push_str(&format!(", {part}"));
        }
        let word = counts.verdict;
        let (sign, tone) = match word {
            "passed" => (Sign::Good, Tone::Good),
            _ => (Sign::Bad, Tone::Bad),
        };
        let head = format!(
            "{} {} ",
            self.look.painted(sign),
            self.look.paint(tone, &format!("{word}:"))
        );
        self.hanging(&head, word.len() + 4, &text);
    }
}
