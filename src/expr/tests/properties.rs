//! Rules that hold for any text.

use proptest::prelude::*;

use super::super::compare;
use super::super::eval::eval;
use super::super::number::{format_number, parse_number};
use super::super::read_json::from_json_text;
use super::super::{Allowed, Template, Value, condition};
use super::{parse, scope, to_json_text};

/// A text made of the pieces of the language.
fn soup() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("github"),
        Just("needs"),
        Just("env"),
        Just("foo"),
        Just("."),
        Just(".*"),
        Just("[*]"),
        Just("["),
        Just("]"),
        Just("("),
        Just(")"),
        Just(","),
        Just("!"),
        Just("=="),
        Just("!="),
        Just("<"),
        Just("<="),
        Just(">"),
        Just(">="),
        Just("&&"),
        Just("||"),
        Just("&"),
        Just("="),
        Just("'x'"),
        Just("''"),
        Just("'"),
        Just("0"),
        Just("-1.5"),
        Just("0xff"),
        Just("null"),
        Just("true"),
        Just("NaN"),
        Just("event"),
        Just("labels"),
        Just("toJSON("),
        Just("fromJSON("),
        Just("format('{0}', "),
        Just("join("),
        Just("contains("),
        Just("case(true, "),
        Just("always()"),
        Just("*"),
        Just(" "),
        Just("ä"),
        Just("🙂"),
        Just("${{"),
        Just("}}"),
        Just("{0}"),
    ];
    proptest::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

/// An expression that can be parsed.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("'a'".to_owned()),
        Just("'1'".to_owned()),
        Just("1".to_owned()),
        Just("NaN".to_owned()),
        Just("github.event".to_owned()),
        Just("github.event.labels.*".to_owned()),
        Just("needs.*.result".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} == {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} && {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("toJSON({a})")),
            inner.prop_map(|a| format!("fromJSON(toJSON({a})).*.name")),
        ]
    })
}

/// Any value, shared ones among them.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::Number),
        (-3_i8..3).prop_map(|n| Value::Number(n.into())),
        "[ -~]{0,6}".prop_map(Value::String),
        "-?[0-3]{1,2}".prop_map(Value::String),
        any::<String>().prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::array),
            proptest::collection::vec(("[a-z]{1,3}", inner), 0..4)
                .prop_map(|pairs| Value::object(pairs.into_iter().collect())),
        ]
    })
}

