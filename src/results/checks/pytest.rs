//! What pytest 9 wrote for tests that pass, fail, break and are skipped.

use std::fmt::Write as _;

use super::fixture;
use crate::record::{TestCase, TestCounts, TestOutcome};
use crate::results::junit::{self, JunitReport, Section};

const XUNIT1: &str = fixture!("junit/pytest-xunit1.xml");
const XUNIT2: &str = fixture!("junit/pytest-xunit2.xml");
const PREFIX: &str = fixture!("junit/pytest-prefix.xml");

fn read(text: &str) -> JunitReport {
    junit::read(text.as_bytes()).unwrap()
}

fn case<'a>(report: &'a JunitReport, id: &str) -> &'a TestCase {
    report.cases().find(|case| case.id == id).unwrap()
}

fn counts(report: &JunitReport) -> TestCounts {
    TestCounts::of(report.cases())
}

#[test]
fn node_ids_lines_and_outcomes() {
    let mut list = String::new();
    for case in read(XUNIT1).cases() {
        let line = case.line.unwrap_or_default();
        let _ = writeln!(list, "{:?} {line} {}", case.outcome, case.id);
    }
    insta::assert_snapshot!(list, @r#"
    Error 0 tests/test_broken.py
    Passed 6 tests/test_mixed.py::test_pass
    Failed 11 tests/test_mixed.py::test_fail
    Failed 17 tests/test_mixed.py::test_control
    Error 21 tests/test_mixed.py::test_setup_error
    Error 25 tests/test_mixed.py::test_teardown_error
    Error 29 tests/test_mixed.py::test_fail_and_teardown
    Skipped 33 tests/test_mixed.py::test_skip
    Skipped 38 tests/test_mixed.py::test_xfail
    Passed 43 tests/test_mixed.py::test_xpass
    Failed 48 tests/test_mixed.py::test_xpass_strict
    Passed 53 tests/test_mixed.py::test_strange[plain]
    Passed 53 tests/test_mixed.py::test_strange[a::b]
    Passed 53 tests/test_mixed.py::test_strange[a/b.py]
    Passed 53 tests/test_mixed.py::test_strange[[x]]
    Passed 53 tests/test_mixed.py::test_strange[<&>"']
    Passed 53 tests/test_mixed.py::test_strange[\xfcmlaut]
    Passed 53 tests/test_mixed.py::test_strange[tab\there]
    Passed 53 tests/test_mixed.py::test_strange[new\nline]
    Passed 53 tests/test_mixed.py::test_strange[]
    Passed 53 tests/test_mixed.py::test_strange[\x01]
    Passed 53 tests/test_mixed.py::test_strange[dot.ted]
    Passed 62 tests/test_mixed.py::TestOuter::test_inherited
    Passed 68 tests/test_mixed.py::TestOuter::TestInner::test_deep[1]
    Failed 68 tests/test_mixed.py::TestOuter::TestInner::test_deep[2]
    Passed 72 tests/test_mixed.py::TestOuter::test_method
    "#);
}

#[test]
fn both_families_tell_the_same() {
    let (one, two) = (read(XUNIT1), read(XUNIT2));
    assert_eq!(counts(&one), counts(&two));
    assert_eq!(one.suites.len(), 1);
    assert_eq!(one.suites[0].name, "pytest");
    assert!(one.complete && two.complete);
    for (a, b) in one.cases().zip(two.cases()) {
        assert_eq!(
            (&a.id, &a.name, a.outcome, &a.message),
            (&b.id, &b.name, b.outcome, &b.message)
        );
        assert_eq!((&b.file, b.line), (&None, None));
    }
}

#[test]
fn messages_and_tracebacks() {
    let report = read(XUNIT1);
    let failed = case(&report, "tests/test_mixed.py::test_fail");
    assert!(
        failed
            .message
            .starts_with("AssertionError: dicts differ <&> \"quoted\"\nassert")
    );
    assert!(failed.details.starts_with("def test_fail():"));
    assert!(
        failed
            .details
            .ends_with("tests/test_mixed.py:14: AssertionError")
    );
    let skipped = case(&report, "tests/test_mixed.py::test_skip");
    assert_eq!(skipped.message, "not today");
    let twice = case(&report, "tests/test_mixed.py::test_fail_and_teardown");
    assert_eq!(twice.outcome, TestOutcome::Error);
    assert!(
        twice
            .message
            .starts_with("assert 1 == 2\nfailed on teardown with")
    );
    assert!(twice.details.contains("assert 1 == 2"));
    assert!(twice.details.contains("could not clean up"));
}

#[test]
fn prefix_and_root_directory() {
    let ids: Vec<String> = read(PREFIX).cases().map(|case| case.id.clone()).collect();
    assert_eq!(ids[4], "test_cart.py::TestErrors::test_count");
    assert_eq!(ids[5], "unit/test_more.py::test_ten");
}

#[test]
fn merged_file_reads_back() {
    let (one, prefix) = (read(XUNIT1), read(PREFIX));
    let properties = [("matrix".to_owned(), "python <3.11>\n".to_owned())];
    let sections = [
        Section {
            name: "unit / pytest",
            properties: &properties,
            cases: one.cases().collect(),
            more: None,
            cut: false,
        },
        Section {
            name: "other / pytest",
            properties: &[],
            cases: prefix.cases().collect(),
            more: None,
            cut: false,
        },
    ];
    let text = junit::write("seatrial", &sections);
    let total = counts(&one).plus(counts(&prefix));
    let head = format!(
        "<testsuites name=\"seatrial\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=",
        total.total(),
        total.failed,
        total.errors,
        total.skipped,
    );
    assert!(text.contains(&head), "{text}");
    let back = read(&text);
    assert_eq!(back.suites.len(), 2);
    assert_eq!(back.suites[0].name, "unit / pytest");
    assert_eq!(back.suites[0].properties, properties);
    assert_eq!(back.suites[0].cases, one.suites[0].cases);
    assert_eq!(back.suites[1].cases, prefix.suites[0].cases);
}

#[test]
fn every_cut_can_be_salvaged() {
    let whole = read(XUNIT1);
    let all: Vec<&str> = whole.cases().map(|case| case.name.as_str()).collect();
    let mut most = 0;
    let last = XUNIT1.len() - 1;
    for cut in (0..last).step_by(97).chain([last]) {
        let part = XUNIT1.as_bytes().get(..cut).unwrap();
        assert!(junit::read(part).is_err(), "cut at {cut}");
        let saved = junit::salvage(part);
        assert!(!saved.complete);
        let names: Vec<&str> = saved.cases().map(|case| case.name.as_str()).collect();
        assert!(names.len() >= most && all.starts_with(&names));
        most = names.len();
    }
    assert_eq!(most, all.len());
    assert_eq!(junit::salvage(XUNIT1.as_bytes()), whole);
}

#[test]
fn other_producers() {
    let jest = "<testsuites name='jest tests' tests='9' time='1.2'>\
        <testsuite name='cart' hostname='h' timestamp='t' tests='2'>\
        <testcase classname='cart adds' name='adds' time='0.01' file='src/cart.test.js' line='7'/>\
        <testcase classname='cart removes' name='removes' time='0.01'>\
        <failure>Error: no\n at x</failure></testcase></testsuite></testsuites>";
    let report = read(jest);
    let ids: Vec<_> = report.cases().map(|c| (c.id.as_str(), c.line)).collect();
    assert_eq!(
        ids,
        [
            ("src/cart.test.js::cart adds::adds", Some(7)),
            ("cart removes::removes", None)
        ]
    );
    assert_eq!(report.suites[0].cases[1].details, "Error: no\n at x");

    let unittest = "<testsuite name='tests.test_a.TestX-20200101' file='tests/test_a.py' tests='1'>\
        <properties><property name='a' value='b'/><property/></properties>\
        <testcase classname='tests.test_a.TestX' name='test_b' time='0.5' file='tests/test_a.py' line='12'>\
        <error type='E' message='m'><![CDATA[a < b]]> &amp; c &#x1; &unknown;</error>\
        <system-out><failure/></system-out></testcase>\
        <testsuite name='inner'><testcase name='t' status='notrun'/></testsuite><testsuite/></testsuite>";
    let report = read(unittest);
    let case = &report.suites[0].cases[0];
    assert_eq!(case.id, "tests/test_a.py::TestX::test_b");
    assert_eq!((case.line, case.outcome), (Some(12), TestOutcome::Error));
    assert_eq!(case.details, "a < b & c \u{fffd} &unknown;");
    assert_eq!(report.suites.len(), 2);
    assert_eq!(report.suites[0].properties.len(), 1);
    assert_eq!(report.suites[1].cases[0].outcome, TestOutcome::Skipped);

    let loose = "<testsuites><testcase name='a'/><testcase name='b'><skipped/><failure message='x'/>\
        <error message='y'/></testcase></testsuites>";
    let report = read(loose);
    assert_eq!(report.suites.len(), 1);
    let case = &report.suites[0].cases[1];
    assert_eq!(
        (case.outcome, case.message.as_str()),
        (TestOutcome::Error, "x\ny")
    );
}

#[test]
fn long_texts_are_cut() {
    let text = format!(
        "<testsuite><testcase name='a'><failure message='{}'>{}</failure></testcase></testsuite>",
        "ä".repeat(10_000),
        "ö\n".repeat(100_000)
    );
    let report = read(&text);
    let case = &report.suites[0].cases[0];
    assert!(case.message.len() <= junit::MAX_MESSAGE && case.message.ends_with("[… cut]"));
    assert!(case.details.len() <= junit::MAX_DETAILS && case.details.ends_with("[… cut]"));
    assert!(case.details.len() > junit::MAX_DETAILS - 4);
}
