//! Where jobs run. Engines know nothing of workflows.
//!
//! # Contract
//! [`Engine::open`] gives a [`StepHost`] or leaves nothing behind: the job's own
//! environment and all its services, which are ready then. A wish to stop ends it; to
//! drop it while it is under way would leave things for the sweep. On a host the
//! calls come in this order: any number of `exec`, `put_tree`, `freeze` + `get` +
//! `thaw`; then `halt`; then any number of `get`; then `close`. One call at a
//! time, except that `halt` and `close` may come at any moment, also while an
//! `exec` is under way, which then ends. `halt` and `close` may be repeated.
//! `get` works after an OOM kill and after a time-out. Whoever opened the host
//! closes it; dropping it without `close` leaves the environment for the sweep.

mod after;
mod clock;
pub(crate) mod docker;
mod error;
mod extract;
#[cfg(test)]
pub(crate) mod fake;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz_readers;
pub(crate) mod host;
mod quota;
mod readiness;
mod room;
mod service;
mod token;
mod tree;
mod wiring;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::record::Cause;

pub(crate) use crate::docker::{Limits, TarReader};
use crate::plan::{CreateOptions, Mount};
pub(crate) use clock::{now_millis, now_seconds};
pub(crate) use error::EngineError;
pub(crate) use extract::{Extracted, extract_file, extract_tree};
pub(crate) use quota::{Budget, Quota};
pub(crate) use readiness::{at_its_end, readiness};
pub(crate) use room::Room;
pub(crate) use service::{EndedService, LogSink, OpenJob, OpenService, Readiness, ServiceSpec};
pub(crate) use token::random_token;
pub(crate) use tree::{NewFile, SourceTree, TreeEntry, TreeKind};

/// Folder of seatrial's own files inside an environment, behind [`Engine::root`].
/// Not on a tmpfs: what lies there could not be brought out.
pub(crate) const CONTROL: &str = "/seatrial";

/// A kind of place where jobs run.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    /// The engine in words, for the record: `docker 20.10.24`.
    fn describe(&self) -> String;

    /// What the paths of a job's environment begin with: nothing in a container,
    /// a private folder on this machine.
    fn root(&self, _job: &str) -> String {
        String::new()
    }

    /// Opens an environment for one job with its services: gives it or leaves nothing.
    async fn open(
        &self,
        spec: &JobSpec,
        stop: watch::Receiver<Stop>,
    ) -> Result<Box<dyn StepHost>, EngineError>;

    /// Removes everything that bears our labels and belongs to `scope`; gives
    /// the names of what was removed. Safe to repeat.
    async fn sweep(&self, scope: Sweep) -> Result<Vec<String>, EngineError>;

    /// What is left of a run.
    async fn left(&self, _run: &str) -> Result<Left, EngineError> {
        Ok(Left::default())
    }
}

/// What is left of a run at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Names of what is there.
    pub(crate) names: Vec<String>,
    /// Whether something may appear yet that the run did not wait for.
    pub(crate) more_may_come: bool,
}

/// What a sweep removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sweep {
    /// What runs left whose process is dead.
    Dead,
    /// Everything of seatrial, also of runs that are under way.
    Everything,
}

/// A live environment of one job.
#[async_trait]
pub(crate) trait StepHost: Send + Sync {
    /// A name by which a person finds the environment.
    fn name(&self) -> &str;

    /// The folder for seatrial's own files inside the environment.
    fn control(&self) -> &str;

    /// What is known of its services and its network.
    fn opened(&self) -> &OpenJob;

    /// Services that have ended by themselves. Not after `halt`.
    async fn ended_services(&self) -> Result<Vec<EndedService>, EngineError> {
        Ok(Vec::new())
    }

