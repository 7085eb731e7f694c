//! Results that go to a file where the command line names one.

use std::path::Path;

use super::App;
use super::error::CliError;
use crate::record::Cause;

/// Gives data to the file that is named, else to standard output.
///
/// # Errors
/// The file cannot be written.
pub(super) fn deliver(app: &App, file: Option<&Path>, text: &str) -> Result<(), CliError> {
    match file {
        Some(file) => write(file, text),
        None => {
            app.out.data(text);
            Ok(())
        }
    }
}

/// Writes a file that the command line names.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(file: &Path, text: &str) -> Result<(), CliError> {
    std::fs::write(file, text).map_err(|error| unwritable(file, &error))
}

/// A file that cannot be written.
pub(super) fn unwritable(file: &Path, error: &std::io::Error) -> CliError {
    CliError::new(
        Cause::OutputWriteFailed,
        format!("{} cannot be written: {error}", file.display()),
    )
}
