#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> Dockerfile {
    Dockerfile::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn last_base(file: &Dockerfile) -> &Base {
    &file.stages.last().unwrap().base
}

#[test]
fn stages() {
    let file = parsed(
        "# syntax=docker/dockerfile:1\n# comment\nARG VERSION=3.12\nARG IMAGE=python:$VERSION\n\n\
         FROM --platform=linux/amd64 ${IMAGE}-slim AS base\nRUN x\n\
         FROM base as Test\n\
         FROM node:20 AS js\n\
         FROM test\n\
         FROM scratch AS empty\n\
         FROM $UNKNOWN AS odd\n\
         FROM img:$TARGETARCH AS arch\n",
    );
    let stages: Vec<(Option<&str>, &Base)> = file
        .stages
        .iter()
        .map(|stage| (stage.name.as_deref(), &stage.base))
        .collect();
    assert_eq!(
        stages,
        [
            (Some("base"), &Base::Image("python:3.12-slim".into())),
            (Some("Test"), &Base::Stage(0)),
            (Some("js"), &Base::Image("node:20".into())),
            (None, &Base::Stage(1)),
            (Some("empty"), &Base::Scratch),
            (Some("odd"), &Base::Unknown("$UNKNOWN".into())),
            (Some("arch"), &Base::Unknown("img:$TARGETARCH".into())),
        ]
    );
    assert_eq!(
        file.targets(),
        ["base", "Test", "js", "empty", "odd", "arch"]
    );
    assert_eq!(file.syntax(), Some("docker/dockerfile:1"));
    assert_eq!(file.stage(None).unwrap().index, 6);
    assert_eq!(file.stage(Some("")).unwrap().index, 6);
    assert_eq!(file.stage(Some("TEST")).unwrap().index, 1);
    assert_eq!(file.stage(Some("3")).unwrap().index, 3);
    assert!(file.stage(Some("9")).is_none());
    assert!(file.stage(Some("tets")).is_none());
    assert_eq!(file.nearest("tets"), Some("Test"));
    assert_eq!(file.nearest("bas"), Some("base"));
    assert_eq!(file.nearest("something"), None);
    assert_eq!(file.nearest(""), None);
}

#[test]
fn arguments_of_the_build() {
    let text = "ARG V=1\nARG W\nFROM a:${V} AS x\nFROM b:${W:-7}\nARG V\nWORKDIR /w$V\n";
    let given = BTreeMap::from([("V".to_owned(), "2".to_owned())]);
    let file = Dockerfile::parse_with(text, &given).unwrap();
    assert_eq!(file.base_images(), ["a:2", "b:7"]);
    assert_eq!(file.stage(None).unwrap().workdir().as_deref(), Some("/w2"));
    let file = parsed(text);
    assert_eq!(file.base_images(), ["a:1", "b:7"]);
    assert_eq!(file.stage(None).unwrap().workdir().as_deref(), Some("/w1"));
}

#[test]
fn bases() {
    let table = [
        ("ARG A=x\nFROM $A", Base::Image("x".into())),
        ("ARG A=x\nFROM \"${A}\":1", Base::Image("x:1".into())),
        ("ARG A='x y'\nFROM a", Base::Image("a".into())),
        ("ARG A=1 B=2\nFROM x:$A.$B", Base::Image("x:1.2".into())),
        ("ARG A\nFROM x:${A:-1}", Base::Image("x:1".into())),
        ("ARG A=\nFROM x:${A:-1}${A-2}", Base::Image("x:1".into())),
        ("ARG A=1\nFROM x${A:+:y}", Base::Image("x:y".into())),
        ("FROM x${A:+:y}", Base::Image("x".into())),
        ("FROM ${A:-${B:-z}}", Base::Image("z".into())),
        ("FROM ${A}", Base::Unknown("${A}".into())),
        ("FROM ${A:?no}", Base::Unknown("${A:?no}".into())),
        ("FROM ${A#x}", Base::Unknown("${A#x}".into())),
        ("FROM ${", Base::Unknown("${".into())),
        ("FROM a@sha256:0123", Base::Image("a@sha256:0123".into())),
        (
            "FROM localhost:5000/a/b:c",
            Base::Image("localhost:5000/a/b:c".into()),
        ),
        ("FROM SCRATCH", Base::Scratch),
        ("from a", Base::Image("a".into())),
        ("\u{feff}FROM a", Base::Image("a".into())),
        ("FROM a AS b\nFROM B", Base::Stage(0)),
        ("FROM b AS b", Base::Image("b".into())),
        ("FROM a AS b\nFROM c AS b\nFROM b", Base::Stage(1)),
        ("FROM a\nFROM 0", Base::Image("0".into())),
    ];
    for (text, expected) in table {
        assert_eq!(last_base(&parsed(text)), &expected, "{text:?}");
    }
}

