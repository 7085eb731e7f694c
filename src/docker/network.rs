//! Networks and volumes of a job.

use std::collections::HashMap;

use bollard::models::NetworkCreateRequest;
use bollard::query_parameters::{ListNetworksOptions, RemoveVolumeOptions};

use super::client::{Docker, PAUSES, Weight};
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
        let mut pauses = PAUSES.iter();
        loop {
            let created = self
                .once(
                    "create network",
                    Weight::Light,
                    self.api.create_network(request.clone()),
                )
                .await;
            let error = match created {
                Ok(created) => return Ok(created.id),
                Err(error) => error,
            };
            let Some(pause) = pauses.next().filter(|_| error.is_passing()) else {
                return Err(error);
            };
            tokio::time::sleep(*pause).await;
            // A call whose answer did not come through may have done its work, and the
            // engine would make a second network of the same name.
            let made = self.network_of(name, labels).await?;
            if let Some(id) = made {
                return Ok(id);
            }
        }
    }

    /// How many networks there are.
    pub(crate) async fn networks(&self) -> Result<usize, DockerError> {
        let found = self
            .repeated("list networks", Weight::Light, || {
                self.api.list_networks(None::<ListNetworksOptions>)
            })
            .await?;
        Ok(found.len())
    }

    /// The network of this name with these labels.
    async fn network_of(
        &self,
        name: &str,
        labels: &[(String, String)],
    ) -> Result<Option<String>, DockerError> {
        let filters = HashMap::from([(
            "label".to_owned(),
            labels
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
        )]);
        let found = self
            .repeated("list networks", Weight::Light, || {
                self.api.list_networks(Some(ListNetworksOptions {
                    filters: Some(filters.clone()),
                }))
            })
            .await?;
        Ok(found
            .into_iter()
            .find(|network| network.name.as_deref() == Some(name))
            .and_then(|network| network.id))
    }

    /// Removes a network, whose containers may have gone this moment: their endpoints
    /// follow them.
    pub(crate) async fn remove_network(&self, id: &str) -> Result<(), DockerError> {
        for pause in PAUSES {
            match self.try_remove_network(id).await {
                Err(error) if is_in_use(&error) => tokio::time::sleep(pause).await,
                other => return other,
            }
        }
        self.try_remove_network(id).await
    }

    /// Removes a network. One that is gone is fine.
    ///
    /// # Errors
    /// Also when the engine counts endpoints that are not there (moby#42119).
    pub(crate) async fn try_remove_network(&self, id: &str) -> Result<(), DockerError> {
        let removed = self.repeated("remove network", Weight::Light, || {
            self.api.remove_network(id)
        });
        match gone(removed.await) {
            Err(DockerError::Refused {
                call,
                status,
                message,
            }) if message.contains(IN_USE) => Err(DockerError::Refused {
                call,
                status,
                message: format!(
                    "{message}; if no container uses it, the engine has miscounted and lets go of it only when it is restarted (moby#42119)"
                ),
            }),
            other => other,
        }
    }

    /// Removes a volume. One that is gone is fine.
    pub(crate) async fn remove_volume(&self, name: &str) -> Result<(), DockerError> {
        let options = RemoveVolumeOptions { force: true };
        gone(
            self.repeated("remove volume", Weight::Light, || {
                self.api.remove_volume(name, Some(options.clone()))
            })
            .await,
        )
    }
}

/// What the engine says of a network that containers use.
const IN_USE: &str = "has active endpoints";

fn is_in_use(error: &DockerError) -> bool {
    matches!(error, DockerError::Refused { message, .. } if message.contains(IN_USE))
}

fn gone(removed: Result<(), DockerError>) -> Result<(), DockerError> {
    match removed {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
