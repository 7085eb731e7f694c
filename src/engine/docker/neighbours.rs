//! Services of a job that runs on the engine's own machine, as GitHub's runner has them:
//! on a network of their own, their ports open on the machine.

use tokio::sync::watch;

use super::belongings::Belongings;
use super::services::{self, Surroundings, ended};
use super::{DockerEngine, EngineError};
use crate::docker::Docker;
use crate::engine::wiring::wire;
use crate::engine::{EndedService, JobSpec, OpenJob, Stop};
use crate::record::Cause;

/// The services of one job, ready to be used.
pub(crate) struct Neighbours {
    docker: Docker,
    belongings: Belongings,
    /// What the job learns of them.
    pub(crate) opened: OpenJob,
}

impl DockerEngine {
    /// Starts the services of a job on this machine and waits until they are ready: gives
    /// them or leaves nothing.
    ///
    /// # Errors
    /// Also where the engine is elsewhere: `localhost` would not lead to it.
    pub(crate) async fn neighbours(
        &self,
        job: &JobSpec,
        stop: &watch::Receiver<Stop>,
    ) -> Result<Neighbours, EngineError> {
        let address = self.docker.address();
        if !address.starts_with("unix:") {
            return Err(EngineError::new(
                Cause::UnsupportedFeature,
                format!(
                    "the services of a job on this machine cannot run on the engine at {address}: their ports would be open there, not at `localhost`"
                ),
            ));
        }
        let mut wiring = wire(&job.services)?;
        // Each has a network of its own here, so that no two ports are the same.
        wiring.notices.clear();
        let belongings = Belongings::default();
        let started = async {
            let labels = self.labels(job);
            let network = self.make_network(job, &labels).await?;
            belongings.network(&network);
            let around = Surroundings {
                docker: &self.docker,
                job,
                wiring: &wiring,
                network: job.name.clone(),
                publish: true,
                labels,
                belongings: &belongings,
            };
            services::start(&around, stop).await
        };
        match started.await {
            Ok(services) => Ok(Neighbours {
                docker: self.docker.clone(),
                belongings,
                opened: OpenJob {
                    network: job.name.clone(),
                    services,
                    ..OpenJob::default()
                },
            }),
            Err(error) => {
                // What cannot be removed now is found by its labels later.
                let _ = belongings.remove(&self.docker).await;
                Err(error)
            }
        }
    }
}

impl Neighbours {
    /// Those that have ended by themselves.
    pub(crate) async fn ended(&self) -> Result<Vec<EndedService>, EngineError> {
        ended(&self.docker, &self.opened).await
    }

    /// Ends all of them. Safe to repeat.
    pub(crate) async fn kill(&self) -> Result<(), EngineError> {
        Ok(self.belongings.kill(&self.docker).await?)
    }

    /// Removes everything of them. Safe to repeat.
    pub(crate) async fn remove(&self) -> Result<(), EngineError> {
        Ok(self.belongings.remove(&self.docker).await?)
    }
}
