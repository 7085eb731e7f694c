//! The parser's events to nodes, aliases expanded within a budget.

use std::collections::HashMap;

use saphyr_parser::ScalarStyle;

use super::names::{folded, shown};
use super::node::{Node, NodeKind, Span, Text};
use super::problem::Problem;
use super::scalar::{resolve, resolve_tagged};
use super::source::Source;
use super::yaml::{Document, Event, EventKind, MAX_DEPTH, MAX_NODES, MAX_TEXT, too_deep, too_many};

/// The nodes of one document's events.
pub(crate) fn build(events: &[Event], source: &Source<'_>) -> Result<Document, Problem> {
    if events.is_empty() {
        return Err(empty());
    }
    let mut builder = Builder {
        events,
        source,
        anchors: HashMap::new(),
        open: Vec::new(),
        nodes: 0,
        text: 0,
        problems: Vec::new(),
    };
    let built = builder.node(0, 0)?;
    if built.node.kind == NodeKind::Null {
        return Err(empty());
    }
    Ok(Document {
        root: built.node,
        problems: builder.problems,
    })
}

/// The refusal of a file that says nothing.
fn empty() -> Problem {
    Problem::new(Span::file_start(), "the file is empty")
}

/// A node and where the events go on.
struct Built {
    node: Node,
    /// Index of the event behind the node.
    next: usize,
    /// Character behind the node as it stands here: of an alias, not its anchor.
    end: usize,
}

/// The state of building.
struct Builder<'e> {
    events: &'e [Event],
    source: &'e Source<'e>,
    /// The event at which each anchor's node begins.
    anchors: HashMap<usize, usize>,
    /// Anchors whose node is being built.
    open: Vec<usize>,
    /// Nodes so far, ends included.
    nodes: usize,
    /// Bytes of text so far.
    text: usize,
    problems: Vec<Problem>,
}

