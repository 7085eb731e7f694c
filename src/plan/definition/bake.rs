//! Names in a bake file, found without an interpreter of its language: good enough to say
//! what may have been meant.

use serde_json::Value;

use crate::workflow::{Mark, Span};

/// The targets that a file declares, each with the place of its name. Of a JSON file no
/// place is known.
pub(super) fn targets(text: &str) -> Vec<(String, Span)> {
    if let Ok(Value::Object(file)) = serde_json::from_str(text) {
        let declared = file.get("target").and_then(Value::as_object);
        return declared
            .into_iter()
            .flat_map(|targets| targets.keys())
            .map(|name| (name.clone(), Span::file_start()))
            .collect();
    }
    let mut found = Vec::new();
    let mut offset = 0;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        if let Some((name, column)) = declared(line) {
            let mark = |column: usize| Mark {
                line: at + 1,
                column: line.get(..column).unwrap_or_default().chars().count() + 1,
                offset: offset + column,
            };
            let span = Span {
                start: mark(column),
                end: mark(column + name.len()),
            };
            found.push((name.to_owned(), span));
        }
        offset += line.len();
    }
    found
}

/// The name in a line such as `target "test" {`, and the byte at which it begins.
fn declared(line: &str) -> Option<(&str, usize)> {
    let rest = line.trim_start().strip_prefix("target")?;
    let name = rest.trim_start_matches([' ', '\t']);
    if name.len() == rest.len() && !rest.starts_with('"') {
        return None;
    }
    let name = name.strip_prefix('"').unwrap_or(name);
    let column = line.len() - name.len();
    let end = name.find(['"', ' ', '\t', '{'])?;
    let name = name.get(..end)?;
    super::is_name(name).then_some((name, column))
}
