//! Plan → events: runs the legs, tells what happens, brings everything out.
//!
//! Nothing here prints; whoever wants to see a run listens to the [`Bus`].

mod bus;
mod call;
mod collect;
mod commands;
mod concurrency;
mod contexts;
mod coverage;
mod deployment;
mod derived;
mod docker_action;
mod env_files;
mod environment;
mod facts;
mod fallback;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz_readers;
mod groups;
mod images;
mod in_action;
mod kept;
mod leg;
mod line;
mod log;
mod machine;
mod mask;
mod measured;
mod node_action;
mod overwritten;
mod phases;
mod plain_log;
mod post;
mod provided;
mod put_back;
mod reason;
mod retries;
mod run_dir;
mod schedule;
mod script;
mod services;
mod shell;
mod source;
mod step;
mod stop;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_actions;
#[cfg(test)]
mod tests_calls;
#[cfg(test)]
mod tests_clock;
#[cfg(test)]
mod tests_coverage;
#[cfg(test)]
mod tests_limits;
#[cfg(test)]
mod tests_panics;
#[cfg(test)]
mod tests_retries;
#[cfg(test)]
pub(crate) mod tests_tables;
mod turn;
mod variables;
mod workspace_files;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;

use crate::engine::{Engine, Limits, Quota, SourceTree, Sweep};
use crate::image::Finding;
use crate::plan::{ExprPlace, GithubFacts, Plan, no_effect};
use crate::record::{EventKind, JobKey, Level, RunInfo};
use crate::results::{Against, Aliases};

pub(crate) use bus::{Bus, Listener, Message};
pub(crate) use derived::recipe as derived_recipe;
pub(crate) use fallback::Fallback;
pub(crate) use images::{Images, Repository, dockerfile_recipe};
pub(crate) use machine::Machine;
pub(crate) use mask::Masker;
pub(crate) use run_dir::{HOME, RunDir, make_home, write_atomically};
pub(crate) use stop::{Halt, Stopper};

use groups::{Groups, Ticket};
use kept::LogRoom;
use schedule::Caller;

/// What a run needs.
pub(crate) struct Setup {
    /// What is to be done.
    pub(crate) plan: Plan,
    /// Where jobs run.
    pub(crate) engine: Arc<dyn Engine>,
    /// Where their images come from.
    pub(crate) images: Images,
    /// Where jobs run instead when an image cannot be made, if that will do.
    pub(crate) fallback: Option<Fallback>,
    /// What a person should know of the Dockerfile.
    pub(crate) findings: Vec<Finding>,
    /// Where what happens is told.
    pub(crate) bus: Arc<Bus>,
    /// Where results go.
    pub(crate) run_dir: RunDir,
    /// The repository.
    pub(crate) root: PathBuf,
    /// What is known of the run already.
    pub(crate) info: RunInfo,
    /// Facts for the `github` context.
    pub(crate) github: GithubFacts,
    /// `vars` context.
    pub(crate) vars: Vec<(String, String)>,
    /// `secrets` context.
    pub(crate) secrets: Vec<(String, String)>,
    /// `PATH` of this machine, for jobs that run on it.
    pub(crate) path: String,
    /// Where Pythons of this machine lie, for the same.
    pub(crate) pythons: Vec<PathBuf>,
    /// The Node that runs JavaScript actions where the image has none.
    pub(crate) node: Option<PathBuf>,
    /// Options of containers that the settings grant.
    pub(crate) allowed_options: Vec<String>,
    /// Limits of each job.
    pub(crate) limits: Limits,
    /// What each job may leave behind.
    pub(crate) leaves: Quota,
    /// How many minutes a step may print nothing, where there is a limit.
    pub(crate) no_output_minutes: Option<f64>,
    /// How often a test that failed is run again.
    pub(crate) retries: u32,
    /// Legs that may run at a time.
    pub(crate) parallel: usize,
    /// The machine that they share with other runs, where they do.
    pub(crate) machine: Option<Machine>,
    /// Whether uploads to services outside are allowed.
    pub(crate) uploads: bool,
    /// What coverage is compared with.
    pub(crate) against: Option<Against>,
    /// Places of files that are one, by the project's configuration of coverage.py.
    pub(crate) aliases: Aliases,
    /// Whether the repository's folder is the workspace of the job: ignored files come
    /// along, and what the job writes is put back.
    pub(crate) workspace: bool,
    /// Tells whether the run is to stop.
    pub(crate) halt: watch::Receiver<Halt>,
}

