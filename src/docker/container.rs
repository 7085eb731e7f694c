//! Containers: attach, start, pause, kill, inspect, remove.

use std::pin::Pin;
use std::time::{Duration, Instant};

use bollard::container::LogOutput;
use bollard::models::HealthStatusEnum;
use bollard::query_parameters::{
    AttachContainerOptions, KillContainerOptions, RemoveContainerOptions,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::client::{Docker, Weight};
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
    /// When it ended, likewise.
    pub(crate) finished_at: String,
    /// Its health; absent without a health check, and before the first answer.
    pub(crate) healthy: Option<bool>,
    /// What the latest health check printed.
    pub(crate) probe_output: String,
}

impl ContainerState {
    /// Whether it has ever run. Docker writes a time of the year 1 where it has not.
    pub(crate) fn was_started(&self) -> bool {
        !self.started_at.is_empty() && !self.started_at.starts_with("0001-")
    }
}

/// How long a killed container may take before it is killed again.
const AGAIN: Duration = Duration::from_secs(2);
/// Time between two looks at a container whose end is waited for, should its end not be
/// told.
const LOOK: Duration = Duration::from_secs(2);
/// Time before a question is asked again that was answered at once.
const BREATH: Duration = Duration::from_millis(100);

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
        let attached = self
            .repeated("attach container", Weight::Light, || {
                self.api.attach_container(id, Some(options.clone()))
            })
            .await?;
        Ok(frames("attach container", attached.output))
    }

    /// Starts a container. One that cannot have `::1` never starts: it has to be
    /// created again, see [`Docker::has_ipv6`].
    pub(crate) async fn start(&self, id: &str) -> Result<(), DockerError> {
        let started = self
            .repeated("start container", Weight::Heavy, || {
                self.api.start_container(id, None)
            })
            .await;
        // It runs already: an earlier answer did not come through.
        if matches!(started, Err(DockerError::Refused { status: 304, .. })) {
            return Ok(());
        }
        if started.as_ref().is_err_and(DockerError::is_no_ipv6) {
            self.note_no_ipv6();
        }
        started
    }

    /// How the container is.
    pub(crate) async fn state(&self, id: &str) -> Result<ContainerState, DockerError> {
        let inspected = self
            .repeated("inspect container", Weight::Light, || {
                self.api.inspect_container(id, None)
            })
            .await?;
        let state = inspected.state.unwrap_or_default();
        let health = state.health.unwrap_or_default();
        Ok(ContainerState {
            running: state.running.unwrap_or(false),
            exit_code: state.exit_code.unwrap_or(0),
            oom_killed: state.oom_killed.unwrap_or(false),
            error: state.error.unwrap_or_default(),
            started_at: state.started_at.unwrap_or_default(),
            finished_at: state.finished_at.unwrap_or_default(),
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

    /// Ports of a container that are open on the engine's machine: its own, and those of
    /// the machine.
    pub(crate) async fn published(&self, id: &str) -> Result<Vec<(u16, u16)>, DockerError> {
        let inspected = self
            .repeated("inspect container", Weight::Light, || {
                self.api.inspect_container(id, None)
            })
            .await?;
        let ports = inspected
            .network_settings
            .and_then(|settings| settings.ports)
            .unwrap_or_default();
        let mut found = Vec::new();
        for (name, places) in ports {
            let own = name.split('/').next().and_then(|port| port.parse().ok());
            for place in places.unwrap_or_default() {
                let open = place.host_port.and_then(|port| port.parse().ok());
                found.extend(own.zip(open));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Freezes all processes of a container.
    pub(crate) async fn pause(&self, id: &str) -> Result<(), DockerError> {
        as_asked(
            self.repeated("pause container", Weight::Light, || {
                self.api.pause_container(id)
            })
            .await,
        )
    }

    /// Lets a frozen container go on.
    pub(crate) async fn unpause(&self, id: &str) -> Result<(), DockerError> {
        as_asked(
            self.repeated("unpause container", Weight::Light, || {
                self.api.unpause_container(id)
            })
            .await,
        )
    }

    /// Ends a container at once and waits until the engine sees that it has
    /// ended. A container that is not running, or gone, is fine.
    ///
    /// # Errors
    /// Also when it still runs at the end of the time: a process that waits for a device
    /// cannot be ended.
    pub(crate) async fn kill(&self, id: &str) -> Result<(), DockerError> {
        let begun = Instant::now();
        loop {
            let options = KillContainerOptions::default();
            let killed = self.repeated("kill container", Weight::Light, || {
                self.api.kill_container(id, Some(options.clone()))
            });
            match killed.await {
                Ok(()) => {}
                Err(error) if error.is_not_found() || error.is_conflict() => {}
                Err(error) => return Err(error),
            }
            match self.ended_within(id, AGAIN).await {
                Ok(Some(_)) => return Ok(()),
                Ok(None) if begun.elapsed() < self.limit(Weight::Heavy) => {}
                Ok(None) => return Err(DockerError::Unkillable { id: id.to_owned() }),
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until a container has ended, however long that takes.
    pub(crate) async fn wait_for_end(&self, id: &str) -> Result<ContainerState, DockerError> {
        loop {
            if let Some(state) = self.ended_within(id, LOOK).await? {
                return Ok(state);
            }
        }
    }

    /// The state of a container that ends within a time. The engine's answer to `wait` is
    /// empty when the engine dies, and may never come: the state is what counts.
    pub(crate) async fn ended_within(
        &self,
        id: &str,
        time: Duration,
    ) -> Result<Option<ContainerState>, DockerError> {
        let mut wait = Box::pin(self.api.wait_container(id, None));
        let answered = tokio::time::timeout(time, wait.next()).await.is_ok();
        let state = self.state(id).await?;
        if state.running && answered {
            tokio::time::sleep(BREATH).await;
        }
        Ok((!state.running).then_some(state))
    }

    /// Removes a container with its anonymous volumes, running or not, and waits until it
    /// is gone.
    pub(crate) async fn remove(&self, id: &str) -> Result<(), DockerError> {
        let options = RemoveContainerOptions {
            v: true,
            force: true,
            link: false,
        };
        let begun = Instant::now();
        loop {
            let removed = self.repeated("remove container", Weight::Heavy, || {
                self.api.remove_container(id, Some(options.clone()))
            });
            match removed.await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_not_found() => return Ok(()),
                // Somebody else removes it already: it is not gone yet.
                Err(error)
                    if error.is_conflict() && begun.elapsed() < self.limit(Weight::Light) =>
                {
                    tokio::time::sleep(BREATH).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// A refusal because all is as it should be already is none.
fn as_asked(answer: Result<(), DockerError>) -> Result<(), DockerError> {
    match answer {
        Err(DockerError::Refused {
            status: 409 | 500,
            message,
            ..
        }) if message.contains("already paused") || message.contains("not paused") => Ok(()),
        other => other,
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
