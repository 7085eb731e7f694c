//! Texts with `${{ … }}` in them.
//!
//! `TemplateReader.ParseScalar` of actions/runner: an expression ends at the first `}}`
//! outside of quotes; a text that is one expression is that expression's value, any
//! other text becomes one `format(…)` call and so has the limits of an expression.

use std::ops::Range;

use super::allowed::Allowed;
use super::ast::{Expr, NameRef, NodeKind};
use super::error::ExprError;
use super::eval::{MAX_TEXT, eval};
use super::parser::{parse_at, parse_with};
use super::scope::Scope;
use super::value::Value;

/// What begins an expression within a text.
const OPEN: &str = "${{";

/// A text that may contain expressions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Template {
    text: String,
    pieces: Vec<Piece>,
}

/// A part of a template. The pieces follow one another without gaps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    /// The bytes of the text it covers, `${{` and `}}` included.
    pub(crate) span: Range<usize>,
    /// The expression; nothing for text that stands for itself.
    pub(crate) expr: Option<Expr>,
}

impl Template {
    /// Takes a text apart and parses its expressions.
    ///
    /// Only the allowed names may be used in them; offsets of errors refer to `text`.
    pub(crate) fn parse(text: &str, allowed: &Allowed<'_>) -> Result<Self, ExprError> {
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some((start, end)) = next_expression(text, at)? {
            push_literal(&mut pieces, at..start);
            let whole = start == 0 && end == text.len();
            pieces.push(Piece {
                span: start..end,
                expr: Some(parse_embedded(text, start..end, whole, allowed)?),
            });
            at = end;
        }
        push_literal(&mut pieces, at..text.len());
        let template = Self {
            text: text.to_owned(),
            pieces,
        };
        template.check_as_format(allowed)?;
        Ok(template)
    }

    /// Whether there is no expression in the text.
    pub(crate) fn is_literal(&self) -> bool {
        self.expressions().next().is_none()
    }

    /// The expression the whole text consists of, if it is just one.
    pub(crate) fn single(&self) -> Option<&Expr> {
        match self.pieces.as_slice() {
            [piece] => piece.expr.as_ref(),
            _ => None,
        }
    }

    /// All expressions, each with the place of its `${{`.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = (usize, &Expr)> {
        self.pieces
            .iter()
            .filter_map(|piece| Some((piece.span.start, piece.expr.as_ref()?)))
    }

    /// All contexts the expressions refer to.
    pub(crate) fn names(&self) -> Vec<NameRef> {
        self.expressions()
            .flat_map(|(_, expr)| expr.names())
            .collect()
    }

    /// The value: of the expression if the text is just one, else the text with all
    /// expressions replaced by their values' texts.
    pub(crate) fn evaluate(&self, scope: &dyn Scope) -> Result<Value, ExprError> {
        if let Some(expr) = self.single() {
            return eval(expr, scope);
        }
        let mut result = String::new();
        for piece in &self.pieces {
            let value;
            let part = match &piece.expr {
                None => self.text.get(piece.span.clone()).unwrap_or_default(),
                Some(expr) => {
                    value = eval(expr, scope)?.to_text();
                    &value
                }
            };
            if result.len() + part.len() > MAX_TEXT {
                return Err(ExprError::new(
                    "Maximum object size exceeded",
                    piece.span.start,
                ));
            }
            result.push_str(part);
        }
        Ok(result.into())
    }

    /// The text of the value.
    pub(crate) fn evaluate_text(&self, scope: &dyn Scope) -> Result<String, ExprError> {
        self.evaluate(scope).map(|value| match value {
            Value::String(text) => text,
            other => other.to_text(),
        })
    }

    /// Checks a mixed text as the single expression the runner makes of it: its length,
    /// depth and number of parts are limited.
    fn check_as_format(&self, allowed: &Allowed<'_>) -> Result<(), ExprError> {
        if self.is_literal() || self.single().is_some() {
            return Ok(());
        }
        let mut format = String::new();
        let mut arguments = String::new();
        let mut count = 0;
        for piece in &self.pieces {
            match &piece.expr {
                Some(expr) => {
                    format.push_str(&format!("{{{count}}}"));
                    arguments.push_str(", ");
                    arguments.push_str(&expr.source);
                    count += 1;
                }
                None => {
                    let text = self.text.get(piece.span.clone()).unwrap_or_default();
                    format.extend(text.chars().flat_map(|c| {
                        let twice = usize::from(matches!(c, '\'' | '{' | '}'));
                        std::iter::repeat_n(c, 1 + twice)
                    }));
                }
            }
        }
        match parse_with(&format!("format('{format}'{arguments})"), allowed) {
            Ok(_) => Ok(()),
            Err(error) => Err(ExprError::new(error.message, 0)),
        }
    }
}

