//! The comparisons of expressions: loose, as JavaScript's are.
//!
//! `EvaluationResult.AbstractEqual`, `AbstractGreaterThan` and `AbstractLessThan` of
//! actions/runner: ECMAScript's abstract comparison, except that text has no case and
//! that arrays and objects are not turned into primitives.

use std::cmp::Ordering;
use std::sync::Arc;

use super::fold;
use super::value::Value;

/// The `==` of expressions.
///
/// Values of one kind are compared as that kind (text without case, arrays and objects
/// by identity); a boolean, null or text beside another kind is turned into a number.
/// NaN equals nothing.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(l), Value::Bool(r)) => l == r,
        (Value::String(l), Value::String(r)) => fold::equal(l, r),
        (Value::Array(l), Value::Array(r)) => Arc::ptr_eq(l, r),
        (Value::Object(l), Value::Object(r)) => Arc::ptr_eq(l, r),
        // What is left is compared as numbers; an array or object among them is NaN.
        _ => left.to_number() == right.to_number(),
    }
}

/// How two values are ordered, for `<` and `>`; nothing where neither is the greater
/// and they are not equal either (NaN, arrays and objects).
///
/// Two nulls, arrays or objects are not ordered: only their equality counts for `<=`
/// and `>=`.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null)
        | (Value::Array(_), Value::Array(_))
        | (Value::Object(_), Value::Object(_)) => None,
        (Value::Bool(l), Value::Bool(r)) => Some(l.cmp(r)),
        (Value::String(l), Value::String(r)) => Some(fold::compare(l, r)),
        _ => left.to_number().partial_cmp(&right.to_number()),
    }
}
