//! Further processes in a running container.

use std::pin::Pin;

use bollard::exec::{StartExecOptions, StartExecResults};
use bollard::models::ExecConfig;
use tokio::io::AsyncWrite;

use super::client::{Docker, Weight};
use super::container::{OutputFrames, frames};
use super::error::DockerError;

/// What a process is started with.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExecStart {
    /// Program and arguments. Visible to `docker inspect`: no secrets.
    pub(crate) command: Vec<String>,
    /// Environment beyond the container's own.
    pub(crate) env: Vec<(String, String)>,
    /// `uid:gid`; empty for the container's user.
    pub(crate) user: String,
}

/// The two ends of a process that was started.
pub(crate) struct ExecIo {
    /// The engine's name for it.
    pub(crate) id: String,
    /// Its output, both streams, in pieces as they come.
    pub(crate) output: OutputFrames,
    /// Its standard input.
    pub(crate) input: Pin<Box<dyn AsyncWrite + Send>>,
}

impl Docker {
    /// Starts a process and gives its ends.
    pub(crate) async fn exec(
        &self,
        container: &str,
        start: &ExecStart,
    ) -> Result<ExecIo, DockerError> {
        let config = ExecConfig {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(false),
            cmd: Some(start.command.clone()),
            env: Some(
                start
                    .env
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect(),
            ),
            user: (!start.user.is_empty()).then(|| start.user.clone()),
            ..ExecConfig::default()
        };
        // One that was made and not started is nothing.
        let created = self
            .repeated("create exec", Weight::Light, || {
                self.api.create_exec(container, config.clone())
            })
            .await?;
        let options = StartExecOptions {
            output_capacity: Some(64 * 1024),
            ..StartExecOptions::default()
        };
        let started = self
            .once(
                "start exec",
                Weight::Heavy,
                self.api.start_exec(&created.id, Some(options)),
            )
            .await?;
        match started {
            StartExecResults::Attached { output, input } => Ok(ExecIo {
                id: created.id,
                output: frames("start exec", output),
                input,
            }),
            StartExecResults::Detached => Err(DockerError::Broken {
                call: "start exec",
                detail: "the engine detached a process that was to be attached".to_owned(),
            }),
        }
    }

    /// Exit code of a process; `None` while it runs.
    pub(crate) async fn exec_exit_code(&self, exec: &str) -> Result<Option<i64>, DockerError> {
        let inspected = self
            .repeated("inspect exec", Weight::Light, || {
                self.api.inspect_exec(exec)
            })
            .await?;
        if inspected.running.unwrap_or(false) {
            return Ok(None);
        }
        Ok(Some(inspected.exit_code.unwrap_or(-1)))
    }
}
