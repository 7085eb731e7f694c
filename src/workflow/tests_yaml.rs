//! YAML: what is refused, and the places of what is read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::node::NodeKind;
use super::tests_broken::{check, job, step};
use super::yaml::read;
use super::{Span, parse, parse_action};

#[test]
fn yaml() {
    check(&[
        (String::new(), &["1:1 the file is empty"]),
        ("# nothing\n\n".into(), &["1:1 the file is empty"]),
        ("---\n".into(), &["1:1 the file is empty"]),
        ("\u{feff}".into(), &["1:1 the file is empty"]),
        (
            "on: push\n---\non: push\n".into(),
            &[
                "2:1 a second document begins here, and a workflow file holds one / remove the `---`",
            ],
        ),
        (
            "on: push\njobs:\n\tunit:\n".into(),
            &[
                "3:2 invalid YAML: tabs disallowed within this context (block indentation) / indent with spaces",
            ],
        ),
        (
            "on: push\nname: a: b\n".into(),
            &[
                "2:8 invalid YAML: mapping values are not allowed in this context / check the indentation; a text with `: ` in it needs quotes",
            ],
        ),
        (
            "on: push\njobs:\n  a: x\n b: y\n".into(),
            &[
                "4:2 invalid YAML: while parsing a block mapping, did not find expected key / check the indentation of this line and the one before",
            ],
        ),
        (
            "name: \"x\non: push\n".into(),
            &[
                "1:7 invalid YAML: invalid indentation in quoted scalar / a closing quote is missing",
            ],
        ),
        (
            "name: 'é' x\non: push\n".into(),
            &[
                "1:11 invalid YAML: invalid trailing content after a quoted scalar / put the whole text in quotes",
            ],
        ),
        (
            "on: [push\njobs: {}\n".into(),
            &[
                "2:5 invalid YAML: illegal placement of ':' indicator / a closing bracket or a comma is missing; a text with brackets in it needs quotes",
            ],
        ),
        (
            "name: @x\n".into(),
            &[
                "1:7 invalid YAML: unexpected character: `@' / a text that begins with this character needs quotes",
            ],
        ),
        (
            "name: *x\n".into(),
            &[
                "1:7 invalid YAML: while parsing node, found unknown anchor / an anchor `&name` must stand before the alias `*name`; a text that begins with `*` needs quotes",
            ],
        ),
        (
            "name: \"\\d\"\n".into(),
            &[
                "1:7 invalid YAML: while parsing a quoted scalar, found unknown escape character / use single quotes, or `\\\\` for a backslash",
            ],
        ),
        (
            "on: push\nname: a\0b\n".into(),
            &["2:8 invalid YAML: found unprintable character"],
        ),
        (
            "x: &a [1, *a]\n".into(),
            &["1:11 `*a` stands inside its own anchor"],
        ),
        (
            step("run: x\nenv: &e\n  A: 1\n  <<: *f\n").replace("*f", "{B: 1}"),
            &[
                "9:11 GitHub does not support the merge key `<<` / repeat the keys, or use an alias for a whole value: `key: *name`",
            ],
        ),
        (
            step("run: x\nenv:\n  PATH: 1\n  B: 2\n  Path: 3\n  B: 4\n"),
            &[
                "10:11 key `Path` is already defined at line 8, column 11 / GitHub ignores capitals in keys, so this is the same as `PATH`",
                "11:11 key `B` is already defined at line 9, column 11",
            ],
        ),
        (
            job("steps:\n  - run: x\n").clone() + "  Unit:\n    runs-on: x\n",
            &[
                "7:3 key `Unit` is already defined at line 3, column 3 / GitHub ignores capitals in keys, so this is the same as `unit`",
            ],
        ),
        (
            step("run: x\nenv:\n  ? [a]\n  : b\n  ~: c\n"),
            &[
                "8:13 a key must be a text, and this one is a list or a map",
                "10:11 a key is empty",
            ],
        ),
        (
            step("run: x\nenv:\n  ${{ insert }}: ${{ fromJSON('{}') }}\n"),
            &["8:11 an expression as a key (`${{ insert }}`) is not supported yet"],
        ),
        (
            step("run: x\nenv:\n  A: 0x1FFFFFFFF\n  B: !mine x\n  C: !!int x\n"),
            &[
                "8:14 the number `0x1FFFFFFFF` is too large / quote it: '0x1FFFFFFFF'",
                "9:20 `x` cannot have the tag `!mine` / GitHub knows the tags !!str, !!int, !!float, !!bool and !!null",
                "10:20 `x` cannot have the tag `!!int` / GitHub knows the tags !!str, !!int, !!float, !!bool and !!null",
            ],
        ),
    ]);
}

#[test]
fn scalars_cover_their_text() {
    let text = "on: push\nenv:\n  A: &a 'x y'  # c\n  B: !!str 3.10\n  C: plain text   \n  D: |\n    one\n    two\n\n  E:\n  F: *a\n  G: &g foo bar # c\n  H: \"q \\\" # r\"   # c\n  I: 'it''s' #\njobs: {t: {runs-on: [a,\n  b ], steps: [ {run: x} ]}}\n";
    let workflow = parse(text).unwrap().workflow;
    let spans: Vec<&str> = workflow
        .env
        .iter()
        .map(|(_, node)| &text[node.span.start.offset..node.span.end.offset])
        .collect();
    assert_eq!(
        spans,
        [
            "'x y'",
            "3.10",
            "plain text",
            "one\n    two",
            "E",
            "'x y'",
            "foo bar",
            "\"q \\\" # r\"",
            "'it''s'"
        ]
    );
    let job = &workflow.jobs[0];
    let part = |span: Span| &text[span.start.offset..span.end.offset];
    assert_eq!(part(job.runs_on.as_ref().unwrap().span), "[a,\n  b ]");
    assert_eq!(part(job.steps[0].span), "{run: x}");
    assert_eq!(part(job.span), "{runs-on: [a,\n  b ], steps: [ {run: x} ]}");
}

#[test]
fn a_closing_bracket_may_stand_below_its_key() {
    let node = read(
        "jobs:\n  m:\n    name: [\n      a, # one ]\n      'b # c'\n    ]\n    os: {\n      x: 1,\n\n      # last\n    }\n    end: z\n",
    )
    .unwrap()
    .root;
    let m = node.get("jobs").unwrap().get("m").unwrap();
    let NodeKind::Seq(names) = &m.get("name").unwrap().kind else {
        panic!("no list");
    };
    let names: Vec<_> = names.iter().map(|one| one.scalar_text().unwrap()).collect();
    assert_eq!(names, ["a", "b # c"]);
    assert_eq!(
        m.get("os")
            .unwrap()
            .get("x")
            .unwrap()
            .scalar_text()
            .unwrap(),
        "1"
    );
    // Places are those of the file as it is.
    let end = m.get("end").unwrap().span.start;
    assert_eq!((end.line, end.column), (12, 10));
    // In a block, nothing is moved.
    assert!(read("a:\n    - b\n  ]\n").is_err());
}

#[test]
fn other_yaml_files() {
    assert_eq!(parse_action("a: 1\nA: 2\n").unwrap_err().len(), 1);
    assert_eq!(
        parse_action("").unwrap_err()[0].message,
        "the file is empty"
    );
}
