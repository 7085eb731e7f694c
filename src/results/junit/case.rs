//! One test case, put together from its element and its children.

use super::node_id::node_id;
use super::read::{MAX_DETAILS, MAX_MESSAGE};
use crate::record::{TestCase, TestOutcome};
use crate::results::chars::Gathered;
use crate::results::xml::Attributes;

/// Longest time of one case that is believed, in seconds (about 30 years).
const MAX_SECONDS: f64 = 1e9;

/// A case whose element is still open.
pub(super) struct OpenCase {
    case: TestCase,
    message: Gathered,
    details: Gathered,
}

impl OpenCase {
    /// A case that has passed so far. `from_zero`: the producer counts lines
    /// from 0, as pytest does. `pytest`: it is pytest for certain.
    pub(super) fn new(attributes: &Attributes<'_>, from_zero: bool, pytest: bool) -> Self {
        let classname = attributes.text("classname");
        let name = attributes.text("name");
        let file = attributes.get("file").filter(|file| !file.is_empty());
        let line = attributes
            .get("line")
            .and_then(|line| line.trim().parse::<u32>().ok())
            .and_then(|line| {
                if from_zero {
                    line.checked_add(1)
                } else {
                    Some(line)
                }
            })
            .filter(|line| *line > 0);
        let case = TestCase {
            id: node_id(file.as_deref(), &classname, &name, pytest),
            classname,
            name,
            file: file.map(std::borrow::Cow::into_owned),
            line,
            failed_at: None,
            outcome: state(attributes),
            seconds: attributes.get("time").map_or(0.0, |time| seconds(&time)),
            retries: 0,
            message: String::new(),
            details: String::new(),
        };
        Self {
            case,
            message: Gathered::new(MAX_MESSAGE),
            details: Gathered::new(MAX_DETAILS),
        }
    }

    /// A `<failure>`, `<error>` or `<skipped>` begins. The worst outcome stays;
    /// messages and texts of all are kept.
    pub(super) fn problem(&mut self, outcome: TestOutcome, message: Option<&str>) {
        self.case.outcome = worse(self.case.outcome, outcome);
        if let Some(message) = message.filter(|message| !message.is_empty()) {
            if !self.message.is_empty() {
                self.message.push("\n");
            }
            self.message.push(message);
        }
        if !self.details.is_empty() {
            self.details.push("\n\n");
        }
    }

    /// An attempt before, which failed.
    pub(super) fn retried(&mut self) {
        self.run_again(1);
    }

    /// So many attempts before, which failed.
    pub(super) fn run_again(&mut self, before: u32) {
        self.case.retries = self.case.retries.saturating_add(before);
    }

    /// Text of the problem.
    pub(super) fn text(&mut self, text: &str) {
        self.details.push(text);
    }

    /// The case is complete.
    pub(super) fn close(self) -> TestCase {
        TestCase {
            message: without_colours(&self.message.finish()),
            details: without_colours(&self.details.finish()),
            ..self.case
        }
    }
}

/// The worse of two outcomes: error, failed, skipped, passed.
pub(super) fn worse(a: TestOutcome, b: TestOutcome) -> TestOutcome {
    let rank = |outcome| match outcome {
        TestOutcome::Passed => 0,
        TestOutcome::Skipped => 1,
        TestOutcome::Failed => 2,
        TestOutcome::Error => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// `CTest` and `GoogleTest` tell tests that did not run by an attribute.
fn state(attributes: &Attributes<'_>) -> TestOutcome {
    let not_run = ["status", "result"].iter().any(|name| {
        let state = attributes.get(name).unwrap_or_default();
        ["notrun", "disabled", "skipped", "suppressed"]
            .iter()
            .any(|word| state.eq_ignore_ascii_case(word))
    });
    if not_run {
        TestOutcome::Skipped
    } else {
        TestOutcome::Passed
    }
}

/// Seconds as producers write them: `0.123`, `1,234.5` (Surefire), `0,5`; 0 for
/// anything that is no time.
fn seconds(text: &str) -> f64 {
    let text = text.trim();
    let plain = if text.contains('.') {
        text.replace(',', "")
    } else {
        text.replace(',', ".")
    };
    match plain.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds.is_finite() => seconds.min(MAX_SECONDS),
        _ => 0.0,
    }
}

/// A text without the colours of a terminal. XML cannot hold the escape character,
/// so pytest writes it as `#x1B` (`bin_xml_escape` of its junitxml).
fn without_colours(text: &str) -> String {
    const ESCAPE: &str = "#x1B[";
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(ESCAPE) {
        let (before, sequence) = rest.split_at(at);
        plain.push_str(before);
        let codes = sequence.get(ESCAPE.len()..).unwrap_or_default();
        let end = codes
            .find(|c: char| !c.is_ascii_digit() && c != ';')
            .unwrap_or(codes.len());
        match codes.get(end..).and_then(|tail| tail.strip_prefix('m')) {
            Some(tail) => rest = tail,
            None => {
                plain.push_str(ESCAPE);
                rest = codes;
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact values")]
mod tests {
    use super::seconds;

    #[test]
    fn colours_are_taken_off() {
        for (text, plain) in [
            ("#x1B[1m#x1B[31mE  assert 1#x1B[0m", "E  assert 1"),
            ("#x1B[38;5;9mred#x1B[m", "red"),
            ("#x1B[2Jno colour", "#x1B[2Jno colour"),
            ("#x1B[", "#x1B["),
            ("plain é", "plain é"),
        ] {
            assert_eq!(super::without_colours(text), plain);
        }
    }

    #[test]
    fn times() {
        for (text, expected) in [
            ("0.125", 0.125),
            ("1,234.5", 1234.5),
            ("0,5", 0.5),
            ("3", 3.0),
            ("-1", 0.0),
            ("nan", 0.0),
            ("inf", 0.0),
            ("1e400", 0.0),
            ("1e300", 1e9),
            ("soon", 0.0),
            ("", 0.0),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
