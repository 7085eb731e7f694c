//! Checks of the whole room: against files that coverage.py and pytest wrote,
//! against damaged files, and for properties that hold for any input.
#![allow(clippy::unwrap_used, reason = "tests")]

mod corpus;
mod coverage_py;
mod damaged;
mod example;
mod malformed;
mod properties;
mod pytest;
mod union;

/// A file below `tests/fixtures/results/`.
macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/results/",
            $path
        ))
    };
}
pub(crate) use fixture;
