//! What happened in a run: the hinge of the program.
//!
//! The runner emits [`Event`]s; folding them gives the [`RunRecord`]
//! (`run.json`). Everything after it (gate, report, history …) is a function of
//! the record. This room does no I/O and uses no other room.

mod cause;
mod coverage;
mod event;
mod facts;
mod image;
mod keys;
mod outcome;
mod run;
mod spans;
mod tests;
mod verdict;
mod zero;

pub(crate) use cause::{COVERAGE_GATE, Cause, Class, EXIT_SUCCESS, Failure};
pub(crate) use coverage::{
    ChangedCoverage, ChangedFile, CoverageBase, CoverageData, CoverageSummary, FileCoverage,
    ReportKind,
};
pub(crate) use event::{Event, EventKind, LeftOut, Level, Place, PlannedJob, PlannedStep};
#[cfg(test)]
pub(crate) use facts::Python;
pub(crate) use facts::{Capability, JobFacts, package_name};
pub(crate) use image::{BuildStep, CacheRecord, ImageRecord};
pub(crate) use keys::{CiRun, JobKey, RunId, StepKey, slug};
pub(crate) use outcome::Conclusion;
pub(crate) use run::{
    ArtifactRecord, JobRecord, MissingReport, RunInfo, RunRecord, SCHEMA, StepRecord,
};
pub(crate) use tests::{TestCase, TestCounts, TestOutcome};
pub(crate) use verdict::Verdict;
pub(crate) use zero::is_zero;
