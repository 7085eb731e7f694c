//! A comparison for a person: what differs and why, and whether it is safe to switch.

use super::sections;
use crate::parity::{Comparison, Counted, Difference, Kind, SideInfo};
use crate::report::format::{counted, duration, grouped};
use crate::report::style::{Look, Sign, Tone};
use crate::report::table::{Align, Cell, Column, Table, flow, wrap};
use crate::report::text::one_line;

/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;
/// Most tests of one kind that are shown one by one.
const SHOWN: usize = 20;

/// The kinds, in the order in which they are counted.
pub(in crate::report) const KINDS: [Kind; 8] = [
    Kind::Same,
    Kind::Regressed,
    Kind::OnlyControl,
    Kind::DifferentReason,
    Kind::Flaky,
    Kind::Infrastructure,
    Kind::OnlyCandidate,
    Kind::Fixed,
];

/// The comparison for a person, no line wider than `width` unless a word is.
pub(crate) fn comparison_text(comparison: &Comparison, width: usize, look: Look) -> String {
    let mut page = Page {
        lines: Vec::new(),
        width: width.max(NARROW),
        look,
    };
    page.sides(comparison);
    page.counts(comparison);
    page.differences(comparison);
    sections::jobs(&mut page, comparison);
    sections::environment(&mut page, comparison);
    sections::coverage(&mut page, comparison);
    page.notes(comparison);
    page.verdict(comparison);
    let mut text = page.lines.join("\n");
    text.push('\n');
    text
}

/// The page while it is written.
pub(super) struct Page {
    pub(super) lines: Vec<String>,
    pub(super) width: usize,
    pub(super) look: Look,
}

impl Page {
    /// Text in lines that all begin with `indent`.
    pub(super) fn folded(&mut self, indent: &str, text: &str, tone: Tone) {
        let room = self.width.saturating_sub(indent.len()).max(20);
        for line in wrap(&self.look.own(text), room) {
            let painted = self.look.paint(tone, &line);
            self.lines.push(format!("{indent}{painted}"));
        }
    }

