//! Who calls, what is left for them, and whether the repository is there.

use serde::Deserialize;

use super::call::Call;
use super::client::{Client, header};
use super::error::{GithubError, Trouble};

/// Whose token it is, as far as GitHub says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    /// The login; absent for the token of an app, such as that of a workflow.
    pub(crate) login: Option<String>,
    /// The scopes of a classic token, as GitHub lists them; absent for tokens that have
    /// permissions instead, which GitHub does not list.
    pub(crate) scopes: Option<String>,
}

/// Requests of the token within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Limit {
    /// How many there may be.
    pub(crate) limit: u64,
    /// How many are left.
    pub(crate) remaining: u64,
    /// When they are all there again, in seconds since 1970.
    pub(crate) reset: i64,
}

/// The repository as GitHub knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Known {
    /// `owner/name` of today: it may have been renamed.
    pub(crate) full_name: String,
    /// The branch that pull requests go to.
    pub(crate) default_branch: String,
    /// Whether only some may see it.
    #[serde(default)]
    pub(crate) private: bool,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
struct Limits {
    resources: Resources,
}

#[derive(Deserialize)]
struct Resources {
    core: Limit,
}

impl Client {
    /// Whose token it is.
    ///
    /// # Errors
    /// GitHub does not accept the token, or cannot be reached.
    pub(crate) fn who(&self) -> Result<Who, GithubError> {
        let call = Call::get("/user", "Metadata: read");
        match self.answer(&call) {
            Ok(answer) => {
                let scopes = header(&answer.headers, "x-oauth-scopes").map(ToOwned::to_owned);
                let user: User = self.read(&call, answer.body)?;
                Ok(Who {
                    login: Some(user.login),
                    scopes,
                })
            }
            // An app is no user.
            Err(error) if error.trouble == Trouble::Permission => Ok(Who {
                login: None,
                scopes: None,
            }),
            Err(error) => Err(error),
        }
    }

    /// What is left of the hour's requests; `None` where the server has no limits.
    ///
    /// # Errors
    /// As [`Client::who`].
    pub(crate) fn limit(&self) -> Result<Option<Limit>, GithubError> {
        match self.json::<Limits>(&Call::get("/rate_limit", "none")) {
            Ok(limits) => Ok(Some(limits.resources.core)),
            Err(error) if error.trouble == Trouble::Missing => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The repository.
    ///
    /// # Errors
    /// It is not there, or the token may not see it.
    pub(crate) fn known(&self) -> Result<Known, GithubError> {
        self.json(&Call::get(self.path(""), "Metadata: read"))
    }

    /// Whether the token sees the repository at all.
    pub(super) fn is_reachable(&self) -> Result<(), GithubError> {
        self.known().map(drop)
    }
}
