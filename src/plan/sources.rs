//! Files that a workflow refers to, read before the plan is made: workflows that
//! jobs call, and actions.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::workflow::{ActionFile, Problem, Workflow};

/// The repository that a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin {
    /// The repository under test.
    Here,
    /// Another one, at a branch, tag or commit.
    Remote {
        /// `owner/repo`.
        repository: String,
        /// Branch, tag or commit.
        reference: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here => f.write_str("this repository"),
            Self::Remote {
                repository,
                reference,
            } => write!(f, "{repository}@{reference}"),
        }
    }
}

/// What a file turned out to be.
#[derive(Debug)]
pub(crate) enum Loaded<T> {
    /// It can be used.
    Ready(Arc<T>),
    /// It is there and wrong.
    Wrong(Vec<Problem>),
    /// It cannot be had: why, and the way out.
    Missing(String, String),
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Ready(one) => Self::Ready(Arc::clone(one)),
            Self::Wrong(problems) => Self::Wrong(problems.clone()),
            Self::Missing(why, hint) => Self::Missing(why.clone(), hint.clone()),
        }
    }
}

/// Everything that was read. A reference that is not here was not looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// Workflows that jobs call, by repository and path.
    pub(crate) workflows: BTreeMap<(Origin, String), Loaded<Workflow>>,
    /// Actions, by repository and folder.
    pub(crate) actions: BTreeMap<(Origin, String), Loaded<ActionFile>>,
    /// Where fetched repositories lie on this machine.
    pub(crate) folders: BTreeMap<Origin, PathBuf>,
    /// What a person should know: that an older copy had to do.
    pub(crate) notices: Vec<String>,
    /// The texts of all files that were read, by the name that problems give them.
    pub(crate) texts: BTreeMap<String, String>,
}

impl Origin {
    /// Name of one of its files, for people.
    pub(crate) fn file(&self, path: &str) -> String {
        match self {
            Self::Here => path.to_owned(),
            Self::Remote { .. } => format!("{self}/{path}"),
        }
    }
}

/// Where `uses` of a job leads, seen from a workflow of `from`
/// (`./.github/workflows/x.yml` is in the caller's own repository and commit).
pub(crate) fn called_workflow(uses: &str, from: &Origin) -> Option<(Origin, String)> {
    if let Some(path) = uses.strip_prefix("./").or(uses.strip_prefix("$/")) {
        return Some((from.clone(), path.to_owned()));
    }
    let (whole, reference) = uses.split_once('@')?;
    let mut parts = whole.splitn(3, '/');
    let (owner, repository, path) = (parts.next()?, parts.next()?, parts.next()?);
    let origin = Origin::Remote {
        repository: format!("{owner}/{repository}"),
        reference: reference.to_owned(),
    };
    Some((origin, path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Origin, called_workflow};

    #[test]
    fn references_to_workflows() {
        let remote = Origin::Remote {
            repository: "acme/ci".to_owned(),
            reference: "v1".to_owned(),
        };
        let file = ".github/workflows/t.yml".to_owned();
        assert_eq!(
            called_workflow("acme/ci/.github/workflows/t.yml@v1", &Origin::Here),
            Some((remote.clone(), file.clone()))
        );
        assert_eq!(
            called_workflow("./.github/workflows/t.yml", &Origin::Here),
            Some((Origin::Here, file.clone()))
        );
        assert_eq!(
            called_workflow("./.github/workflows/t.yml", &remote),
            Some((remote, file))
        );
    }
}
