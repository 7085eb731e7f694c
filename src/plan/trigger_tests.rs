#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn workflow(on: &str) -> Workflow {
    let text =
        format!("on:\n  {on}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: 'true'\n");
    crate::workflow::parse(&text).unwrap().workflow
}

fn pushed(reference: &str) -> GithubFacts {
    GithubFacts {
        event_name: "push".to_owned(),
        reference: reference.to_owned(),
        ..GithubFacts::default()
    }
}

fn pull_request(base: &str, action: &str) -> GithubFacts {
    GithubFacts {
        event_name: "pull_request".to_owned(),
        reference: "refs/pull/1/merge".to_owned(),
        base_ref: base.to_owned(),
        event: json!({"action": action}),
        ..GithubFacts::default()
    }
}

/// The last thing that decided, and whether it starts.
fn told(on: &str, github: &GithubFacts, changed: Option<&[&str]>) -> (bool, String) {
    let changed: Option<Vec<String>> =
        changed.map(|files| files.iter().map(|file| (*file).to_owned()).collect());
    let happened = Happened {
        github,
        changed: changed.as_deref(),
    };
    let decision = decide(&workflow(on), happened);
    let last = decision
        .filters
        .iter()
        .find(|filter| filter.answer == Answer::No)
        .or(decision.filters.last())
        .unwrap();
    (decision.starts, format!("{}: {}", last.name, last.text))
}

#[test]
fn branches_and_tags_of_a_push() {
    let main = pushed("refs/heads/main");
    let fix = pushed("refs/heads/fix/1");
    let tag = pushed("refs/tags/v1.2");
    for (on, github, starts, words) in [
        ("push:", &main, true, "event: it starts on `push`"),
        ("push:", &tag, true, "event: it starts on `push`"),
        (
            "pull_request:",
            &main,
            false,
            "event: it starts on: pull_request",
        ),
        (
            "push: {branches: [main]}",
            &main,
            true,
            "branches: `main` matches `main`",
        ),
        (
            "push: {branches: [main, '*']}",
            &fix,
            false,
            "branches: no pattern matches `fix/1`",
        ),
        (
            "push: {branches: ['**', '!fix/**']}",
            &fix,
            false,
            "branches: `!fix/**` takes `fix/1` out",
        ),
        (
            "push: {branches: main}",
            &tag,
            false,
            "branches: it names branches only, and `v1.2` is a tag",
        ),
        (
            "push: {tags: ['v*']}",
            &main,
            false,
            "tags: it names tags only, and `main` is a branch",
        ),
        (
            "push: {tags: ['v*']}",
            &tag,
            true,
            "tags: `v*` matches `v1.2`",
        ),
        (
            "push: {tags: ['v*'], branches: [x]}",
            &tag,
            true,
            "tags: `v*` matches `v1.2`",
        ),
        (
            "push: {branches-ignore: ['fix/**']}",
            &fix,
            false,
            "branches-ignore: `fix/**` ignores `fix/1`",
        ),
        (
            "push: {branches-ignore: ['fix/**']}",
            &main,
            true,
            "branches-ignore: no pattern ignores `main`",
        ),
        (
            "push: {branches-ignore: [x]}",
            &tag,
            false,
            "branches-ignore",
        ),
        (
            "push: {tags-ignore: ['v*']}",
            &tag,
            false,
            "tags-ignore: `v*` ignores `v1.2`",
        ),
        (
            "push: {branches: ['a++']}",
            &main,
            false,
            "branches: no pattern matches `main`",
        ),
    ] {
        let (started, text) = told(on, github, None);
        assert_eq!(started, starts, "{on}: {text}");
        assert!(
            text.starts_with(words) || words == "branches-ignore",
            "{on}: {text}"
        );
    }
}

#[test]
fn paths() {
    let main = pushed("refs/heads/main");
    let tag = pushed("refs/tags/v1");
    let files = ["src/a.py", "docs/x.md"];
    for (on, github, changed, starts, words) in [
        (
            "push: {paths: ['src/**']}",
            &main,
            Some(&files[..]),
            true,
            "paths: it matches `src/a.py`",
        ),
        (
            "push: {paths: ['*.py']}",
            &main,
            Some(&files[..]),
            false,
            "paths: it matches none of the 2 changed files",
        ),
        (
            "push: {paths: ['**.md', '!docs/**']}",
            &main,
            Some(&files[..]),
            false,
            "paths: it matches none",
        ),
        (
            "push: {paths-ignore: ['docs/**']}",
            &main,
            Some(&files[..]),
            true,
            "paths-ignore: it does not ignore `src/a.py`",
        ),
        (
            "push: {paths-ignore: ['docs/**']}",
            &main,
            Some(&files[1..]),
            false,
            "paths-ignore: it ignores all of the changed file",
        ),
        (
            "push: {paths: ['src/**']}",
            &main,
            None,
            true,
            "paths: the changed files are not known",
        ),
        (
            "push: {paths: ['src/**']}",
            &tag,
            Some(&files[1..]),
            true,
            "event",
        ),
    ] {
        let (started, text) = told(on, github, changed);
        assert_eq!(started, starts, "{on}: {text}");
        assert!(text.starts_with(words), "{on}: {text}");
    }
}

