//! Texts with expressions in them.

use super::super::{Allowed, Template, Value};
use super::{scope, show};

fn parse(text: &str) -> Template {
    Template::parse(text, &Allowed::ALL).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn values() {
    for (text, expected) in [
        ("", "''"),
        ("plain", "'plain'"),
        ("$", "'$'"),
        ("${ x } {{ y }} $ {{", "'${ x } {{ y }} $ {{'"),
        ("}} ${", "'}} ${'"),
        ("${{ 1 }}", "1"),
        ("${{1}}", "1"),
        ("${{ null }}", "null"),
        ("${{ github.event.empty }}", "[]"),
        ("${{ github.event.matrix[1] }}", "[4, 5]"),
        (" ${{ 1 }}", "' 1'"),
        ("${{ 1 }} ", "'1 '"),
        ("${{ 1 }}${{ 2 }}", "'12'"),
        ("${{ null }}${{ null }}", "''"),
        (
            "a ${{ github.ref }} b ${{ true }} c",
            "'a refs/heads/main b true c'",
        ),
        ("${{ github }}!", "'Object!'"),
        ("x${{ github.event.empty }}", "'xArray'"),
        ("${{ github.missing }}-", "'-'"),
        ("${{ '}}' }}", "'}}'"),
        ("${{ '${{ x }}' }}", "'${{ x }}'"),
        ("a${{ 'it''s }}' }}b", "'ait's }}b'"),
        ("${{ format('{{{0}}}', 'a') }}", "'{a}'"),
        ("it's ${{ 1 }} {0} {", "'it's 1 {0} {'"),
        ("$${{ 1 }}}}", "'$1}}'"),
        ("ä${{ 'ö' }}ü", "'äöü'"),
        ("${{\n  github.ref ==\n  'refs/heads/main'\n}}", "true"),
        ("${{ 1 }}\n", "'1\n'"),
        ("v${{ 1.0 }}.${{ 1e15 }}", "'v1.1E+15'"),
    ] {
        let template = parse(text);
        let value = template.evaluate(&scope()).unwrap();
        assert_eq!(show(&value), expected, "{text}");
        assert_eq!(template.evaluate_text(&scope()).unwrap(), value.to_text());
    }
}

#[test]
fn errors() {
    let closed = "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found.";
    for (text, message, offset) in [
        ("${{", closed, 0),
        ("${{ x }", closed, 0),
        ("${{ x } }", closed, 0),
        ("äb ${{ 'x }}", closed, 4),
        ("${{ 1 }} ${{ 'a }} b", closed, 9),
        ("${{}}", "An expression was expected", 0),
        ("ab ${{   }} c", "An expression was expected", 3),
        (
            "ab ${{ foo }}",
            "Unrecognized named-value: 'foo'. Located at position 1 within expression: foo",
            7,
        ),
        (
            "${{ 1 }} ä ${{  1 = 2 }}",
            "Unexpected symbol: '='. Located at position 3 within expression: 1 = 2",
            19,
        ),
        (
            "x ${{ toJSON(1, 2) }}",
            "Too many parameters supplied: '('. Located at position 7 within expression: toJSON(1, 2)",
            12,
        ),
        (
            "${{ 1 && }}",
            "Unexpected end of expression: '&&'. Located at position 3 within expression: 1 &&",
            6,
        ),
        (
            "${{ insert }}",
            "The expression directive 'insert' is not supported in this context",
            4,
        ),
        (
            "a${{ insert }}",
            "The directive 'insert' is not allowed in this context. Directives are not supported for expressions that are embedded within a string. Directives are only supported when the entire value is an expression.",
            5,
        ),
        (
            "${{ insert x ('a b' 2) }}",
            "Exactly 0 parameter(s) were expected following the directive 'insert'. Actual parameter count: 2",
            4,
        ),
        (
            "${{ inserted }}",
            "Unrecognized named-value: 'inserted'. Located at position 1 within expression: inserted",
            4,
        ),
    ] {
        let error = Template::parse(text, &Allowed::ALL).unwrap_err();
        assert_eq!(error.message, message, "{text}");
        assert_eq!(error.offset, offset, "{text}");
    }
    let error = parse("ab ${{ fromJSON('') }}")
        .evaluate(&scope())
        .unwrap_err();
    assert_eq!(error.offset, 7);
    let error = parse("ab ${{ 1 == format('{0}') }}")
        .evaluate(&scope())
        .unwrap_err();
    assert_eq!(error.offset, 12);
}

#[test]
fn mixed_texts_have_limits_too() {
    let error = |text: &str| Template::parse(text, &Allowed::ALL).unwrap_err().message;
    assert!(parse(&"x".repeat(30_000)).is_literal());
    assert!(
        parse(&format!("{}${{{{ 1 }}}}", "x".repeat(20_900)))
            .single()
            .is_none()
    );
    assert_eq!(
        error(&format!("{}${{{{ 1 }}}}", "x".repeat(21_000))),
        "Exceeded max expression length 21000"
    );
    assert_eq!(
        error(&format!("{}${{{{ 1 }}}}", "'".repeat(10_500))),
        "Exceeded max expression length 21000"
    );
    assert!(!parse(&"${{ 1 }}".repeat(254)).is_literal());
    assert!(error(&"${{ 1 }}".repeat(255)).starts_with("Too many parameters supplied: '('"));
    let deep = format!("${{{{ {}1 }}}}", "!".repeat(49));
    assert!(parse(&deep).single().is_some());
    assert_eq!(
        error(&format!("x{deep}")),
        "Exceeded max expression depth 50"
    );
}

#[test]
fn big_texts_are_refused() {
    let scope = scope().with("inputs", "x".repeat(6 << 20));
    assert!(parse("${{ inputs }}").evaluate(&scope).is_ok());
    let error = parse("a${{ inputs }}${{ inputs }}")
        .evaluate(&scope)
        .unwrap_err();
    assert_eq!(error.message, "Maximum object size exceeded");
    assert_eq!(error.offset, 14);
}

#[test]
fn questions() {
    let template = parse("a ${{ needs.build.outputs.tag }}-${{ hashFiles(env['X']) }}");
    assert!(!template.is_literal());
    let names: Vec<_> = template
        .names()
        .iter()
        .map(|name| (name.name.clone(), name.path.join("/"), name.offset))
        .collect();
    assert_eq!(
        names,
        [
            ("needs".to_owned(), "build/outputs/tag".to_owned(), 6),
            ("env".to_owned(), "X".to_owned(), 47),
        ]
    );
    let offsets: Vec<_> = template.expressions().map(|(offset, _)| offset).collect();
    assert_eq!(offsets, [2, 33]);
    assert!(template.single().is_none());
    assert_eq!(parse("${{ github }}").single().unwrap().source, "github");
    assert!(matches!(
        parse("${{ 'x' }}").evaluate(&scope()),
        Ok(Value::String(_))
    ));
}
