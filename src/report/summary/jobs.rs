//! The table of legs: how each ended, and a time line that shows order and
//! overlap.

use super::{Out, leg_sign};
use crate::gate::left_out;
use crate::record::{Conclusion, JobRecord, ReportKind, RunRecord, TestCounts};
use crate::report::format::{duration, percent};
use crate::report::style::{Look, Sign, Tone};
use crate::report::table::{Align, Cell, Column, Table};
use crate::report::text::one_line;

/// Columns from which there is room for a long time line.
const WIDE: usize = 100;

/// Adds the table.
pub(super) fn table(record: &RunRecord, out: &mut Out) {
    if record.jobs.is_empty() {
        return;
    }
    out.line("");
    if legs(record).next().is_some() {
        let lines = rows(record, out);
        place(record, lines, out);
    } else {
        place(record, Vec::new(), out);
    }
}

/// Legs that are to run here.
fn legs(record: &RunRecord) -> impl Iterator<Item = &JobRecord> {
    record
        .jobs
        .iter()
        .filter(|leg| leg.planned.left_out.is_none())
}

/// Adds the rows, and behind the legs of a job those of its legs that are left
/// out: they have no results, so they need no columns.
fn place(record: &RunRecord, lines: Vec<String>, out: &mut Out) {
    let mut lines = lines.into_iter();
    if let Some(heads) = lines.next() {
        out.line(heads);
    }
    let groups = left_out(record);
    for (at, leg) in record.jobs.iter().enumerate() {
        if leg.planned.left_out.is_none()
            && let Some(line) = lines.next()
        {
            out.line(line);
        }
        let job = &leg.planned.job;
        let mut rest = record.jobs.iter().skip(at + 1);
        if rest.all(|later| later.planned.job != *job) {
            for group in groups.iter().filter(|group| group.job == *job) {
                out.message(Sign::Skipped, Tone::Dim, &group.line());
            }
        }
    }
}

/// The heads of the columns and the rows of the legs.
fn rows(record: &RunRecord, out: &Out) -> Vec<String> {
    let look = out.look;
    let bar = if out.width >= WIDE { 20 } else { 12 };
    let tested = legs(record).any(|leg| leg.test_counts().total() > 0);
    let covered = legs(record).any(|leg| leg_coverage(leg).is_some());
    let mut columns = vec![
        Column::new(Align::Left).tight(),
        Column::new(Align::Left).shrinks(8, 30),
        Column::new(Align::Left),
    ];
    let mut heads = vec!["", "job", "result"];
    if tested {
        columns.push(Column::new(Align::Left));
        heads.push("tests");
    }
    if covered {
        columns.push(Column::new(Align::Right));
        heads.push("coverage");
    }
    for head in ["start", "took"] {
        columns.push(Column::new(Align::Right));
        heads.push(head);
    }
    columns.push(Column::new(Align::Left).optional());
    heads.push("timeline");
    columns.push(Column::new(Align::Left).shrinks(8, 12).optional());
    heads.push(if legs(record).any(|leg| !leg.planned.needs.is_empty()) {
        "after"
    } else {
        ""
    });

    let mut table = Table::new(columns, 2);
    table.row(
        heads
            .into_iter()
            .map(|head| Cell::new(Tone::Dim, head))
            .collect(),
    );
    let span = Span::of(record);
    for leg in legs(record) {
        let sign = leg_sign(leg);
        let quiet = sign == Sign::Skipped;
        let tone = if quiet { Tone::Dim } else { Tone::Plain };
        let mut cells = vec![
            Cell::new(sign.tone(), look.sign(sign)),
            Cell::new(tone, one_line(&leg.planned.key.0)),
            Cell::new(sign.tone(), result(leg)),
        ];
        let dash = || look.dash().to_owned();
        if tested {
            let counts = leg.test_counts();
            cells.push(tests_cell(counts, look).unwrap_or_else(|| Cell::new(Tone::Dim, dash())));
        }
        if covered {
            cells.push(leg_coverage(leg).unwrap_or_else(|| Cell::new(tone, dash())));
        }
        let (start, took) = span.times(leg);
        cells.push(Cell::new(tone, start.map_or_else(dash, duration)));
        cells.push(Cell::new(tone, took.map_or_else(dash, duration)));
        cells.push(span.bar(leg, bar, sign.tone(), look));
        cells.push(Cell::new(
            Tone::Dim,
            one_line(&leg.planned.needs.join(", ")),
        ));
        table.row(cells);
    }
    table.render(out.width, look)
}

