//! The readers of this folder that fuzz targets call.

use super::relay::{Part, Splitter};
use super::report::Report;

/// Finds the marks in a stream, whole and in pieces as long as its first byte says:
/// both times the same, and no byte is lost.
pub(crate) fn marks(data: &[u8]) {
    let Some((length, stream)) = data.split_first() else {
        return;
    };
    let whole = gather(std::iter::once(stream));
    let cut = gather(stream.chunks(usize::from(*length).max(1)));
    assert_eq!(whole, cut, "the cut makes a difference");
    let back: Vec<u8> = whole
        .into_iter()
        .flat_map(|part| match part {
            Part::Text(text) => text,
            Part::Mark(token) => format!("\u{1e}{token}\u{1e}").into_bytes(),
        })
        .collect();
    assert_eq!(back, stream, "bytes were lost");
}

/// The parts of a stream, texts that follow each other joined.
fn gather<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Part> {
    let mut splitter = Splitter::default();
    let mut parts = Vec::new();
    for piece in pieces {
        parts.extend(splitter.push(piece));
    }
    parts.push(Part::Text(splitter.rest()));
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Part::Text(text)), Part::Text(more)) => text.extend(more),
            (_, Part::Text(text)) if text.is_empty() => {}
            (_, part) => joined.push(part),
        }
    }
    joined
}

/// Reads what the shell in a container reports of a step. What is believed is whole:
/// its files together are shorter than the report.
pub(crate) fn step_report(data: &[u8]) {
    let report = Report::of(data.to_vec());
    let files = report.mailbox(&[("env", "GITHUB_ENV"), ("path", "GITHUB_PATH")]);
    if report.complete {
        assert!(data.ends_with(b"done\n"));
        let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes < data.len());
    }
}