/// Parses and, where that is possible, evaluates a text in every way.
fn exercise(text: &str) {
    let scope = scope();
    if let Ok(expr) = parse(text) {
        assert!(expr.root.depth <= super::super::parser::MAX_DEPTH);
        let _ = (expr.names(), expr.calls_status());
        let _ = eval(&expr, &scope);
    }
    if let Ok(template) = Template::parse(text, &Allowed::ALL) {
        let _ = template.evaluate(&scope);
    }
    if let Ok(condition) = condition(text, &Allowed::ALL) {
        let _ = condition.evaluate(&scope);
    }
    let _ = from_json_text(text);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256)
    })]

    #[test]
    fn no_text_makes_a_panic(text in any::<String>()) {
        exercise(&text);
        exercise(&format!("${{{{{text}}}}}"));
    }

    #[test]
    fn no_soup_makes_a_panic(text in soup()) {
        exercise(&text);
        exercise(&format!("a ${{{{ {text} }}}} b"));
    }

    #[test]
    fn expressions_are_understood(text in expression()) {
        let expr = parse(&text);
        prop_assert!(expr.is_ok(), "{text}: {expr:?}");
        exercise(&text);
    }

    #[test]
    fn errors_point_into_the_text(text in soup()) {
        if let Err(error) = parse(&text) {
            prop_assert!(text.is_char_boundary(error.offset), "{error:?}");
        }
        if let Err(error) = Template::parse(&text, &Allowed::ALL) {
            prop_assert!(text.is_char_boundary(error.offset), "{error:?}");
        }
    }

    #[test]
    fn equality_is_symmetric(left in value(), right in value()) {
        prop_assert_eq!(compare::equal(&left, &right), compare::equal(&right, &left));
        let reverse = compare::order(&right, &left).map(std::cmp::Ordering::reverse);
        prop_assert_eq!(compare::order(&left, &right), reverse);
    }

    #[test]
    fn different_kinds_compare_as_numbers(left in value(), right in value()) {
        if left.kind() != right.kind() {
            let (l, r) = (left.to_number(), right.to_number());
            prop_assert_eq!(compare::equal(&left, &right), l == r);
            prop_assert_eq!(compare::order(&left, &right), l.partial_cmp(&r));
        }
    }

    #[test]
    fn texts_compare_without_case(text in "[a-zA-Z0-9 _-]{0,8}") {
        let (upper, lower) = (text.to_uppercase().into(), text.to_lowercase().into());
        prop_assert!(compare::equal(&upper, &lower));
    }

    #[test]
    fn texts_of_numbers_are_their_numbers(number in any::<f64>()) {
        // What is written of a number is read as the same number, in `==` too.
        let text = Value::String(format_number(number));
        let kept = parse_number(&format_number(number));
        prop_assert_eq!(
            compare::equal(&text, &Value::Number(kept)),
            !kept.is_nan()
        );
    }

    #[test]
    fn not_twice_is_the_truth(value in value()) {
        let scope = scope().with("inputs", value.clone());
        let truth = eval(&parse("!!inputs").unwrap(), &scope).unwrap();
        prop_assert_eq!(truth, Value::Bool(value.is_truthy()));
    }

    #[test]
    fn values_equal_themselves_unless_nan(value in value()) {
        let nan = matches!(value, Value::Number(n) if n.is_nan());
        prop_assert_eq!(compare::equal(&value, &value.clone()), !nan);
    }

    #[test]
    fn numbers_survive_their_text(number in any::<f64>()) {
        // 15 digits are kept: reading and writing again changes nothing more.
        let text = format_number(number);
        let again = parse_number(&text);
        prop_assert_eq!(format_number(again), text);
        if number.is_normal() && again.is_finite() {
            prop_assert!((again - number).abs() <= number.abs() * 1e-14);
        }
    }

    #[test]
    fn whole_numbers_survive_exactly(number in -999_999_999_999_999_i64..=999_999_999_999_999) {
        let text = format_number(number as f64);
        prop_assert_eq!(&text, &number.to_string());
        prop_assert_eq!(parse_number(&text), number as f64);
    }

    #[test]
    fn expressions_stand_where_they_say(text in soup()) {
        if let Ok(template) = Template::parse(&text, &Allowed::ALL) {
            for (at, expr) in template.expressions() {
                prop_assert_eq!(&text[at..at + 3], "${{");
                let found = &text[expr.base..expr.base + expr.source.len()];
                prop_assert_eq!(found, &expr.source);
            }
        }
    }

    #[test]
    fn texts_without_expressions_stay(text in any::<String>()) {
        prop_assume!(!text.contains("${{"));
        let template = Template::parse(&text, &Allowed::ALL).unwrap();
        prop_assert!(template.is_literal());
        prop_assert_eq!(template.evaluate_text(&scope()).unwrap(), text);
    }

    #[test]
    fn json_is_read_as_it_was_written(value in value()) {
        let text = to_json_text(&value);
        let again = from_json_text(&text);
        prop_assert_eq!(again.map(|value| to_json_text(&value)), Ok(text));
    }

    #[test]
    fn any_text_can_be_a_literal(text in any::<String>()) {
        let source = format!("'{}'", text.replace('\'', "''"));
        let value = eval(&parse(&source).unwrap(), &scope()).unwrap();
        prop_assert_eq!(value, Value::String(text));
    }
}
