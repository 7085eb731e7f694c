//! Workflows that are right, and what is read from them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::discover::test_steps;
use super::*;

/// The valid fixtures, by their file's name.
pub(super) const FIXTURES: [(&str, &str); 15] = [
    (
        "anchors",
        include_str!("../../tests/fixtures/workflow/anchors.yml"),
    ),
    ("bom", include_str!("../../tests/fixtures/workflow/bom.yml")),
    (
        "chain",
        include_str!("../../tests/fixtures/workflow/chain.yml"),
    ),
    (
        "classic",
        include_str!("../../tests/fixtures/workflow/classic.yml"),
    ),
    (
        "comments",
        include_str!("../../tests/fixtures/workflow/comments.yml"),
    ),
    (
        "crlf",
        include_str!("../../tests/fixtures/workflow/crlf.yml"),
    ),
    (
        "dynamic-matrix",
        include_str!("../../tests/fixtures/workflow/dynamic-matrix.yml"),
    ),
    (
        "flow",
        include_str!("../../tests/fixtures/workflow/flow.yml"),
    ),
    (
        "numbers",
        include_str!("../../tests/fixtures/workflow/numbers.yml"),
    ),
    (
        "reusable",
        include_str!("../../tests/fixtures/workflow/reusable.yml"),
    ),
    (
        "reusable-call",
        include_str!("../../tests/fixtures/workflow/reusable-call.yml"),
    ),
    (
        "scheduled",
        include_str!("../../tests/fixtures/workflow/scheduled.yml"),
    ),
    (
        "services",
        include_str!("../../tests/fixtures/workflow/services.yml"),
    ),
    ("tox", include_str!("../../tests/fixtures/workflow/tox.yml")),
    ("uv", include_str!("../../tests/fixtures/workflow/uv.yml")),
];

fn text_of(name: &str) -> &'static str {
    FIXTURES
        .iter()
        .find(|(fixture, _)| *fixture == name)
        .unwrap()
        .1
}

fn parsed(name: &str) -> Parsed {
    parse(text_of(name)).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"))
}

fn workflow(name: &str) -> Workflow {
    let parsed = parsed(name);
    assert_eq!(parsed.warnings, [], "{name}");
    parsed.workflow
}

fn texts(list: &[Text]) -> Vec<&str> {
    list.iter().map(Text::as_str).collect()
}

fn value(text: &Option<Text>) -> Option<&str> {
    text.as_ref().map(Text::as_str)
}

fn pairs(entries: &Entries) -> Vec<(&str, String)> {
    entries
        .iter()
        .map(|(key, node)| (key.as_str(), node.scalar_text().unwrap()))
        .collect()
}

fn script(step: &Step) -> &str {
    match &step.action {
        StepAction::Run { script, .. } => script.as_str(),
        StepAction::Uses { .. } => panic!("not a script"),
    }
}

fn action(step: &Step) -> (&str, &Entries) {
    match &step.action {
        StepAction::Uses { action, with } => (action.as_str(), with),
        StepAction::Run { .. } => panic!("not an action"),
    }
}

fn ids(workflow: &Workflow) -> Vec<&str> {
    workflow.jobs.iter().map(|job| job.id.as_str()).collect()
}

