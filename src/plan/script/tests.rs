#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

/// The simple commands of a script as words; assignments alone are left out.
fn commands(script: &str) -> Vec<Vec<String>> {
    parse(script)
        .into_iter()
        .map(|command| command.words)
        .filter(|words| !words.is_empty())
        .collect()
}

fn words(script: &str) -> Vec<String> {
    commands(script)
        .into_iter()
        .map(|words| words.join("·"))
        .collect()
}

#[test]
fn simple_commands() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("  \n\n# only a comment", &[]),
        ("a", &["a"]),
        ("a b  c\td", &["a·b·c·d"]),
        ("a\nb\r\nc\n", &["a", "b", "c"]),
        ("a; b && c || d | e & f", &["a", "b", "c", "d", "e", "f"]),
        ("a \\\n  b \\\r\n  c", &["a·b·c"]),
        ("a # b\nc", &["a", "c"]),
        ("a b#c '#d'", &["a·b#c·#d"]),
        ("a 'b c' \"d e\" f\\ g", &["a·b c·d e·f g"]),
        ("a \"x\\\"y\" 'x\\y'", &["a·x\"y·x\\y"]),
        ("a ''", &["a·"]),
        (
            "pip install \"x[y]==1\" 'z>=2'",
            &["pip·install·x[y]==1·z>=2"],
        ),
        ("X=1 Y='2 3' a b=c", &["a·b=c"]),
        ("X=1", &[]),
        ("A=(x y) b", &["b"]),
        ("a \"$X\" ${Y:-z w} $Z", &["a·$X·${Y:-z w}·$Z"]),
        ("a ${{ matrix.x }}b c", &["a·${{ matrix.x }}b·c"]),
        (
            "a '${{ x == 'y z' }}' \"${{ b }}\"",
            &["a·${{ x == 'y z' }}·${{ b }}"],
        ),
        (
            "a ${{ format('}}{0}', x) }} b",
            &["a·${{ format('}}{0}', x) }}·b"],
        ),
        ("a ${{ never closed", &["a·${{·never·closed"]),
        ("a > f 2>&1 < g b", &["a·b"]),
        ("a >>f 2>/dev/null &>h b 3", &["a·b·3"]),
        ("a<<EOF\nb; c\nEOF\nd", &["a", "d"]),
        ("a <<-'EOF' b\n\tx\n\tEOF\nd", &["a·b", "d"]),
        ("a <<X <<Y\n1\nX\n2\nY\nb", &["a", "b"]),
        ("a <<NEVER\nb\n", &["a", "b"]),
        ("a <<< \"b c\" d", &["a·d"]),
        ("a $((1 << 2)) b", &["a·$((1 << 2))·b"]),
        ("((i++)); a", &["((i++))", "a"]),
        ("! a; time -p b", &["a", "b"]),
        ("{ a; b; }", &["a", "b"]),
        ("(a; (b))", &["a", "b"]),
        ("((a); (b) | c)", &["a", "b", "c"]),
        (
            "if a; then b; elif c; then d; else e; fi; f",
            &["a", "b", "c", "d", "e", "f"],
        ),
        ("if [ -f x ]\nthen\n  a\nfi", &["[·-f·x·]", "a"]),
        (
            "[[ $a == b && -f c ]] || d",
            &["[[·$a·==·b·&&·-f·c·]]", "d"],
        ),
        (
            "for x in a b $(c d); do e $x; done; f",
            &["c·d", "e·$x", "f"],
        ),
        ("for ((i=0;i<3;i++)); do a; done", &["a"]),
        ("while read x; do a; done < f; b", &["read·x", "a", "b"]),
        (
            "case $x in a|b) c;; (d) e ;; *) f; esac; g",
            &["c", "e", "f", "g"],
        ),
        ("case x in\n a)\n b\n ;;\nesac\nc", &["b", "c"]),
        ("f() { a; }; function g { b; }; f", &["a", "b", "f"]),
        (
            "a $(b \"$(c)\") `d e`",
            &["c", "b·$(c)", "d·e", "a·$(b \"$(c)\")·`d e`"],
        ),
        ("diff <(a) <(b c)", &["a", "b·c", "diff·<(a)·<(b c)"]),
        ("echo if then", &["echo·if·then"]),
        ("\"if\" a", &["if·a"]),
        ("a 'b", &["a·'b"]),
        ("a \"b c", &["a·\"b·c"]),
        ("a $(b", &["a·$", "b"]),
        ("fi; done; }; a", &["a"]),
        (") ;; a", &["a"]),
        ("&& a", &["a"]),
        ("if a; then b", &["a", "b"]),
        ("python -c 'import x; y()'", &["python·-c·import x; y()"]),
        ("a|b |& c", &["a", "b", "c"]),
        ("a 2>&1|tee x", &["a", "tee·x"]),
        ("echo a\\", &["echo·a\\"]),
    ];
    for (script, expected) in table {
        assert_eq!(words(script), *expected, "{script:?}");
    }
}

