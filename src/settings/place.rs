//! Places in a settings file: TOML tells bytes, people read lines and columns.

use std::ops::Range;

use crate::workflow::{Mark, Span};

/// The place of a range of bytes.
pub(super) fn span_of(text: &str, range: &Range<usize>) -> Span {
    Span {
        start: mark(text, range.start),
        end: mark(text, range.end.max(range.start)),
    }
}

fn mark(text: &str, offset: usize) -> Mark {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Mark {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        offset,
    }
}
