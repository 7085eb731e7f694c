//! The conditions of `if:`.
//!
//! `WorkflowTemplateConverter.ConvertToIfCondition` of actions/runner: the text is an
//! expression with or without `${{ }}` around it; without any status function in it
//! `success()` must hold too.

use super::allowed::Allowed;
use super::ast::{Expr, NameRef};
use super::error::ExprError;
use super::eval::eval;
use super::parser::parse_with;
use super::scope::{Scope, StatusCheck};
use super::template::{Template, quoted_literal};
use super::value::Value;

/// A condition: whether a job or step runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    pub(super) body: Body,
    pub(super) implicit_success: bool,
}

/// What stands in a condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// No condition but `success()`.
    Empty,
    /// An expression.
    Expr(Expr),
    /// A text with expressions in it, whose value is a text.
    Text(Template),
}

/// Reads the text of an `if:`.
///
/// An empty text stands for `success()`. A text with anything besides one `${{ … }}`, be
/// it a blank, is a text and not an expression: GitHub makes `format(…)` of it, which is
/// true unless it comes out empty. And `${{ 'text' }}`
/// stands for the condition `text`, as GitHub puts the text in its place first.
pub(crate) fn condition(text: &str, allowed: &Allowed<'_>) -> Result<Condition, ExprError> {
    let template = if text.contains("${{") {
        Some(Template::parse(text, allowed)?)
    } else {
        None
    };
    let body = match template {
        None => plain(text, allowed)?,
        Some(template) => match template.single() {
            Some(expr) => match quoted_literal(expr) {
                // Offsets within the quoted text would lead astray: the whole is meant.
                Some(quoted) => plain(quoted, allowed)
                    .map_err(|error| ExprError::new(error.message, expr.base))?,
                None => Body::Expr(expr.clone()),
            },
            None => Body::Text(template),
        },
    };
    let calls_status = match &body {
        Body::Empty => false,
        Body::Expr(expr) => expr.calls_status(),
        Body::Text(template) => template.expressions().any(|(_, expr)| expr.calls_status()),
    };
    Ok(Condition {
        body,
        implicit_success: !calls_status,
    })
}

/// A condition without `${{ }}`.
fn plain(text: &str, allowed: &Allowed<'_>) -> Result<Body, ExprError> {
    if text.trim().is_empty() {
        return Ok(Body::Empty);
    }
    parse_with(text, allowed).map(Body::Expr)
}

impl Condition {
    /// Whether the condition holds.
    pub(crate) fn evaluate(&self, scope: &dyn Scope) -> Result<bool, ExprError> {
        if self.implicit_success && !scope.status(StatusCheck::Success) {
            return Ok(false);
        }
        let value = match &self.body {
            Body::Empty => Value::Bool(true),
            Body::Expr(expr) => eval(expr, scope)?,
            Body::Text(template) => template.evaluate(scope)?,
        };
        Ok(value.is_truthy())
    }

    /// All contexts the condition refers to.
    pub(crate) fn names(&self) -> Vec<NameRef> {
        match &self.body {
            Body::Empty => Vec::new(),
            Body::Expr(expr) => expr.names(),
            Body::Text(template) => template.names(),
        }
    }
}
