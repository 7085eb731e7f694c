//! The functions.

use super::super::scope::Scope;
use super::super::{StatusCheck, Value};
use super::{check, check_errors, run, run_in, scope, show, status};

#[test]
fn searching() {
    check(&[
        ("contains('Hello world', 'llo')", "true"),
        ("contains('Hello world', 'LLO')", "true"),
        ("contains('Hello', 'world')", "false"),
        ("contains('Hello', '')", "true"),
        ("contains('', '')", "true"),
        ("contains('', 'x')", "false"),
        ("contains(null, '')", "true"),
        ("contains(1234, 23)", "true"),
        ("contains(true, 'ru')", "true"),
        ("contains('x', null)", "true"),
        ("contains('Object', github)", "false"),
        ("contains(github, 'ref')", "false"),
        ("contains(github, github)", "false"),
        (
            "contains(fromJSON('[\"push\", \"pull_request\"]'), github.event_name)",
            "true",
        ),
        ("contains(fromJSON('[\"PUSH\"]'), 'push')", "true"),
        ("contains(fromJSON('[\"pushed\"]'), 'push')", "false"),
        ("contains(fromJSON('[1, 2]'), '2')", "true"),
        ("contains(fromJSON('[null]'), '')", "true"),
        ("contains(fromJSON('[[]]'), '')", "false"),
        ("contains(fromJSON('[]'), null)", "false"),
        (
            "contains(github.event.labels, github.event.labels[0])",
            "true",
        ),
        ("startsWith('Hello world', 'He')", "true"),
        ("startsWith('Hello world', 'hE')", "true"),
        ("startsWith('Hello', 'ello')", "false"),
        ("startsWith('', '')", "true"),
        ("startsWith(123, 12)", "true"),
        ("startsWith(null, '')", "true"),
        ("startsWith(github, 'O')", "false"),
        ("startsWith('x', github)", "false"),
        ("endsWith('Hello world', 'LD')", "true"),
        ("endsWith('Hello', 'Hell')", "false"),
        ("endsWith(12.5, '.5')", "true"),
        ("endsWith('x', '')", "true"),
        ("endsWith(fromJSON('[]'), '')", "false"),
    ]);
}

#[test]
fn formatting() {
    check(&[
        (
            "format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat')",
            "'Hello Mona the Octocat'",
        ),
        (
            "format('{{Hello {0} {1}!}}', 'Mona', 'x')",
            "'{Hello Mona x!}'",
        ),
        ("format('')", "''"),
        ("format(null, 'x')", "''"),
        ("format('plain')", "'plain'"),
        ("format('{1}{0}{1}', 'a', 'b')", "'bab'"),
        ("format('{00}', 'a')", "'a'"),
        ("format('{{0}}', 'abc')", "'{0}'"),
        ("format('{{{0}}}', 'abc')", "'{abc}'"),
        ("format('{{{{0}}}}', 'abc')", "'{{0}}'"),
        ("format('}}{{')", "'}{'"),
        ("format('{0}', null)", "''"),
        ("format('{0}', true)", "'true'"),
        ("format('{0}', -0.0)", "'0'"),
        ("format('{0}', 1.2e2)", "'120'"),
        ("format('{0}', NaN)", "'NaN'"),
        ("format('{0}', github)", "'Object'"),
        ("format('{0}', github.event.empty)", "'Array'"),
        ("format('{0}', '{1}')", "'{1}'"),
        ("format('é{0}é', 'ü')", "'éüé'"),
        ("format(12)", "'12'"),
        // What the text does not name is not evaluated.
        ("format('x', fromJSON('bad'))", "'x'"),
    ]);
    let invalid = |text: &str| format!("The following format string is invalid: {text}");
    for text in [
        "{0", "{0}}", "{0}}}}", "0}", "{{0}", "{{{{0}", "}0{", "}{0}", "{0}{", "{}", "{x}", "{-1}",
        "{ 0}", "{0 }", "{256}", "{0:", "{0:x}}", "{0}}{", "{٣}",
    ] {
        let error = run(&format!("format('{text}', '')")).unwrap_err();
        assert_eq!(error.message, invalid(text));
    }
    check_errors(&[
        (
            "format('{0}')",
            "The following format string references more arguments than were supplied: {0}",
            0,
        ),
        (
            "1 == format('{0}{1}', 'abc')",
            "The following format string references more arguments than were supplied: {0}{1}",
            5,
        ),
        (
            "format('{0:x}', 'abc')",
            "The format specifiers 'x' are not valid for objects of type 'String'",
            0,
        ),
        (
            "format('{0:a}}b}', 1)",
            "The format specifiers 'a}b' are not valid for objects of type 'Number'",
            0,
        ),
    ]);
}

