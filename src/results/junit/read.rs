//! JUnit XML of any producer.

use std::collections::HashMap;

use super::case::OpenCase;
use super::fold::{fold_attempts, fold_teardowns};
use super::more::{Gathering, More};
use crate::record::{TestCase, TestOutcome};
use crate::results::error::{ResultsError, ResultsErrorKind as Kind};
use crate::results::input::{self, Input};
use crate::results::xml::{Attributes, Element, Node, Scanner};

/// Most bytes of a case's message, the mark for the cut included (4 KiB).
pub(crate) const MAX_MESSAGE: usize = 4 * 1024;

/// Most bytes of a case's details, the mark for the cut included (64 KiB).
pub(crate) const MAX_DETAILS: usize = 64 * 1024;

/// Most cases of one report.
pub(crate) const MAX_CASES: usize = 2_000_000;

/// Most properties of all suites that are kept; further ones are dropped.
const MAX_PROPERTIES: usize = 10_000;

/// The name of pytest's suite, where the user gives it no other.
const SUITE: &str = "pytest";

/// The property by which `runner/retries/seatrial_retries.py` tells how often a test was run
/// again, and in a suite that it was loaded.
const RETRIES: &str = "seatrial.retries";

/// A JUnit report.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct JunitReport {
    /// The suites that have cases or properties, in the order of the report;
    /// nested ones stand after the one around them.
    pub(crate) suites: Vec<Suite>,
    /// Output and properties of its cases, by their ids.
    pub(crate) more: HashMap<String, More>,
    /// `false` for what could be salvaged of a damaged report.
    pub(crate) complete: bool,
}

/// One `<testsuite>`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Suite {
    /// Its name; empty where it has none.
    pub(crate) name: String,
    /// Its cases, without those of nested suites.
    pub(crate) cases: Vec<TestCase>,
    /// Its properties: name and value.
    pub(crate) properties: Vec<(String, String)>,
}

impl JunitReport {
    /// All cases, in the order of the report.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &TestCase> {
        self.suites.iter().flat_map(|suite| &suite.cases)
    }

    /// Whether seatrial's plugin was there, which runs failed tests again.
    pub(crate) fn has_retries(&self) -> bool {
        let mut properties = self.suites.iter().flat_map(|suite| &suite.properties);
        properties.any(|(name, _)| name == RETRIES)
    }
}

/// Reads a JUnit report.
///
/// Totals that the report states are not used. Missing names and bad times are
/// put up with (empty, 0); so are characters that XML does not allow (U+FFFD
/// stands for them). Of a case with several problems the worst counts, and all
/// messages are kept; a failed test whose tear-down broke is one case.
///
/// # Errors
///
/// Whatever makes the document no whole, well-formed JUnit report.
pub(crate) fn read(bytes: &[u8]) -> Result<JunitReport, ResultsError> {
    let mut reader = Reader::new();
    reader.run(input::text(bytes)?)?;
    Ok(reader.finish(true))
}

/// Reads the cases that are complete before the damage. `complete` tells
/// whether there is none, that is whether [`read`] gives the same.
pub(crate) fn salvage(bytes: &[u8]) -> JunitReport {
    let mut reader = Reader::new();
    let complete = match input::text(bytes) {
        Ok(input) => reader.run(input).is_ok(),
        Err(_) => {
            let _ = reader.run(input::sound_beginning(bytes));
            false
        }
    };
    reader.finish(complete)
}

/// Who wrote a suite, as far as it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Producer {
    /// Its lines count from 0.
    from_zero: bool,
    /// It is pytest.
    pytest: bool,
}

/// What an open element is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Suites,
    Suite { index: usize, by: Producer },
    Properties(usize),
    Case { suite: usize },
    CaseProperties,
    Problem,
    Output { errors: bool },
    Other,
}

struct Reader {
    report: JunitReport,
    more: Gathering,
    open: Vec<Tag>,
    case: Option<OpenCase>,
    cases: usize,
    properties: usize,
    /// Whether the root element says that pytest wrote the report.
    pytest: bool,
}

impl Reader {
    fn new() -> Self {
        Self {
            report: JunitReport::default(),
            more: Gathering::new(),
            open: Vec::new(),
            case: None,
            cases: 0,
            properties: 0,
            pytest: false,
        }
    }

    fn run(&mut self, input: Input<'_>) -> Result<(), ResultsError> {
        let roots = &["testsuites", "testsuite"];
        let mut scanner = Scanner::new(input, roots, "<testsuites> or <testsuite>");
        while let Some(node) = scanner.next()? {
            match node {
                Node::Start(element) => {
                    let tag = self.start(&element)?;
                    self.open.push(tag);
                }
                Node::Text(text) => match (self.open.last(), &mut self.case) {
                    (Some(Tag::Problem), Some(case)) => case.text(&text),
                    (Some(&Tag::Output { errors }), Some(_)) => self.more.text(errors, &text),
                    _ => {}
                },
                Node::End(_) => self.end(),
            }
        }
        Ok(())
    }

