//! Reading and writing numbers, and what values count as.

use std::f64::consts::PI;

use super::super::number::{format_number, parse_number};
use super::super::{Object, Value};
use super::{check, check_errors, show};

#[test]
fn texts_become_numbers() {
    let table: &[(&str, f64)] = &[
        ("", 0.0),
        ("   \t\u{a0}\n", 0.0),
        ("0", 0.0),
        ("12", 12.0),
        (" 12 ", 12.0),
        ("+12", 12.0),
        ("-12", -12.0),
        ("012", 12.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E3", 1000.0),
        ("1e+3", 1000.0),
        ("1.5e-3", 0.0015),
        ("1e400", f64::INFINITY),
        ("1e-400", 0.0),
        ("0xff", 255.0),
        ("0xFF", 255.0),
        ("0x7fffffff", 2_147_483_647.0),
        ("0xffffffff", -1.0),
        ("0x80000000", -2_147_483_648.0),
        ("0x00000000000001", 1.0),
        ("0o17", 15.0),
        ("0o37777777777", -1.0),
        ("Infinity", f64::INFINITY),
        ("-Infinity", f64::NEG_INFINITY),
        ("+Infinity", f64::INFINITY),
        ("infinity", f64::INFINITY),
    ];
    for (text, expected) in table {
        assert_eq!(parse_number(text), *expected, "{text:?}");
    }
    for text in [
        "a",
        "1a",
        "1 2",
        "--1",
        "+",
        "-",
        ".",
        "1e",
        "1e+",
        "e1",
        "0x",
        "0xg",
        "0X1f",
        "-0x1",
        "0x100000000",
        "0o",
        "0o8",
        "0o40000000000",
        "0b1",
        "1_000",
        "1,000",
        "NaN",
        "nan",
        "inf",
        "Inf",
        "true",
        "null",
        "１",
        "1.2.3",
        "-+1",
    ] {
        assert!(parse_number(text).is_nan(), "{text:?}");
    }
}

#[test]
fn numbers_become_texts() {
    let table: &[(f64, &str)] = &[
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.0, "-1"),
        (0.5, "0.5"),
        (-0.5, "-0.5"),
        (10.0, "10"),
        (100.25, "100.25"),
        (123_456.789, "123456.789"),
        (0.1 + 0.2, "0.3"),
        (1.0 / 3.0, "0.333333333333333"),
        (2.0 / 3.0, "0.666666666666667"),
        (PI, "3.14159265358979"),
        (0.845_512_408_225_570_1, "0.84551240822557"),
        (0.001, "0.001"),
        (0.000_1, "0.0001"),
        (0.000_01, "1E-05"),
        (0.000_012_5, "1.25E-05"),
        (1e-100, "1E-100"),
        (1e14, "100000000000000"),
        (1e15, "1E+15"),
        (1.5e15, "1.5E+15"),
        (123_456_789_012_345.0, "123456789012345"),
        (999_999_999_999_999.0, "999999999999999"),
        (999_999_999_999_999.9, "1E+15"),
        (9_007_199_254_740_993.0, "9.00719925474099E+15"),
        (1e21, "1E+21"),
        (1e300, "1E+300"),
        (f64::MAX, "1.79769313486232E+308"),
        (f64::MIN_POSITIVE, "2.2250738585072E-308"),
        (5e-324, "4.94065645841247E-324"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "Infinity"),
        (f64::NEG_INFINITY, "-Infinity"),
    ];
    for (number, expected) in table {
        assert_eq!(format_number(*number), *expected, "{number:e}");
    }
}

