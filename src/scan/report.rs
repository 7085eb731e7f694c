//! The result of a scan, as all forms of it are made of.

use jiff::Timestamp;

use super::finding::{FilePlace, Finding, Level, Severity};
use super::packages::{OsRelease, Package};
use super::policy::causes;
use crate::record::{Cause, EXIT_SUCCESS};

/// What was looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    /// The name by which it was asked for.
    pub(crate) name: String,
    /// The engine's id; empty for a file.
    pub(crate) id: String,
    /// Bytes of all layers, unpacked.
    pub(crate) bytes: u64,
    /// What made each layer.
    pub(crate) created_by: Vec<String>,
    /// The distribution.
    pub(crate) os: Option<OsRelease>,
    /// Its packages.
    pub(crate) packages: Vec<Package>,
    /// The file of the repository that stands for it: its Dockerfile, or the workflow.
    pub(crate) file: Option<FilePlace>,
}

/// How vulnerabilities were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Checked {
    /// Not at all, and why.
    Not(String),
    /// In a database.
    Database {
        /// Where it is.
        source: String,
        /// How many advisories it has.
        advisories: u64,
        /// When the newest of them was changed.
        newest: Option<Timestamp>,
    },
    /// By another scanner: its name, and version where it told one.
    Scanner(String),
}

/// The result of a scan.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The images.
    pub(crate) targets: Vec<Target>,
    /// What was found, the gravest first.
    pub(crate) findings: Vec<Finding>,
    /// What could not be understood, and what is worth knowing.
    pub(crate) notices: Vec<String>,
    /// How vulnerabilities were looked for.
    pub(crate) checked: Checked,
    /// When the scan was made.
    pub(crate) made: Timestamp,
    /// Vulnerabilities that the settings look over, with their reasons.
    pub(crate) ignored: Vec<(String, String)>,
}

impl Report {
    /// The published reasons for which it fails.
    pub(crate) fn causes(&self) -> Vec<Cause> {
        causes(&self.findings)
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        self.causes()
            .first()
            .map_or(EXIT_SUCCESS, |cause| cause.exit_code())
    }

    /// How many findings have a level.
    pub(crate) fn count(&self, level: Level) -> usize {
        let of = |finding: &&Finding| finding.level == level;
        self.findings.iter().filter(of).count()
    }

    /// How many findings that are shown have a severity.
    pub(crate) fn shown(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.level != Level::Allow && finding.severity == severity)
            .count()
    }
}
