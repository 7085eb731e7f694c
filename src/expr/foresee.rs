//! What a condition will come out as, where a part of its contexts is not known
//! yet: `github.ref == 'refs/heads/main' && needs.build.outputs.go` is false on any
//! other branch, whatever `build` gives.

use super::allowed::Function;
use super::ast::{Expr, Node, NodeKind};
use super::condition::{Body, Condition};
use super::error::ExprError;
use super::eval::eval;
use super::scope::Scope;

/// What can be said before the run.
pub(crate) struct Known<'a> {
    /// The contexts that have a value already.
    pub(crate) scope: &'a dyn Scope,
    /// The names of contexts that get one later.
    pub(crate) later: &'a [&'a str],
    /// Whether `success()` will hold, where that is known.
    pub(crate) success: Option<bool>,
}

impl Condition {
    /// Whether the condition will hold; `None` where that is decided later.
    ///
    /// # Errors
    /// A part that can be evaluated already fails.
    pub(crate) fn foresee(&self, known: &Known<'_>) -> Result<Option<bool>, ExprError> {
        let own = match &self.body {
            Body::Empty => Some(true),
            Body::Expr(expr) => known.truth(expr, &expr.root)?,
            Body::Text(template) => {
                if template
                    .expressions()
                    .all(|(_, expr)| known.has(&expr.root))
                {
                    Some(template.evaluate(known.scope)?.is_truthy())
                } else {
                    None
                }
            }
        };
        Ok(if self.implicit_success {
            and([known.success, own])
        } else {
            own
        })
    }
}

impl Known<'_> {
    /// Whether a node will be truthy.
    fn truth(&self, expr: &Expr, node: &Node) -> Result<Option<bool>, ExprError> {
        let all = |operands: &[Node]| -> Result<Vec<Option<bool>>, ExprError> {
            operands
                .iter()
                .map(|operand| self.truth(expr, operand))
                .collect()
        };
        Ok(match &node.kind {
            NodeKind::Not(operand) => self.truth(expr, operand)?.map(|truth| !truth),
            NodeKind::And(operands) => and(all(operands)?),
            NodeKind::Or(operands) => {
                let negated = all(operands)?.into_iter();
                and(negated.map(|truth| truth.map(|truth| !truth))).map(|truth| !truth)
            }
            NodeKind::Call(Function::Always, _) => Some(true),
            NodeKind::Call(Function::Success, names) if names.is_empty() => self.success,
            _ if self.has(node) => {
                let part = Expr {
                    source: expr.source.clone(),
                    base: expr.base,
                    root: node.clone(),
                };
                Some(eval(&part, self.scope)?.is_truthy())
            }
            _ => None,
        })
    }

    /// Whether all that a node asks for has a value. The recursion ends at the depth
    /// limit of parsed expressions.
    fn has(&self, node: &Node) -> bool {
        let own = match &node.kind {
            NodeKind::Name(name) => !self.later.contains(&name.as_str()),
            NodeKind::Call(function, _) => {
                !function.is_status() && *function != Function::HashFiles
            }
            _ => true,
        };
        own && node.children().all(|child| self.has(child))
    }
}

/// `&&` of three values: one that is false decides.
fn and(truths: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{Allowed, Contexts, Object, condition};
    use super::*;

    #[test]
    fn three_answers() {
        let github: Object = [("ref", "refs/heads/main")].into_iter().collect();
        let scope = Contexts::new().with("github", github);
        for (text, success, expected) in [
            ("", Some(true), Some(true)),
            ("", None, None),
            ("", Some(false), Some(false)),
            ("github.ref == 'refs/heads/main'", Some(true), Some(true)),
            ("github.ref == 'x' && needs.a.outputs.b", None, Some(false)),
            ("needs.a.outputs.b && github.ref", Some(true), None),
            ("github.ref || needs.a.outputs.b", Some(true), Some(true)),
            (
                "!(github.ref || needs.a.outputs.b)",
                Some(true),
                Some(false),
            ),
            ("always()", Some(false), Some(true)),
            ("failure()", Some(true), None),
            ("always() && github.ref == 'x'", None, Some(false)),
            ("success() || github.ref", None, Some(true)),
            ("success('a')", Some(true), None),
            ("${{ github.ref }} x", Some(true), Some(true)),
            ("${{ needs.a.result }} x", Some(true), None),
            ("contains(github.ref, 'main')", Some(true), Some(true)),
        ] {
            let known = Known {
                scope: &scope,
                later: &["needs"],
                success,
            };
            let found = condition(text, &Allowed::ALL)
                .unwrap()
                .foresee(&known)
                .unwrap();
            assert_eq!(found, expected, "{text}");
        }
    }
}
