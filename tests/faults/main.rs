//! Faults, on the real engine: what `docs/reliability.md` promises for each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod daemon;
mod disk;
mod false_green;
mod hostile;
mod images;
mod killed;
mod matrix;
mod memory;
mod output;
mod stopped;
mod together;
