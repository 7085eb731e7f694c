//! One pass over an XML document, for readers that do not trust it.
//!
//! quick-xml tells syntax; what is added here is what it does not tell: that the
//! document is whole (for `<coverage><packages>` it reports an ordinary end of
//! file), that it has one root element of the right name and nothing after it,
//! and that depth and attributes stay within bounds. Document type definitions
//! are skipped; one that declares entities is refused, and references to
//! entities other than XML's own five stay as they are, so nothing is ever
//! expanded or fetched.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::chars;
use super::error::{ResultsError, ResultsErrorKind as Kind, quote};
use super::input::Input;

/// Deepest nesting of elements. Cobertura needs 10, JUnit about as many as a
/// test suite has levels.
pub(crate) const MAX_DEPTH: usize = 64;

/// Most attributes of one element.
pub(crate) const MAX_ATTRIBUTES: usize = 256;

/// What the scanner comes across inside the root element, which is included.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    /// A start tag. An empty element gives a start and an end.
    Start(Element<'a>),
    /// An end tag; the number is the depth that its start had.
    End(usize),
    /// Text, with references resolved; one text may come in several pieces.
    Text(Cow<'a, str>),
}

/// A start tag.
#[derive(Debug)]
pub(crate) struct Element<'a> {
    tag: BytesStart<'a>,
    /// Depth: 1 for the root element.
    pub(crate) depth: usize,
    /// Bytes from the start of the report to the tag.
    pub(crate) offset: u64,
}

impl Element<'_> {
    /// Its name without namespace prefix.
    pub(crate) fn name(&self) -> &str {
        std::str::from_utf8(self.tag.local_name().into_inner()).unwrap_or_default()
    }

    /// Its attributes.
    ///
    /// # Errors
    ///
    /// `Invalid` where they are no attributes, `TooMany` beyond
    /// [`MAX_ATTRIBUTES`].
    pub(crate) fn attributes(&self) -> Result<Attributes<'_>, ResultsError> {
        let mut found = Vec::new();
        // quick-xml's check for duplicates costs the square of their number.
        for attribute in self.tag.attributes().with_checks(false) {
            let Ok(attribute) = attribute else {
                let name = quote(self.name());
                let reason = format!("<{name}> has a malformed attribute");
                return Err(self.error(Kind::invalid(reason)));
            };
            if found.len() == MAX_ATTRIBUTES {
                return Err(self.error(Kind::TooMany {
                    what: "attributes in one element",
                    limit: MAX_ATTRIBUTES as u64,
                }));
            }
            let name = std::str::from_utf8(attribute.key.into_inner()).unwrap_or_default();
            found.push((name, attribute.value));
        }
        Ok(Attributes { found })
    }

    /// An error of the given kind at this element.
    pub(crate) fn error(&self, kind: Kind) -> ResultsError {
        ResultsError::new(kind, self.offset)
    }
}

/// The attributes of one element. Of several with the same name the first counts.
#[derive(Debug)]
pub(crate) struct Attributes<'a> {
    found: Vec<(&'a str, Cow<'a, [u8]>)>,
}

impl Attributes<'_> {
    /// Value of the attribute, with references resolved.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, raw) = self.found.iter().find(|(found, _)| *found == name)?;
        std::str::from_utf8(raw).ok().map(chars::attribute_value)
    }

    /// Value of the attribute, empty where it is not there.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().into_owned()
    }
}

/// Where the scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Inside,
    After,
}