    fn start(&mut self, element: &Element<'_>) -> Result<Tag, ResultsError> {
        let attributes = element.attributes()?;
        let parent = self.open.last().copied();
        Ok(match (parent, element.name()) {
            (None | Some(Tag::Suites), "testsuites") => {
                self.pytest |= attributes.get("name").as_deref() == Some("pytest tests");
                Tag::Suites
            }
            (None | Some(Tag::Suites | Tag::Suite { .. }), "testsuite") => self.suite(&attributes),
            (Some(Tag::Suites), "testcase") => {
                let index = self.loose_suite();
                let by = Producer {
                    from_zero: false,
                    pytest: self.pytest,
                };
                self.begin(element, &attributes, index, by)?
            }
            (Some(Tag::Suite { index, by }), "testcase") => {
                self.begin(element, &attributes, index, by)?
            }
            (Some(Tag::Case { .. }), "testcase") => {
                let reason = "a <testcase> stands inside of a <testcase>";
                return Err(element.error(Kind::invalid(reason)));
            }
            (Some(Tag::Case { .. }), "failure") => self.problem(TestOutcome::Failed, &attributes),
            (Some(Tag::Case { .. }), "error") => self.problem(TestOutcome::Error, &attributes),
            (Some(Tag::Case { .. }), "skipped") => self.problem(TestOutcome::Skipped, &attributes),
            (
                Some(Tag::Case { .. }),
                "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError",
            ) => {
                if let Some(case) = &mut self.case {
                    case.retried();
                }
                Tag::Other
            }
            (Some(Tag::Case { .. }), "system-out") => Tag::Output { errors: false },
            (Some(Tag::Case { .. }), "system-err") => Tag::Output { errors: true },
            (Some(Tag::Case { .. }), "properties") => Tag::CaseProperties,
            (Some(Tag::CaseProperties), "property") => {
                let (name, value) = (attributes.text("name"), attributes.text("value"));
                match (value.parse(), &mut self.case) {
                    (Ok(before), Some(case)) if name == RETRIES => case.run_again(before),
                    _ => self.more.property(name, value),
                }
                Tag::Other
            }
            (Some(Tag::Suite { index, .. }), "properties") => Tag::Properties(index),
            (Some(Tag::Properties(index)), "property") => {
                self.property(index, &attributes);
                Tag::Other
            }
            _ => Tag::Other,
        })
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Tag::Case { suite }) => {
                let case = self.case.take();
                if let (Some(case), Some(suite)) = (case, self.report.suites.get_mut(suite)) {
                    let case = case.close();
                    self.more.end(&case.id);
                    suite.cases.push(case);
                }
            }
            Some(Tag::Suite { index, .. }) => {
                if let Some(suite) = self.report.suites.get_mut(index) {
                    suite.cases.shrink_to_fit();
                }
                // An empty suite without nested ones leaves nothing behind.
                let last = index + 1 == self.report.suites.len();
                if last && self.report.suites.get(index).is_some_and(is_empty) {
                    self.report.suites.pop();
                }
            }
            _ => {}
        }
    }

    fn suite(&mut self, attributes: &Attributes<'_>) -> Tag {
        let name = attributes.text("name");
        // pytest counts lines from 0. Before it named the root element, only the
        // attributes of its suite tell (unittest-xml-reporting, which counts
        // from 1, writes others).
        let from_zero = self.pytest
            || (attributes.get("hostname").is_some()
                && attributes.get("timestamp").is_some()
                && attributes.get("file").is_none());
        let pytest = self.pytest || name == SUITE;
        self.report.suites.push(Suite {
            name,
            ..Suite::default()
        });
        Tag::Suite {
            index: self.report.suites.len() - 1,
            by: Producer { from_zero, pytest },
        }
    }

    /// The nameless suite for cases that stand in no suite.
    fn loose_suite(&mut self) -> usize {
        let suites = &mut self.report.suites;
        if !suites.last().is_some_and(|suite| suite.name.is_empty()) {
            suites.push(Suite::default());
        }
        suites.len() - 1
    }

    fn begin(
        &mut self,
        element: &Element<'_>,
        attributes: &Attributes<'_>,
        suite: usize,
        by: Producer,
    ) -> Result<Tag, ResultsError> {
        self.cases += 1;
        if self.cases > MAX_CASES {
            return Err(element.error(Kind::TooMany {
                what: "test cases",
                limit: MAX_CASES as u64,
            }));
        }
        let python = attributes
            .get("file")
            .is_some_and(|file| file.ends_with(".py"));
        self.more.begin();
        self.case = Some(OpenCase::new(attributes, by.from_zero && python, by.pytest));
        Ok(Tag::Case { suite })
    }

    fn problem(&mut self, outcome: TestOutcome, attributes: &Attributes<'_>) -> Tag {
        if let Some(case) = &mut self.case {
            case.problem(outcome, attributes.get("message").as_deref());
        }
        Tag::Problem
    }

    fn property(&mut self, suite: usize, attributes: &Attributes<'_>) {
        let name = attributes.text("name");
        if name.is_empty() || self.properties >= MAX_PROPERTIES {
            return;
        }
        self.properties += 1;
        if let Some(suite) = self.report.suites.get_mut(suite) {
            suite.properties.push((name, attributes.text("value")));
        }
    }

    fn finish(self, complete: bool) -> JunitReport {
        let mut report = self.report;
        report.complete = complete;
        report.more = self.more.finish();
        report.suites.retain(|suite| !is_empty(suite));
        for suite in &mut report.suites {
            fold_teardowns(&mut suite.cases);
            // Only pytest is known to give each test of a run a name of its own.
            if self.pytest || suite.name == SUITE {
                fold_attempts(&mut suite.cases);
            }
        }
        report
    }
}

fn is_empty(suite: &Suite) -> bool {
    suite.cases.is_empty() && suite.properties.is_empty()
}