    /// Text behind a label; further lines begin where the text does.
    fn labelled(&mut self, label: &str, text: &str, tone: Tone) {
        const LABEL: usize = 11;
        let room = self.width.saturating_sub(4 + LABEL).max(20);
        for (at, line) in wrap(&self.look.own(text), room).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let label = self.look.paint(Tone::Dim, &format!("{label:LABEL$}"));
            let line = self.look.paint(tone, line);
            self.lines
                .push(format!("    {label}{line}").trim_end().to_owned());
        }
    }

    /// A heading of a section.
    pub(super) fn heading(&mut self, text: &str) {
        self.lines.push(self.look.paint(Tone::Strong, text));
    }

    fn sides(&mut self, comparison: &Comparison) {
        let mut table = Table::new(
            vec![
                Column::new(Align::Left),
                Column::new(Align::Left).shrinks(10, 20),
                Column::new(Align::Right),
                Column::new(Align::Left),
                Column::new(Align::Left).optional(),
            ],
            2,
        );
        let control = comparison.control.times.run;
        for (name, side) in [
            ("control", &comparison.control),
            ("candidate", &comparison.candidate),
        ] {
            let time = side.times.run.map(duration).unwrap_or_default();
            let more = if name == "candidate" {
                overhead(control, side)
            } else {
                String::new()
            };
            let runs = match side.runs.as_slice() {
                [one] => one_line(one),
                all => counted(all.len() as u64, "run"),
            };
            table.row(vec![
                Cell::new(Tone::Strong, name),
                Cell::plain(one_line(&side.engine)),
                Cell::plain(time),
                Cell::new(Tone::Dim, more),
                Cell::new(Tone::Dim, runs),
            ]);
        }
        let lines = table.render(self.width, self.look);
        self.lines.extend(lines);
        if let Some(drawn) = &comparison.drawn {
            let first: Vec<&str> = drawn.first.iter().map(|role| role.as_str()).collect();
            let text = format!(
                "first in each pair, by lot (seed {}): {}",
                drawn.seed,
                first.join(", ")
            );
            self.folded("", &text, Tone::Dim);
        }
    }

    fn counts(&mut self, comparison: &Comparison) {
        let total: usize = comparison.counts.values().sum::<usize>() + comparison.ignored;
        let mut items: Vec<String> = KINDS
            .into_iter()
            .filter(|kind| comparison.count(*kind) > 0)
            .map(|kind| format!("{} {}", grouped(comparison.count(kind) as u64), words(kind)))
            .collect();
        if comparison.ignored > 0 {
            items.push(format!("{} ignored by rule", comparison.ignored));
        }
        let head = if items.is_empty() {
            "no tests".to_owned()
        } else {
            format!("{}: ", counted(total as u64, "test"))
        };
        let lines = flow(&items, ", ", self.width.saturating_sub(head.len()).max(20));
        for (at, line) in lines.iter().enumerate() {
            let indent = " ".repeat(head.len());
            let start = if at == 0 { &head } else { &indent };
            self.lines.push(format!("{start}{line}"));
        }
        if lines.is_empty() {
            self.lines.push(head);
        }
        self.lines.push(String::new());
    }

    fn differences(&mut self, comparison: &Comparison) {
        for kind in KINDS {
            let of_kind = comparison
                .differences
                .iter()
                .filter(|one| one.kind == kind && one.ignored.is_none());
            let all: Vec<&Difference> = of_kind.collect();
            // Why a whole side or leg was not observed stands in the verdict, once.
            if all.is_empty() || kind == Kind::Infrastructure {
                continue;
            }
            for one in all.iter().take(SHOWN) {
                self.difference(one);
            }
            if all.len() > SHOWN {
                let more = all.len() - SHOWN;
                self.folded("  ", &format!("… {more} more: {}", words(kind)), Tone::Dim);
            }
            self.lines.push(String::new());
        }
        let ignored = comparison.differences.iter().filter_map(|one| {
            let why = one.ignored.as_ref()?;
            Some(format!(
                "ignored: {} ({})",
                one_line(&one.test.id),
                one_line(why)
            ))
        });
        let ignored: Vec<String> = ignored.collect();
        for line in ignored.iter().take(SHOWN) {
            self.folded("  ", line, Tone::Dim);
        }
        if ignored.len() > SHOWN {
            self.folded(
                "  ",
                &format!("… {} more are ignored", ignored.len() - SHOWN),
                Tone::Dim,
            );
        }
        if !ignored.is_empty() {
            self.lines.push(String::new());
        }
    }

    fn difference(&mut self, one: &Difference) {
        let sign = sign_of(one.kind);
        let again = match one.test.again {
            0 => String::new(),
            again => format!(", time {}", again + 1),
        };
        let name = one_line(&one.test.id);
        let place = format!("({}{again})", one_line(&one.test.job.0));
        let painted = [
            self.look.painted(sign),
            self.look.paint(sign.tone(), words(one.kind)),
            self.look.paint(Tone::Strong, &name),
            self.look.paint(Tone::Dim, &place),
        ];
        self.lines.push(painted.join(" "));
        for (side, counted) in [("control", &one.control), ("candidate", &one.candidate)] {
            self.labelled(side, &seen(counted), Tone::Plain);
        }
        if !one.settled {
            let text = "may be chance: more runs would tell";
            self.labelled("", text, Tone::Dim);
        }
        for (at, cause) in one.causes.iter().enumerate() {
            let label = if at == 0 { "probably" } else { "or" };
            self.labelled(label, &one_line(&cause.text), Tone::Warn);
        }
    }

    fn notes(&mut self, comparison: &Comparison) {
        let warnings = &comparison.verdict.warnings;
        for note in &comparison.notes {
            self.folded("  ", &format!("note: {}", one_line(note)), Tone::Dim);
        }
        for warning in warnings {
            self.folded("  ", &format!("warning: {}", one_line(warning)), Tone::Warn);
        }
        if !comparison.notes.is_empty() || !warnings.is_empty() {
            self.lines.push(String::new());
        }
    }

    fn verdict(&mut self, comparison: &Comparison) {
        let verdict = &comparison.verdict;
        let (sign, tone, words) = if verdict.passed {
            (Sign::Good, Tone::Good, "safe to switch")
        } else {
            (Sign::Bad, Tone::Bad, "not safe to switch")
        };
        let code = format!("[exit code {}]", verdict.exit_code);
        let blocked = if verdict.passed { "" } else { ":" };
        self.lines.push(format!(
            "{} {} {}",
            self.look.painted(sign),
            self.look.paint(tone, &format!("{words}{blocked}")),
            self.look.paint(Tone::Dim, &code)
        ));
        for failure in verdict.failures.iter().take(SHOWN) {
            self.folded(
                "  ",
                &format!("– {}", one_line(&failure.message)),
                Tone::Plain,
            );
            // What a test's failure says stands above, with its test.
            let named = comparison
                .differences
                .iter()
                .any(|one| failure.message.starts_with(&one.test.id));
            for fact in failure.evidence.iter().filter(|_| !named) {
                self.folded("    ", &one_line(fact), Tone::Dim);
            }
        }
        if verdict.failures.len() > SHOWN {
            let more = verdict.failures.len() - SHOWN;
            self.folded("  ", &format!("… and {more} more"), Tone::Dim);
        }
    }
}

