//! Past runs: what is kept of each, and where.
//!
//! An [`Entry`] is one run in the history. It is a function of the run's record, small
//! enough to keep a hundred thousand of them, and holds all that trends, flaky tests and
//! the triggers of a roll-back are judged by.

mod decision;
mod entry;
mod line;
mod machine;
mod of_record;
mod pack;
mod place;
pub(crate) mod shadow;
#[cfg(test)]
pub(crate) mod simulated;
mod store;
mod summary;
#[cfg(test)]
mod tests;
mod whole;
#[cfg(test)]
mod whole_tests;

pub(crate) use decision::{Decision, DecisionKind};
#[cfg(test)]
pub(crate) use entry::ENTRY_SCHEMA;
pub(crate) use entry::{Entry, ImageEntry, LegEntry, Reason, Source, StepEntry, TestEntry, Warmth};
pub(crate) use line::{Line, is_name};
pub(crate) use of_record::Beside;
pub(crate) use place::{Place, ServerUrl};
pub(crate) use store::{Added, Prune, Purpose, Store, StoreError, Trouble};
pub(crate) use summary::{Filter, Summary};
pub(crate) use whole::{last_wholes, wholes};