#[test]
fn number_literals() {
    check(&[
        ("0", "0"),
        ("-0", "0"),
        ("711", "711"),
        ("-9.2", "-9.2"),
        ("+5", "5"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("5.", "5"),
        ("0xff", "255"),
        ("0xFF", "255"),
        ("0xffffffff", "-1"),
        ("0o10", "8"),
        ("-2.99e-2", "-0.0299"),
        ("1.2E+2", "120"),
        ("1e400", "Infinity"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("-infinity", "-Infinity"),
        ("1e15", "1E+15"),
    ]);
    check_errors(&[
        ("1a", "Unexpected symbol: '1a'. Located at position 1", 0),
        ("-", "Unexpected symbol: '-'. Located at position 1", 0),
        (
            "1.2.3",
            "Unexpected symbol: '1.2.3'. Located at position 1",
            0,
        ),
        ("0x", "Unexpected symbol: '0x'. Located at position 1", 0),
        (
            "-0x1",
            "Unexpected symbol: '-0x1'. Located at position 1",
            0,
        ),
        (
            "0x1ffffffff",
            "Unexpected symbol: '0x1ffffffff'. Located at position 1",
            0,
        ),
        ("1-1", "Unexpected symbol: '1-1'. Located at position 1", 0),
        ("1 -1", "Unexpected symbol: '-1'. Located at position 3", 2),
        (
            "-NaN",
            "Unexpected symbol: '-NaN'. Located at position 1",
            0,
        ),
        (
            "nan",
            "Unrecognized named-value: 'nan'. Located at position 1",
            0,
        ),
        (
            "infinity",
            "Unrecognized named-value: 'infinity'. Located at position 1",
            0,
        ),
    ]);
}

#[test]
fn truth() {
    check(&[
        ("!null", "true"),
        ("!true", "false"),
        ("!false", "true"),
        ("!0", "true"),
        ("!-0", "true"),
        ("!NaN", "true"),
        ("!1", "false"),
        ("!-1", "false"),
        ("!Infinity", "false"),
        ("!''", "true"),
        ("!' '", "false"),
        ("!'false'", "false"),
        ("!'0'", "false"),
        ("!github", "false"),
        ("!github.event.empty", "false"),
        ("!github.event.nothing", "false"),
        ("!github.event.none", "true"),
        ("!!'x'", "true"),
        ("!!!'x'", "false"),
    ]);
}

#[test]
fn values_as_numbers_and_texts() {
    let empty = Value::array(Vec::new());
    let table: &[(Value, f64, &str, &str)] = &[
        (Value::Null, 0.0, "", "Null"),
        (true.into(), 1.0, "true", "Boolean"),
        (false.into(), 0.0, "false", "Boolean"),
        (1.5.into(), 1.5, "1.5", "Number"),
        (" 0x10 ".into(), 16.0, " 0x10 ", "String"),
    ];
    for (value, number, text, kind) in table {
        assert_eq!(value.to_number(), *number);
        assert_eq!(value.to_text(), *text);
        assert_eq!(value.kind(), *kind);
    }
    assert!(empty.to_number().is_nan());
    assert_eq!(empty.to_text(), "Array");
    assert!(Value::from(Object::new()).to_number().is_nan());
    assert_eq!(Value::from(Object::new()).to_text(), "Object");
}

#[test]
fn json_there_and_back() {
    let text = r#"{"b":1,"a":[1.5,-2,true,null,"x",{}],"B2":9007199254740991}"#;
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(Value::from_json(&json).to_json().to_string(), text);
    assert_eq!(Value::Number(f64::NAN).to_json(), serde_json::Value::Null);
    assert_eq!(Value::Number(1e300).to_json().to_string(), "1e+300");
}

#[test]
fn object_keys() {
    let mut object = Object::new();
    object.insert("Key", "one");
    object.insert("other", "two");
    object.insert("KEY", "three");
    assert_eq!(
        show(&Value::from(object.clone())),
        "{Key: 'three', other: 'two'}"
    );
    assert_eq!(object.get("kEy"), Some(&"three".into()));
    assert_eq!(object.get("k"), None);

    let mut object = Object::case_sensitive();
    object.insert("Key", "one");
    object.insert("KEY", "two");
    object.insert("Key", "three");
    assert_eq!(
        show(&Value::from(object.clone())),
        "{Key: 'three', KEY: 'two'}"
    );
    assert_eq!(object.get("key"), None);
}
