//! Coverage as LCOV tracefile (`lcov.info`), by geninfo(1).

mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::write;

/// What coverage.py calls a branch to a line, followed by its number
/// (`PythonParser.arc_description`).
const TO_LINE: &str = "jump to line ";

/// What coverage.py calls a branch out of the code by default.
const TO_EXIT: &str = "jump to the function exit";

/// Our name for a missing branch whose name the report did not tell.
const UNNAMED: &str = "unnamed ";
