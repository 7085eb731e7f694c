//! A branch with one commit that gives files another content, and a pull request of it, made
//! through the API alone: nobody's checkout is touched.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, segments};
use super::client::Client;
use super::error::{GithubError, Trouble};

const WRITE: &str = "Contents: write";
/// GitHub asks for more where a commit changes workflow files.
const WORKFLOWS: &str = "Contents: write and Workflows: write";
const PULLS: &str = "Pull requests: write";

/// What a commit does to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileChange {
    /// Its path in the repository.
    pub(crate) path: String,
    /// Its new text; absent where it is removed.
    pub(crate) text: Option<String>,
    /// Whether it may be run.
    pub(crate) executable: bool,
}

/// A commit on a branch of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The new branch.
    pub(crate) branch: String,
    /// The branch that it starts from and that a pull request goes to.
    pub(crate) base: String,
    /// The message; its first line is the title of a pull request.
    pub(crate) message: String,
    /// What becomes of files.
    pub(crate) files: Vec<FileChange>,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    /// The commit.
    pub(crate) commit: String,
    /// The page of the pull request.
    pub(crate) pull_request: String,
}

#[derive(Deserialize)]
struct Object {
    sha: String,
}

#[derive(Deserialize)]
struct Reference {
    object: Object,
}

#[derive(Deserialize)]
struct Commit {
    tree: Object,
}

#[derive(Deserialize)]
struct Pull {
    html_url: String,
}

impl Change {
    /// The calls of a dry run, in order. Ids that only GitHub can tell are named in brackets.
    pub(crate) fn calls(&self, client: &Client) -> Vec<Call> {
        vec![
            self.head(client),
            self.commit_of(client, "(commit of the base)"),
            self.tree(client, "(tree of the base)"),
            self.commit(client, "(new tree)", "(commit of the base)"),
            self.reference(client, "(new commit)"),
            self.pull(client, ""),
        ]
    }

    fn head(&self, client: &Client) -> Call {
        let path = client.path(&format!("/git/ref/heads/{}", segments(&self.base)));
        Call::get(path, "Contents: read")
    }

    fn commit_of(&self, client: &Client, commit: &str) -> Call {
        Call::get(
            client.path(&format!("/git/commits/{commit}")),
            "Contents: read",
        )
    }

    fn tree(&self, client: &Client, base: &str) -> Call {
        let entries: Vec<Value> = self
            .files
            .iter()
            .map(|file| {
                let mode = if file.executable { "100755" } else { "100644" };
                let mut entry = json!({"path": file.path, "mode": mode, "type": "blob"});
                match &file.text {
                    Some(text) => entry["content"] = text.as_str().into(),
                    None => entry["sha"] = Value::Null,
                }
                entry
            })
            .collect();
        let body = json!({"base_tree": base, "tree": entries});
        Call::post(client.path("/git/trees"), body, self.needs())
    }

    fn commit(&self, client: &Client, tree: &str, parent: &str) -> Call {
        let body = json!({"message": self.message, "tree": tree, "parents": [parent]});
        Call::post(client.path("/git/commits"), body, WRITE)
    }

    fn reference(&self, client: &Client, commit: &str) -> Call {
        let body = json!({"ref": format!("refs/heads/{}", self.branch), "sha": commit});
        Call::post(client.path("/git/refs"), body, self.needs())
    }

    fn pull(&self, client: &Client, text: &str) -> Call {
        let (title, rest) = self
            .message
            .split_once('\n')
            .unwrap_or((&self.message, text));
        let body = json!({
            "title": title,
            "head": self.branch,
            "base": self.base,
            "body": rest.trim_start(),
        });
        Call::post(client.path("/pulls"), body, PULLS)
    }

    fn needs(&self) -> &'static str {
        let of_workflow = |file: &FileChange| file.path.starts_with(".github/workflows/");
        match self.files.iter().any(of_workflow) {
            true => WORKFLOWS,
            false => WRITE,
        }
    }

    /// Makes the branch, its commit and the pull request.
    ///
    /// # Errors
    /// The base is not there, the branch is there already, or the token may not do it. What was
    /// made by then is named.
    pub(crate) fn make(&self, client: &Client) -> Result<Made, GithubError> {
        let base: Reference = client.json(&self.head(client))?;
        let parent = base.object.sha;
        let tree: Commit = client.json(&self.commit_of(client, &parent))?;
        let tree: Object = client.json(&self.tree(client, &tree.tree.sha))?;
        let commit: Object = client.json(&self.commit(client, &tree.sha, &parent))?;
        client
            .send(&self.reference(client, &commit.sha))
            .map_err(|error| match error.message.contains("already exists") {
                true => GithubError::new(
                    Trouble::Conflict,
                    format!("there is a branch `{}` already", self.branch),
                )
                .with_hint("it may be from an earlier try: merge it or remove it"),
                false => error,
            })?;
        let pull: Pull = client
            .json(&self.pull(client, ""))
            .map_err(|error| GithubError {
                message: format!(
                    "the branch `{}` is made, the pull request is not: {}",
                    self.branch, error.message
                ),
                ..error
            })?;
        Ok(Made {
            commit: commit.sha,
            pull_request: pull.html_url,
        })
    }
}
