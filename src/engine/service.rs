//! Services of a job: what they are opened with, and what is known of them once they
//! run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Output;
use crate::docker::HealthCheck;
use crate::plan::{After, CreateOptions, PortMapping};

/// What a service is opened with.
#[derive(Debug, Clone)]
pub(crate) struct ServiceSpec {
    /// Its label: the name by which steps reach it.
    pub(crate) label: String,
    /// Name of its container; unique within the engine, `[a-z0-9_.-]`.
    pub(crate) name: String,
    /// Image id.
    pub(crate) image: String,
    /// Everything that the workflow says of it. Its environment is visible to `docker
    /// inspect`.
    pub(crate) options: CreateOptions,
    /// Arguments in place of the image's own; those where empty.
    pub(crate) arguments: Vec<String>,
    /// Ports that its image says it listens on.
    pub(crate) exposed: Vec<PortMapping>,
    /// How it is known to be ready.
    pub(crate) readiness: Readiness,
    /// What must have become of others before it starts; without a circle.
    pub(crate) after: Vec<After>,
    /// Where its output goes.
    pub(crate) log: LogSink,
}

/// How a service is known to be ready.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Readiness {
    /// What the engine asks it; a service without counts as ready once it runs.
    pub(crate) check: Option<HealthCheck>,
    /// Longest time to wait for a good answer.
    pub(crate) patience: Duration,
    /// Whose check it is, in words: `its health check`.
    pub(crate) source: &'static str,
    /// Whether it is not ready before it has ended with exit code 0.
    pub(crate) ends: bool,
}

/// An [`Output`] that a specification can hold.
#[derive(Clone)]
pub(crate) struct LogSink(pub(crate) Arc<dyn Output>);

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogSink")
    }
}

/// The network of an environment that has services, for `job.container.network`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OpenJob {
    /// The engine's id of the job's own container; empty where it has none.
    pub(crate) id: String,
    /// The network's name; empty where there is none.
    pub(crate) network: String,
    /// The services.
    pub(crate) services: Vec<OpenService>,
    /// What a person should know of how they are reached.
    pub(crate) notices: Vec<String>,
}

/// A service that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenService {
    /// Its label.
    pub(crate) label: String,
    /// The engine's id of its container.
    pub(crate) id: String,
    /// Its ports, and those by which `localhost` reaches them.
    pub(crate) ports: Vec<(u16, u16)>,
    /// How it became ready, in words.
    pub(crate) ready: String,
}

/// A service that ended before its job did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EndedService {
    /// Its label.
    pub(crate) label: String,
    /// Exit code of its main process.
    pub(crate) exit_code: i64,
    /// Whether it was killed for memory.
    pub(crate) oom_killed: bool,
}
