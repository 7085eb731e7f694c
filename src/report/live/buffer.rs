//! Output held back: the first and the last lines, however much there is.

use std::collections::VecDeque;

use crate::report::format::counted;
use crate::report::style::Look;

/// Most bytes kept of the beginning, and again of the end.
const BYTES: usize = 1 << 20;

/// The first and the last lines of the output of one step.
#[derive(Debug)]
pub(super) struct Buffer {
    head: Vec<String>,
    head_lines: usize,
    head_bytes: usize,
    tail: VecDeque<String>,
    tail_lines: usize,
    tail_bytes: usize,
    dropped: u64,
}

impl Buffer {
    /// An empty buffer that keeps so many lines of the beginning and of the end.
    pub(super) fn new(head_lines: usize, tail_lines: usize) -> Self {
        Self {
            head: Vec::new(),
            head_lines,
            head_bytes: 0,
            tail: VecDeque::new(),
            tail_lines,
            tail_bytes: 0,
            dropped: 0,
        }
    }

    /// Adds a line.
    pub(super) fn push(&mut self, line: String) {
        // Once a line went to the end, the beginning is complete.
        if self.tail.is_empty()
            && self.head.len() < self.head_lines
            && self.head_bytes + line.len() <= BYTES
        {
            self.head_bytes += line.len();
            self.head.push(line);
            return;
        }
        self.tail_bytes += line.len();
        self.tail.push_back(line);
        while self.tail.len() > self.tail_lines || self.tail_bytes > BYTES {
            let Some(gone) = self.tail.pop_front() else {
                break;
            };
            self.tail_bytes -= gone.len();
            self.dropped += 1;
        }
    }

    /// The lines, with a mark where some are left out.
    pub(super) fn into_lines(self, look: Look) -> Vec<String> {
        let mut lines = self.head;
        if self.dropped > 0 {
            lines.push(format!(
                "{} {} left out here; the log file has them all",
                look.ellipsis(),
                counted(self.dropped, "line")
            ));
        }
        lines.extend(self.tail);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES, Buffer};
    use crate::report::style::Look;

    const LOOK: Look = Look {
        colour: false,
        ascii: false,
    };

    fn kept(head: usize, tail: usize, lines: usize) -> Vec<String> {
        let mut buffer = Buffer::new(head, tail);
        for n in 0..lines {
            buffer.push(n.to_string());
        }
        buffer.into_lines(LOOK)
    }

    #[test]
    fn the_middle_goes() {
        assert_eq!(kept(2, 2, 4), ["0", "1", "2", "3"]);
        assert_eq!(
            kept(2, 2, 1005),
            [
                "0",
                "1",
                "… 1,001 lines left out here; the log file has them all",
                "1003",
                "1004"
            ]
        );
        assert_eq!(kept(0, 1, 2)[1], "1");
    }

    #[test]
    fn long_lines_do_not_fill_the_memory() {
        let mut buffer = Buffer::new(2000, 2000);
        for _ in 0..2000 {
            buffer.push("x".repeat(8000));
        }
        let bytes: usize = buffer.into_lines(LOOK).iter().map(String::len).sum();
        assert!(bytes < 2 * BYTES + 100);
    }
}
