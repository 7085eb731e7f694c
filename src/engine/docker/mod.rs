//! Jobs in containers of a Docker Engine: one long-lived container per job, an
//! exec per step.

mod command;
mod host;
mod relay;
mod sudo;

use std::time::Duration;

use async_trait::async_trait;

use super::tree::TreeWriter;
use super::{CONTROL, Engine, EngineError, JobSpec, StepHost, Sudo, Sweep, now_seconds};
use crate::docker::{
    ContainerSpec, Docker, LABEL_JOB, LABEL_OWNER, LABEL_RUN, Owner, Version, is_alive, tar_body,
};
use crate::record::Cause;
use host::ContainerHost;
use relay::{Relay, TOKEN_LEN};

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
                        "a container of the image {} ended at once with exit code {}: it needs `sh`, `mkfifo` and `cat`",
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

    async fn open(&self, spec: &JobSpec) -> Result<Box<dyn StepHost>, EngineError> {
        let container = ContainerSpec {
            name: spec.name.clone(),
            image: spec.image.clone(),
            user: format!("{}:{}", spec.user.uid, spec.user.gid),
            command: main_process(),
            env: spec.env.clone(),
            labels: vec![
                (LABEL_RUN.to_owned(), spec.run.clone()),
                (LABEL_JOB.to_owned(), spec.job.clone()),
                (LABEL_OWNER.to_owned(), self.owner.to_label()),
            ],
            limits: spec.limits,
            network: if spec.network { "bridge" } else { "none" }.to_owned(),
            capabilities: capabilities(spec),
            new_privileges: spec.sudo != Sudo::Never,
        };
        let id = self.docker.create(&container).await.map_err(|error| {
            if error.is_not_found() {
                EngineError::new(
                    Cause::ImageNotFound,
                    format!("the image {} is not on the engine", spec.image),
                )
            } else {
                error.into()
            }
        })?;
        match self.bring_up(&id, spec).await {
            Ok(relay) => Ok(Box::new(ContainerHost::new(
                self.docker.clone(),
                id,
                spec.name.clone(),
                spec.user.clone(),
                spec.sudo,
                relay,
            ))),
            Err(error) => {
                // What cannot be removed now is found by its labels later.
                let _ = self.docker.remove(&id).await;
                Err(error)
            }
        }
    }

    async fn sweep(&self, scope: Sweep) -> Result<Vec<String>, EngineError> {
        let mut removed = Vec::new();
        for leftover in self.docker.leftovers().await? {
            let wanted = match (scope, &leftover.owner) {
                (Sweep::Everything, _) => true,
                (Sweep::Dead, Some(owner)) => !is_alive(owner, &self.owner),
                // Whose it is cannot be told: leave it to `clean --all`.
                (Sweep::Dead, None) => false,
            };
            if wanted {
                self.docker.remove_leftover(&leftover).await?;
                removed.push(format!(
                    "{} {} of run {}",
                    leftover.kind.as_str(),
                    leftover.name,
                    leftover.run
                ));
            }
        }
        Ok(removed)
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
                format!("the image {image} has no `sh`, which steps need: {detail}"),
            )
        })
}
