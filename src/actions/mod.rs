//! Stand-ins for actions: what `uses:` means here.
//!
//! One file each. A stand-in acts on the job through its [`StepHost`] and says
//! what it did in the step's log. What is known of the action itself, its names,
//! inputs and outputs, stands in `plan/action/`. To add one, see `CONTRIBUTING.md`.

mod alls_green;
mod apt_packages;
mod artifact;
mod build_push;
mod cache;
mod changes;
mod checkout;
mod docker_metadata;
mod fetch;
mod glob;
mod hash_files;
mod installers;
mod language;
mod linters;
mod on_machine;
mod retry;
mod script;
mod setup_buildx;
mod setup_python;
mod setup_uv;
mod tool;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use crate::engine::{Budget, EngineError, ExecEnd, Output, SourceTree, StepHost, Stop, User};
use crate::image::Facts;
use crate::plan::{BuiltIn, GithubFacts};
use crate::record::{ArtifactRecord, Cause, Failure};

pub(crate) use cache::SaveCache;
pub(crate) use fetch::Store;
pub(crate) use hash_files::{Hashes, hash_files, hash_known};
pub(crate) use on_machine::{files as machine_files, folders as machine_folders};

/// What a stand-in may use.
pub(crate) struct Call<'a> {
    /// Which stand-in it is.
    pub(crate) built_in: BuiltIn,
    /// What stands behind the `@`.
    pub(crate) reference: &'a str,
    /// The job's environment.
    pub(crate) host: &'a dyn StepHost,
    /// The inputs (`with`), evaluated.
    pub(crate) with: &'a [(String, String)],
    /// The step's log.
    pub(crate) log: &'a Arc<dyn Output>,
    /// Tells whether the step is to stop: its time is over, or the run's.
    pub(crate) stop: watch::Receiver<Stop>,
    /// Environment files of a step, for commands of the workflow's own.
    pub(crate) mailbox: &'a [(&'static str, &'static str)],
    /// The workspace inside the environment.
    pub(crate) workspace: &'a str,
    /// The folder for temporary files inside the environment.
    pub(crate) temp: &'a str,
    /// The user of the job's commands.
    pub(crate) user: &'a User,
    /// What is in the image; absent on the host.
    pub(crate) facts: Option<&'a Facts>,
    /// The environment's `PATH` and other variables as the job's steps see them.
    pub(crate) env: &'a [(String, String)],
    /// Where the source came from, in words.
    pub(crate) source: &'a str,
    /// What is known of the repository and the event.
    pub(crate) github: &'a GithubFacts,
    /// The user's checkout on this machine; read only.
    pub(crate) root: &'a Path,
    /// Its files, as far as they belong to a checkout.
    pub(crate) tree: &'a (dyn Fn() -> Result<Arc<SourceTree>, String> + Sync),
    /// The run's folder for artifacts.
    pub(crate) artifacts: &'a Path,
    /// What may still come out of the job.
    pub(crate) budget: &'a Budget,
    /// The folder for caches, kept from run to run.
    pub(crate) caches: &'a Path,
    /// Where Pythons of this machine lie, for jobs that run on it.
    pub(crate) pythons: &'a [PathBuf],
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
    /// Folders to be put before `PATH` for later steps, the last one foremost.
    pub(crate) path: Vec<String>,
    /// What the person in front of seatrial should know.
    pub(crate) notices: Vec<String>,
    /// Why it failed.
    pub(crate) failure: Option<Failure>,
    /// How a command of the workflow's own ended that it ran, with what the
    /// command wrote for later steps. Decides over the step in place of `failure`.
    pub(crate) ended: Option<ExecEnd>,
    /// What is to be done at the end of the job.
    pub(crate) post: Option<SaveCache>,
    /// An artifact that came out.
    pub(crate) artifact: Option<ArtifactRecord>,
}

impl Done {
    /// A failed set-up.
    fn failed(message: impl Into<String>) -> Self {
        Self::failure(Failure::new(Cause::SetupFailed, message))
    }

    /// A failure of any kind.
    fn failure(failure: Failure) -> Self {
        Self {
            failure: Some(failure),
            ..Self::default()
        }
    }

    /// Sets an output.
    fn output(&mut self, name: &str, value: impl Into<String>) {
        self.outputs.push((name.to_owned(), value.into()));
    }
}

impl From<EngineError> for Done {
    fn from(error: EngineError) -> Self {
        Self::failure(error.failure())
    }
}