/// The text a span covers.
fn covered(file: &'static str, span: Span) -> &'static str {
    &file[span.start.offset..span.end.offset]
}

#[test]
fn classic() {
    let workflow = workflow("classic");
    assert_eq!(value(&workflow.name), Some("Tests"));
    assert_eq!(workflow.on.len(), 3);
    assert_eq!(workflow.on[0].event.as_str(), "push");
    assert_eq!(texts(&workflow.on[0].branches), ["main", "release/**"]);
    assert_eq!(texts(&workflow.on[0].paths_ignore), ["docs/**"]);
    assert_eq!(workflow.on[2].raw.kind, NodeKind::Null);
    assert_eq!(
        pairs(&workflow.env),
        [
            ("FORCE_COLOR", "1".to_owned()),
            ("PIP_DISABLE_PIP_VERSION_CHECK", "true".to_owned())
        ]
    );
    let job = &workflow.jobs[0];
    assert_eq!(
        value(&job.name),
        Some("${{ matrix.os }} / ${{ matrix.python-version }}")
    );
    let strategy = job.strategy.as_ref().unwrap();
    assert_eq!(
        strategy.fail_fast.as_ref().unwrap().kind,
        NodeKind::Bool(false)
    );
    let matrix = strategy.matrix.as_ref().unwrap();
    let NodeKind::Seq(versions) = &matrix.get("python-version").unwrap().kind else {
        panic!("not a list");
    };
    assert_eq!(versions[1].kind, NodeKind::String("3.10".to_owned()));
    assert_eq!(job.steps.len(), 5);
    let (name, with) = action(&job.steps[0]);
    assert_eq!(
        (name, pairs(with)),
        ("actions/checkout@v4", vec![("fetch-depth", "0".to_owned())])
    );
    assert_eq!(
        script(&job.steps[2]),
        "python -m pip install --upgrade pip\npython -m pip install -e .[test]\n"
    );
    assert_eq!(value(&job.steps[3].id), Some("test"));
    assert_eq!(
        value(&job.steps[3].condition),
        Some("success() && matrix.os != 'none'")
    );
    assert_eq!(test_steps(job), [3]);
}

#[test]
fn every_fixture_parses_and_most_look_like_tests() {
    for (name, text) in FIXTURES {
        let workflow = parse(text)
            .unwrap_or_else(|all| panic!("{name}: {all:#?}"))
            .workflow;
        let tests = !matches!(name, "reusable" | "reusable-call" | "scheduled");
        assert_eq!(looks_like_tests(&workflow), tests, "{name}");
    }
}

#[test]
fn services_and_containers() {
    let workflow = workflow("services");
    let job = &workflow.jobs[0];
    let container = job.container.as_ref().unwrap();
    assert_eq!(value(&container.image), Some("python:3.12-slim"));
    assert_eq!(texts(&container.volumes), ["/tmp/cache:/cache"]);
    assert_eq!(container.credentials.len(), 2);
    let names: Vec<&str> = job.services.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["postgres", "redis", "queue"]);
    let postgres = &job.services[0].1;
    assert_eq!(texts(&postgres.ports), ["5432:5432"]);
    assert_eq!(
        value(&postgres.options),
        Some("--health-cmd pg_isready --health-interval 10s")
    );
    assert_eq!(value(&job.services[1].1.image), Some("redis:7"));
    assert_eq!(value(&job.services[2].1.command), Some("-c start"));
    assert_eq!(texts(&job.services[2].1.ports), ["5672"]);
}

#[test]
fn reusable_workflows() {
    let calls = workflow("reusable-call");
    assert_eq!(ids(&calls), ["lint", "test", "publish"]);
    let test = &calls.jobs[1];
    assert_eq!(
        value(&test.uses),
        Some("org/shared/.github/workflows/test.yml@v2")
    );
    assert_eq!(test.with.len(), 2);
    assert_eq!(texts(&test.needs), ["lint"]);
    assert_eq!(
        test.secrets.as_ref().unwrap().scalar_text().unwrap(),
        "inherit"
    );
    assert!(
        calls.jobs[2]
            .secrets
            .as_ref()
            .unwrap()
            .get("token")
            .is_some()
    );

    let called = workflow("reusable");
    let inputs = &called.on[0].inputs;
    assert_eq!(value(&inputs[0].kind), Some("string"));
    assert!(inputs[0].required && !inputs[1].required);
    assert!(called.on[0].raw.get("outputs").is_some());
    let dispatch = &called.on[1].inputs;
    assert_eq!(texts(&dispatch[0].options), ["low", "high"]);
    assert_eq!(
        (dispatch[1].name.as_str(), value(&dispatch[1].kind)),
        ("plain", None)
    );
    let job = &called.jobs[0];
    assert_eq!(value(&job.defaults.shell), Some("bash"));
    assert_eq!(job.outputs.len(), 1);
    let StepAction::Run {
        shell,
        working_directory,
        ..
    } = &job.steps[0].action
    else {
        panic!("not a script");
    };
    assert_eq!(value(shell), Some("bash -eux {0}"));
    assert_eq!(value(working_directory), Some("src"));
}

#[test]
fn anchors_are_expanded_and_keep_their_place() {
    let workflow = workflow("anchors");
    let [first, second, third] = workflow.jobs.as_slice() else {
        panic!("three jobs");
    };
    assert_eq!(first.runs_on, second.runs_on);
    assert_eq!(pairs(&second.env), pairs(&first.env));
    // `needs` is spelled as the job's id.
    assert_eq!(texts(&second.needs), ["first"]);
    assert_eq!(action(&second.steps[0]).0, "actions/checkout@v4");
    assert_eq!(third.steps.len(), 2);
    assert_eq!(third.steps[1].span, first.steps[1].span);
    let text = text_of("anchors");
    assert_eq!(
        covered(text, first.runs_on.as_ref().unwrap().span),
        "ubuntu-latest"
    );
    assert_eq!(
        covered(text, second.steps[0].span),
        "uses: actions/checkout@v4"
    );
}

