#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Definition, DefinitionUse, hint};

/// As it stands in the repository; what `docker compose config` makes of it is beside it.
const COMPOSE: &str = "services:
  tests:
    build:
      context: .
      ssh: [default]
      secrets: [token]
    command: pytest
  db:
    image: postgres:15
";

const BAKE: &str = "variable \"PYTHON\" { default = \"3.11\" }
# target \"none\" {}
target \"base\" {}
target \"test\" {
  inherits = [\"base\"]
}
";

fn compose(service: &Value) -> Result<Definition, String> {
    let answer = json!({"services": {"tests": service, "db": {"image": "postgres:15"}}});
    let wanted = DefinitionUse::compose("docker-compose.test.yml#tests").unwrap();
    shown(Definition::read(&answer, COMPOSE, &wanted))
}

fn bake(name: &str, targets: &Value) -> Result<Definition, String> {
    let wanted = DefinitionUse::bake(name).unwrap();
    shown(Definition::read(&json!({"target": targets}), BAKE, &wanted))
}

fn shown(read: Result<Definition, super::super::Problems>) -> Result<Definition, String> {
    read.map_err(|problems| {
        problems
            .iter()
            .fold(String::new(), |mut all, (cause, problem)| {
                let hint = problem.hint.as_deref().unwrap_or_default();
                let _ = writeln!(all, "{}: {problem}\n  {hint}", cause.reason());
                all
            })
    })
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn what_is_named_is_read() {
    let both = |text: &str| (DefinitionUse::compose(text), DefinitionUse::bake(text));
    let (compose, bake) = both("ci/compose.yml#tests");
    assert_eq!(compose.unwrap().to_string(), "ci/compose.yml#tests");
    assert_eq!(bake.unwrap().to_string(), "ci/compose.yml#tests");
    let (compose, bake) = both("test");
    assert!(compose.unwrap_err().contains("FILE#SERVICE"));
    assert_eq!(bake.unwrap().file, None);
    // The name becomes a word of a command.
    for wrong in ["", "#a", "a#", "a#--set", "a#b c", "a#*", "a#../b"] {
        let (compose, bake) = both(wrong);
        compose.unwrap_err();
        bake.unwrap_err();
    }
}

#[test]
fn a_build_of_a_service_is_taken_over() {
    let read = compose(&json!({
        "build": {
            "context": "/repo", "dockerfile": "ci/Dockerfile", "target": "test",
            "args": {"PRICE": "5$$", "NUMBER": 3, "UNSET": null},
            "tags": ["team/tests"], "cache_from": ["x"], "network": "default",
            "labels": {"a": "b"}, "no_cache": true, "ssh": [], "privileged": false,
        },
        "platform": "linux/arm64",
    }));
    assert_eq!(
        read.unwrap(),
        Definition {
            context: "/repo".to_owned(),
            dockerfile: "ci/Dockerfile".to_owned(),
            target: Some("test".to_owned()),
            args: pairs(&[("PRICE", "5$"), ("NUMBER", "3")]),
            no_effect: ["labels", "no_cache", "platform"]
                .map(ToOwned::to_owned)
                .to_vec(),
        }
    );
}

#[test]
fn a_target_is_taken_over_also_by_a_group_of_its_own() {
    let test = json!({
        "context": ".", "dockerfile": "Dockerfile", "args": {"PRICE": "5$$"},
        "output": ["type=docker"], "no-cache": true,
    });
    let read = bake("test", &json!({"test": test, "base": {}})).unwrap();
    assert_eq!(read.args, pairs(&[("PRICE", "5$$")]));
    assert_eq!(read.target, None);
    assert_eq!(read.no_effect, ["no-cache"]);
    assert_eq!(bake("default", &json!({"test": test})).unwrap(), read);
    let several = bake("all", &json!({"test": test, "base": {}})).unwrap_err();
    assert!(several.contains("several targets: "), "{several}");
}

#[test]
fn what_would_be_built_otherwise_is_refused_with_its_place() {
    let refused = compose(&json!({"build": {
        "context": "https://github.com/a/b.git", "ssh": ["default"], "secrets": [{"source": "token"}],
        "additional_contexts": {"x": "../x"}, "dockerfile_inline": "FROM x", "network": "host",
    }}));
    insta::assert_snapshot!("refused", refused.unwrap_err());
    let refused = bake("test", &json!({"test": {"contexts": {"x": "target:base"}}}));
    insta::assert_snapshot!("refused_bake", refused.unwrap_err());
    for elsewhere in ["-", "git@github.com:a/b", "github.com/a/b", "target:base"] {
        bake("test", &json!({"test": {"context": elsewhere}})).unwrap_err();
    }
    bake("test", &json!({"test": {"context": "cwd://ci"}})).unwrap();
}

#[test]
fn what_is_not_there_has_a_neighbour() {
    let answer = json!({"services": {"tests": {"build": {}}, "db": {"image": "postgres:15"}}});
    let read = |name: &str| {
        let wanted = DefinitionUse::compose(name).unwrap();
        shown(Definition::read(&answer, COMPOSE, &wanted)).unwrap_err()
    };
    let wanted = DefinitionUse::bake("tset").unwrap();
    let all = [
        read("f#tets"),
        read("f#web"),
        read("f#db"),
        Definition::no_target(BAKE, &wanted)
            .hint
            .unwrap_or_default(),
    ];
    insta::assert_snapshot!("not_there", all.join("\n"));
}

#[test]
fn a_hint_names_what_looks_like_tests() {
    let hinted = |files: &[(&str, &str)]| hint(&pairs(files)).unwrap_or_default();
    let built = "services: {app: {build: .}}";
    for (files, says) in [
        // A file for tests needs no more than one that is built.
        (
            &[("compose.test.yaml", built)][..],
            "\"compose.test.yaml#app\"",
        ),
        (&[("docker-compose.yml", built)], ""),
        (
            &[("docker-compose.yml", "services: {unit-tests: {build: .}}")],
            "#unit-tests\"",
        ),
        (
            &[("docker-compose.yml", "services: {latest: {build: .}}")],
            "",
        ),
        (
            &[("docker-compose.yml", "services: {tests: {image: x}}")],
            "",
        ),
        (
            &[(
                "compose.yml",
                "services: {web: {build: .}, ci: {build: ., command: [sh, -c, pytest -x]}}",
            )],
            "#ci\"",
        ),
        (
            &[(
                "compose.yml",
                "services: {ci: {build: ., command: pip install pytest}}",
            )],
            "",
        ),
        (
            &[("docker-bake.hcl", BAKE)],
            "`[image] bake = \"docker-bake.hcl#test\"`",
        ),
        (
            &[(
                "docker-bake.json",
                "{\"target\": {\"tests\": {}, \"web\": {}}}",
            )],
            "docker-bake.json#tests",
        ),
        (
            &[(
                "docker-bake.hcl",
                "target \"lint\" {\n}\ntargets \"test\" {}",
            )],
            "",
        ),
        (&[("compose.yml", ": [")], ""),
        // The likeliest of several.
        (
            &[
                ("compose.yml", "services: {tests: {build: .}}"),
                ("docker-bake.hcl", BAKE),
                ("docker-compose.test.yml", COMPOSE),
            ],
            "docker-compose.test.yml describes an image",
        ),
    ] {
        let hinted = hinted(files);
        assert!(hinted.contains(says), "{files:?}: {hinted}");
        assert_eq!(hinted.is_empty(), says.is_empty(), "{files:?}: {hinted}");
    }
}
