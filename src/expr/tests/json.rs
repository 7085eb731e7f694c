//! toJSON and fromJSON.

use serde_json::json;

use super::super::Value;
use super::super::read_json::from_json_text;
use super::to_json_text;
use super::{check, check_errors, run_in, scope, show};

#[test]
fn writing() {
    check(&[
        ("toJSON(null)", "'null'"),
        ("toJSON(true)", "'true'"),
        ("toJSON(0)", "'0'"),
        ("toJSON(-0)", "'0'"),
        ("toJSON(1234.5)", "'1234.5'"),
        ("toJSON(1e20)", "'1E+20'"),
        ("toJSON(0.00001)", "'1E-05'"),
        ("toJSON(NaN)", "'NaN'"),
        ("toJSON(-Infinity)", "'-Infinity'"),
        ("toJSON('')", "'\"\"'"),
        ("toJSON('abc')", "'\"abc\"'"),
        ("toJSON('a\"b\\c/d')", "'\"a\\\"b\\\\c/d\"'"),
        ("toJSON('It''s <b>&')", "'\"It's <b>&\"'"),
        ("toJSON('\u{1}\u{1f}\u{7f}')", "'\"\\u0001\\u001f\u{7f}\"'"),
        ("toJSON('\n\r\t\u{8}\u{c}')", "'\"\\n\\r\\t\\b\\f\"'"),
        (
            "toJSON('\u{85}\u{2028}\u{2029}')",
            "'\"\\u0085\\u2028\\u2029\"'",
        ),
        ("toJSON('äß🙂漢')", "'\"äß🙂漢\"'"),
        ("toJSON(github.event.empty)", "'[]'"),
        ("toJSON(github.event.nothing)", "'{}'"),
        ("toJSON(fromJSON('[1,2]'))", "'[\n  1,\n  2\n]'"),
        (
            "toJSON(fromJSON('{\"a\":1,\"b\":[]}'))",
            "'{\n  \"a\": 1,\n  \"b\": []\n}'",
        ),
        ("toJSON(github.event.matrix.*[0])", "'[\n  1,\n  4\n]'"),
        ("toJSON(fromJSON('[[[]]]'))", "'[\n  [\n    []\n  ]\n]'"),
        (
            "toJSON(fromJSON('[\"[\",\"{\"]'))",
            "'[\n  \"[\",\n  \"{\"\n]'",
        ),
        (
            "toJSON(fromJSON('{\"[\":{\"{\":1},\"x\":2}'))",
            "'{\n  \"[\": {\n    \"{\": 1\n  },\n  \"x\": 2\n}'",
        ),
    ]);
    let value = Value::from_json(&json!({
        "nested": {"one": 1, "two": [true, null, [], {}, [1, [2]]]},
        "a \"key\"": "line\nline"
    }));
    let expected = r#"{
  "nested": {
    "one": 1,
    "two": [
      true,
      null,
      [],
      {},
      [
        1,
        [
          2
        ]
      ]
    ]
  },
  "a \"key\"": "line\nline"
}"#;
    assert_eq!(to_json_text(&value), expected);
    let scope = scope().with("inputs", value);
    assert_eq!(run_in("toJSON(inputs)", &scope).unwrap(), expected.into());
}

#[test]
fn deep_values_are_written() {
    let mut value = Value::Null;
    for _ in 0..500 {
        value = Value::array(vec![value]);
    }
    assert!(to_json_text(&value).len() > 500);
}

#[test]
fn reading() {
    check(&[
        ("fromJSON('null')", "null"),
        ("fromJSON('true')", "true"),
        ("fromJSON(true)", "true"),
        ("fromJSON(12)", "12"),
        ("fromJSON(' -1234.5 ')", "-1234.5"),
        ("fromJSON('1e3')", "1000"),
        (
            "fromJSON('123456789012345678901234567890')",
            "1.23456789012346E+29",
        ),
        ("fromJSON('\"\"')", "''"),
        ("fromJSON('\"abc\"')", "'abc'"),
        ("fromJSON('\"a''b\"')", "'a'b'"),
        (
            "fromJSON('\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"')",
            "'\"\\/\u{8}\u{c}\n\r\t'",
        ),
        ("fromJSON('\"\\u00e4\\ud83d\\ude42\"')", "'ä🙂'"),
        ("fromJSON('\"\\ud83d-\\ude42\"')", "'\u{fffd}-\u{fffd}'"),
        ("fromJSON('\"\\ud83d\\u0041\"')", "'\u{fffd}A'"),
        ("fromJSON('[]')", "[]"),
        ("fromJSON('[1, [2, {}], null]')", "[1, [2, {}], null]"),
        ("fromJSON('{}')", "{}"),
        (
            "fromJSON('{\"b\": 1, \"a\": {\"c\": [true]}}')",
            "{b: 1, a: {c: [true]}}",
        ),
        ("fromJSON('{\"b\": 1}').B", "1"),
        ("fromJSON('{\"b\": 1, \"a\": 2, \"B\": 3}')", "{b: 3, a: 2}"),
        (
            "fromJSON(toJSON(github.event.matrix))",
            "[[1, 2, 3], [4, 5], []]",
        ),
        ("fromJSON(toJSON(1e20))", "1E+20"),
        ("fromJSON(toJSON(-Infinity))", "-Infinity"),
    ]);
}

