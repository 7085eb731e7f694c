//! The marks of a conversion: comments that say which lines are ours, and what stood
//! there before. Without them the file is the original again, byte for byte.
//!
//! A single line ends with ` # seatrial: added`, or with ` # seatrial: was ` and what it
//! was, without its indentation. Several lines stand between `# seatrial: begin` and
//! `# seatrial: end`; lines that they replace stand among them behind `# seatrial: was `,
//! indentation and all.

use super::lines::{Line, lines};

const ADDED: &str = " # seatrial: added";
const WAS: &str = "# seatrial: was ";
const BEGIN: &str = "# seatrial: begin";
const END: &str = "# seatrial: end";
/// Behind [`BEGIN`] where the original's last line had no line break.
const UNENDED: &str = ", at the end of a file without a last line break";

/// Why a file cannot be turned back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Damaged {
    /// Line, from 1.
    pub(crate) line: usize,
    /// What is wrong there.
    pub(crate) message: &'static str,
}

/// Whether a file holds lines of a conversion.
pub(crate) fn is_converted(text: &str) -> bool {
    lines(text).iter().any(|line| is_marked(line.text))
}

/// Whether a line bears a mark, as whole or at its end.
fn is_marked(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
        || text.trim_start().starts_with(END)
        || text.ends_with(ADDED)
        || text.contains(&format!(" {WAS}"))
}

/// The first line of a text that has something of a mark in it although no conversion
/// wrote it, from 1: what would be taken for one later.
pub(super) fn foreign_mark(text: &str) -> Option<usize> {
    lines(text)
        .iter()
        .position(|line| {
            [BEGIN, END, WAS, ADDED]
                .iter()
                .any(|mark| line.text.contains(mark))
        })
        .map(|index| index + 1)
}

/// One line that is added, `text` with its indentation.
pub(super) fn added(text: &str) -> String {
    format!("{text}{ADDED}")
}

/// One line in place of another.
pub(super) fn changed(text: &str, before: &str) -> String {
    format!("{text} {WAS}{}", before.trim_start())
}

/// Several lines that are added.
pub(super) fn block(indent: usize, new: &[String], unended: bool) -> Vec<String> {
    let mut block = opened(indent, &[], unended);
    block.extend(new.iter().cloned());
    block.push(closed(indent));
    block
}

/// How a block begins that stands in place of `before`.
pub(super) fn opened(indent: usize, before: &[String], unended: bool) -> Vec<String> {
    let blank = " ".repeat(indent);
    let unended = if unended { UNENDED } else { "" };
    std::iter::once(format!("{blank}{BEGIN}{unended}"))
        .chain(before.iter().map(|line| format!("{blank}{WAS}{line}")))
        .collect()
}

/// How a block ends.
pub(super) fn closed(indent: usize) -> String {
    format!("{}{END}", " ".repeat(indent))
}

/// The original of a converted file. A file without marks is its own.
///
/// # Errors
/// A block that does not end, or ends without having begun: somebody edited the marks.
pub(crate) fn revert(text: &str) -> Result<String, Damaged> {
    let mut original = String::with_capacity(text.len());
    // Line of the mark, and whether a line break was missing.
    let mut open: Option<(usize, bool)> = None;
    for (index, Line { text, end }) in lines(text).into_iter().enumerate() {
        let content = text.trim_start();
        let damaged = |message| {
            Err(Damaged {
                line: index + 1,
                message,
            })
        };
        match open {
            Some((_, unended)) if content.starts_with(END) => {
                if unended {
                    let kept = ["\r\n", "\n", "\r"]
                        .iter()
                        .find_map(|end| original.strip_suffix(end));
                    original.truncate(kept.map_or(original.len(), str::len));
                }
                open = None;
            }
            Some(_) if content.starts_with(BEGIN) => {
                return damaged("a block of seatrial begins inside another one");
            }
            Some(_) => {
                if let Some(before) = content.strip_prefix(WAS) {
                    original.push_str(before);
                    original.push_str(end);
                }
            }
            None if content.starts_with(END) => {
                return damaged("a block of seatrial ends here and begins nowhere");
            }
            None if content.starts_with(BEGIN) => {
                open = Some((index, content.ends_with(UNENDED)));
            }
            None if text.ends_with(ADDED) => {}
            None => {
                match text.split_once(&format!(" {WAS}")) {
                    Some((now, before)) => {
                        let indent = now.len() - now.trim_start().len();
                        original.push_str(now.get(..indent).unwrap_or_default());
                        original.push_str(before);
                    }
                    None => original.push_str(text),
                }
                original.push_str(end);
            }
        }
    }
    match open {
        Some((index, _)) => Err(Damaged {
            line: index + 1,
            message: "a block of seatrial begins here and does not end",
        }),
        None => Ok(original),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Damaged, added, block, changed, closed, foreign_mark, is_converted, opened, revert,
    };

    #[test]
    fn marked_lines_are_taken_away_and_changed_ones_turned_back() {
        let converted = [
            "steps:".to_owned(),
            changed("  - shell: new", "  - shell: bash  # why"),
            added("    if: x"),
        ]
        .into_iter()
        .chain(opened(2, &["  - {run: a}".to_owned()], false))
        .chain(["  - run: a".to_owned(), closed(2)])
        .map(|line| line + "\n")
        .collect::<String>();
        assert!(is_converted(&converted));
        assert_eq!(
            revert(&converted).as_deref(),
            Ok("steps:\n  - shell: bash  # why\n  - {run: a}\n")
        );
    }

    #[test]
    fn a_file_without_marks_is_its_own_original() {
        for text in ["", "a: b", "a: b\r\n# seatrial\r\n", "\n\n"] {
            assert!(!is_converted(text));
            assert_eq!(revert(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_missing_last_line_break_is_missing_again() {
        let lines = block(0, &["b: c".to_owned()], true).join("\r\n");
        assert_eq!(revert(&format!("a: b\r\n{lines}")).as_deref(), Ok("a: b"));
    }

    #[test]
    fn damaged_marks_are_named_with_their_line() {
        let at = |text: &str| revert(text).map_err(|Damaged { line, .. }| line);
        assert_eq!(at("a\n# seatrial: begin\nb\n"), Err(2));
        assert_eq!(at("a\n  # seatrial: end\n"), Err(2));
        assert_eq!(at("# seatrial: begin\n# seatrial: begin\n"), Err(2));
    }

    #[test]
    fn text_that_looks_like_a_mark_is_found() {
        assert_eq!(foreign_mark("a\nrun: echo '# seatrial: added'\n"), None);
        assert_eq!(foreign_mark("a\nrun: echo x # seatrial: added\n"), Some(2));
        assert_eq!(foreign_mark("a\nrun: |\n  # seatrial: begin\n"), Some(3));
        assert_eq!(foreign_mark("# seatrial: ignore[x]\n"), None);
    }
}
