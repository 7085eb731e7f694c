//! Edits of whole lines, planned against the original and made all at once.

use std::collections::BTreeMap;

use super::lines::{line_break, lines};
use super::mark;

/// What is to be changed, by the line, from 1. An edit that is planned twice is made once:
/// what stands under an anchor is reached through every alias.
#[derive(Debug, Clone, Default)]
pub(super) struct Edits {
    /// Lines that get another text.
    changed: BTreeMap<usize, String>,
    /// Single lines that are added behind a line; 0 is the beginning of the file.
    added: BTreeMap<usize, Vec<String>>,
    /// Blocks behind a line.
    blocks: BTreeMap<usize, Vec<Block>>,
}

/// Several lines of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Blanks before the marks.
    pub(super) indent: usize,
    /// The lines, each with its own indentation.
    pub(super) lines: Vec<String>,
}

/// Lines that were written anew before the edits were planned, and what they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// The first of them, from 1.
    pub(super) first: usize,
    /// How many there are.
    pub(super) count: usize,
    /// The lines of the original.
    pub(super) before: Vec<String>,
    /// Whether the last of those had no line break.
    pub(super) unended: bool,
}

impl Block {
    /// Lines without indentation, as a block that has it.
    pub(super) fn indented(indent: usize, lines: &[String]) -> Self {
        let blank = " ".repeat(indent);
        Self {
            indent,
            lines: lines.iter().map(|line| format!("{blank}{line}")).collect(),
        }
    }
}

impl Edits {
    /// Gives a line another text.
    pub(super) fn change(&mut self, line: usize, text: String) {
        self.changed.insert(line, text);
    }

    /// Adds a line behind another one.
    pub(super) fn add(&mut self, behind: usize, text: String) {
        let at = self.added.entry(behind).or_default();
        if !at.contains(&text) {
            at.push(text);
        }
    }

    /// Adds a block behind a line.
    pub(super) fn block(&mut self, behind: usize, block: Block) {
        let at = self.blocks.entry(behind).or_default();
        if !at.contains(&block) {
            at.push(block);
        }
    }

    /// The file with all edits made and marked. Of lines that were written anew, and of
    /// edits among them, one mark tells: what they were.
    pub(super) fn apply(&self, text: &str, rewritten: &[Rewritten]) -> String {
        let mut made = Made {
            text: String::with_capacity(text.len() * 2),
            end: line_break(text),
        };
        self.behind(0, false, false, &mut made);
        let mut inside: Option<&Rewritten> = None;
        for (index, line) in lines(text).into_iter().enumerate() {
            let number = index + 1;
            if let Some(region) = rewritten.iter().find(|region| region.first == number) {
                made.lines(mark::opened(0, &region.before, region.unended));
                inside = Some(region);
            }
            let ends = inside.is_some_and(|region| number + 1 == region.first + region.count);
            // A file's last line has no break; what follows needs one.
            let unended = line.end.is_empty();
            let more = ends || self.anything_behind(number);
            let own = if unended && more { made.end } else { line.end };
            match (self.changed.get(&number), inside) {
                (Some(new), None) => made.line(&mark::changed(new, line.text), own),
                (Some(new), Some(_)) => made.line(new, own),
                (None, _) => made.line(line.text, own),
            }
            self.behind(number, unended, inside.is_some(), &mut made);
            if ends {
                made.lines(vec![mark::closed(0)]);
                inside = None;
            }
        }
        made.text
    }

    fn anything_behind(&self, line: usize) -> bool {
        self.added.contains_key(&line) || self.blocks.contains_key(&line)
    }

    /// What is added behind a line; without marks where one tells of all.
    fn behind(&self, line: usize, unended: bool, inside: bool, made: &mut Made<'_>) {
        let added = self.added.get(&line).map(Vec::as_slice).unwrap_or_default();
        let blocks = self
            .blocks
            .get(&line)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if inside {
            made.lines(added.to_vec());
            for block in blocks {
                made.lines(block.lines.clone());
            }
            return;
        }
        if unended && !added.is_empty() {
            // Single marks cannot say that a line break was missing; a block can.
            made.lines(mark::block(0, added, true));
        } else {
            made.lines(added.iter().map(|text| mark::added(text)).collect());
        }
        for (index, block) in blocks.iter().enumerate() {
            let first = unended && added.is_empty() && index == 0;
            made.lines(mark::block(block.indent, &block.lines, first));
        }
    }
}

/// The file as far as it is made.
struct Made<'a> {
    text: String,
    /// Its line break.
    end: &'a str,
}

impl Made<'_> {
    fn line(&mut self, text: &str, end: &str) {
        self.text.push_str(text);
        self.text.push_str(end);
    }

    fn lines(&mut self, lines: Vec<String>) {
        for text in lines {
            self.text.push_str(&text);
            self.text.push_str(self.end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mark::revert;
    use super::{Block, Edits, Rewritten};

    fn block(line: &str) -> Block {
        Block {
            indent: 2,
            lines: vec![line.to_owned()],
        }
    }

    #[test]
    fn every_edit_can_be_taken_back_whatever_the_line_breaks() {
        for text in ["a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\nb\nc", "a\rb\rc"] {
            let mut edits = Edits::default();
            edits.change(1, "A".to_owned());
            edits.add(1, "  added: 1".to_owned());
            edits.block(3, block("end"));
            edits.add(3, "last: 1".to_owned());
            edits.add(0, "first: 1".to_owned());
            let made = edits.apply(text, &[]);
            assert_eq!(revert(&made).as_deref(), Ok(text), "{made}");
            assert!(made.contains("A # seatrial: was a"), "{made}");
        }
    }

    #[test]
    fn lines_that_were_written_anew_have_one_mark_for_all() {
        for (text, original, unended) in [
            ("a\nb1\nb2\nc\n", "a\n{b}\nc\n", false),
            ("a\nb1\nb2\n", "a\n{b}", true),
        ] {
            let mut edits = Edits::default();
            edits.change(2, "B1".to_owned());
            edits.add(3, "b3".to_owned());
            edits.block(3, block("b4"));
            let region = Rewritten {
                first: 2,
                count: 2,
                before: vec!["{b}".to_owned()],
                unended,
            };
            let made = edits.apply(text, &[region]);
            assert_eq!(revert(&made).as_deref(), Ok(original), "{made}");
            assert!(
                made.contains("\nB1\nb2\nb3\nb4\n# seatrial: end\n"),
                "{made}"
            );
        }
    }

    #[test]
    fn the_same_edit_twice_is_one() {
        let mut edits = Edits::default();
        edits.add(1, "x".to_owned());
        edits.add(1, "x".to_owned());
        edits.block(1, block("y"));
        edits.block(1, block("y"));
        let made = edits.apply("a\n", &[]);
        assert_eq!(made.matches('x').count(), 1);
        assert_eq!(made.matches("  # seatrial: begin").count(), 1);
    }
}
