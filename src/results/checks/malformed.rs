//! Damaged and hostile documents, each with the message that its user reads.

use crate::results::{cobertura, junit};

fn coverage(bytes: impl AsRef<[u8]>) -> String {
    cobertura::read(bytes.as_ref()).unwrap_err().to_string()
}

pub(super) fn cases(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    let salvaged = junit::salvage(bytes);
    assert!(!salvaged.complete);
    junit::read(bytes).unwrap_err().to_string()
}

/// Every message is the expected one.
pub(super) fn check<const N: usize>(messages: [(String, &str); N]) {
    for (message, expected) in messages {
        assert_eq!(message, expected);
    }
}

/// A report with one class that has the given lines.
fn with_lines(lines: &str) -> String {
    format!(
        "<coverage><packages><package name='p'><classes><class name='c' filename='a.py'>\
         <lines>{lines}</lines></class></classes></package></packages></coverage>"
    )
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

#[test]
fn whole_documents() {
    let bomb = "<!DOCTYPE coverage [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>\
                <coverage><packages>&b;</packages></coverage>";
    let external = "<!DOCTYPE coverage [<!entity x SYSTEM 'file:///etc/passwd'>]><coverage/>";
    let good = "<coverage><packages/></coverage>";
    check([
        (coverage(""), "the report is empty (at byte 0)"),
        (coverage(" \r\n\t"), "the report is empty (at byte 0)"),
        (coverage("\u{feff}"), "the report is empty (at byte 0)"),
        (
            coverage("<coverage line-rate=\"0.95\"><packages>"),
            "the report breaks off: </coverage> is missing (at byte 37)",
        ),
        (
            coverage("<coverage line-rate=\"0.95\"><packages/>"),
            "the report breaks off: </coverage> is missing (at byte 38)",
        ),
        (
            coverage("<coverage line-rate=\"0.95\"><packages/></cover"),
            "the report breaks off: </coverage> is missing (at byte 45)",
        ),
        (
            coverage("<coverage line-rate=\"0.9"),
            "the report breaks off: its root element is missing (at byte 24)",
        ),
        (
            coverage("<coverage><!-- never closed"),
            "the report breaks off: </coverage> is missing (at byte 27)",
        ),
        (
            coverage("<?xml version=\"1.0\"?>"),
            "the report breaks off: its root element is missing (at byte 21)",
        ),
        (
            coverage("<!DOCTYPE html><html><body>404</body></html>"),
            "the root element is <html>, expected <coverage> (at byte 15)",
        ),
        (
            coverage("<testsuites/>"),
            "the root element is <testsuites>, expected <coverage> (at byte 0)",
        ),
        (
            coverage("{\"totals\": 1}"),
            "the report is not XML: it begins with `{\"totals\": 1}` (at byte 0)",
        ),
        (
            coverage("No data to report.\n"),
            "the report is not XML: it begins with `No data to report.` (at byte 0)",
        ),
        (
            coverage(format!("{good}garbage")),
            "something follows the end of the root element (at byte 32)",
        ),
        (
            coverage(format!("{good}{good}")),
            "something follows the end of the root element (at byte 32)",
        ),
        (
            coverage(format!("{good}\n<?xml version=\"1.0\"?>{good}")),
            "something follows the end of the root element (at byte 33)",
        ),
        (
            coverage(format!("{good}</coverage>")),
            "something follows the end of the root element (at byte 32)",
        ),
        (
            coverage(format!("{good}<![CDATA[x]]>")),
            "something follows the end of the root element (at byte 32)",
        ),
        (
            coverage(format!("{good}\0\0\0")),
            "the report contains a NUL byte (at byte 32)",
        ),
        (
            coverage("<coverage>\0</coverage>"),
            "the report contains a NUL byte (at byte 10)",
        ),
        (
            coverage(b"<coverage>\xe4\xf6</coverage>"),
            "the report is not UTF-8 text (at byte 10)",
        ),
        (
            coverage(utf16(good)),
            "the report is UTF-16 text, expected UTF-8 (at byte 0)",
        ),
        (
            coverage(bomb),
            "the document declares entities, which are not expanded (at byte 0)",
        ),
        (
            coverage(external),
            "the document declares entities, which are not expanded (at byte 0)",
        ),
        (
            coverage("<coverage><packages></coverage></packages>"),
            "ill-formed document: expected `</packages>`, but `</coverage>` was found (at byte 20)",
        ),
        (
            coverage("<coverage><packages a=1></packages></coverage>"),
            "<packages> has a malformed attribute (at byte 10)",
        ),
        (
            coverage("<coverage><packages a></packages></coverage>"),
            "<packages> has a malformed attribute (at byte 10)",
        ),
        (
            coverage("<coverage><?xml version='1.0'?><packages/></coverage>"),
            "an XML declaration stands in the middle of the report (at byte 10)",
        ),
        (
            coverage("<coverage generated='1'><project><file/></project></coverage>"),
            "the report has no <packages>, so it is not Cobertura XML (at byte 61)",
        ),
        (
            coverage("<coverage>".repeat(100_000)),
            "elements are nested deeper than 64 (at byte 640)",
        ),
        (
            coverage("<a>".repeat(100_000)),
            "the root element is <a>, expected <coverage> (at byte 0)",
        ),
    ]);
}

#[test]
fn too_much() {
    let mut many = String::from("<coverage");
    for index in 0..100_000 {
        many.push_str(&format!(" a{index}=\"1\""));
    }
    many.push_str("><packages/></coverage>");
    let branches = "<line number='1' hits='1' condition-coverage='0% (0/4000000000)'/>";
    check([
        (
            coverage(&many),
            "more than 256 attributes in one element (at byte 0)",
        ),
        (
            cases(many.replace("coverage", "testsuite")),
            "more than 256 attributes in one element (at byte 0)",
        ),
        (
            cases("<testsuites>".repeat(100_000)),
            "elements are nested deeper than 64 (at byte 768)",
        ),
        (
            coverage(with_lines(branches)),
            "more than 10000000 branches (at byte 86)",
        ),
        (
            coverage(vec![b' '; 64 * 1024 * 1024 + 1]),
            "the report has 67108865 bytes, more than 67108864 (at byte 67108864)",
        ),
    ]);
}

#[test]
fn numbers_and_classes() {
    let classes = |inside: &str| {
        coverage(format!(
            "<coverage><packages>{inside}</packages></coverage>"
        ))
    };
    let line = |attributes: &str| coverage(with_lines(&format!("<line {attributes}/>")));
    check([
        (
            line("number='0' hits='1'"),
            "bad line number: `0` (at byte 86)",
        ),
        (
            line("number='-3' hits='1'"),
            "bad line number: `-3` (at byte 86)",
        ),
        (
            line("number='10000001' hits='1'"),
            "bad line number: `10000001` (at byte 86)",
        ),
        (
            line("number='99999999999999999999' hits='1'"),
            "bad line number: `99999999999999999999` (at byte 86)",
        ),
        (
            line("number='12abc' hits='1'"),
            "bad line number: `12abc` (at byte 86)",
        ),
        (
            line("number='' hits='1'"),
            "bad line number: `` (at byte 86)",
        ),
        (
            line("number='1' hits='-1'"),
            "bad number of hits: `-1` (at byte 86)",
        ),
        (
            line("number='1' hits='1,5'"),
            "bad number of hits: `1,5` (at byte 86)",
        ),
        (
            line("number='1' hits='1.0'"),
            "bad number of hits: `1.0` (at byte 86)",
        ),
        (
            line("number='1' hits='many\n&amp; more'"),
            "bad number of hits: `many & more` (at byte 86)",
        ),
        (
            line("hits='1'"),
            "<line> has no attribute `number` (at byte 86)",
        ),
        (
            line("number='1'"),
            "<line> has no attribute `hits` (at byte 86)",
        ),
        (
            line("number='1' hits='1' condition-coverage='50% (1/2'"),
            "bad condition coverage: `50% (1/2` (at byte 86)",
        ),
        (
            line("number='1' hits='1' condition-coverage='50% (0,5/1)'"),
            "bad condition coverage: `50% (0,5/1)` (at byte 86)",
        ),
        (
            line("number='1' hits='1' condition-coverage='150% (3/2)'"),
            "bad condition coverage: `150% (3/2)` (at byte 86)",
        ),
        (
            line("number='1' hits='1' condition-coverage='50% (1/99999999999)'"),
            "bad condition coverage: `50% (1/99999999999)` (at byte 86)",
        ),
        (
            line(
                "number='1' hits='1'><condition number='1' type='jump' coverage='half'/></line><x",
            ),
            "bad condition coverage: `half` (at byte 112)",
        ),
        (
            line("number='1' hits='1'><line number='2' hits='1'/></line><x"),
            "a <line> stands inside of a <line> (at byte 112)",
        ),
        (
            classes("<class name='a'/>"),
            "<class> has no attribute `filename` (at byte 20)",
        ),
        (
            classes("<class filename=''/>"),
            "a <class> has an empty file name (at byte 20)",
        ),
        (
            classes("<class filename='a'><class filename='b'/></class>"),
            "a <class> stands inside of a <class> (at byte 40)",
        ),
    ]);
}

#[test]
fn put_up_with() {
    let good = with_lines("<line number='1' hits='1'/>");
    for text in [
        format!("\u{feff}{good}"),
        format!("\u{feff}<?xml version='1.0' encoding='UTF-8'?>\r\n{good}\r\n"),
        good.replace("><", ">\r\n<"),
        good.replace(
            "<coverage>",
            "<coverage line-rate='0,95' lines-valid='many'>",
        ),
        format!(
            "<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>{good}"
        ),
        format!("{good}<!-- the end --><?pi?>\n"),
        good.replace("<packages>", "<packages>a & b &unknown; <x:y xmlns:x='z'/>"),
    ] {
        let coverage = cobertura::read(text.as_bytes()).unwrap();
        assert_eq!(coverage.summary().lines_covered, 1, "{text}");
    }
    // The file stands in two classes: one file, and the line counts once.
    let class =
        "<class name='c' filename='a.py'><lines><line number='1' hits='1'/></lines></class>";
    let twice = good.replace("</class>", &format!("</class>{class}"));
    let summary = cobertura::read(twice.as_bytes()).unwrap().summary();
    assert_eq!((summary.files.len(), summary.lines_valid), (1, 1));
}
