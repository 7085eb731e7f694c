//! The merged report, written in the forms that were asked for.

use std::io::Read as _;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::args::MergeArgs;
use crate::cli::deliver::unwritable;
use crate::cli::error::CliError;
use crate::record::Cause;
use crate::report;
use crate::results::{Coverage, cobertura, lcov};

/// Largest source file that is shown, in bytes.
const MAX_SOURCE: u64 = 8 << 20;

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
pub(super) fn write(
    args: &MergeArgs,
    coverage: &Coverage,
    root: Option<&Path>,
) -> Result<bool, CliError> {
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
    if let Some(folder) = &args.html {
        pages(folder, coverage, root)?;
    }
    Ok(!files.is_empty() || args.html.is_some())
}

/// Writes the index and a page for each file. Sources are read from the repository and
/// nowhere else, whatever a report names and wherever a link leads.
fn pages(folder: &Path, coverage: &Coverage, root: Option<&Path>) -> Result<(), CliError> {
    let tree = root.and_then(|root| Dir::open_ambient_dir(root, ambient_authority()).ok());
    for (path, lines) in &coverage.files {
        let source = tree.as_ref().and_then(|tree| source_of(tree, path));
        let page = report::coverage_file_page(path, lines, source.as_deref());
        write_file(&folder.join(report::coverage_page_name(path)), &page)?;
    }
    let index = report::coverage_index_page(coverage);
    write_file(&folder.join("index.html"), &index)
}

/// The text of a file of the repository.
fn source_of(tree: &Dir, path: &str) -> Option<String> {
    let file = tree.open(path).ok()?;
    let meta = file.metadata().ok()?;
    if !meta.is_file() || meta.len() > MAX_SOURCE {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MAX_SOURCE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
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
        .map_err(|error| unwritable(path, &error))
}
