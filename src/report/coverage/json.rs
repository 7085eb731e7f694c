//! Coverage as JSON, with the names that coverage.py gives to the same things, so that
//! what reads `coverage json` reads this.

use serde_json::{Map, Value, json};

use super::missing::partial;
use crate::record::FileCoverage;
use crate::results::{Coverage, FileLines, Missing, Target, display_percent};

/// The document.
pub(crate) fn coverage_json(coverage: &Coverage) -> Value {
    let summary = coverage.summary();
    let mut files = Map::new();
    let mut all_partial = 0;
    for (figures, (path, file)) in summary.files.iter().zip(&coverage.files) {
        let partial = partial(file);
        all_partial += partial;
        files.insert(path.clone(), of_file(figures, file, partial));
    }
    let total = summary.total();
    json!({
        "meta": {
            "producer": "seatrial",
            "version": env!("CARGO_PKG_VERSION"),
            "format": 1,
            "branch_coverage": coverage.has_branches(),
        },
        "totals": figures_of(&total, all_partial),
        "files": files,
    })
}

fn of_file(figures: &FileCoverage, file: &FileLines, partial: u64) -> Value {
    let numbers = |ran: bool| -> Vec<u32> {
        let lines = file
            .lines
            .iter()
            .filter(|(_, line)| (line.hits() > 0) == ran);
        lines.map(|(number, _)| *number).collect()
    };
    // A way out of the code is a negative number, as coverage.py has it.
    let mut branches: Vec<[i64; 2]> = Vec::new();
    for (&number, line) in &file.lines {
        if let Some(known) = &line.branches
            && let Missing::Lines(targets) = known.missing()
        {
            branches.extend(targets.iter().map(|target| match target {
                Target::Exit => [i64::from(number), -1],
                Target::Line(to) => [i64::from(number), i64::from(*to)],
            }));
        }
    }
    json!({
        "executed_lines": numbers(true),
        "summary": figures_of(figures, partial),
        "missing_lines": numbers(false),
        "missing_branches": branches,
    })
}

fn figures_of(figures: &FileCoverage, partial: u64) -> Value {
    // What has no line is covered, by coverage.py.
    let share = figures.percent().unwrap_or(100.0);
    json!({
        "covered_lines": figures.lines_covered,
        "num_statements": figures.lines_valid,
        "percent_covered": share,
        "percent_covered_display": display_percent(share, 0),
        "missing_lines": figures.lines_valid - figures.lines_covered,
        "num_branches": figures.branches_valid,
        "num_partial_branches": partial,
        "covered_branches": figures.branches_covered,
        "missing_branches": figures.branches_valid - figures.branches_covered,
    })
}
