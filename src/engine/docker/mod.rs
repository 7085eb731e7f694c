//! Jobs in containers of a Docker Engine: one long-lived container per job, an
//! exec per step.

mod belongings;
mod beside;
mod bring_up;
mod command;
mod forward;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz_readers;
mod host;
mod neighbours;
mod network;
mod relay;
mod report;
mod services;
mod socket;
mod sudo;
mod sweep;
mod vanished;

use async_trait::async_trait;
use tokio::sync::watch;

use super::wiring::{Wiring, wire};
use super::{CONTROL, Engine, EngineError, JobSpec, Left, OpenJob, StepHost, Stop, Sudo, Sweep};
use crate::docker::{
    ContainerSpec, Docker, LABEL_JOB, LABEL_OWNER, LABEL_RUN, Owner, Program, Version,
};
use crate::record::Cause;
use belongings::Belongings;
use bring_up::bring_up;
use host::ContainerHost;
pub(crate) use neighbours::Neighbours;
use relay::Relay;
pub(crate) use sweep::reap;

/// Capabilities that commands of a root user keep: what package managers need.
const ROOT_CAPABILITIES: [&str; 7] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
];
/// What `sudo` may use besides: its audit message (without which it refuses), and
/// what packages do when they are set up. A part of what Docker gives by default.
const SUDO_CAPABILITIES: [&str; 3] = ["AUDIT_WRITE", "SETFCAP", "SYS_CHROOT"];

/// A Docker Engine as a place where jobs run.
#[derive(Debug, Clone)]
pub(crate) struct DockerEngine {
    docker: Docker,
    version: Version,
    owner: Owner,
}

impl DockerEngine {
    /// Jobs on the engine that `docker` is connected to.
    pub(crate) fn new(docker: Docker, version: Version) -> Self {
        Self {
            docker,
            version,
            owner: Owner::current(),
        }
    }

    /// The labels of everything that a job has on the engine.
    fn labels(&self, spec: &JobSpec) -> Vec<(String, String)> {
        vec![
            (LABEL_RUN.to_owned(), spec.run.clone()),
            (LABEL_JOB.to_owned(), spec.job.clone()),
            (
                LABEL_OWNER.to_owned(),
                self.owner.for_time(spec.lease).to_label(),
            ),
        ]
    }

    /// Opens everything that a job has on the engine, and notes it.
    async fn open_all(
        &self,
        spec: &JobSpec,
        wiring: &Wiring,
        belongings: &Belongings,
        stop: &watch::Receiver<Stop>,
    ) -> Result<(Relay, String, OpenJob), EngineError> {
        let labels = self.labels(spec);
        let mut network = if spec.network { "bridge" } else { "none" }.to_owned();
        let mut hosts = spec.options.hosts.clone();
        if wiring.apart {
            let id = self.make_network(spec, &labels).await?;
            belongings.network(&id);
            network.clone_from(&spec.name);
        } else {
            hosts.extend(services::host_names(spec));
        }
        let container = ContainerSpec {
            name: spec.name.clone(),
            image: spec.image.clone(),
            user: format!("{}:{}", spec.user.uid, spec.user.gid),
            program: Program::Instead(bring_up::main_process()),
            env: spec.env.clone(),
            labels: labels.clone(),
            limits: spec.limits,
            network: network.clone(),
            aliases: spec.options.aliases.clone(),
            published: Vec::new(),
            hosts,
            capabilities: capabilities(spec),
            new_privileges: spec.sudo != Sudo::Never,
            health: None,
            options: services::with_own_volumes(&spec.options, spec, belongings),
        };
        let (id, relay) = self.start_job(&container, spec, belongings).await?;
        let mut opened = OpenJob {
            id: id.clone(),
            network: network.clone(),
            services: Vec::new(),
            notices: wiring.notices.clone(),
        };
        if spec.services.is_empty() {
            return Ok((relay, id, opened));
        }
        let around = services::Surroundings {
            docker: &self.docker,
            job: spec,
            wiring,
            network: if wiring.apart {
                network
            } else {
                format!("container:{id}")
            },
            publish: false,
            labels,
            belongings,
        };
        opened.services = services::start(&around, stop).await?;
        for one in &wiring.forwards {
            let host = if wiring.apart {
                &one.label
            } else {
                "127.0.0.1"
            };
            match forward::forward(&self.docker, &id, one, host).await {
                Ok(()) => {}
                Err(error) if spec.named_container => opened.notices.push(error.message),
                Err(error) => return Err(error),
            }
        }
        Ok((relay, id, opened))
    }

    /// Creates and starts the container of the job; on a kernel without IPv6 at the
    /// second attempt.
    async fn start_job(
        &self,
        container: &ContainerSpec,
        spec: &JobSpec,
        belongings: &Belongings,
    ) -> Result<(String, Relay), EngineError> {
        loop {
            let had_ipv6 = self.docker.has_ipv6();
            let id = self.docker.create(container).await.map_err(|error| {
                if error.is_not_found() {
                    EngineError::new(
                        Cause::ImageNotFound,
                        format!("the image `{}` is not on the engine", spec.image),
                    )
                } else {
                    error.into()
                }
            })?;
            belongings.container(&id);
            match bring_up(&self.docker, &id, spec).await {
                Ok(relay) => return Ok((id, relay)),
                Err(_) if had_ipv6 && !self.docker.has_ipv6() => self.docker.remove(&id).await?,
                Err(error) => return Err(error),
            }
        }
    }
}

#[async_trait]
impl Engine for DockerEngine {
    fn describe(&self) -> String {
        format!("{} {}", self.version.product, self.version.version)
    }

    async fn open(
        &self,
        spec: &JobSpec,
        stop: watch::Receiver<Stop>,
    ) -> Result<Box<dyn StepHost>, EngineError> {
        let wiring = wire(&spec.services)?;
        let spec = &socket::granted(spec, self.docker.address())?;
        let belongings = Belongings::default();
        match self.open_all(spec, &wiring, &belongings, &stop).await {
            Ok((relay, id, opened)) => Ok(Box::new(ContainerHost::new(
                self.docker.clone(),
                id,
                spec,
                self.labels(spec),
                relay,
                opened,
                belongings,
            ))),
            Err(error) => {
                // What cannot be removed now is found by its labels later.
                let _ = belongings.remove(&self.docker).await;
                Err(error)
            }
        }
    }

    async fn sweep(&self, scope: Sweep) -> Result<Vec<String>, EngineError> {
        sweep::sweep(&self.docker, scope, &self.owner).await
    }

    async fn left(&self, run: &str) -> Result<Left, EngineError> {
        let left = self.docker.leftovers(Some(run)).await?;
        Ok(Left {
            names: left.iter().map(ToString::to_string).collect(),
            more_may_come: self.docker.is_unsure(),
        })
    }
}

/// What root may do in a job's container. Of the capabilities of a container an
/// ordinary user has none, until sudo makes it root.
fn capabilities(spec: &JobSpec) -> Vec<String> {
    let mut kept: Vec<&str> = Vec::new();
    if spec.user.uid == 0 || spec.sudo != Sudo::Never {
        kept.extend(ROOT_CAPABILITIES);
    }
    if spec.sudo != Sudo::Never {
        kept.extend(SUDO_CAPABILITIES);
    }
    kept.into_iter().map(ToOwned::to_owned).collect()
}

/// The pipe that all commands of a job write to.
fn pipe() -> String {
    format!("{CONTROL}/output")
}

/// Parent of the folders of the commands.
fn steps_folder() -> String {
    format!("{CONTROL}/steps")
}
