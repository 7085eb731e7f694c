//! Cutting an expression into tokens.
//!
//! The rules are those of `LexicalAnalyzer` in actions/runner. The lexer also decides
//! whether a token may follow the one before it: GitHub reports a token out of place as
//! an unexpected symbol, before any parsing.

use std::ops::Range;

use super::number::parse_number;

/// An operator between operands, and `!` before one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `!`
    Not,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// What a token is (`TokenKind` in actions/runner).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// `(` around an operand.
    StartGroup,
    /// `[`
    StartIndex,
    /// `(` after a function's name.
    StartParameters,
    /// `)` closing a group.
    EndGroup,
    /// `]`
    EndIndex,
    /// `)` closing a call.
    EndParameters,
    /// `,`
    Separator,
    /// `.` before a property.
    Dereference,
    /// `*`
    Wildcard,
    /// One of the operators.
    Operator(Operator),
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, `NaN` and `Infinity` among them.
    Number(f64),
    /// A quoted text, its quotes and escapes removed.
    String(String),
    /// A name after a `.`.
    PropertyName,
    /// A name before a `(`.
    Function,
    /// Any other name.
    NamedValue,
    /// What cannot be read, or not here.
    Unexpected,
}

/// A token and the bytes of the source it covers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it is.
    pub(crate) span: Range<usize>,
}

/// Reads tokens from a source, one after the other.
pub(crate) struct Lexer<'a> {
    source: &'a str,
    at: usize,
    last: Option<Kind>,
    unclosed: Vec<Kind>,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of the source.
    pub(crate) fn new(source: &'a str) -> Self {
        Self {
            source,
            at: 0,
            last: None,
            unclosed: Vec::new(),
        }
    }

    /// Whether a bracket is still open.
    pub(crate) fn has_unclosed(&self) -> bool {
        !self.unclosed.is_empty()
    }

    /// What is left of the source.
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// The next token; nothing at the end.
    pub(crate) fn next_token(&mut self) -> Option<Token> {
        let rest = self.rest().trim_start();
        self.at = self.source.len() - rest.len();
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            '(' if self.last == Some(Kind::Function) => (Kind::StartParameters, 1),
            '(' => (Kind::StartGroup, 1),
            ')' if self.unclosed.last() == Some(&Kind::StartParameters) => (Kind::EndParameters, 1),
            ')' => (Kind::EndGroup, 1),
            '[' => (Kind::StartIndex, 1),
            ']' => (Kind::EndIndex, 1),
            ',' => (Kind::Separator, 1),
            '*' => (Kind::Wildcard, 1),
            '\'' => quoted(rest),
            '!' | '>' | '<' | '=' | '&' | '|' => operator(rest),
            '.' if !self.operand_may_start() => (Kind::Dereference, 1),
            '.' | '-' | '+' | '0'..='9' => number(rest),
            _ => self.keyword(rest),
        };
        let kind = self.checked(kind);
        let span = self.at..self.at + length;
        self.at = span.end;
        self.last = Some(kind.clone());
        Some(Token { kind, span })
    }

    /// Whether an operand may come next: at the start and after an operator, an opening
    /// bracket or a comma.
    fn operand_may_start(&self) -> bool {
        matches!(
            self.last,
            None | Some(
                Kind::Separator
                    | Kind::StartGroup
                    | Kind::StartParameters
                    | Kind::StartIndex
                    | Kind::Operator(_)
            )
        )
    }

    /// Whether the last token ends something that has properties.
    fn property_may_follow(&self) -> bool {
        matches!(
            self.last,
            Some(
                Kind::EndGroup
                    | Kind::EndParameters
                    | Kind::EndIndex
                    | Kind::Wildcard
                    | Kind::PropertyName
                    | Kind::NamedValue
            )
        )
    }

    /// Whether the last token ends an operand.
    fn operand_has_ended(&self) -> bool {
        self.property_may_follow()
            || matches!(
                self.last,
                Some(Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_))
            )
    }

    /// The kind, or `Unexpected` where it may not stand; keeps count of the brackets.
    fn checked(&mut self, kind: Kind) -> Kind {
        let legal = match &kind {
            Kind::StartGroup
            | Kind::Operator(Operator::Not)
            | Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::Function
            | Kind::NamedValue => self.operand_may_start(),
            Kind::StartIndex | Kind::Dereference => self.property_may_follow(),
            Kind::StartParameters => self.last == Some(Kind::Function),
            Kind::EndParameters => {
                self.last == Some(Kind::StartParameters) || self.operand_has_ended()
            }
            Kind::EndGroup | Kind::EndIndex | Kind::Separator | Kind::Operator(_) => {
                self.operand_has_ended()
            }
            Kind::Wildcard => {
                matches!(self.last, Some(Kind::StartIndex | Kind::Dereference))
            }
            Kind::PropertyName => self.last == Some(Kind::Dereference),
            Kind::Unexpected => false,
        };
        let opening = match &kind {
            Kind::EndGroup => Some(Kind::StartGroup),
            Kind::EndIndex => Some(Kind::StartIndex),
            Kind::EndParameters | Kind::Separator => Some(Kind::StartParameters),
            _ => None,
        };
        let enclosed = opening.is_none() || self.unclosed.last() == opening.as_ref();
        if !legal || !enclosed {
            return Kind::Unexpected;
        }
        match &kind {
            Kind::StartGroup | Kind::StartIndex | Kind::StartParameters => {
                self.unclosed.push(kind.clone());
            }
            Kind::EndGroup | Kind::EndIndex | Kind::EndParameters => {
                self.unclosed.pop();
            }
            _ => {}
        }
        kind
    }

    /// A name: a property, one of the literal words, a function or a context.
    fn keyword(&self, rest: &str) -> (Kind, usize) {
        let length = until_boundary(rest, false);
        let word = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).unwrap_or_default();
        let kind = if !is_keyword(word) {
            Kind::Unexpected
        } else if self.last == Some(Kind::Dereference) {
            Kind::PropertyName
        } else {
            match word {
                "null" => Kind::Null,
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                "NaN" => Kind::Number(f64::NAN),
                "Infinity" => Kind::Number(f64::INFINITY),
                _ if after.trim_start().starts_with('(') => Kind::Function,
                _ => Kind::NamedValue,
            }
        };
        (kind, length)
    }
}

