//! What tests leave behind: reading, joining and writing coverage and JUnit
//! reports.
//!
//! The room is pure: bytes and strings come in, values and strings go out. The
//! readers do not trust what they read. A report that is cut off, nested without
//! end or full of entities gives an error, never a figure and never a panic; and
//! totals are counted from lines and cases, whatever the report states.

mod aliases;
mod branches;
mod changes;
mod chars;
#[cfg(test)]
mod checks;
mod coverage;
mod error;
mod figures;
mod format;
mod input;
mod number;
mod paths;
mod test_pattern;
mod xml;

pub(crate) mod cobertura;
pub(crate) mod data;
pub(crate) mod junit;
pub(crate) mod lcov;

pub(crate) use aliases::Aliases;
pub(crate) use branches::{Missing, Target};
pub(crate) use changes::{Against, Changes};
pub(crate) use coverage::{Coverage, FileLines, Line};
pub(crate) use figures::{display_percent, should_fail_under};
pub(crate) use format::{Format, Read, read};
pub(crate) use input::MAX_BYTES;
pub(crate) use paths::PathMap;
pub(crate) use test_pattern::TestPattern;
