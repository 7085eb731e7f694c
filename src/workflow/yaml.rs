//! Text to [`Node`]: the YAML that GitHub reads.
//!
//! The rules are those of `YamlObjectReader` and `TemplateReader` of
//! actions/runner: one document, plain scalars by the YAML 1.2 core schema,
//! anchors and aliases but no merge keys, keys compared without regard to
//! capitals, a key that is a number or a boolean taken as its text.
//!
//! A node that came through an alias keeps the place of its anchor: there its text
//! stands. An empty value has the place of its key.

use std::borrow::Cow;

use saphyr_parser::{Event as Parsed, Parser, ScalarStyle, ScanError};

use super::node::{Node, Span};
use super::problem::Problem;
use super::source::Source;
use super::yaml_build::build;

/// Longest file, in characters (`ParseOptions.MaxFileSize`).
pub(crate) const MAX_FILE: usize = 1024 * 1024;
/// Deepest nesting of lists and maps (`ParseOptions.MaxDepth`).
pub(crate) const MAX_DEPTH: usize = 50;
/// Most YAML nodes, ends of lists and maps included, and aliases counted where
/// they are used (`YamlObjectReader.c_maxYamlNodes`). GitHub's later bound of a
/// million events (`MaxParseEvents`) is never reached.
pub(crate) const MAX_NODES: usize = 50_000;
/// Most text after aliases are expanded (`ParseOptions.MaxResultSize`).
pub(crate) const MAX_TEXT: usize = 10 * 1024 * 1024;

/// What a file says, or what is wrong with it.
#[derive(Debug)]
pub(crate) struct Document {
    /// The one document's root.
    pub(crate) root: Node,
    /// What is wrong, though the rest could be read.
    pub(crate) problems: Vec<Problem>,
}

/// One event of the parser, its place counted in characters.
pub(crate) struct Event {
    /// What it is.
    pub(crate) kind: EventKind,
    /// First character.
    pub(crate) start: usize,
    /// Just behind the last character.
    pub(crate) end: usize,
    /// The parser's number for the anchor on it; 0 is none.
    pub(crate) anchor: usize,
}

/// The kinds of [`Event`].
pub(crate) enum EventKind {
    /// A scalar.
    Scalar {
        /// Its text, quotes and indentation removed.
        text: String,
        /// Quoted, a block, or neither.
        style: ScalarStyle,
        /// Its tag, written out.
        tag: Option<String>,
    },
    /// A list begins.
    Seq,
    /// A map begins.
    Map,
    /// A list or a map ends.
    End,
    /// `*name`, with the parser's number for the anchor.
    Alias(usize),
}

/// Reads one YAML document. The error is one that leaves nothing to read.
pub(crate) fn read(file: &str) -> Result<Document, Problem> {
    if file.len() > MAX_FILE && file.chars().map(char::len_utf16).sum::<usize>() > MAX_FILE {
        return Err(Problem::new(
            Span::file_start(),
            "the file is longer than 1 MiB",
        ));
    }
    let source = Source::new(file);
    let mut text = Cow::Borrowed(source.text());
    let mut lifted = 0;
    let events = loop {
        match events(&text, &source) {
            Ok(events) => break events,
            Err(Refusal::Limit(problem)) => return Err(problem),
            Err(Refusal::Syntax(error)) => {
                lifted += 1;
                match lift_bracket(&text, &error) {
                    Some(better) if lifted <= MAX_LIFTED => text = Cow::Owned(better),
                    _ => return Err(syntax(&error, &source)),
                }
            }
        }
    };
    build(&events, &source)
}

/// Why a text gives no events.
enum Refusal {
    /// It is too much.
    Limit(Problem),
    /// It is not YAML, as the parser says.
    Syntax(ScanError),
}

/// Closing brackets that may stand too far to the left.
const MAX_LIFTED: usize = 32;

/// A closing bracket may stand below the key of its list or map: YAML 1.2 wants it
/// further to the right (section 7.4), but `YamlDotNet`, which GitHub reads with, does
/// not, and nor do most people. Takes such a bracket to the end of the line before:
/// the line break and a comment there become spaces, so that all positions stay.
fn lift_bracket(text: &str, error: &ScanError) -> Option<String> {
    if !error.info().starts_with("invalid indentation") {
        return None;
    }
    let mut characters: Vec<char> = text.chars().collect();
    let at = error.marker().index();
    let is_break = |one: &char| matches!(one, '\n' | '\r');
    if !matches!(characters.get(at), Some(']' | '}')) {
        return None;
    }
    let end = characters.get(..at)?.iter().rposition(is_break)?;
    let indented = characters.get(end + 1..at)?.iter().all(|one| *one == ' ');
    if !indented {
        return None;
    }
    let line_end = end - usize::from(characters.get(end.checked_sub(1)?) == Some(&'\r'));
    let start = characters
        .get(..line_end)?
        .iter()
        .rposition(is_break)
        .map_or(0, |before| before + 1);
    let kept = start + without_comment(characters.get(start..line_end)?);
    characters.get_mut(kept..=end)?.fill(' ');
    Some(characters.into_iter().collect())
}

