//! What the command line says, as far as it settles something.

use std::path::PathBuf;

use super::cache::CacheFlags;
use super::coverage::CoverageFlags;
use super::given::Ca;
use super::secrets::SecretCommand;
use crate::plan::DefinitionUse;

/// Where jobs run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EngineKind {
    /// In containers of a Docker Engine
    #[default]
    Docker,
    /// On this very machine, as on the runner
    Host,
}

/// `--secret NAME` or `--secret NAME=VALUE`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretFlag {
    /// Its name.
    pub(crate) name: String,
    /// Its value; absent when it is to be taken from the environment.
    pub(crate) value: Option<String>,
}

/// The name only.
impl std::fmt::Debug for SecretFlag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// `--image IMAGE` or `--image LABEL=IMAGE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageFlag {
    /// The label of the jobs that it is for, in lower case; absent for all jobs.
    pub(crate) label: Option<String>,
    /// The image.
    pub(crate) image: String,
}

/// The flags of `seatrial run` and `seatrial plan` that have a say in
/// [`Settings`](super::Settings). Empty means that nothing was said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flags {
    /// `WORKFLOW` or `--workflow`.
    pub(crate) workflow: Option<String>,
    /// `--job`.
    pub(crate) jobs: Vec<String>,
    /// `--matrix`.
    pub(crate) matrix: Vec<(String, String)>,
    /// `--event`.
    pub(crate) event: Option<String>,
    /// `--ref`.
    pub(crate) reference: Option<String>,
    /// `--event-file`.
    pub(crate) event_file: Option<PathBuf>,
    /// `--input`.
    pub(crate) inputs: Vec<(String, String)>,
    /// `--var`.
    pub(crate) vars: Vec<(String, String)>,
    /// `--secret`.
    pub(crate) secrets: Vec<SecretFlag>,
    /// `--secret-command`.
    pub(crate) secret_commands: Vec<SecretCommand>,
    /// `--secret-file`.
    pub(crate) secret_file: Option<PathBuf>,
    /// `--node`.
    pub(crate) node: Option<PathBuf>,
    /// `--image`.
    pub(crate) images: Vec<ImageFlag>,
    /// `--dockerfile`.
    pub(crate) dockerfile: Option<PathBuf>,
    /// `--compose`.
    pub(crate) compose: Option<DefinitionUse>,
    /// `--bake`.
    pub(crate) bake: Option<DefinitionUse>,
    /// `--target`.
    pub(crate) target: Option<String>,
    /// `--build-arg`.
    pub(crate) build_args: Vec<(String, String)>,
    /// `--cache-from`, `--cache-to` and `--builder`.
    pub(crate) cache: CacheFlags,
    /// `--skip-action`.
    pub(crate) skip_actions: Vec<String>,
    /// What is asked of coverage.
    pub(crate) coverage: CoverageFlags,
    /// `--parallel`.
    pub(crate) parallel: Option<usize>,
    /// `--memory`, in bytes.
    pub(crate) memory: Option<u64>,
    /// `--ca`.
    pub(crate) ca: Option<Ca>,
    /// `--no-derive`.
    pub(crate) no_derive: bool,
    /// `--retries`.
    pub(crate) retries: Option<u32>,
    /// `--upload`.
    pub(crate) upload: bool,
    /// `--fallback`.
    pub(crate) fallback: bool,
    /// `--engine`.
    pub(crate) engine: Option<EngineKind>,
}
