//! Everything on the engine that belongs to one job.

use std::sync::{Mutex, PoisonError};

use crate::docker::{Docker, DockerError};

/// Containers, volumes and the network of a job, noted as they are made.
#[derive(Debug, Default)]
pub(super) struct Belongings {
    made: Mutex<Made>,
}

#[derive(Debug, Default, Clone)]
struct Made {
    /// The job's own container first, whose network the others may share.
    containers: Vec<String>,
    volumes: Vec<String>,
    network: Option<String>,
}

impl Belongings {
    fn change(&self, change: impl FnOnce(&mut Made)) {
        change(&mut self.made.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn made(&self) -> Made {
        self.made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Notes a container.
    pub(super) fn container(&self, id: &str) {
        self.change(|made| made.containers.push(id.to_owned()));
    }

    /// Notes volumes that a container will make, or has.
    pub(super) fn volumes(&self, names: impl IntoIterator<Item = String>) {
        self.change(|made| {
            for name in names {
                if !made.volumes.contains(&name) {
                    made.volumes.push(name);
                }
            }
        });
    }

    /// Notes the network.
    pub(super) fn network(&self, id: &str) {
        self.change(|made| made.network = Some(id.to_owned()));
    }

    /// Ends all containers at once.
    pub(super) async fn kill(&self, docker: &Docker) -> Result<(), DockerError> {
        let made = self.made();
        let kills = made.containers.iter().map(|id| docker.kill(id));
        futures_util::future::join_all(kills)
            .await
            .into_iter()
            .collect()
    }

    /// Removes everything; what cannot be removed is told after all was tried.
    pub(super) async fn remove(&self, docker: &Docker) -> Result<(), DockerError> {
        let made = self.made();
        let removals = made.containers.iter().map(|id| docker.remove(id));
        let mut result: Result<(), DockerError> = futures_util::future::join_all(removals)
            .await
            .into_iter()
            .collect();
        for volume in &made.volumes {
            result = result.and(docker.remove_volume(volume).await);
        }
        if let Some(network) = &made.network {
            result = result.and(docker.remove_network(network).await);
        }
        result
    }
}
