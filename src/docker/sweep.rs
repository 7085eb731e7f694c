//! What seatrial has left on an engine, found by its labels and by nothing else.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use bollard::query_parameters::{ListContainersOptions, ListNetworksOptions, ListVolumesOptions};

use super::client::{Docker, Weight};
use super::error::DockerError;
use super::labels::{LABEL_OWNER, LABEL_RUN, Owner, is_alive};

/// Something on the engine that bears our labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leftover {
    /// What it is.
    pub(crate) kind: LeftoverKind,
    /// The engine's id (for volumes the name).
    pub(crate) id: String,
    /// A name for people.
    pub(crate) name: String,
    /// The run it belongs to.
    pub(crate) run: String,
    /// Who made it, where the label can be read.
    pub(crate) owner: Option<Owner>,
    /// How long it has been there, by the engine's clock; absent where that is not known.
    pub(crate) age: Option<Duration>,
}

impl Leftover {
    /// Whether it is a network.
    pub(crate) fn is_network(&self) -> bool {
        self.kind == LeftoverKind::Network
    }

    /// Whether its owner has certainly ended.
    pub(crate) fn is_dead(&self, current: &Owner) -> bool {
        self.owner
            .as_ref()
            .is_some_and(|owner| !is_alive(owner, current, self.age))
    }
}

/// What can be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LeftoverKind {
    /// A container.
    Container,
    /// A network. Removed after the containers, which use it.
    Network,
    /// A volume.
    Volume,
}

impl std::fmt::Display for Leftover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.name)
    }
}

impl LeftoverKind {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Network => "network",
            Self::Volume => "volume",
        }
    }
}

impl Docker {
    /// Everything on the engine that bears our labels, of one run or of all, in the
    /// order in which it can be removed.
    pub(crate) async fn leftovers(&self, run: Option<&str>) -> Result<Vec<Leftover>, DockerError> {
        let label = match run {
            Some(run) => format!("{LABEL_RUN}={run}"),
            None => LABEL_RUN.to_owned(),
        };
        let filters = || Some(HashMap::from([("label".to_owned(), vec![label.clone()])]));
        let mut found = Vec::new();
        let containers = || {
            self.api.list_containers(Some(ListContainersOptions {
                all: true,
                filters: filters(),
                ..ListContainersOptions::default()
            }))
        };
        for container in self
            .repeated("list containers", Weight::Light, containers)
            .await?
        {
            let labels = container.labels.unwrap_or_default();
            let image = container.image_id.unwrap_or_default();
            if run.is_none() && self.is_inherited(&image, &labels).await {
                continue;
            }
            let created = container
                .created
                .and_then(|seconds| Timestamp::from_second(seconds).ok());
            let name = container
                .names
                .and_then(|names| names.into_iter().next())
                .unwrap_or_default();
            found.push(leftover(
                LeftoverKind::Container,
                container.id.unwrap_or_default(),
                name.trim_start_matches('/').to_owned(),
                &labels,
                created,
            ));
        }
        let networks = || {
            self.api
                .list_networks(Some(ListNetworksOptions { filters: filters() }))
        };
        for network in self
            .repeated("list networks", Weight::Light, networks)
            .await?
        {
            found.push(leftover(
                LeftoverKind::Network,
                network.id.unwrap_or_default(),
                network.name.unwrap_or_default(),
                &network.labels.unwrap_or_default(),
                network.created.and_then(|time| time.parse().ok()),
            ));
        }
        let volumes = || {
            self.api
                .list_volumes(Some(ListVolumesOptions { filters: filters() }))
        };
        for volume in self
            .repeated("list volumes", Weight::Light, volumes)
            .await?
            .volumes
            .unwrap_or_default()
        {
            found.push(leftover(
                LeftoverKind::Volume,
                volume.name.clone(),
                volume.name,
                &volume.labels,
                volume.created_at.and_then(|time| time.parse().ok()),
            ));
        }
        // Of one run nobody asks how old a thing is, and mostly there is nothing.
        if run.is_none() && !found.is_empty() {
            let now = self.time().await;
            for (leftover, created) in &mut found {
                leftover.age = age(now, *created);
            }
        }
        Ok(found.into_iter().map(|(leftover, _)| leftover).collect())
    }

    /// Whether a container has its label of a run from its image. Ours never have: the
    /// container is somebody's own, and its image bears what looks like our labels.
    async fn is_inherited(&self, image: &str, labels: &HashMap<String, String>) -> bool {
        self.image(image)
            .await
            .is_ok_and(|found| found.labels.get(LABEL_RUN) == labels.get(LABEL_RUN))
    }

    /// The engine's clock.
    async fn time(&self) -> Option<Timestamp> {
        let info = self
            .repeated("info", Weight::Light, || self.api.info())
            .await
            .ok()?;
        info.system_time?.parse().ok()
    }

    /// Removes one thing that [`Docker::leftovers`] found. One that is gone is fine.
    pub(crate) async fn remove_leftover(&self, leftover: &Leftover) -> Result<(), DockerError> {
        match leftover.kind {
            LeftoverKind::Container => self.remove(&leftover.id).await,
            LeftoverKind::Network => self.try_remove_network(&leftover.id).await,
            LeftoverKind::Volume => self.remove_volume(&leftover.id).await,
        }
    }
}

/// The time from one to the other. Clocks may be set back.
fn age(now: Option<Timestamp>, created: Option<Timestamp>) -> Option<Duration> {
    Duration::try_from(now?.duration_since(created?)).ok()
}

/// A thing, whose age is not known yet, and when it was made.
fn leftover(
    kind: LeftoverKind,
    id: String,
    name: String,
    labels: &HashMap<String, String>,
    created: Option<Timestamp>,
) -> (Leftover, Option<Timestamp>) {
    let leftover = Leftover {
        kind,
        id,
        name,
        run: labels.get(LABEL_RUN).cloned().unwrap_or_default(),
        owner: labels
            .get(LABEL_OWNER)
            .and_then(|text| Owner::from_label(text)),
        age: None,
    };
    (leftover, created)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Timestamp, age};

    #[test]
    fn age_is_by_a_given_clock_and_unknown_where_that_was_set_back() {
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let made = at("2026-01-01T00:00:00Z");
        let hours = |now: &str| age(at(now), made).map(|age| age.as_secs() / 3600);
        assert_eq!(hours("2026-01-01T07:00:00Z"), Some(7));
        assert_eq!(hours("2025-12-31T23:00:00Z"), None);
        assert_eq!(age(None, made), None);
        assert_eq!(age(at("2026-01-01T07:00:00Z"), None), None);
    }
}
