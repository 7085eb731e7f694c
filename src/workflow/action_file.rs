//! What an action's `action.yml` says (GitHub docs, "Metadata syntax reference").

use super::model::{Entries, Step};
use super::node::{Node, Text};

/// An `action.yml`.
#[derive(Debug, Clone)]
pub(crate) struct ActionFile {
    /// `inputs`, in the order of the file.
    pub(crate) inputs: Vec<ActionInput>,
    /// `outputs`; only those of composite actions have a value.
    pub(crate) outputs: Vec<(Text, Option<Node>)>,
    /// `runs`.
    pub(crate) runs: Runs,
}

/// One input of an action. Its value is always a text.
#[derive(Debug, Clone)]
pub(crate) struct ActionInput {
    /// Its name.
    pub(crate) name: Text,
    /// `default`: a text, or an expression.
    pub(crate) default: Option<Node>,
    /// `deprecationMessage`.
    pub(crate) deprecated: Option<Text>,
}

/// How an action runs.
#[derive(Debug, Clone)]
pub(crate) enum Runs {
    /// `using: composite`.
    Composite(Vec<Step>),
    /// `using: node20` and the like.
    Node(Box<NodeAction>),
    /// `using: docker`.
    Docker(Box<DockerAction>),
}

/// A JavaScript action. Its scripts lie relative to the action's folder.
#[derive(Debug, Clone)]
pub(crate) struct NodeAction {
    /// `using`: the version of Node that it asks for.
    pub(crate) using: Text,
    /// `main`.
    pub(crate) main: Text,
    /// `pre`, run before the first step of the job.
    pub(crate) pre: Option<Text>,
    /// `pre-if`; `always()` where absent.
    pub(crate) pre_if: Option<Text>,
    /// `post`, run after the last step.
    pub(crate) post: Option<Text>,
    /// `post-if`; `always()` where absent.
    pub(crate) post_if: Option<Text>,
}

/// A Docker action.
#[derive(Debug, Clone)]
pub(crate) struct DockerAction {
    /// `image`: `docker://…`, or a Dockerfile relative to the action's folder.
    pub(crate) image: Text,
    /// `entrypoint`.
    pub(crate) entrypoint: Option<Text>,
    /// `pre-entrypoint`, run before the first step of the job.
    pub(crate) pre: Option<Text>,
    /// `pre-if`; `always()` where absent.
    pub(crate) pre_if: Option<Text>,
    /// `post-entrypoint`, run after the last step.
    pub(crate) post: Option<Text>,
    /// `post-if`; `always()` where absent.
    pub(crate) post_if: Option<Text>,
    /// `args`; the input `args` counts where absent.
    pub(crate) args: Option<Vec<Text>>,
    /// `env`.
    pub(crate) env: Entries,
}
