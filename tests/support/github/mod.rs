//! A GitHub for tests: it keeps state, changes it as it is told, and refuses what GitHub
//! refuses. The API and the store of logs and artifacts are two hosts, as they are there.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
#![allow(unused_imports, dead_code, reason = "each test file uses a part of it")]

mod http;
mod routes;
mod state;

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use state::{Caller, Comment, Content, Job, Level, Once, Repo, Run, State, Workflow};

/// A GitHub that runs until the tests end.
#[derive(Clone)]
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
    api: String,
}

impl Fake {
    /// One with the repository `octo/sea` and the token `good`, which may do everything.
    pub(crate) fn start() -> Self {
        let api = TcpListener::bind("127.0.0.1:0").expect("a port");
        let store = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = |listener: &TcpListener| {
            format!("http://{}", listener.local_addr().expect("an address"))
        };
        let mut state = State::new(address(&api), address(&store));
        state.tokens.insert("good".to_owned(), Caller::user("ann"));
        state.repos.insert("octo/sea".to_owned(), Repo::default());
        let fake = Self {
            api: address(&api),
            state: Arc::new(Mutex::new(state)),
        };
        http::serve(api, fake.state.clone(), routes::api);
        http::serve(store, fake.state.clone(), routes::store);
        fake
    }

    /// The address of its API.
    pub(crate) fn api(&self) -> &str {
        &self.api
    }

    /// Looks at its state, or changes it.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same of the repository `octo/sea`.
    pub(crate) fn repo<R>(&self, look: impl FnOnce(&mut Repo) -> R) -> R {
        self.with(|state| look(state.repos.get_mut("octo/sea").expect("octo/sea")))
    }

    /// What was asked, `GET /path`, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.with(|state| state.asked.clone())
    }
}
