//! Several reports as one JUnit file.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::more::More;
use crate::record::{TestCase, TestCounts, TestOutcome};
use crate::results::chars::{push_attribute, push_text};

/// What becomes one `<testsuite>`: the cases of one step of one job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section<'a> {
    /// Name of the suite.
    pub(crate) name: &'a str,
    /// Its properties: name and value.
    pub(crate) properties: &'a [(String, String)],
    /// Its cases, in the order in which they are written.
    pub(crate) cases: Vec<&'a TestCase>,
    /// Output and properties of the cases, by their ids.
    pub(crate) more: Option<&'a HashMap<String, More>>,
    /// Whether there were more cases, of which nothing is known.
    pub(crate) cut: bool,
}

/// Stands for the cases after the damage of a report: a reader of the file must not take
/// those that could be saved for all.
const CUT: &str =
    "    <testcase classname=\"seatrial\" name=\"the rest of the report\" time=\"0.000\">
      <error message=\"the report is damaged: what became of further tests is unknown\"/>
    </testcase>
";

/// Writes one JUnit file with a `<testsuite>` for every section, in their order.
///
/// Totals are counted from the cases; times are in seconds. `file` and `line`
/// are kept, lines counted from 1. Characters that XML 1.0 does not allow become
/// U+FFFD. Reading the text gives the same cases, times rounded to milliseconds.
pub(crate) fn write(name: &str, sections: &[Section<'_>]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites");
    push_attribute(&mut out, "name", name);
    let all = sections.iter().flat_map(|section| &section.cases).copied();
    let cut = sections.iter().filter(|section| section.cut).count();
    push_totals(&mut out, all, cut);
    out.push_str(">\n");
    for section in sections {
        write_section(&mut out, section);
    }
    out.push_str("</testsuites>\n");
    out
}

fn push_totals<'a>(
    out: &mut String,
    cases: impl Iterator<Item = &'a TestCase> + Clone,
    cut: usize,
) {
    let counts = TestCounts::of(cases.clone());
    let cut = u32::try_from(cut).unwrap_or(u32::MAX);
    let seconds: f64 = cases.map(|case| time(case.seconds)).sum();
    let _ = write!(
        out,
        " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\"",
        counts.total().saturating_add(cut),
        counts.failed,
        counts.errors.saturating_add(cut),
        counts.skipped,
    );
}

/// A time that can be written: not negative, a number.
fn time(seconds: f64) -> f64 {
    if seconds.is_finite() && seconds > 0.0 {
        seconds
    } else {
        0.0
    }
}

fn write_section(out: &mut String, section: &Section<'_>) {
    out.push_str("  <testsuite");
    push_attribute(out, "name", section.name);
    push_totals(out, section.cases.iter().copied(), usize::from(section.cut));
    out.push_str(">\n");
    write_properties(out, "    ", section.properties);
    let nothing = More::default();
    for case in &section.cases {
        let more = section.more.and_then(|more| more.get(&case.id));
        write_case(out, case, more.unwrap_or(&nothing));
    }
    if section.cut {
        out.push_str(CUT);
    }
    out.push_str("  </testsuite>\n");
}

fn write_properties(out: &mut String, indent: &str, properties: &[(String, String)]) {
    if properties.is_empty() {
        return;
    }
    let _ = writeln!(out, "{indent}<properties>");
    for (name, value) in properties {
        let _ = write!(out, "{indent}  <property");
        push_attribute(out, "name", name);
        push_attribute(out, "value", value);
        out.push_str("/>\n");
    }
    let _ = writeln!(out, "{indent}</properties>");
}

fn write_case(out: &mut String, case: &TestCase, more: &More) {
    out.push_str("    <testcase");
    push_attribute(out, "classname", &case.classname);
    push_attribute(out, "name", &case.name);
    if let Some(file) = &case.file {
        push_attribute(out, "file", file);
    }
    if let Some(line) = case.line {
        let _ = write!(out, " line=\"{line}\"");
    }
    let _ = write!(out, " time=\"{:.3}\"", time(case.seconds));
    let element = match case.outcome {
        TestOutcome::Passed => None,
        TestOutcome::Failed => Some("failure"),
        TestOutcome::Error => Some("error"),
        TestOutcome::Skipped => Some("skipped"),
    };
    if element.is_none() && case.retries == 0 && *more == More::default() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(">\n");
    let mut properties = more.properties.clone();
    if case.retries > 0 {
        properties.push(("retries".to_owned(), case.retries.to_string()));
        properties.push(("flaky".to_owned(), case.is_flaky().to_string()));
    }
    write_properties(out, "      ", &properties);
    if let Some(element) = element {
        let _ = write!(out, "      <{element}");
        if !case.message.is_empty() {
            push_attribute(out, "message", &case.message);
        }
        write_text(out, element, &case.details);
    }
    for (element, text) in [("system-out", &more.output), ("system-err", &more.errors)] {
        if !text.is_empty() {
            let _ = write!(out, "      <{element}");
            write_text(out, element, text);
        }
    }
    out.push_str("    </testcase>\n");
}

/// The rest of an element that was begun, with its text.
fn write_text(out: &mut String, element: &str, text: &str) {
    if text.is_empty() {
        out.push_str("/>\n");
    } else {
        out.push('>');
        push_text(out, text);
        let _ = writeln!(out, "</{element}>");
    }
}
