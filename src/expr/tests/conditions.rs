//! The conditions of `if:`.

use super::super::{Allowed, FnSpec, StatusCheck, condition};
use super::{scope, status};

#[test]
fn what_holds() {
    for (text, expected) in [
        ("", true),
        ("  \n", true),
        ("true", true),
        ("false", false),
        (" false ", false),
        ("${{ true }}", true),
        ("${{ false }}", false),
        ("${{ '' }}", true),
        ("null", false),
        ("0", false),
        ("''", false),
        ("'false'", true),
        ("github.ref == 'refs/heads/main'", true),
        ("${{ github.ref == 'x' }}", false),
        ("github.event.missing", false),
        ("github.event.empty", true),
        ("contains(github.event.labels.*.name, 'bug')", true),
        ("!cancelled()", true),
        ("failure()", false),
        ("success() && failure()", false),
        // A text in which an expression stands is a text, and true if not empty.
        ("${{ false }} && true", true),
        ("${{ false }} ", true),
        (" ${{ false }}", true),
        ("${{ false }}\n", true),
        ("!${{ true }}", true),
        ("${{ false }}${{ false }}", true),
        ("${{ null }}${{ '' }}", false),
        ("${{ github.ref }} == 'nothing'", true),
        // A quoted text stands for the condition it contains.
        ("${{ 'true' }}", true),
        ("${{ 'false' }}", false),
        ("${{ 'github.ref == ''x''' }}", false),
        ("${{ ('false') }}", true),
    ] {
        let condition = condition(text, &Allowed::ALL).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(condition.evaluate(&scope()), Ok(expected), "{text}");
    }
}

#[test]
fn implicit_success() {
    let failed = status(StatusCheck::Failure);
    for (text, expected) in [
        ("", false),
        ("true", false),
        ("${{ true }}", false),
        ("github.ref", false),
        ("${{ true }} text", false),
        ("'always()'", false),
        ("${{ 'always()' }}", true),
        ("always()", true),
        ("ALWAYS()", true),
        ("${{ always() }}", true),
        ("true || always()", true),
        ("failure()", true),
        ("!failure()", false),
        ("!cancelled()", true),
        ("success()", false),
        ("success() || true", true),
        ("contains(format('{0}', failure()), 'true')", true),
        ("${{ failure() }} text", true),
        ("matrix[always()] == null", true),
    ] {
        let condition = condition(text, &Allowed::ALL).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(condition.evaluate(&failed), Ok(expected), "{text}");
    }
}

#[test]
fn errors() {
    for (text, message, offset) in [
        (
            "foo",
            "Unrecognized named-value: 'foo'. Located at position 1 within expression: foo",
            0,
        ),
        (
            "  github.ref =  1",
            "Unexpected symbol: '='. Located at position 14 within expression:   github.ref =  1",
            13,
        ),
        (
            "true && ${{ foo }}",
            "Unrecognized named-value: 'foo'. Located at position 1 within expression: foo",
            12,
        ),
        (
            "${{ 'hello world' }}",
            "Unrecognized named-value: 'hello'. Located at position 1 within expression: hello world",
            4,
        ),
        ("${{ }}", "An expression was expected", 0),
        (
            "${{ true",
            "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found.",
            0,
        ),
        (
            "true }}",
            "Unexpected symbol: '}}'. Located at position 6 within expression: true }}",
            5,
        ),
    ] {
        let error = condition(text, &Allowed::ALL).unwrap_err();
        assert_eq!(error.message, message, "{text}");
        assert_eq!(error.offset, offset, "{text}");
    }
    let job = Allowed {
        names: &["github", "inputs", "vars", "needs"],
        functions: &[
            FnSpec::ALWAYS,
            FnSpec::FAILURE_OF_JOBS,
            FnSpec::CANCELLED,
            FnSpec::SUCCESS_OF_JOBS,
        ],
    };
    assert!(condition("needs.a.result == 'success'", &job).is_ok());
    assert!(condition("matrix.os == 'linux'", &job).is_err());
    assert!(condition("hashFiles('x') != ''", &job).is_err());
    assert!(
        condition("fromJSON('')", &job)
            .unwrap()
            .evaluate(&scope())
            .is_err()
    );
}

#[test]
fn names() {
    let read = |text: &str| condition(text, &Allowed::ALL).unwrap();
    assert_eq!(
        read("needs.build.result == 'x'").names()[0].path,
        ["build", "result"]
    );
    assert_eq!(read("x ${{ needs.build }}").names().len(), 1);
    assert!(read("").names().is_empty());
}
