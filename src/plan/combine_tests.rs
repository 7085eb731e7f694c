#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::*;

fn object(json: &Json) -> Object {
    match Value::from_json(json) {
        Value::Object(object) => Object::clone(&object),
        _ => panic!("not a mapping"),
    }
}

fn expand(matrix: &Json) -> Vec<Json> {
    combinations(&object(matrix))
        .unwrap()
        .into_iter()
        .map(|combination| Value::object(combination.values).to_json())
        .collect()
}

fn refused(matrix: &Json) -> String {
    combinations(&object(matrix)).unwrap_err()
}

#[test]
fn the_first_axis_varies_slowest() {
    assert_eq!(
        expand(&json!({"os": ["l", "w"], "py": [1, 2]})),
        [
            json!({"os": "l", "py": 1}),
            json!({"os": "l", "py": 2}),
            json!({"os": "w", "py": 1}),
            json!({"os": "w", "py": 2})
        ]
    );
}

/// The example of GitHub's documentation, "Expanding or adding matrix
/// configurations".
#[test]
fn the_documented_include_example() {
    assert_eq!(
        expand(&json!({
            "fruit": ["apple", "pear"],
            "animal": ["cat", "dog"],
            "include": [
                {"color": "green"},
                {"color": "pink", "animal": "cat"},
                {"fruit": "apple", "shape": "circle"},
                {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"}
            ]
        })),
        [
            json!({"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"}),
            json!({"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"}),
            json!({"fruit": "pear", "animal": "cat", "color": "pink"}),
            json!({"fruit": "pear", "animal": "dog", "color": "green"}),
            json!({"fruit": "banana"}),
            json!({"fruit": "banana", "animal": "cat"}),
        ]
    );
}

#[test]
fn exclude_matches_partially_and_may_name_a_value_that_is_not_there() {
    assert_eq!(
        expand(&json!({
            "os": ["l", "w"], "py": [1, 2],
            "exclude": [{"os": "w"}, {"os": "m"}, {"os": "l", "py": 2}]
        })),
        [json!({"os": "l", "py": 1})]
    );
    assert_eq!(
        refused(&json!({"os": ["l"], "exclude": [{"so": "l"}]})),
        "Matrix exclude key 'so' does not match any key within the matrix"
    );
    assert_eq!(
        refused(&json!({"os": ["l"], "exclude": [{}]})),
        "Matrix exclude filter must not be empty"
    );
    assert_eq!(
        refused(&json!({"os": ["l"], "include": [{}]})),
        "Matrix include mapping does not contain any values"
    );
}

#[test]
fn filters_compare_as_expressions_do() {
    // A quoted version, another case, a part of an object.
    assert_eq!(
        expand(&json!({
            "py": ["3.10", "3.11"], "os": [{"name": "U", "x": 1}, {"name": "W", "x": 2}],
            "exclude": [{"py": 3.1}, {"os": {"name": "w"}}]
        })),
        [json!({"py": "3.11", "os": {"name": "U", "x": 1}})]
    );
    assert_eq!(
        expand(&json!({"PY": [1], "include": [{"py": 1, "x": true}]})),
        [json!({"PY": 1, "x": true})]
    );
}

#[test]
fn include_alone_is_a_matrix() {
    assert_eq!(
        expand(&json!({"include": [{"a": 1}, {"a": 2}]})),
        [json!({"a": 1}), json!({"a": 2})]
    );
}

#[test]
fn what_an_include_adds_does_not_show_in_the_name() {
    let matrix = json!({
        "py": [1, 2],
        "include": [{"py": 1, "extra": "x"}, {"extra": "y", "py": 3}]
    });
    let named: Vec<Json> = combinations(&object(&matrix))
        .unwrap()
        .into_iter()
        .map(|combination| Value::array(combination.named).to_json())
        .collect();
    // An entry of its own begins with the axes.
    assert_eq!(named, [json!([1]), json!([2]), json!([3, "y"])]);
}

/// `==` of expressions for texts, numbers and booleans, once more.
fn loosely(left: &Json, right: &Json) -> bool {
    fn number(value: &Json) -> f64 {
        match value {
            Json::Null => 0.0,
            Json::Bool(value) => f64::from(u8::from(*value)),
            Json::Number(number) => number.as_f64().unwrap(),
            Json::String(text) if text.is_empty() => 0.0,
            Json::String(text) => text.parse().unwrap_or(f64::NAN),
            _ => f64::NAN,
        }
    }
    match (left, right) {
        (Json::String(left), Json::String(right)) => left.eq_ignore_ascii_case(right),
        _ => number(left) == number(right),
    }
}

/// The same matrix, slowly: all combinations are written down and crossed out.
fn slowly(
    axes: &[(String, Vec<Json>)],
    exclude: &[Map<String, Json>],
    include: &[Map<String, Json>],
) -> Vec<Json> {
    fn cross(axes: &[(String, Vec<Json>)]) -> Vec<Map<String, Json>> {
        let Some(((key, values), rest)) = axes.split_first() else {
            return vec![Map::new()];
        };
        let mut all = Vec::new();
        for value in values {
            for inner in cross(rest) {
                let mut one = Map::new();
                one.insert(key.clone(), value.clone());
                one.extend(inner);
                all.push(one);
            }
        }
        all
    }
    let mut all = if axes.is_empty() {
        Vec::new()
    } else {
        cross(axes)
    };
    for filter in exclude {
        all.retain(|one| !filter.iter().all(|(key, value)| loosely(&one[key], value)));
    }
    let originals = all.clone();
    let mut alone = Vec::new();
    for entry in include {
        let mut fits_one = false;
        for (original, one) in originals.iter().zip(&mut all) {
            let conflicts = entry
                .iter()
                .any(|(key, value)| original.get(key).is_some_and(|own| !loosely(own, value)));
            if !conflicts {
                fits_one = true;
                for (key, value) in entry {
                    if !original.contains_key(key) {
                        one.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        if !fits_one {
            alone.push(entry.clone());
        }
    }
    all.extend(alone);
    all.into_iter().map(Json::Object).collect()
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        (1..4_i64).prop_map(Json::from),
        prop_oneof![
            Just("x"),
            Just("X"),
            Just("y"),
            Just("1"),
            Just("2.0"),
            Just("")
        ]
        .prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
    ]
}

fn entry(keys: &'static [&'static str]) -> impl Strategy<Value = Map<String, Json>> {
    let key = proptest::sample::select(keys);
    proptest::collection::vec((key, scalar()), 1..4).prop_map(|pairs| {
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn a_matrix_is_what_it_is_slowly(
        axes in proptest::collection::vec(proptest::collection::vec(scalar(), 1..4), 0..4),
        exclude in proptest::collection::vec(entry(&["a", "b", "c"]), 0..3),
        include in proptest::collection::vec(entry(&["a", "b", "c", "d", "e"]), 0..4),
    ) {
        let axes: Vec<(String, Vec<Json>)> =
            ["a", "b", "c"].into_iter().map(ToOwned::to_owned).zip(axes).collect();
        let known = |filter: &Map<String, Json>| {
            filter.keys().all(|key| axes.iter().any(|(axis, _)| axis == key))
        };
        let exclude: Vec<Map<String, Json>> = exclude.into_iter().filter(known).collect();
        let mut matrix = Map::new();
        for (key, values) in &axes {
            matrix.insert(key.clone(), values.clone().into());
        }
        matrix.insert("exclude".to_owned(), exclude.clone().into());
        matrix.insert("include".to_owned(), include.clone().into());
        let quickly = expand(&Json::Object(matrix));
        prop_assert_eq!(quickly, slowly(&axes, &exclude, &include));
    }

    #[test]
    fn no_matrix_makes_a_panic(text in "[\\[\\]{}\",:a-c0-9incluexd ]{0,60}") {
        if let Ok(json @ Json::Object(_)) = serde_json::from_str(&text) {
            let _ = combinations(&object(&json));
        }
    }
}