/// Characters of a line in front of its comment.
fn without_comment(line: &[char]) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (index, one) in line.iter().enumerate() {
        match (quote, *one) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(*one),
            (None, '#') if before.is_whitespace() => return index,
            _ => {}
        }
        before = *one;
    }
    line.len()
}

/// The events of the one document, within the limits.
fn events(text: &str, source: &Source<'_>) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::new();
    let mut depth = 0usize;
    let mut documents = 0usize;
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(Refusal::Syntax)?;
        let (start, end) = (span.start.index(), span.end.index());
        let (kind, anchor) = match event {
            Parsed::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    let problem = Problem::new(
                        source.span(start, end),
                        "a second document begins here, and a workflow file holds one",
                    );
                    return Err(Refusal::Limit(problem.with_hint("remove the `---`")));
                }
                continue;
            }
            Parsed::Scalar(text, style, anchor, tag) => {
                let kind = EventKind::Scalar {
                    text: text.into_owned(),
                    style,
                    tag: tag.map(|tag| format!("{}{}", tag.handle, tag.suffix)),
                };
                (kind, anchor)
            }
            Parsed::SequenceStart(anchor, _) => (EventKind::Seq, anchor),
            Parsed::MappingStart(anchor, _) => (EventKind::Map, anchor),
            Parsed::SequenceEnd | Parsed::MappingEnd => (EventKind::End, 0),
            Parsed::Alias(anchor) => (EventKind::Alias(anchor), 0),
            Parsed::Nothing | Parsed::StreamStart | Parsed::StreamEnd | Parsed::DocumentEnd => {
                continue;
            }
        };
        match kind {
            EventKind::Seq | EventKind::Map => depth += 1,
            EventKind::End => depth = depth.saturating_sub(1),
            EventKind::Scalar { .. } | EventKind::Alias(_) => {}
        }
        if depth > MAX_DEPTH {
            return Err(Refusal::Limit(too_deep(source.span(start, end))));
        }
        if events.len() >= MAX_NODES {
            return Err(Refusal::Limit(too_many(source.span(start, end))));
        }
        events.push(Event {
            kind,
            start,
            end,
            anchor,
        });
    }
    Ok(events)
}

/// The refusal of a file nested too deep.
pub(crate) fn too_deep(span: Span) -> Problem {
    Problem::new(
        span,
        format!("lists and maps are nested more than {MAX_DEPTH} deep"),
    )
}

/// The refusal of a file with too many nodes.
pub(crate) fn too_many(span: Span) -> Problem {
    Problem::new(
        span,
        format!("the file has more than {MAX_NODES} YAML nodes"),
    )
    .with_hint("what an alias stands for counts each time it is used")
}

/// What the parser says, with a way out where there is a usual one.
fn syntax(error: &ScanError, source: &Source<'_>) -> Problem {
    let index = error.marker().index();
    let span = source.span(index, index + 1);
    let info = error.info();
    if info == "recursion limit exceeded" {
        return too_deep(span);
    }
    // The parser says "double-quoted" of single quotes too.
    let info = info.replace("after double-quoted scalar", "after a quoted scalar");
    let problem = Problem::new(span, format!("invalid YAML: {info}"));
    let hint = if info.contains("tab") && !info.contains("table") {
        "indent with spaces"
    } else if info.starts_with("mapping values are not allowed") {
        "check the indentation; a text with `: ` in it needs quotes"
    } else if info.contains("did not find expected key")
        || info.contains("did not find expected '-'")
        || info == "invalid indentation"
        || info == "simple key expect ':'"
        || info == "simple key expected"
    {
        "check the indentation of this line and the one before"
    } else if info.contains("unknown anchor") {
        "an anchor `&name` must stand before the alias `*name`; a text that begins with `*` needs \
         quotes"
    } else if info.contains("unknown escape character") {
        "use single quotes, or `\\\\` for a backslash"
    } else if info.contains("quoted scalar, found unexpected end of stream")
        || info == "invalid indentation in quoted scalar"
    {
        "a closing quote is missing"
    } else if info.contains("after a quoted scalar") {
        "put the whole text in quotes"
    } else if info.contains("',' or '}'")
        || info.contains("',' or ']'")
        || info.starts_with("illegal placement of ':'")
    {
        "a closing bracket or a comma is missing; a text with brackets in it needs quotes"
    } else if info.starts_with("unexpected character") || info.contains("plain scalar cannot start")
    {
        "a text that begins with this character needs quotes"
    } else {
        return problem;
    };
    problem.with_hint(hint)
}
