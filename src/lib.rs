//! seatrial runs the GitHub Actions test workflow that a team already has inside
//! Docker containers, and proves that nothing was lost on the way.
//!
//! The rooms in the order of the data; a room uses only rooms above it. See
//! `ARCHITECTURE.md`.

mod actions;
mod audit;
mod cli;
mod convert;
mod diff;
mod docker;
mod engine;
mod expr;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod gate;
mod github;
mod history;
mod image;
mod parity;
mod plan;
mod record;
mod report;
mod results;
mod rollout;
mod runner;
mod scan;
mod settings;
mod trend;
mod triage;
mod workflow;

pub use cli::main;
