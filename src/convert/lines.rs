//! The lines of a file with the line break that each has.

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// What it says.
    pub(super) text: &'a str,
    /// Its line break: `\n`, `\r\n`, `\r`, or nothing at the end of the file.
    pub(super) end: &'a str,
}

/// The lines of a text; what follows the last line break is a line only if it is not empty.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (line, behind) = rest.split_at(at);
        let length = if behind.starts_with("\r\n") {
            2
        } else {
            usize::from(!behind.is_empty())
        };
        let (end, behind) = behind.split_at(length);
        found.push(Line { text: line, end });
        rest = behind;
    }
    found
}

/// The line break of a file: that of its first line.
pub(super) fn line_break(text: &str) -> &str {
    lines(text)
        .first()
        .map(|line| line.end)
        .filter(|end| !end.is_empty())
        .unwrap_or("\n")
}

#[cfg(test)]
mod tests {
    use super::{line_break, lines};

    #[test]
    fn every_kind_of_line_break_is_kept() {
        let text = "a\r\n\nb\rc";
        let found: Vec<(&str, &str)> = lines(text)
            .iter()
            .map(|line| (line.text, line.end))
            .collect();
        assert_eq!(found, [("a", "\r\n"), ("", "\n"), ("b", "\r"), ("c", "")]);
        assert_eq!(line_break(text), "\r\n");
        assert_eq!(line_break("a"), "\n");
        assert!(lines("").is_empty());
    }
}