/// Adds a literal piece, unless it is empty.
fn push_literal(pieces: &mut Vec<Piece>, span: Range<usize>) {
    if !span.is_empty() {
        pieces.push(Piece { span, expr: None });
    }
}

/// Where the next `${{ … }}` at or after `from` begins and ends.
fn next_expression(text: &str, from: usize) -> Result<Option<(usize, usize)>, ExprError> {
    let rest = text.get(from..).unwrap_or_default();
    let Some(start) = rest.find(OPEN).map(|found| from + found) else {
        return Ok(None);
    };
    let inner = text.get(start + OPEN.len()..).unwrap_or_default();
    let mut in_string = false;
    let mut last = b'{';
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            // `''` within quotes closes and opens them again, which changes nothing.
            b'\'' => in_string = !in_string,
            b'}' if !in_string && last == b'}' => {
                return Ok(Some((start, start + OPEN.len() + at + 1)));
            }
            _ => {}
        }
        last = byte;
    }
    Err(ExprError::new(
        "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found.",
        start,
    ))
}

/// Parses the expression of a `${{ … }}` that covers the span.
fn parse_embedded(
    text: &str,
    span: Range<usize>,
    whole: bool,
    allowed: &Allowed<'_>,
) -> Result<Expr, ExprError> {
    let inner = span.start + OPEN.len()..span.end - 2;
    let source = text.get(inner.clone()).unwrap_or_default();
    let base = inner.start + (source.len() - source.trim_start().len());
    let source = source.trim();
    if source.is_empty() {
        return Err(ExprError::new("An expression was expected", span.start));
    }
    if let Some(message) = directive(source, whole) {
        return Err(ExprError::new(message, base));
    }
    parse_at(source, base, allowed)
}

/// Why the directive `insert`, which only a mapping's key may be, is not possible here;
/// nothing if the source is an ordinary expression.
fn directive(source: &str, whole: bool) -> Option<String> {
    let after = source.strip_prefix("insert")?;
    if !after.is_empty() && !after.starts_with(char::is_whitespace) {
        return None;
    }
    let parameters = count_parameters(after);
    Some(if parameters > 0 {
        format!(
            "Exactly 0 parameter(s) were expected following the directive 'insert'. Actual parameter count: {parameters}"
        )
    } else if whole {
        "The expression directive 'insert' is not supported in this context".to_owned()
    } else {
        "The directive 'insert' is not allowed in this context. Directives are not supported for expressions that are embedded within a string. Directives are only supported when the entire value is an expression.".to_owned()
    })
}

/// How many words there are, quotes and parentheses holding words together.
fn count_parameters(text: &str) -> usize {
    let (mut count, mut in_word, mut in_string, mut open) = (0, false, false, 0_i32);
    for c in text.chars() {
        if c.is_whitespace() && !in_string && open == 0 {
            in_word = false;
            continue;
        }
        if !in_word {
            in_word = true;
            count += 1;
        }
        match c {
            '\'' => in_string = !in_string,
            '(' if !in_string => open += 1,
            ')' if !in_string => open -= 1,
            _ => {}
        }
    }
    count
}

/// The text of an expression that is nothing but a quoted text
/// (`TemplateReader.IsExpressionString`): the runner puts the text in its place.
pub(super) fn quoted_literal(expr: &Expr) -> Option<&str> {
    match &expr.root.kind {
        NodeKind::Literal(Value::String(text)) if expr.source.starts_with('\'') => Some(text),
        _ => None,
    }
}
