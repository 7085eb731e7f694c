//! Jobs on this machine, as GitHub's runner would run them: the control that containers
//! are compared with, and the fallback where there is no container engine.
//!
//! Each job has a private folder with its own copy of the checkout, its own home and its
//! own temporary files; the user's tree and home are never touched. Services are the
//! exception: they are containers beside the job, see [`DockerEngine::neighbours`].

mod command;
mod files;
mod folder;
mod ports;
mod processes;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;

use super::docker::{DockerEngine, Neighbours};
use super::{
    CONTROL, End, EndedService, Engine, EngineError, ExecEnd, ExecSpec, JobSpec, Left, OpenJob,
    Output, SourceTree, StepHost, Stop, Sweep, TarReader, after, random_token,
};
use crate::docker::{COMMAND_VARIABLE, RUN_VARIABLE};
use crate::record::Cause;
use command::Surroundings;
use folder::Folder;
pub(crate) use folder::{reap, sweep};
use ports::{Ports, Taken};
use processes::Mark;

/// What jobs find on this machine.
#[derive(Clone, Default)]
pub(crate) struct Machine {
    /// Where their folders are made.
    pub(crate) temp: PathBuf,
    /// Variables that every command has unless workflow or runner say otherwise.
    pub(crate) env: Vec<(String, String)>,
    /// Folders of the user's home that are seen in that of a job, by their path there.
    pub(crate) links: Vec<(String, PathBuf)>,
}

/// Only where: values of variables may be secret.
impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Machine({})", self.temp.display())
    }
}

/// This machine as a place where jobs run.
#[derive(Debug)]
pub(crate) struct HostEngine {
    folder: Folder,
    machine: Machine,
    /// The container engine that services run on.
    docker: Option<DockerEngine>,
    /// Ports of this machine that jobs have.
    ports: Arc<Ports>,
    /// How many jobs were opened.
    jobs: AtomicU32,
}

impl HostEngine {
    /// Jobs of a run below a private temporary folder, which goes with the engine, and
    /// their services on a container engine, where there is one.
    pub(crate) fn new(
        run: &str,
        machine: Machine,
        docker: Option<DockerEngine>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            folder: Folder::new(&machine.temp, run)?,
            machine,
            docker,
            ports: Arc::default(),
            jobs: AtomicU32::new(0),
        })
    }

    /// Starts the services of a job, which then has its ports for itself.
    async fn services(
        &self,
        spec: &JobSpec,
        mut stop: watch::Receiver<Stop>,
    ) -> Result<Option<(Neighbours, Taken)>, EngineError> {
        let Some(first) = spec.services.first() else {
            return Ok(None);
        };
        let Some(docker) = &self.docker else {
            return Err(EngineError::new(
                Cause::UnsupportedFeature,
                format!("the service `{}` needs a container engine", first.label),
            ));
        };
        let wanted = ports::fixed(spec);
        let taken = tokio::select! {
            taken = Ports::take(&self.ports, &wanted) => taken,
            _ = Stop::wanted(&mut stop, Stop::Gently) => {
                let message = "the job was stopped while another one had its ports";
                return Err(EngineError::new(Cause::Superseded, message));
            }
        };
        Ok(Some((docker.neighbours(spec, &stop).await?, taken)))
    }
}

#[async_trait]
impl Engine for HostEngine {
    fn describe(&self) -> String {
        "host (no container)".to_owned()
    }

    fn root(&self, job: &str) -> String {
        self.folder.path().join(job).display().to_string()
    }

    async fn open(
        &self,
        spec: &JobSpec,
        stop: watch::Receiver<Stop>,
    ) -> Result<Box<dyn StepHost>, EngineError> {
        let root = self.folder.path().join(crate::record::slug(&spec.job));
        let control = format!("{}{CONTROL}", root.display());
        // Near the top: paths of sockets end after 108 bytes.
        let number = self.jobs.fetch_add(1, Ordering::Relaxed);
        let temp = self.folder.path().join(format!("t{number}"));
        let mut env = self.machine.env.clone();
        env.extend([
            ("TMPDIR".to_owned(), temp.display().to_string()),
            (RUN_VARIABLE.to_owned(), spec.run.clone()),
        ]);
        let own = [
            PathBuf::from(format!("{control}/steps")),
            PathBuf::from(&spec.user.home),
            temp.clone(),
        ];
        let made = files::lay_out(spec, &own, &self.machine.links).map_err(|error| failed(&error));
        let services = match made {
            Ok(()) => self.services(spec, stop).await,
            Err(error) => Err(error),
        };
        let (services, ports) = match services {
            Ok(Some((services, ports))) => (Some(services), Some(ports)),
            Ok(None) => (None, None),
            Err(error) => {
                for place in [&root, &temp] {
                    let _ = folder::remove(place);
                }
                return Err(error);
            }
        };
        Ok(Box::new(LocalHost {
            name: format!("this machine, {}", root.display()),
            root,
            temp,
            control,
            env,
            token: random_token(),
            commands: AtomicU32::new(0),
            groups: Mutex::default(),
            opened: services
                .as_ref()
                .map(|services| services.opened.clone())
                .unwrap_or_default(),
            services,
            ports: Mutex::new(ports),
        }))
    }

