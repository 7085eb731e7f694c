//! Past runs: what is kept of each, and where.
//!
//! An [`Entry`] is one run in the history. It is a function of the run's record, small
//! enough to keep a hundred thousand of them, and holds all that trends, flaky tests and
//! the triggers of a roll-back are judged by.

mod entry;
mod machine;
mod of_record;
#[cfg(test)]
mod tests;

pub(crate) use entry::{
    ENTRY_SCHEMA, Entry, ImageEntry, Layer, LegEntry, Reason, Source, StepEntry, TestEntry, Warmth,
};
pub(crate) use of_record::Beside;
