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
    /// The figures of all files together, under no path.
    pub(crate) fn total(&self) -> FileCoverage {
        FileCoverage {
            path: String::new(),
            lines_valid: self.lines_valid,
            lines_covered: self.lines_covered,
            branches_valid: self.branches_valid,
            branches_covered: self.branches_covered,
        }
    }

    /// The sum of files.
    pub(crate) fn of(files: Vec<FileCoverage>) -> Self {
        let mut summary = Self::default();
        for file in &files {
            summary.lines_valid += file.lines_valid;
            summary.lines_covered += file.lines_covered;
            summary.branches_valid += file.branches_valid;
            summary.branches_covered += file.branches_covered;
        }
        summary.files = files;
        summary
    }

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

/// A coverage report that came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CoverageReport {
    /// Path below the run's directory.
    pub(crate) path: String,
    /// Its totals.
    pub(crate) summary: CoverageSummary,
}

/// Data of coverage.py that came out: what ran, without what could have run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CoverageData {
    /// The step that measured.
    pub(crate) step: u32,
    /// Path below the run's directory.
    pub(crate) path: String,
    /// The folder of the repository where the tests ran: names in the data begin with it.
    pub(crate) workspace: String,
}

/// What merged coverage was held against beside thresholds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CoverageBase {
    /// What it is, in words: `main`, `coverage.xml`.
    pub(crate) name: String,
    /// The totals there, where a report tells them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<CoverageSummary>,
    /// Coverage of what has changed since, where git tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<ChangedCoverage>,
}

/// Coverage of new and changed lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangedCoverage {
    /// Files with changed statements, by path.
    pub(crate) files: Vec<ChangedFile>,
    /// Changed files that no report knows, of the kinds that reports know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unknown: Vec<String>,
}

/// The new and changed lines of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangedFile {
    /// Path relative to the repository.
    pub(crate) path: String,
    /// Those that are statements.
    pub(crate) lines_valid: u64,
    /// Those of them that did not run.
    pub(crate) missed: Vec<u32>,
}

impl ChangedCoverage {
    /// Covered and all changed statements.
    pub(crate) fn counts(&self) -> (u64, u64) {
        self.files.iter().fold((0, 0), |(covered, valid), file| {
            let missed = file.missed.len() as u64;
            let ran = file.lines_valid.saturating_sub(missed);
            (covered + ran, valid + file.lines_valid)
        })
    }

    /// Covered share in percent. `None` where no statement has changed.
    pub(crate) fn percent(&self) -> Option<f64> {
        let (covered, valid) = self.counts();
        percent(covered, valid)
    }
}

#[expect(clippy::cast_precision_loss, reason = "line counts are far below 2^52")]
fn percent(covered: u64, valid: u64) -> Option<f64> {
    (valid > 0).then(|| 100.0 * covered as f64 / valid as f64)
}
