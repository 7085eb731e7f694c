//! Evaluating the tree of an expression.
//!
//! Operators are evaluated as `Sdk/Operators` of actions/runner does; functions are in
//! [`super::functions`].

use super::ast::{Expr, Node, NodeKind};
use super::compare;
use super::error::ExprError;
use super::functions;
use super::lexer::Operator;
use super::scope::Scope;
use super::value::Value;
use std::cmp::Ordering;

/// The most text, in bytes, that the functions of one evaluation may make together, and
/// that a template may become (`MaxMemory` of the runner's template evaluation, 10 MiB).
pub(crate) const MAX_TEXT: usize = 10 * 1024 * 1024;

/// Evaluates an expression.
pub(crate) fn eval(expr: &Expr, scope: &dyn Scope) -> Result<Value, ExprError> {
    let mut evaluation = Evaluation {
        expr,
        scope,
        text: 0,
    };
    evaluation.value(&expr.root)
}

/// One evaluation under way.
pub(super) struct Evaluation<'a> {
    expr: &'a Expr,
    /// What the expression is evaluated against.
    pub(super) scope: &'a dyn Scope,
    /// How much text the functions have made.
    text: usize,
}

/// A value, and whether a wildcard made it: an index into such a filtered array applies
/// to each of its elements.
struct Outcome {
    value: Value,
    filtered: bool,
}

impl From<Value> for Outcome {
    fn from(value: Value) -> Self {
        Self {
            value,
            filtered: false,
        }
    }
}

impl<'a> Evaluation<'a> {
    /// The value of a node.
    pub(super) fn value(&mut self, node: &Node) -> Result<Value, ExprError> {
        Ok(self.outcome(node)?.value)
    }

    /// Counts text that is about to be made; an error beyond the limit.
    pub(super) fn charge(&mut self, bytes: usize, node: &Node) -> Result<(), ExprError> {
        self.text = self.text.saturating_add(bytes);
        if self.text <= MAX_TEXT {
            return Ok(());
        }
        let start = node.span.start.saturating_sub(self.expr.base);
        let end = node.span.end.saturating_sub(self.expr.base);
        let source = self.expr.source.get(start..end);
        Err(ExprError::new(
            format!(
                "The maximum allowed memory size was exceeded while evaluating the following expression: {}",
                source.unwrap_or(&self.expr.source)
            ),
            node.span.start,
        ))
    }

    fn outcome(&mut self, node: &Node) -> Result<Outcome, ExprError> {
        let value = match &node.kind {
            NodeKind::Literal(value) => value.clone(),
            NodeKind::Wildcard => "*".into(),
            NodeKind::Name(name) => self.scope.named_value(name).unwrap_or_default(),
            NodeKind::Index(object, index) => return self.index(object, index),
            NodeKind::Call(function, parameters) => {
                if let Some(chosen) = functions::choose(self, *function, parameters, node)? {
                    return self.outcome(chosen);
                }
                functions::call(self, *function, parameters, node)?
            }
            NodeKind::Not(operand) => Value::Bool(!self.value(operand)?.is_truthy()),
            NodeKind::And(operands) => return self.first(operands, false),
            NodeKind::Or(operands) => return self.first(operands, true),
            NodeKind::Compare(operator, left, right) => {
                let left = self.value(left)?;
                let right = self.value(right)?;
                Value::Bool(holds(*operator, &left, &right))
            }
        };
        Ok(value.into())
    }

    /// The first operand that is true (or false) enough to end the chain, else the last.
    fn first(&mut self, operands: &[Node], truthy: bool) -> Result<Outcome, ExprError> {
        let mut last = Value::Null.into();
        for operand in operands {
            last = self.outcome(operand)?;
            if last.value.is_truthy() == truthy {
                break;
            }
        }
        Ok(last)
    }

    /// `object[index]`, by the rules of `Index` in actions/runner.
    fn index(&mut self, object: &Node, index: &Node) -> Result<Outcome, ExprError> {
        let Outcome { value, filtered } = self.outcome(object)?;
        let wildcard = matches!(index.kind, NodeKind::Wildcard);
        if value.is_primitive() {
            // The index is not even evaluated.
            return Ok(if wildcard {
                filtered_array(Vec::new())
            } else {
                Value::Null.into()
            });
        }
        if wildcard {
            let mut items = Vec::new();
            match &value {
                Value::Array(elements) if filtered => {
                    for element in elements.iter() {
                        push_all(element, &mut items);
                    }
                }
                _ => push_all(&value, &mut items),
            }
            return Ok(filtered_array(items));
        }
        let index = Index::new(&self.value(index)?);
        match &value {
            Value::Array(elements) if filtered => Ok(filtered_array(
                elements
                    .iter()
                    .filter_map(|element| index.of(element))
                    .cloned()
                    .collect(),
            )),
            _ => Ok(index.of(&value).cloned().unwrap_or_default().into()),
        }
    }
}

/// An array that a wildcard made.
fn filtered_array(items: Vec<Value>) -> Outcome {
    Outcome {
        value: Value::array(items),
        filtered: true,
    }
}

/// Adds what is in an array or object; nothing for other values.
fn push_all(value: &Value, items: &mut Vec<Value>) {
    match value {
        Value::Array(elements) => items.extend(elements.iter().cloned()),
        Value::Object(object) => items.extend(object.iter().map(|(_, value)| value.clone())),
        _ => {}
    }
}

/// An index, in the form objects take and in the one arrays take.
struct Index {
    key: Option<String>,
    number: Option<usize>,
}

impl Index {
    fn new(value: &Value) -> Self {
        let number = value.to_number().floor();
        Self {
            key: value.is_primitive().then(|| value.to_text()),
            // NaN and what is out of range have no place in any array.
            number: (0.0..=f64::from(i32::MAX))
                .contains(&number)
                .then_some(number as usize),
        }
    }

    fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match value {
            Value::Array(elements) => elements.get(self.number?),
            Value::Object(object) => object.get(self.key.as_deref()?),
            _ => None,
        }
    }
}

/// Whether a comparison holds.
fn holds(operator: Operator, left: &Value, right: &Value) -> bool {
    let order = || compare::order(left, right);
    match operator {
        Operator::Equal => compare::equal(left, right),
        Operator::NotEqual => !compare::equal(left, right),
        Operator::Less => order() == Some(Ordering::Less),
        Operator::LessOrEqual => compare::equal(left, right) || order() == Some(Ordering::Less),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::GreaterOrEqual => {
            compare::equal(left, right) || order() == Some(Ordering::Greater)
        }
        Operator::Not | Operator::And | Operator::Or => false,
    }
}
