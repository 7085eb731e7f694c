//! The values of a workflow's inputs: given, by default, or refused.
//!
//! For `workflow_call` the rules and words are those of actions/runner
//! (`WorkflowTemplateConverter.ConvertToWorkflowJobInputs`), for
//! `workflow_dispatch` those of the REST API that starts a workflow. Names have no
//! case in either.

use crate::expr::{Contexts, Object, Template, Value};
use crate::record::Cause;
use crate::workflow::{Input, Node, NodeKind, Problem, Span, Text, number_text};

use super::check::{Place, allowed};

/// A value somebody gives for an input.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// Name of the input.
    pub(crate) name: String,
    /// The value; `None` while it cannot be known yet, so that only its name is
    /// looked at.
    pub(crate) value: Option<Value>,
    /// Where it stands; [`Span::default`] outside the file.
    pub(crate) span: Span,
}

/// Who gives the values.
#[derive(Clone, Copy)]
pub(crate) enum InputsOf<'a> {
    /// A person: `workflow_dispatch`, or `workflow_call` without a caller. Values
    /// may be texts whatever the type.
    Person {
        /// What defaults may name; without it they hold no expressions.
        scope: Option<&'a Contexts>,
    },
    /// A job that calls the workflow: `workflow_call`.
    Call {
        /// The place of the job's `uses`.
        uses: Span,
        /// What defaults may name: `github`, `inputs`, `vars`.
        scope: &'a Contexts,
    },
}

/// The types of inputs (GitHub docs, "Workflow syntax").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Number,
    String,
    Choice,
}

/// The `inputs` context: every declared input with a value of its type, in the
/// order of the file. A value that is not known yet is left out.
///
/// # Errors
/// All of it: unknown names, values that are not of the type or not among the
/// options, required inputs without a value. What is wrong with a call is
/// [`Cause::WorkflowInvalid`] with a place in the calling file; what is wrong with
/// values from the command line is [`Cause::Usage`].
pub(crate) fn typed_inputs(
    declared: &[Input],
    given: &[Given],
    how: InputsOf<'_>,
) -> Result<Object, Vec<(Cause, Problem)>> {
    let mut typing = Typing {
        how,
        problems: Vec::new(),
    };
    let mut inputs = Object::new();
    for input in declared {
        let value = match given.iter().rev().find(|given| named(input, &given.name)) {
            Some(Given { value: None, .. }) => None,
            Some(Given {
                value: Some(value),
                span,
                ..
            }) => typing.given(input, value, *span),
            None => typing.not_given(input),
        };
        if let Some(value) = value {
            inputs.insert(input.name.value.clone(), value);
        }
    }
    for given in given {
        if !declared.iter().any(|input| named(input, &given.name)) {
            typing.unknown(declared, given);
        }
    }
    if typing.problems.is_empty() {
        Ok(inputs)
    } else {
        Err(typing.problems)
    }
}

/// `github.event.inputs`: the same values, as texts.
pub(crate) fn event_inputs(inputs: &Object) -> serde_json::Map<String, serde_json::Value> {
    inputs
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_text().into()))
        .collect()
}

fn named(input: &Input, name: &str) -> bool {
    input.name.value.to_uppercase() == name.to_uppercase()
}

struct Typing<'a> {
    how: InputsOf<'a>,
    problems: Vec<(Cause, Problem)>,
}

