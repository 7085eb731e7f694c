//! The form of a SARIF document: of each object that we write, which properties the schema
//! of SARIF 2.1.0 (OASIS) knows, which it requires, and what they hold. The schema allows
//! no others.

use serde_json::Value;

/// What a property holds.
enum Kind {
    Text,
    /// A whole number of at least so much.
    Number(u64),
    Bool,
    /// One of the words.
    Word(&'static [&'static str]),
    /// An object of this form.
    Of(&'static str),
    /// A list of objects of this form.
    List(&'static str),
    /// An object whose values are texts.
    Texts,
    /// A bag, in which everything is allowed.
    Bag,
}

use Kind::{Bag, Bool, List, Number, Of, Text, Texts, Word};

const LEVELS: &[&str] = &["none", "note", "warning", "error"];

/// Object, required properties, properties.
type Form = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, Kind)],
);

const FORMS: &[Form] = &[
    (
        "log",
        &["version", "runs"],
        &[
            ("$schema", Text),
            ("version", Word(&["2.1.0"])),
            ("runs", List("run")),
        ],
    ),
    (
        "run",
        &["tool"],
        &[
            ("tool", Of("tool")),
            ("columnKind", Word(&["utf16CodeUnits", "unicodeCodePoints"])),
            ("invocations", List("invocation")),
            ("results", List("result")),
        ],
    ),
    ("tool", &["driver"], &[("driver", Of("component"))]),
    (
        "component",
        &["name"],
        &[
            ("name", Text),
            ("semanticVersion", Text),
            ("informationUri", Text),
            ("rules", List("descriptor")),
        ],
    ),
    (
        "descriptor",
        &["id"],
        &[
            ("id", Text),
            ("name", Text),
            ("shortDescription", Of("message")),
            ("fullDescription", Of("message")),
            ("help", Of("message")),
            ("helpUri", Text),
            ("defaultConfiguration", Of("configuration")),
            ("properties", Bag),
        ],
    ),
    ("configuration", &[], &[("level", Word(LEVELS))]),
    // A message may have an id in place of its text; ours have none.
    ("message", &["text"], &[("text", Text)]),
    (
        "invocation",
        &["executionSuccessful"],
        &[
            ("executionSuccessful", Bool),
            ("exitCode", Number(0)),
            ("toolExecutionNotifications", List("notification")),
        ],
    ),
    (
        "notification",
        &["message"],
        &[("level", Word(LEVELS)), ("message", Of("message"))],
    ),
    (
        "result",
        &["message"],
        &[
            ("ruleId", Text),
            ("ruleIndex", Number(0)),
            ("level", Word(LEVELS)),
            ("message", Of("message")),
            ("locations", List("location")),
            ("partialFingerprints", Texts),
            ("suppressions", List("suppression")),
            ("properties", Bag),
        ],
    ),
    (
        "location",
        &[],
        &[
            ("physicalLocation", Of("physical")),
            ("logicalLocations", List("logical")),
        ],
    ),
    (
        "physical",
        &["artifactLocation"],
        &[
            ("artifactLocation", Of("artifact")),
            ("region", Of("region")),
        ],
    ),
    ("artifact", &[], &[("uri", Text)]),
    (
        "region",
        &[],
        &[("startLine", Number(1)), ("startColumn", Number(1))],
    ),
    (
        "logical",
        &[],
        &[("fullyQualifiedName", Text), ("kind", Text)],
    ),
    (
        "suppression",
        &["kind"],
        &[
            ("kind", Word(&["inSource", "external"])),
            ("justification", Text),
        ],
    ),
];

/// Everything that is not as the schema wants it, with its place.
pub(super) fn sarif_faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    object(document, "log", "$", &mut faults);
    faults
}

fn object(value: &Value, form: &str, at: &str, faults: &mut Vec<String>) {
    let Some((_, required, properties)) = FORMS.iter().find(|(name, ..)| *name == form) else {
        faults.push(format!("{at}: no form {form}"));
        return;
    };
    let Some(fields) = value.as_object() else {
        faults.push(format!("{at}: no object"));
        return;
    };
    let missing = required.iter().filter(|name| !fields.contains_key(**name));
    faults.extend(missing.map(|name| format!("{at}: no {name}")));
    for (name, value) in fields {
        let at = format!("{at}.{name}");
        match properties.iter().find(|(known, _)| known == name) {
            None => faults.push(format!("{at}: unknown")),
            Some((_, kind)) => holds(value, kind, &at, faults),
        }
    }
}

fn holds(value: &Value, kind: &Kind, at: &str, faults: &mut Vec<String>) {
    let good = match kind {
        Text => value.is_string(),
        Number(least) => value.as_u64().is_some_and(|number| number >= *least),
        Bool => value.is_boolean(),
        Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Bag => value.is_object(),
        Texts => value
            .as_object()
            .is_some_and(|fields| fields.values().all(Value::is_string)),
        Of(form) => {
            object(value, form, at, faults);
            true
        }
        List(form) => match value.as_array() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    object(item, form, &format!("{at}[{index}]"), faults);
                }
                true
            }
            None => false,
        },
    };
    if !good {
        faults.push(format!("{at}: {value} is not allowed"));
    }
}

#[test]
fn faults_are_found() {
    let document = serde_json::json!({
        "version": "2.0",
        "runs": [{ "tools": {}, "results": [
            { "level": "bad", "locations": [{ "physicalLocation": { "region": { "startLine": 0 } } }] },
            { "message": "text", "suppressions": {} },
        ] }],
    });
    assert_eq!(
        sarif_faults(&document),
        [
            "$.version: \"2.0\" is not allowed",
            "$.runs[0]: no tool",
            "$.runs[0].tools: unknown",
            "$.runs[0].results[0]: no message",
            "$.runs[0].results[0].level: \"bad\" is not allowed",
            "$.runs[0].results[0].locations[0].physicalLocation: no artifactLocation",
            "$.runs[0].results[0].locations[0].physicalLocation.region.startLine: 0 is not allowed",
            "$.runs[0].results[1].message: no object",
            "$.runs[0].results[1].suppressions: {} is not allowed",
        ]
    );
}