#[test]
fn types_and_the_base_of_a_pull_request() {
    for (on, github, starts, words) in [
        (
            "pull_request:",
            pull_request("main", "opened"),
            true,
            "types: it takes `opened`",
        ),
        (
            "pull_request:",
            pull_request("main", "labeled"),
            false,
            "types: without `types` it takes opened, synchronize, reopened, and this is `labeled`",
        ),
        (
            "pull_request: {types: [labeled, closed]}",
            pull_request("main", "opened"),
            false,
            "types: it takes labeled, closed, and this is `opened`",
        ),
        (
            "pull_request: {branches: ['release/**']}",
            pull_request("main", "opened"),
            false,
            "branches: no pattern matches `main`",
        ),
        (
            "pull_request: {branches: [main]}",
            pull_request("", "opened"),
            true,
            "branches: the branch is not known",
        ),
    ] {
        let (started, text) = told(on, &github, None);
        assert_eq!(started, starts, "{on}: {text}");
        assert!(text.starts_with(words), "{on}: {text}");
    }
}

#[test]
fn other_events() {
    let event = |name: &str, event: serde_json::Value| GithubFacts {
        event_name: name.to_owned(),
        event,
        ..GithubFacts::default()
    };
    for (on, github, starts, words) in [
        (
            "release:",
            event("release", json!({"action": "created"})),
            true,
            "event",
        ),
        (
            "release: {types: [published]}",
            event("release", json!({"action": "created"})),
            false,
            "types",
        ),
        (
            "repository_dispatch: {types: [go]}",
            event("repository_dispatch", json!({"action": "go"})),
            true,
            "types",
        ),
        (
            "repository_dispatch: {types: [go]}",
            event("repository_dispatch", json!({})),
            true,
            "types: the payload names no `action`",
        ),
        (
            "merge_group: {branches: [main]}",
            event(
                "merge_group",
                json!({"merge_group": {"base_ref": "refs/heads/dev"}}),
            ),
            false,
            "branches: no pattern matches `dev`",
        ),
        (
            "workflow_run: {workflows: [CI]}",
            event("workflow_run", json!({"workflow_run": {"name": "Docs"}})),
            false,
            "workflows: it does not name `Docs`",
        ),
        (
            "schedule: [{cron: '0 3 * * *'}]",
            event("schedule", json!({"schedule": "0 3 * * *"})),
            true,
            "cron: it is due at `0 3 * * *`",
        ),
        (
            "schedule: [{cron: '0 3 * * *'}]",
            event("schedule", json!({"schedule": "0 4 * * *"})),
            false,
            "cron: it has no schedule `0 4 * * *`",
        ),
    ] {
        let (started, text) = told(on, &github, None);
        assert_eq!(started, starts, "{on}: {text}");
        assert!(text.starts_with(words), "{on}: {text}");
    }
}

#[test]
fn called_only() {
    let main = pushed("refs/heads/main");
    let happened = Happened {
        github: &main,
        changed: None,
    };
    assert!(decide(&workflow("workflow_call:"), happened).called_only);
    assert!(!decide(&workflow("workflow_call:\n  push:"), happened).called_only);
}

#[test]
fn words_in_the_commit_message() {
    for (message, skipped) in [
        ("Fix [skip ci]", true),
        ("Fix [CI SKIP]\n\nlong", true),
        ("Fix\n\nlong\n\n\nskip-checks: true\n", true),
        ("Fix\n\nskip-checks:true\n\nand more", false),
        ("Fix skip ci", false),
    ] {
        let github = GithubFacts {
            message: message.to_owned(),
            ..pushed("refs/heads/main")
        };
        assert_eq!(told("push:", &github, None).0, !skipped, "{message}");
    }
}

#[test]
fn the_usual_type_is_one_that_the_workflow_takes() {
    let any = workflow("pull_request:");
    let labels = workflow("pull_request: {types: [labeled, opened]}");
    let closed = workflow("pull_request: {types: [closed]}");
    for (workflow, expected) in [(&any, "opened"), (&labels, "opened"), (&closed, "closed")] {
        let usual = usual_type(Some(workflow), "pull_request", "opened");
        assert_eq!(usual, expected);
    }
    assert_eq!(usual_type(None, "release", "published"), "published");
}
