//! Where things stand in the text of a workflow: lines, indentation, what is written in
//! braces and what comes from elsewhere through an alias.

use crate::workflow::{Node, NodeKind, Text};

use super::lines::lines;

/// The text of a file, by lines.
#[derive(Debug)]
pub(super) struct Geometry<'a> {
    text: &'a str,
    lines: Vec<&'a str>,
}

impl<'a> Geometry<'a> {
    /// Of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            lines: lines(text).into_iter().map(|line| line.text).collect(),
        }
    }

    /// A line, from 1.
    pub(super) fn line(&self, number: usize) -> &'a str {
        number
            .checked_sub(1)
            .and_then(|index| self.lines.get(index))
            .copied()
            .unwrap_or_default()
    }

    /// What is written in a node's place.
    pub(super) fn slice(&self, node: &Node) -> &'a str {
        self.text
            .get(node.span.start.offset..node.span.end.offset)
            .unwrap_or_default()
    }

    /// Whether a list or map is written in brackets or braces.
    pub(super) fn is_flow(&self, node: &Node) -> bool {
        let bracket = match node.kind {
            NodeKind::Seq(_) => '[',
            NodeKind::Map(_) => '{',
            _ => return false,
        };
        self.slice(node).starts_with(bracket)
    }

    /// The last line of an entry of a map.
    pub(super) fn last_line(&self, key: &Text, value: &Node) -> usize {
        if is_alias(key, value) {
            key.span.start.line
        } else {
            self.end_line(value).max(key.span.start.line)
        }
    }

    /// The last line of a node. Blank lines behind a block that keeps them (`|+`) belong to it.
    fn end_line(&self, node: &Node) -> usize {
        let inner = match &node.kind {
            NodeKind::Map(entries) => entries
                .last()
                .map(|(key, value)| self.last_line(key, value)),
            NodeKind::Seq(items) => items.last().map(|item| self.end_line(item)),
            _ => None,
        };
        let mut end = node.span.end.line.max(inner.unwrap_or(0));
        let start = node.span.start.line;
        let keeps = matches!(node.kind, NodeKind::String(_))
            && [start, start.saturating_sub(1)]
                .iter()
                .any(|line| keeps_blanks(self.line(*line)));
        if keeps {
            while end < self.lines.len() && self.line(end + 1).trim().is_empty() {
                end += 1;
            }
        }
        end
    }

    /// Line and column of a block list's first dash. Of a list that is not indented below
    /// its key, the parser tells the place of the first item's text.
    pub(super) fn dash(&self, list: &Node) -> Option<(usize, usize)> {
        let mut number = list.span.start.line;
        let mut before: String = self
            .line(number)
            .chars()
            .take(list.span.start.column)
            .collect();
        loop {
            let column = before.trim_start();
            if column.starts_with('-') {
                return Some((number, before.chars().count() - column.chars().count() + 1));
            }
            number = number.checked_sub(1).filter(|number| *number > 0)?;
            self.line(number).clone_into(&mut before);
        }
    }

    /// The first and last line of each item of a list in block style, aliases included: an
    /// item begins with a dash in the list's column.
    pub(super) fn items(&self, list: &Node) -> Vec<(usize, usize)> {
        let NodeKind::Seq(items) = &list.kind else {
            return Vec::new();
        };
        let Some((first, dash)) = self.dash(list) else {
            return Vec::new();
        };
        let mut starts = Vec::new();
        let mut number = first;
        // What is deeper belongs to an item; the list ends where something is less deep.
        while starts.len() < items.len() && number <= self.lines.len() {
            let line = self.line(number);
            let content = line.trim_start();
            let column = line.chars().count() - content.chars().count() + 1;
            let begins = content == "-" || content.starts_with("- ");
            if begins && (column == dash || number == first) {
                starts.push(number);
            }
            number += 1;
        }
        starts
            .iter()
            .zip(items)
            .map(|(start, item)| {
                let own = item.span.start.line >= *start;
                (
                    *start,
                    if own {
                        self.end_line(item).max(*start)
                    } else {
                        *start
                    },
                )
            })
            .collect()
    }
}

/// Whether a line ends with the header of a block that keeps the blank lines behind it.
fn keeps_blanks(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default();
    let word = line.split_whitespace().next_back().unwrap_or_default();
    word.starts_with(['|', '>'])
        && word.contains('+')
        && word
            .chars()
            .skip(1)
            .all(|one| one == '+' || one.is_ascii_digit())
}

/// Whether a value comes from elsewhere: an anchor always stands before its alias.
pub(super) fn is_alias(key: &Text, value: &Node) -> bool {
    value.span.start.offset < key.span.start.offset
}

/// A relative path below the workspace, without `.` and `/` at its ends; `None` when it
/// holds an expression or leads elsewhere.
pub(super) fn normal_path(path: &str) -> Option<String> {
    if path.contains("${{") || path.starts_with(['/', '~']) || path.contains(['\\', '$']) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.trim().split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::{Geometry, normal_path};
    use crate::workflow::parse_yaml;

    #[test]
    fn items_of_a_list_are_found_with_aliases_and_scripts() {
        let text = "a: &x\n  b: 1\nsteps:\n  # one\n  - run: |\n      - x\n      y\n\n  - *x\n\n  # two\n  -\n    run: z\n  - {run: c}\nd: e\n";
        let root = parse_yaml(text).unwrap_or_else(|_| panic!("wrong"));
        let steps = root.get("steps").unwrap_or_else(|| panic!("no steps"));
        let geometry = Geometry::new(text);
        assert_eq!(geometry.items(steps), [(5, 7), (9, 9), (12, 13), (14, 14)]);
        assert!(!geometry.is_flow(steps));
    }

    #[test]
    fn a_list_may_stand_below_its_key_without_indentation() {
        for (text, items) in [
            ("steps:\n- {run: a}\n- run: b\n  x: y\n", [(2, 2), (3, 4)]),
            ("steps:\n-\n  run: a\n- run: b\n", [(2, 3), (4, 4)]),
        ] {
            let root = parse_yaml(text).unwrap_or_else(|_| panic!("wrong"));
            let steps = root.get("steps").unwrap_or_else(|| panic!("no steps"));
            let geometry = Geometry::new(text);
            assert_eq!(geometry.items(steps), items, "{text}");
            assert_eq!(geometry.dash(steps), Some((2, 1)));
            assert!(!geometry.is_flow(steps));
        }
    }

    #[test]
    fn blank_lines_belong_to_a_block_that_keeps_them() {
        for (script, end) in [("|", 3), ("|+", 5), (">2+", 5), ("|+  # why", 5), ("|-", 3)] {
            let text = format!("a:\n- run: {script}\n    x\n\n\n- b\n");
            let root = parse_yaml(&text).unwrap_or_else(|_| panic!("wrong"));
            let list = root.get("a").unwrap_or_else(|| panic!("no list"));
            let items = Geometry::new(&text).items(list);
            assert_eq!(items.first(), Some(&(2, end)), "{script}");
        }
    }

    #[test]
    fn paths_are_below_the_workspace_or_not_known() {
        for (path, normal) in [
            ("", Some("")),
            (".", Some("")),
            ("./a//b/", Some("a/b")),
            ("a/../b", Some("b")),
            ("../a", None),
            ("/a", None),
            ("${{ matrix.x }}", None),
            ("a\\b", None),
            ("$HOME", None),
        ] {
            assert_eq!(normal_path(path).as_deref(), normal, "{path}");
        }
    }
}
