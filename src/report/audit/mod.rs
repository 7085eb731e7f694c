//! What `seatrial audit` shows, in three forms.

mod json;
mod sarif;
mod table;

#[cfg(test)]
mod sample;

pub(crate) use json::audit_json;
pub(crate) use sarif::audit_sarif;
pub(crate) use table::audit_text;

use crate::scan::FilePlace;

/// A place in words: `.github/workflows/test.yml:12:9`.
fn place_text(place: &FilePlace) -> String {
    format!("{}:{}:{}", place.path, place.line, place.column)
}