/// What all legs of a run share.
pub(crate) struct Shared {
    setup: Setup,
    slots: Semaphore,
    masker: Arc<Mutex<Masker>>,
    tree: OnceLock<Result<Arc<SourceTree>, String>>,
    /// Environments that are being removed.
    closing: TaskTracker,
    /// Concurrency groups.
    groups: Arc<Groups>,
    /// How many legs have ended.
    ends: AtomicU64,
    /// What room the logs of each job have left.
    log_rooms: Mutex<BTreeMap<JobKey, LogRoom>>,
    /// Whether a person was told that a service's environment can be seen.
    told_of_secrets: AtomicBool,
}

impl Shared {
    /// Notes that a leg has ended, and tells how many had before.
    fn count_end(&self) -> u64 {
        self.ends.fetch_add(1, Ordering::Relaxed)
    }

    /// What room the logs of a job have left.
    fn log_room(&self, job: &JobKey) -> LogRoom {
        let mut rooms = self
            .log_rooms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        rooms.entry(job.clone()).or_default().clone()
    }

    /// The user's checkout, listed once.
    fn tree(&self) -> Result<Arc<SourceTree>, String> {
        self.tree
            .get_or_init(|| {
                let root = &self.setup.root;
                let listed = match self.setup.workspace {
                    true => source::everything(root),
                    false => source::list(root),
                };
                listed
                    .map(Arc::new)
                    .map_err(|error| format!("{}: {error}", self.setup.root.display()))
            })
            .clone()
    }
}

/// Runs a plan to its end. What happened is in the bus's record.
pub(crate) async fn run(setup: Setup) {
    let bus = Arc::clone(&setup.bus);
    bus.emit(EventKind::RunStarted(Box::new(setup.info.clone())));
    let setup = fallback::settle(setup).await;
    for (job, leg) in setup.plan.legs() {
        bus.emit(EventKind::JobPlanned(leg.planned(job)));
    }
    for found in &setup.findings {
        bus.notice(found.level, None, found.message.clone());
    }
    let no_effect = no_effect(&setup.plan);
    if !no_effect.is_empty() {
        let message = format!("no effect here: {}", no_effect.join(", "));
        bus.notice(Level::Notice, None, message);
    }
    sweep(&setup).await;
    let mut masker = Masker::new();
    for (name, value) in &setup.secrets {
        if masker.add(value).is_err() && !value.is_empty() {
            bus.notice(
                Level::Warning,
                None,
                format!("the secret {name} is too short to be masked in logs"),
            );
        }
    }
    let halt = setup.halt.clone();
    let shared = Arc::new(Shared {
        slots: Semaphore::new(setup.parallel.max(1)),
        masker: Arc::new(Mutex::new(masker)),
        tree: OnceLock::new(),
        closing: TaskTracker::new(),
        groups: Arc::default(),
        ends: AtomicU64::new(0),
        log_rooms: Mutex::default(),
        told_of_secrets: AtomicBool::new(false),
        setup,
    });
    let secrets = Arc::new(shared.setup.secrets.clone());
    // Nothing above the workflow that was asked for could cancel it.
    let (_keep, cancelled) = watch::channel(None);
    let group = own_group(&shared);
    let caller = Caller {
        cancelled,
        within: group.iter().map(|ticket| ticket.id).collect(),
    };
    schedule::run(&shared, &shared.setup.plan.jobs, &secrets, caller).await;
    shared.setup.images.finish(&bus).await;
    shared.closing.close();
    shared.closing.wait().await;
    coverage::merge(&shared);
    let stopped = halt.borrow().failure.clone();
    bus.emit(EventKind::RunFinished { stopped });
}

/// The group of the whole run, in which no job of it can be as well. Other runs do not
/// see it, and what is wrong with it was told as without effect.
fn own_group(shared: &Arc<Shared>) -> Option<Ticket> {
    let frame = &shared.setup.plan.jobs.first()?.frame;
    let node = frame.workflow.concurrency.as_ref()?;
    let scope = contexts::of_workflow(shared, frame);
    let wish = concurrency::wish(node, |part| {
        contexts::value(part, ExprPlace::RunName, &scope)
    });
    shared.groups.enter(&wish.ok()?, &[]).ok()
}

/// Removes what dead runs left. Trouble with it is a notice, not a failure.
async fn sweep(setup: &Setup) {
    match setup.engine.sweep(Sweep::Dead).await {
        Ok(removed) => {
            for what in removed {
                setup
                    .bus
                    .notice(Level::Notice, None, format!("removed a leftover: {what}"));
            }
        }
        Err(error) => setup.bus.notice(
            Level::Warning,
            None,
            format!("leftovers of earlier runs could not be looked for: {error}"),
        ),
    }
}

/// Masks a text with all secrets known so far.
fn masked(masker: &Mutex<Masker>, text: &str) -> String {
    masker
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .mask(text)
        .into_owned()
}
