//! Our hooks in a `.pre-commit-config.yaml`, of which every other byte stays.

use crate::workflow::{Node, NodeKind, parse_yaml};

/// The repository that has the hooks.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The entry, without indentation. The hook that watches over a conversion would refuse every
/// commit of a repository that has none.
pub(super) fn entry(converted: bool) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let convert = match converted {
        true => "    - id: seatrial-convert-check\n",
        false => "",
    };
    format!(
        "- repo: {REPOSITORY}\n  rev: v{version}\n  hooks:\n    - id: seatrial-audit\n{convert}"
    )
}

/// A new file.
pub(super) fn new(entry: &str) -> String {
    format!("repos:\n{}", indented(entry, 2, "\n"))
}

/// The text with our entry at the end of its `repos`; nothing where it has one already.
///
/// # Errors
/// It is no YAML, or has no `repos` of a form that can be added to, in words.
pub(super) fn add(text: &str, entry: &str) -> Result<Option<String>, String> {
    let before = parse_yaml(text).map_err(|problems| {
        let first = problems.into_iter().next();
        first.map_or_else(
            || "it cannot be read".to_owned(),
            |problem| format!("line {}: {}", problem.span.start.line, problem.message),
        )
    })?;
    let (key, repos) = before
        .entry("repos")
        .ok_or("it has no key `repos`".to_owned())?;
    let NodeKind::Seq(items) = &repos.kind else {
        return Err(format!("line {}: `repos` is no list", key.span.start.line));
    };
    if items.iter().any(is_ours) {
        return Ok(None);
    }
    let last = items
        .last()
        .ok_or_else(|| format!("line {}: `repos` is empty", key.span.start.line))?;
    let column = dash(text, last).ok_or_else(|| {
        format!(
            "line {}: `repos` is not written as a list of lines with `-`",
            key.span.start.line
        )
    })?;
    let (above, below) = split(text, last.span.start.line, column);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if above.is_empty() || above.ends_with('\n') {
        ""
    } else {
        end
    };
    let after = format!("{above}{gap}{}{below}", indented(entry, column, end));
    if adds_one(&before, &after) {
        Ok(Some(after))
    } else {
        Err("an entry cannot be added to it by seatrial".to_owned())
    }
}

/// Whether an entry is of our repository, of whatever revision.
fn is_ours(entry: &Node) -> bool {
    let repo = entry.get("repo").and_then(Node::scalar_text);
    repo.is_some_and(|repo| repo.trim_end_matches('/').trim_end_matches(".git") == REPOSITORY)
}

/// The column of the `-` of an entry of a block list, from 0.
fn dash(text: &str, entry: &Node) -> Option<usize> {
    let line = text.lines().nth(entry.span.start.line.checked_sub(1)?)?;
    let column = line.len() - line.trim_start_matches(' ').len();
    line.get(column..)?.starts_with("- ").then_some(column)
}

/// The text before and behind the place for one more entry: after the last line that belongs
/// to the one that begins in the line `from`, whose `-` stands in `column`.
fn split(text: &str, from: usize, column: usize) -> (&str, &str) {
    let mut end = 0;
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        at += line.len();
        let content = line.trim_start_matches(' ');
        let deeper = line.len() - content.len() > column;
        let blank = content.trim().is_empty();
        if index + 1 < from {
            continue;
        }
        if index + 1 > from && !blank && !deeper {
            break;
        }
        if !blank {
            end = at;
        }
    }
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The entry, each line indented.
fn indented(entry: &str, column: usize, end: &str) -> String {
    let indent = " ".repeat(column);
    let lines = entry.lines().map(|line| format!("{indent}{line}{end}"));
    lines.collect()
}

/// Whether the new text says what the old one said, and one entry more.
fn adds_one(before: &Node, after: &str) -> bool {
    let Ok(after) = parse_yaml(after) else {
        return false;
    };
    let (NodeKind::Map(old), NodeKind::Map(new)) = (&before.kind, &after.kind) else {
        return false;
    };
    old.len() == new.len()
        && old.iter().zip(new).all(|((key, value), (other, new))| {
            key.value == other.value
                && match (&value.kind, &new.kind) {
                    (NodeKind::Seq(old), NodeKind::Seq(new)) if key.value == "repos" => {
                        new.len() == old.len() + 1
                            && old.iter().zip(new).all(|(one, other)| same(one, other))
                            && new.last().is_some_and(is_ours)
                    }
                    _ => same(value, new),
                }
        })
}

/// Whether two nodes say the same, wherever they stand.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (NodeKind::Seq(one), NodeKind::Seq(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        }
        (NodeKind::Map(one), NodeKind::Map(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|((key, a), (name, b))| key.value == name.value && same(a, b))
        }
        (one, other) => one == other,
    }
}
