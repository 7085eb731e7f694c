//! A container beside the job's own, with its files and its network: what a Docker
//! action runs in.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::sync::watch;

use super::EngineError;
use super::belongings::Belongings;
use super::services::with_own_volumes;
use crate::docker::{ContainerSpec, Docker, DockerError, Program};
use crate::engine::{BesideSpec, End, ExecEnd, JobSpec, Output, Stop};
use crate::record::Cause;

/// Where a container is started.
pub(super) struct Beside<'a> {
    pub(super) docker: &'a Docker,
    /// The job, whose volumes it shares.
    pub(super) job: &'a JobSpec,
    /// The job's own container, whose network it joins.
    pub(super) container: &'a str,
    pub(super) labels: &'a [(String, String)],
    pub(super) belongings: &'a Belongings,
}

impl Beside<'_> {
    /// Runs the container to its end and removes it.
    pub(super) async fn run(
        &self,
        spec: &BesideSpec,
        output: Arc<dyn Output>,
        mut stop: watch::Receiver<Stop>,
    ) -> Result<ExecEnd, EngineError> {
        let docker = self.docker;
        let id = docker.create(&self.container(spec)).await?;
        self.belongings.container(&id);
        let mut frames = docker.attach(&id).await?;
        let copied = tokio::spawn(async move {
            while let Some(Ok(bytes)) = frames.next().await {
                output.write(&bytes);
            }
        });
        if let Err(error) = docker.start(&id).await {
            let _ = docker.remove(&id).await;
            return Err(not_started(spec, &error));
        }
        let mut stopped = false;
        let state = {
            let end = docker.wait_for_end(&id);
            tokio::pin!(end);
            loop {
                tokio::select! {
                    state = &mut end => break state?,
                    _ = Stop::wanted(&mut stop, Stop::Gently), if !stopped => {
                        stopped = true;
                        docker.kill(&id).await?;
                    }
                }
            }
        };
        let _ = copied.await;
        docker.remove(&id).await?;
        let end = if stopped {
            End::Stopped
        } else {
            End::Exited(state.exit_code)
        };
        Ok(ExecEnd {
            oom_kills: u64::from(state.oom_killed),
            ..ExecEnd::of(end)
        })
    }

    fn container(&self, spec: &BesideSpec) -> ContainerSpec {
        let mut options = self.job.options.clone();
        options.mounts.extend(spec.mounts.iter().cloned());
        let mut options = with_own_volumes(&options, self.job, self.belongings);
        options.env.clear();
        options.workdir = Some(spec.cwd.clone());
        ContainerSpec {
            name: format!("{}-{}", self.job.name, spec.name),
            image: spec.image.clone(),
            program: Program::Image {
                entrypoint: spec.entrypoint.clone(),
                arguments: spec.arguments.clone(),
            },
            env: spec.env.clone(),
            labels: self.labels.to_vec(),
            limits: self.job.limits,
            network: format!("container:{}", self.container),
            capabilities: super::ROOT_CAPABILITIES
                .iter()
                .map(ToString::to_string)
                .collect(),
            options,
            ..ContainerSpec::default()
        }
    }
}

fn not_started(spec: &BesideSpec, error: &DockerError) -> EngineError {
    let cause = match error {
        DockerError::Refused { status: 400, .. } => Cause::SetupFailed,
        _ => error.cause(),
    };
    EngineError::new(
        cause,
        format!("a container of `{}` cannot be started: {error}", spec.image),
    )
}
