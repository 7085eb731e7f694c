//! GitHub's REST API, narrowed to what is used: variables, workflows and their runs, logs and
//! artifacts, required checks, comments, branches.
//!
//! Nothing here is called unless the user asks for it. [`Client`] is the only way out: it adds
//! the token, waits where GitHub says so and repeats what may be repeated. Whatever changes
//! something is a [`Call`] first, which a dry run can show instead of sending it.

mod access;
mod actions;
mod branch;
mod call;
mod checks;
mod client;
mod comment;
mod dispatch;
mod download;
mod error;
mod link;
mod repository;
#[cfg(test)]
mod tests;
mod variables;
mod wait;

pub(crate) use access::{Access, Repository, Server, Token};
pub(crate) use actions::{Job, Run, Wanted};
pub(crate) use branch::{Change, FileChange};
pub(crate) use call::Call;
pub(crate) use checks::{Required, required_checks};
pub(crate) use client::Client;
pub(crate) use comment::{MOST_CHARACTERS, put_comment};
pub(crate) use download::Artifact;
pub(crate) use error::{GithubError, Trouble};
pub(crate) use repository::Known;
pub(crate) use variables::SetAt;
