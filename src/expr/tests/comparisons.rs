//! Comparisons and the logical operators.

use super::super::fold;
use super::{check, run, show};

#[test]
fn equality() {
    check(&[
        ("null == null", "true"),
        ("null == 0", "true"),
        ("null == ''", "true"),
        ("null == false", "true"),
        ("null == 'null'", "false"),
        ("null == ' '", "true"),
        ("true == 1", "true"),
        ("true == '1'", "true"),
        ("true == 'true'", "false"),
        ("true == 'True'", "false"),
        ("false == 'false'", "false"),
        ("false == ''", "true"),
        ("false == '0'", "true"),
        ("true == 2", "false"),
        ("1 == '1'", "true"),
        ("1 == ' 1 '", "true"),
        ("1 == '1.0'", "true"),
        ("255 == '0xff'", "true"),
        ("1000 == '1e3'", "true"),
        ("0 == ''", "true"),
        ("0 == -0", "true"),
        ("1 == 'one'", "false"),
        ("'1' == '1.0'", "false"),
        ("'' == ' '", "false"),
        ("NaN == NaN", "false"),
        ("NaN == 'NaN'", "false"),
        ("'NaN' == 'nan'", "true"),
        ("Infinity == Infinity", "true"),
        ("Infinity == 'Infinity'", "true"),
        ("'a' == 'A'", "true"),
        ("'straße' == 'STRASSE'", "false"),
        ("'straße' == 'STRAßE'", "true"),
        ("'é' == 'É'", "true"),
        ("'ς' == 'σ'", "true"),
        ("'ı' == 'I'", "false"),
        ("'ſ' == 's'", "false"),
        ("'Ж' == 'ж'", "true"),
        ("'ᾀ' == 'ᾈ'", "true"),
        ("'\u{212a}' == 'k'", "false"),
        ("'i' == 'İ'", "false"),
        ("github == github", "true"),
        ("github.event == github.event", "true"),
        ("github.event == github", "false"),
        ("github.event.empty == github.event.empty", "true"),
        ("fromJSON('[]') == fromJSON('[]')", "false"),
        ("fromJSON('{}') == fromJSON('{}')", "false"),
        ("github.event.labels.* == github.event.labels.*", "false"),
        ("github == null", "false"),
        ("github == 'Object'", "false"),
        ("github.event.empty == ''", "false"),
        ("github.event.empty == 0", "false"),
        ("github.event.empty == true", "false"),
        ("github.event.missing == null", "true"),
        ("github.event.missing == ''", "true"),
        ("1 != 1", "false"),
        ("1 != 2", "true"),
        ("NaN != NaN", "true"),
        ("'a' != 'A'", "false"),
        ("github != github", "false"),
        ("null != 0", "false"),
    ]);
}

#[test]
fn order() {
    check(&[
        ("1 < 2", "true"),
        ("2 < 2", "false"),
        ("2 <= 2", "true"),
        ("3 > 2", "true"),
        ("2 >= 2", "true"),
        ("2 > 2", "false"),
        ("'a' < 'b'", "true"),
        ("'a' < 'B'", "true"),
        ("'B' > 'a'", "true"),
        ("'a' <= 'A'", "true"),
        ("'a' >= 'A'", "true"),
        ("'10' < '9'", "true"),
        ("10 < '9'", "false"),
        ("'10' < 9", "false"),
        ("'_' > 'z'", "true"),
        ("'' < 'a'", "true"),
        ("'ab' > 'a'", "true"),
        ("'\u{ff00}' > '\u{10000}'", "true"),
        ("false < true", "true"),
        ("true > false", "true"),
        ("true > true", "false"),
        ("true >= true", "true"),
        ("true > 'x'", "false"),
        ("true < 'x'", "false"),
        ("true > '0'", "true"),
        ("false > '-1'", "true"),
        ("null < 1", "true"),
        ("null > -1", "true"),
        ("null <= null", "true"),
        ("null >= null", "true"),
        ("null < null", "false"),
        ("null >= 0", "true"),
        ("null > ' -1 '", "true"),
        ("NaN < 1", "false"),
        ("NaN >= NaN", "false"),
        ("NaN <= NaN", "false"),
        ("1 < 'x'", "false"),
        ("1 >= 'x'", "false"),
        ("Infinity > 1e300", "true"),
        ("-Infinity < false", "true"),
        ("github < github", "false"),
        ("github <= github", "true"),
        ("github >= github", "true"),
        ("github.event.empty > 0", "false"),
        ("github.event.empty <= 0", "false"),
        ("'' > github", "false"),
    ]);
}

#[test]
fn logic() {
    check(&[
        ("true && 'x'", "'x'"),
        ("false && 'x'", "false"),
        ("0 && 'x'", "0"),
        ("'' && 'x'", "''"),
        ("null && 'x'", "null"),
        ("1 && 2 && 3", "3"),
        ("1 && 0 && 3", "0"),
        ("null || 'x'", "'x'"),
        ("'a' || 'x'", "'a'"),
        ("false || null", "null"),
        ("0 || '' || null", "null"),
        ("false || 0 || 5 || 6", "5"),
        ("true && 'yes' || 'no'", "'yes'"),
        ("false && 'yes' || 'no'", "'no'"),
        ("true && '' || 'no'", "'no'"),
        ("github.event_name == 'push' && 'a' || 'b'", "'a'"),
        // What is not needed is not evaluated.
        ("true || fromJSON('bad')", "true"),
        ("false && fromJSON('bad')", "false"),
        ("null || (false && fromJSON('bad')) || 2", "2"),
    ]);
    assert!(run("false || fromJSON('bad')").is_err());
}

#[test]
fn precedence() {
    check(&[
        ("1 || 2 && 3", "1"),
        ("(1 || 2) && 3", "3"),
        ("false && 0 || null", "null"),
        ("false && (0 || null)", "false"),
        ("!2 < 3", "true"),
        ("!(2 < 3)", "false"),
        ("!true == false", "true"),
        ("!(true == false)", "true"),
        ("1 == !0", "true"),
        ("!github.event.none", "true"),
        ("(!github).event", "null"),
        ("3 < 2 < 1", "true"),
        ("3 < (2 < 1)", "false"),
        ("2 > 2 > 0", "false"),
        ("2 > (2 > 0)", "true"),
        ("2 <= 3 == true", "true"),
        ("2 <= (3 == true)", "false"),
        ("2 == 2 == 1", "true"),
        ("2 == (2 == 1)", "false"),
        ("2 == 2 != 0", "true"),
        ("1 == 1 && 2", "2"),
        ("1 == (1 && 2)", "false"),
        ("'a' == 'a' && 'b'", "'b'"),
        ("true == 1 < 2", "true"),
        ("1 < github.event.number", "true"),
        ("13 > github.event.number == true", "true"),
        ("!fromJSON('[0]')[0]", "true"),
        ("((((1))))", "1"),
        ("((1) == (1))", "true"),
    ]);
}

#[test]
fn folded_search() {
    assert!(fold::contains("ÄÖÜ", "öü"));
    assert!(fold::starts_with("Äb", "ä"));
    assert!(fold::ends_with("xÄ", "ä"));
    assert!(!fold::starts_with("a", "ab"));
    assert!(!fold::ends_with("b", "ab"));
    assert_eq!(show(&run("'a' <= 'b'").unwrap()), "true");
}
