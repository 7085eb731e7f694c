//! The functions, as `Sdk/Functions` of actions/runner and its worker define them.

use super::allowed::Function;
use super::ast::Node;
use super::compare;
use super::error::ExprError;
use super::eval::Evaluation;
use super::fold;
use super::format::{Segment, segments};
use super::format_json;
use super::read_json;
use super::scope::StatusCheck;
use super::value::Value;

/// The parameter `case` results in; nothing for any other function.
///
/// Predicates are evaluated in turn, must be booleans, and only the chosen value is
/// evaluated.
pub(super) fn choose<'n>(
    evaluation: &mut Evaluation<'_>,
    function: Function,
    parameters: &'n [Node],
    node: &Node,
) -> Result<Option<&'n Node>, ExprError> {
    if function != Function::Case {
        return Ok(None);
    }
    let mut rest = parameters;
    while let [predicate, value, more @ ..] = rest {
        match evaluation.value(predicate)? {
            Value::Bool(true) => return Ok(Some(value)),
            Value::Bool(false) => rest = more,
            _ => {
                return Err(ExprError::new(
                    "case predicate must evaluate to a boolean value",
                    predicate.span.start,
                ));
            }
        }
    }
    match rest {
        [default] => Ok(Some(default)),
        _ => Err(ExprError::new(
            "case requires an odd number of arguments",
            node.span.start,
        )),
    }
}

/// The result of any other function.
pub(super) fn call(
    evaluation: &mut Evaluation<'_>,
    function: Function,
    parameters: &[Node],
    node: &Node,
) -> Result<Value, ExprError> {
    match function {
        Function::Contains => contains(evaluation, parameters),
        Function::StartsWith => edge(evaluation, parameters, fold::starts_with),
        Function::EndsWith => edge(evaluation, parameters, fold::ends_with),
        Function::Format => format(evaluation, parameters, node),
        Function::Join => join(evaluation, parameters, node),
        Function::ToJson => {
            let value = first(evaluation, parameters)?;
            let mut text = String::new();
            format_json::write(&value, &mut text, &mut |bytes| {
                evaluation.charge(bytes, node)
            })?;
            Ok(text.into())
        }
        Function::FromJson => {
            let text = first(evaluation, parameters)?.to_text();
            read_json::from_json_text(&text).map_err(|message| {
                ExprError::new(
                    format!("Error parsing fromJson: {message}"),
                    node.span.start,
                )
            })
        }
        Function::HashFiles => hash_files(evaluation, parameters, node),
        Function::Success => status(evaluation, StatusCheck::Success, parameters),
        Function::Failure => status(evaluation, StatusCheck::Failure, parameters),
        Function::Cancelled => status(evaluation, StatusCheck::Cancelled, parameters),
        Function::Always => status(evaluation, StatusCheck::Always, parameters),
        // Dealt with by `choose`.
        Function::Case => Ok(Value::Null),
    }
}

/// The value of the first parameter.
fn first(evaluation: &mut Evaluation<'_>, parameters: &[Node]) -> Result<Value, ExprError> {
    nth(evaluation, parameters, 0)
}

/// The value of a parameter; null where it was not given.
fn nth(evaluation: &mut Evaluation<'_>, parameters: &[Node], n: usize) -> Result<Value, ExprError> {
    match parameters.get(n) {
        Some(parameter) => evaluation.value(parameter),
        None => Ok(Value::Null),
    }
}

/// `contains`: a text within a text, or a value among those of an array.
fn contains(evaluation: &mut Evaluation<'_>, parameters: &[Node]) -> Result<Value, ExprError> {
    let left = first(evaluation, parameters)?;
    let found = match &left {
        Value::Object(_) => false,
        Value::Array(items) if items.is_empty() => false,
        Value::Array(items) => {
            let right = nth(evaluation, parameters, 1)?;
            items.iter().any(|item| compare::equal(&right, item))
        }
        _ => {
            let right = nth(evaluation, parameters, 1)?;
            right.is_primitive() && fold::contains(&left.to_text(), &right.to_text())
        }
    };
    Ok(found.into())
}