/// Does what the action does.
pub(crate) async fn run(call: &Call<'_>) -> Done {
    let unexpected = call.tell_of_inputs();
    let mut done = match call.built_in {
        BuiltIn::Checkout => checkout::run(call).await,
        BuiltIn::SetupPython => setup_python::run(call).await,
        BuiltIn::Cache => cache::run(call).await,
        BuiltIn::CacheRestore => cache::restore_only(call).await,
        BuiltIn::CacheSave => cache::save_only(call).await,
        BuiltIn::UploadArtifact => artifact::upload(call).await,
        BuiltIn::MergeArtifacts => artifact::merge(call),
        BuiltIn::DownloadArtifact => artifact::download(call).await,
        BuiltIn::SetupNode
        | BuiltIn::SetupGo
        | BuiltIn::SetupJava
        | BuiltIn::SetupRuby
        | BuiltIn::SetupRust => language::run(call).await,
        BuiltIn::SetupBrowser => language::browser(call).await,
        BuiltIn::SetupUv => setup_uv::run(call).await,
        BuiltIn::InstallPoetry
        | BuiltIn::ActionsPoetry
        | BuiltIn::SetupPdm
        | BuiltIn::SetupNox
        | BuiltIn::InstallHatch
        | BuiltIn::SetupPixi
        | BuiltIn::SetupJust
        | BuiltIn::InstallTool => installers::run(call).await,
        BuiltIn::AptPackages => apt_packages::run(call).await,
        BuiltIn::Ruff | BuiltIn::PreCommit => linters::run(call).await,
        BuiltIn::Retry => retry::run(call).await,
        BuiltIn::Codecov | BuiltIn::CodecovTestResults | BuiltIn::Coveralls => {
            upload::run(call).await
        }
        BuiltIn::AllsGreen => alls_green::run(call),
        BuiltIn::PathsFilter => changes::paths_filter(call).await,
        BuiltIn::ChangedFiles => changes::changed_files(call).await,
        BuiltIn::SetupBuildx => setup_buildx::run(call).await,
        BuiltIn::BuildPush => build_push::run(call).await,
        BuiltIn::DockerMetadata => docker_metadata::run(call),
    };
    debug_assert!(
        done.outputs
            .iter()
            .all(|(name, _)| is_declared(call.built_in, name)),
        "{}: {:?}",
        call.built_in.action(),
        done.outputs
    );
    if let Some(failure) = &done.failure {
        call.say(&format!("error: {}", failure.message));
    }
    for notice in &done.notices {
        call.say(notice);
    }
    done.notices.extend(unexpected);
    done
}

/// Whether the table has an output. Those that filters give have the names of the
/// filters.
fn is_declared(built_in: BuiltIn, output: &str) -> bool {
    matches!(built_in, BuiltIn::PathsFilter | BuiltIn::ChangedFiles)
        || built_in.row().outputs.contains(&output)
}

impl Call<'_> {
    /// Writes a line into the step's log.
    fn say(&self, line: &str) {
        self.log.write(format!("{line}\n").as_bytes());
    }

    /// Tells which inputs have no effect. Those that the action does not have are
    /// worth a warning, in GitHub's words (`ActionRunner` of actions/runner).
    fn tell_of_inputs(&self) -> Option<String> {
        let row = self.built_in.row();
        let mut unexpected = Vec::new();
        for (name, _) in self.with {
            if self
                .built_in
                .inputs()
                .any(|known| known.eq_ignore_ascii_case(name))
            {
                continue;
            }
            if row
                .ignores
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
            {
                self.say(&format!("input `{name}` has no effect here"));
            } else {
                unexpected.push(name.as_str());
            }
        }
        if unexpected.is_empty() {
            return None;
        }
        let valid: Vec<&str> = self
            .built_in
            .inputs()
            .chain(row.ignores.iter().copied())
            .collect();
        let warning = format!(
            "Unexpected input(s) '{}', valid inputs are ['{}']",
            unexpected.join("', '"),
            valid.join("', '")
        );
        self.say(&warning);
        Some(warning)
    }

    /// An input of the action: as given, else the action's default.
    fn input(&self, name: &str) -> &str {
        self.with
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or_else(|| self.built_in.default_of(name), |(_, value)| value.trim())
    }

    /// An input as it was given, blanks included; `None` when it was not.
    fn with_raw(&self, name: &str) -> Option<&str> {
        self.with
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The first of several inputs that is not empty.
    fn input_of(&self, names: &[&str]) -> &str {
        names
            .iter()
            .map(|name| self.input(name))
            .find(|value| !value.is_empty())
            .unwrap_or_default()
    }

    /// An input that is `true` or `false`.
    fn flag(&self, name: &str) -> bool {
        self.input(name).eq_ignore_ascii_case("true")
    }

    /// An input that is a list, a line each.
    fn lines(&self, name: &str) -> Vec<&str> {
        self.input(name)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// A variable as the job's steps see it.
    fn variable(&self, name: &str) -> Option<&str> {
        self.env
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The major version behind the `@`, where that can be told: `v3.1.2` is 3.
    fn major(&self) -> Option<u32> {
        self.reference
            .strip_prefix('v')?
            .split('.')
            .next()?
            .parse()
            .ok()
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
