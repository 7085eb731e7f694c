//! Everything on the engine that belongs to one job.

use std::sync::{Mutex, PoisonError};

use futures_util::StreamExt;

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

    /// Ends all containers.
    pub(super) async fn kill(&self, docker: &Docker) -> Result<(), DockerError> {
        self.each_container(|id| async move { docker.kill(&id).await })
            .await
    }

    /// Does the same to all containers, side by side; one after the other when they are on
    /// a network of their own, because engines miscount endpoints that leave it at the
    /// same time, and then keep it (moby#42119).
    async fn each_container<F>(&self, act: impl Fn(String) -> F) -> Result<(), DockerError>
    where
        F: Future<Output = Result<(), DockerError>>,
    {
        let made = self.made();
        let at_once = if made.network.is_some() {
            1
        } else {
            made.containers.len().max(1)
        };
        let ends: Vec<Result<(), DockerError>> =
            futures_util::stream::iter(made.containers.into_iter().map(act))
                .buffer_unordered(at_once)
                .collect()
                .await;
        ends.into_iter().collect()
    }

    /// Removes everything; what cannot be removed is told after all was tried.
    pub(super) async fn remove(&self, docker: &Docker) -> Result<(), DockerError> {
        let made = self.made();
        let mut result = self
            .each_container(|id| async move { docker.remove(&id).await })
            .await;
        for volume in &made.volumes {
            result = result.and(docker.remove_volume(volume).await);
        }
        if let Some(network) = &made.network {
            result = result.and(docker.remove_network(network).await);
        }
        result
    }
}
