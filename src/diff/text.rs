//! Values of a workflow file as text for people.

use crate::workflow::{Node, NodeKind, Text};

/// Longest text of a value that is shown, in characters.
const LONGEST: usize = 70;

/// A node in one line, however it is written in the file.
pub(super) fn of_node(node: &Node) -> String {
    match &node.kind {
        NodeKind::Seq(items) => {
            let items: Vec<String> = items.iter().map(of_node).collect();
            format!("[{}]", items.join(", "))
        }
        NodeKind::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, node)| format!("{}: {}", key.value, of_node(node)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => node.scalar_text().unwrap_or_default().trim().to_owned(),
    }
}

/// A node that may be absent.
pub(super) fn of_option(node: Option<&Node>) -> Option<String> {
    node.map(of_node)
}

/// The values of a list.
pub(super) fn values(list: &[Text]) -> Vec<String> {
    list.iter().map(|text| text.value.clone()).collect()
}

/// A text in one line and of bearable length.
pub(super) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let kept: String = line.chars().take(LONGEST - 1).collect();
    format!("{kept}…")
}

/// A value in backticks, `nothing` where it is absent or empty.
pub(super) fn quoted(value: Option<&str>) -> String {
    match value.map(str::trim) {
        None | Some("") => "nothing".to_owned(),
        Some(value) => format!("`{}`", short(value)),
    }
}

/// Several values, each in backticks.
pub(super) fn listed<S: AsRef<str>>(values: &[S]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = values
        .iter()
        .take(SHOWN)
        .map(|value| quoted(Some(value.as_ref())))
        .collect();
    match values.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// An expression without the `${{ }}` around it.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("${{")
        .and_then(|inner| inner.strip_suffix("}}"))
        .filter(|inner| !inner.contains("}}"))
        .map_or(text, str::trim)
}

/// A number of legs.
pub(super) fn legs(count: usize) -> String {
    match count {
        1 => "1 leg".to_owned(),
        count => format!("{count} legs"),
    }
}
