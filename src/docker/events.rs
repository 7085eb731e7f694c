//! What the engine tells of a container while it lives.

use std::collections::HashMap;
use std::time::Duration;

use bollard::query_parameters::EventsOptions;
use futures_util::{Stream, StreamExt};

use super::client::{Docker, Weight};
use super::container::ContainerState;
use super::error::DockerError;

/// How long after the end of a container the engine may take to write down that it sent the
/// signal: it does so when the signal is on its way, beside noticing the end.
const KILL_IS_TOLD: Duration = Duration::from_secs(2);

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
            since: Some(in_seconds(since, Duration::ZERO)),
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

    /// Whether the engine sent a signal to a container that has ended: for somebody who
    /// asked for it, or because the engine itself shuts down. Says no only when
    /// [`KILL_IS_TOLD`] has passed since the end.
    pub(crate) async fn was_signalled(
        &self,
        id: &str,
        state: &ContainerState,
    ) -> Result<bool, DockerError> {
        let options = EventsOptions {
            since: Some(in_seconds(&state.started_at, Duration::ZERO)),
            until: Some(in_seconds(&state.finished_at, KILL_IS_TOLD)),
            filters: Some(HashMap::from([
                ("type".to_owned(), vec!["container".to_owned()]),
                ("container".to_owned(), vec![id.to_owned()]),
                ("event".to_owned(), vec!["kill".to_owned()]),
            ])),
        };
        let mut kills = Box::pin(self.api.events(Some(options)));
        let limit = self.limit(Weight::Light);
        match tokio::time::timeout(limit, kills.next()).await {
            Ok(None) => Ok(false),
            Ok(Some(Ok(_))) => Ok(true),
            Ok(Some(Err(error))) => Err(DockerError::of("events", &error)),
            Err(_) => Err(DockerError::Unresponsive {
                call: "events",
                limit,
            }),
        }
    }
}

/// A time as the engine writes it (`2026-11-26T00:01:45.035263883Z`), and `later` than that,
/// in the form that it takes for events (`1795651305.035263883`). One that is no time stays
/// as it is.
fn in_seconds(text: &str, later: Duration) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => {
            let time = time.saturating_add(later).unwrap_or(time);
            format!("{}.{:09}", time.as_second(), time.subsec_nanosecond())
        }
        Err(_) => text.to_owned(),
    }
}

/// Whether an action, as the engine words it, is about health or the end:
/// `health_status: healthy`, `die`.
fn is_change(action: &str) -> bool {
    action == "die" || action.starts_with("health_status")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::in_seconds;

    #[test]
    fn times_have_the_form_that_the_engine_takes() {
        let plain = |text| in_seconds(text, Duration::ZERO);
        assert_eq!(
            plain("2026-11-26T00:01:45.035263883Z"),
            "1795651305.035263883"
        );
        assert_eq!(plain("1970-01-01T00:00:01Z"), "1.000000000");
        assert_eq!(plain(""), "");
        assert_eq!(
            in_seconds("1970-01-01T00:00:01.5Z", Duration::from_secs(2)),
            "3.500000000"
        );
    }
}
