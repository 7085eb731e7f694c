//! Damaged JUnit reports and tracefiles, each with the message that its user
//! reads.

use super::malformed::{cases, check, utf16};
use crate::results::{junit, lcov};

fn trace(bytes: impl AsRef<[u8]>) -> String {
    lcov::read(bytes.as_ref()).unwrap_err().to_string()
}

#[test]
fn junit_reports() {
    check([
        (cases(""), "the report is empty (at byte 0)"),
        (
            cases("<testsuites><testsuite><testcase name='a'/>"),
            "the report breaks off: </testsuites> is missing (at byte 43)",
        ),
        (
            cases("<testsuites><testsuite><testcase name='a'><failure message='x"),
            "the report breaks off: </testsuites> is missing (at byte 61)",
        ),
        (
            cases("<coverage/>"),
            "the root element is <coverage>, expected <testsuites> or <testsuite> (at byte 0)",
        ),
        (
            cases("<testsuite/><testsuite/>"),
            "something follows the end of the root element (at byte 12)",
        ),
        (
            cases("<testsuite><testcase name='a'><testcase name='b'/></testcase></testsuite>"),
            "a <testcase> stands inside of a <testcase> (at byte 30)",
        ),
        (
            cases(b"<testsuite><testcase name='a'/><testcase name='\xff'/></testsuite>"),
            "the report is not UTF-8 text (at byte 47)",
        ),
        (
            cases("<testsuite><testcase name='a'/>\0</testsuite>"),
            "the report contains a NUL byte (at byte 31)",
        ),
        (
            cases(utf16("<testsuite/>")),
            "the report is UTF-16 text, expected UTF-8 (at byte 0)",
        ),
        (
            cases("<!DOCTYPE t [<!ENTITY a 'b'>]><testsuite/>"),
            "the document declares entities, which are not expanded (at byte 0)",
        ),
        (
            cases("<testsuite><testcase name='a'/></testsuites>"),
            "ill-formed document: expected `</testsuite>`, but `</testsuites>` was found (at byte 31)",
        ),
    ]);
    for (bytes, saved) in [
        (
            "<testsuites><testsuite><testcase name='a'/><testcase name='b'>",
            1,
        ),
        (
            "<testsuite><testcase name='a'/><testcase name='b'/>\0</testsuite>",
            2,
        ),
        ("<testsuite><testcase name='a'/></testsuite>trailing", 1),
        ("<coverage/>", 0),
    ] {
        assert_eq!(junit::salvage(bytes.as_bytes()).cases().count(), saved);
    }
}

#[test]
fn tracefiles() {
    let record = |lines: &str| trace(format!("SF:a.c\n{lines}\nend_of_record\n"));
    check([
        (trace(""), "the report is empty (at byte 0)"),
        (trace("TN:\n"), "the tracefile names no file (at byte 4)"),
        (
            trace("SF:a.c\nDA:1,1\n"),
            "the report breaks off: end_of_record is missing (at byte 14)",
        ),
        (
            trace("SF:a.c\nDA:1,1\nSF:b.c\nend_of_record\n"),
            "the report breaks off: end_of_record is missing (at byte 14)",
        ),
        (
            trace("SF:\nend_of_record\n"),
            "a record has no file name (at byte 0)",
        ),
        (
            trace("end_of_record\n"),
            "`end_of_record` without a record (at byte 0)",
        ),
        (trace("DA:1,1\n"), "`DA` outside of a record (at byte 0)"),
        (
            trace("<coverage/>"),
            "not a line of an LCOV tracefile: `<coverage/>` (at byte 0)",
        ),
        (
            trace("SF:a.c\0\n"),
            "the report contains a NUL byte (at byte 6)",
        ),
        (
            trace(utf16("SF:a.c\n")),
            "the report is UTF-16 text, expected UTF-8 (at byte 0)",
        ),
        (record("DA:0,1"), "bad line number: `0` (at byte 7)"),
        (record("DA:1"), "bad number of hits: `` (at byte 7)"),
        (record("DA:1,-5"), "bad number of hits: `-5` (at byte 7)"),
        (record("DA:x,1"), "bad line number: `x` (at byte 7)"),
        (record("DA:1,1e3"), "bad number of hits: `1e3` (at byte 7)"),
        (record("BRDA:1,0"), "not a branch: `1,0` (at byte 7)"),
        (
            record("BRDA:1,0,0,maybe"),
            "bad number of times a branch was taken: `maybe` (at byte 7)",
        ),
        (record("BRDA:0,0,0,1"), "bad line number: `0` (at byte 7)"),
        (
            record("nonsense"),
            "not a line of an LCOV tracefile: `nonsense` (at byte 7)",
        ),
    ]);
}
