//! What the fake GitHub knows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::http::Reply;

/// What a token may do to a kind of things.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    None,
    Read,
    Write,
}

/// The owner of a token.
#[derive(Clone)]
pub(crate) struct Caller {
    /// Absent for the token of an app.
    pub(crate) login: Option<String>,
    /// Of a classic token.
    pub(crate) scopes: Option<String>,
    /// What is not named may be done.
    pub(crate) permissions: BTreeMap<&'static str, Level>,
}

impl Caller {
    pub(crate) fn user(login: &str) -> Self {
        Self {
            login: Some(login.to_owned()),
            scopes: None,
            permissions: BTreeMap::new(),
        }
    }

    /// The token of a workflow.
    pub(crate) fn app() -> Self {
        Self {
            login: None,
            ..Self::user("")
        }
    }

    pub(crate) fn but(mut self, what: &'static str, level: Level) -> Self {
        self.permissions.insert(what, level);
        self
    }

    pub(super) fn level(&self, what: &str) -> Level {
        self.permissions.get(what).copied().unwrap_or(Level::Write)
    }

    pub(super) fn shown(&self) -> (&str, &'static str) {
        match &self.login {
            Some(login) => (login, "User"),
            None => ("github-actions[bot]", "Bot"),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Workflow {
    pub(crate) file: String,
    /// Whether it can be started by hand.
    pub(crate) by_hand: bool,
}

#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) conclusion: String,
    /// Name and conclusion.
    pub(crate) steps: Vec<(String, String)>,
}

/// Something in the store.
#[derive(Clone)]
pub(crate) enum Content {
    Kept(Vec<u8>),
    Expired,
}

#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) id: u64,
    /// Seconds since 1970.
    pub(crate) created: i64,
    pub(crate) file: String,
    pub(crate) branch: String,
    pub(crate) sha: String,
    pub(crate) event: String,
    pub(crate) status: String,
    pub(crate) conclusion: Option<String>,
    pub(crate) attempt: u64,
    pub(crate) jobs: Vec<Job>,
    pub(crate) logs: Option<Content>,
    /// Name and content.
    pub(crate) artifacts: Vec<(String, Content)>,
    /// Lists in which it does not appear yet.
    pub(crate) hidden: u32,
}

impl Run {
    pub(crate) fn completed(id: u64, conclusion: &str) -> Self {
        Self {
            id,
            created: 1_789_000_000,
            file: "test.yml".to_owned(),
            branch: "main".to_owned(),
            sha: "c0ffee".to_owned(),
            event: "push".to_owned(),
            status: "completed".to_owned(),
            conclusion: Some(conclusion.to_owned()),
            attempt: 1,
            jobs: Vec::new(),
            logs: None,
            artifacts: Vec::new(),
            hidden: 0,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) pull: u64,
    pub(crate) login: String,
    pub(crate) kind: String,
    pub(crate) body: String,
}

#[derive(Clone)]
pub(crate) struct Commit {
    pub(crate) tree: String,
    pub(crate) parents: Vec<String>,
    pub(crate) message: String,
}

pub(crate) struct Repo {
    pub(crate) private: bool,
    /// Its name of today, where it was renamed.
    pub(crate) renamed: Option<String>,
    pub(crate) variables: BTreeMap<String, String>,
    /// Absent where no organisation owns it.
    pub(crate) organisation: Option<BTreeMap<String, String>>,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) runs: Vec<Run>,
    pub(crate) pulls: BTreeSet<u64>,
    pub(crate) comments: Vec<Comment>,
    /// Branch to commit.
    pub(crate) branches: BTreeMap<String, String>,
    pub(crate) commits: BTreeMap<String, Commit>,
    pub(crate) trees: BTreeMap<String, BTreeMap<String, String>>,
    /// Checks that the default branch requires: name and app.
    pub(crate) protection: Vec<(String, Option<i64>)>,
    /// The same of rulesets.
    pub(crate) rules: Vec<(u64, String, Option<i64>)>,
    /// Runs that are started by hand are over at once, and leave these logs, by the repository
    /// and the branch.
    pub(crate) plays: Option<fn(&Repo, &str) -> Vec<u8>>,
}

impl Default for Repo {
    fn default() -> Self {
        let file = (
            ".github/workflows/test.yml".to_owned(),
            "on: push\n".to_owned(),
        );
        let first = Commit {
            tree: "t1".to_owned(),
            parents: Vec::new(),
            message: "First".to_owned(),
        };
        Self {
            private: false,
            renamed: None,
            variables: BTreeMap::new(),
            organisation: None,
            workflows: vec![Workflow {
                file: "test.yml".to_owned(),
                by_hand: true,
            }],
            runs: Vec::new(),
            pulls: BTreeSet::from([7]),
            comments: Vec::new(),
            branches: BTreeMap::from([("main".to_owned(), "c1".to_owned())]),
            commits: BTreeMap::from([("c1".to_owned(), first)]),
            trees: BTreeMap::from([("t1".to_owned(), BTreeMap::from([file]))]),
            protection: Vec::new(),
            rules: Vec::new(),
            plays: None,
        }
    }
}

/// An answer that comes once, whatever is asked.
pub(crate) enum Once {
    Reply(Reply),
    /// The connection ends without an answer.
    HangUp,
}

pub(crate) struct State {
    pub(super) api: String,
    pub(super) store: String,
    /// Seconds since 1970. Tests turn it on.
    pub(crate) now: i64,
    pub(crate) tokens: BTreeMap<String, Caller>,
    pub(crate) repos: BTreeMap<String, Repo>,
    /// What comes before everything else.
    pub(crate) once: VecDeque<Once>,
    /// Requests that are left, and when they are 5,000 again.
    pub(crate) remaining: u64,
    pub(crate) reset: i64,
    /// Until when there were too many at once.
    pub(crate) busy_until: i64,
    /// Whether that is told with `retry-after`.
    pub(crate) tells_retry_after: bool,
    /// Whether it knows how to tell the run of a dispatch.
    pub(crate) tells_runs: bool,
    /// Whether it passes over the wish to be told, instead of refusing it.
    pub(crate) overlooks_wishes: bool,
    /// Lists in which a new run does not appear yet.
    pub(crate) hides_runs: u32,
    /// Whether only GitHub Actions' own workflows may create pull requests.
    pub(crate) refuses_pulls: bool,
    /// What was asked.
    pub(crate) asked: Vec<String>,
    /// What may be fetched from the store: the part of the address, what, until when.
    pub(super) granted: BTreeMap<String, (Vec<u8>, i64)>,
    next: u64,
}

impl State {
    pub(super) fn new(api: String, store: String) -> Self {
        Self {
            api,
            store,
            now: 1_790_000_000,
            tokens: BTreeMap::new(),
            repos: BTreeMap::new(),
            once: VecDeque::new(),
            remaining: 5000,
            reset: 1_790_003_600,
            busy_until: 0,
            tells_retry_after: true,
            tells_runs: true,
            overlooks_wishes: false,
            hides_runs: 2,
            refuses_pulls: false,
            asked: Vec::new(),
            granted: BTreeMap::new(),
            next: 1000,
        }
    }

    /// A number that nothing has yet.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// An answer that comes once.
    pub(crate) fn once(&mut self, status: u16, headers: &[(&'static str, &str)], body: &Value) {
        let mut reply = Reply::json(status, body);
        for (name, value) in headers {
            reply = reply.with(name, *value);
        }
        self.once.push_back(Once::Reply(reply));
    }
}