impl Builder<'_> {
    /// The node that begins at event `at`. The recursion is as deep as the nodes
    /// are nested, [`MAX_DEPTH`] at most (aliases do not add to it: each stands for
    /// a node, and its depth counts).
    fn node(&mut self, at: usize, depth: usize) -> Result<Built, Problem> {
        let events = self.events;
        let Some(event) = events.get(at) else {
            return Err(Problem::new(Span::file_start(), "the file breaks off"));
        };
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(too_many(self.span(event)));
        }
        if event.anchor != 0 {
            self.anchors.insert(event.anchor, at);
            self.open.push(event.anchor);
        }
        let built = match &event.kind {
            EventKind::Scalar { text, style, tag } => {
                // What is written may be far longer than what it says.
                self.text += text.len().max(event.end - event.start.min(event.end));
                if self.text > MAX_TEXT {
                    return Err(too_much(self.span(event)));
                }
                let (span, end) = self.scalar_span(event, *style, tag.is_some());
                let plain = *style == ScalarStyle::Plain;
                Built {
                    node: self.scalar(text, plain, tag.as_deref(), span),
                    next: at + 1,
                    end,
                }
            }
            EventKind::Alias(anchor) => self.alias(*anchor, event, at, depth)?,
            EventKind::Seq | EventKind::Map if depth >= MAX_DEPTH => {
                return Err(too_deep(self.span(event)));
            }
            EventKind::Seq => self.seq(event, at, depth)?,
            EventKind::Map => self.map(event, at, depth)?,
            EventKind::End => {
                return Err(Problem::new(self.span(event), "nothing begins here"));
            }
        };
        if event.anchor != 0 {
            self.open.pop();
        }
        Ok(built)
    }

    /// The node of the anchor an alias names.
    fn alias(
        &mut self,
        anchor: usize,
        event: &Event,
        at: usize,
        depth: usize,
    ) -> Result<Built, Problem> {
        let name = self.source.slice(event.start, event.end);
        if self.open.contains(&anchor) {
            return Err(Problem::new(
                self.span(event),
                format!("`{}` stands inside its own anchor", shown(name)),
            ));
        }
        let Some(start) = self.anchors.get(&anchor).copied() else {
            return Err(Problem::new(
                self.span(event),
                format!("`{}` names no anchor", shown(name)),
            ));
        };
        let target = self.node(start, depth)?;
        Ok(Built {
            node: target.node,
            next: at + 1,
            end: event.end,
        })
    }

    /// A list.
    fn seq(&mut self, event: &Event, at: usize, depth: usize) -> Result<Built, Problem> {
        let mut items = Vec::new();
        let mut at = at + 1;
        let mut end = event.end;
        while !self.ends(at) {
            let item = self.node(at, depth + 1)?;
            at = item.next;
            end = item.end;
            items.push(item.node);
        }
        let end = self.end(at, end);
        Ok(self.collection(event, NodeKind::Seq(items), at, end))
    }

    /// A map. Where a key is wrong the pair is left out; of two equal keys the
    /// first counts, as for GitHub.
    fn map(&mut self, event: &Event, at: usize, depth: usize) -> Result<Built, Problem> {
        let mut entries: Vec<(Text, Node)> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut at = at + 1;
        let mut end = event.end;
        while !self.ends(at) {
            let merge = self.is_merge_key(at);
            let key = self.node(at, depth + 1)?;
            let mut value = self.node(key.next, depth + 1)?;
            at = value.next;
            end = value.end.max(key.end);
            let key = match key.node.scalar_text() {
                Some(text) => Text {
                    value: text,
                    span: key.node.span,
                },
                None => {
                    self.problems.push(Problem::new(
                        key.node.span,
                        "a key must be a text, and this one is a list or a map",
                    ));
                    continue;
                }
            };
            if let Some(problem) = key_fault(&key, merge) {
                self.problems.push(problem);
                continue;
            }
            if let Some(first) = seen.get(&folded(&key.value)).and_then(|i| entries.get(*i)) {
                self.problems.push(twice(&key, &first.0));
                continue;
            }
            if value.node.kind == NodeKind::Null && value.node.span.is_empty() {
                value.node.span = key.span;
            }
            seen.insert(folded(&key.value), entries.len());
            entries.push((key, value.node));
        }
        let end = self.end(at, end);
        Ok(self.collection(event, NodeKind::Map(entries), at, end))
    }

    /// Whether the list or map ends at event `at`.
    fn ends(&self, at: usize) -> bool {
        self.events
            .get(at)
            .is_none_or(|event| matches!(event.kind, EventKind::End))
    }

    /// Where a collection ends in the text: at its bracket, or behind its last item
    /// (`last`), for a block ends only where something else begins.
    fn end(&mut self, at: usize, last: usize) -> usize {
        self.nodes += 1;
        match self.events.get(at) {
            // The bracket; blanks behind it belong to the event too.
            Some(event) if event.end > event.start => event.start + 1,
            _ => last,
        }
    }

    /// A list or a map that is complete.
    fn collection(&self, event: &Event, kind: NodeKind, at: usize, end: usize) -> Built {
        let start = self.content_start(event, false);
        Built {
            node: Node {
                span: self.source.span(start, end),
                kind,
            },
            next: at + 1,
            end,
        }
    }

    /// A scalar's value.
    fn scalar(&mut self, text: &str, plain: bool, tag: Option<&str>, span: Span) -> Node {
        let kind = match tag {
            Some(tag) => resolve_tagged(tag, text, plain),
            None if plain => resolve(text),
            None => Some(NodeKind::String(text.to_owned())),
        };
        let kind = kind.unwrap_or_else(|| {
            let text = shown(text);
            self.problems.push(match tag {
                Some(tag) => {
                    let tag = match tag.strip_prefix("tag:yaml.org,2002:") {
                        Some(core) => format!("!!{core}"),
                        None => shown(tag),
                    };
                    Problem::new(span, format!("`{text}` cannot have the tag `{tag}`"))
                        .with_hint("GitHub knows the tags !!str, !!int, !!float, !!bool and !!null")
                }
                None => Problem::new(span, format!("the number `{text}` is too large"))
                    .with_hint(format!("quote it: '{text}'")),
            });
            NodeKind::Null
        });
        Node { span, kind }
    }

    /// Whether a key is a `<<` without quotes.
    fn is_merge_key(&self, at: usize) -> bool {
        self.events.get(at).is_some_and(|event| {
            matches!(&event.kind, EventKind::Scalar { text, style: ScalarStyle::Plain, .. } if text == "<<")
        })
    }

    /// The place of an event.
    fn span(&self, event: &Event) -> Span {
        self.source.span(event.start, event.end)
    }

    /// The place of a scalar's text, without anchor and tag, quotes included; and
    /// the character behind it.
    fn scalar_span(&self, event: &Event, style: ScalarStyle, tagged: bool) -> (Span, usize) {
        let start = self.content_start(event, tagged);
        let written = self.source.slice(start, event.end).trim_end();
        // The parser's end of a quoted scalar may lie behind a comment.
        let written = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => quoted(written),
            _ => written,
        };
        let end = start + written.chars().count();
        (self.source.span(start, end), end)
    }

    /// Where a node's text begins, behind its anchor and tag.
    fn content_start(&self, event: &Event, tagged: bool) -> usize {
        if event.anchor == 0 && !tagged {
            return event.start;
        }
        let mut rest = self.source.slice(event.start, event.end);
        let mut start = event.start;
        while rest.starts_with(['&', '!']) {
            let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (head, tail) = rest.split_at(word);
            let behind = tail.trim_start();
            start += head.chars().count() + (tail.chars().count() - behind.chars().count());
            rest = behind;
            while rest.starts_with('#') {
                let comment = rest.find(['\n', '\r']).unwrap_or(rest.len());
                let behind = rest.get(comment..).unwrap_or_default().trim_start();
                start += rest.chars().count() - behind.chars().count();
                rest = behind;
            }
        }
        start
    }
}