/// `startsWith` and `endsWith`; false where either is an array or object.
fn edge(
    evaluation: &mut Evaluation<'_>,
    parameters: &[Node],
    test: fn(&str, &str) -> bool,
) -> Result<Value, ExprError> {
    let left = first(evaluation, parameters)?;
    if !left.is_primitive() {
        return Ok(false.into());
    }
    let right = nth(evaluation, parameters, 1)?;
    Ok((right.is_primitive() && test(&left.to_text(), &right.to_text())).into())
}

/// `format`: parameters are evaluated when first needed, and once.
fn format(
    evaluation: &mut Evaluation<'_>,
    parameters: &[Node],
    node: &Node,
) -> Result<Value, ExprError> {
    let text = first(evaluation, parameters)?.to_text();
    let arguments = parameters.get(1..).unwrap_or_default();
    let segments = segments(&text, arguments.len())
        .map_err(|message| ExprError::new(message, node.span.start))?;
    let mut cache: Vec<Option<(String, &'static str)>> = vec![None; arguments.len()];
    let mut result = String::new();
    for segment in segments {
        let (at, specifiers) = match segment {
            Segment::Text(text) => {
                evaluation.charge(text.len(), node)?;
                result.push_str(text);
                continue;
            }
            Segment::Argument(at, specifiers) => (at, specifiers),
        };
        let Some(slot) = cache.get_mut(at) else {
            continue;
        };
        let (argument, kind) = match slot {
            Some(argument) => argument,
            None => {
                let value = nth(evaluation, arguments, at)?;
                slot.insert((value.to_text(), value.kind()))
            }
        };
        if !specifiers.is_empty() {
            return Err(ExprError::new(
                format!(
                    "The format specifiers '{specifiers}' are not valid for objects of type '{kind}'"
                ),
                node.span.start,
            ));
        }
        evaluation.charge(argument.len(), node)?;
        result.push_str(argument);
    }
    Ok(result.into())
}

/// `join`: the texts of an array's elements, a comma between them unless a primitive
/// separator is given. Of a primitive it is its text, of an object nothing.
fn join(
    evaluation: &mut Evaluation<'_>,
    parameters: &[Node],
    node: &Node,
) -> Result<Value, ExprError> {
    let items = match first(evaluation, parameters)? {
        Value::Array(items) => items,
        Value::Object(_) => return Ok("".into()),
        primitive => return Ok(primitive.to_text().into()),
    };
    let mut separator = ",".to_owned();
    if items.len() > 1 && parameters.len() > 1 {
        let given = nth(evaluation, parameters, 1)?;
        if given.is_primitive() {
            separator = given.to_text();
        }
    }
    let mut result = String::new();
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            evaluation.charge(separator.len(), node)?;
            result.push_str(&separator);
        }
        let item = item.to_text();
        evaluation.charge(item.len(), node)?;
        result.push_str(&item);
    }
    Ok(result.into())
}

/// `hashFiles`: left to the scope, after the check of its option.
fn hash_files(
    evaluation: &mut Evaluation<'_>,
    parameters: &[Node],
    node: &Node,
) -> Result<Value, ExprError> {
    let patterns = texts(evaluation, parameters)?;
    if let Some(option) = patterns.first()
        && option.starts_with("--")
        && !fold::equal(option, "--follow-symbolic-links")
    {
        return Err(ExprError::new(
            // The runner's own spelling.
            format!("Invalid glob option {option}, avaliable option: '--follow-symbolic-links'."),
            node.span.start,
        ));
    }
    evaluation
        .scope
        .hash_files(&patterns)
        .map(Value::String)
        .map_err(|message| ExprError::new(message, node.span.start))
}

/// A status function, for all jobs or for the named ones.
fn status(
    evaluation: &mut Evaluation<'_>,
    check: StatusCheck,
    parameters: &[Node],
) -> Result<Value, ExprError> {
    let jobs = texts(evaluation, parameters)?;
    Ok(if jobs.is_empty() {
        evaluation.scope.status(check)
    } else {
        evaluation.scope.status_of(check, &jobs)
    }
    .into())
}

/// The texts of all parameters.
fn texts(evaluation: &mut Evaluation<'_>, parameters: &[Node]) -> Result<Vec<String>, ExprError> {
    parameters
        .iter()
        .map(|parameter| Ok(evaluation.value(parameter)?.to_text()))
        .collect()
}
