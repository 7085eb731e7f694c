//! Building the tree of an expression.
//!
//! As `ExpressionParser` in actions/runner does, this keeps one stack of operands and
//! one of operators, so that no input, however deeply nested, can exhaust the call
//! stack. The order in which errors are found is also the runner's.

use std::ops::Range;

use super::allowed::Allowed;
use super::ast::{Expr, Node, NodeKind};
use super::error::ExprError;
use super::lexer::{Kind, Lexer, Operator, Token};
use super::value::Value;

/// The most levels a tree may have (`ExpressionConstants.MaxDepth`).
pub(crate) const MAX_DEPTH: usize = 50;

/// The most UTF-16 units an expression may have (`ExpressionConstants.MaxLength`).
pub(crate) const MAX_LENGTH: usize = 21_000;

/// Parses an expression in which only the allowed names may be used.
///
/// The text is the expression itself, without `${{` and `}}`. A text without a single
/// token is an error, worded as `TemplateStrings.ExpectedExpression`.
pub(crate) fn parse_with(text: &str, allowed: &Allowed<'_>) -> Result<Expr, ExprError> {
    parse_at(text, 0, allowed)
}

/// Parses an expression that begins at `base` within a greater text.
pub(crate) fn parse_at(text: &str, base: usize, allowed: &Allowed<'_>) -> Result<Expr, ExprError> {
    if text.len() > MAX_LENGTH && text.encode_utf16().count() > MAX_LENGTH {
        return Err(ExprError::new(
            format!("Exceeded max expression length {MAX_LENGTH}"),
            base,
        ));
    }
    let mut parser = Parser {
        source: text,
        base,
        allowed,
        lexer: Lexer::new(text),
        operands: Vec::new(),
        operators: Vec::new(),
        last: None,
        too_deep: false,
    };
    let root = parser.run()?;
    Ok(Expr {
        source: text.to_owned(),
        base,
        root,
    })
}

struct Parser<'a> {
    source: &'a str,
    base: usize,
    allowed: &'a Allowed<'a>,
    lexer: Lexer<'a>,
    operands: Vec<Operand>,
    operators: Vec<Token>,
    last: Option<Token>,
    too_deep: bool,
}

/// An operand on the stack: a node, or a function waiting for its parameters.
enum Operand {
    Node(Node),
    Function(Token),
}