#[test]
fn where_the_sources_are() {
    let table: &[(&str, Option<&str>)] = &[
        ("FROM a", None),
        ("FROM a\nWORKDIR /app\nCOPY . .", Some("/app")),
        ("FROM a\nWORKDIR /app/\nCOPY ./ ./", Some("/app")),
        ("FROM a\nCOPY . /app", Some("/app")),
        ("FROM a\nCOPY --chown=u:g --link . /app/", Some("/app")),
        ("FROM a\nADD . /app/", Some("/app")),
        ("FROM a\nCOPY [\".\", \"/my app\"]", Some("/my app")),
        ("FROM a\nCOPY x . /app/", Some("/app")),
        ("FROM a\nCOPY . .", None),
        ("FROM scratch\nCOPY . .", Some("/")),
        ("FROM scratch\nWORKDIR app\nCOPY . src", Some("/app/src")),
        ("FROM a\nWORKDIR /a\nWORKDIR b\nCOPY . .", Some("/a/b")),
        ("FROM a\nWORKDIR b\nCOPY . .", None),
        ("FROM a\nWORKDIR /a\nCOPY . ../b", Some("/b")),
        ("FROM a\nWORKDIR /a\nCOPY . .\nWORKDIR /b", Some("/a")),
        ("FROM a\nCOPY . /x\nCOPY . /y", Some("/y")),
        ("FROM a\nCOPY src /app", None),
        ("FROM a\nCOPY * /app", None),
        ("FROM a\nCOPY ./src/. /app", None),
        ("FROM a AS b\nCOPY . /x\nFROM c\nCOPY --from=b . /app", None),
        (
            "FROM a AS b\nWORKDIR /x\nCOPY . .\nFROM b AS c\nRUN y",
            Some("/x"),
        ),
        ("FROM a AS b\nWORKDIR /x\nFROM b\nCOPY . .", Some("/x")),
        (
            "FROM a AS b\nENV D=/x\nARG E=y\nFROM b\nCOPY . $D/$E",
            Some("/x/y"),
        ),
        ("FROM a\nENV D=/x E=$D/y\nWORKDIR $E\nCOPY . .", None),
        (
            "FROM scratch\nENV D=/x E=$D/y\nWORKDIR $E\nCOPY . .",
            Some("/y"),
        ),
        ("FROM a\nENV D /x y\nCOPY . $D", Some("/x y")),
        ("FROM a\nENV D=\"/x y\"\nCOPY . ${D}", Some("/x y")),
        ("FROM a\nENV D=/x\\ y\nCOPY . ${D}", Some("/x y")),
        ("FROM a\nARG D=/x\nENV D=/y\nCOPY . $D", Some("/y")),
        ("FROM a\nCOPY . $D", None),
        ("FROM a\nCOPY . ${D:-/x}", None),
        ("ARG D=/x\nFROM a\nCOPY . $D", None),
        ("ARG D=/x\nFROM a\nARG D\nCOPY . $D", Some("/x")),
        ("FROM a\nARG D\nCOPY . /x$D", Some("/x")),
        ("FROM a\nARG TARGETARCH\nCOPY . /$TARGETARCH", None),
        ("FROM a\nWORKDIR '/x'\nCOPY . \\\n  .", Some("/x")),
        ("# escape=`\nFROM a\nWORKDIR /x\nCOPY . `\n  .", Some("/x")),
        ("FROM a\nCOPY <<EOF /x\n.\nEOF\n", None),
        ("FROM a\nRUN <<EOF\nCOPY . /x\nEOF\n", None),
        ("FROM a\nONBUILD COPY . /x", None),
    ];
    for (text, expected) in table {
        let file = parsed(text);
        let found = file.stage(None).unwrap().source_dir();
        assert_eq!(found.as_deref(), *expected, "{text:?}");
    }
}

