//! Which of the known forms a coverage file has, and reading it as that.

use super::coverage::Coverage;
use super::data::{self, Data};
use super::error::ResultsError;
use super::{cobertura, lcov};

/// The forms of coverage that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Cobertura XML.
    Cobertura,
    /// LCOV tracefile.
    Lcov,
    /// coverage.py's data.
    Data,
}

/// A coverage file that was read.
#[derive(Debug, Clone)]
pub(crate) enum Read {
    /// A report: which lines there are, and which of them ran.
    Report(Coverage),
    /// Data: what ran.
    Data(Data),
}

impl Format {
    /// The form of a file, by how it begins; by its name where that says nothing, so
    /// that a damaged file is told to be a damaged one of its kind.
    pub(crate) fn of(name: &str, bytes: &[u8]) -> Self {
        let start = bytes.get(..64).unwrap_or(bytes);
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let text = text.trim_ascii_start();
        if start.starts_with(data::MAGIC) {
            Self::Data
        } else if text.starts_with(b"<") {
            Self::Cobertura
        } else if text.starts_with(b"TN:") || text.starts_with(b"SF:") {
            Self::Lcov
        } else {
            Self::named(name).unwrap_or(Self::Cobertura)
        }
    }

    /// The form that a file of this name has by custom.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.rsplit('/').next().unwrap_or(name);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if is_data_name(name) {
            Some(Self::Data)
        } else if ending == "xml" {
            Some(Self::Cobertura)
        } else if matches!(ending, "info" | "lcov") {
            Some(Self::Lcov)
        } else {
            None
        }
    }
}

/// Whether coverage.py names its data so: `.coverage`, and `.coverage.` with host,
/// process and a random part for each process.
fn is_data_name(name: &str) -> bool {
    let rest = name
        .strip_prefix(".coverage")
        .or_else(|| name.strip_suffix(".coverage").map(|_| ""));
    rest.is_some_and(|rest| {
        (rest.is_empty() || rest.starts_with('.')) && !rest.ends_with("-journal")
    })
}

/// Reads a coverage file of any known form.
///
/// # Errors
/// Those of the form's reader.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Read, ResultsError> {
    match Format::of(name, bytes) {
        Format::Cobertura => cobertura::read(bytes).map(Read::Report),
        Format::Lcov => lcov::read(bytes).map(Read::Report),
        Format::Data => data::read(bytes).map(Read::Data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_goes_before_the_name() {
        for (name, bytes, expected) in [
            ("a.txt", &b"SQLite format 3\0..."[..], Format::Data),
            ("a.info", b"\xef\xbb\xbf \n<?xml", Format::Cobertura),
            ("a.xml", b"TN:\nSF:a", Format::Lcov),
            (".coverage", b"", Format::Data),
            ("out/.coverage.host.12.XaB", b"nonsense", Format::Data),
            ("lcov.info", b"nonsense", Format::Lcov),
            ("coverage.xml", b"", Format::Cobertura),
            ("report", b"nonsense", Format::Cobertura),
        ] {
            assert_eq!(Format::of(name, bytes), expected, "{name}");
        }
        for (name, expected) in [
            (".coveragerc", None),
            (".coverage.a-journal", None),
            ("part.coverage", Some(Format::Data)),
            ("x.py", None),
        ] {
            assert_eq!(Format::named(name), expected, "{name}");
        }
    }
}