    /// Runs one command to its end. Output goes to `output` as it comes, also
    /// that of processes which earlier commands left in the background.
    async fn exec(
        &self,
        spec: &ExecSpec,
        output: Arc<dyn Output>,
        stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError>;

    /// Runs a container beside the environment, with its files and its network, to its
    /// end.
    async fn beside(
        &self,
        _spec: &BesideSpec,
        _output: Arc<dyn Output>,
        _stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        Err(EngineError::new(
            Cause::UnsupportedFeature,
            "a Docker action needs a container engine",
        ))
    }

    /// Writes the files of a tree below `dir`, owned by the job's user.
    async fn put_tree(&self, tree: Arc<SourceTree>, dir: &str) -> Result<(), EngineError>;

    /// Unpacks a tar stream below `dir`, as an earlier `get` gave it.
    async fn unpack(&self, dir: &str, tar: TarReader) -> Result<(), EngineError>;

    /// One path as a tar stream, `None` when it does not exist. Only while
    /// frozen or halted. Nothing in the stream may be trusted.
    async fn get(&self, path: &str) -> Result<Option<TarReader>, EngineError>;

    /// Stops all processes for a moment.
    async fn freeze(&self) -> Result<(), EngineError>;

    /// Lets them go on.
    async fn thaw(&self) -> Result<(), EngineError>;

    /// Ends all processes, those of services too. The files stay.
    async fn halt(&self) -> Result<(), EngineError>;

    /// Removes the environment.
    async fn close(&self) -> Result<(), EngineError>;
}

/// Takes output. Must never block: a job that is not listened to stalls.
pub(crate) trait Output: Send + Sync {
    /// Takes the next bytes.
    fn write(&self, bytes: &[u8]);
}

/// How urgently a command is to be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// Not at all.
    Run,
    /// SIGINT, then SIGTERM, then SIGKILL, so that pytest still writes its report.
    Gently,
    /// SIGKILL.
    Now,
}

impl Stop {
    /// Waits until a stop more urgent than this one is wanted. Never, when nobody is
    /// left who could ask for one.
    pub(crate) async fn more_urgent(stop: &mut watch::Receiver<Self>, than: Self) -> Self {
        let level = stop
            .wait_for(|level| *level > than)
            .await
            .map(|level| *level);
        match level {
            Ok(level) => level,
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits until a stop of at least this urgency is wanted. Never, when nobody is
    /// left who could ask for one.
    async fn wanted(stop: &mut watch::Receiver<Self>, at_least: Self) -> Self {
        let level = stop
            .wait_for(|level| *level >= at_least)
            .await
            .map(|level| *level);
        match level {
            Ok(level) => level,
            Err(_) => std::future::pending().await,
        }
    }
}

/// What a job's environment is opened with.
#[derive(Debug, Clone)]
pub(crate) struct JobSpec {
    /// Name of the run, for labels.
    pub(crate) run: String,
    /// Name of the leg, for labels.
    pub(crate) job: String,
    /// The longest that anything of it may be needed.
    pub(crate) lease: Duration,
    /// Name for the environment; unique within the engine, `[a-z0-9_.-]`.
    pub(crate) name: String,
    /// Image id.
    pub(crate) image: String,
    /// Whose rights its commands have.
    pub(crate) user: User,
    /// Environment beyond the image's own; no secrets.
    pub(crate) env: Vec<(String, String)>,
    /// Folders to be made, owned by the user.
    pub(crate) dirs: Vec<String>,
    /// Files to be written, owned by the user unless they say otherwise.
    pub(crate) files: Vec<NewFile>,
    /// Files to be copied in, and the folder they come to.
    pub(crate) source: Option<(Arc<SourceTree>, String)>,
    /// Limits.
    pub(crate) limits: Limits,
    /// Whether the job may reach the network.
    pub(crate) network: bool,
    /// Whether its commands may become root.
    pub(crate) sudo: Sudo,
    /// Whether its containers get the engine's socket. Nothing to a job on this machine.
    pub(crate) engine_socket: bool,
    /// What the workflow asks of its container.
    pub(crate) options: CreateOptions,
    /// Whether the workflow names the container: there services are reached by their
    /// label on GitHub, so `localhost` is of less account.
    pub(crate) named_container: bool,
    /// Its services.
    pub(crate) services: Vec<ServiceSpec>,
}

/// Whether the commands of a job may become root by `sudo`. On this machine it is
/// the machine's own affair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sudo {
    /// By no means.
    #[default]
    Never,
    /// By what the image has for it: as in a job's own container on GitHub.
    OfImage,
    /// In any case, without a password: as on GitHub's runner.
    Granted,
}

/// Whose rights the commands of a job have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// User number.
    pub(crate) uid: u32,
    /// Group number.
    pub(crate) gid: u32,
    /// Home folder.
    pub(crate) home: String,
}

