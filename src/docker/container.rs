//! Containers: create, attach, start, pause, kill, inspect, remove.

use std::collections::HashMap;
use std::pin::Pin;

use bollard::container::LogOutput;
use bollard::models::{
    ContainerCreateBody, HostConfig, HostConfigLogConfig, RestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::{
    AttachContainerOptions, CreateContainerOptions, KillContainerOptions, RemoveContainerOptions,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::client::{Docker, LONG, SHORT, deadline};
use super::error::DockerError;

/// What a container is created with.
#[derive(Debug, Clone)]
pub(crate) struct ContainerSpec {
    /// Its name.
    pub(crate) name: String,
    /// Image id or reference.
    pub(crate) image: String,
    /// `uid:gid`.
    pub(crate) user: String,
    /// Command; the image's entrypoint is always overridden, or it would swallow
    /// the command.
    pub(crate) command: Vec<String>,
    /// Environment beyond the image's own. Visible to `docker inspect`: no secrets.
    pub(crate) env: Vec<(String, String)>,
    /// Labels.
    pub(crate) labels: Vec<(String, String)>,
    /// Limits.
    pub(crate) limits: Limits,
    /// `none`, `bridge`, a network's name or `container:<id>`.
    pub(crate) network: String,
    /// Capabilities that stay; all others are dropped.
    pub(crate) capabilities: Vec<String>,
    /// Whether a program may have more rights than whoever starts it (setuid).
    pub(crate) new_privileges: bool,
}

/// What a container may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Memory in bytes, swap not added.
    pub(crate) memory: Option<u64>,
    /// Number of processes.
    pub(crate) pids: u32,
    /// Shared memory (`/dev/shm`) in bytes.
    pub(crate) shm: u64,
}

/// How a container is, as the engine sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ContainerState {
    /// Whether its main process runs.
    pub(crate) running: bool,
    /// Exit code of its main process.
    pub(crate) exit_code: i64,
    /// Whether the kernel killed a process of it for memory. Stays `false` for
    /// an exec'd process while the container runs.
    pub(crate) oom_killed: bool,
    /// Why it could not start.
    pub(crate) error: String,
}

/// The output of a container, in pieces as they come.
pub(crate) type OutputFrames = Pin<Box<dyn Stream<Item = Result<Bytes, DockerError>> + Send>>;