#[test]
fn reading_what_is_not_quite_json() {
    for (text, expected) in [
        ("[1, 2,]", "[1, 2]"),
        ("{\"a\": 1,}", "{a: 1}"),
        ("[1,,2]", "[1, '', 2]"),
        ("['a', \"b'c\"]", "['a', 'b'c']"),
        ("{a: 1, $b_2: 'x'}", "{a: 1, $b_2: 'x'}"),
        ("/* c */ [1, // d\n 2 /* e */]", "[1, 2]"),
        ("[0x1F, 010, 0, 0.5, .5, -3]", "[31, 8, 0, 0.5, 0.5, -3]"),
        (
            "[NaN, Infinity, -Infinity, undefined]",
            "[NaN, Infinity, -Infinity, '']",
        ),
        ("\"a\" and more", "'a'"),
        ("1 2", "1"),
        ("[1] ]", "[1]"),
        ("\"line\nbreak\"", "'line\nbreak'"),
    ] {
        let value = from_json_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(show(&value), expected, "{text}");
    }
}

#[test]
fn reading_fails() {
    for (text, expected) in [
        (
            "",
            "Error reading JToken from JsonReader. Path '', line 0, position 0.",
        ),
        (
            " \n",
            "Error reading JToken from JsonReader. Path '', line 0, position 0.",
        ),
        (
            "abc",
            "Unexpected character encountered while parsing value: a. Path '', line 0, position 0.",
        ),
        (
            " x",
            "Unexpected character encountered while parsing value: x. Path '', line 1, position 1.",
        ),
        (
            "truex",
            "Unexpected character encountered while parsing value: t. Path '', line 0, position 0.",
        ),
        (
            "[1",
            "Unexpected end of content while loading JArray. Path '[0]', line 1, position 2.",
        ),
        (
            "[",
            "Unexpected end of content while loading JArray. Path '[0]', line 1, position 1.",
        ),
        (
            "{\"a\": ",
            "Unexpected end when reading JSON. Path 'a', line 1, position 6.",
        ),
        (
            "{",
            "Unexpected end of content while loading JObject. Path '', line 1, position 1.",
        ),
        (
            "{\"a\": {\"b\": [1 2]}}",
            "After parsing a value an unexpected character was encountered: 2. Path 'a.b[0]', line 1, position 15.",
        ),
        (
            "{\n\"a\" 1}",
            "Invalid character after parsing property name. Expected ':' but got: 1. Path '', line 2, position 4.",
        ),
        (
            "{-}",
            "Invalid property identifier character: -. Path '', line 1, position 1.",
        ),
        (
            "[1}",
            "JsonToken EndObject is not valid for closing JsonType Array. Path '[0]', line 1, position 2.",
        ),
        (
            "\"abc",
            "Unterminated string. Expected delimiter: \". Path '', line 1, position 4.",
        ),
        (
            "\"\\x\"",
            "Bad JSON escape sequence: \\x. Path '', line 1, position 3.",
        ),
        (
            "\"\\u12",
            "Unexpected end while parsing unicode character. Path '', line 1, position 3.",
        ),
        (
            "\"\\uzzzz\"",
            "Invalid hex character in '\\uzzzz'. Path '', line 1, position 3.",
        ),
        (
            "1.2.3",
            "Input string '1.2.3' is not a valid number. Path '', line 1, position 5.",
        ),
        (
            "-",
            "Input string '-' is not a valid number. Path '', line 1, position 1.",
        ),
        (
            "09",
            "Input string '09' is not a valid number. Path '', line 1, position 2.",
        ),
        (
            "12z",
            "Unexpected character encountered while parsing number: z. Path '', line 1, position 2.",
        ),
        (
            "/* x",
            "Unexpected end while parsing comment. Path '', line 1, position 2.",
        ),
    ] {
        assert_eq!(from_json_text(text).unwrap_err(), expected, "{text}");
    }
    check_errors(&[(
        "1 == fromJSON('abc')",
        "Error parsing fromJson: Unexpected character encountered while parsing value: a. Path '', line 0, position 0.",
        5,
    )]);
}

#[test]
fn nesting_is_limited() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(from_json_text(&nested(64)).is_ok());
    let error = from_json_text(&nested(65)).unwrap_err();
    assert!(error.starts_with("The reader's MaxDepth of 64 has been exceeded."));
    assert!(from_json_text(&"[".repeat(1_000_000)).is_err());
    assert!(from_json_text(&"{a:".repeat(1_000_000)).is_err());
}
