//! Two workflow files compared by what they mean: which jobs there are, what each test command
//! runs wherever it runs, what decides, what is kept of it.
//!
//! `read/` says what one file means: each job in each of its ways (on the runner, in a
//! container), as items: commands, also those in containers and in other shells, and actions.
//! `pair` finds which items belong together. The other files compare, each one kind of thing.

mod action;
mod finding;
mod fold;
mod item;
mod job;
mod marks;
mod matched;
mod pair;
mod permissions;
mod pytest;
mod read;
mod reports;
mod run;
mod services;
mod step;
#[cfg(test)]
mod tests;
mod text;
mod triggers;
mod uploads;
mod workflow;

pub(crate) use action::of_action;
pub(crate) use finding::{Diff, Finding, Topic, Verdict};
pub(crate) use run::diff;
