//! Images: look up and pull.

use std::collections::HashMap;
use std::time::Duration;

use bollard::auth::DockerCredentials;
use bollard::models::HealthConfig;
use bollard::query_parameters::{CreateImageOptions, TagImageOptions};
use futures_util::StreamExt;

use super::client::{Docker, Weight};
use super::create::HealthCheck;
use super::error::DockerError;

/// What the engine says of an image.
#[derive(Debug, Clone, Default)]
pub(crate) struct ImageInfo {
    /// Its id.
    pub(crate) id: String,
    /// Its user, as written in the image; empty for root.
    pub(crate) user: String,
    /// Its working folder; empty for `/`.
    pub(crate) workdir: String,
    /// Ports that it says it listens on: `5432/tcp`.
    pub(crate) exposed: Vec<String>,
    /// Its own health check.
    pub(crate) health: Option<HealthCheck>,
    /// All its names, `repository:tag`.
    pub(crate) names: Vec<String>,
    /// Its labels, which its containers bear, too.
    pub(crate) labels: HashMap<String, String>,
    /// Whether it has instructions for builds that are based on it (`ONBUILD`).
    pub(crate) has_triggers: bool,
    /// What it runs on: `linux/arm64`; empty where the engine does not say.
    pub(crate) platform: String,
    /// Its size in bytes, where the engine says.
    pub(crate) bytes: Option<u64>,
}

/// Who pulls an image. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// The registry's user.
    pub(crate) username: String,
    /// The password.
    pub(crate) password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({}, …)", self.username)
    }
}

impl Docker {
    /// Looks up an image by reference or id.
    pub(crate) async fn image(&self, reference: &str) -> Result<ImageInfo, DockerError> {
        let found = self
            .repeated("inspect image", Weight::Light, || {
                self.api.inspect_image(reference)
            })
            .await?;
        let config = found.config.unwrap_or_default();
        Ok(ImageInfo {
            id: found.id.unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            workdir: config.working_dir.unwrap_or_default(),
            exposed: config.exposed_ports.unwrap_or_default(),
            health: config.healthcheck.and_then(own_health),
            names: found.repo_tags.unwrap_or_default(),
            labels: config.labels.unwrap_or_default(),
            has_triggers: config.on_build.is_some_and(|triggers| !triggers.is_empty()),
            platform: match (found.os, found.architecture) {
                (Some(os), Some(arch)) => format!("{os}/{arch}"),
                _ => String::new(),
            },
            bytes: found.size.and_then(|size| u64::try_from(size).ok()),
        })
    }

    /// Gives an image a name: `repository:tag`.
    pub(crate) async fn tag(&self, image: &str, name: &str) -> Result<(), DockerError> {
        let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let options = || TagImageOptions {
            repo: Some(repository.to_owned()),
            tag: Some(tag.to_owned()),
        };
        self.repeated("tag image", Weight::Light, || {
            self.api.tag_image(image, Some(options()))
        })
        .await
    }

    /// Pulls an image from its registry, for another platform than the engine's own
    /// where one is given (`linux/arm64`).
    pub(crate) async fn pull(
        &self,
        reference: &str,
        platform: Option<&str>,
        credentials: Option<&Credentials>,
    ) -> Result<(), DockerError> {
        // Without a tag the engine would pull every tag there is.
        let last = reference.rsplit('/').next().unwrap_or(reference);
        let reference = if last.contains(':') || last.contains('@') {
            reference.to_owned()
        } else {
            format!("{reference}:latest")
        };
        let options = CreateImageOptions {
            from_image: Some(reference),
            platform: platform.unwrap_or_default().to_owned(),
            ..CreateImageOptions::default()
        };
        let credentials = credentials.map(|credentials| DockerCredentials {
            username: Some(credentials.username.clone()),
            password: Some(credentials.password.clone()),
            ..DockerCredentials::default()
        });
        let limit = self.limit(Weight::Heavy);
        let mut progress = Box::pin(self.api.create_image(Some(options), None, credentials));
        loop {
            // Each piece of progress starts the time anew: a slow pull is fine, a
            // silent one is not.
            match tokio::time::timeout(limit, progress.next()).await {
                Err(_) => {
                    return Err(DockerError::Unresponsive {
                        call: "pull image",
                        limit,
                    });
                }
                Ok(None) => return Ok(()),
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => return Err(DockerError::of("pull image", &error)),
            }
        }
    }
}

/// The health check of an image; absent where it has none or takes its base's away.
/// What it does not say is Docker's default (Dockerfile reference, `HEALTHCHECK`).
fn own_health(config: HealthConfig) -> Option<HealthCheck> {
    let test = config.test.unwrap_or_default();
    if test.is_empty() || test.first().is_some_and(|word| word == "NONE") {
        return None;
    }
    let time = |nanoseconds: Option<i64>, default: u64| {
        nanoseconds
            .and_then(|n| u64::try_from(n).ok())
            .filter(|n| *n > 0)
            .map_or(Duration::from_secs(default), Duration::from_nanos)
    };
    Some(HealthCheck {
        command: None,
        interval: time(config.interval, 30),
        timeout: time(config.timeout, 30),
        start_period: time(config.start_period, 0),
        retries: config
            .retries
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| *n > 0)
            .unwrap_or(3),
    })
}
