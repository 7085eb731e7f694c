//! Several reports as one JUnit file.

use std::fmt::Write as _;

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
}

/// Writes one JUnit file with a `<testsuite>` for every section, in their order.
///
/// Totals are counted from the cases; times are in seconds. `file` and `line`
/// are kept, lines counted from 1. Characters that XML 1.0 does not allow become
/// U+FFFD. Reading the text gives the same cases, times rounded to milliseconds.
pub(crate) fn write(name: &str, sections: &[Section<'_>]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites");
    push_attribute(&mut out, "name", name);
    let all = sections.iter().flat_map(|section| &section.cases).copied();
    push_totals(&mut out, all);
    out.push_str(">\n");
    for section in sections {
        write_section(&mut out, section);
    }
    out.push_str("</testsuites>\n");
    out
}

fn push_totals<'a>(out: &mut String, cases: impl Iterator<Item = &'a TestCase> + Clone) {
    let counts = TestCounts::of(cases.clone());
    let seconds: f64 = cases.map(|case| time(case.seconds)).sum();
    let _ = write!(
        out,
        " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\"",
        counts.total(),
        counts.failed,
        counts.errors,
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
    push_totals(out, section.cases.iter().copied());
    out.push_str(">\n");
    if !section.properties.is_empty() {
        out.push_str("    <properties>\n");
        for (name, value) in section.properties {
            out.push_str("      <property");
            push_attribute(out, "name", name);
            push_attribute(out, "value", value);
            out.push_str("/>\n");
        }
        out.push_str("    </properties>\n");
    }
    for case in &section.cases {
        write_case(out, case);
    }
    out.push_str("  </testsuite>\n");
}

fn write_case(out: &mut String, case: &TestCase) {
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
        TestOutcome::Passed => {
            out.push_str("/>\n");
            return;
        }
        TestOutcome::Failed => "failure",
        TestOutcome::Error => "error",
        TestOutcome::Skipped => "skipped",
    };
    let _ = write!(out, ">\n      <{element}");
    if !case.message.is_empty() {
        push_attribute(out, "message", &case.message);
    }
    if case.details.is_empty() {
        out.push_str("/>\n");
    } else {
        out.push('>');
        push_text(out, &case.details);
        let _ = writeln!(out, "</{element}>");
    }
    out.push_str("    </testcase>\n");
}
