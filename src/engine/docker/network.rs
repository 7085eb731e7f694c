//! A network for one job, where its services cannot share that of its container.

use super::{DockerEngine, EngineError, sweep};
use crate::docker::DockerError;
use crate::engine::{JobSpec, Sweep};
use crate::record::Cause;

impl DockerEngine {
    /// Makes the network and gives its id. An engine has addresses for about thirty: when
    /// they are used up, those of dead runs are removed first.
    pub(super) async fn make_network(
        &self,
        spec: &JobSpec,
        labels: &[(String, String)],
    ) -> Result<String, EngineError> {
        let make = || {
            self.docker
                .create_network(&spec.name, labels, !spec.network)
        };
        match make().await {
            Err(error) if error.cause() == Cause::NetworkPoolExhausted => {
                sweep::sweep(&self.docker, Sweep::Dead, &self.owner).await?;
            }
            other => return Ok(other?),
        }
        match make().await {
            Err(error) if error.cause() == Cause::NetworkPoolExhausted => {
                Err(self.exhausted(&error).await)
            }
            other => Ok(other?),
        }
    }

    /// Says who has the addresses, and what to do.
    async fn exhausted(&self, error: &DockerError) -> EngineError {
        let networks = self.docker.networks().await.unwrap_or(0);
        let ours = self.docker.leftovers(None).await.unwrap_or_default();
        let ours = ours.iter().filter(|one| one.is_network()).count();
        EngineError {
            evidence: vec![error.to_string()],
            ..EngineError::new(
                Cause::NetworkPoolExhausted,
                format!(
                    "the engine has no addresses left for a network: it has {networks} networks, {ours} of them of seatrial runs under way; `docker network prune` removes those that nobody uses, `default-address-pools` in the engine's daemon.json gives it more"
                ),
            )
        }
    }
}
