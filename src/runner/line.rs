//! A stream cut into lines, for the logs.

use std::sync::{Mutex, PoisonError};

use super::mask::Masker;

/// Longest line that is waited for; what is longer comes in pieces.
const MAX: usize = 64 * 1024;

/// Adds a piece that holds at most one line end, at its end, to a line that has not ended,
/// and gives what can be taken in now: the line, or the part of a long one in which no
/// secret may begin.
pub(super) fn take(line: &mut Vec<u8>, piece: &[u8], masker: &Mutex<Masker>) -> Option<Vec<u8>> {
    line.extend_from_slice(piece);
    if line.ends_with(b"\n") {
        return Some(std::mem::take(line));
    }
    if line.len() < MAX {
        return None;
    }
    let masker = masker.lock().unwrap_or_else(PoisonError::into_inner);
    Some(masker.decided(line)).filter(|part| !part.is_empty())
}
