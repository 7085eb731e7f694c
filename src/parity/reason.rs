//! Why a test failed or was skipped, in a form that can be compared.

use crate::record::{JobFacts, TestCase, TestOutcome};

/// Most characters of a reason that are compared.
const COMPARED: usize = 400;
/// Most bytes of a failure's text that are kept for the search for causes.
const KEPT: usize = 16 * 1024;

/// Why a test failed or was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// Whether it was skipped.
    pub(crate) skipped: bool,
    /// The message, one line.
    pub(crate) message: String,
    /// The message and the end of the traceback, for the search for causes.
    pub(crate) text: String,
    /// What is compared: the message without what differs from run to run.
    compared: String,
}

impl Reason {
    /// The reason that a report gives.
    pub(crate) fn of(case: &TestCase, facts: Option<&JobFacts>) -> Self {
        let message = first_line(case);
        let mut text = case.message.clone();
        text.push('\n');
        // The error stands at the end of a traceback.
        let from = case.details.len().saturating_sub(KEPT);
        let from = case.details.ceil_char_boundary(from);
        text.push_str(case.details.get(from..).unwrap_or_default());
        Self {
            skipped: case.outcome == TestOutcome::Skipped,
            compared: compared(&message, facts),
            message,
            text,
        }
    }

    /// Whether two reasons are the same but for what differs from run to run.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.skipped == other.skipped && self.compared == other.compared
    }
}

/// The line that says most: the message's first, else the traceback's last.
fn first_line(case: &TestCase) -> String {
    let said = |line: &&str| !line.trim().is_empty();
    let line = case.message.lines().find(said);
    let line = line.or_else(|| case.details.lines().rev().find(said));
    line.unwrap_or_default().trim().to_owned()
}

/// A message without what differs from run to run: numbers, addresses, folders of its own
/// environment.
fn compared(message: &str, facts: Option<&JobFacts>) -> String {
    let mut message = message.to_owned();
    if let Some(facts) = facts {
        for place in [&facts.cwd, &facts.home].into_iter().flatten() {
            if place.len() > 1 {
                message = message.replace(place.as_str(), "~");
            }
        }
    }
    let mut kept = String::new();
    let mut word = String::new();
    for c in message.chars().take(COMPARED).chain([' ']) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        // A number, an address, a hash: any word with a digit in it.
        if word.contains(|c: char| c.is_ascii_digit()) {
            kept.push('#');
        } else {
            kept.push_str(&word);
        }
        word.clear();
        kept.push(c);
    }
    kept.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Reason, compared};
    use crate::record::{JobFacts, TestCase, TestOutcome};

    #[test]
    fn what_differs_from_run_to_run_is_no_other_reason() {
        for (one, other, same) in [
            (
                "AssertionError: <A at 0x7f01>",
                "AssertionError: <A at 0x7f22>",
                true,
            ),
            ("took 1.25 s", "took 0.9 s", true),
            ("assert 1 == 2", "assert 3 == 4", true),
            ("KeyError: 'a'", "KeyError: 'b'", false),
            ("OSError: /one/x", "OSError: /two/x", false),
        ] {
            assert_eq!(compared(one, None) == compared(other, None), same, "{one}");
        }
        let at = |cwd: &str| JobFacts {
            cwd: Some(cwd.to_owned()),
            ..JobFacts::default()
        };
        assert_eq!(
            compared("OSError: /home/a/x", Some(&at("/home/a"))),
            compared("OSError: /work/x", Some(&at("/work")))
        );
    }

    #[test]
    fn without_a_message_the_end_of_the_traceback_counts() {
        let case = TestCase {
            id: String::new(),
            classname: String::new(),
            name: String::new(),
            file: None,
            line: None,
            failed_at: None,
            outcome: TestOutcome::Error,
            seconds: 0.0,
            retries: 0,
            message: "\n".to_owned(),
            details: "x = 1\nE   boom\n\n".to_owned(),
        };
        assert_eq!(Reason::of(&case, None).message, "E   boom");
    }
}
