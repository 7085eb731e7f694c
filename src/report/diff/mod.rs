//! What `seatrial diff` shows.

mod json;
#[cfg(test)]
mod sample;
mod table;

pub(crate) use json::diff_json;
pub(crate) use table::{DiffOptions, diff_text, finding_line};