#[test]
fn users() {
    let table = [
        ("FROM a", None),
        ("FROM a\nUSER app:app\nRUN x", Some("app:app")),
        ("FROM a\nUSER x\nUSER 1000", Some("1000")),
        ("FROM a AS b\nUSER x\nFROM b", Some("x")),
        ("FROM a\nARG UID=1000\nUSER $UID:${UID}", Some("1000:1000")),
        ("FROM a\nUSER $X", None),
    ];
    for (text, expected) in table {
        let file = parsed(text);
        assert_eq!(
            file.stage(None).unwrap().user().as_deref(),
            expected,
            "{text:?}"
        );
    }
}

#[test]
fn images_to_pull() {
    let file = parsed(
        "FROM a AS one\nFROM b AS two\nCOPY --from=one / /\nCOPY --from=ghcr.io/x/uv:1 /uv /bin/\n\
         FROM c AS three\nRUN --mount=type=bind,from=two,target=/x --mount=type=cache,target=/y z\n\
         FROM d AS four\nCOPY --from=0 / /\nCOPY --from=four / /\nRUN --mount=from=e x\nFROM a AS five\nFROM $X\n",
    );
    assert_eq!(
        file.base_images(),
        ["a", "b", "ghcr.io/x/uv:1", "c", "d", "four", "e"]
    );
    let of = |target: &str| file.stage(Some(target)).unwrap().base_images();
    assert_eq!(of("one"), ["a"]);
    assert_eq!(of("two"), ["a", "b", "ghcr.io/x/uv:1"]);
    assert_eq!(of("three"), ["a", "b", "ghcr.io/x/uv:1", "c"]);
    assert_eq!(of("four"), ["a", "d", "four", "e"]);
    assert_eq!(of("five"), ["a"]);
    assert!(of("5").is_empty());
}

#[test]
fn errors() {
    let table = [
        ("", 1, "expected at least one FROM instruction"),
        ("# nothing\n", 1, "expected at least one FROM instruction"),
        ("FROM a\nBOGUS x\n", 2, "unknown instruction 'BOGUS'"),
        ("RUN x\n", 1, "expected FROM"),
        (
            "FROM a\n\nCOPY x\n",
            3,
            "COPY instruction requires at least two arguments",
        ),
    ];
    for (text, line, message) in table {
        let error = Dockerfile::parse(text).unwrap_err();
        assert_eq!(
            (error.line, error.message.as_str()),
            (line, message),
            "{text:?}"
        );
    }
    let big = format!("FROM a\n#{}\n", "x".repeat(MAX_BYTES));
    assert!(Dockerfile::parse(&big).is_err());
    let many = "FROM a\n".repeat(MAX_STAGES + 1);
    assert_eq!(Dockerfile::parse(&many).unwrap_err().line, MAX_STAGES + 1);
}

#[test]
fn hostile() {
    // Values that double with every line.
    let mut text = "FROM scratch\nENV A=xxxxxxxxxx\n".to_owned();
    text.push_str(&"ENV A=$A$A\n".repeat(1000));
    text.push_str("WORKDIR /$A\n");
    let file = parsed(&text);
    assert_eq!(file.stage(None).unwrap().workdir(), None);
    let deep = format!("FROM {}", "${A:-".repeat(10_000));
    assert!(matches!(last_base(&parsed(&deep)), Base::Unknown(_)));
    let mut chain = "FROM a AS s0\n".to_owned();
    for index in 1..MAX_STAGES {
        chain.push_str(&format!(
            "FROM s{} AS s{index}\nCOPY --from=s0 / /\n",
            index - 1
        ));
    }
    let file = parsed(&chain);
    assert_eq!(file.stage(None).unwrap().base_images(), ["a"]);
    assert_eq!(file.stage(None).unwrap().source_dir(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn never_panics(text in "(FROM a|FROM |ARG |ENV |COPY |ADD |WORKDIR |USER |RUN |ONBUILD |HEALTHCHECK |LABEL |SHELL |VOLUME |CMD |EXPOSE |# escape=`|# syntax=|--from=|--mount=|<<EOF|EOF|\\[\"|\"\\]|AS b|[ .$/{}:=\n\r\"'\\\\`#é\t,\\[\\]-]|\\.){0,30}|\\PC*|FROM a\n\\PC*") {
        if let Ok(file) = Dockerfile::parse(&text) {
            for target in [None, Some("b"), Some("0")] {
                if let Some(stage) = file.stage(target) {
                    let _ = stage.source_dir();
                    let _ = stage.workdir();
                    let _ = stage.user();
                    let _ = stage.base_images();
                }
            }
            let _ = file.nearest(&text);
        }
    }
}