/// One command.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExecSpec {
    /// Name of the command, unique within the job; becomes a folder's name.
    pub(crate) name: String,
    /// Program and arguments. `{0}` within stands for the path of the script.
    pub(crate) command: Vec<String>,
    /// The script's text.
    pub(crate) script: Vec<u8>,
    /// Ending of the script's file name, with the dot; empty for none.
    pub(crate) extension: String,
    /// Environment beyond the job's own.
    pub(crate) env: Vec<(String, String)>,
    /// Folder to run in.
    pub(crate) cwd: String,
    /// Files that are empty when the command starts, and given back at its end:
    /// a name each, and the variable that holds the path.
    pub(crate) mailbox: Vec<(&'static str, &'static str)>,
    /// A script for `sh` that looks at the environment when the command has ended by
    /// itself: with the command's variables, in its folder. How it ends is of no account.
    pub(crate) after: Option<&'static str>,
}

/// A container beside a job's own.
#[derive(Debug, Clone, Default)]
pub(crate) struct BesideSpec {
    /// Its name, unique within the job.
    pub(crate) name: String,
    /// Image id.
    pub(crate) image: String,
    /// The entrypoint in place of the image's own.
    pub(crate) entrypoint: Option<String>,
    /// Arguments in place of the image's own; those where empty.
    pub(crate) arguments: Vec<String>,
    /// Environment beyond the image's own. Visible to `docker inspect`.
    pub(crate) env: Vec<(String, String)>,
    /// Folder to run in.
    pub(crate) cwd: String,
    /// Volumes of the job that it has at other places, too.
    pub(crate) mounts: Vec<Mount>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExecEnd {
    /// The end itself.
    pub(crate) end: End,
    /// What the mailbox files held; empty when the command was killed.
    pub(crate) mailbox: Vec<(&'static str, Vec<u8>)>,
    /// What [`ExecSpec::after`] printed; empty where it did not run.
    pub(crate) after: Vec<u8>,
    /// Processes that the kernel killed for memory meanwhile.
    pub(crate) oom_kills: u64,
    /// How often the kernel refused a process because there were as many as there may be.
    pub(crate) forks_refused: u64,
    /// How much room places had that it writes to, where it failed and that is known.
    pub(crate) rooms: Vec<Room>,
}

/// The end of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It ended by itself with this code.
    Exited(i64),
    /// It ended after we signalled it.
    Stopped,
    /// It was killed, and not by us; the environment is still there.
    Vanished(String),
    /// Its environment is gone, and not by our doing.
    Lost(String),
}

impl ExecEnd {
    /// An end of which nothing else is known.
    pub(crate) fn of(end: End) -> Self {
        Self {
            end,
            mailbox: Vec::new(),
            after: Vec::new(),
            oom_kills: 0,
            forks_refused: 0,
            rooms: Vec::new(),
        }
    }

    /// What one of the mailbox files held.
    pub(crate) fn mail(&self, name: &str) -> &[u8] {
        self.mailbox
            .iter()
            .find(|(file, _)| *file == name)
            .map_or(&[], |(_, bytes)| bytes)
    }
}
