//! `strategy` of a job: the matrix and how its jobs run.

use super::model::Strategy;
use super::names::shown;
use super::node::{Node, NodeKind};
use super::problem::Problem;
use super::read::{Keys, Reader};

/// Keys of `strategy`.
pub(super) const KEYS: [&str; 3] = ["matrix", "fail-fast", "max-parallel"];

impl Reader {
    /// `strategy`.
    pub(crate) fn strategy(&mut self, node: &Node, what: &str, scope: &str) -> Option<Strategy> {
        let mut strategy = Strategy {
            matrix: None,
            fail_fast: None,
            max_parallel: None,
        };
        let mut keys = Keys::default();
        for (key, value) in self.map_not_expression(node, what)? {
            let what = format!("`{}` of {scope}", key.as_str());
            match key.as_str() {
                "matrix" => strategy.matrix = self.matrix(value, &what),
                "fail-fast" => strategy.fail_fast = self.boolean(value, &what),
                "max-parallel" => strategy.max_parallel = self.number(value, &what),
                _ => self.unknown_key(&mut keys, key, &KEYS, &format!("`strategy` of {scope}")),
            }
        }
        Some(strategy)
    }

    /// `matrix`: a map, or an expression. Each of its keys holds a list, or an
    /// expression; the items of `include` and `exclude` are maps, or expressions.
    fn matrix(&mut self, node: &Node, what: &str) -> Option<Node> {
        if node.is_expression() {
            return Some(node.clone());
        }
        let entries = self.map(node, what)?;
        if entries.is_empty() {
            let message = format!("{what} has no keys");
            self.problem(Problem::new(node.span, message));
        }
        for (key, value) in entries {
            let what = format!("`{}` in {what}", shown(key.as_str()));
            let filter = matches!(key.as_str(), "include" | "exclude");
            match &value.kind {
                _ if value.is_expression() => {}
                // An empty `include` or `exclude` is fine, an empty row is not.
                NodeKind::Seq(items) if items.is_empty() && !filter => {
                    self.problem(Problem::new(value.span, format!("{what} has no values")));
                }
                NodeKind::Seq(items) if filter => {
                    for item in items.iter().filter(|item| !item.is_expression()) {
                        self.map(item, &format!("an item of {what}"));
                    }
                }
                NodeKind::Seq(_) => {}
                _ => {
                    let expected = "a list, or an expression that gives one";
                    self.wrong_row(value, &what, expected);
                }
            }
        }
        Some(node.clone())
    }

    /// Reports a matrix key that holds no list.
    fn wrong_row(&mut self, node: &Node, what: &str, expected: &str) {
        let scalar = node.scalar_text().filter(|text| !text.is_empty());
        let Some(text) = scalar else {
            self.wrong(node, what, expected);
            return;
        };
        let found = node.described();
        self.problem(
            Problem::new(
                node.span,
                format!("{what} must be {expected}, found {found}"),
            )
            .with_hint(format!("write it as a list: [{}]", shown(&text))),
        );
    }
}
