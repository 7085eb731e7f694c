//! JUnit files among what is walked: the tests in them that failed.

use std::io::{self, BufRead, Read as _};

use super::names;
use crate::results::{MAX_BYTES, junit};
use crate::triage::{Matcher, Read, of_report};

/// Bytes of the beginning in which the root element stands: comments may come before it.
const LOOKED_AT: usize = 1024;

/// Whether a file that begins so is a JUnit report.
pub(super) fn is_report(begin: &[u8]) -> bool {
    let begin = begin.get(..LOOKED_AT).unwrap_or(begin);
    let text = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    let root = b"<testsuite";
    text.trim_ascii_start().starts_with(b"<")
        && text.windows(root.len()).any(|window| window == root)
}

/// Reads a report, of which at most `left` bytes count. Gives what it tells, and a note where it
/// is damaged.
///
/// # Errors
/// The stream breaks, or it is larger than a report may be.
pub(super) fn read(
    matcher: &Matcher,
    stream: &mut impl BufRead,
    left: &mut u64,
    name: &str,
    order: u64,
) -> io::Result<(Read, Option<String>)> {
    let most = (MAX_BYTES as u64).min(*left);
    let mut bytes = Vec::new();
    stream.take(most + 1).read_to_end(&mut bytes)?;
    *left = left.saturating_sub(bytes.len() as u64);
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!(
            "a report of tests of more than {} MiB",
            most >> 20
        )));
    }
    let report = junit::salvage(&bytes);
    let read = of_report(matcher, report.cases(), &names::origin(name), order);
    let note = (!report.complete)
        .then(|| format!("{name} is damaged: the tests before that are looked at"));
    Ok((read, note))
}
