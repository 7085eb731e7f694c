//! The merged report, written in the forms that were asked for.

use std::path::Path;

use super::args::MergeArgs;
use crate::cli::error::CliError;
use crate::record::Cause;
use crate::report;
use crate::results::{Coverage, cobertura, lcov};

/// The forms that a file can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Xml,
    Lcov,
    Json,
}

/// The report as Cobertura XML.
pub(super) fn cobertura(coverage: &Coverage) -> String {
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
    cobertura::write(coverage, env!("CARGO_PKG_VERSION"), now)
}

/// Writes every file that the arguments name. Whether there was any.
///
/// # Errors
/// A name says no form, or a file cannot be written.
pub(super) fn write(args: &MergeArgs, coverage: &Coverage) -> Result<bool, CliError> {
    let mut files = Vec::new();
    for path in &args.output {
        files.push((path.as_path(), form_of(path)?));
    }
    let named = [
        (&args.xml, Form::Xml),
        (&args.lcov, Form::Lcov),
        (&args.json, Form::Json),
    ];
    files.extend(
        named
            .iter()
            .filter_map(|(path, form)| Some((path.as_deref()?, *form))),
    );
    for (path, form) in &files {
        let text = match form {
            Form::Xml => cobertura(coverage),
            Form::Lcov => lcov::write(coverage),
            Form::Json => report::json_text(&report::coverage_json(coverage)),
        };
        write_file(path, &text)?;
    }
    Ok(!files.is_empty())
}

fn form_of(path: &Path) -> Result<Form, CliError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("xml") => Ok(Form::Xml),
        Some("info" | "lcov") => Ok(Form::Lcov),
        Some("json") => Ok(Form::Json),
        _ => Err(CliError::new(
            Cause::Usage,
            format!("the name {} says no form", path.display()),
        )
        .with_hint("end it with .xml, .info, .lcov or .json")),
    }
}

/// Writes a file, with the folders that it lies in.
fn write_file(path: &Path, text: &str) -> Result<(), CliError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| {
            CliError::new(
                Cause::OutputWriteFailed,
                format!("{} cannot be written: {error}", path.display()),
            )
        })
}
