//! Every operation against the fake GitHub of `tests/support/github/`, which keeps state and
//! refuses what GitHub refuses. Its clock is turned by the pauses: no test waits.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../../../tests/support/github/mod.rs"]
mod fake;
mod operations;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::variables::SetAt;
use super::*;
use fake::{Caller, Fake, Level, Once};

/// What was said of waits.
type Said = Arc<Mutex<Vec<String>>>;

fn client_of(fake: &Fake, token: &str) -> (Client, Said) {
    let access = Access {
        server: Server::at(fake.api(), None).unwrap(),
        repository: Repository::parse("octo/sea").unwrap(),
        token: Token::new(token).unwrap(),
        found: "GITHUB_TOKEN".to_owned(),
    };
    let said = Said::default();
    let (heard, turned) = (said.clone(), fake.clone());
    let client = Client::with_sleep(
        access,
        move |line| heard.lock().unwrap().push(line.to_owned()),
        move |pause: Duration| {
            turned.with(|state| state.now += i64::try_from(pause.as_secs()).unwrap());
        },
    );
    (client, said)
}

fn client(fake: &Fake) -> Client {
    client_of(fake, "good").0
}

/// A fake whose token may do less.
fn limited_to(caller: Caller) -> (Fake, Client) {
    let fake = Fake::start();
    fake.with(|state| state.tokens.insert("less".to_owned(), caller));
    let client = client_of(&fake, "less").0;
    (fake, client)
}

fn refused<T: std::fmt::Debug>(result: Result<T, GithubError>, trouble: Trouble) -> GithubError {
    let error = result.unwrap_err();
    assert_eq!(error.trouble, trouble, "{error}");
    error
}

#[test]
fn variables_are_created_changed_and_read() {
    let fake = Fake::start();
    let client = client(&fake);
    assert_eq!(client.variable("FLAG").unwrap(), None);
    assert_eq!(
        client
            .set_variable_call("FLAG", "true")
            .unwrap()
            .to_string(),
        r#"POST /repos/octo/sea/actions/variables {"name":"FLAG","value":"true"}"#
    );
    assert_eq!(
        client.variable("FLAG").unwrap(),
        None,
        "a dry run changes nothing"
    );
    client.set_variable("flag", "true").unwrap();
    assert_eq!(client.variable("FLAG").unwrap().as_deref(), Some("true"));
    client.set_variable("FLAG", "25").unwrap();
    assert_eq!(fake.repo(|repo| repo.variables["FLAG"].clone()), "25");
    assert!(
        client
            .set_variable_call("FLAG", "false")
            .unwrap()
            .to_string()
            .starts_with("PATCH /repos/octo/sea/actions/variables/FLAG ")
    );
    let error = refused(client.set_variable("GITHUB_X", "1"), Trouble::Invalid);
    assert!(error.message.contains("alphanumeric"), "{error}");
    let error = refused(
        client.send(&client.create_variable("FLAG", "x")),
        Trouble::Conflict,
    );
    assert!(error.message.contains("already exists"), "{error}");
}

#[test]
fn a_variable_that_somebody_else_creates_meanwhile_is_changed() {
    let fake = Fake::start();
    let client = client(&fake);
    fake.repo(|repo| repo.variables.insert("FLAG".to_owned(), "true".to_owned()));
    // The first look does not see it.
    fake.with(|state| state.once(404, &[], &json!({"message": "Not Found"})));
    client.set_variable("FLAG", "false").unwrap();
    assert_eq!(fake.repo(|repo| repo.variables["FLAG"].clone()), "false");
}

#[test]
fn a_variable_of_the_organisation_counts_where_the_repository_has_none() {
    let fake = Fake::start();
    let client = client(&fake);
    assert_eq!(client.effective_variable("FLAG").unwrap(), None);
    let many = (0..40).map(|number| (format!("V{number:02}"), String::new()));
    fake.repo(|repo| {
        let mut all: std::collections::BTreeMap<_, _> = many.collect();
        all.insert("ZFLAG".to_owned(), "50".to_owned());
        repo.organisation = Some(all);
    });
    let found = client.effective_variable("zflag").unwrap();
    assert_eq!(
        found,
        Some(("50".to_owned(), SetAt::Organisation)),
        "it is on the second page"
    );
    client.set_variable("ZFLAG", "1").unwrap();
    let found = client.effective_variable("ZFLAG").unwrap();
    assert_eq!(found, Some(("1".to_owned(), SetAt::Repository)));
}

#[test]
fn refusals_name_what_is_missing() {
    let fake = Fake::start();
    let wrong = client_of(&fake, "wrong-t0ken").0;
    let error = refused(wrong.variable("FLAG"), Trouble::Login);
    let whole = format!("{error} {:?} {error:?} {wrong:?}", error.hint);
    assert!(
        whole.contains("GITHUB_TOKEN") && !whole.contains("wrong-t0ken"),
        "{whole}"
    );
    assert_eq!(error.cause().exit_code(), 2);

    let (_fake, less) = limited_to(Caller::user("ann").but("actions_variables", Level::Read));
    assert_eq!(less.variable("FLAG").unwrap(), None);
    let error = refused(less.set_variable("FLAG", "1"), Trouble::Permission);
    let hint = error.hint.unwrap();
    assert!(
        hint.contains("Variables: write (actions_variables=write)"),
        "{hint}"
    );

    let (fake, blind) = limited_to(Caller::user("ann").but("metadata", Level::None));
    fake.repo(|repo| repo.private = true);
    let error = refused(blind.variable("FLAG"), Trouble::Missing);
    assert!(error.hint.unwrap().contains("where octo/sea is private"));
}

