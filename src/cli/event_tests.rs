#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn checkout() -> Checkout {
    Checkout {
        repository: Some("acme/leadcrm".to_owned()),
        default_branch: Some("trunk".to_owned()),
        default_sha: Some("ba5e".to_owned()),
        sha: "abc".to_owned(),
        before: Some("f0".to_owned()),
        reference: "refs/heads/feature".to_owned(),
        author: "Ann".to_owned(),
        message: "Fix it\n\nbecause".to_owned(),
        ..Checkout::default()
    }
}

fn facts_of(event: &str, reference: Option<&str>, payload: Option<&Value>) -> GithubFacts {
    let wanted = Wanted {
        checkout: &checkout(),
        root: Path::new("/nonexistent"),
        folder: "folder",
        actor: "ann",
        reference,
        payload,
    };
    facts(wanted, event, None)
}

/// Ref, commit, head and base.
fn refs(facts: &GithubFacts) -> [&str; 4] {
    [
        &facts.reference,
        &facts.sha,
        &facts.head_ref,
        &facts.base_ref,
    ]
}

#[test]
fn refs_follow_the_event() {
    for (event, reference, expected) in [
        ("push", None, ["refs/heads/feature", "abc", "", ""]),
        (
            "push",
            Some("refs/tags/v1"),
            ["refs/tags/v1", "abc", "", ""],
        ),
        (
            "pull_request",
            None,
            ["refs/pull/1/merge", "abc", "feature", "trunk"],
        ),
        (
            "pull_request_target",
            None,
            ["refs/heads/trunk", "ba5e", "feature", "trunk"],
        ),
        (
            "pull_request_review",
            None,
            ["refs/pull/1/merge", "abc", "", ""],
        ),
        (
            "workflow_dispatch",
            None,
            ["refs/heads/feature", "abc", "", ""],
        ),
        ("schedule", None, ["refs/heads/trunk", "abc", "", ""]),
        (
            "schedule",
            Some("refs/heads/x"),
            ["refs/heads/x", "abc", "", ""],
        ),
        (
            "release",
            Some("refs/tags/v2"),
            ["refs/tags/v2", "abc", "", ""],
        ),
        (
            "merge_group",
            None,
            [
                "refs/heads/gh-readonly-queue/trunk/pr-1-ba5e",
                "abc",
                "",
                "",
            ],
        ),
    ] {
        assert_eq!(refs(&facts_of(event, reference, None)), expected, "{event}");
    }
}

#[test]
fn a_payload_has_what_workflows_ask_for() {
    let asked = facts_of("pull_request", None, None).event;
    for (pointer, expected) in [
        ("/action", json!("opened")),
        ("/number", json!(1)),
        ("/pull_request/number", json!(1)),
        ("/pull_request/draft", json!(false)),
        ("/pull_request/title", json!("Fix it")),
        ("/pull_request/head/ref", json!("feature")),
        ("/pull_request/head/sha", json!("abc")),
        ("/pull_request/head/repo/full_name", json!("acme/leadcrm")),
        ("/pull_request/head/repo/fork", json!(false)),
        ("/pull_request/base/ref", json!("trunk")),
        ("/pull_request/base/sha", json!("ba5e")),
        ("/pull_request/user/login", json!("ann")),
        ("/pull_request/labels", json!([])),
        ("/repository/default_branch", json!("trunk")),
        ("/repository/name", json!("leadcrm")),
        ("/repository/owner/login", json!("acme")),
        ("/repository/fork", json!(false)),
        ("/sender/login", json!("ann")),
    ] {
        assert_eq!(asked.pointer(pointer), Some(&expected), "{pointer}");
    }
    let pushed = facts_of("push", None, None).event;
    for (pointer, expected) in [
        ("/ref", json!("refs/heads/feature")),
        ("/before", json!("f0")),
        ("/after", json!("abc")),
        ("/head_commit/message", json!("Fix it\n\nbecause")),
        ("/head_commit/author/name", json!("Ann")),
        ("/commits/0/id", json!("abc")),
        ("/pusher/name", json!("ann")),
    ] {
        assert_eq!(pushed.pointer(pointer), Some(&expected), "{pointer}");
    }
    let released = facts_of("release", Some("refs/tags/v2"), None).event;
    assert_eq!(released.pointer("/release/tag_name"), Some(&json!("v2")));
    assert_eq!(released.pointer("/action"), Some(&json!("published")));
}

