//! Where a quote, a bracket or an expression ends.
//!
//! Each function takes the place of the opening character (of the `$` for an
//! expression) and gives the place behind the closing one; `None` when nothing
//! closes it. `depth` counts what is nested in each other.

/// Nesting of quotes and brackets inside one word; deeper is plain text.
const MAX_NESTING: usize = 40;

/// Whether the text at a place begins with `part`.
pub(super) fn starts_with(text: &[char], at: usize, part: &str) -> bool {
    part.chars()
        .enumerate()
        .all(|(offset, one)| text.get(at + offset) == Some(&one))
}

/// The place of the next newline, or the end of the text.
pub(super) fn line_end(text: &[char], from: usize) -> usize {
    text.iter()
        .skip(from)
        .position(|one| *one == '\n')
        .map_or(text.len(), |offset| from + offset)
}

/// Behind the `}}` of the `${{` at `from`; strings inside may hold braces.
pub(super) fn expression_end(text: &[char], from: usize, _depth: usize) -> Option<usize> {
    let mut at = from + 3;
    let mut in_string = false;
    while let Some(one) = text.get(at) {
        match one {
            '\'' => in_string = !in_string,
            '}' if !in_string && text.get(at + 1) == Some(&'}') => return Some(at + 2),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the `'` that closes the one at `from`. (GitHub puts the value of an
/// expression in before the shell sees the quotes.)
pub(super) fn single_end(text: &[char], from: usize, _depth: usize) -> Option<usize> {
    let mut at = from + 1;
    let mut expressions = true;
    while let Some(one) = text.get(at) {
        match one {
            '\'' => return Some(at + 1),
            '$' if expressions && starts_with(text, at, "${{") => {
                // One that does not close is looked for only once.
                let end = expression_end(text, at, 0);
                expressions = end.is_some();
                at = end.unwrap_or(at + 1);
            }
            _ => at += 1,
        }
    }
    None
}

/// Behind the backquote that closes the one at `from`.
pub(super) fn backquote_end(text: &[char], from: usize, _depth: usize) -> Option<usize> {
    let mut at = from + 1;
    let mut expressions = true;
    while let Some(one) = text.get(at) {
        match one {
            '`' => return Some(at + 1),
            '\\' => at += 2,
            '$' if expressions && starts_with(text, at, "${{") => {
                // One that does not close is looked for only once.
                let end = expression_end(text, at, 0);
                expressions = end.is_some();
                at = end.unwrap_or(at + 1);
            }
            _ => at += 1,
        }
    }
    None
}

/// Behind the `"` that closes the one at `from`.
pub(super) fn double_end(text: &[char], from: usize, depth: usize) -> Option<usize> {
    let mut at = from + 1;
    while let Some(one) = text.get(at) {
        at = match one {
            '"' => return Some(at + 1),
            '$' | '`' => inner_end(text, at, depth)?,
            '\\' => at + 2,
            _ => at + 1,
        };
    }
    None
}

/// Behind the `}` that closes the `{` at `from`.
pub(super) fn brace_end(text: &[char], from: usize, depth: usize) -> Option<usize> {
    let mut at = from + 1;
    while let Some(one) = text.get(at) {
        at = match one {
            '}' => return Some(at + 1),
            '$' | '`' | '"' => inner_end(text, at, depth)?,
            '\\' => at + 2,
            _ => at + 1,
        };
    }
    None
}

/// Behind the `)` that closes the `(` at `from`.
pub(super) fn paren_end(text: &[char], from: usize, depth: usize) -> Option<usize> {
    let mut at = from + 1;
    let mut open = 1_usize;
    while let Some(one) = text.get(at) {
        at = match one {
            '(' => {
                open += 1;
                at + 1
            }
            ')' => {
                open -= 1;
                if open == 0 {
                    return Some(at + 1);
                }
                at + 1
            }
            '\'' => single_end(text, at, depth)?,
            '#' if matches!(text.get(at - 1), Some(' ' | '\t' | '\n' | ';')) => line_end(text, at),
            '$' | '`' | '"' => inner_end(text, at, depth)?,
            '\\' => at + 2,
            _ => at + 1,
        };
    }
    None
}

/// Past a quote or expansion inside something else.
fn inner_end(text: &[char], at: usize, depth: usize) -> Option<usize> {
    let depth = depth + 1;
    if depth > MAX_NESTING {
        return None;
    }
    if starts_with(text, at, "${{") {
        expression_end(text, at, depth)
    } else if starts_with(text, at, "$(") {
        paren_end(text, at + 1, depth)
    } else if starts_with(text, at, "${") {
        brace_end(text, at + 1, depth)
    } else if starts_with(text, at, "`") {
        backquote_end(text, at, depth)
    } else if starts_with(text, at, "\"") {
        double_end(text, at, depth)
    } else {
        Some(at + 1)
    }
}
