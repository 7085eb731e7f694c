//! Test cases as JUnit XML.
//!
//! The format has no binding definition. What is followed are pytest's
//! `_pytest/junitxml.py` (families `xunit1` and `xunit2`) and the schema of
//! Jenkins' xunit plugin; other producers are read with patience.

mod case;
mod fold;
mod frames;
mod more;
mod node_id;
mod read;
mod run;
mod write;

pub(crate) use frames::frames;
pub(crate) use read::{JunitReport, read, salvage};
pub(crate) use run::of_run;
#[cfg(test)]
pub(crate) use write::{Section, write};

#[cfg(test)]
pub(crate) use read::{MAX_DETAILS, MAX_MESSAGE};
