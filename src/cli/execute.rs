//! A prepared plan → a run, its verdict and its exit code.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use crate::docker::{Docker, Limits, Version};
use crate::engine::docker::DockerEngine;
use crate::engine::host::{self, HostEngine};
use crate::engine::{Engine, EngineError, Left, Quota, Sweep, random_token};
use crate::gate::{self, Budgets, Masked, Policy, Quarantined};
use crate::image::BuildTool;
use crate::plan::Plan;
use crate::record::{
    Cause, CiRun, Conclusion, EventKind, JobKey, Level, RunId, RunInfo, RunRecord, SCHEMA,
};
use crate::results::{Against, Aliases};
use crate::runner::{
    Bus, Fallback, HOME, Images, Listener, Machine, Repository, RunDir, Setup, Stopper, run,
};
use crate::settings::CoverageAsked;

use super::coverage;
use super::disk;
use super::error::CliError;
use super::page;
use super::prepare::{Prepared, Request};
use super::watchdog::Watchdog;

/// Processes that a job may have.
const DEFAULT_PIDS: u32 = 2048;
/// Shared memory of a job: the default of 64 MiB breaks browsers and databases.
const SHM: u64 = 512 * 1024 * 1024;

/// Where the jobs of a run run.
pub(super) enum Place {
    /// Containers.
    Docker {
        /// The engine.
        docker: Docker,
        /// What it is.
        version: Box<Version>,
        /// What builds images.
        tool: Box<BuildTool>,
        /// The plan for this machine, where that will do when an image cannot be made.
        or_here: Option<Box<Plan>>,
    },
    /// This machine, with an engine for services, where one is needed and there.
    Host(Option<Box<Beside>>),
    /// Nowhere: scripts are obeyed, not run.
    #[cfg(test)]
    Fake {
        /// The engine.
        engine: crate::engine::fake::FakeEngine,
        /// What every image holds.
        facts: Box<crate::image::Facts>,
    },
}

/// An engine, and what builds images for it.
pub(super) struct Beside {
    /// The engine.
    pub(super) docker: Docker,
    /// What it is.
    pub(super) version: Version,
    /// What builds images.
    pub(super) tool: BuildTool,
}

/// How a run is to go, beyond what is planned.
#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    /// `--secret`.
    pub(super) secrets: Vec<(String, String)>,
    /// What is asked of coverage.
    pub(super) coverage: CoverageAsked,
    /// What it is compared with.
    pub(super) against: Option<Against>,
    /// `--parallel`.
    pub(super) parallel: Option<usize>,
    /// Where runs note the jobs that they have on an engine.
    pub(super) machine: Option<PathBuf>,
    /// `--memory`, in bytes.
    pub(super) memory: Option<u64>,
    /// How many minutes a step may print nothing.
    pub(super) no_output_minutes: Option<f64>,
    /// `--pids`.
    pub(super) pids: Option<u32>,
    /// `--retries`.
    pub(super) retries: u32,
    /// `--upload`.
    pub(super) uploads: bool,
    /// Whether masked failures are only warned of.
    pub(super) masked_warns: bool,
    /// What the run may take.
    pub(super) budgets: Budgets,
    /// Tests whose failure is forgiven.
    pub(super) quarantine: Vec<Quarantined>,
    /// The history whose runs stand on the page of this one.
    pub(super) past: Option<crate::history::Place>,
    /// `PATH` of this machine, for jobs that run on it.
    pub(super) path: String,
    /// What else they find there.
    pub(super) host: host::Machine,
    /// Where its Pythons lie.
    pub(super) pythons: Vec<PathBuf>,
    /// `--node`.
    pub(super) node: Option<PathBuf>,
    /// Why containers are not used although they were wanted.
    pub(super) fallback: Option<String>,
    /// `--workspace`.
    pub(super) workspace: bool,
    /// Whether a service for continuous integration runs seatrial.
    pub(super) ci: bool,
    /// The run of that service which this one is part of.
    pub(super) ci_run: Option<CiRun>,
}

/// A run that has ended.
pub(super) struct Executed {
    /// What happened.
    pub(super) record: RunRecord,
    /// Its folder.
    pub(super) run_dir: RunDir,
    /// Why it has no page, where there is none: that changes no verdict.
    pub(super) no_page: Option<std::io::Error>,
}