#[test]
fn joining() {
    check(&[
        ("join(fromJSON('[\"a\", \"b\", \"c\"]'))", "'a,b,c'"),
        (
            "join(fromJSON('[\"a\", \"b\", \"c\"]'), ' | ')",
            "'a | b | c'",
        ),
        ("join(fromJSON('[\"a\", \"b\"]'), '')", "'ab'"),
        ("join(fromJSON('[\"a\", \"b\"]'), null)", "'ab'"),
        ("join(fromJSON('[\"a\", \"b\"]'), true)", "'atrueb'"),
        ("join(fromJSON('[\"a\", \"b\"]'), 1.50)", "'a1.5b'"),
        ("join(fromJSON('[\"a\", \"b\"]'), github)", "'a,b'"),
        (
            "join(fromJSON('[null, true, 1.5, \"x\", [], {}]'))",
            "',true,1.5,x,Array,Object'",
        ),
        ("join(fromJSON('[\"a\"]'), fromJSON('bad'))", "'a'"),
        ("join(fromJSON('[]'), '-')", "''"),
        ("join(null)", "''"),
        ("join(true)", "'true'"),
        ("join(123.456)", "'123.456'"),
        ("join('abc', '-')", "'abc'"),
        ("join(github)", "''"),
    ]);
}

#[test]
fn choosing() {
    check(&[
        ("case(true, 'a', 'b')", "'a'"),
        ("case(false, 'a', 'b')", "'b'"),
        ("case(false, 'a', true, 'b', 'c')", "'b'"),
        ("case(false, 'a', false, 'b', 'c')", "'c'"),
        ("case(github.event_name == 'push', 1, 2)", "1"),
        ("case(true, null, 2)", "null"),
        ("CASE(true, github.event.matrix[1], 2)", "[4, 5]"),
        ("case(true, 1, fromJSON('bad'))", "1"),
        ("case(false, fromJSON('bad'), 2)", "2"),
        ("case(true, 1, 'no boolean', 2, 3)", "1"),
    ]);
    let message = "case predicate must evaluate to a boolean value";
    check_errors(&[
        ("case(1, 'a', 'b')", message, 5),
        ("case('true', 'a', 'b')", message, 5),
        ("case(null, 'a', 'b')", message, 5),
        ("case(false, 1, github, 2, 3)", message, 15),
    ]);
}

#[test]
fn hashing() {
    check(&[
        ("hashFiles('a')", "'a'"),
        ("hashFiles('a', '!b', 1)", "'a|!b|1'"),
        (
            "HashFiles('--Follow-Symbolic-Links', 'a')",
            "'--Follow-Symbolic-Links|a'",
        ),
        ("hashFiles('a', '--b')", "'a|--b'"),
    ]);
    check_errors(&[
        ("1 == hashFiles('missing')", "no such place", 5),
        (
            "hashFiles('--x', 'a')",
            "Invalid glob option --x, avaliable option: '--follow-symbolic-links'.",
            0,
        ),
    ]);
}

#[test]
fn state_of_the_job() {
    check(&[
        ("success()", "true"),
        ("failure()", "false"),
        ("cancelled()", "false"),
        ("always()", "true"),
        ("Success() && !FAILURE()", "true"),
    ]);
    for (held, success, failure, cancelled) in [
        (StatusCheck::Success, "true", "false", "false"),
        (StatusCheck::Failure, "false", "true", "false"),
        (StatusCheck::Cancelled, "false", "false", "true"),
    ] {
        let scope = status(held);
        let value = |text| show(&run_in(text, &scope).unwrap());
        assert_eq!(value("success()"), success);
        assert_eq!(value("failure()"), failure);
        assert_eq!(value("cancelled()"), cancelled);
        assert_eq!(value("always()"), "true");
    }
}

/// A scope that knows the state of single jobs.
struct Jobs;

impl Scope for Jobs {
    fn named_value(&self, _: &str) -> Option<Value> {
        None
    }

    fn status(&self, _: StatusCheck) -> bool {
        false
    }

    fn status_of(&self, check: StatusCheck, jobs: &[String]) -> bool {
        check == StatusCheck::Success && jobs == ["a", "b"]
    }

    fn hash_files(&self, _: &[String]) -> Result<String, String> {
        Err(String::new())
    }
}

#[test]
fn state_of_named_jobs() {
    assert_eq!(show(&run_in("success('a', 'b')", &Jobs).unwrap()), "true");
    assert_eq!(show(&run_in("success()", &Jobs).unwrap()), "false");
    assert_eq!(show(&run_in("success('x')", &scope()).unwrap()), "true");
}

#[test]
fn results_are_limited() {
    let part = "x".repeat(1_000);
    let mut text = format!("'{part}'");
    for _ in 0..4 {
        text = format!("format('{}', {text})", "{0}".repeat(10));
    }
    // 1 + 10 + 100 + 1,000 + 10,000 kB would be needed.
    let error = run(&text).unwrap_err();
    assert!(
        error.message.starts_with(
            "The maximum allowed memory size was exceeded while evaluating the following expression: format('{0}{0}"
        ),
        "{error}"
    );
    let big = Value::array(vec!["x".repeat(1 << 20).into(); 9]);
    let scope = scope().with("inputs", big);
    assert_eq!(
        run_in("join(inputs, '')", &scope).unwrap().to_text().len(),
        9 << 20
    );
    assert!(run_in("toJSON(inputs)", &scope).is_ok());
    assert!(run_in("join(inputs, join(inputs, ''))", &scope).is_err());
    assert!(run_in("toJSON(toJSON(inputs))", &scope).is_err());
}
