//! Coverage figures as they stand in the record.

use serde::{Deserialize, Serialize};

/// The kinds of report that tests leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportKind {
    /// Test cases, JUnit XML.
    Junit,
    /// Coverage, Cobertura XML (`coverage.xml`).
    Cobertura,
    /// Coverage, LCOV tracefile (`lcov.info`).
    Lcov,
    /// Coverage, browsable HTML (`htmlcov/`).
    Html,
    /// Coverage, coverage.py's own SQLite data (`.coverage`).
    CoverageData,
}

impl ReportKind {
    /// The kind in words, for messages.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Junit => "JUnit report",
            Self::Cobertura => "coverage report (Cobertura XML)",
            Self::Lcov => "coverage report (LCOV)",
            Self::Html => "coverage report (HTML)",
            Self::CoverageData => "coverage data",
        }
    }
}

/// Lines and branches of one file, or of a whole report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileCoverage {
    /// Path relative to the repository, `/` between the parts.
    pub(crate) path: String,
    /// Executable lines.
    pub(crate) lines_valid: u64,
    /// Executable lines that ran at least once.
    pub(crate) lines_covered: u64,
    /// Branches (arcs) known.
    pub(crate) branches_valid: u64,
    /// Branches taken at least once.
    pub(crate) branches_covered: u64,
}

impl FileCoverage {
    /// Covered share in percent, lines and branches together. `None` when there is
    /// nothing to cover.
    pub(crate) fn percent(&self) -> Option<f64> {
        percent(
            self.lines_covered + self.branches_covered,
            self.lines_valid + self.branches_valid,
        )
    }
}

/// Totals of a coverage report, recounted from its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CoverageSummary {
    /// Executable lines.
    pub(crate) lines_valid: u64,
    /// Executable lines that ran at least once.
    pub(crate) lines_covered: u64,
    /// Branches known; 0 where branches were not measured.
    pub(crate) branches_valid: u64,
    /// Branches taken at least once.
    pub(crate) branches_covered: u64,
    /// Per file, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) files: Vec<FileCoverage>,
}

impl CoverageSummary {
    /// Covered share in percent the way coverage.py's total counts it: lines and
    /// branches together (`coverage report`, `Numbers.pc_covered`). `None` when
    /// there is nothing to cover.
    pub(crate) fn percent(&self) -> Option<f64> {
        percent(
            self.lines_covered + self.branches_covered,
            self.lines_valid + self.branches_valid,
        )
    }

    /// Covered lines in percent (Cobertura's line rate × 100).
    pub(crate) fn line_percent(&self) -> Option<f64> {
        percent(self.lines_covered, self.lines_valid)
    }

    /// Taken branches in percent (Cobertura's branch rate × 100).
    pub(crate) fn branch_percent(&self) -> Option<f64> {
        percent(self.branches_covered, self.branches_valid)
    }
}

#[expect(clippy::cast_precision_loss, reason = "line counts are far below 2^52")]
fn percent(covered: u64, valid: u64) -> Option<f64> {
    (valid > 0).then(|| 100.0 * covered as f64 / valid as f64)
}