impl Docker {
    /// Creates a container and gives its id.
    pub(crate) async fn create(&self, spec: &ContainerSpec) -> Result<String, DockerError> {
        let host = HostConfig {
            init: Some(true),
            memory: spec.limits.memory.and_then(|n| i64::try_from(n).ok()),
            memory_swap: spec.limits.memory.and_then(|n| i64::try_from(n).ok()),
            pids_limit: Some(i64::from(spec.limits.pids)),
            shm_size: i64::try_from(spec.limits.shm).ok(),
            network_mode: Some(spec.network.clone()),
            cap_drop: Some(vec!["ALL".to_owned()]),
            cap_add: Some(spec.capabilities.clone()),
            security_opt: (!spec.new_privileges).then(|| vec!["no-new-privileges".to_owned()]),
            restart_policy: Some(RestartPolicy {
                name: Some(RestartPolicyNameEnum::NO),
                maximum_retry_count: None,
            }),
            // Bounded, and readable again after a restart of the engine.
            log_config: Some(HostConfigLogConfig {
                typ: Some("local".to_owned()),
                config: Some(HashMap::from([
                    ("max-size".to_owned(), "10m".to_owned()),
                    ("max-file".to_owned(), "2".to_owned()),
                ])),
            }),
            ..HostConfig::default()
        };
        let mut command = spec.command.iter().cloned();
        let body = ContainerCreateBody {
            image: Some(spec.image.clone()),
            user: Some(spec.user.clone()),
            entrypoint: command.next().map(|program| vec![program]),
            cmd: Some(command.collect()),
            env: Some(
                spec.env
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect(),
            ),
            labels: Some(spec.labels.iter().cloned().collect()),
            // The image's health check would run beside the tests.
            healthcheck: Some(bollard::models::HealthConfig {
                test: Some(vec!["NONE".to_owned()]),
                ..Default::default()
            }),
            working_dir: Some("/".to_owned()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            host_config: Some(host),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptions {
            name: Some(spec.name.clone()),
            platform: String::new(),
        };
        let created = deadline(
            "create container",
            LONG,
            self.api.create_container(Some(options), body),
        )
        .await?;
        Ok(created.id)
    }

    /// Opens the container's output. To be called before [`Docker::start`], and
    /// to be read to its end: an unread attach wedges the engine (moby#41827).
    pub(crate) async fn attach(&self, id: &str) -> Result<OutputFrames, DockerError> {
        let options = AttachContainerOptions {
            stream: true,
            stdout: true,
            stderr: true,
            ..AttachContainerOptions::default()
        };
        let attached = deadline(
            "attach container",
            SHORT,
            self.api.attach_container(id, Some(options)),
        )
        .await?;
        Ok(frames("attach container", attached.output))
    }

    /// Starts a container.
    pub(crate) async fn start(&self, id: &str) -> Result<(), DockerError> {
        deadline("start container", LONG, self.api.start_container(id, None)).await
    }

    /// How the container is.
    pub(crate) async fn state(&self, id: &str) -> Result<ContainerState, DockerError> {
        let inspected = deadline(
            "inspect container",
            SHORT,
            self.api.inspect_container(id, None),
        )
        .await?;
        let state = inspected.state.unwrap_or_default();
        Ok(ContainerState {
            running: state.running.unwrap_or(false),
            exit_code: state.exit_code.unwrap_or(0),
            oom_killed: state.oom_killed.unwrap_or(false),
            error: state.error.unwrap_or_default(),
        })
    }

    /// Freezes all processes of a container.
    pub(crate) async fn pause(&self, id: &str) -> Result<(), DockerError> {
        deadline("pause container", SHORT, self.api.pause_container(id)).await
    }

    /// Lets a frozen container go on.
    pub(crate) async fn unpause(&self, id: &str) -> Result<(), DockerError> {
        deadline("unpause container", SHORT, self.api.unpause_container(id)).await
    }

    /// Ends a container at once and waits until the engine sees that it has
    /// ended. A container that is not running, or gone, is fine.
    pub(crate) async fn kill(&self, id: &str) -> Result<(), DockerError> {
        let options = KillContainerOptions::default();
        match deadline(
            "kill container",
            SHORT,
            self.api.kill_container(id, Some(options)),
        )
        .await
        {
            Ok(()) => {}
            Err(error) if error.is_not_found() || error.is_conflict() => {}
            Err(error) => return Err(error),
        }
        // The answer to `wait` may be empty when the engine dies: the state is
        // what counts.
        loop {
            let mut wait = Box::pin(self.api.wait_container(id, None));
            let _ = tokio::time::timeout(SHORT, wait.next()).await;
            match self.state(id).await {
                Ok(state) if state.running => {}
                Ok(_) => return Ok(()),
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Removes a container with its anonymous volumes, running or not. One that
    /// is gone, or going, is fine.
    pub(crate) async fn remove(&self, id: &str) -> Result<(), DockerError> {
        let options = RemoveContainerOptions {
            v: true,
            force: true,
            link: false,
        };
        match deadline(
            "remove container",
            LONG,
            self.api.remove_container(id, Some(options)),
        )
        .await
        {
            Ok(()) => Ok(()),
            Err(error) if error.is_not_found() || error.is_conflict() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The library's frames as plain bytes.
pub(super) fn frames(
    call: &'static str,
    output: Pin<Box<dyn Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>,
) -> OutputFrames {
    Box::pin(output.map(move |frame| {
        frame
            .map(LogOutput::into_bytes)
            .map_err(|error| DockerError::of(call, &error))
    }))
}
