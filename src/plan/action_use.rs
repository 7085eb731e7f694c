//! A step that uses an action whose code is at hand: a local one, or one of another
//! repository that was fetched.

use std::sync::Arc;

use crate::workflow::{ActionFile, DockerAction, Runs, Text};

use super::PlanStep;
use super::sources::Origin;

/// An action that a step uses.
#[derive(Debug, Clone)]
pub(crate) struct ActionUse {
    /// The value of `uses`.
    pub(crate) uses: String,
    /// The repository it comes from. A local one lies in the workspace.
    pub(crate) origin: Origin,
    /// Its folder in that repository, without `/` at either end.
    pub(crate) folder: String,
    /// What its `action.yml` says.
    pub(crate) action: Arc<ActionFile>,
    /// Its steps, when it is a composite one.
    pub(crate) steps: Vec<PlanStep>,
}

impl PartialEq for ActionUse {
    /// Of one run, the same reference is the same action.
    fn eq(&self, other: &Self) -> bool {
        self.uses == other.uses && self.origin == other.origin
    }
}

impl Eq for ActionUse {}

impl ActionUse {
    /// `uses: docker://image`: an action that is nothing but an image.
    pub(super) fn of_image(uses: &Text) -> Option<Self> {
        uses.value.trim().strip_prefix("docker://")?;
        Some(Self {
            uses: uses.value.clone(),
            origin: Origin::Here,
            folder: String::new(),
            action: Arc::new(ActionFile {
                inputs: Vec::new(),
                outputs: Vec::new(),
                runs: Runs::Docker(Box::new(DockerAction {
                    image: uses.clone(),
                    entrypoint: None,
                    pre: None,
                    pre_if: None,
                    post: None,
                    post_if: None,
                    args: None,
                    env: Vec::new(),
                })),
            }),
            steps: Vec::new(),
        })
    }

    /// A short name for its steps: the last part of its path.
    pub(crate) fn short_name(&self) -> &str {
        let path = self.uses.split('@').next().unwrap_or_default();
        path.rsplit('/')
            .find(|part| !part.is_empty() && *part != ".")
            .unwrap_or("action")
    }
}

/// Where `uses` of a step leads, when it is neither `docker://` nor unreadable: the
/// repository and the folder in it. A local action is always one of the workspace,
/// whatever workflow uses it; one by `$/` is of the repository whose file names it (GitHub
/// docs, "Workflow syntax", `jobs.<job_id>.steps[*].uses`), which those of others have been
/// written out for when they were read.
pub(super) fn action_source(uses: &str) -> Option<(Origin, String)> {
    let uses = uses.trim();
    if uses.starts_with("docker://") {
        return None;
    }
    let here = ["./", ".\\", "$/"];
    if let Some(path) = here.iter().find_map(|here| uses.strip_prefix(here)) {
        return Some((Origin::Here, clean(&path.replace('\\', "/"))?));
    }
    let (whole, reference) = uses.split_once('@')?;
    let mut parts = whole.splitn(3, '/');
    let (owner, repository) = (parts.next()?, parts.next()?);
    let origin = Origin::Remote {
        repository: format!("{owner}/{repository}"),
        reference: reference.to_owned(),
    };
    Some((origin, clean(parts.next().unwrap_or_default())?))
}

/// A path without `.` and empty parts; `None` when it leads out of its repository.
fn clean(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{Origin, action_source};

    #[test]
    fn references_to_actions() {
        let remote = |reference: &str| Origin::Remote {
            repository: "Acme/Ci".to_owned(),
            reference: reference.to_owned(),
        };
        for (uses, expected) in [
            ("./", Some((Origin::Here, ""))),
            (
                "./.github/actions/x/",
                Some((Origin::Here, ".github/actions/x")),
            ),
            (
                "$/.github/actions/x",
                Some((Origin::Here, ".github/actions/x")),
            ),
            ("./a/../b", Some((Origin::Here, "b"))),
            ("./../b", None),
            ("Acme/Ci@v1", Some((remote("v1"), ""))),
            ("Acme/Ci/Sub/Dir@v1", Some((remote("v1"), "Sub/Dir"))),
            ("docker://alpine", None),
        ] {
            let expected = expected.map(|(origin, path)| (origin, path.to_owned()));
            assert_eq!(action_source(uses), expected, "{uses}");
        }
    }
}
