//! Conditions as sets of terms, so that two of them can be compared without values: which
//! of them holds whenever the other does.

use std::collections::{BTreeMap, BTreeSet};

use super::allowed::Function;
use super::ast::{Expr, Node, NodeKind};
use super::condition::{Body, Condition};
use super::lexer::Operator;
use super::value::Value;

/// Alternatives beyond which a condition is not taken apart.
const MAX_ALTERNATIVES: usize = 64;
/// Terms beyond which not every combination of them is tried.
const MAX_TRIED: usize = 12;

/// A condition in disjunctive form: it holds when all terms of one alternative do. A term
/// is a text that is true or false, with what it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    alternatives: BTreeSet<BTreeMap<String, bool>>,
}

impl Terms {
    /// What always holds.
    pub(crate) fn always() -> Self {
        Self {
            alternatives: BTreeSet::from([BTreeMap::new()]),
        }
    }

    /// What never holds.
    pub(crate) fn never() -> Self {
        Self {
            alternatives: BTreeSet::new(),
        }
    }

    /// One term, which has to be `holds`.
    pub(crate) fn term(text: impl Into<String>, holds: bool) -> Self {
        Self {
            alternatives: BTreeSet::from([BTreeMap::from([(text.into(), holds)])]),
        }
    }

    /// Whether it can never hold.
    pub(crate) fn is_never(&self) -> bool {
        self.alternatives.is_empty()
    }

    /// One of both; `None` where that is too large.
    pub(crate) fn or(&self, other: &Self) -> Option<Self> {
        let both = self.alternatives.iter().chain(&other.alternatives);
        Self::simple(&both.cloned().collect())
    }

    /// Both; `None` where that is too large.
    pub(crate) fn and(&self, other: &Self) -> Option<Self> {
        let mut found = BTreeSet::new();
        for left in &self.alternatives {
            for right in &other.alternatives {
                if let Some(both) = joined(left, right) {
                    found.insert(both);
                }
            }
        }
        Self::simple(&found)
    }

    /// The contrary; `None` where that is too large.
    pub(crate) fn not(&self) -> Option<Self> {
        let mut all = Self::always();
        for alternative in &self.alternatives {
            let contrary = alternative
                .iter()
                .map(|(term, holds)| BTreeMap::from([(term.clone(), !holds)]))
                .collect();
            all = all.and(&Self {
                alternatives: contrary,
            })?;
        }
        Some(all)
    }

    /// Without alternatives that say nothing new; `None` where there are too many.
    fn simple(alternatives: &BTreeSet<BTreeMap<String, bool>>) -> Option<Self> {
        let covered = |one: &BTreeMap<String, bool>| {
            let smaller = |other: &&BTreeMap<String, bool>| {
                other.len() < one.len()
                    && other.iter().all(|(key, value)| one.get(key) == Some(value))
            };
            alternatives.iter().any(|other| smaller(&other))
        };
        let alternatives: BTreeSet<_> = alternatives
            .iter()
            .filter(|one| !covered(one))
            .cloned()
            .collect();
        (alternatives.len() <= MAX_ALTERNATIVES).then_some(Self { alternatives })
    }

    /// Whether `other` holds whenever this does, as far as the terms tell: what they mean is
    /// not known.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        let within = |one: &BTreeMap<String, bool>| {
            other
                .alternatives
                .iter()
                .any(|other| other.iter().all(|(key, value)| one.get(key) == Some(value)))
        };
        if self.alternatives.iter().all(within) {
            return true;
        }
        let names: BTreeSet<&String> = [self, other]
            .iter()
            .flat_map(|terms| &terms.alternatives)
            .flat_map(BTreeMap::keys)
            .collect();
        let names: Vec<&String> = names.into_iter().collect();
        names.len() <= MAX_TRIED
            && (0..1_usize << names.len()).all(|values| {
                let value = |name: &String| {
                    let at = names.iter().position(|one| *one == name).unwrap_or(0);
                    values >> at & 1 == 1
                };
                !self.holds(&value) || other.holds(&value)
            })
    }

    fn holds(&self, value: &dyn Fn(&String) -> bool) -> bool {
        self.alternatives
            .iter()
            .any(|one| one.iter().all(|(name, holds)| value(name) == *holds))
    }
}

/// All terms of two alternatives; `None` where they exclude each other.
fn joined(
    left: &BTreeMap<String, bool>,
    right: &BTreeMap<String, bool>,
) -> Option<BTreeMap<String, bool>> {
    let mut both = left.clone();
    for (term, holds) in right {
        if both
            .insert(term.clone(), *holds)
            .is_some_and(|before| before != *holds)
        {
            return None;
        }
    }
    Some(both)
}

impl Condition {
    /// The condition as terms. `known` gives the value of what is known, by its name
    /// (`env.X`). `None` where there would be too many.
    pub(crate) fn terms(&self, known: &dyn Fn(&str) -> Option<String>) -> Option<Terms> {
        let own = match &self.body {
            Body::Empty => Terms::always(),
            Body::Expr(expr) => Walk { known }.truth(&expr.root)?,
            Body::Text(template) => {
                let sources = template
                    .expressions()
                    .map(|(_, expr): (_, &Expr)| &expr.source);
                let sources: Vec<&str> = sources.map(|text| text.trim()).collect();
                Terms::term(format!("a text with {}", sources.join(", ")), true)
            }
        };
        match self.implicit_success {
            true => own.and(&success(true)),
            false => Some(own),
        }
    }
}

