//! Tests of the whole room: tables of expressions and what GitHub makes of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod comparisons;
mod conditions;
mod functions;
mod grammar;
mod indexes;
mod json;
mod numbers;
mod properties;
mod syntax_errors;
mod templates;

use serde_json::json;

use super::ast::Expr;
use super::eval::eval;
use super::format_json;
use super::parser::parse_with;
use super::scope::Scope;
use super::{Allowed, Contexts, ExprError, Object, StatusCheck, Value};

/// Contexts for all tests.
pub(super) fn scope() -> Contexts {
    let mut env = Object::case_sensitive();
    env.insert("Path", "/bin");
    env.insert("PATH", "/usr/bin");
    env.insert("EMPTY", "");
    let github = json!({
        "ref": "refs/heads/main",
        "event_name": "push",
        "event": {
            "number": 12,
            "none": null,
            "labels": [
                {"name": "bug", "id": 1, "by": {"login": "ann"}},
                {"name": "help wanted", "id": 2, "by": {"login": "bob"}},
                {"id": 3},
                "a text",
                null
            ],
            "matrix": [[1, 2, 3], [4, 5], []],
            "empty": [],
            "nothing": {}
        }
    });
    let needs = json!({
        "build": {"result": "success", "outputs": {"tag": "v1", "n": "7"}},
        "lint": {"result": "failure", "outputs": {}},
        "docs": {"result": "skipped"}
    });
    Contexts::new()
        .with("github", Value::from_json(&github))
        .with("needs", Value::from_json(&needs))
        .with(
            "matrix",
            Value::from_json(&json!({"os": "linux", "node": 18.5, "flag": true, "0": "zero"})),
        )
        .with("inputs", "the inputs")
        .with("env", env)
        .with_hash(|patterns| match patterns {
            [one] if one == "missing" => Err("no such place".to_owned()),
            _ => Ok(patterns.join("|")),
        })
}

/// Parses an expression in which every context and function may be used.
pub(super) fn parse(text: &str) -> Result<Expr, ExprError> {
    parse_with(text, &Allowed::ALL)
}

/// Evaluates an expression against the common contexts.
pub(super) fn run(text: &str) -> Result<Value, ExprError> {
    run_in(text, &scope())
}

/// Evaluates an expression against a scope.
pub(super) fn run_in(text: &str, scope: &dyn Scope) -> Result<Value, ExprError> {
    eval(&parse(text)?, scope)
}

/// A value written for a table: text in single quotes, the rest bare.
pub(super) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{text}'"),
        Value::Null => "null".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(show).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) => {
            let pairs: Vec<_> = object
                .iter()
                .map(|(key, value)| format!("{key}: {}", show(value)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
        primitive => primitive.to_text(),
    }
}

/// Checks a table of expressions and their values.
pub(super) fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        match run(text) {
            Ok(value) => assert_eq!(show(&value), *expected, "value of {text}"),
            Err(error) => panic!("{text}: {error}"),
        }
    }
}

/// Checks a table of expressions that cannot be parsed or evaluated: the message up to
/// `within expression`, and the offset.
pub(super) fn check_errors(table: &[(&str, &str, usize)]) {
    for (text, expected, offset) in table {
        match run(text) {
            Ok(value) => panic!("{text} is {}", show(&value)),
            Err(error) => {
                let message = error
                    .message
                    .strip_suffix(&format!(" within expression: {text}"))
                    .unwrap_or(&error.message);
                assert_eq!(message, *expected, "message of {text}");
                assert_eq!(error.offset, *offset, "offset of {text}");
            }
        }
    }
}

/// A scope in which only one status function holds.
pub(super) fn status(held: StatusCheck) -> Contexts {
    scope().with_status(move |check| check == held || check == StatusCheck::Always)
}

/// The JSON text of a value, as `toJSON` gives it.
pub(super) fn to_json_text(value: &Value) -> String {
    let mut text = String::new();
    format_json::write(value, &mut text, &mut |_| Ok::<(), ()>(())).unwrap();
    text
}
