//! A log as a stream of lines.

use std::io::{self, BufRead};

use crate::triage::Reader;

/// Longest line that is kept while it is read, in bytes; what comes behind is passed over.
const LONGEST: usize = 64 * 1024;
/// Bytes of the beginning that show whether something is text.
const LOOKED_AT: usize = 1024;

/// Reads lines until the end, or until `left` bytes are used up. `false` where this is no
/// text: then nothing was read.
///
/// # Errors
/// The stream breaks; what came before counts.
pub(super) fn read(
    stream: &mut impl BufRead,
    reader: &mut Reader<'_>,
    left: &mut u64,
) -> io::Result<bool> {
    let begin = stream.fill_buf()?;
    if begin.iter().take(LOOKED_AT).any(|byte| *byte == 0) {
        return Ok(false);
    }
    let mut line: Vec<u8> = Vec::new();
    loop {
        let buffer = stream.fill_buf()?;
        if buffer.is_empty() || *left == 0 {
            break;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or(buffer);
        let room = LONGEST.saturating_sub(line.len());
        line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or(part));
        let used = part.len() + usize::from(end.is_some());
        stream.consume(used);
        *left = left.saturating_sub(used as u64);
        if end.is_some() {
            reader.line(&line);
            line.clear();
        }
    }
    if !line.is_empty() {
        reader.line(&line);
    }
    Ok(true)
}
