//! How far a team has gone over to containers, and whether it should go back.
//!
//! The flag `CI_USE_DOCKER_TESTS` says where the tests of a commit run ([`Flag`]). Four
//! triggers look at the runs of the history and speak for going back ([`judge`]); what
//! happens then is decided elsewhere. Functions of the history: nothing here acts.

mod back;
mod critical;
mod flag;
mod judge;
mod pairs;
mod rules;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_simulated;
mod trigger;

pub(crate) use back::{Readiness, readiness};
pub(crate) use flag::{Flag, FlagPlace};
pub(crate) use judge::{Judgement, judge};
pub(crate) use rules::{Rules, Way};
#[cfg(test)]
pub(crate) use trigger::Trigger;
pub(crate) use trigger::{Evidence, Watched};
