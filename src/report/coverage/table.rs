//! Coverage as a table: a row for each file, with what is missing.

use super::missing::{gaps, partial};
use crate::record::FileCoverage;
use crate::report::format::{grouped, percent};
use crate::report::style::{Look, Tone};
use crate::report::table::{Align, Cell, Column, Table};
use crate::report::text::one_line;
use crate::results::Coverage;

/// Narrowest column of missing lines that is of use.
const MISSING: usize = 12;

/// The table, its lines at most `width` columns wide.
pub(crate) fn coverage_text(coverage: &Coverage, width: usize, look: Look) -> String {
    let summary = coverage.summary();
    let measured = summary.branches_valid > 0;
    let right = || Column::new(Align::Right);
    let mut columns = vec![Column::new(Align::Left).shrinks(16, 24), right(), right()];
    let mut heads = vec!["file", "lines", "missed"];
    if measured {
        columns.extend([right().optional(), right().optional()]);
        heads.extend(["branches", "partial"]);
    }
    columns.extend([right(), Column::new(Align::Left).shrinks(MISSING, MISSING)]);
    heads.extend(["covered", "missing"]);
    let mut table = Table::new(columns, 2);
    table.row(
        heads
            .iter()
            .map(|head| Cell::new(Tone::Dim, *head))
            .collect(),
    );
    let mut all_partial = 0;
    for (figures, file) in summary.files.iter().zip(coverage.files.values()) {
        let partial = partial(file);
        all_partial += partial;
        let gaps: Vec<String> = gaps(file).iter().map(ToString::to_string).collect();
        let name = Cell::plain(one_line(&figures.path));
        let partial = measured.then_some(partial);
        table.row(row(name, figures, partial, gaps.join(", "), look));
    }
    let total = summary.total();
    let name = Cell::new(Tone::Strong, "total");
    let partial = measured.then_some(all_partial);
    table.row(row(name, &total, partial, String::new(), look));
    let mut text = table.render(width, look).join("\n");
    text.push('\n');
    text
}

fn row(
    name: Cell,
    figures: &FileCoverage,
    partial: Option<u64>,
    missing: String,
    look: Look,
) -> Vec<Cell> {
    let number = |count: u64| Cell::plain(grouped(count));
    let mut cells = vec![
        name,
        number(figures.lines_valid),
        number(figures.lines_valid - figures.lines_covered),
    ];
    if let Some(partial) = partial {
        cells.extend([number(figures.branches_valid), number(partial)]);
    }
    let share = figures.percent();
    let tone = match share {
        Some(share) if share < 100.0 => Tone::Warn,
        Some(_) => Tone::Good,
        None => Tone::Dim,
    };
    cells.push(Cell::new(
        tone,
        share.map_or_else(|| look.dash().to_owned(), percent),
    ));
    cells.push(Cell::new(Tone::Dim, missing));
    cells
}
