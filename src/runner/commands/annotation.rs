//! `::notice::`, `::warning::` and `::error::`.

use super::{Action, AnnotationLevel, Command};

/// An annotation of the runner itself.
pub(super) fn message(level: AnnotationLevel, message: &str) -> Action {
    Action::Annotation {
        level,
        message: message.to_owned(),
        file: None,
        line: None,
        end_line: None,
        column: None,
        end_column: None,
        title: None,
    }
}

/// An annotation of the step; lines and columns that contradict each other are
/// dropped (`IssueCommandExtension.ValidateLinesAndColumns`).
pub(super) fn annotation(level: AnnotationLevel, command: Command) -> Action {
    let text = |key: &str| command.properties.get(key).cloned();
    let number = |key: &str| -> Option<u32> { command.properties.get(key)?.trim().parse().ok() };
    let given_line = number("line");
    let mut end_line = number("endline");
    let mut line = given_line.or(end_line);
    let mut end_column = number("endcolumn");
    let mut column = number("col").or(end_column);
    let spans_lines = end_line.is_some() && line != end_line;
    if line.is_none() || spans_lines {
        (column, end_column) = (None, None);
    }
    if line.zip(end_line).is_some_and(|(line, end)| end < line) {
        (line, end_line) = (None, None);
    }
    if column
        .zip(end_column)
        .is_some_and(|(first, end)| end < first)
    {
        (column, end_column) = (None, None);
    }
    Action::Annotation {
        level,
        file: text("file"),
        line,
        end_line,
        column,
        end_column,
        title: text("title"),
        message: command.data,
    }
}
