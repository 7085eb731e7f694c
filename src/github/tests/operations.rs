//! Runs, downloads, checks, comments, branches.

use std::io::Read;

use serde_json::json;

use super::fake::{Caller, Comment, Content, Fake, Job, Level, Run as KeptRun, Workflow};
use super::{client, limited_to, refused};
use crate::github::Trouble;
use crate::github::actions::Wanted;
use crate::github::branch::{Change, FileChange};
use crate::github::checks::required_checks;
use crate::github::comment::{MOST_CHARACTERS, put_comment};

#[test]
fn runs_are_listed_and_jobs_come_in_pages() {
    let fake = Fake::start();
    let client = client(&fake);
    let job = |number: u32| Job {
        name: format!("unit ({number})"),
        conclusion: "success".to_owned(),
        steps: vec![("Run pytest".to_owned(), "success".to_owned())],
    };
    fake.repo(|repo| {
        repo.runs = vec![
            KeptRun {
                branch: "fix".to_owned(),
                ..KeptRun::completed(12, "failure")
            },
            KeptRun {
                jobs: (0..230).map(job).collect(),
                ..KeptRun::completed(11, "success")
            },
        ];
    });
    let of = |wanted: Wanted<'_>| {
        let runs = client.runs(&wanted).unwrap();
        runs.iter().map(|run| run.id).collect::<Vec<_>>()
    };
    let all = Wanted {
        limit: 10,
        ..Wanted::default()
    };
    assert_eq!(of(all.clone()), [12, 11]);
    assert_eq!(
        of(Wanted {
            branch: Some("main"),
            ..all.clone()
        }),
        [11]
    );
    assert_eq!(
        of(Wanted {
            commit: Some("c0ffee"),
            workflow: Some("test.yml"),
            ..all.clone()
        }),
        [12, 11]
    );
    assert_eq!(
        of(Wanted {
            event: Some("pull_request"),
            ..all.clone()
        }),
        [0; 0]
    );
    refused(
        client.runs(&Wanted {
            workflow: Some("no.yml"),
            ..all
        }),
        Trouble::Missing,
    );
    let jobs = client.jobs(11, 1).unwrap();
    assert_eq!(jobs.len(), 230);
    assert_eq!(jobs[229].name, "unit (229)");
    assert_eq!(jobs[0].steps[0].number, 1);
    let run = client.run(12).unwrap();
    assert!(run.is_completed() && run.conclusion.as_deref() == Some("failure"));
    refused(client.run(13), Trouble::Missing);
}

#[test]
fn a_dispatch_gives_its_run_on_new_and_old_servers() {
    let fake = Fake::start();
    let client = client(&fake);
    let run = client.dispatch("test.yml", "main", &json!({})).unwrap();
    assert_eq!(
        (run.event.as_str(), run.status.as_str()),
        ("workflow_dispatch", "queued")
    );
    // A server that does not tell: the first one appears late, and is not taken for the second.
    fake.with(|state| {
        state.tells_runs = false;
        state.now += 5;
    });
    let second = client
        .dispatch("test.yml", "main", &json!({"mode": "shadow"}))
        .unwrap();
    assert!(second.id > run.id);
    fake.with(|state| {
        state.overlooks_wishes = true;
        state.now += 5;
    });
    let third = client.dispatch("test.yml", "main", &json!({})).unwrap();
    assert!(third.id > second.id);
    assert_eq!(
        fake.repo(|repo| repo.runs.len()),
        3,
        "nothing was started twice"
    );
    fake.with(|state| {
        state.now += 5;
        state.hides_runs = 100;
    });
    let error = refused(
        client.dispatch("test.yml", "main", &json!({})),
        Trouble::Unavailable,
    );
    assert!(error.message.contains("appeared within 60 s"), "{error}");
    fake.repo(|repo| {
        repo.workflows.push(Workflow {
            file: "lint.yml".to_owned(),
            by_hand: false,
        });
    });
    let error = refused(
        client.dispatch("lint.yml", "main", &json!({})),
        Trouble::Invalid,
    );
    assert!(error.message.contains("workflow_dispatch"), "{error}");
    let error = refused(
        client.dispatch("test.yml", "no", &json!({})),
        Trouble::Invalid,
    );
    assert!(error.message.contains("No ref found"), "{error}");
    refused(
        client.dispatch("no.yml", "main", &json!({})),
        Trouble::Missing,
    );
    assert_eq!(
        client
            .dispatch_call("test.yml", "main", &json!({"a": "b"}))
            .to_string(),
        "POST /repos/octo/sea/actions/workflows/test.yml/dispatches \
         {\"ref\":\"main\",\"inputs\":{\"a\":\"b\"},\"return_run_details\":true}"
    );
}

