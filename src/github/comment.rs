//! One comment of a pull request that stays in its place and changes its text.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::client::Client;
use super::error::GithubError;

const WRITE: &str = "Pull requests: write";

/// Longest body that GitHub takes, in characters ("body is too long (maximum is 65536
/// characters)").
pub(crate) const MOST_CHARACTERS: usize = 65_536;

#[derive(Deserialize)]
struct Comment {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<Author>,
    #[serde(default)]
    html_url: String,
}

#[derive(Deserialize)]
struct Author {
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

/// What became of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Put {
    /// Its page.
    pub(crate) address: String,
    /// Whether it was there already.
    pub(crate) updated: bool,
}

/// Writes the comment of a pull request that begins with a marker, or writes it anew. A comment
/// of somebody else is never touched, whatever it begins with.
///
/// # Errors
/// The pull request is not there, the token may not write comments, or the text is too long.
pub(crate) fn put_comment(
    client: &Client,
    pull: u64,
    marker: &str,
    text: &str,
) -> Result<Put, GithubError> {
    let me = client.who()?.login;
    let path = client.path(&format!("/issues/{pull}/comments?per_page=100"));
    let comments: Vec<Comment> = client.pages(Call::get(path, WRITE), None)?;
    let is_ours = |comment: &&Comment| {
        let begins = comment
            .body
            .as_deref()
            .is_some_and(|body| body.starts_with(marker));
        let by_us = comment.user.as_ref().is_some_and(|user| match &me {
            Some(login) => user.login == *login,
            // The token of a workflow is an app's: it may only change what an app wrote.
            None => user.kind == "Bot",
        });
        begins && by_us
    };
    let body = json!({"body": format!("{marker}\n{text}")});
    let found = comments.iter().find(is_ours);
    let call = match found {
        Some(comment) => {
            let path = client.path(&format!("/issues/comments/{}", comment.id));
            Call::patch(path, body, WRITE)
        }
        None => Call::post(
            client.path(&format!("/issues/{pull}/comments")),
            body,
            WRITE,
        ),
    };
    let written: Comment = client.json(&call)?;
    Ok(Put {
        address: written.html_url,
        updated: found.is_some(),
    })
}