/// Whether a word is a legal name: a letter or `_`, then letters, digits, `_` and `-`
/// (`ExpressionUtility.IsLegalKeyword`).
pub(crate) fn is_keyword(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// The length of a token that reaches to the next boundary; its first character always
/// belongs to it, and points do where `points` says so.
fn until_boundary(rest: &str, points: bool) -> usize {
    rest.char_indices()
        .skip(1)
        .find(|(_, c)| is_boundary(*c) && !(points && *c == '.'))
        .map_or(rest.len(), |(at, _)| at)
}

/// The characters that end a word.
fn is_boundary(c: char) -> bool {
    matches!(
        c,
        '(' | '[' | ')' | ']' | ',' | '.' | '!' | '>' | '<' | '=' | '&' | '|'
    ) || c.is_whitespace()
}

/// A number; NaN, which only the word `NaN` may be, is unexpected.
fn number(rest: &str) -> (Kind, usize) {
    let length = until_boundary(rest, true);
    let value = parse_number(rest.get(..length).unwrap_or_default());
    let kind = if value.is_nan() {
        Kind::Unexpected
    } else {
        Kind::Number(value)
    };
    (kind, length)
}

/// A quoted text, `''` within it being one quote; unexpected when it does not end.
fn quoted(rest: &str) -> (Kind, usize) {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\'' {
            match chars.peek() {
                Some((_, '\'')) => {
                    chars.next();
                }
                _ => return (Kind::String(text), at + 1),
            }
        }
        text.push(c);
    }
    (Kind::Unexpected, rest.len())
}

/// An operator of two characters or of one; a lone `=`, `&` or `|` is unexpected.
fn operator(rest: &str) -> (Kind, usize) {
    let two = match rest.get(..2) {
        Some("==") => Some(Operator::Equal),
        Some("!=") => Some(Operator::NotEqual),
        Some("<=") => Some(Operator::LessOrEqual),
        Some(">=") => Some(Operator::GreaterOrEqual),
        Some("&&") => Some(Operator::And),
        Some("||") => Some(Operator::Or),
        _ => None,
    };
    if let Some(operator) = two {
        return (Kind::Operator(operator), 2);
    }
    match rest.get(..1) {
        Some("!") => (Kind::Operator(Operator::Not), 1),
        Some("<") => (Kind::Operator(Operator::Less), 1),
        Some(">") => (Kind::Operator(Operator::Greater), 1),
        _ => (Kind::Unexpected, until_boundary(rest, false)),
    }
}