/// `success()`, and `failure()`. A job that is cancelled has neither.
fn success(holds: bool) -> Terms {
    let terms = [("success()", holds), ("cancelled()", false)];
    let terms = terms.map(|(name, holds)| (name.to_owned(), holds));
    Terms {
        alternatives: BTreeSet::from([BTreeMap::from(terms)]),
    }
}

struct Walk<'k> {
    known: &'k dyn Fn(&str) -> Option<String>,
}

impl Walk<'_> {
    /// When a node is truthy. The recursion ends at the depth limit of parsed expressions.
    fn truth(&self, node: &Node) -> Option<Terms> {
        match &node.kind {
            NodeKind::Not(operand) => self.truth(operand)?.not(),
            NodeKind::And(operands) => operands
                .iter()
                .try_fold(Terms::always(), |all, one| all.and(&self.truth(one)?)),
            NodeKind::Or(operands) => operands
                .iter()
                .try_fold(Terms::never(), |all, one| all.or(&self.truth(one)?)),
            NodeKind::Literal(value) => Some(constant(value.is_truthy())),
            NodeKind::Call(Function::Always, _) => Some(Terms::always()),
            NodeKind::Call(Function::Success, of) if of.is_empty() => Some(success(true)),
            NodeKind::Call(Function::Failure, of) if of.is_empty() => Some(success(false)),
            NodeKind::Compare(Operator::Equal, left, right) => Some(self.equal(left, right)),
            NodeKind::Compare(Operator::NotEqual, left, right) => self.equal(left, right).not(),
            _ => Some(match (self.known)(&text(node)) {
                Some(value) => constant(!value.is_empty()),
                None => Terms::term(text(node), true),
            }),
        }
    }

    fn equal(&self, left: &Node, right: &Node) -> Terms {
        let is_literal = |node: &Node| matches!(node.kind, NodeKind::Literal(_));
        let (left, right) = match is_literal(left) && !is_literal(right) {
            true => (right, left),
            false => (left, right),
        };
        if let NodeKind::Literal(Value::String(wanted)) = &right.kind
            && let Some(value) = (self.known)(&text(left))
        {
            return constant(value.eq_ignore_ascii_case(wanted));
        }
        Terms::term(format!("{} == {}", text(left), text(right)), true)
    }
}

fn constant(holds: bool) -> Terms {
    match holds {
        true => Terms::always(),
        false => Terms::never(),
    }
}

/// A node in one spelling, however it was written.
fn text(node: &Node) -> String {
    let all = |nodes: &[Node], between: &str| {
        let texts: Vec<String> = nodes.iter().map(text).collect();
        texts.join(between)
    };
    match &node.kind {
        NodeKind::Literal(Value::String(text)) => format!("'{}'", text.replace('\'', "''")),
        NodeKind::Literal(value) => value.to_text(),
        NodeKind::Wildcard => "*".to_owned(),
        NodeKind::Name(name) => name.clone(),
        NodeKind::Index(object, index) => match &index.kind {
            NodeKind::Literal(Value::String(key)) => format!("{}.{key}", text(object)),
            NodeKind::Wildcard => format!("{}.*", text(object)),
            _ => format!("{}[{}]", text(object), text(index)),
        },
        NodeKind::Call(function, nodes) => format!("{}({})", function.name(), all(nodes, ", ")),
        NodeKind::Not(operand) => format!("!{}", text(operand)),
        NodeKind::And(nodes) => format!("({})", all(nodes, " && ")),
        NodeKind::Or(nodes) => format!("({})", all(nodes, " || ")),
        NodeKind::Compare(operator, left, right) => {
            format!("{} {operator:?} {}", text(left), text(right))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{Allowed, condition};
    use super::Terms;

    fn terms(text: &str) -> Terms {
        let known = |name: &str| (name == "env.PLACE").then(|| "container".to_owned());
        condition(text, &Allowed::ALL)
            .unwrap()
            .terms(&known)
            .unwrap()
    }

    #[test]
    fn what_implies_what() {
        for (left, right, forth, back) in [
            ("", "success()", true, true),
            ("${{ success() }}", "", true, true),
            ("github.ref == 'a'", "", true, false),
            ("'a' == github.ref", "github['ref']=='a'", true, true),
            ("always()", "", false, true),
            ("!cancelled()", "success() || failure()", true, true),
            ("!cancelled()", "always()", true, false),
            ("failure()", "success()", false, false),
            ("always() && env.PLACE != 'runner'", "always()", true, true),
            ("env.PLACE != 'container'", "false", true, true),
            ("env.PLACE", "success()", true, true),
            (
                "!(github.a && github.b)",
                "!github.a || !github.b",
                true,
                true,
            ),
            ("github.a != 'x'", "!(github.a == 'x')", true, true),
            ("github.a && github.b", "github.a || github.b", true, false),
            (
                "(github.a && github.b) || (github.a && !github.b)",
                "github.a",
                true,
                true,
            ),
            ("github.a > 1", "github.a > 2", false, false),
            ("${{ github.a }} x", "", true, false),
        ] {
            let (one, other) = (terms(left), terms(right));
            assert_eq!(one.implies(&other), forth, "{left} → {right}");
            assert_eq!(other.implies(&one), back, "{right} → {left}");
        }
    }

    #[test]
    fn what_can_never_hold_is_known() {
        assert!(terms("github.a && !github.a").is_never());
        assert!(!terms("github.a").is_never());
    }

    #[test]
    fn what_is_too_large_is_given_up() {
        let pairs: Vec<String> = (0..10)
            .map(|n| format!("(github.a{n} || github.b{n})"))
            .collect();
        let large = condition(&pairs.join(" && "), &Allowed::ALL).unwrap();
        assert_eq!(large.terms(&|_| None), None);
    }
}
