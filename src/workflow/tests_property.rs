//! Nothing that can be in a file makes the reader panic, overflow or take long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::tests_valid::FIXTURES;
use super::yaml::{MAX_DEPTH, MAX_NODES};
use super::{Problem, parse, test_command};

/// Reads a text and checks that every place said is one of the text.
fn sound(text: &str) {
    let problems = match parse(text) {
        Ok(parsed) => parsed.warnings,
        Err(problems) => {
            assert!(!problems.is_empty());
            problems
        }
    };
    let mut before = 0;
    for Problem {
        span,
        message,
        hint,
        file: _,
    } in problems
    {
        let (start, end) = (span.start.offset, span.end.offset);
        assert!(text.get(start..end).is_some(), "{start}..{end} {message}");
        assert!(before <= start);
        before = start;
        assert!(
            !message.contains('\n') && !message.ends_with('.'),
            "{message}"
        );
        assert!(hint.is_none_or(|hint| !hint.contains('\n')));
        let line = text[..start].matches('\n').count();
        assert!(span.start.line >= 1 && span.start.column >= 1 && span.start.line > line);
    }
}

/// One change of a file's lines.
#[derive(Debug, Clone)]
enum Change {
    Delete(usize),
    Repeat(usize, usize),
    Indent(usize, usize),
    Outdent(usize),
    Swap(usize, usize),
    Insert(usize, String),
    Cut(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        "[a-z-]{1,8}:( [a-z]{0,4})?",
        "- ?[a-z:]{0,6}",
        "[\\[\\]{}&*!|>'\"%@`#,:?~<= \t-]{1,6}",
        "\\PC{0,12}",
        Just("<<: *steps".to_owned()),
        Just("x: *checkout".to_owned()),
    ];
    prop_oneof![
        any::<usize>().prop_map(Change::Delete),
        any::<(usize, usize)>().prop_map(|(from, to)| Change::Repeat(from, to)),
        (any::<usize>(), 1..9usize).prop_map(|(line, by)| Change::Indent(line, by)),
        any::<usize>().prop_map(Change::Outdent),
        any::<(usize, usize)>().prop_map(|(a, b)| Change::Swap(a, b)),
        (any::<usize>(), piece).prop_map(|(line, text)| Change::Insert(line, text)),
        any::<(usize, usize)>().prop_map(|(line, at)| Change::Cut(line, at)),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for change in changes {
        let count = lines.len().max(1);
        match change {
            Change::Delete(at) if count > 1 => {
                lines.remove(at % count);
            }
            Change::Delete(_) => {}
            Change::Repeat(from, to) => lines.insert(to % count, lines[from % count].clone()),
            Change::Indent(at, by) => lines[at % count].insert_str(0, &" ".repeat(*by)),
            Change::Outdent(at) => {
                let line = &mut lines[at % count];
                *line = line.trim_start().to_owned();
            }
            Change::Swap(a, b) => lines.swap(a % count, b % count),
            Change::Insert(at, text) => {
                let line = &mut lines[at % count];
                let end = line.len() - line.trim_start().len();
                line.insert_str(end, text);
            }
            Change::Cut(at, to) => {
                let line = &mut lines[at % count];
                *line = line.chars().take(to % 40).collect();
            }
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        sound(&text);
        test_command(&text);
    }

    #[test]
    fn any_text_of_yaml(text in "([a-c:&*!|>'\"\\[\\]{}#,?%@ \\-\n\t\r<~.0-9]|\\$\\{\\{){0,120}") {
        sound(&text);
        test_command(&text);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        sound(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn changed_workflows(
        fixture in 0..FIXTURES.len(),
        changes in proptest::collection::vec(change(), 1..5),
    ) {
        sound(&changed(FIXTURES[fixture].1, &changes));
    }

    #[test]
    fn any_script(script in "(pytest|uv run|tox|-e|-m|bash -c|<<EOF|['\"\\\\`$(){}|&;#=: \n]|EOF){0,40}") {
        test_command(&script);
    }
}

/// What is said about a text that must be refused at once.
fn refused(text: &str) -> String {
    let start = Instant::now();
    let problems = parse(text).unwrap_err();
    let taken = start.elapsed();
    assert!(taken < Duration::from_secs(3), "{taken:?}");
    problems[0].message.clone()
}

#[test]
fn limits() {
    let deep = format!("lists and maps are nested more than {MAX_DEPTH} deep");
    let many = format!("the file has more than {MAX_NODES} YAML nodes");
    assert_eq!(refused(&"[".repeat(100_000)), deep);
    assert_eq!(refused(&"- ".repeat(500_000)), deep);
    assert_eq!(refused(&"? ".repeat(500_000)), deep);
    assert_eq!(refused(&format!("a: [{}]", "1,".repeat(500_000))), many);
    assert_eq!(
        refused(&"a\n".repeat(600_000)),
        "the file is longer than 1 MiB"
    );
    assert_eq!(
        refused(&"é".repeat(1_048_577)),
        "the file is longer than 1 MiB"
    );
    let long = format!("a: \"{}\"", "é".repeat(600_000));
    assert_eq!(refused(&long), "the workflow has no `jobs`");
}

#[test]
fn alias_bombs() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert_eq!(
        refused(&bomb),
        format!("the file has more than {MAX_NODES} YAML nodes")
    );

    let wide = format!(
        "a: &a '{}'\nb: [{}]\n",
        "x".repeat(900_000),
        "*a, ".repeat(20_000)
    );
    assert_eq!(
        refused(&wide),
        "the file is longer than 10 MiB when its aliases are expanded"
    );
    // Little text, but much to look through.
    let blank = format!(
        "a: &a \"x\n{}y\"\nb: [{}]\n",
        " ".repeat(900_000),
        "*a, ".repeat(20_000)
    );
    assert_eq!(
        refused(&blank),
        "the file is longer than 10 MiB when its aliases are expanded"
    );
    let mut tower = String::from("a0: &a0 [x]\n");
    for level in 1..60 {
        tower.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert_eq!(
        refused(&tower),
        format!("lists and maps are nested more than {MAX_DEPTH} deep")
    );
}

#[test]
fn many_problems() {
    let mut text = String::from("on: push\njobs:\n");
    for job in 0..3_000 {
        text.push_str(&format!(
            "  j{job}: {{runs-on: x, steps: [{{run: x}}], needs: k{job}}}\n"
        ));
    }
    assert!(refused(&text).contains("is not a job"));
    // A long chain that closes to a circle.
    let mut text = String::from("on: push\njobs:\n");
    for job in 0..3_000 {
        let next = (job + 1) % 3_000;
        text.push_str(&format!(
            "  j{job}: {{runs-on: x, steps: [{{run: x}}], needs: j{next}}}\n"
        ));
    }
    assert!(refused(&text).starts_with("jobs wait for each other: j0 → j1 →"));
}

#[test]
fn mutations_of_every_line() {
    for (_, text) in FIXTURES {
        let count = text.split('\n').count();
        for line in 0..count {
            sound(&changed(text, &[Change::Delete(line)]));
            sound(&changed(text, &[Change::Repeat(line, line)]));
            sound(&changed(text, &[Change::Indent(line, 2)]));
        }
    }
}
