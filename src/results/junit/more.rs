//! What a report tells of its cases beside their results: output and properties. It is kept
//! for the merged file only; a record of a run has no room for it.

use std::collections::HashMap;

use crate::results::chars::Gathered;

/// Most bytes of one output of a case, the mark for the cut included.
const MAX_OUTPUT: usize = 16 * 1024;
/// Most bytes of all outputs and properties of a report.
const MAX_ALL: usize = 32 * 1024 * 1024;
/// Most properties of a case.
const MAX_PROPERTIES: usize = 50;

/// Output and properties of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct More {
    /// Its properties: name and value.
    pub(crate) properties: Vec<(String, String)>,
    /// What it wrote to standard output.
    pub(crate) output: String,
    /// What it wrote to standard error.
    pub(crate) errors: String,
}

impl More {
    /// Changes all texts.
    pub(crate) fn map(self, change: &impl Fn(&str) -> String) -> Self {
        Self {
            properties: self
                .properties
                .iter()
                .map(|(name, value)| (change(name), change(value)))
                .collect(),
            output: change(&self.output),
            errors: change(&self.errors),
        }
    }

    fn size(&self) -> usize {
        let properties = self.properties.iter();
        let properties: usize = properties
            .map(|(name, value)| name.len() + value.len())
            .sum();
        properties + self.output.len() + self.errors.len()
    }
}

/// The cases of a report by their ids. Of several with one id the last counts: the last
/// attempt of a test tells of those before it, too.
#[derive(Debug)]
pub(super) struct Gathering {
    cases: HashMap<String, More>,
    open: Option<Open>,
    used: usize,
}

/// A case whose element is still open.
#[derive(Debug)]
struct Open {
    properties: Vec<(String, String)>,
    output: Gathered,
    errors: Gathered,
}

impl Gathering {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            cases: HashMap::new(),
            open: None,
            used: 0,
        }
    }

    /// A case begins.
    pub(super) fn begin(&mut self) {
        self.open = Some(Open {
            properties: Vec::new(),
            output: Gathered::new(MAX_OUTPUT),
            errors: Gathered::new(MAX_OUTPUT),
        });
    }

    /// A property of the open case.
    pub(super) fn property(&mut self, name: String, value: String) {
        if let Some(open) = &mut self.open
            && open.properties.len() < MAX_PROPERTIES
            && !name.is_empty()
        {
            open.properties.push((name, value));
        }
    }

    /// Output of the open case.
    pub(super) fn text(&mut self, errors: bool, text: &str) {
        if let Some(open) = &mut self.open {
            let to = if errors {
                &mut open.errors
            } else {
                &mut open.output
            };
            to.push(text);
        }
    }

    /// The open case is complete, and has this id.
    pub(super) fn end(&mut self, id: &str) {
        let Some(open) = self.open.take() else { return };
        let more = More {
            properties: open.properties,
            output: open.output.finish(),
            errors: open.errors.finish(),
        };
        let size = more.size();
        if size > 0 && self.used + size <= MAX_ALL {
            self.used += size;
            self.cases.insert(id.to_owned(), more);
        }
    }

    /// What was gathered.
    pub(super) fn finish(self) -> HashMap<String, More> {
        self.cases
    }
}
