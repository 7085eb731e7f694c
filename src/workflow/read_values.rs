//! The shapes values come in: texts, lists, maps, and what may be an expression.

use super::model::Entries;
use super::names::shown;
use super::node::{Node, NodeKind, Text};
use super::problem::Problem;
use super::read::Reader;

impl Node {
    /// Whether it is a map.
    pub(crate) fn is_map(&self) -> bool {
        matches!(self.kind, NodeKind::Map(_))
    }

    /// Whether it is a text with an expression in it.
    pub(crate) fn is_expression(&self) -> bool {
        matches!(&self.kind, NodeKind::String(text) if text.contains("${{"))
    }

    /// What it is, for a message.
    pub(crate) fn described(&self) -> String {
        match &self.kind {
            NodeKind::Null => "nothing".to_owned(),
            NodeKind::Bool(value) => format!("`{value}`"),
            NodeKind::Number(_, text) => format!("the number {}", shown(text)),
            NodeKind::String(text) if text.is_empty() => "an empty text".to_owned(),
            NodeKind::String(text) => format!("the text `{}`", shown(text)),
            NodeKind::Seq(_) => "a list".to_owned(),
            NodeKind::Map(_) => "a map".to_owned(),
        }
    }
}

impl Reader {
    /// Reports that a value is not what it must be.
    pub(crate) fn wrong(&mut self, node: &Node, what: &str, expected: &str) {
        let found = node.described();
        let problem = Problem::new(
            node.span,
            format!("{what} must be {expected}, found {found}"),
        );
        self.problem(match node.kind {
            NodeKind::Null => problem.with_hint("give it a value, or remove the key"),
            _ => problem,
        });
    }

    /// Reports an expression where GitHub takes one and this program does not yet.
    pub(crate) fn unsupported_expression(&mut self, node: &Node, what: &str) {
        self.problem(
            Problem::new(
                node.span,
                format!("an expression for the whole of {what} is not supported yet"),
            )
            .with_hint("write it out, with expressions for the values in it"),
        );
    }

    /// Reports an expression where GitHub takes none.
    fn misplaced_expression(&mut self, node: &Node, what: &str) {
        self.problem(Problem::new(
            node.span,
            format!("{what} cannot hold an expression"),
        ));
    }

    /// A map's entries.
    pub(crate) fn map<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [(Text, Node)]> {
        match &node.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => {
                self.wrong(node, what, "a map");
                None
            }
        }
    }

    /// A map's entries, where GitHub takes an expression in place of the map.
    pub(crate) fn map_not_expression<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
    ) -> Option<&'n [(Text, Node)]> {
        if node.is_expression() {
            self.unsupported_expression(node, what);
            return None;
        }
        self.map(node, what)
    }

    /// A list's items.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.kind {
            NodeKind::Seq(items) => Some(items),
            _ => {
                self.wrong(node, what, "a list");
                None
            }
        }
    }

    /// A scalar as text; nothing is the empty text, as for GitHub.
    pub(crate) fn text(&mut self, node: &Node, what: &str) -> Option<Text> {
        let Some(value) = node.scalar_text() else {
            self.wrong(node, what, "a text");
            return None;
        };
        Some(Text {
            value,
            span: node.span,
        })
    }

    /// A scalar as text that is not empty.
    pub(crate) fn filled(&mut self, node: &Node, what: &str) -> Option<Text> {
        let text = self.text(node, what)?;
        if text.value.is_empty() {
            self.wrong(node, what, "a text");
            return None;
        }
        Some(text)
    }

    /// A scalar as text without an expression in it.
    pub(crate) fn literal(&mut self, node: &Node, what: &str) -> Option<Text> {
        if node.is_expression() {
            self.misplaced_expression(node, what);
            return None;
        }
        self.text(node, what)
    }

    /// A scalar as text that is not empty and without an expression in it.
    pub(crate) fn filled_literal(&mut self, node: &Node, what: &str) -> Option<Text> {
        if node.is_expression() {
            self.misplaced_expression(node, what);
            return None;
        }
        self.filled(node, what)
    }

    /// A text or a list of texts, without expressions.
    pub(crate) fn literals(&mut self, node: &Node, what: &str) -> Vec<Text> {
        let items = match &node.kind {
            NodeKind::Seq(items) => items.as_slice(),
            NodeKind::Map(_) | NodeKind::Null => {
                self.wrong(node, what, "a text or a list of texts");
                return Vec::new();
            }
            _ => std::slice::from_ref(node),
        };
        let item = match node.kind {
            NodeKind::Seq(_) => format!("an item of {what}"),
            _ => what.to_owned(),
        };
        items
            .iter()
            .filter_map(|node| self.filled_literal(node, &item))
            .collect()
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, node: &Node, what: &str) -> Vec<Text> {
        if node.is_expression() {
            self.unsupported_expression(node, what);
            return Vec::new();
        }
        let item = format!("an item of {what}");
        self.list(node, what)
            .unwrap_or_default()
            .iter()
            .filter_map(|node| self.filled(node, &item))
            .collect()
    }

    /// A map of scalars, where GitHub takes an expression in its place.
    pub(crate) fn entries(&mut self, node: &Node, what: &str) -> Entries {
        if node.is_expression() {
            self.unsupported_expression(node, what);
            return Vec::new();
        }
        let mut result = Vec::new();
        for (key, value) in self.map(node, what).unwrap_or_default() {
            let what = format!("`{}` in {what}", shown(key.as_str()));
            if self.text(value, &what).is_some() {
                result.push((key.clone(), value.clone()));
            }
        }
        result
    }

    /// A boolean, or an expression.
    pub(crate) fn boolean(&mut self, node: &Node, what: &str) -> Option<Node> {
        if matches!(node.kind, NodeKind::Bool(_)) || node.is_expression() {
            return Some(node.clone());
        }
        let quoted = match &node.kind {
            NodeKind::String(text) => matches!(text.as_str(), "true" | "false"),
            _ => false,
        };
        self.wrong_or_quoted(node, what, "true or false, or an expression", quoted);
        None
    }

    /// `true` or `false`, and no expression.
    pub(crate) fn plain_boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        if let NodeKind::Bool(value) = node.kind {
            return Some(value);
        }
        let quoted =
            matches!(&node.kind, NodeKind::String(text) if text == "true" || text == "false");
        self.wrong_or_quoted(node, what, "true or false", quoted);
        None
    }

    /// A number that is not negative, or an expression.
    pub(crate) fn number(&mut self, node: &Node, what: &str) -> Option<Node> {
        match &node.kind {
            NodeKind::Number(value, _) if value.is_finite() && *value >= 0.0 => {
                return Some(node.clone());
            }
            NodeKind::String(_) if node.is_expression() => return Some(node.clone()),
            _ => {}
        }
        let quoted = matches!(&node.kind, NodeKind::String(text) if text.parse::<f64>().is_ok());
        self.wrong_or_quoted(node, what, "a number or an expression", quoted);
        None
    }

    /// Reports a wrong value, which may be wrong by its quotes only.
    fn wrong_or_quoted(&mut self, node: &Node, what: &str, expected: &str, quoted: bool) {
        if !quoted {
            self.wrong(node, what, expected);
            return;
        }
        let found = node.described();
        self.problem(
            Problem::new(
                node.span,
                format!("{what} must be {expected}, found {found}"),
            )
            .with_hint("remove the quotes"),
        );
    }
}
