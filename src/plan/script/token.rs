//! Words and operators, the parts of a script.

/// A word after quote removal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Word {
    /// The text, quotes and backslashes removed.
    pub(super) text: String,
    /// Length of `text` at the first quote or backslash, if there was one.
    pub(super) quoted_at: Option<usize>,
    /// The commands inside `$(…)`, backquotes and `<(…)`.
    pub(super) nested: Vec<String>,
}

impl Word {
    /// Name and value, if the word is `NAME=value` or `NAME+=value`.
    pub(super) fn assignment(&self) -> Option<(&str, &str)> {
        let (name, value) = self.text.split_once('=')?;
        if self.quoted_at.is_some_and(|at| at <= name.len()) {
            return None;
        }
        let name = name.strip_suffix('+').unwrap_or(name);
        is_name(name).then_some((name, value))
    }
}

/// What a script consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word.
    Word(Word),
    /// `>`, `<` and their kin; the target is the next word. True when it
    /// writes to a file.
    Redirect(bool),
    /// `;` or a newline.
    Separator,
    /// `;;`, `;&`, `;;&`.
    CaseEnd,
    /// `&`.
    Background,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|` or `|&`.
    Pipe,
    /// `(`.
    Open,
    /// `)`.
    Close,
}

/// Whether the text is a variable's name.
fn is_name(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || one == '_')
}
