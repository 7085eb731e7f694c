//! What is an expression and what is not.

use super::super::parser::{MAX_DEPTH, MAX_LENGTH, parse_with};
use super::super::{Allowed, FnSpec};
use super::{check, parse, run};

#[test]
fn literals_and_words() {
    check(&[
        ("null", "null"),
        ("true", "true"),
        ("false", "false"),
        (" true ", "true"),
        ("\t\n\u{a0}true\u{3000}", "true"),
        ("'x'", "'x'"),
        ("''", "''"),
        ("''''", "'''"),
        ("'It''s'", "'It's'"),
        ("'a''''b'", "'a''b'"),
        ("'\"'", "'\"'"),
        ("'a\\nb'", "'a\\nb'"),
        ("'🙂'", "'🙂'"),
        ("'}}'", "'}}'"),
        ("GITHUB.REF", "'refs/heads/main'"),
        ("GitHub.Event_Name", "'push'"),
        ("TOJSON(1)", "'1'"),
        ("ToJson ( 1 )", "'1'"),
        ("github . ref", "'refs/heads/main'"),
        ("github\n['ref']", "'refs/heads/main'"),
        ("github.event.null", "null"),
        ("github.event.true", "null"),
    ]);
}

#[test]
fn only_allowed_names() {
    let allowed = Allowed {
        names: &["github", "needs"],
        functions: &[FnSpec::ALWAYS],
    };
    assert!(parse_with("github.x && NEEDS.y && contains('a', 'b')", &allowed).is_ok());
    assert!(parse_with("case(true, 1, 2) && Always()", &allowed).is_ok());
    let error = parse_with("secrets.TOKEN != ''", &allowed).unwrap_err();
    assert_eq!(
        error.message,
        "Unrecognized named-value: 'secrets'. Located at position 1 within expression: secrets.TOKEN != ''"
    );
    let error = parse_with("always() || hashFiles('x')", &allowed).unwrap_err();
    assert!(
        error
            .message
            .starts_with("Unrecognized function: 'hashFiles'. Located at position 13")
    );
    assert_eq!(error.offset, 12);
    let step = Allowed {
        names: &[],
        functions: &[FnSpec::SUCCESS],
    };
    assert!(parse_with("success('build')", &step).is_err());
    assert!(parse("success('build', 'lint')").is_ok());
}

#[test]
fn limits() {
    let deep = |levels: usize| format!("{}true", "!".repeat(levels));
    assert!(parse(&deep(MAX_DEPTH - 1)).is_ok());
    let error = parse(&deep(MAX_DEPTH)).unwrap_err();
    assert_eq!(error.message, "Exceeded max expression depth 50");
    assert!(parse(&deep(MAX_LENGTH - 4)).is_err());
    // Parentheses are no level; chains of && and || are one.
    assert!(run(&format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000))).is_ok());
    assert!(run(&format!("1{}", "&&1".repeat(6_000))).is_ok());
    assert!(run(&format!("{}0{}", "0||(".repeat(4_000), ")".repeat(4_000))).is_ok());
    assert!(run(&format!("1{}", "==1".repeat(49))).is_ok());
    assert!(run(&format!("1{}", "==1".repeat(50))).is_err());
    assert!(run(&format!("github{}", ".x".repeat(49))).is_ok());
    assert!(run(&format!("github{}", ".x".repeat(50))).is_err());
    let calls = |levels: usize| format!("{}1{}", "toJSON(".repeat(levels), ")".repeat(levels));
    assert!(parse(&calls(49)).is_ok());
    assert!(parse(&calls(50)).is_err());
    // Each of these calls doubles the backslashes.
    let error = run(&calls(49)).unwrap_err();
    assert!(error.message.starts_with("The maximum allowed memory size"));
    // The depth is looked at last.
    let error = parse(&format!("{} &&", deep(100))).unwrap_err();
    assert!(error.message.starts_with("Unexpected end of expression"));
    let error = parse(&format!("{}foo", "!".repeat(100))).unwrap_err();
    assert!(error.message.starts_with("Unrecognized named-value"));
    assert!(parse(&"[".repeat(20_000)).is_err());
    assert!(parse(&"github[".repeat(3_000)).is_err());
    let longest = format!("'{}'", "🙂".repeat((MAX_LENGTH - 2) / 2));
    assert!(parse(&longest).is_ok());
    let error = parse(&format!("{longest} ")).unwrap_err();
    assert_eq!(error.message, "Exceeded max expression length 21000");
}

#[test]
fn names_and_status_calls() {
    let refs = |text: &str| -> Vec<String> {
        parse(text)
            .unwrap()
            .names()
            .iter()
            .map(|name| {
                let end = if name.complete { "" } else { "+" };
                format!("{}@{}:{}{end}", name.name, name.offset, name.path.join("/"))
            })
            .collect()
    };
    assert_eq!(refs("1"), Vec::<String>::new());
    assert_eq!(refs("github"), ["github@0:"]);
    assert_eq!(
        refs("Needs.build.outputs['tag']"),
        ["needs@0:build/outputs/tag"]
    );
    assert_eq!(refs("needs.*.result"), ["needs@0:+"]);
    assert_eq!(refs("needs[0].result"), ["needs@0:+"]);
    assert_eq!(
        refs("needs[matrix.os].result && !contains(steps.a.outputs.b[env.X], (inputs).y)"),
        [
            "needs@0:+",
            "matrix@6:os",
            "steps@37:a/outputs/b+",
            "env@55:X",
            "inputs@64:y"
        ]
    );
    assert_eq!(refs("fromJSON(needs.a).b"), ["needs@9:a"]);
    let calls_status = |text: &str| parse(text).unwrap().calls_status();
    assert!(calls_status("Always() && join(needs.*.result) || 1"));
    assert!(!calls_status("join(needs.*.result) || 1"));
}