fn flags(script: &str) -> String {
    parse(script)
        .iter()
        .map(|command| {
            let mut text = command.words.join("·");
            for (set, letter) in [
                (command.background, '&'),
                (command.or_true, 't'),
                (command.piped, '|'),
                (command.condition, 'i'),
                (command.conditional, '?'),
                (command.substituted, '$'),
            ] {
                if set {
                    text.push(' ');
                    text.push(letter);
                }
            }
            text
        })
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn surroundings() {
    let table = [
        ("a || true", "a t, true ?"),
        ("a || :", "a t, : ?"),
        ("a || echo failed; b", "a t, echo·failed ?, b"),
        ("a || exit 0", "a t, exit·0 ?"),
        ("a || exit 1", "a, exit·1 ?"),
        ("a || b", "a, b ?"),
        ("a && b || true", "a t, b t, true ?"),
        ("a || b || true", "a t, b t ?, true ?"),
        ("a | b || true", "a t |, b t, true ?"),
        ("(a; b) || true", "a t, b t, true ?"),
        ("a || { echo x; exit 1; }", "a, echo·x ?, exit·1 ?"),
        ("a || { echo x; true; }", "a t, echo·x ?, true ?"),
        ("a &\nb", "a &, b"),
        ("a && b & c", "a &, b &, c"),
        ("a | b | c", "a |, b |, c"),
        ("if a; then b; fi", "a i, b ?"),
        ("while a; do b; done", "a i, b ?"),
        ("for x in y; do a; done", "a ?"),
        ("a $(b)", "b $, a·$(b)"),
        ("X=$(b c)", "b·c $, "),
        ("f() { a; }", "a ?"),
        ("a || b; c", "a, b ?, c"),
    ];
    for (script, expected) in table {
        assert_eq!(flags(script), expected, "{script:?}");
    }
}

#[test]
fn lines_and_what_stands_before() {
    let found: Vec<String> = parse(
        "# first\na \\\n  b && c ||\n  d\nif e; then\n  f | g\nfi <<X\ntext\nX\nh \"$(i\nj)\"\r\nk",
    )
    .iter()
    .map(|command| {
        format!(
            "{} {} {} {:?}",
            command.name(),
            command.statement,
            command.line,
            command.after
        )
    })
    .collect();
    assert_eq!(
        found,
        [
            "a 1 1 Sequence",
            "c 1 2 And",
            "d 1 3 Or",
            "e 2 4 Sequence",
            "f 2 5 Sequence",
            "g 2 5 Pipe",
            "i 3 9 Sequence",
            "j 3 10 Sequence",
            "h 3 9 Sequence",
            "k 4 11 Sequence",
        ]
    );
}

#[test]
fn assignments_and_files() {
    let parsed = parse("A=1 B+=\"x y\" c D=2 > out 2>> err\nE='f=g'\n\"F=1\" h\n{ a; b; } >> all");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(parsed[0].assignments, [pair("A", "1"), pair("B", "x y")]);
    assert_eq!(parsed[0].words, ["c", "D=2"]);
    assert_eq!(parsed[0].writes, ["out", "err"]);
    assert_eq!(parsed[1].assignments, [pair("E", "f=g")]);
    assert_eq!(parsed[2].words, ["F=1", "h"]);
    assert_eq!(parsed[4].writes, ["all"]);
}

#[test]
fn directories() {
    let table: &[(&str, &[Option<&str>])] = &[
        ("a", &[Some("")]),
        ("cd x && a", &[Some(""), Some("x")]),
        ("cd x/y\ncd ..\na", &[Some(""), Some("x/y"), Some("x")]),
        ("cd x || exit 1\na", &[Some(""), Some("x"), Some("x")]),
        ("(cd x; a); b", &[Some(""), Some("x"), Some("")]),
        ("cd x | a; b", &[Some(""), Some(""), Some("")]),
        ("cd x & a", &[Some(""), Some("")]),
        ("cd $X; a", &[Some(""), None]),
        ("cd; a", &[Some(""), None]),
        ("cd -; a", &[Some(""), None]),
        ("cd /x; a", &[Some(""), Some("/x")]),
        ("cd $X; cd y; a", &[Some(""), None, None]),
        ("cd $X; cd /y; a", &[Some(""), None, Some("/y")]),
        (
            "cd $GITHUB_WORKSPACE/x; cd y; a",
            &[
                Some(""),
                Some("$GITHUB_WORKSPACE/x"),
                Some("$GITHUB_WORKSPACE/x/y"),
            ],
        ),
        (
            "cd ${{ github.workspace }}; a",
            &[Some(""), Some("${{ github.workspace }}")],
        ),
        ("if a; then cd x; fi; b", &[Some(""), Some(""), None]),
        ("a || cd x; b", &[Some(""), Some(""), None]),
        (
            "pushd x; a; popd; b",
            &[Some(""), Some("x"), Some("x"), None],
        ),
        ("f() { cd x; }; b", &[Some(""), Some("")]),
        ("{ cd x; }; b", &[Some(""), Some("x")]),
    ];
    for (script, expected) in table {
        let found = parse(script);
        let found: Vec<Option<&str>> = found
            .iter()
            .map(|command| command.directory.as_deref())
            .collect();
        assert_eq!(found, *expected, "{script:?}");
    }
}

#[test]
fn joins() {
    let table = [
        ("", "a", "a"),
        ("a", "b", "a/b"),
        ("a/b", "../c", "a/c"),
        ("a", "../../c", "../c"),
        ("", "./a//b/", "a/b"),
        ("/a", "../../b", "/b"),
        ("a", "/b", "/b"),
        ("a", "$X/b", "$X/b"),
        ("$X", "../b", "$X/../b"),
    ];
    for (directory, path, expected) in table {
        assert_eq!(join(directory, path), expected, "{directory:?} {path:?}");
    }
}

#[test]
fn splits_like_shlex() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        (
            "-q  --cov=x\n--junitxml=a",
            &["-q", "--cov=x", "--junitxml=a"],
        ),
        ("-m \"not slow\" -k 'a b'", &["-m", "not slow", "-k", "a b"]),
        ("a\\ b \"c\\\"d\" \"e\\f\" ''", &["a b", "c\"d", "e\\f", ""]),
        ("a;b|c (d)", &["a;b|c", "(d)"]),
        ("'open", &["open"]),
    ];
    for (text, expected) in table {
        assert_eq!(split(text), *expected, "{text:?}");
    }
}

