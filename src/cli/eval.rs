//! `seatrial eval`: one expression, for people who debug an `if:`.

use std::io::BufRead;

use serde_json::{Value as Json, json};

use super::App;
use super::args::{EvalArgs, Format};
use super::error::CliError;
use crate::expr::{Allowed, Contexts, Template, Value, parse_with};
use crate::record::{Cause, EXIT_SUCCESS};
use crate::report::{json_line, json_text};

/// Evaluates. Gives the exit code: with `--stdin` an expression that is wrong is an
/// answer, not a failure.
pub(super) fn eval(app: &App, args: &EvalArgs) -> u8 {
    let done = if args.stdin {
        each_line(app)
    } else {
        one(app, args)
    };
    match done {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn one(app: &App, args: &EvalArgs) -> Result<(), CliError> {
    let contexts = match &args.context {
        None => json!({}),
        Some(path) => {
            let wrong = |error: &dyn std::fmt::Display| {
                CliError::new(
                    Cause::Usage,
                    format!("--context {}: {error}", path.display()),
                )
            };
            let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
            serde_json::from_str(&text).map_err(|error| wrong(&error))?
        }
    };
    let expression = args.expression.as_deref().unwrap_or_default();
    let answer = evaluate(expression, &contexts);
    match (args.format, answer) {
        (Format::Json, answer) => {
            app.out.data(&json_line(&as_line(answer)));
            Ok(())
        }
        (Format::Text, Ok(value)) => {
            let text = if value.is_primitive() {
                value.to_text()
            } else {
                json_text(&value.to_json()).trim_end().to_owned()
            };
            app.out.data(&format!("{text}\n"));
            Ok(())
        }
        (Format::Text, Err(message)) => Err(CliError::new(Cause::Usage, message)),
    }
}

fn each_line(app: &App) -> Result<(), CliError> {
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| {
            CliError::new(
                Cause::Usage,
                format!("standard input cannot be read: {error}"),
            )
        })?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match serde_json::from_str::<Json>(&line) {
            Ok(asked) => match asked.get("expr").and_then(Json::as_str) {
                Some(expression) => {
                    evaluate(expression, asked.get("contexts").unwrap_or(&Json::Null))
                }
                None => Err("the line has no text `expr`".to_owned()),
            },
            Err(error) => Err(format!("the line is not JSON: {error}")),
        };
        app.out.data(&json_line(&as_line(answer)));
    }
    Ok(())
}

/// Evaluates an expression. Every top-level name of `contexts` may be used in it,
/// and no other.
fn evaluate(expression: &str, contexts: &Json) -> Result<Value, String> {
    let empty = serde_json::Map::new();
    let contexts = match contexts {
        Json::Object(contexts) => contexts,
        Json::Null => &empty,
        _ => return Err("the contexts are not an object".to_owned()),
    };
    let names: Vec<&str> = contexts.keys().map(String::as_str).collect();
    let allowed = Allowed {
        names: &names,
        functions: Allowed::ALL.functions,
    };
    let mut scope = Contexts::new();
    for (name, value) in contexts {
        scope.set(name, Value::from_json(value));
    }
    let wrapped = expression.trim_start().starts_with("${{");
    let value = if wrapped {
        Template::parse(expression, &allowed).and_then(|template| template.evaluate(&scope))
    } else {
        parse_with(expression, &allowed).and_then(|parsed| crate::expr::eval(&parsed, &scope))
    };
    value.map_err(|error| error.message)
}

/// An answer as one line. JSON has no name for numbers that are none: they are told
/// as text.
fn as_line(answer: Result<Value, String>) -> Json {
    match answer {
        Ok(Value::Number(number)) if !number.is_finite() => {
            json!({"kind": "Number", "value": Value::Number(number).to_text()})
        }
        Ok(value) => json!({"kind": value.kind(), "value": value.to_json()}),
        Err(message) => json!({ "error": message }),
    }
}

#[cfg(test)]
mod tests {
    use super::{as_line, evaluate};
    use serde_json::json;

    #[test]
    fn answers_have_kind_and_value() {
        let contexts = json!({"needs": {"build": {"result": "success"}}, "n": 3});
        for (expression, answer) in [
            (
                "needs.build.result",
                json!({"kind": "String", "value": "success"}),
            ),
            (
                "n > 2 && needs.build.result == 'SUCCESS'",
                json!({"kind": "Boolean", "value": true}),
            ),
            ("n", json!({"kind": "Number", "value": 3})),
            ("needs.none", json!({"kind": "Null", "value": null})),
            ("'x' > 1", json!({"kind": "Boolean", "value": false})),
            ("-Infinity", json!({"kind": "Number", "value": "-Infinity"})),
            ("${{ n }}", json!({"kind": "Number", "value": 3})),
            ("fromJSON('[1]')", json!({"kind": "Array", "value": [1]})),
            (
                "github.sha",
                json!({"error": "Unrecognized named-value: 'github'. Located at position 1 within expression: github.sha"}),
            ),
        ] {
            assert_eq!(
                as_line(evaluate(expression, &contexts)),
                answer,
                "{expression}"
            );
        }
    }
}
