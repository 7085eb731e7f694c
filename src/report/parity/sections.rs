//! Jobs, environments and coverage, side by side.

use super::text::{Page, difference};
use crate::parity::{Comparison, JobSide};
use crate::record::FileCoverage;
use crate::report::format::{duration, grouped, percent};
use crate::report::style::Tone;
use crate::report::table::{Align, Cell, Column, Table};
use crate::report::text::one_line;

/// Most rows of a table.
const ROWS: usize = 30;

/// Results and times of legs.
pub(super) fn jobs(page: &mut Page, comparison: &Comparison) {
    let mut columns = vec![Column::new(Align::Left).shrinks(8, 16)];
    columns.extend([Column::new(Align::Left); 2]);
    columns.extend([Column::new(Align::Right); 2]);
    columns.push(Column::new(Align::Left).optional());
    let mut table = Table::new(columns, 2);
    let heads = ["", "control", "candidate", "tests", "", ""];
    table.row(heads.map(|head| Cell::new(Tone::Dim, head)).to_vec());
    for pair in comparison.jobs.iter().take(ROWS) {
        let time = |side: &Option<JobSide>| {
            let usable = side.as_ref().filter(|side| side.is_usable())?;
            Some(usable.test_steps)
        };
        let (one, other) = (time(&pair.control), time(&pair.candidate));
        let shown = |time: Option<u64>| Cell::plain(time.map(duration).unwrap_or_default());
        let apart = match (one, other) {
            (Some(one), Some(other)) if one > 0 => difference(one, other),
            _ => String::new(),
        };
        table.row(vec![
            Cell::plain(format!("  {}", one_line(&pair.job.0))),
            result(pair.control.as_ref()),
            result(pair.candidate.as_ref()),
            shown(one),
            shown(other),
            Cell::new(Tone::Dim, apart),
        ]);
    }
    section(page, "jobs", &table, comparison.jobs.len());
}

fn result(side: Option<&JobSide>) -> Cell {
    let Some(side) = side else {
        return Cell::new(Tone::Warn, "did not run");
    };
    let usable = side.runs - side.lost.len();
    match (side.succeeded, usable) {
        (_, 0) => Cell::new(Tone::Warn, "could not run"),
        (0, _) => Cell::new(Tone::Bad, "failure"),
        (succeeded, usable) if succeeded == usable => Cell::new(Tone::Good, "success"),
        (succeeded, usable) => Cell::new(Tone::Warn, format!("success {succeeded} of {usable}")),
    }
}

/// Facts in which the environments differ.
pub(super) fn environment(page: &mut Page, comparison: &Comparison) {
    let mut table = Table::new(
        vec![
            Column::new(Align::Left),
            Column::new(Align::Left).shrinks(10, 24),
            Column::new(Align::Left).shrinks(10, 24),
            Column::new(Align::Left).optional(),
        ],
        2,
    );
    let heads = ["", "control", "candidate", ""];
    table.row(heads.map(|head| Cell::new(Tone::Dim, head)).to_vec());
    for one in comparison.environment.iter().take(ROWS) {
        let jobs = if one.jobs.len() == comparison.jobs.len() {
            String::new()
        } else {
            let names: Vec<String> = one.jobs.iter().map(|job| one_line(&job.0)).collect();
            format!("({})", names.join(", "))
        };
        table.row(vec![
            Cell::plain(format!("  {}", one.fact)),
            Cell::plain(one_line(&one.control)),
            Cell::plain(one_line(&one.candidate)),
            Cell::new(Tone::Dim, jobs),
        ]);
    }
    section(
        page,
        "environments differ in",
        &table,
        comparison.environment.len(),
    );
}

/// Coverage, by file where it differs.
pub(super) fn coverage(page: &mut Page, comparison: &Comparison) {
    let Some(pair) = &comparison.coverage else {
        return;
    };
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).shrinks(12, 24),
            Column::new(Align::Right),
            Column::new(Align::Right),
        ],
        2,
    );
    let heads = ["", "control", "candidate"];
    table.row(heads.map(|head| Cell::new(Tone::Dim, head)).to_vec());
    let total = |share: Option<f64>| {
        Cell::plain(share.map_or_else(|| page.look.dash().to_owned(), percent))
    };
    table.row(vec![
        Cell::plain("  total"),
        total(pair.control),
        total(pair.candidate),
    ]);
    let file = |file: &Option<FileCoverage>| match file {
        Some(file) => {
            let covered = file.lines_covered + file.branches_covered;
            let valid = file.lines_valid + file.branches_valid;
            Cell::plain(format!("{} of {}", grouped(covered), grouped(valid)))
        }
        None => Cell::new(Tone::Warn, "not there"),
    };
    for one in pair.files.iter().take(ROWS) {
        table.row(vec![
            Cell::plain(format!("  {}", one_line(&one.path))),
            file(&one.control),
            file(&one.candidate),
        ]);
    }
    section(page, "coverage", &table, pair.files.len() + 1);
}

/// A table under its heading, with what it leaves out; nothing where it has no rows.
fn section(page: &mut Page, heading: &str, table: &Table, rows: usize) {
    if rows == 0 {
        return;
    }
    page.heading(heading);
    let lines = table.render(page.width, page.look);
    page.lines.extend(lines);
    if rows > ROWS {
        page.folded("  ", &format!("… and {} more", rows - ROWS), Tone::Dim);
    }
    page.lines.push(String::new());
}
