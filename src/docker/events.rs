//! What the engine tells of a container while it lives.

use std::collections::HashMap;

use bollard::query_parameters::EventsOptions;
use futures_util::{Stream, StreamExt};

use super::client::Docker;
use super::error::DockerError;

impl Docker {
    /// Tells each time that the health of a container may have changed or that it has
    /// ended, from a time on which is one of the engine's own
    /// (`ContainerState::started_at`): nothing between is lost.
    pub(crate) fn changes(
        &self,
        id: &str,
        since: &str,
    ) -> impl Stream<Item = Result<(), DockerError>> + use<> {
        let options = EventsOptions {
            since: Some(since.to_owned()),
            until: None,
            filters: Some(HashMap::from([
                ("type".to_owned(), vec!["container".to_owned()]),
                ("container".to_owned(), vec![id.to_owned()]),
            ])),
        };
        self.api
            .events(Some(options))
            .filter_map(|message| async move {
                match message {
                    Err(error) => Some(Err(DockerError::of("events", &error))),
                    Ok(message) => is_change(message.action.as_deref()?).then_some(Ok(())),
                }
            })
    }
}

/// Whether an action, as the engine words it, is about health or the end:
/// `health_status: healthy`, `die`.
fn is_change(action: &str) -> bool {
    action == "die" || action.starts_with("health_status")
}
