//! Comparing text without regard to case, as .NET's `OrdinalIgnoreCase` does.
//!
//! GitHub compares strings, context names, function names and object keys with
//! `StringComparison.OrdinalIgnoreCase`: every character is replaced by its *simple*
//! upper-case form (one character for one character; `ß` stays `ß`) and the results
//! are compared by UTF-16 unit, with no regard to culture.

use std::cmp::Ordering;

/// The simple upper-case form of one character.
///
/// U+0131 (dotless i) and U+017F (long s) stay as they are: .NET leaves them out of
/// ordinal case mapping so that no non-ASCII letter ever equals an ASCII one.
pub(crate) fn upper_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    if matches!(c, '\u{131}' | '\u{17f}') {
        return c;
    }
    let mut full = c.to_uppercase();
    match (full.next(), full.next()) {
        (Some(one), None) => one,
        // Characters whose full form is several letters, but which have a simple one:
        // the Greek letters with iota subscript, whose simple form is the title-case one.
        _ => match c {
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
                char::from_u32(c as u32 + 8).unwrap_or(c)
            }
            '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => char::from_u32(c as u32 + 9).unwrap_or(c),
            _ => c,
        },
    }
}

/// The text with every character in its simple upper-case form.
pub(crate) fn upper(text: &str) -> String {
    text.chars().map(upper_char).collect()
}

/// Equality without regard to case.
pub(crate) fn equal(left: &str, right: &str) -> bool {
    left.chars()
        .map(upper_char)
        .eq(right.chars().map(upper_char))
}

/// Order without regard to case, by UTF-16 unit.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    units(left).cmp(units(right))
}

/// Whether `text` contains `part`, without regard to case.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    upper(text).contains(&upper(part))
}

/// Whether `text` starts with `part`, without regard to case.
pub(crate) fn starts_with(text: &str, part: &str) -> bool {
    let mut rest = text.chars().map(upper_char);
    part.chars().map(upper_char).all(|c| rest.next() == Some(c))
}

/// Whether `text` ends with `part`, without regard to case.
pub(crate) fn ends_with(text: &str, part: &str) -> bool {
    let mut rest = text.chars().rev().map(upper_char);
    part.chars()
        .rev()
        .map(upper_char)
        .all(|c| rest.next() == Some(c))
}

/// The UTF-16 units of the upper-cased text.
fn units(text: &str) -> impl Iterator<Item = u16> + '_ {
    text.chars().flat_map(|c| {
        let mut buffer = [0; 2];
        let length = upper_char(c).encode_utf16(&mut buffer).len();
        buffer.into_iter().take(length)
    })
}
