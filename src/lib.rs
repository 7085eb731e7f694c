//! seatrial runs the GitHub Actions test workflow that a team already has inside
//! Docker containers, and proves that nothing was lost on the way.
//!
//! The rooms in the order of the data; a room uses only rooms above it. See
//! `ARCHITECTURE.md`.

mod record;
mod workflow;
mod expr;
mod plan;
mod results;
mod docker;
mod image;
mod engine;
mod actions;
mod runner;
mod gate;
mod report;
mod settings;
mod cli;

pub use cli::main;
