//! The values an expression works on.
//!
//! The kinds and their conversions are those of `ValueKind` and `EvaluationResult` in
//! actions/runner; the object is its `DictionaryContextData`.

use std::collections::HashMap;
use std::sync::Arc;

use super::fold;
use super::number::{format_number, parse_number};

/// A value: what a context holds and what an expression results in.
///
/// `==` on this type compares structure and is meant for Rust code and tests; the `==`
/// of expressions is [`super::compare::equal`].
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Value {
    /// `null`, also what a missing property is.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Every number is a double.
    Number(f64),
    /// A text.
    String(String),
    /// An array; identity (the same `Arc`) is its equality in expressions.
    Array(Arc<Vec<Value>>),
    /// An object; identity (the same `Arc`) is its equality in expressions.
    Object(Arc<Object>),
}

impl Value {
    /// The value a JSON text describes. Objects become case-insensitive ones.
    pub(crate) fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(b) => Self::Bool(*b),
            serde_json::Value::Number(n) => Self::Number(n.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(s) => Self::String(s.clone()),
            serde_json::Value::Array(items) => {
                Self::array(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(map) => Self::object(
                map.iter()
                    .map(|(key, value)| (key.clone(), Self::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// The value as JSON. Whole numbers within 64 bits become integers; NaN and the
    /// infinities, which JSON lacks, become null.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(b) => (*b).into(),
            Self::Number(n) => json_number(*n),
            Self::String(s) => s.clone().into(),
            Self::Array(items) => items.iter().map(Self::to_json).collect(),
            Self::Object(object) => object
                .iter()
                .map(|(key, value)| (key.to_owned(), value.to_json()))
                .collect(),
        }
    }

    /// An array value.
    pub(crate) fn array(items: Vec<Self>) -> Self {
        Self::Array(Arc::new(items))
    }

    /// An object value.
    pub(crate) fn object(object: Object) -> Self {
        Self::Object(Arc::new(object))
    }

    /// Whether the value counts as true: everything but null, false, 0, NaN and the
    /// empty text (`EvaluationResult.IsFalsy`). Arrays and objects always count.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(b) => *b,
            Self::Number(n) => *n != 0.0 && !n.is_nan(),
            Self::String(s) => !s.is_empty(),
            Self::Array(_) | Self::Object(_) => true,
        }
    }

    /// The value as a number (`EvaluationResult.ConvertToNumber`): null is 0, booleans
    /// 0 and 1, text is read by [`parse_number`], arrays and objects are NaN.
    pub(crate) fn to_number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Bool(b) => f64::from(u8::from(*b)),
            Self::Number(n) => *n,
            Self::String(s) => parse_number(s),
            Self::Array(_) | Self::Object(_) => f64::NAN,
        }
    }

    /// The value as text (`EvaluationResult.ConvertToString`): null is empty, numbers
    /// have the "G15" form, arrays and objects are the words `Array` and `Object`.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(b) => b.to_string(),
            Self::Number(n) => format_number(*n),
            Self::String(s) => s.clone(),
            Self::Array(_) | Self::Object(_) => self.kind().to_owned(),
        }
    }

    /// The name of the kind, as `ValueKind` spells it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "Null",
            Self::Bool(_) => "Boolean",
            Self::Number(_) => "Number",
            Self::String(_) => "String",
            Self::Array(_) => "Array",
            Self::Object(_) => "Object",
        }
    }

    /// Whether the value is neither array nor object (`ExpressionUtility.IsPrimitive`).
    pub(crate) fn is_primitive(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }
}

/// A double as a JSON number, whole ones as integers.
fn json_number(n: f64) -> serde_json::Value {
    const WHOLE: f64 = 9_007_199_254_740_992.0; // 2^53: all smaller integers are exact
    if n.fract() == 0.0 && n.abs() <= WHOLE {
        // In range by the test above, so nothing is cut off.
        (n as i64).into()
    } else {
        n.into()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Self::Number(n)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::object(object)
    }
}

/// An object: keys in the order of their insertion, looked up without regard to case
/// as `DictionaryContextData` does, or with regard to it as
/// `CaseSensitiveDictionaryContextData` does.
///
/// The runner uses the case-sensitive one for the `env` context, except on Windows
/// (`StepsRunner.cs`, `JobExtension.cs`).
#[derive(Debug, Clone, Default)]
pub(crate) struct Object {
    entries: Vec<(String, Value)>,
    index: HashMap<String, usize>,
    case_sensitive: bool,
}

impl Object {
    /// An empty object whose keys have no case.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An empty object whose keys have case: the `env` context on Linux.
    pub(crate) fn case_sensitive() -> Self {
        Self {
            case_sensitive: true,
            ..Self::default()
        }
    }

    /// Sets a key. An existing one keeps its place and its spelling.
    pub(crate) fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        let key = key.into();
        let found = self.index.get(self.lookup(&key).as_ref()).copied();
        match found.and_then(|at| self.entries.get_mut(at)) {
            Some(entry) => entry.1 = value.into(),
            None => {
                let lookup = self.lookup(&key).into_owned();
                self.index.insert(lookup, self.entries.len());
                self.entries.push((key, value.into()));
            }
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        let at = self.index.get(self.lookup(key).as_ref())?;
        self.entries.get(*at).map(|(_, value)| value)
    }

    /// Keys and values, in the order of insertion.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there are no keys.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The form of a key that the index holds.
    fn lookup<'a>(&self, key: &'a str) -> std::borrow::Cow<'a, str> {
        if self.case_sensitive {
            key.into()
        } else {
            fold::upper(key).into()
        }
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.case_sensitive == other.case_sensitive && self.entries == other.entries
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut object = Self::new();
        object.extend(pairs);
        object
    }
}

impl<K: Into<String>, V: Into<Value>> Extend<(K, V)> for Object {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}
