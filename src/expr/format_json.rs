//! Writing a value as JSON, the way `toJSON` does.
//!
//! `Functions/ToJson.cs` of actions/runner: two spaces of indentation, a line for each
//! element, empty arrays and objects on one line, numbers in their "G15" form (so NaN
//! and Infinity are written as such), and text escaped as Newtonsoft.Json escapes it.

use super::number::format_number;
use super::value::{Object, Value};

/// What is still to be written of an array or object.
enum Open<'v> {
    Array(std::slice::Iter<'v, Value>),
    Object(Box<dyn Iterator<Item = (&'v str, &'v Value)> + 'v>),
}

/// Writes the JSON text of a value. Before any text is added its length is reported to
/// `charge`, which may stop the writing. Nested values are kept on a stack of their own.
pub(super) fn write<E>(
    value: &Value,
    out: &mut String,
    charge: &mut dyn FnMut(usize) -> Result<(), E>,
) -> Result<(), E> {
    let mut open: Vec<Open<'_>> = Vec::new();
    begin(value, out, &mut open, charge)?;
    while let Some(top) = open.last_mut() {
        // An array or object has just begun where its bracket is the last thing written.
        let comma = if out.ends_with(['[', '{']) { "" } else { "," };
        let next = match top {
            Open::Array(items) => items.next().map(|item| (None, item)),
            Open::Object(pairs) => pairs.next().map(|(key, item)| (Some(key), item)),
        };
        match next {
            Some((key, item)) => {
                let level = open.len();
                charge(comma.len() + 1 + level * 2)?;
                out.push_str(comma);
                line(out, level);
                if let Some(key) = key {
                    let key = quote(key);
                    charge(key.len() + 2)?;
                    out.push_str(&key);
                    out.push_str(": ");
                }
                begin(item, out, &mut open, charge)?;
            }
            None => {
                let bracket = match top {
                    Open::Array(_) => ']',
                    Open::Object(_) => '}',
                };
                open.pop();
                charge(2 + open.len() * 2)?;
                line(out, open.len());
                out.push(bracket);
            }
        }
    }
    Ok(())
}

/// Writes a primitive or an empty collection, or begins a collection.
fn begin<'v, E>(
    value: &'v Value,
    out: &mut String,
    open: &mut Vec<Open<'v>>,
    charge: &mut dyn FnMut(usize) -> Result<(), E>,
) -> Result<(), E> {
    let text = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => format_number(*n),
        Value::String(s) => quote(s),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Object(object) if object.is_empty() => "{}".to_owned(),
        Value::Array(items) => {
            open.push(Open::Array(items.iter()));
            "[".to_owned()
        }
        Value::Object(object) => {
            open.push(Open::Object(Box::new(Object::iter(object))));
            "{".to_owned()
        }
    };
    charge(text.len())?;
    out.push_str(&text);
    Ok(())
}

/// Begins a line at a level of indentation.
fn line(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}

/// A text in double quotes, escaped as Newtonsoft.Json does by default: control
/// characters, quote and backslash, and the line breaks U+0085, U+2028 and U+2029.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}
