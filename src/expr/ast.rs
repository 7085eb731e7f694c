//! The tree of an expression, and questions about it that need no values.

use std::ops::Range;

use super::allowed::Function;
use super::lexer::Operator;
use super::value::Value;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    /// The text it was parsed from, without `${{` and `}}`.
    pub(crate) source: String,
    /// Where that text begins in the text that was given (0 unless in a template); all
    /// offsets refer to that given text.
    pub(crate) base: usize,
    /// The tree.
    pub(crate) root: Node,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) kind: NodeKind,
    /// The bytes it covers.
    pub(crate) span: Range<usize>,
    /// How many levels there are from here down; at most
    /// [`super::parser::MAX_DEPTH`] in a parsed expression.
    pub(crate) depth: usize,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NodeKind {
    /// A literal; also a property's name.
    Literal(Value),
    /// `*` within an index or after a point. Evaluated anywhere else it is the text `*`.
    Wildcard,
    /// A context, in the spelling of [`super::Allowed::names`].
    Name(String),
    /// `object.property` and `object[index]`.
    Index(Box<Node>, Box<Node>),
    /// A call.
    Call(Function, Vec<Node>),
    /// `!operand`
    Not(Box<Node>),
    /// Operands joined by `&&`; chains and nested ones are one node.
    And(Vec<Node>),
    /// Operands joined by `||`; chains and nested ones are one node.
    Or(Vec<Node>),
    /// A comparison; the operator is one of the six comparing ones.
    Compare(Operator, Box<Node>, Box<Node>),
}

impl Node {
    /// A node of the kind, its depth taken from its children.
    pub(crate) fn new(kind: NodeKind, span: Range<usize>) -> Self {
        let mut node = Self {
            kind,
            span,
            depth: 1,
        };
        node.depth += node.children().map(|child| child.depth).max().unwrap_or(0);
        node
    }

    /// The nodes directly below.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Node> {
        let (pair, list): ([Option<&Node>; 2], &[Node]) = match &self.kind {
            NodeKind::Literal(_) | NodeKind::Wildcard | NodeKind::Name(_) => ([None, None], &[]),
            NodeKind::Not(operand) => ([Some(operand), None], &[]),
            NodeKind::Index(left, right) | NodeKind::Compare(_, left, right) => {
                ([Some(left), Some(right)], &[])
            }
            NodeKind::Call(_, nodes) | NodeKind::And(nodes) | NodeKind::Or(nodes) => {
                ([None, None], nodes)
            }
        };
        pair.into_iter().flatten().chain(list)
    }
}

/// A reference to a context within an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameRef {
    /// The context, in the spelling of [`super::Allowed::names`].
    pub(crate) name: String,
    /// The properties that follow it as far as they are written out (`.a` and `['a']`);
    /// it ends at a wildcard, a number or a computed index.
    pub(crate) path: Vec<String>,
    /// Whether the reference ends with the path: nothing more is taken of the value by
    /// a wildcard, a number or a computed index.
    pub(crate) complete: bool,
    /// Where the name stands.
    pub(crate) offset: usize,
}

impl Expr {
    /// All contexts the expression refers to, in the order they are written.
    pub(crate) fn names(&self) -> Vec<NameRef> {
        let mut found = Vec::new();
        collect_names(&self.root, &mut found);
        found
    }

    /// Whether a status function is called anywhere in the expression.
    pub(crate) fn calls_status(&self) -> bool {
        any(
            &self.root,
            &|node| matches!(node.kind, NodeKind::Call(called, _) if called.is_status()),
        )
    }
}

/// Whether a test holds for a node or any below it. The recursion ends at the depth
/// limit of parsed expressions.
fn any(node: &Node, test: &dyn Fn(&Node) -> bool) -> bool {
    test(node) || node.children().any(|child| any(child, test))
}

/// Adds the references at and below a node.
fn collect_names(node: &Node, found: &mut Vec<NameRef>) {
    // Walk down the left side of a chain of indexes to what it begins with.
    let mut indexes = Vec::new();
    let mut base = node;
    while let NodeKind::Index(object, index) = &base.kind {
        indexes.push(index.as_ref());
        base = object;
    }
    indexes.reverse();
    if let NodeKind::Name(name) = &base.kind {
        let path: Vec<String> = indexes
            .iter()
            .map_while(|index| match &index.kind {
                NodeKind::Literal(Value::String(key)) => Some(key.clone()),
                _ => None,
            })
            .collect();
        found.push(NameRef {
            name: name.clone(),
            complete: path.len() == indexes.len(),
            path,
            offset: base.span.start,
        });
    } else {
        for child in base.children() {
            collect_names(child, found);
        }
    }
    for index in indexes {
        collect_names(index, found);
    }
}