/// The kind in words.
pub(in crate::report) fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Same => "same",
        Kind::Regressed => "regressed",
        Kind::OnlyControl => "only in the control",
        Kind::DifferentReason => "fails for another reason",
        Kind::Flaky => "flaky",
        Kind::Infrastructure => "not observed",
        Kind::OnlyCandidate => "only in the candidate",
        Kind::Fixed => "fixed",
    }
}

/// The sign of a kind.
pub(in crate::report) fn sign_of(kind: Kind) -> Sign {
    match kind {
        Kind::Regressed | Kind::OnlyControl | Kind::DifferentReason => Sign::Bad,
        Kind::Flaky | Kind::Infrastructure => Sign::Warn,
        Kind::OnlyCandidate | Kind::Fixed | Kind::Same => Sign::Good,
    }
}

/// What was seen of a test, in words.
pub(in crate::report) fn seen(counted: &Counted) -> String {
    let total = counted.passed + counted.failed + counted.skipped;
    let of = |count: u32, word: &str| match (count, total) {
        (0, _) => None,
        (_, 1) => Some(word.to_owned()),
        _ => Some(format!("{word} {count} of {total}")),
    };
    let parts = [
        of(counted.passed, "passed"),
        of(counted.failed, "failed"),
        of(counted.skipped, "skipped"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let seen = if parts.is_empty() {
        "not there".to_owned()
    } else {
        parts.join(", ")
    };
    match &counted.reason {
        Some(reason) if !reason.is_empty() => format!("{seen}: {}", one_line(reason)),
        _ => seen,
    }
}

/// How much longer the candidate takes, in words.
fn overhead(control: Option<u64>, candidate: &SideInfo) -> String {
    match (control, candidate.times.run) {
        (Some(control), Some(candidate)) => difference(control, candidate),
        _ => String::new(),
    }
}

/// The difference of two times, with its share of the first.
pub(in crate::report) fn difference(control: u64, candidate: u64) -> String {
    let sign = if candidate < control { '-' } else { '+' };
    let apart = candidate.abs_diff(control);
    // Shares of next to nothing say nothing.
    if control < 500 {
        return format!("{sign}{}", duration(apart));
    }
    let share = apart.saturating_mul(100) / control;
    format!("{sign}{} ({sign}{share} %)", duration(apart))
}
