//! How the figures of runs develop: what is normal, and what got worse.
//!
//! Entries of the history go in. Those that can be compared become groups of series; each is judged: what
//! its normal is, whether it left it and where, and which step or layer did it.

mod flaky;
mod grown;
mod judge;
mod levels;
mod metric;
mod overview;
mod robust;
mod series;
#[cfg(test)]
mod tests;

pub(crate) use flaky::{FlakySearch, FlakyTest, InQuarantine, Sighting};
pub(crate) use grown::grown;
pub(crate) use judge::{Change, Judgement, Trend};
pub(crate) use levels::FEWEST;
pub(crate) use metric::{Cache, Kind, Unit};
pub(crate) use overview::{Followed, Overview, overview};
