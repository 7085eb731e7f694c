//! Containers: attach, start, pause, kill, inspect, remove.

use std::pin::Pin;

use bollard::container::LogOutput;
use bollard::models::HealthStatusEnum;
use bollard::query_parameters::{
    AttachContainerOptions, KillContainerOptions, RemoveContainerOptions,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::client::{Docker, LONG, SHORT, deadline};
use super::error::DockerError;

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
    /// When it was started, by the engine's clock, as the engine writes it.
    pub(crate) started_at: String,
    /// Its health; absent without a health check, and before the first answer.
    pub(crate) healthy: Option<bool>,
    /// What the latest health check printed.
    pub(crate) probe_output: String,
}

/// The output of a container, in pieces as they come.
pub(crate) type OutputFrames = Pin<Box<dyn Stream<Item = Result<Bytes, DockerError>> + Send>>;

impl Docker {
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

    /// Starts a container. One that cannot have `::1` never starts: it has to be
    /// created again, see [`Docker::has_ipv6`].
    pub(crate) async fn start(&self, id: &str) -> Result<(), DockerError> {
        let started = deadline("start container", LONG, self.api.start_container(id, None)).await;
        if started.as_ref().is_err_and(DockerError::is_no_ipv6) {
            self.note_no_ipv6();
        }
        started
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
        let health = state.health.unwrap_or_default();
        Ok(ContainerState {
            running: state.running.unwrap_or(false),
            exit_code: state.exit_code.unwrap_or(0),
            oom_killed: state.oom_killed.unwrap_or(false),
            error: state.error.unwrap_or_default(),
            started_at: state.started_at.unwrap_or_default(),
            healthy: match health.status {
                Some(HealthStatusEnum::HEALTHY) => Some(true),
                Some(HealthStatusEnum::UNHEALTHY) => Some(false),
                _ => None,
            },
            probe_output: health
                .log
                .and_then(|mut log| log.pop())
                .and_then(|latest| latest.output)
                .unwrap_or_default(),
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

    /// Waits until a container has ended, however long that takes.
    pub(crate) async fn wait_for_end(&self, id: &str) -> Result<ContainerState, DockerError> {
        loop {
            // The answer may be empty when the engine dies: the state is what counts.
            let mut wait = Box::pin(self.api.wait_container(id, None));
            let _ = tokio::time::timeout(LONG, wait.next()).await;
            let state = self.state(id).await?;
            if !state.running {
                return Ok(state);
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