#[test]
fn logs_and_artifacts_come_from_the_store_without_the_token() {
    let fake = Fake::start();
    let client = client(&fake);
    fake.repo(|repo| {
        repo.runs = vec![
            KeptRun {
                logs: Some(Content::Kept(b"PK logs".to_vec())),
                artifacts: vec![
                    ("reports".to_owned(), Content::Kept(b"PK reports".to_vec())),
                    ("old".to_owned(), Content::Expired),
                ],
                ..KeptRun::completed(11, "failure")
            },
            KeptRun {
                logs: Some(Content::Expired),
                ..KeptRun::completed(10, "failure")
            },
            KeptRun::completed(9, "failure"),
        ];
    });
    let text = |mut file: std::fs::File| {
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        text
    };
    assert_eq!(text(client.logs(11, 1, 100).unwrap()), "PK logs");
    assert!(fake.asked().last().unwrap().starts_with("STORE /blob/"));
    let artifacts = client.artifacts(11).unwrap();
    assert_eq!(
        artifacts.iter().map(|one| one.expired).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(
        text(client.artifact(artifacts[0].id, 100).unwrap()),
        "PK reports"
    );
    let error = refused(client.artifact(artifacts[1].id, 100), Trouble::Gone);
    assert!(error.hint.unwrap().contains("90 days"));
    refused(client.logs(10, 1, 100), Trouble::Gone);
    refused(client.logs(9, 1, 100), Trouble::Missing);
    refused(client.logs(11, 2, 100), Trouble::Missing);
    refused(client.logs(11, 1, 6), Trouble::TooLarge);
    // The store has trouble of its own.
    fake.with(|state| {
        state.once(
            302,
            &[("location", "http://store.example.org/x")],
            &json!(null),
        );
    });
    let error = refused(client.logs(11, 1, 100), Trouble::Unavailable);
    assert!(error.message.contains("without encryption"), "{error}");
}

#[test]
fn required_checks_are_those_of_protection_and_rulesets() {
    let fake = Fake::start();
    let client = client(&fake);
    assert_eq!(required_checks(&client, "main").unwrap(), []);
    fake.repo(|repo| {
        repo.protection = vec![
            ("unit".to_owned(), Some(15_368)),
            ("any".to_owned(), Some(-1)),
        ];
        repo.rules = vec![
            (5, "cla".to_owned(), Some(99)),
            (6, "unit (3.12)".to_owned(), None),
        ];
    });
    let all = required_checks(&client, "main").unwrap();
    let shown: Vec<String> = all
        .iter()
        .map(|one| format!("{} by {}: {}", one.context, one.by, one.is_foreign(true)))
        .collect();
    assert_eq!(
        shown,
        [
            "any by branch protection: false",
            "cla by ruleset 5: true",
            "unit by branch protection: false",
            "unit (3.12) by ruleset 6: false",
        ]
    );
    refused(required_checks(&client, "no/such"), Trouble::Missing);
}

#[test]
fn one_comment_stays_in_its_place() {
    let fake = Fake::start();
    let client = client(&fake);
    let marker = "<!-- seatrial: Tests -->";
    let comment = |id: u64, login: &str, body: &str| Comment {
        id,
        pull: 7,
        login: login.to_owned(),
        kind: "User".to_owned(),
        body: body.to_owned(),
    };
    // Many others, one of which imitates ours.
    fake.repo(|repo| {
        repo.comments = (0..120).map(|id| comment(id, "bob", "hello")).collect();
        repo.comments
            .push(comment(500, "bob", &format!("{marker}\nfake")));
    });
    let first = put_comment(&client, 7, marker, "one").unwrap();
    assert!(!first.updated);
    let second = put_comment(&client, 7, marker, "two").unwrap();
    assert!(second.updated && second.address == first.address);
    let of = |login: &str| {
        fake.repo(|repo| {
            let all = repo.comments.iter().filter(|one| one.login == login);
            all.map(|one| one.body.clone()).collect::<Vec<_>>()
        })
    };
    assert_eq!(of("ann"), [format!("{marker}\ntwo")]);
    assert!(
        of("bob").contains(&format!("{marker}\nfake")),
        "that of somebody else stays"
    );
    let other = put_comment(&client, 7, "<!-- seatrial: Lint -->", "x").unwrap();
    assert!(!other.updated, "another workflow has a comment of its own");
    refused(put_comment(&client, 8, marker, "x"), Trouble::Missing);
    let long = "x".repeat(MOST_CHARACTERS);
    let error = refused(put_comment(&client, 7, marker, &long), Trouble::Invalid);
    assert!(error.message.contains("too long"), "{error}");
}

#[test]
fn the_token_of_a_workflow_comments_as_an_app() {
    let (fake, client) = limited_to(Caller::app());
    assert_eq!(client.who().unwrap().login, None);
    assert!(
        !put_comment(&client, 7, "<!-- a -->", "one")
            .unwrap()
            .updated
    );
    assert!(
        put_comment(&client, 7, "<!-- a -->", "two")
            .unwrap()
            .updated
    );
    assert_eq!(fake.repo(|repo| repo.comments.len()), 1);
    // That of a pull request from a fork only reads.
    let (_fake, client) = limited_to(Caller::app().but("pull_requests", Level::Read));
    let error = refused(
        put_comment(&client, 7, "<!-- a -->", "one"),
        Trouble::Permission,
    );
    let hint = error.hint.unwrap();
    assert!(
        hint.contains("Pull requests: write") && hint.contains("fork"),
        "{hint}"
    );
}

fn change() -> Change {
    let file = |path: &str, text: Option<&str>| FileChange {
        path: path.to_owned(),
        text: text.map(ToOwned::to_owned),
        executable: false,
    };
    Change {
        branch: "seatrial/roll-back".to_owned(),
        base: "main".to_owned(),
        message: "Run the tests on the runner again\n\nA trigger fired.".to_owned(),
        files: vec![file(
            ".github/workflows/test.yml",
            Some("on: pull_request\n"),
        )],
    }
}

#[test]
fn a_branch_with_a_commit_is_made_without_a_checkout() {
    let fake = Fake::start();
    let client = client(&fake);
    let change = change();
    let dry: Vec<String> = change
        .calls(&client)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(dry.len(), 6);
    assert_eq!(dry[0], "GET /repos/octo/sea/git/ref/heads/main");
    assert!(
        dry[4].contains("refs/heads/seatrial/roll-back"),
        "{}",
        dry[4]
    );
    assert_eq!(fake.asked(), [""; 0], "a dry run asks nobody");
    let made = change.make(&client).unwrap();
    assert!(made.pull_request.contains("/pull/"));
    fake.repo(|repo| {
        let commit = &repo.commits[&repo.branches["seatrial/roll-back"]];
        assert_eq!(commit.parents, ["c1"]);
        assert!(commit.message.ends_with("A trigger fired."));
        assert_eq!(
            repo.trees[&commit.tree][".github/workflows/test.yml"],
            "on: pull_request\n"
        );
    });
    let error = refused(change.make(&client), Trouble::Conflict);
    assert!(
        error
            .message
            .contains("there is a branch `seatrial/roll-back` already"),
        "{error}"
    );
}

#[test]
fn a_branch_that_cannot_be_made_whole_says_how_far_it_came() {
    let fake = Fake::start();
    let client = client(&fake);
    fake.with(|state| state.refuses_pulls = true);
    let error = refused(change().make(&client), Trouble::Permission);
    assert!(
        error.message.contains("is made, the pull request is not"),
        "{error}"
    );
    let (_fake, client) = limited_to(Caller::user("ann").but("workflows", Level::Read));
    let error = refused(change().make(&client), Trouble::Permission);
    assert!(error.hint.unwrap().contains("Workflows: write"));
}

#[test]
fn who_and_what_is_left() {
    let (_fake, classic) = limited_to(Caller {
        scopes: Some("repo, workflow".to_owned()),
        ..Caller::user("ann")
    });
    let who = classic.who().unwrap();
    assert_eq!(who.login.as_deref(), Some("ann"));
    assert_eq!(who.scopes.as_deref(), Some("repo, workflow"));
    assert_eq!(classic.limit().unwrap().unwrap().remaining, 4999);
    let known = classic.known().unwrap();
    assert_eq!(
        (known.default_branch.as_str(), known.private),
        ("main", false)
    );
}