impl Typing<'_> {
    fn wrong(&mut self, problem: Problem) {
        let cause = match self.how {
            InputsOf::Person { .. } => Cause::Usage,
            InputsOf::Call { .. } => Cause::WorkflowInvalid,
        };
        self.problems.push((cause, problem));
    }

    /// A value that was given.
    fn given(&mut self, input: &Input, value: &Value, span: Span) -> Option<Value> {
        let name = &input.name.value;
        let kind = kind(input);
        let typed = match self.how {
            InputsOf::Person { .. } => from_outside(kind, value),
            InputsOf::Call { .. } => from_caller(kind, value),
        };
        let Some(typed) = typed else {
            let problem = match self.how {
                InputsOf::Person { .. } => Problem::new(
                    input.name.span,
                    format!(
                        "the input `{name}` is {}, and `{}` is given",
                        kind.described(),
                        value.to_text()
                    ),
                )
                .with_hint(kind.way_out(name)),
                InputsOf::Call { .. } => {
                    Problem::new(span, format!("Unexpected value '{}'", value.to_text()))
                        .with_hint(format!("the input `{name}` is {}", kind.described()))
                }
            };
            self.wrong(problem);
            return None;
        };
        if kind == Kind::Choice {
            let text = typed.to_text();
            let options: Vec<&str> = input.options.iter().map(Text::as_str).collect();
            if !options.contains(&text.as_str()) {
                self.wrong(
                    Problem::new(
                        input.name.span,
                        format!("the input `{name}` has no option `{text}`"),
                    )
                    .with_hint(
                        match crate::workflow::nearest(&text, &options) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("its options are: {}", options.join(", ")),
                        },
                    ),
                );
                return None;
            }
        }
        Some(typed)
    }

    /// The value of an input that nobody gives. A default does not help an input
    /// that a caller must give; a person need not repeat it.
    fn not_given(&mut self, input: &Input) -> Option<Value> {
        let name = &input.name.value;
        match self.how {
            InputsOf::Call { uses, .. } if input.required => {
                let message = format!("Input {name} is required, but not provided while calling.");
                self.wrong(Problem::new(uses, message));
                return None;
            }
            InputsOf::Person { .. } if input.required && input.default.is_none() => {
                self.wrong(
                    Problem::new(
                        input.name.span,
                        format!("the input `{name}` is required, and it is not given"),
                    )
                    .with_hint(format!("give it with `--input {name}=VALUE`")),
                );
                return None;
            }
            _ => {}
        }
        match &input.default {
            Some(default) => self.default(input, default),
            // GitHub docs, `on.workflow_call.inputs.<input_id>.default`. A form that
            // a person leaves empty sends an empty text in place of a number.
            None => Some(match (kind(input), self.how) {
                (Kind::Boolean, _) => Value::Bool(false),
                (Kind::Number, InputsOf::Call { .. }) => Value::Number(0.0),
                _ => Value::from(""),
            }),
        }
    }

    /// The value of a default.
    fn default(&mut self, input: &Input, default: &Node) -> Option<Value> {
        let kind = kind(input);
        let scope = match self.how {
            InputsOf::Person { scope } => scope,
            InputsOf::Call { scope, .. } => Some(scope),
        };
        let read = match (&default.kind, scope) {
            (NodeKind::String(text), Some(scope)) => {
                Template::parse(text, &allowed(Place::CallInputDefault))
                    .and_then(|template| template.evaluate(scope))
                    .map_err(|error| error.message)
            }
            _ => Ok(literal(default)),
        };
        let typed = read.and_then(|value| {
            let typed = match self.how {
                InputsOf::Person { .. } => from_outside(kind, &value),
                InputsOf::Call { .. } => from_caller(kind, &value),
            };
            typed.ok_or_else(|| format!("Unexpected value '{}'", value.to_text()))
        });
        match typed {
            Ok(value) => Some(value),
            Err(message) => {
                self.problems.push((
                    Cause::WorkflowInvalid,
                    Problem::new(default.span, message).with_hint(format!(
                        "the input `{}` is {}",
                        input.name.value,
                        kind.described()
                    )),
                ));
                None
            }
        }
    }

    /// A name that is not declared.
    fn unknown(&mut self, declared: &[Input], given: &Given) {
        let names: Vec<&str> = declared.iter().map(|input| input.name.as_str()).collect();
        let message = match self.how {
            InputsOf::Person { .. } => format!("the workflow has no input `{}`", given.name),
            InputsOf::Call { .. } => format!(
                "Invalid input, {} is not defined in the referenced workflow.",
                given.name
            ),
        };
        let hint = match crate::workflow::nearest(&given.name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "it declares none".to_owned(),
            None => format!("its inputs are: {}", names.join(", ")),
        };
        self.wrong(Problem::new(given.span, message).with_hint(hint));
    }
}

fn kind(input: &Input) -> Kind {
    match input.kind.as_ref().map(Text::as_str) {
        Some("boolean") => Kind::Boolean,
        Some("number") => Kind::Number,
        Some("choice") => Kind::Choice,
        // An environment is a name; environments have no effect here.
        _ => Kind::String,
    }
}

impl Kind {
    fn described(self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a text",
            Self::Choice => "a choice",
        }
    }

    fn way_out(self, name: &str) -> String {
        match self {
            Self::Boolean => format!("`--input {name}=true` or `--input {name}=false`"),
            Self::Number => format!("a number, such as `--input {name}=3`"),
            Self::String | Self::Choice => format!("`--input {name}=VALUE`"),
        }
    }
}

/// A literal of the file as a value.
fn literal(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Number(value, _) => Value::Number(*value),
        NodeKind::String(text) => Value::from(text.as_str()),
        NodeKind::Null | NodeKind::Seq(_) | NodeKind::Map(_) => Value::Null,
    }
}

/// A value of the type, from a form or a command line.
fn from_outside(kind: Kind, value: &Value) -> Option<Value> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number_text(*number),
        Value::Bool(value) => value.to_string(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    match kind {
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Kind::Boolean if text.eq_ignore_ascii_case("false") || text.is_empty() => {
            Some(Value::Bool(false))
        }
        Kind::Boolean => None,
        Kind::Number if text.is_empty() => Some(Value::from("")),
        Kind::Number => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Value::Number),
        Kind::String | Kind::Choice => Some(match value {
            Value::String(text) => Value::from(text.as_str()),
            _ => Value::from(text),
        }),
    }
}

/// A value of the type, from a calling job: nothing becomes a boolean or a number,
/// any scalar becomes a text (`TemplateEvaluator.Validate` of actions/runner).
fn from_caller(kind: Kind, value: &Value) -> Option<Value> {
    match (kind, value) {
        (Kind::Boolean, Value::Bool(_)) | (Kind::Number, Value::Number(_)) => Some(value.clone()),
        (Kind::String | Kind::Choice, value) if value.is_primitive() => {
            Some(Value::from(value.to_text()))
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "inputs_tests.rs"]
mod tests;
