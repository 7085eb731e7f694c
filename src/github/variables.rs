//! Variables of a repository, such as `CI_USE_DOCKER_TESTS`.

use serde::Deserialize;
use serde_json::json;

use super::call::{Call, segment};
use super::client::Client;
use super::error::{GithubError, Trouble};

const READ: &str = "Variables: read";
const WRITE: &str = "Variables: write";

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Variable {
    name: String,
    value: String,
}

/// Where a variable is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetAt {
    /// In the repository.
    Repository,
    /// In its organisation, which a variable of the repository overrides.
    Organisation,
}

impl Client {
    /// The value of a variable of the repository; `None` where it is not set.
    ///
    /// # Errors
    /// The repository is not there, or the token may not read its variables.
    pub(crate) fn variable(&self, name: &str) -> Result<Option<String>, GithubError> {
        let path = self.path(&format!("/actions/variables/{}", segment(name)));
        match self.json::<Variable>(&Call::get(path, READ)) {
            Ok(variable) => Ok(Some(variable.value)),
            // The same answer as for a repository that must not be seen.
            Err(error) if error.trouble == Trouble::Missing => {
                self.is_reachable()?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The value that `vars.NAME` has in the repository's workflows, and who set it.
    ///
    /// # Errors
    /// As [`Client::variable`].
    pub(crate) fn effective_variable(
        &self,
        name: &str,
    ) -> Result<Option<(String, SetAt)>, GithubError> {
        if let Some(value) = self.variable(name)? {
            return Ok(Some((value, SetAt::Repository)));
        }
        let path = self.path("/actions/organization-variables?per_page=30");
        let all = match self.pages::<Variable>(Call::get(path, READ), Some("variables")) {
            Ok(all) => all,
            // A user's repository has no organisation.
            Err(error) if error.trouble == Trouble::Missing => Vec::new(),
            Err(error) => return Err(error),
        };
        let found = all
            .into_iter()
            .find(|one| one.name.eq_ignore_ascii_case(name));
        Ok(found.map(|one| (one.value, SetAt::Organisation)))
    }

    /// What sets a variable that is there.
    pub(crate) fn change_variable(&self, name: &str, value: &str) -> Call {
        let path = self.path(&format!("/actions/variables/{}", segment(name)));
        Call::patch(path, json!({"name": name, "value": value}), WRITE)
    }

    /// What sets a variable that is not there.
    pub(crate) fn create_variable(&self, name: &str, value: &str) -> Call {
        let path = self.path("/actions/variables");
        Call::post(path, json!({"name": name, "value": value}), WRITE)
    }

    /// What sets a variable, as things are now.
    ///
    /// # Errors
    /// As [`Client::variable`].
    pub(crate) fn set_variable_call(&self, name: &str, value: &str) -> Result<Call, GithubError> {
        Ok(match self.variable(name)? {
            Some(_) => self.change_variable(name, value),
            None => self.create_variable(name, value),
        })
    }

    /// Sets a variable, whether it is there or not.
    ///
    /// # Errors
    /// As [`Client::variable`]; GitHub refuses the name or the value.
    pub(crate) fn set_variable(&self, name: &str, value: &str) -> Result<(), GithubError> {
        let call = self.set_variable_call(name, value)?;
        match self.send(&call) {
            // Somebody else was quicker.
            Err(error) if error.trouble == Trouble::Conflict => {
                self.send(&self.change_variable(name, value))
            }
            other => other,
        }
        .map(drop)
    }
}