/// Goes over a document from tag to tag.
pub(crate) struct Scanner<'a> {
    reader: Reader<&'a [u8]>,
    input: Input<'a>,
    roots: &'static [&'static str],
    expected: &'static str,
    root: String,
    place: Place,
    depth: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner for documents whose root element has one of the given names;
    /// `expected` says them in words.
    pub(crate) fn new(
        input: Input<'a>,
        roots: &'static [&'static str],
        expected: &'static str,
    ) -> Self {
        let mut reader = Reader::from_str(input.text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self {
            reader,
            input,
            roots,
            expected,
            root: String::new(),
            place: Place::Before,
            depth: 0,
        }
    }

    /// Bytes from the start of the report to what comes next.
    pub(crate) fn offset(&self) -> u64 {
        self.input.base + self.reader.buffer_position()
    }

    /// What comes next; `None` after the end of a whole document.
    ///
    /// # Errors
    ///
    /// `Truncated`, `NotXml`, `WrongRoot`, `Trailing`, `TooDeep`, `Entities`, or
    /// `Invalid` for what is not well-formed.
    pub(crate) fn next(&mut self) -> Result<Option<Node<'a>>, ResultsError> {
        loop {
            let offset = self.offset();
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => return Err(self.broken(&error)),
            };
            let node = match event {
                Event::Start(tag) | Event::Empty(tag) => Some(self.start(tag, offset)?),
                Event::End(_) => Some(self.end(offset)?),
                Event::Text(text) => self.text(text.into_inner(), offset)?,
                Event::CData(text) => {
                    if self.place != Place::Inside {
                        return Err(self.stray("<![CDATA[", offset));
                    }
                    self.text(text.into_inner(), offset)?
                }
                Event::GeneralRef(name) => {
                    let name = String::from_utf8_lossy(&name).into_owned();
                    if self.place != Place::Inside {
                        return Err(self.stray("&", offset));
                    }
                    let text = match chars::reference(&name) {
                        Some(c) => c.to_string(),
                        None => format!("&{name};"),
                    };
                    Some(Node::Text(Cow::Owned(text)))
                }
                Event::DocType(text) => {
                    self.document_type(&text, offset)?;
                    None
                }
                Event::Decl(_) => {
                    self.declaration(offset)?;
                    None
                }
                Event::Comment(_) | Event::PI(_) => None,
                Event::Eof => {
                    return match self.place {
                        Place::After => Ok(None),
                        Place::Before | Place::Inside => Err(self.truncated()),
                    };
                }
            };
            if node.is_some() {
                return Ok(node);
            }
        }
    }

    fn start(&mut self, tag: BytesStart<'a>, offset: u64) -> Result<Node<'a>, ResultsError> {
        let depth = self.depth + 1;
        let element = Element { tag, depth, offset };
        match self.place {
            Place::After => return Err(element.error(Kind::Trailing)),
            Place::Inside => {}
            Place::Before => {
                if !self.roots.contains(&element.name()) {
                    return Err(element.error(Kind::WrongRoot {
                        found: quote(element.name()),
                        expected: self.expected,
                    }));
                }
                element.name().clone_into(&mut self.root);
                self.place = Place::Inside;
            }
        }
        if depth > MAX_DEPTH {
            return Err(element.error(Kind::TooDeep { limit: MAX_DEPTH }));
        }
        self.depth = depth;
        Ok(Node::Start(element))
    }

    fn end(&mut self, offset: u64) -> Result<Node<'a>, ResultsError> {
        if self.place != Place::Inside {
            return Err(self.stray("</", offset));
        }
        let depth = self.depth;
        self.depth = depth.saturating_sub(1);
        if self.depth == 0 {
            self.place = Place::After;
        }
        Ok(Node::End(depth))
    }

    fn text(&self, raw: Cow<'a, [u8]>, offset: u64) -> Result<Option<Node<'a>>, ResultsError> {
        let text = match raw {
            Cow::Borrowed(raw) => Cow::Borrowed(std::str::from_utf8(raw).unwrap_or_default()),
            Cow::Owned(raw) => Cow::Owned(String::from_utf8_lossy(&raw).into_owned()),
        };
        if self.place == Place::Inside {
            let text = match text {
                Cow::Borrowed(text) => chars::text_value(text),
                Cow::Owned(text) => Cow::Owned(chars::text_value(&text).into_owned()),
            };
            return Ok(Some(Node::Text(text)));
        }
        if text.chars().all(|c| c.is_ascii_whitespace()) {
            return Ok(None);
        }
        let skipped = text.len() - text.trim_start().len();
        Err(self.stray(text.trim_start(), offset + skipped as u64))
    }

    fn document_type(&self, raw: &[u8], offset: u64) -> Result<(), ResultsError> {
        if self.place != Place::Before {
            return Err(self.stray("<!DOCTYPE", offset));
        }
        let declares = raw.split(|&b| b == b'<').any(|piece| {
            piece
                .get(..7)
                .is_some_and(|start| start.eq_ignore_ascii_case(b"!ENTITY"))
        });
        if declares {
            return Err(ResultsError::new(Kind::Entities, offset));
        }
        Ok(())
    }

    fn declaration(&self, offset: u64) -> Result<(), ResultsError> {
        if self.place == Place::Before && offset == self.input.base {
            return Ok(());
        }
        Err(match self.place {
            Place::After => ResultsError::new(Kind::Trailing, offset),
            Place::Before | Place::Inside => ResultsError::new(
                Kind::invalid("an XML declaration stands in the middle of the report"),
                offset,
            ),
        })
    }

    /// Something outside of the root element that must not be there.
    fn stray(&self, found: &str, offset: u64) -> ResultsError {
        let kind = match self.place {
            Place::After => Kind::Trailing,
            Place::Before | Place::Inside => Kind::NotXml {
                found: quote(found.lines().next().unwrap_or_default()),
            },
        };
        ResultsError::new(kind, offset)
    }

    fn truncated(&self) -> ResultsError {
        let missing = match self.place {
            Place::Before => "its root element".to_owned(),
            Place::Inside | Place::After => format!("</{}>", self.root),
        };
        let end = self.input.base + self.input.text.len() as u64;
        ResultsError::new(Kind::Truncated { missing }, end)
    }

    /// What an error of quick-xml means.
    fn broken(&self, error: &quick_xml::Error) -> ResultsError {
        let at_end = self.reader.buffer_position() >= self.input.text.len() as u64;
        if matches!(error, quick_xml::Error::Syntax(_)) && at_end && self.place != Place::After {
            return self.truncated();
        }
        let offset = self.input.base + self.reader.error_position();
        if self.place == Place::After {
            return ResultsError::new(Kind::Trailing, offset);
        }
        let reason: String = error.to_string().chars().take(160).collect();
        ResultsError::new(Kind::invalid(quote_line(&reason)), offset)
    }
}

fn quote_line(reason: &str) -> String {
    reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
