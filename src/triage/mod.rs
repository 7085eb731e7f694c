//! Why a run failed: logs and records → a diagnosis, causes before symptoms.
//!
//! The room is pure. A [`Reader`] takes the lines of one log after the other and keeps what
//! matters of them, so that memory is bounded by what is found and not by what is read. What
//! was found of all logs, and what a record says itself, becomes a [`Diagnosis`]: each cause
//! with what follows from it.

mod diagnose;
mod kinds;
mod line;
mod matcher;
mod of_record;
mod read;
mod signature;
mod step;
mod table;
mod telling;
mod unknown;

#[cfg(test)]
mod tests;

pub(crate) use diagnose::{Diagnosis, Finding, Place, diagnose};
pub(crate) use matcher::Matcher;
pub(crate) use of_record::{cases, of_record, of_report};
pub(crate) use read::{Origin, Read, Reader, order};
pub(crate) use signature::Confidence;
pub(crate) use table::all as signatures;