#[test]
fn expressions_stay_text() {
    let workflow = workflow("dynamic-matrix");
    let whole = &workflow.jobs[1];
    let strategy = whole.strategy.as_ref().unwrap();
    let matrix = strategy.matrix.as_ref().unwrap();
    assert_eq!(
        matrix.scalar_text().unwrap(),
        "${{ fromJSON(needs.plan.outputs.matrix) }}"
    );
    assert_eq!(
        value(&whole.container.as_ref().unwrap().image),
        Some("${{ matrix.container }}")
    );
    assert!(whole.timeout_minutes.as_ref().unwrap().is_expression());
    let rows = &workflow.jobs[2];
    assert!(rows.runs_on.as_ref().unwrap().get("labels").is_some());
    assert!(rows.steps[0].timeout_minutes.is_some());
}

#[test]
fn comments_crlf_and_bom() {
    let comments = workflow("comments");
    assert_eq!(value(&comments.name), Some("comments"));
    let steps = &comments.jobs[0].steps;
    assert_eq!(
        script(&steps[0]),
        "# a comment of the script\npytest -k \"a # b\"\n"
    );
    assert_eq!(value(&steps[0].name), Some("it's # not a comment"));
    assert_eq!(script(&steps[1]), "echo folded text\n");
    assert_eq!(script(&steps[2]), "echo plain and longer");

    let crlf = workflow("crlf");
    let steps = &crlf.jobs[0].steps;
    assert_eq!(script(&steps[0]), "pip install tox\ntox\n");
    assert_eq!(value(&steps[1].name), Some("two lines"));
    assert_eq!(steps[1].span.start.line, 10);
    assert_eq!(
        covered(text_of("crlf"), steps[1].name.as_ref().unwrap().span),
        "\"two\r\n          lines\""
    );

    let bom = workflow("bom");
    let name = bom.name.as_ref().unwrap();
    assert_eq!(covered(text_of("bom"), name.span), "bom été");
    assert_eq!((name.span.start.column, name.span.start.offset), (7, 9));
    assert_eq!(bom.on[0].event.span.start.offset, 23);
}

#[test]
fn odd_shapes() {
    let scheduled = workflow_with_warnings("scheduled", &[]);
    assert_eq!(value(&scheduled.defaults.shell), Some("bash"));
    assert_eq!(texts(&scheduled.on[1].types), ["completed"]);
    assert_eq!(texts(&scheduled.on[1].branches), ["main"]);
    let job = &scheduled.jobs[0];
    assert_eq!(value(&job.condition), Some("false"));
    assert_eq!(script(&job.steps[0]), "");
    assert_eq!(action(&job.steps[1]).0, "docker://alpine:3.20");
    assert_eq!(value(&job.steps[4].condition), Some(""));
    assert_eq!(script(&job.steps[4]), "true\n\n");

    let flow = workflow_with_warnings("flow", &[]);
    let (name, with) = action(&flow.jobs[0].steps[1]);
    assert_eq!(name, "./a");
    assert_eq!(pairs(with), [("x", "1".to_owned()), ("y", "no".to_owned())]);

    assert_eq!(
        ids(&workflow_with_warnings("chain", &[])),
        ["e", "d", "c", "b", "a"]
    );
    assert_eq!(workflow("tox").jobs[0].steps[2].env.len(), 1);
}

fn workflow_with_warnings(name: &str, expected: &[&str]) -> Workflow {
    let parsed = parsed(name);
    let warnings: Vec<String> = parsed
        .warnings
        .iter()
        .map(super::tests_broken::line)
        .collect();
    assert_eq!(warnings, expected, "{name}");
    parsed.workflow
}

#[test]
fn warnings() {
    workflow_with_warnings(
        "numbers",
        &[
            "4:10 `0o17` is read as the number 15 / quote it: '0o17'",
            "5:12 `007` is read as the number 7 / quote it: '007'",
            "13:36 `3.10` is read as the number 3.1 / quote it: '3.10'",
            "14:15 `1234567e5` is read as the number 123456700000 / quote it: '1234567e5'",
            "14:26 `0x1F` is read as the number 31 / quote it: '0x1F'",
            "14:32 `.5` is read as the number 0.5 / quote it: '.5'",
        ],
    );
    workflow_with_warnings("uv", &[]);
}
