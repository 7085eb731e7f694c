//! Jobs in containers of a Docker Engine: one long-lived container per job, an
//! exec per step.

mod belongings;
mod beside;
mod command;
mod forward;
mod host;
mod relay;
mod services;
mod socket;
mod sudo;
mod sweep;

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use super::tree::TreeWriter;
use super::wiring::{Wiring, wire};
use super::{
    CONTROL, Engine, EngineError, JobSpec, OpenJob, StepHost, Stop, Sudo, Sweep, now_seconds,
};
use crate::docker::{
    ContainerSpec, Docker, LABEL_JOB, LABEL_OWNER, LABEL_RUN, Owner, Program, Version,
    tar_body,
};
use crate::record::Cause;
use belongings::Belongings;
use host::ContainerHost;
use relay::{Relay, TOKEN_LEN};
pub(crate) use sweep::reap;

/// How long a container may take from its start to its first sign of life.
const READY: Duration = Duration::from_secs(60);
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
            (LABEL_OWNER.to_owned(), self.owner.to_label()),
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
            let id = self
                .docker
                .create_network(&spec.name, &labels, !spec.network)
                .await?;
            belongings.network(&id);
            network.clone_from(&spec.name);
        } else {
            hosts.extend(services::host_names(spec));
        }
        let container = ContainerSpec {
            name: spec.name.clone(),
            image: spec.image.clone(),
            user: format!("{}:{}", spec.user.uid, spec.user.gid),
            program: Program::Instead(main_process()),
            env: spec.env.clone(),
            labels: labels.clone(),
            limits: spec.limits,
            network: network.clone(),
            aliases: spec.options.aliases.clone(),
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
            match self.bring_up(&id, spec).await {
                Ok(relay) => return Ok((id, relay)),
                Err(_) if had_ipv6 && !self.docker.has_ipv6() => self.docker.remove(&id).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Fills, attaches and starts a container that was created.
    async fn bring_up(&self, id: &str, spec: &JobSpec) -> Result<Relay, EngineError> {
        let parts = spec.clone();
        let body = tar_body(move |writer| {
            let owner = (parts.user.uid, parts.user.gid);
            let mut tree = TreeWriter::new(writer, owner.0, owner.1, now_seconds());
            for dir in [CONTROL, &steps_folder()] {
                tree.folder(dir, owner, 0o755)?;
            }
            for dir in &parts.dirs {
                tree.folder(dir, owner, 0o755)?;
            }
            for file in &parts.files {
                tree.file(file)?;
            }
            if let Some((source, dir)) = &parts.source {
                tree.tree(source, dir)?;
            }
            tree.finish()
        });
        self.docker.upload(id, "/", body).await?;
        // Before the start: an attach that comes later misses output.
        let relay = Relay::start(self.docker.attach(id).await?);
        self.docker
            .start(id)
            .await
            .map_err(|error| no_shell(&spec.image, &error.to_string()).unwrap_or(error.into()))?;
        let ready = ready_token();
        tokio::select! {
            reached = relay.reached(&ready) => {
                if reached.is_ok() {
                    if spec.sudo == Sudo::Granted {
                        sudo::grant(&self.docker, id, &spec.user).await?;
                    }
                    return Ok(relay);
                }
            }
            () = tokio::time::sleep(READY) => {}
        }
        let state = self.docker.state(id).await?;
        Err(
            no_shell(&spec.image, &state.error).unwrap_or(if state.running {
                EngineError::new(
                    Cause::EngineUnresponsive,
                    format!("the container gave no sign of life within {} s", READY.as_secs()),
                )
            } else {
                EngineError::new(
                    Cause::ImageUnusable,
                    format!(
                        "a container of the image `{}` ended at once with exit code {}: it needs `sh`, `mkfifo` and `cat`",
                        spec.image, state.exit_code
                    ),
                )
            }),
        )
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

    async fn left(&self, run: &str) -> Result<Vec<String>, EngineError> {
        let left = self.docker.leftovers(Some(run)).await?;
        Ok(left.iter().map(ToString::to_string).collect())
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

/// The main process: makes the pipe, says that it is there, and copies what
/// comes through it until the container is killed. Opened for reading and
/// writing, the pipe never ends.
fn main_process() -> Vec<String> {
    let script = r#"mkfifo -m 600 "$0" && printf '\036%s\036' "$1" && exec cat <>"$0""#;
    vec![
        "sh".to_owned(),
        "-c".to_owned(),
        script.to_owned(),
        pipe(),
        ready_token(),
    ]
}

/// The pipe that all commands of a job write to.
fn pipe() -> String {
    format!("{CONTROL}/output")
}

/// Parent of the folders of the commands.
fn steps_folder() -> String {
    format!("{CONTROL}/steps")
}

/// The token with which the main process says that it is ready.
fn ready_token() -> String {
    "0".repeat(TOKEN_LEN)
}

/// The error for an image without a shell, when `detail` says so.
fn no_shell(image: &str, detail: &str) -> Option<EngineError> {
    (detail.contains("executable file not found") || detail.contains("no such file or directory"))
        .then(|| {
            EngineError::new(
                Cause::ImageUnusable,
                format!("the image `{image}` has no `sh`, which steps need: {detail}"),
            )
        })
}
