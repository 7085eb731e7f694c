//! From the parser's positions to those of the file.
//!
//! The parser counts characters; a [`Mark`] has a byte offset, a line and a
//! column. Only the parser's character index is used, so that all three always
//! agree with each other and with the text.

use super::node::{Mark, Span};

/// A file's text and where its lines begin.
pub(crate) struct Source<'t> {
    /// The text without a byte order mark.
    text: &'t str,
    /// Bytes of the byte order mark taken off.
    skipped: usize,
    /// Byte offset of every character, where the text is not all ASCII.
    offsets: Option<Vec<u32>>,
    /// Characters in the text.
    length: usize,
    /// Index of the first character of every line.
    lines: Vec<usize>,
}

impl<'t> Source<'t> {
    /// Reads where lines begin. A line ends with `\n`, `\r\n` or `\r`, as in YAML
    /// 1.2 (section 5.4).
    pub(crate) fn new(file: &'t str) -> Self {
        let text = file.strip_prefix('\u{feff}').unwrap_or(file);
        let mut lines = vec![0];
        let mut before = '\0';
        let mut count = 0;
        for (index, character) in text.chars().enumerate() {
            match character {
                '\n' if before == '\r' => {
                    if let Some(last) = lines.last_mut() {
                        *last = index + 1;
                    }
                }
                '\n' | '\r' => lines.push(index + 1),
                _ => {}
            }
            before = character;
            count = index + 1;
        }
        let offsets = (count != text.len()).then(|| {
            text.char_indices()
                .map(|(offset, _)| u32::try_from(offset).unwrap_or(u32::MAX))
                .collect()
        });
        Self {
            text,
            skipped: file.len() - text.len(),
            offsets,
            length: count,
            lines,
        }
    }

    /// The text without a byte order mark, which is what the parser reads.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Byte offset in [`Self::text`] of the character at `index`.
    fn byte(&self, index: usize) -> usize {
        match &self.offsets {
            None => index.min(self.text.len()),
            Some(offsets) => offsets
                .get(index)
                .map_or(self.text.len(), |offset| *offset as usize),
        }
    }

    /// The text between two character indexes.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text
            .get(self.byte(start)..self.byte(end))
            .unwrap_or_default()
    }

    /// The place of the character at `index`, or the end of the text.
    pub(crate) fn mark(&self, index: usize) -> Mark {
        let index = index.min(self.length);
        let line = self.lines.partition_point(|start| *start <= index).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        Mark {
            line,
            column: index - start.min(index) + 1,
            offset: self.byte(index) + self.skipped,
        }
    }

    /// The range between two character indexes.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span {
            start: self.mark(start),
            end: self.mark(end.max(start)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn place(text: &str, index: usize) -> (usize, usize, usize) {
        let mark = Source::new(text).mark(index);
        (mark.line, mark.column, mark.offset)
    }

    #[test]
    fn lines_columns_and_bytes_agree() {
        assert_eq!(place("ab\ncd", 3), (2, 1, 3));
        assert_eq!(place("ab\r\ncd", 5), (2, 2, 5));
        assert_eq!(place("ab\rcd", 3), (2, 1, 3));
        assert_eq!(place("äö\nü: x", 6), (2, 4, 9));
        assert_eq!(place("\u{feff}ab", 1), (1, 2, 4));
        assert_eq!(place("", 0), (1, 1, 0));
        assert_eq!(place("ab", 9), (1, 3, 2));
    }
}