/// A quoted scalar up to its closing quote.
fn quoted(written: &str) -> &str {
    let mut characters = written.char_indices().peekable();
    let Some((_, quote)) = characters.next() else {
        return written;
    };
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '"' {
            characters.next();
        } else if character == quote
            && (quote == '"' || characters.next_if(|(_, next)| *next == quote).is_none())
        {
            return written.get(..=at).unwrap_or(written);
        }
    }
    written
}

/// The refusal of a file whose aliases make it too long.
fn too_much(span: Span) -> Problem {
    Problem::new(
        span,
        "the file is longer than 10 MiB when its aliases are expanded",
    )
}

/// What is wrong with a key, if anything.
fn key_fault(key: &Text, merge: bool) -> Option<Problem> {
    if merge {
        return Some(
            Problem::new(key.span, "GitHub does not support the merge key `<<`")
                .with_hint("repeat the keys, or use an alias for a whole value: `key: *name`"),
        );
    }
    if key.value.is_empty() {
        return Some(Problem::new(key.span, "a key is empty"));
    }
    key.value.contains("${{").then(|| {
        Problem::new(
            key.span,
            format!(
                "an expression as a key (`{}`) is not supported yet",
                shown(&key.value)
            ),
        )
    })
}

/// The report of a key that a map has already.
fn twice(key: &Text, first: &Text) -> Problem {
    let place = first.span.start;
    let name = shown(&key.value);
    let problem = Problem::new(
        key.span,
        format!(
            "key `{name}` is already defined at line {}, column {}",
            place.line, place.column
        ),
    );
    if key.value == first.value {
        return problem;
    }
    problem.with_hint(format!(
        "GitHub ignores capitals in keys, so this is the same as `{}`",
        shown(&first.value)
    ))
}