    async fn sweep(&self, scope: Sweep) -> Result<Vec<String>, EngineError> {
        match &self.docker {
            Some(docker) => docker.sweep(scope).await,
            None => Ok(Vec::new()),
        }
    }

    async fn left(&self, run: &str) -> Result<Left, EngineError> {
        match &self.docker {
            Some(docker) => docker.left(run).await,
            None => Ok(Left::default()),
        }
    }
}

/// A job's folder on this machine.
struct LocalHost {
    name: String,
    root: PathBuf,
    /// Its temporary files.
    temp: PathBuf,
    control: String,
    /// Variables of every command.
    env: Vec<(String, String)>,
    /// Begins the token of each command.
    token: String,
    /// How many commands there were.
    commands: AtomicU32,
    /// Process groups of the commands, for what they left in the background.
    groups: Mutex<Vec<u32>>,
    opened: OpenJob,
    services: Option<Neighbours>,
    /// Its ports, until it is closed.
    ports: Mutex<Option<Taken>>,
}

#[async_trait]
impl StepHost for LocalHost {
    fn name(&self) -> &str {
        &self.name
    }

    fn control(&self) -> &str {
        &self.control
    }

    fn opened(&self) -> &OpenJob {
        &self.opened
    }

    async fn ended_services(&self) -> Result<Vec<EndedService>, EngineError> {
        match &self.services {
            Some(services) => services.ended().await,
            None => Ok(Vec::new()),
        }
    }

    async fn exec(
        &self,
        spec: &ExecSpec,
        output: Arc<dyn Output>,
        stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        let folder = PathBuf::from(format!("{}/steps/{}", self.control, spec.name));
        let made = (|| {
            std::fs::create_dir_all(&folder)?;
            files::script(
                &folder.join(format!("script{}", spec.extension)),
                &spec.script,
            )?;
            for (name, _) in &spec.mailbox {
                std::fs::write(folder.join(name), b"")?;
            }
            Ok(())
        })();
        made.map_err(|error| failed(&error))?;
        let number = self.commands.fetch_add(1, Ordering::Relaxed);
        let around = Surroundings {
            env: &self.env,
            folder: &folder,
            token: &format!("{}-{number}-", self.token),
            started: &|group| {
                let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
                groups.push(group);
            },
        };
        let end = command::run(&around, spec, output, stop).await?;
        let mailbox = spec
            .mailbox
            .iter()
            .filter_map(|(name, _)| Some((*name, std::fs::read(folder.join(name)).ok()?)))
            .collect();
        let after = match end {
            End::Exited(_) => after::look(spec, &self.env).await,
            _ => Vec::new(),
        };
        Ok(ExecEnd {
            mailbox,
            after,
            ..ExecEnd::of(end)
        })
    }

    async fn put_tree(&self, tree: Arc<SourceTree>, dir: &str) -> Result<(), EngineError> {
        files::copy(&tree, Path::new(dir)).map_err(|error| failed(&error))
    }

    async fn unpack(&self, dir: &str, tar: TarReader) -> Result<(), EngineError> {
        files::unpack(&self.root, Path::new(dir), tar).map_err(|error| failed(&error))
    }

    async fn get(&self, path: &str) -> Result<Option<TarReader>, EngineError> {
        files::get(Path::new(path)).map_err(|error| failed(&error))
    }

    async fn freeze(&self) -> Result<(), EngineError> {
        Ok(())
    }

    async fn thaw(&self) -> Result<(), EngineError> {
        Ok(())
    }

    async fn halt(&self) -> Result<(), EngineError> {
        let groups =
            std::mem::take(&mut *self.groups.lock().unwrap_or_else(PoisonError::into_inner));
        for group in groups {
            if let Some(group) = i32::try_from(group)
                .ok()
                .and_then(rustix::process::Pid::from_raw)
            {
                // Gone already is fine.
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
        }
        processes::end(&Mark {
            entry: format!("{COMMAND_VARIABLE}={}-", self.token),
            folder: Some(self.root.clone()),
        })
        .await;
        match &self.services {
            Some(services) => services.kill().await,
            None => Ok(()),
        }
    }

    async fn close(&self) -> Result<(), EngineError> {
        let halted = self.halt().await;
        let removed = match &self.services {
            Some(services) => services.remove().await,
            None => Ok(()),
        };
        self.ports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        for place in [&self.root, &self.temp] {
            folder::remove(place).map_err(|error| failed(&error))?;
        }
        halted.and(removed)
    }
}

fn failed(error: &std::io::Error) -> EngineError {
    EngineError::new(Cause::SetupFailed, error.to_string())
}