#[test]
fn a_secondary_limit_is_waited_for_and_said() {
    let fake = Fake::start();
    let (client, said) = client_of(&fake, "good");
    fake.with(|state| state.busy_until = state.now + 42);
    client.set_variable("FLAG", "1").unwrap();
    assert_eq!(
        *said.lock().unwrap(),
        ["GitHub asks for a pause after many requests: waiting 42 s"]
    );
    fake.with(|state| {
        state.busy_until = state.now + 100;
        state.tells_retry_after = false;
    });
    client.variable("FLAG").unwrap();
    let all = said.lock().unwrap().join("\n");
    assert!(
        all.contains("waiting 60 s") && all.contains("waiting 120 s"),
        "{all}"
    );
}

#[test]
fn a_primary_limit_is_waited_for_when_it_ends_soon() {
    let fake = Fake::start();
    let (client, said) = client_of(&fake, "good");
    fake.with(|state| {
        state.remaining = 0;
        state.reset = state.now + 200;
    });
    assert_eq!(client.variable("FLAG").unwrap(), None);
    assert_eq!(said.lock().unwrap().len(), 1);
    fake.with(|state| {
        state.remaining = 0;
        state.reset = state.now + 2400;
    });
    let error = refused(client.variable("FLAG"), Trouble::Limit);
    assert!(error.message.contains("for 41 min"), "{error}");
    assert_eq!(error.cause().exit_code(), 10);
    let limit = client.limit().unwrap().unwrap();
    assert_eq!(
        (limit.limit, limit.remaining),
        (5000, 0),
        "asking for it costs nothing"
    );
}

#[test]
fn trouble_that_passes_is_tried_again_unless_it_may_be_done_twice() {
    let fake = Fake::start();
    let (client, said) = client_of(&fake, "good");
    let broken = json!({"message": "Server Error"});
    fake.with(|state| {
        state.once(502, &[], &broken);
        state.once.push_back(Once::HangUp);
        state.once(503, &[("retry-after", "9")], &json!("no object"));
    });
    assert_eq!(client.variable("FLAG").unwrap(), None);
    let all = said.lock().unwrap().join("\n");
    for pause in ["waiting 1 s", "waiting 2 s", "waiting 9 s"] {
        assert!(all.contains(pause), "{all}");
    }
    fake.with(|state| (0..4).for_each(|_| state.once(500, &[], &broken)));
    let error = refused(client.variable("FLAG"), Trouble::Unavailable);
    assert!(error.message.contains("Server Error (500)"), "{error}");

    let before = fake.asked().len();
    fake.with(|state| state.once(502, &[], &broken));
    let error = refused(
        client.send(&client.create_variable("NEW", "1")),
        Trouble::Unavailable,
    );
    assert!(error.hint.unwrap().contains("it may have been done"));
    assert_eq!(fake.asked().len(), before + 1, "it was sent once");
    fake.with(|state| state.once.push_back(Once::HangUp));
    refused(
        client.send(&client.create_variable("NEW", "1")),
        Trouble::Unavailable,
    );
    assert_eq!(client.variable("NEW").unwrap(), None);
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_so() {
    let fake = Fake::start();
    let (gone, said) = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let (mut access, said) = {
            let (client, said) = client_of(&fake, "good");
            (client.access().clone(), said)
        };
        access.server = Server::at(&address, None).unwrap();
        let heard = said.clone();
        let say = move |line: &str| heard.lock().unwrap().push(line.to_owned());
        (Client::with_sleep(access, say, |_| {}), said)
    };
    // Nothing was sent, so even what creates something is tried again.
    let error = refused(
        gone.send(&gone.create_variable("A", "1")),
        Trouble::Unavailable,
    );
    assert!(error.message.contains("cannot be reached"), "{error}");
    assert_eq!(said.lock().unwrap().len(), 3);
}

#[test]
fn nonsense_is_no_answer() {
    let fake = Fake::start();
    let client = client(&fake);
    fake.with(|state| state.once(200, &[], &json!({"something": "else"})));
    let error = refused(client.variable("FLAG"), Trouble::Unavailable);
    assert!(error.message.contains("not as documented"), "{error}");
    // A list that leads to another host gets no token there.
    let away = "<https://evil.example.org/x>; rel=\"next\"";
    fake.with(|state| state.once(200, &[("link", away)], &json!({"artifacts": []})));
    let error = refused(client.artifacts(1), Trouble::Unavailable);
    assert!(error.message.contains("leads away"), "{error}");
}

#[test]
fn a_renamed_repository_is_followed() {
    let fake = Fake::start();
    let client = client(&fake);
    fake.with(|state| {
        let mut old = state.repos.remove("octo/sea").unwrap();
        old.variables.insert("FLAG".to_owned(), "1".to_owned());
        state.repos.insert("octo/ocean".to_owned(), old);
        let renamed = fake::Repo {
            renamed: Some("octo/ocean".to_owned()),
            ..fake::Repo::default()
        };
        state.repos.insert("octo/sea".to_owned(), renamed);
    });
    assert_eq!(client.variable("FLAG").unwrap().as_deref(), Some("1"));
    assert_eq!(client.known().unwrap().full_name, "octo/ocean");
}
