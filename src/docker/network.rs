//! Networks and volumes of a job.

use bollard::models::NetworkCreateRequest;
use bollard::query_parameters::RemoveVolumeOptions;

use super::client::{Docker, SHORT, deadline};
use super::error::DockerError;

impl Docker {
    /// Makes a bridge network, on which containers find one another by name, and gives
    /// its id. `internal` keeps it off the machine's own network.
    pub(crate) async fn create_network(
        &self,
        name: &str,
        labels: &[(String, String)],
        internal: bool,
    ) -> Result<String, DockerError> {
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("bridge".to_owned()),
            internal: Some(internal),
            labels: Some(labels.iter().cloned().collect()),
            ..NetworkCreateRequest::default()
        };
        let created = deadline("create network", SHORT, self.api.create_network(request)).await?;
        Ok(created.id)
    }

    /// Removes a network. One that is gone is fine.
    pub(crate) async fn remove_network(&self, id: &str) -> Result<(), DockerError> {
        gone(deadline("remove network", SHORT, self.api.remove_network(id)).await)
    }

    /// Removes a volume. One that is gone is fine.
    pub(crate) async fn remove_volume(&self, name: &str) -> Result<(), DockerError> {
        let options = RemoveVolumeOptions { force: true };
        gone(
            deadline(
                "remove volume",
                SHORT,
                self.api.remove_volume(name, Some(options)),
            )
            .await,
        )
    }
}

fn gone(removed: Result<(), DockerError>) -> Result<(), DockerError> {
    match removed {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