/// Runs a plan and judges it. `stop` gets the end that stops the run.
pub(super) async fn execute(
    request: &Request,
    prepared: &Prepared,
    options: &Options,
    place: Place,
    listener: Listener,
    stop: impl FnOnce(Stopper, Weak<Bus>),
) -> Result<Executed, CliError> {
    let id = new_run_id();
    let home = request.root.join(HOME);
    let unwritable = |error: std::io::Error| {
        let message = format!("results cannot be written to {}: {error}", home.display());
        CliError::new(Cause::OutputWriteFailed, message)
    };
    let mut little: Vec<String> = Vec::new();
    little.extend(disk::room(&home, "the results of runs are kept")?);
    let run_dir = RunDir::create(&request.root, &id).map_err(unwritable)?;
    let bus = Bus::new(Some(&run_dir.events()), listener).map_err(unwritable)?;
    let bus = Arc::new(bus);
    let gone = host::sweep(&options.host.temp, Sweep::Dead).await;
    let watchdog = watch(&place, &options.host.temp, &id, &bus).await;
    let own = prepared.recipe.as_ref().or(prepared.beside.as_ref());
    let images = |docker: Docker, version: &Version, tool: BuildTool| {
        Images::of_engine(
            (docker, version.arch.clone()),
            tool,
            (own.cloned(), prepared.expected.clone()),
            Repository {
                name: prepared.inputs.github.repository.clone(),
                root: request.root.clone(),
            },
            request.build.clone(),
            id.0.clone(),
            run_dir.images(),
        )
    };
    let here = |docker: Option<DockerEngine>| {
        let engine = HostEngine::new(&id.0, options.host.clone(), docker).map_err(|error| {
            let message = format!(
                "no temporary folder can be made below {}: {error}",
                options.host.temp.display()
            );
            CliError::new(Cause::OutputWriteFailed, message)
        })?;
        Ok::<_, CliError>(Arc::new(engine) as Arc<dyn Engine>)
    };
    let mut fallback = None;
    let mut engine_id = None;
    let (engine, images, cpus, memory) = match place {
        Place::Docker {
            docker,
            version,
            tool,
            or_here,
        } => {
            let info = docker.info().await?;
            // An engine elsewhere has its disk there.
            let root = Path::new(&info.root);
            if docker.address().starts_with("unix:") && root.is_absolute() && root.is_dir() {
                little.extend(disk::room(root, "the engine keeps images and containers")?);
            }
            engine_id = Some(match info.id {
                id if id.is_empty() => docker.address().to_owned(),
                id => id,
            });
            let containers = DockerEngine::new(docker.clone(), (*version).clone());
            if let Some(plan) = or_here {
                fallback = Some(Fallback {
                    plan: *plan,
                    engine: here(Some(containers.clone()))?,
                    images: images(docker.clone(), &version, (*tool).clone()).beside(),
                });
            }
            let images = images(docker, &version, *tool);
            let engine: Arc<dyn Engine> = Arc::new(containers);
            (engine, images, info.cpus, info.memory)
        }
        Place::Host(beside) => {
            let (docker, images) = match beside {
                Some(beside) => {
                    let Beside {
                        docker,
                        version,
                        tool,
                    } = *beside;
                    let images = images(docker.clone(), &version, tool).beside();
                    (Some(DockerEngine::new(docker, version)), images)
                }
                None => (None, Images::none(None)),
            };
            let engine = here(docker)?;
            let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
            (engine, images, u32::try_from(cpus).unwrap_or(1), 0)
        }
        #[cfg(test)]
        Place::Fake { engine, facts } => (
            Arc::new(engine) as Arc<dyn Engine>,
            Images::none(Some(*facts)),
            2,
            0,
        ),
    };
    let cores = usize::try_from(cpus).unwrap_or(1);
    // Two at least: jobs that do not depend on one another run side by side.
    let parallel = options.parallel.unwrap_or_else(|| cores.max(2));
    // Who says how many jobs there are to be at a time means it.
    let machine = match (&options.parallel, &options.machine, engine_id) {
        (None, Some(folder), Some(id)) => Some(Machine::new(folder, &id, parallel)),
        _ => None,
    };
    let share = u64::try_from(parallel).unwrap_or(1).max(1);
    let limits = Limits {
        memory: options
            .memory
            .or((memory > 0).then(|| memory / 10 * 8 / share)),
        most_memory: Some(memory).filter(|bytes| *bytes > 0),
        pids: options.pids.unwrap_or(DEFAULT_PIDS),
        shm: SHM,
    };
    let mut github = prepared.inputs.github.clone();
    github.run_id = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(1);
    let info = RunInfo {
        schema: SCHEMA,
        id,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        workflow: prepared.workflow_name.clone(),
        name: prepared.plan.name.clone(),
        event: github.event_name.clone(),
        repository: github.repository.clone(),
        sha: prepared.checkout.sha.clone(),
        reference: github.reference.clone(),
        dirty: prepared.checkout.dirty,
        engine: engine.describe(),
        cpus,
        memory,
        partial: prepared.plan.partial,
        ci: options.ci,
        ci_run: options.ci_run.clone(),
    };
    let (stopper, halt) = Stopper::new();
    stop(stopper, Arc::downgrade(&bus));
    let run_name = info.id.clone();
    run(Setup {
        plan: prepared.plan.clone(),
        engine: Arc::clone(&engine),
        images,
        fallback,
        findings: prepared.findings.clone(),
        bus: Arc::clone(&bus),
        run_dir: run_dir.clone(),
        root: request.root.clone(),
        info,
        github,
        vars: prepared.inputs.vars.clone(),
        secrets: options.secrets.clone(),
        path: options.path.clone(),
        pythons: options.pythons.clone(),
        node: options.node.clone(),
        allowed_options: prepared.inputs.allowed_options.clone(),
        limits,
        leaves: Quota::JOB,
        no_output_minutes: options.no_output_minutes,
        retries: options.retries,
        parallel,
        machine,
        uploads: options.uploads,
        against: options.against.clone(),
        aliases: Aliases::new(&prepared.project.path_aliases),
        workspace: options.workspace,
        halt,
    })
    .await;
    let left = engine.left(&run_name.0).await;
    tell_what_is_left(&bus, &left, watchdog.is_some());
    if let Some(watchdog) = watchdog
        && left.is_ok_and(|left| left.names.is_empty() && !left.more_may_come)
    {
        watchdog.dismiss().await;
    }
    if let Some(why) = &options.fallback {
        bus.notice(
            Level::Warning,
            None,
            format!("tests ran on this machine, not in containers: {why}"),
        );
    }
    for what in gone {
        bus.notice(Level::Notice, None, format!("removed a leftover: {what}"));
    }
    for message in little {
        bus.notice(Level::Warning, None, message);
    }
    let judged = || {
        let record = bus
            .record()
            .ok_or_else(|| CliError::new(Cause::Invariant, "the run left no record"))?;
        let verdict = gate::judge(&record, &policy(prepared, options, &record));
        bus.emit(EventKind::Judged(match bus.unwritten() {
            Some(failure) => verdict.with(failure),
            None => verdict,
        }));
        Ok::<RunRecord, CliError>(bus.record().unwrap_or(record))
    };
    let mut record = judged()?;
    let lost = bus.unwritten();
    if let Err(error) = run_dir.save(&record).and_then(|()| run_dir.make_latest()) {
        bus.lost("run.json", &error);
    }
    // What was judged and not written counts, and where it can be, it is written again.
    if bus.unwritten() != lost {
        record = judged()?;
        let _ = run_dir.save(&record);
    }
    let no_page = page::write(
        &record,
        run_dir.path(),
        Some(&request.root),
        options.past.as_ref(),
    )
    .err();
    Ok(Executed {
        record,
        run_dir,
        no_page,
    })
}

