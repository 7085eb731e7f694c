//! Stand-ins for actions: what `uses:` means here.
//!
//! One file each. A stand-in acts on the job through its [`StepHost`] and says
//! what it did in the step's log. To add one, see `CONTRIBUTING.md`.

mod alls_green;
mod artifact;
mod cache;
mod checkout;
mod codecov;
mod fetch;
mod setup_buildx;
mod setup_python;

use std::path::Path;
use std::sync::Arc;

use crate::engine::{Output, StepHost, User};
use crate::image::Facts;
use crate::plan::BuiltIn;
use crate::record::{ArtifactRecord, Cause, Failure};

pub(crate) use cache::SaveCache;
pub(crate) use fetch::Store;

/// What a stand-in may use.
pub(crate) struct Call<'a> {
    /// The job's environment.
    pub(crate) host: &'a dyn StepHost,
    /// The inputs (`with`), evaluated.
    pub(crate) with: &'a [(String, String)],
    /// The step's log.
    pub(crate) log: &'a Arc<dyn Output>,
    /// The workspace inside the environment.
    pub(crate) workspace: &'a str,
    /// The user of the job's commands.
    pub(crate) user: &'a User,
    /// What is in the image; absent on the host.
    pub(crate) facts: Option<&'a Facts>,
    /// The environment's `PATH` and other variables as the job's steps see them.
    pub(crate) env: &'a [(String, String)],
    /// Where the source came from, in words.
    pub(crate) source: &'a str,
    /// The run's folder for artifacts.
    pub(crate) artifacts: &'a Path,
    /// The folder for caches, kept from run to run.
    pub(crate) caches: &'a Path,
    /// Whether uploads to services outside are allowed.
    pub(crate) uploads: bool,
    /// Whether commands run as an ordinary user in a plain base image, which then
    /// needs a Python environment that this user may change.
    pub(crate) plain_base: bool,
}

/// What a stand-in did.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Outputs of the step.
    pub(crate) outputs: Vec<(String, String)>,
    /// Variables for later steps.
    pub(crate) env: Vec<(String, String)>,
    /// Folders to be put before `PATH` for later steps.
    pub(crate) path: Vec<String>,
    /// What the person in front of seatrial should know.
    pub(crate) notices: Vec<String>,
    /// Why it failed.
    pub(crate) failure: Option<Failure>,
    /// What is to be done at the end of the job.
    pub(crate) post: Option<SaveCache>,
    /// An artifact that came out.
    pub(crate) artifact: Option<ArtifactRecord>,
}

impl Done {
    /// A failed set-up.
    fn failed(message: impl Into<String>) -> Self {
        Self {
            failure: Some(Failure::new(Cause::SetupFailed, message)),
            ..Self::default()
        }
    }
}

/// Does what the action does.
pub(crate) async fn run(built_in: BuiltIn, call: &Call<'_>) -> Done {
    let mut done = match built_in {
        BuiltIn::Checkout => checkout::run(call),
        BuiltIn::SetupPython => setup_python::run(call).await,
        BuiltIn::Cache => cache::run(call).await,
        BuiltIn::UploadArtifact => artifact::upload(call).await,
        BuiltIn::DownloadArtifact => artifact::download(call).await,
        BuiltIn::Codecov => codecov::run(call).await,
        BuiltIn::SetupBuildx => setup_buildx::run(call),
        BuiltIn::AllsGreen => alls_green::run(call),
    };
    let known = built_in.inputs();
    for (name, _) in call.with {
        if !known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            call.say(&format!("input `{name}` has no effect here"));
        }
    }
    if let Some(failure) = &done.failure {
        call.say(&format!("error: {}", failure.message));
    }
    for notice in &mut done.notices {
        call.say(notice);
    }
    done
}

impl Call<'_> {
    /// Writes a line into the step's log.
    fn say(&self, line: &str) {
        self.log.write(format!("{line}\n").as_bytes());
    }

    /// An input of the action; empty when it is not given.
    fn input(&self, name: &str) -> &str {
        self.with
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value.trim())
    }

    /// An input that is `true` or `false`.
    fn flag(&self, name: &str) -> bool {
        self.input(name).eq_ignore_ascii_case("true")
    }

    /// A path of an input as an absolute path inside the environment.
    fn place(&self, path: &str) -> String {
        let path = match path.strip_prefix("~") {
            Some(rest) => format!("{}{rest}", self.user.home),
            None if path.starts_with('/') => path.to_owned(),
            None => format!("{}/{path}", self.workspace.trim_end_matches('/')),
        };
        normalise(&path)
    }
}

/// A path without `.`, `..` and doubled slashes. `..` above the root is dropped.
fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn paths_stay_below_the_root() {
        assert_eq!(normalise("/app/./a//b/../c/"), "/app/a/c");
        assert_eq!(normalise("/../../etc"), "/etc");
    }
}