#[test]
fn a_given_payload_wins_field_by_field() {
    let given = json!({
        "number": 7,
        "sender": {"login": "ben"},
        "repository": {"full_name": "other/fork", "default_branch": "dev"},
        "pull_request": {
            "number": 7,
            "labels": [{"name": "slow"}],
            "head": {"ref": "theirs"},
        },
    });
    let facts = facts_of("pull_request", None, Some(&given));
    assert_eq!(refs(&facts), ["refs/pull/7/merge", "abc", "theirs", "dev"]);
    assert_eq!(facts.actor, "ben");
    assert_eq!(facts.repository, "other/fork");
    let of = |pointer: &str| facts.event.pointer(pointer).unwrap();
    assert_eq!(of("/pull_request/labels/0/name"), "slow");
    assert_eq!(of("/pull_request/head/sha"), "abc");
    assert_eq!(of("/repository/name"), "fork");
    let given = json!({"ref": "refs/tags/v9", "after": "def", "head_commit": {"message": "m"}});
    let facts = facts_of("push", None, Some(&given));
    assert_eq!(refs(&facts), ["refs/tags/v9", "def", "", ""]);
    assert_eq!(facts.message, "m");
}

#[test]
fn without_git_names_are_made_up() {
    let wanted = Wanted {
        checkout: &Checkout::default(),
        root: Path::new("/nonexistent"),
        folder: "leadcrm",
        actor: "ann",
        reference: None,
        payload: None,
    };
    let facts = facts(wanted, "pull_request", None);
    assert_eq!(facts.repository, "ann/leadcrm");
    assert_eq!(refs(&facts), ["refs/pull/1/merge", "", "main", "main"]);
}

#[test]
fn the_default_event_is_one_that_starts_the_workflow() {
    let event = |on: &str, with_inputs: bool, starting: &[&str]| {
        let text =
            format!("on: {on}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: 'true'\n");
        let workflow = crate::workflow::parse(&text).unwrap().workflow;
        default_event(&workflow, with_inputs, |event| starting.contains(&event))
    };
    let both = ["push", "pull_request"];
    assert_eq!(event("[pull_request, push]", false, &both), "push");
    assert_eq!(
        event("[pull_request, push]", false, &both[1..]),
        "pull_request"
    );
    assert_eq!(event("[pull_request, push]", false, &[]), "push");
    assert_eq!(
        event("[workflow_dispatch, pull_request]", false, &both),
        "pull_request"
    );
    assert_eq!(
        event("[push, workflow_dispatch]", true, &both),
        "workflow_dispatch"
    );
    assert_eq!(
        event("workflow_dispatch", false, &both),
        "workflow_dispatch"
    );
}

#[test]
fn a_schedule_is_the_first_of_the_workflow() {
    let text = "on: {schedule: [{cron: '0 3 * * *'}]}\njobs: {a: {runs-on: x, steps: [run: a]}}\n";
    let workflow = crate::workflow::parse(text).unwrap().workflow;
    let wanted = Wanted {
        checkout: &checkout(),
        root: Path::new("/nonexistent"),
        folder: "x",
        actor: "ann",
        reference: None,
        payload: None,
    };
    let facts = facts(wanted, "schedule", Some((&workflow, "t.yml")));
    assert_eq!(facts.event.pointer("/schedule").unwrap(), "0 3 * * *");
    assert_eq!(facts.event.pointer("/workflow").unwrap(), "t.yml");
}
