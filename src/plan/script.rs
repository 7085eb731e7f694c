//! Shell scripts, understood well enough to plan with.
//!
//! A script becomes the list of its simple commands, in the order of the text;
//! what surrounds a command (`if`, `||`, a pipe, `cd`) is noted on it. Nothing
//! is executed or expanded. What cannot be parsed is taken as it comes: this
//! never fails. The grammar is that of POSIX ("Shell Command Language") and
//! the bash manual.

mod closing;
mod directory;
mod lexer;
mod parser;
mod token;

pub(crate) use directory::join;

/// What stands before a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Link {
    /// A line of its own, or `;`.
    #[default]
    Sequence,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
}

/// A simple command and what is known of its surroundings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Command {
    /// The line of the script that it begins in, from 0. Of one in a `$(…)` that
    /// goes over several words, the line of the outer command at least.
    pub(crate) line: usize,
    /// Which of the script's statements it is in, from 1: those of an `if … fi`, or of
    /// `a && b`, are in one.
    pub(crate) statement: usize,
    /// What stands before it.
    pub(crate) after: Link,
    /// The `NAME=value` before the command (or alone, without a command).
    pub(crate) assignments: Vec<(String, String)>,
    /// Command and arguments, quotes removed, nothing expanded; `${{ … }}` and
    /// `$(…)` as written. Empty when there are only assignments.
    pub(crate) words: Vec<String>,
    /// Files that `>`, `>>` and `&>` name; `2>&1` names none.
    pub(crate) writes: Vec<String>,
    /// Runs in the background (`&`): its exit status is lost.
    pub(crate) background: bool,
    /// Followed by `|| true`, `|| :`, `|| echo …`, `|| printf …` or `|| exit 0`:
    /// its failure does not fail the script.
    pub(crate) or_true: bool,
    /// Followed by `|`: its exit status counts only under `pipefail`.
    pub(crate) piped: bool,
    /// Part of the condition of `if`, `elif`, `while` or `until`.
    pub(crate) condition: bool,
    /// Runs only in some case: body of `if`, `while`, `for`, `case` or of a
    /// function, or right of `||`.
    pub(crate) conditional: bool,
    /// Stands in a `$(…)`, in backquotes or in a `<(…)`.
    pub(crate) substituted: bool,
    /// The directory it runs in, relative to where the script starts (empty:
    /// right there). `None` when that cannot be told (`cd "$X"`, `popd`).
    pub(crate) directory: Option<String>,
}

impl Command {
    /// The command's name: the first word, without directories.
    pub(crate) fn name(&self) -> &str {
        self.words.first().map_or("", |word| base_name(word))
    }
}

/// The simple commands of a script with their surroundings.
pub(crate) fn parse(script: &str) -> Vec<Command> {
    parser::parse_at(script, 0, Some(String::new()))
}

/// Splits a text into words as Python's `shlex.split` does, which pytest uses
/// for `addopts`: quotes and backslashes, no operators, no comments.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(one) = chars.next() {
        match (quote, one) {
            (Some(open), _) if one == open => quote = None,
            (Some('"'), '\\') if matches!(chars.peek(), Some('"' | '\\')) => {
                word.get_or_insert_default().extend(chars.next());
            }
            (Some(_), _) => word.get_or_insert_default().push(one),
            (None, '\'' | '"') => {
                quote = Some(one);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, _) if one.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(one),
        }
    }
    words.extend(word);
    words
}

/// The last component of a path, without a Windows program's `.exe`.
pub(crate) fn base_name(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".exe").unwrap_or(name)
}

#[cfg(test)]
mod tests;