impl Parser<'_> {
    fn run(&mut self) -> Result<Node, ExprError> {
        while let Some(token) = self.lexer.next_token() {
            match token.kind {
                Kind::Unexpected => return Err(self.error("Unexpected symbol", &token)),
                _ if is_operator(&token.kind) => self.push_operator(&token)?,
                _ => self.push_operand(&token)?,
            }
            self.last = Some(token);
        }
        let Some(last) = self.last.take() else {
            return Err(ExprError::new("An expression was expected", self.base));
        };
        if !self.operators.is_empty() && (!may_end(&last.kind) || self.lexer.has_unclosed()) {
            return Err(self.error("Unexpected end of expression", &last));
        }
        while let Some(operator) = self.operators.pop() {
            self.reduce(&operator)?;
        }
        if self.too_deep {
            return Err(ExprError::new(
                format!("Exceeded max expression depth {MAX_DEPTH}"),
                self.base,
            ));
        }
        self.pop_node()
    }

    /// An error about a token.
    fn error(&self, what: &str, token: &Token) -> ExprError {
        ExprError::at_token(what, self.source, token.span.clone(), self.base)
    }

    /// The token's text.
    fn raw(&self, token: &Token) -> &str {
        self.source.get(token.span.clone()).unwrap_or_default()
    }

    fn push_operand(&mut self, token: &Token) -> Result<(), ExprError> {
        let kind = match &token.kind {
            Kind::Function => {
                if self.allowed.function(self.raw(token)).is_none() {
                    return Err(self.error("Unrecognized function", token));
                }
                self.operands.push(Operand::Function(token.clone()));
                return Ok(());
            }
            Kind::NamedValue => match self.allowed.name(self.raw(token)) {
                Some(name) => NodeKind::Name(name.to_owned()),
                None => return Err(self.error("Unrecognized named-value", token)),
            },
            Kind::PropertyName => NodeKind::Literal(Value::String(self.raw(token).to_owned())),
            Kind::Bool(b) => NodeKind::Literal(Value::Bool(*b)),
            Kind::Number(n) => NodeKind::Literal(Value::Number(*n)),
            Kind::String(s) => NodeKind::Literal(Value::String(s.clone())),
            Kind::Wildcard => NodeKind::Wildcard,
            _ => NodeKind::Literal(Value::Null),
        };
        self.push_node(kind, token.span.clone());
        Ok(())
    }

    /// Pushes a node whose span is given within the source.
    fn push_node(&mut self, kind: NodeKind, span: Range<usize>) {
        let span = span.start + self.base..span.end + self.base;
        let mut node = Node::new(kind, span);
        if node.depth > MAX_DEPTH {
            // The error is only due at the end. Until then the node stands without its
            // children, so that the tree stays shallow.
            self.too_deep = true;
            node.kind = NodeKind::Wildcard;
            node.depth = MAX_DEPTH;
        }
        self.operands.push(Operand::Node(node));
    }

    fn push_operator(&mut self, token: &Token) -> Result<(), ExprError> {
        if !matches!(token.kind, Kind::StartGroup | Kind::Operator(Operator::Not)) {
            // All of these bind to the left: what binds as strongly comes first.
            while let Some(top) = self.operators.last()
                && precedence(&token.kind) <= precedence(&top.kind)
                && !matches!(
                    top.kind,
                    Kind::StartGroup | Kind::StartIndex | Kind::StartParameters | Kind::Separator
                )
                && let Some(top) = self.operators.pop()
            {
                self.reduce(&top)?;
            }
        }
        match token.kind {
            Kind::EndGroup => self.take_operator(&Kind::StartGroup).map(drop),
            Kind::EndIndex => {
                self.take_operator(&Kind::StartIndex)?;
                self.index(token.span.end)
            }
            Kind::EndParameters => self.end_call(token),
            _ => {
                self.operators.push(token.clone());
                Ok(())
            }
        }
    }

    /// Makes a node of an operator and its operands.
    fn reduce(&mut self, token: &Token) -> Result<(), ExprError> {
        let operator = match token.kind {
            Kind::Dereference => return self.index(0),
            Kind::Operator(operator) => operator,
            _ => return Err(self.unable()),
        };
        let right = self.pop_node()?;
        let end = right.span.end;
        if operator == Operator::Not {
            self.push_spanning(
                NodeKind::Not(Box::new(right)),
                token.span.start + self.base,
                end,
            );
            return Ok(());
        }
        let left = self.pop_node()?;
        let start = left.span.start;
        let kind = match operator {
            Operator::And => NodeKind::And(flatten(left, right, |kind| match kind {
                NodeKind::And(nodes) => Ok(nodes),
                other => Err(other),
            })),
            Operator::Or => NodeKind::Or(flatten(left, right, |kind| match kind {
                NodeKind::Or(nodes) => Ok(nodes),
                other => Err(other),
            })),
            _ => NodeKind::Compare(operator, Box::new(left), Box::new(right)),
        };
        self.push_spanning(kind, start, end);
        Ok(())
    }

    /// Pushes a node whose span is given within the whole text.
    fn push_spanning(&mut self, kind: NodeKind, start: usize, end: usize) {
        self.push_node(kind, start - self.base..end - self.base);
    }

    /// Makes an index node of the two topmost operands; `end` is that of the `]`.
    fn index(&mut self, end: usize) -> Result<(), ExprError> {
        let index = self.pop_node()?;
        let object = self.pop_node()?;
        let start = object.span.start;
        let end = index.span.end.max(end + self.base);
        self.push_spanning(
            NodeKind::Index(Box::new(object), Box::new(index)),
            start,
            end,
        );
        Ok(())
    }

    /// Makes a node of a call whose `)` was read.
    fn end_call(&mut self, close: &Token) -> Result<(), ExprError> {
        let empty = self
            .last
            .as_ref()
            .is_some_and(|last| last.kind == Kind::StartParameters);
        let mut count = usize::from(!empty);
        while self
            .operators
            .last()
            .is_some_and(|top| top.kind == Kind::Separator)
        {
            self.operators.pop();
            count += 1;
        }
        let mut parameters = Vec::with_capacity(count);
        for _ in 0..count {
            parameters.push(self.pop_node()?);
        }
        parameters.reverse();
        let open = self.take_operator(&Kind::StartParameters)?;
        let Some(Operand::Function(name)) = self.operands.pop() else {
            return Err(self.unable());
        };
        let Some(spec) = self.allowed.function(self.raw(&name)) else {
            return Err(self.error("Unrecognized function", &name));
        };
        if count < spec.min {
            return Err(self.error("Too few parameters supplied", &open));
        }
        if count > spec.max {
            return Err(self.error("Too many parameters supplied", &open));
        }
        if spec.function == super::Function::Case && count.is_multiple_of(2) {
            let what = "Even number of parameters supplied, requires an odd number of parameters";
            return Err(self.error(what, &open));
        }
        self.push_node(
            NodeKind::Call(spec.function, parameters),
            name.span.start..close.span.end,
        );
        Ok(())
    }

    /// Takes the topmost operator, which is of the kind.
    fn take_operator(&mut self, kind: &Kind) -> Result<Token, ExprError> {
        match self.operators.pop() {
            Some(token) if token.kind == *kind => Ok(token),
            _ => Err(self.unable()),
        }
    }

    /// Takes the topmost operand, which is a node.
    fn pop_node(&mut self) -> Result<Node, ExprError> {
        match self.operands.pop() {
            Some(Operand::Node(node)) => Ok(node),
            _ => Err(self.unable()),
        }
    }

    /// The error for a state the lexer's checks should have excluded.
    fn unable(&self) -> ExprError {
        ExprError::new(
            format!("Unable to parse the expression: {}", self.source),
            self.base,
        )
    }
}

