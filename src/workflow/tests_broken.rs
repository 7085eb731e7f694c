//! Workflows that are wrong, and what is said about each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Problem, parse};

/// `line:column message / hint`.
pub(super) fn line(problem: &Problem) -> String {
    let place = problem.span.start;
    let hint = problem.hint.as_ref().map(|hint| format!(" / {hint}"));
    format!(
        "{}:{} {}{}",
        place.line,
        place.column,
        problem.message,
        hint.unwrap_or_default()
    )
}

/// What is said about a text.
pub(super) fn said(text: &str) -> Vec<String> {
    match parse(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(line).collect(),
    }
}

/// `on`, and one job with the given lines (which begin on line 5).
pub(super) fn job(lines: &str) -> String {
    let mut text = String::from("on: push\njobs:\n  unit:\n    runs-on: x\n");
    for line in lines.lines() {
        text.push_str("    ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The same, with the given lines as the only step (which begins on line 6).
pub(super) fn step(lines: &str) -> String {
    let mut text = String::from("steps:\n");
    for (index, line) in lines.lines().enumerate() {
        text.push_str(if index == 0 { "  - " } else { "    " });
        text.push_str(line);
        text.push('\n');
    }
    job(&text)
}

pub(super) fn check(cases: &[(String, &[&str])]) {
    let mut wrong = String::new();
    for (text, expected) in cases {
        let said = said(text);
        if said != *expected {
            wrong.push_str(&format!(
                "{text}\nexpected {expected:#?}\nsaid {said:#?}\n\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn root() {
    let steps = "steps: [{run: x}]";
    check(&[
        (
            "- a\n".into(),
            &["1:1 the workflow must be a map, found a list"],
        ),
        (
            "hello\n".into(),
            &["1:1 the workflow must be a map, found the text `hello`"],
        ),
        (
            "name: x\n".into(),
            &[
                "1:1 the workflow has no `jobs`",
                "1:1 the workflow has no `on` / name the events that start it, such as `on: push`",
            ],
        ),
        (
            job(steps).replace("on: push", "no: push"),
            &["1:1 unknown key `no` in the workflow / did you mean `on`?"],
        ),
        (
            job(steps).replace("jobs:", "job:"),
            &["2:1 unknown key `job` in the workflow / did you mean `jobs`?"],
        ),
        (
            job(steps) + "stages: []\n",
            &[
                "6:1 unknown key `stages` in the workflow / allowed here: name, run-name, description, on, permissions, env, defaults, concurrency, jobs",
            ],
        ),
        (
            job(steps) + "name: ${{ github.ref }}\n",
            &["6:7 `name` of the workflow cannot hold an expression"],
        ),
        (
            job(steps) + "env: [A, B]\n",
            &["6:6 `env` of the workflow must be a map, found a list"],
        ),
        (
            job(steps) + "env:\n",
            &[
                "6:1 `env` of the workflow must be a map, found nothing / give it a value, or remove the key",
            ],
        ),
        (
            job(steps) + "env: ${{ fromJSON('{}') }}\n",
            &[
                "6:6 an expression for the whole of `env` of the workflow is not supported yet / write it out, with expressions for the values in it",
            ],
        ),
        (
            job(steps) + "env:\n  A: [x]\n",
            &["7:6 `A` in `env` of the workflow must be a text, found a list"],
        ),
        (
            job(steps) + "permissions: all\n",
            &[
                "6:14 `permissions` of the workflow must be a map, `read-all` or `write-all`, found the text `all`",
            ],
        ),
        (
            job(steps) + "concurrency:\n  cancel-in-progress: true\n",
            &["7:3 `concurrency` of the workflow has no `group`"],
        ),
        (
            job(steps) + "defaults:\n  shell: bash\n",
            &["7:3 unknown key `shell` in `defaults` of the workflow / allowed here: run"],
        ),
        (
            job(steps) + "defaults:\n  run:\n    shell: ${{ env.S }}\n    workdir: x\n",
            &[
                "8:12 `shell` in `run` in `defaults` of the workflow cannot hold an expression",
                "9:5 unknown key `workdir` in `run` in `defaults` of the workflow / allowed here: shell, working-directory",
            ],
        ),
        (
            "on: push\njobs: {}\n".into(),
            &["2:7 the workflow has no jobs"],
        ),
        (
            "on: push\njobs:\n".into(),
            &[
                "2:1 `jobs` of the workflow must be a map, found nothing / give it a value, or remove the key",
            ],
        ),
    ]);
}

#[test]
fn events() {
    let on = |on: &str| job("steps: [{run: x}]").replace("on: push\n", on);
    check(&[
        (
            on("on:\n"),
            &["1:1 `on` of the workflow names no event / such as `on: push`"],
        ),
        (
            on("on: []\n"),
            &["1:5 `on` of the workflow names no event / such as `on: push`"],
        ),
        (
            on("on: pull-request\n"),
            &["1:5 unknown event `pull-request` / did you mean `pull_request`?"],
        ),
        (
            on("on: [push, pul_request]\n"),
            &["1:12 unknown event `pul_request` / did you mean `pull_request`?"],
        ),
        (
            on("on: [push, {pull_request: {}}]\n"),
            &["1:12 an event in `on` must be a text, found a map"],
        ),
        (
            on("on:\n  push:\n    branch: main\n"),
            &["3:5 unknown key `branch` in `on.push` / did you mean `branches`?"],
        ),
        (
            on("on:\n  pull_request:\n    tags: v1\n"),
            &[
                "3:5 unknown key `tags` in `on.pull_request` / allowed here: types, branches, branches-ignore, paths, paths-ignore",
            ],
        ),
        (
            on("on:\n  push:\n    branches: {a: b}\n    tags: [[v1]]\n"),
            &[
                "3:15 `branches` of `on.push` must be a text or a list of texts, found a map",
                "4:12 an item of `tags` of `on.push` must be a text, found a list",
            ],
        ),
        (
            on("on:\n  push:\n    branches: a\n    branches-ignore: b\n"),
            &[
                "4:5 `on.push` has both `branches` and `branches-ignore` / use `branches` with patterns that begin with `!`",
            ],
        ),
        (
            on("on:\n  push: [main]\n"),
            &["2:9 `push` of `on` must be a map, found a list"],
        ),
        (
            on("on:\n  create:\n    types: x\n"),
            &["3:5 event `create` takes no keys, found `types`"],
        ),
        (
            on("on:\n  schedule:\n    - corn: '* * * * *'\n    - timezone: UTC\n"),
            &[
                "3:7 unknown key `corn` in `on.schedule` / did you mean `cron`?",
                "4:7 an item of `on.schedule` has no `cron`",
            ],
        ),
        (
            on(
                "on:\n  workflow_call:\n    inputs:\n      a:\n        required: 'true'\n      b: {type: text}\n",
            ),
            &[
                "4:7 input `a` of `on.workflow_call` has no `type` / one of boolean, number, string",
                "5:19 `required` of input `a` of `on.workflow_call` must be true or false, found the text `true` / remove the quotes",
                "6:17 `type` of input `b` of `on.workflow_call` must be one of boolean, number, string, found the text `text`",
            ],
        ),
        (
            on("on:\n  workflow_dispatch:\n    inputs:\n      a: {type: choice}\n"),
            &["4:7 input `a` of `on.workflow_dispatch` is a choice without `options`"],
        ),
    ]);
}

#[test]
fn problems_under_an_anchor_are_said_once() {
    let text =
        "on: push\njobs:\n  a: {runs-on: x, steps: &s [{rum: x}]}\n  b: {runs-on: x, steps: *s}\n";
    assert_eq!(
        said(text),
        ["3:31 unknown key `rum` in step 1 of job `a` / did you mean `run`?"]
    );
}

#[test]
fn unknown_events_are_odd_only() {
    let text = job("steps: [{run: x}]").replace("on: push", "on: [push, moon_landing]");
    let warnings = parse(&text).unwrap().warnings;
    let warnings: Vec<String> = warnings.iter().map(line).collect();
    assert_eq!(warnings, ["1:12 unknown event `moon_landing`"]);
}
