//! Taking apart the first parameter of `format`.
//!
//! The rules are those of `Functions/Format.cs` in actions/runner: `{n}` is the n-th
//! argument, `{{` and `}}` are braces, and `{n:specifiers}` is understood although no
//! kind of value takes specifiers.

/// A part of a format text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment<'a> {
    /// Text as it is.
    Text(&'a str),
    /// An argument, and the specifiers after its colon.
    Argument(usize, String),
}

/// The parts of a format text that is given `count` arguments; a message where the text
/// is not valid or refers to an argument beyond them.
pub(crate) fn segments(format: &str, count: usize) -> Result<Vec<Segment<'_>>, String> {
    let invalid = || format!("The following format string is invalid: {format}");
    let mut found = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, from_brace) = rest.split_at(at);
        push_text(&mut found, text);
        if let Some(after) = from_brace
            .strip_prefix("{{")
            .or_else(|| from_brace.strip_prefix("}}"))
        {
            push_text(&mut found, from_brace.get(..1).unwrap_or_default());
            rest = after;
            continue;
        }
        let after = from_brace.strip_prefix('{').ok_or_else(invalid)?;
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = after.split_at(digits);
        let number: u8 = number.parse().map_err(|_| invalid())?;
        let (specifiers, after) = specifiers(after).ok_or_else(invalid)?;
        if usize::from(number) >= count {
            return Err(format!(
                "The following format string references more arguments than were supplied: {format}"
            ));
        }
        found.push(Segment::Argument(usize::from(number), specifiers));
        rest = after;
    }
    push_text(&mut found, rest);
    Ok(found)
}

/// Adds text, unless it is empty.
fn push_text<'a>(found: &mut Vec<Segment<'a>>, text: &'a str) {
    if !text.is_empty() {
        found.push(Segment::Text(text));
    }
}

/// Reads `}` or `:specifiers}`, `}}` being a brace within specifiers; the specifiers and
/// what follows.
fn specifiers(text: &str) -> Option<(String, &str)> {
    if let Some(after) = text.strip_prefix('}') {
        return Some((String::new(), after));
    }
    let mut rest = text.strip_prefix(':')?;
    let mut specifiers = String::new();
    loop {
        let at = rest.find('}')?;
        specifiers.push_str(rest.get(..at)?);
        rest = rest.get(at + 1..)?;
        match rest.strip_prefix('}') {
            Some(after) => {
                specifiers.push('}');
                rest = after;
            }
            None => return Some((specifiers, rest)),
        }
    }
}