/// The operands of a chain, nested chains of the same operator taken apart.
fn flatten(
    left: Node,
    right: Node,
    apart: impl Fn(NodeKind) -> Result<Vec<Node>, NodeKind>,
) -> Vec<Node> {
    let mut all = Vec::new();
    for mut node in [left, right] {
        match apart(node.kind) {
            Ok(nodes) if all.is_empty() => all = nodes,
            Ok(nodes) => all.extend(nodes),
            Err(kind) => {
                node.kind = kind;
                all.push(node);
            }
        }
    }
    all
}

/// Whether a token goes to the stack of operators.
fn is_operator(kind: &Kind) -> bool {
    precedence(kind) > 0
}

/// Whether an expression may end with the token, other operators standing before it.
fn may_end(kind: &Kind) -> bool {
    matches!(kind, Kind::EndGroup | Kind::EndIndex | Kind::EndParameters)
        || !(is_operator(kind) || *kind == Kind::Function)
}

/// How strongly an operator binds (`Token.Precedence` in actions/runner); 0 for
/// operands.
fn precedence(kind: &Kind) -> u8 {
    match kind {
        Kind::StartGroup => 20,
        Kind::StartIndex | Kind::StartParameters | Kind::Dereference => 19,
        Kind::Operator(operator) => match operator {
            Operator::Not => 16,
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => 11,
            Operator::Equal | Operator::NotEqual => 10,
            Operator::And => 6,
            Operator::Or => 5,
        },
        Kind::EndGroup | Kind::EndIndex | Kind::EndParameters | Kind::Separator => 1,
        _ => 0,
    }
}