#[test]
fn names() {
    let name = |script: &str| parse(script)[0].name().to_owned();
    assert_eq!(name(".venv/bin/pytest -q"), "pytest");
    assert_eq!(name("pytest.exe"), "pytest");
    assert_eq!(name("X=1"), "");
}

#[test]
fn hostile() {
    for (unit, count) in [
        ("cd abcdefgh\n", 5_000),
        ("(", 20_000),
        (")", 10_000),
        ("((a) ", 5_000),
        ("$(", 10_000),
        ("\"$(", 5_000),
        ("${", 10_000),
        ("${{ ", 10_000),
        ("`", 10_001),
        ("'", 10_001),
        ("<<a ", 5_000),
        ("<<a\n", 2_000),
        ("if ", 10_000),
        ("{ ", 10_000),
        ("case x in ", 5_000),
        ("f() ", 5_000),
        ("a && ", 5_000),
        ("a || true | ", 5_000),
        ("a || true || ", 5_000),
        ("1<", 10_000),
        ("! ", 10_000),
        ("[[ ", 10_000),
        ("while ", 10_000),
        ("\\", 10_001),
        ("for x in $(", 2_000),
    ] {
        let text = unit.repeat(count);
        for text in [format!("'{text}"), format!("`{text}"), format!("\"{text}")] {
            let _ = parse(&text);
        }
        let started = std::time::Instant::now();
        let _ = parse(&text);
        let _ = split(&text);
        assert!(
            started.elapsed().as_secs() < 3,
            "{unit:?}: {:?}",
            started.elapsed()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn never_panics(text in "([a-c \n\"'`$(){};|&<>#!=\\\\\t-]|if |then |fi |case |in |esac |do |done |for |<<a|\\$\\{\\{|\\}\\}|é){0,60}") {
        let _ = parse(&text);
        let _ = split(&text);
    }

    #[test]
    fn arbitrary_text(text in "\\PC*") {
        let _ = parse(&text);
    }

    #[test]
    fn quoted_words_come_back(list in proptest::collection::vec("[a-z $\"`;|&<>(){}#*\n-]{1,8}", 1..6)) {
        let script = list
            .iter()
            .map(|word| format!("'{word}'"))
            .collect::<Vec<_>>()
            .join(" ");
        if !script.contains("${{") {
            prop_assert_eq!(commands(&script), vec![list]);
        }
    }
}