/// Starts the watchdog. A run without one is a run all the same: what it leaves when it
/// is killed goes with the next.
async fn watch(place: &Place, temp: &Path, run: &RunId, bus: &Bus) -> Option<Watchdog> {
    let engine = match place {
        Place::Docker { docker, .. } => Some(docker.address()),
        Place::Host(beside) => beside.as_ref().map(|beside| beside.docker.address()),
        #[cfg(test)]
        Place::Fake { .. } => return None,
    };
    match Watchdog::start(&run.0, temp, engine).await {
        Ok(watchdog) => Some(watchdog),
        Err(why) => {
            bus.notice(
                Level::Warning,
                None,
                format!(
                    "no watchdog could be started ({why}): if seatrial is killed, what is left stays until the next run or `seatrial clean`"
                ),
            );
            None
        }
    }
}

/// Names what could not be removed.
fn tell_what_is_left(bus: &Bus, left: &Result<Left, EngineError>, watched: bool) {
    let what = match left {
        Ok(left) if left.names.is_empty() => return,
        Ok(left) => left.names.join(", "),
        Err(error) => format!("what is left is not known: {error}"),
    };
    let next = if watched {
        "a process in the background goes on trying for ten minutes; then `seatrial clean` does"
    } else {
        "`seatrial clean` tries again"
    };
    bus.notice(
        Level::Warning,
        None,
        format!("not everything could be removed: {what}; {next}"),
    );
}

/// What the run is held against: flag over environment over `seatrial.toml` over
/// the project's own `fail_under` over 80 %.
fn policy(prepared: &Prepared, options: &Options, record: &RunRecord) -> Policy {
    let plan = &prepared.plan;
    // A step whose `if` did not hold owes nothing: an upload to Codecov for the
    // project's own repository only, say.
    let left_out = |key: &JobKey, number: u32| {
        record.jobs.iter().any(|job| {
            job.planned.key == *key
                && job.conclusion == Some(Conclusion::Success)
                && job.steps.iter().any(|step| {
                    step.number == number && step.conclusion == Some(Conclusion::Skipped)
                })
        })
    };
    let own = prepared.project.fail_under.as_ref();
    let explicit = options.coverage.min.is_some() || own.is_some();
    let threshold = coverage::threshold(&options.coverage, own);
    Policy {
        limits: coverage::limits(&options.coverage, options.against.as_ref(), &threshold),
        coverage_min: Some(threshold),
        // Of a part of the workflow, only what it owes itself can be asked for.
        coverage_due: plan.coverage_due(left_out) || (explicit && !plan.partial),
        masked: if options.masked_warns {
            Masked::Warn
        } else {
            Masked::Deny
        },
        budgets: options.budgets,
        quarantine: options.quarantine.clone(),
    }
}

/// Start time and 48 random bits.
fn new_run_id() -> RunId {
    let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    let random: String = random_token().chars().take(12).collect();
    RunId(format!("{now}-{random}"))
}
