//! What cannot be parsed, and how that is worded.

use super::{check_errors, parse};

#[test]
fn unexpected_symbols() {
    check_errors(&[
        (
            "\"x\"",
            "Unexpected symbol: '\"x\"'. Located at position 1",
            0,
        ),
        ("a\"", "Unexpected symbol: 'a\"'. Located at position 1", 0),
        ("'x", "Unexpected symbol: ''x'. Located at position 1", 0),
        (
            "'x''",
            "Unexpected symbol: ''x'''. Located at position 1",
            0,
        ),
        (
            "github ref",
            "Unexpected symbol: 'ref'. Located at position 8",
            7,
        ),
        (
            "github 'x'",
            "Unexpected symbol: ''x''. Located at position 8",
            7,
        ),
        (
            "github.ref = 'x'",
            "Unexpected symbol: '='. Located at position 12",
            11,
        ),
        (
            "true & false",
            "Unexpected symbol: '&'. Located at position 6",
            5,
        ),
        (
            "true |false",
            "Unexpected symbol: '|false'. Located at position 6",
            5,
        ),
        ("1 + 2", "Unexpected symbol: '+'. Located at position 3", 2),
        ("1 * 2", "Unexpected symbol: '*'. Located at position 3", 2),
        ("1 / 2", "Unexpected symbol: '/'. Located at position 3", 2),
        (
            "github.@x",
            "Unexpected symbol: '@x'. Located at position 8",
            7,
        ),
        (
            "github.b@r",
            "Unexpected symbol: 'b@r'. Located at position 8",
            7,
        ),
        (
            "github.1",
            "Unexpected symbol: '1'. Located at position 8",
            7,
        ),
        (
            "github[1].2",
            "Unexpected symbol: '2'. Located at position 11",
            10,
        ),
        (
            "github..x",
            "Unexpected symbol: '.'. Located at position 8",
            7,
        ),
        (
            "github.'x'",
            "Unexpected symbol: ''x''. Located at position 8",
            7,
        ),
        (
            "github.(x)",
            "Unexpected symbol: '('. Located at position 8",
            7,
        ),
        (
            "'x'.length",
            "Unexpected symbol: '.'. Located at position 4",
            3,
        ),
        ("'x'[0]", "Unexpected symbol: '['. Located at position 4", 3),
        (
            "github[]",
            "Unexpected symbol: ']'. Located at position 8",
            7,
        ),
        (
            "github[0",
            "Unexpected end of expression: '0'. Located at position 8",
            7,
        ),
        ("()", "Unexpected symbol: ')'. Located at position 2", 1),
        (")", "Unexpected symbol: ')'. Located at position 1", 0),
        ("]", "Unexpected symbol: ']'. Located at position 1", 0),
        (",", "Unexpected symbol: ','. Located at position 1", 0),
        ("1, 2", "Unexpected symbol: ','. Located at position 2", 1),
        ("(1, 2)", "Unexpected symbol: ','. Located at position 3", 2),
        ("(1]", "Unexpected symbol: ']'. Located at position 3", 2),
        (
            "github[0)",
            "Unexpected symbol: ')'. Located at position 9",
            8,
        ),
        (
            "toJSON(1]",
            "Unexpected symbol: ']'. Located at position 9",
            8,
        ),
        (
            "toJSON((1)",
            "Unexpected end of expression: ')'. Located at position 10",
            9,
        ),
        (
            "join(1,)",
            "Unexpected symbol: ')'. Located at position 8",
            7,
        ),
        (
            "join(,1)",
            "Unexpected symbol: ','. Located at position 6",
            5,
        ),
        (
            "&& true",
            "Unexpected symbol: '&&'. Located at position 1",
            0,
        ),
        (
            "true && || false",
            "Unexpected symbol: '||'. Located at position 9",
            8,
        ),
        (
            "true !false",
            "Unexpected symbol: '!'. Located at position 6",
            5,
        ),
        ("==", "Unexpected symbol: '=='. Located at position 1", 0),
        ("*", "Unexpected symbol: '*'. Located at position 1", 0),
        (
            "true(1)",
            "Unexpected symbol: '('. Located at position 5",
            4,
        ),
        (
            "github.ref(1)",
            "Unexpected symbol: '('. Located at position 11",
            10,
        ),
        ("(1)(2)", "Unexpected symbol: '('. Located at position 4", 3),
        (
            "github{x}",
            "Unexpected symbol: 'github{x}'. Located at position 1",
            0,
        ),
        ("$x", "Unexpected symbol: '$x'. Located at position 1", 0),
        (
            "'🙂' 'x'",
            "Unexpected symbol: ''x''. Located at position 6",
            7,
        ),
        ("é", "Unexpected symbol: 'é'. Located at position 1", 0),
    ]);
}

