//! Coverage for people and programs: figures, missing lines, source.

mod check;
mod diff;
mod html;
mod json;
mod missing;
mod table;

use crate::record::CoverageSummary;
use crate::report::format::{counted, percent};

pub(crate) use check::{CoverageChecked, coverage_check_json, coverage_check_text};
pub(crate) use diff::{coverage_diff_json, coverage_diff_text};
pub(crate) use html::{coverage_file_page, coverage_index_page, coverage_page_name};
pub(crate) use json::coverage_json;
pub(crate) use table::coverage_text;

/// The figures in one line: `84.2 % of 1,234 lines and 456 branches in 12 files`.
pub(crate) fn coverage_line(summary: &CoverageSummary) -> String {
    let share = match summary.percent() {
        Some(share) => percent(share),
        None => "nothing to cover".to_owned(),
    };
    let branches = match summary.branches_valid {
        0 => String::new(),
        count => format!(" and {}", branches(count)),
    };
    format!(
        "{share} of {}{branches} in {}",
        counted(summary.lines_valid, "line"),
        counted(summary.files.len() as u64, "file"),
    )
}

fn branches(count: u64) -> String {
    match count {
        1 => "1 branch".to_owned(),
        count => format!("{} branches", crate::report::format::grouped(count)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::report::Look;
    use crate::results::{Coverage, cobertura};

    /// What coverage.py 7.17.3 combined of three processes.
    pub(super) fn union() -> Coverage {
        let text = include_str!("../../../tests/fixtures/results/union/combined.xml");
        cobertura::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn one_line() {
        assert_eq!(
            coverage_line(&union().summary()),
            "92.6 % of 105 lines and 44 branches in 7 files"
        );
        assert_eq!(
            coverage_line(&CoverageSummary::default()),
            "nothing to cover of 0 lines in 0 files"
        );
    }

    #[test]
    fn a_table() {
        let look = Look {
            colour: false,
            ascii: false,
        };
        insta::assert_snapshot!("table", coverage_text(&union(), 80, look));
        insta::assert_snapshot!("table_narrow", coverage_text(&union(), 40, look));
    }

    #[test]
    fn json() {
        let mut coverage = union();
        coverage
            .files
            .retain(|name, _| name.contains("part") || name.contains("never"));
        let mut json = coverage_json(&coverage);
        json["meta"]["version"] = "1.2.3".into();
        insta::assert_snapshot!("json", crate::report::json_text(&json));
    }
}
