//! The table of keys beside what the file's reader takes.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Content, Form, Key, schema, tables, template};
use crate::settings::ConfigFile;

/// What the schema has against a value, each with its place. A word of the schema that this
/// does not know is an error, so that none is passed over.
fn against(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (word, rule) in schema.as_object().expect("a schema") {
        let number = || (value.as_f64(), rule.as_f64());
        let holds = match word.as_str() {
            "$schema" | "$id" | "title" | "description" => true,
            "type" => match rule.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                other => panic!("type {other}"),
            },
            "enum" => rule.as_array().unwrap().contains(value),
            "minLength" => value
                .as_str()
                .is_none_or(|text| text.len() as u64 >= rule.as_u64().unwrap()),
            "minimum" => !matches!(number(), (Some(value), Some(least)) if value < least),
            "maximum" => !matches!(number(), (Some(value), Some(most)) if value > most),
            "pattern" => {
                assert_eq!(rule, "^[0-9]");
                value
                    .as_str()
                    .is_none_or(|text| text.starts_with(|first: char| first.is_ascii_digit()))
            }
            "format" => {
                assert_eq!(rule, "date");
                value.as_str().is_none_or(|text| text.len() == 10)
            }
            "anyOf" => {
                let mut forms = rule.as_array().unwrap().iter();
                forms.any(|form| against(form, value, at).is_empty())
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    wrong.extend(against(rule, item, &format!("{at}[{index}]")));
                }
                true
            }
            "required" => rule
                .as_array()
                .unwrap()
                .iter()
                .all(|name| value.get(name.as_str().unwrap()).is_some()),
            "properties" => {
                for (name, item) in value.as_object().into_iter().flatten() {
                    if let Some(rule) = rule.get(name) {
                        wrong.extend(against(rule, item, &format!("{at}.{name}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties");
                for (name, item) in value.as_object().into_iter().flatten() {
                    if known.is_some_and(|known| known.get(name).is_some()) {
                        continue;
                    }
                    match rule {
                        Value::Bool(false) => wrong.push(format!("{at}.{name} is unknown")),
                        rule => wrong.extend(against(rule, item, &format!("{at}.{name}"))),
                    }
                }
                true
            }
            other => panic!("the word {other} of the schema"),
        };
        if !holds {
            wrong.push(format!("{at}: {word} {rule}"));
        }
    }
    wrong
}

/// What the schema has against a text of TOML. Days become texts, as editors see them.
fn wrong_with(text: &str) -> Vec<String> {
    let value: toml::Value = toml::from_str(text).expect("TOML");
    against(&schema(), &json(&value), "")
}

fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.clone().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(is) => (*is).into(),
        toml::Value::Datetime(day) => day.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(name, value)| (name.clone(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// The keys that the reader knows in a table, as its message about an unknown one names them.
fn read(table: &str, repeated: bool) -> BTreeSet<String> {
    let head = match (table, repeated) {
        ("", _) => String::new(),
        (table, false) => format!("[{table}]\n"),
        (table, true) => format!("[[{table}]]\n"),
    };
    let error = ConfigFile::parse(&format!("{head}qqqqqqqqqqqqqqqqqqqq = 1\n")).unwrap_err();
    let hint = error.problems[0].hint.clone().unwrap_or_default();
    let keys = hint
        .strip_prefix("the keys here are: ")
        .unwrap_or_else(|| panic!("[{table}]: {:?}", error.problems));
    keys.split(", ").map(ToOwned::to_owned).collect()
}

#[test]
fn each_key_that_is_read_has_its_row_and_no_other() {
    // Of the first table, the names of the other tables are keys, too.
    let others = || tables().filter(|table| !table.name.is_empty());
    for table in tables() {
        let Content::Keys(keys) = table.content else {
            continue;
        };
        let mut told: BTreeSet<String> = keys.iter().map(|key| key.name.to_owned()).collect();
        let within = match table.name {
            "" => String::new(),
            name => format!("{name}."),
        };
        told.extend(others().filter_map(|other| {
            let rest = other.name.strip_prefix(&within)?;
            Some(rest.split('.').next().unwrap_or(rest).to_owned())
        }));
        assert_eq!(read(table.name, table.repeated), told, "[{}]", table.name);
    }
}

/// The text of a file in which each key of a table has its example.
fn examples(keys: &[Key]) -> String {
    keys.iter()
        .map(|key| format!("{} = {}\n", key.name, key.example))
        .collect()
}

#[test]
fn each_example_is_read_and_fits_the_schema() {
    for table in tables() {
        let head = match (table.name, table.repeated) {
            ("", _) => String::new(),
            (name, false) => format!("[{name}]\n"),
            (name, true) => format!("[[{name}]]\n"),
        };
        let texts: Vec<String> = match table.content {
            Content::Names(_, example) => vec![format!("{head}{example}\n")],
            // Keys of it exclude each other.
            Content::Keys(keys) if ["image", "history"].contains(&table.name) => keys
                .iter()
                .map(|key| format!("{head}{} = {}\n", key.name, key.example))
                .collect(),
            Content::Keys(keys) => vec![format!("{head}{}", examples(keys))],
        };
        for text in texts {
            if let Err(error) = ConfigFile::parse(&text) {
                panic!("{text}{:?}", error.problems);
            }
            assert_eq!(wrong_with(&text), [""; 0], "{text}");
        }
    }
}

#[test]
fn limits_are_those_of_the_reader() {
    let beside = |table: &str, key: &str, value: String| {
        let text = match table {
            "" => format!("{key} = {value}\n"),
            table => format!("[{table}]\n{key} = {value}\n"),
        };
        (
            ConfigFile::parse(&text).is_ok(),
            wrong_with(&text).is_empty(),
        )
    };
    let mut seen = 0;
    for table in tables().filter(|table| !table.repeated) {
        let Content::Keys(keys) = table.content else {
            continue;
        };
        for key in keys {
            let values = match key.form {
                Form::Whole(least, most) => vec![
                    (least, true),
                    (most, true),
                    (least - 1, false),
                    (most + 1, false),
                ]
                .into_iter()
                .map(|(value, fits)| (value.to_string(), fits))
                .collect(),
                Form::Number(least, most) if most <= 100.0 => vec![
                    (format!("{least:.1}"), true),
                    (format!("{most:.1}"), true),
                    (format!("{:.1}", least - 1.0), false),
                    (format!("{:.1}", most + 1.0), false),
                ],
                Form::Word(words) => words
                    .iter()
                    .map(|word| (format!("\"{word}\""), true))
                    .chain([("\"qqqq\"".to_owned(), false)])
                    .collect(),
                Form::Switch => vec![("true".to_owned(), true), ("\"yes\"".to_owned(), false)],
                _ => continue,
            };
            for (value, fits) in values {
                assert_eq!(
                    beside(table.name, key.name, value.clone()),
                    (fits, fits),
                    "{}.{} = {value}",
                    table.name,
                    key.name
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn the_template_says_nothing_and_without_its_signs_everything() {
    let text = template();
    assert_eq!(ConfigFile::parse(&text).unwrap(), ConfigFile::default());
    let on: String = text
        .lines()
        .filter(|line| !line.starts_with("##") && !line.starts_with("#:"))
        .filter_map(|line| line.strip_prefix("# "))
        .skip_while(|line| !line.starts_with("workflow"))
        // They exclude each other.
        .filter(|line| {
            ![
                "dockerfile =",
                "compose = \"docker-compose.yml#",
                "bake =",
                "url =",
            ]
            .iter()
            .any(|key| line.starts_with(key))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    if let Err(error) = ConfigFile::parse(&on) {
        panic!("{on}\n{:?}", error.problems);
    }
    assert_eq!(wrong_with(&on), [""; 0]);
    for table in tables() {
        assert!(on.contains(table.name));
    }
    insta::assert_snapshot!("template", text);
}

/// Every `seatrial.toml` of the examples and fixtures, and the one of the documentation.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.ends_with("seatrial.toml") {
            found.push(path);
        }
    }
}

#[test]
fn files_that_are_there_fit_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/configuration.md")).unwrap();
    let block = page.split("```toml\n").nth(1).unwrap();
    let mut texts = vec![block.split("```").next().unwrap().to_owned()];
    let mut found = Vec::new();
    for folder in ["examples", "tests/fixtures", "tests/scenarios"] {
        files(&root.join(folder), &mut found);
    }
    texts.extend(
        found
            .iter()
            .map(|path| std::fs::read_to_string(path).unwrap()),
    );
    for text in texts {
        // What the reader refuses, the schema may refuse.
        if ConfigFile::parse(&text).is_ok() {
            assert_eq!(wrong_with(&text), [""; 0], "{text}");
        }
    }
    for (text, told) in [
        ("workflw = 'a'", ".workflw is unknown"),
        ("[run]\nparallel = 0", ".run.parallel: minimum 1"),
        (
            "[gate]\nmasked = 'no'",
            ".gate.masked: enum [\"deny\",\"warn\"]",
        ),
        (
            "[[scan.ignore]]\nid = 'a'",
            ".scan.ignore[0]: required [\"id\",\"reason\",\"expires\"]",
        ),
    ] {
        assert_eq!(wrong_with(text), [told]);
    }
}