#[test]
fn unexpected_ends() {
    check_errors(&[
        (
            "true &&",
            "Unexpected end of expression: '&&'. Located at position 6",
            5,
        ),
        (
            "!",
            "Unexpected end of expression: '!'. Located at position 1",
            0,
        ),
        (
            "1 ==",
            "Unexpected end of expression: '=='. Located at position 3",
            2,
        ),
        (
            "github.",
            "Unexpected end of expression: '.'. Located at position 7",
            6,
        ),
        (
            "github[",
            "Unexpected end of expression: '['. Located at position 7",
            6,
        ),
        (
            "(1",
            "Unexpected end of expression: '1'. Located at position 2",
            1,
        ),
        (
            "(",
            "Unexpected end of expression: '('. Located at position 1",
            0,
        ),
        (
            "toJSON(",
            "Unexpected end of expression: '('. Located at position 7",
            6,
        ),
        (
            "toJSON(1",
            "Unexpected end of expression: '1'. Located at position 8",
            7,
        ),
        (
            "join(1, ",
            "Unexpected end of expression: ','. Located at position 7",
            6,
        ),
        ("", "An expression was expected", 0),
        ("  ", "An expression was expected", 0),
    ]);
}

#[test]
fn unknown_names() {
    check_errors(&[
        (
            "foo",
            "Unrecognized named-value: 'foo'. Located at position 1",
            0,
        ),
        (
            "True",
            "Unrecognized named-value: 'True'. Located at position 1",
            0,
        ),
        (
            "NULL",
            "Unrecognized named-value: 'NULL'. Located at position 1",
            0,
        ),
        (
            "1 == foo.bar",
            "Unrecognized named-value: 'foo'. Located at position 6",
            5,
        ),
        (
            "foo()",
            "Unrecognized function: 'foo'. Located at position 1",
            0,
        ),
        (
            "!foo (1)",
            "Unrecognized function: 'foo'. Located at position 2",
            1,
        ),
        (
            "github-x",
            "Unrecognized named-value: 'github-x'. Located at position 1",
            0,
        ),
        (
            "contains",
            "Unrecognized named-value: 'contains'. Located at position 1",
            0,
        ),
        (
            "github()",
            "Unrecognized function: 'github'. Located at position 1",
            0,
        ),
        (
            "_x",
            "Unrecognized named-value: '_x'. Located at position 1",
            0,
        ),
    ]);
}

#[test]
fn numbers_of_parameters() {
    let few = "Too few parameters supplied: '('. Located at position";
    let many = "Too many parameters supplied: '('. Located at position";
    let even = "Even number of parameters supplied, requires an odd number of parameters: '('. Located at position";
    check_errors(&[
        ("contains('a')", &format!("{few} 9"), 8),
        ("contains('a', 'b', 'c')", &format!("{many} 9"), 8),
        ("startsWith()", &format!("{few} 11"), 10),
        ("endsWith('a')", &format!("{few} 9"), 8),
        ("format()", &format!("{few} 7"), 6),
        ("join()", &format!("{few} 5"), 4),
        ("join(1, 2, 3)", &format!("{many} 5"), 4),
        ("toJSON()", &format!("{few} 7"), 6),
        ("toJSON(1, 2)", &format!("{many} 7"), 6),
        ("fromJSON()", &format!("{few} 9"), 8),
        ("hashFiles()", &format!("{few} 10"), 9),
        ("case(true, 1)", &format!("{few} 5"), 4),
        ("case(true, 1, true, 2)", &format!("{even} 5"), 4),
        ("always(1)", &format!("{many} 7"), 6),
        ("cancelled(1)", &format!("{many} 10"), 9),
        ("1 == toJSON (1, 2)", &format!("{many} 13"), 12),
    ]);
    let many_arguments = format!("format('x'{})", ", 1".repeat(254));
    assert!(parse(&many_arguments).is_ok());
    let too_many = format!("format('x'{})", ", 1".repeat(255));
    assert!(
        parse(&too_many)
            .unwrap_err()
            .message
            .starts_with("Too many")
    );
}