/// How a leg ended, in a word.
fn result(leg: &JobRecord) -> &'static str {
    match leg.conclusion {
        Some(conclusion) => conclusion.as_str(),
        None if leg.started_at.is_some() => "cut short",
        None => "not begun",
    }
}

/// `212 ✓ 2 ✗ 3 ○`; `None` without tests.
pub(in crate::report) fn tests_cell(counts: TestCounts, look: Look) -> Option<Cell> {
    let kinds = [
        (counts.passed, Sign::Good, "ok"),
        (counts.failed + counts.errors, Sign::Bad, "bad"),
        (counts.skipped, Sign::Skipped, "skip"),
    ];
    let mut parts = Vec::new();
    for (count, sign, word) in kinds.into_iter().filter(|(count, ..)| *count > 0) {
        if !parts.is_empty() {
            parts.push((Tone::Plain, " ".to_owned()));
        }
        let sign_or_word = if look.ascii { word } else { look.sign(sign) };
        let tone = match sign {
            Sign::Good => Tone::Plain,
            other => other.tone(),
        };
        parts.push((tone, format!("{count} {sign_or_word}")));
    }
    (!parts.is_empty()).then(|| Cell::parts(parts))
}

/// Coverage of a leg by its first report: several are mostly forms of the same.
fn leg_coverage(leg: &JobRecord) -> Option<Cell> {
    let lost = leg.missing.iter().any(|missing| match missing.kind {
        ReportKind::Cobertura | ReportKind::Lcov | ReportKind::CoverageData => true,
        ReportKind::Junit | ReportKind::Html => false,
    });
    match leg.coverage.as_slice() {
        _ if lost => Some(Cell::new(Tone::Bad, "missing")),
        [] => None,
        [first, ..] => first.summary.percent().map(percent).map(Cell::plain),
    }
}

/// From the start of the run to its end, as far as that is known.
struct Span {
    start: u64,
    end: u64,
}

impl Span {
    fn of(record: &RunRecord) -> Self {
        let last = record
            .jobs
            .iter()
            .flat_map(|leg| [leg.started_at, leg.ready_at, leg.finished_at])
            .chain([record.finished_at])
            .flatten()
            .max();
        Self {
            start: record.started_at,
            end: last.unwrap_or(record.started_at),
        }
    }

    /// When a leg started, counted from the start of the run, and what it took.
    /// Legs that never ran have neither, though they have an end.
    fn times(&self, leg: &JobRecord) -> (Option<u64>, Option<u64>) {
        if leg.conclusion == Some(Conclusion::Skipped) {
            return (None, None);
        }
        let start = leg.started_at;
        (
            start.map(|at| at.saturating_sub(self.start)),
            start
                .zip(leg.finished_at)
                .map(|(start, end)| end.saturating_sub(start)),
        )
    }

    /// The time line of a leg, `width` columns for the whole run.
    fn bar(&self, leg: &JobRecord, width: usize, tone: Tone, look: Look) -> Cell {
        let total = self.end.saturating_sub(self.start).max(1);
        let (Some(start), Some(_)) = (leg.started_at, self.times(leg).0) else {
            return Cell::plain("");
        };
        let end = leg.finished_at.unwrap_or(self.end);
        let column = |at: u64| -> usize {
            let part = u128::from(at.saturating_sub(self.start)) * width as u128;
            usize::try_from(part / u128::from(total)).unwrap_or(width)
        };
        let from = column(start).min(width - 1);
        let to = column(end).clamp(from + 1, width);
        let (idle, busy) = if look.ascii {
            ("-", "=")
        } else {
            ("─", "█")
        };
        Cell::parts(vec![
            (Tone::Dim, idle.repeat(from)),
            (tone, busy.repeat(to - from)),
            (Tone::Dim, idle.repeat(width - to)),
        ])
    }
}
