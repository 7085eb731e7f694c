//! The keys as a JSON schema, for editors that complete and check TOML by one.

use serde_json::{Map, Value, json};

use super::{Content, Form, Key, Table, tables};

/// Where the schema lies.
pub(super) const ID: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/raw/main/docs/seatrial.schema.json"
);

/// The schema of `seatrial.toml`, in the draft that editors of TOML read.
pub(crate) fn schema() -> Value {
    let mut root = object("What seatrial is told that the workflow cannot say");
    for table in tables() {
        if let Some(owner) = owner(&mut root, table) {
            fill(owner, table);
        }
    }
    let mut whole = Map::new();
    whole.insert(
        "$schema".to_owned(),
        "http://json-schema.org/draft-07/schema#".into(),
    );
    whole.insert("$id".to_owned(), ID.into());
    whole.insert("title".to_owned(), "seatrial.toml".into());
    if let Value::Object(root) = root {
        whole.extend(root);
    }
    Value::Object(whole)
}

/// The object of a table, which is made with those above it.
fn owner<'v>(root: &'v mut Value, table: &Table) -> Option<&'v mut Value> {
    let mut at = root;
    if table.name.is_empty() {
        return Some(at);
    }
    for part in table.name.split('.') {
        let properties = at.as_object_mut()?.get_mut("properties")?.as_object_mut()?;
        at = properties
            .entry(part)
            .or_insert_with(|| object(table.meaning));
    }
    Some(at)
}

/// What stands in a table.
fn fill(owner: &mut Value, table: &Table) {
    let content = match table.content {
        Content::Keys(keys) => of_keys(table.meaning, keys),
        Content::Names(form, _) => json!({
            "type": "object",
            "description": table.meaning,
            "additionalProperties": of_form(form),
        }),
    };
    if table.repeated {
        *owner = json!({ "type": "array", "description": table.meaning, "items": content });
        return;
    }
    // The root keeps its own words.
    let words = owner.get("description").cloned();
    *owner = content;
    if let (true, Some(words), Value::Object(owner)) = (table.name.is_empty(), words, owner) {
        owner.insert("description".to_owned(), words);
    }
}

fn object(description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": {},
        "additionalProperties": false,
    })
}

fn of_keys(description: &str, keys: &[Key]) -> Value {
    let mut value = object(description);
    let Value::Object(map) = &mut value else {
        return value;
    };
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut form = of_form(key.form);
            if let Value::Object(form) = &mut form {
                let default = match key.default {
                    "" => String::new(),
                    default => format!(". Default: {default}"),
                };
                let words = format!("{}{default}", key.meaning);
                form.insert("description".to_owned(), words.into());
            }
            (key.name.to_owned(), form)
        })
        .collect();
    map.insert("properties".to_owned(), Value::Object(properties));
    let needed: Vec<&str> = keys
        .iter()
        .filter(|key| key.needed)
        .map(|key| key.name)
        .collect();
    if !needed.is_empty() {
        map.insert("required".to_owned(), json!(needed));
    }
    value
}

fn of_form(form: Form) -> Value {
    match form {
        Form::Text => json!({ "type": "string", "minLength": 1 }),
        Form::Word(words) => json!({ "enum": words }),
        Form::Switch => json!({ "type": "boolean" }),
        Form::Whole(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Form::Number(least, most) => {
            json!({ "type": "number", "minimum": least, "maximum": most })
        }
        Form::Size => json!({ "type": "string", "pattern": "^[0-9]" }),
        Form::Day => json!({ "type": "string", "format": "date" }),
        Form::List(item) => json!({ "type": "array", "items": of_form(*item) }),
        Form::Either(one, other) => json!({ "anyOf": [of_form(*one), of_form(*other)] }),
        Form::Map(value) => {
            json!({ "type": "object", "additionalProperties": of_form(*value) })
        }
        Form::Table(keys) => {
            let mut table = of_keys("", keys);
            if let Value::Object(table) = &mut table {
                table.remove("description");
            }
            table
        }
    }
}
