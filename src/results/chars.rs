//! Characters in XML 1.0: escaping, unescaping, and what is not allowed at all.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What stands for a character that XML 1.0 does not allow, in both directions.
pub(crate) const REPLACEMENT: char = '\u{fffd}';

/// What is appended to a text that was cut.
pub(crate) const CUT: &str = " [… cut]";

/// Longest reference that is looked at, in bytes; `&#x0010FFFF;` has 12.
const MAX_REFERENCE: usize = 16;

/// Whether XML 1.0 allows the character (the production `Char`: tab, line feed,
/// carriage return and everything from the blank on, but no surrogates, U+FFFE
/// and U+FFFF).
pub(crate) fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Appends the text as it must stand between tags.
pub(crate) fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            c if is_allowed(c) => out.push(c),
            _ => out.push(REPLACEMENT),
        }
    }
}

/// Appends ` name="value"`, the value escaped so that it reads back unchanged.
pub(crate) fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if is_allowed(c) => out.push(c),
            _ => out.push(REPLACEMENT),
        }
    }
    out.push('"');
}

/// The value of an attribute as it stands in the document, with references
/// resolved and white space normalised (XML 1.0, 3.3.3).
pub(crate) fn attribute_value(raw: &str) -> Cow<'_, str> {
    let plain = |c: char| c != '&' && c >= ' ' && is_allowed(c);
    if raw.chars().all(plain) {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let (piece, length) = match c {
            '&' => reference_at(rest),
            '\r' if rest.starts_with("\r\n") => (Some(' '), 2),
            '\t' | '\n' | '\r' => (Some(' '), 1),
            c if is_allowed(c) => (Some(c), c.len_utf8()),
            c => (Some(REPLACEMENT), c.len_utf8()),
        };
        value.push(piece.unwrap_or('&'));
        rest = rest.get(length..).unwrap_or_default();
    }
    Cow::Owned(value)
}

/// Text between tags without references: line ends as `\n`, characters that are
/// not allowed replaced.
pub(crate) fn text_value(raw: &str) -> Cow<'_, str> {
    if raw.chars().all(|c| c != '\r' && is_allowed(c)) {
        return Cow::Borrowed(raw);
    }
    let lines = raw.replace("\r\n", "\n");
    Cow::Owned(
        lines
            .chars()
            .map(|c| match c {
                '\r' => '\n',
                c if is_allowed(c) => c,
                _ => REPLACEMENT,
            })
            .collect(),
    )
}

/// What stands at a `&`: the character and the length of the reference, or
/// `None` and 1 where it is none that is known (it then stays as it is).
fn reference_at(text: &str) -> (Option<char>, usize) {
    let mut found = text.bytes().take(MAX_REFERENCE);
    let Some(end) = found.position(|b| b == b';') else {
        return (None, 1);
    };
    let name = text.get(1..end).unwrap_or_default();
    match reference(name) {
        Some(c) => (Some(c), end + 1),
        None => (None, 1),
    }
}

/// The character that `&name;` stands for: one of the five predefined entities
/// or a character reference. A reference to a character that is not allowed
/// gives [`REPLACEMENT`]. `None` for any other entity: it is never expanded.
pub(crate) fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix(['x', 'X']) {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
                return None;
            }
            let c = u32::from_str_radix(digits, radix)
                .ok()
                .and_then(char::from_u32)
                .filter(|&c| is_allowed(c));
            Some(c.unwrap_or(REPLACEMENT))
        }
    }
}

/// Gathers text up to a limit; what is beyond it is dropped and [`CUT`] stands
/// in its place.
#[derive(Debug, Clone)]
pub(crate) struct Gathered {
    text: String,
    limit: usize,
    cut: bool,
}

impl Gathered {
    /// Nothing yet; the result never has more bytes than `limit`.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            limit,
            cut: false,
        }
    }

    /// Appends as much of the text as there is room for.
    pub(crate) fn push(&mut self, text: &str) {
        let room = self.limit.saturating_sub(self.text.len());
        let fits = text.floor_char_boundary(room);
        self.text.push_str(text.get(..fits).unwrap_or_default());
        self.cut |= fits < text.len();
    }

    /// Whether nothing was gathered.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text, with [`CUT`] at its end where something was dropped.
    pub(crate) fn finish(mut self) -> String {
        if self.cut {
            let room = self.limit.saturating_sub(CUT.len());
            self.text.truncate(self.text.floor_char_boundary(room));
            self.text.push_str(CUT);
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_references() {
        assert_eq!(attribute_value("a&lt;b&#10;c&#x41;"), "a<b\ncA");
        assert_eq!(attribute_value("a\r\nb\tc"), "a b c");
        assert_eq!(
            attribute_value("&#x1;\u{1}&#0;&#xFFFFFFFFF;"),
            "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(attribute_value("&lol; & &;&#;&#x;"), "&lol; & &;&#;&#x;");
        assert_eq!(text_value("a\r\nb\rc\u{b}"), "a\nb\nc\u{fffd}");
        assert_eq!(reference("#+65"), None);
    }

    #[test]
    fn what_is_escaped_reads_back() {
        let text = "a<b>&\"'\t\n\r ü🎉";
        let mut out = String::new();
        push_attribute(&mut out, "x", text);
        let raw = out.trim_start_matches(" x=\"").trim_end_matches('"');
        assert_eq!(attribute_value(raw), text);
        let mut out = String::new();
        push_text(&mut out, "]]>\u{0}\r");
        assert_eq!(out, "]]&gt;\u{fffd}&#13;");
    }

    #[test]
    fn cuts_between_characters() {
        let mut text = Gathered::new(20);
        text.push(&"ü".repeat(30));
        text.push("more");
        let text = text.finish();
        assert!(text.len() <= 20, "{} bytes", text.len());
        assert_eq!(text, format!("ü{}{CUT}", "ü".repeat(4)));
        let mut text = Gathered::new(4);
        text.push("four");
        assert_eq!(text.finish(), "four");
    }
}
