//! The connection to an engine: one place where deadlines are kept and errors
//! are translated.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bollard::ClientVersion;
use bollard::errors::Error;

use super::error::DockerError;

/// How long an engine may take to answer, where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long it may take when it did not answer before.
const SILENT: Duration = Duration::from_secs(5);
/// How much longer a call may take that moves data or starts a container.
const HEAVIER: u32 = 5;
/// Pauses before a call that may be repeated is made again: an engine that restarts is
/// back within seconds.
pub(super) const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
];
/// Deadline of the very first call: an engine that hangs should be noticed soon.
const FIRST: Duration = Duration::from_secs(10);
/// Time-out of the client library itself, in seconds. It must never be the one
/// that fires: ours names the call.
const LIBRARY_TIMEOUT: u64 = 3600;
/// Oldest API that is supported: that of Docker Engine 20.10.
const OLDEST_API: (usize, usize) = (1, 41);
/// Newest API that was looked at.
const NEWEST_API: ClientVersion = ClientVersion {
    major_version: 1,
    minor_version: 51,
};

/// A connection to an engine. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Docker {
    pub(super) api: bollard::Docker,
    address: String,
    timeout: Duration,
    /// Whether the engine left the last call without an answer. Then the next ones are not
    /// given much time either.
    silent: Arc<AtomicBool>,
    /// Whether something may be made yet, by a call whose answer was not waited for.
    unsure: Arc<AtomicBool>,
    /// Whether a container was refused because its machine's kernel has no IPv6.
    no_ipv6: Arc<AtomicBool>,
}

/// How much a call has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It looks something up or changes a little.
    Light,
    /// It moves data or starts a container.
    Heavy,
}

/// What the engine says of itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Version {
    /// `Docker Engine`, `Podman Engine` …
    pub(crate) product: String,
    /// Version of the engine.
    pub(crate) version: String,
    /// API version in use.
    pub(crate) api: String,
    /// Versions of its parts (`containerd`, `runc` …).
    pub(crate) components: Vec<(String, String)>,
    /// Processor architecture, `amd64` or `arm64`.
    pub(crate) arch: String,
}

/// What the engine says of the machine it runs on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Info {
    /// Processor cores.
    pub(crate) cpus: u32,
    /// Memory in bytes.
    pub(crate) memory: u64,
    /// Storage driver.
    pub(crate) storage: String,
    /// Default log driver.
    pub(crate) log_driver: String,
    /// cgroup version, `1` or `2`.
    pub(crate) cgroup: String,
    /// Its id, which is kept with its data.
    pub(crate) id: String,
    /// Where images and containers are kept.
    pub(crate) root: String,
    /// Security options (`seccomp`, `rootless`, `userns` …).
    pub(crate) security: Vec<String>,
    /// Whether containers survive a restart of the engine.
    pub(crate) live_restore: bool,
    /// Where addresses of networks come from: a network with the length of its prefix, and
    /// that of each network made of it. Empty for the engine's own default.
    pub(crate) pools: Vec<(String, u32)>,
}

impl Docker {
    /// Connects to `address` (`unix:///path` or `tcp://host:port`) and agrees on
    /// an API version. Calls get `timeout` to answer, where it is given.
    ///
    /// # Errors
    /// When nobody answers there, when the answer does not come in time, or when
    /// the engine is too old.
    pub(crate) async fn connect(
        address: &str,
        timeout: Option<Duration>,
    ) -> Result<Self, DockerError> {
        let connected = if address.starts_with("unix://") {
            bollard::Docker::connect_with_unix(address, LIBRARY_TIMEOUT, &NEWEST_API)
        } else if address.starts_with("tcp://") || address.starts_with("http://") {
            bollard::Docker::connect_with_http(address, LIBRARY_TIMEOUT, &NEWEST_API)
        } else {
            return Err(DockerError::Address(format!(
                "`{address}` cannot be used as an engine's address: only unix:// and tcp:// are supported"
            )));
        };
        let unreachable = |detail: String| DockerError::Unreachable {
            address: address.to_owned(),
            detail,
        };
        let api = connected.map_err(|error| unreachable(error.to_string()))?;
        let timeout = timeout.unwrap_or(TIMEOUT);
        let api = deadline("version", FIRST.min(timeout), api.negotiate_version())
            .await
            .map_err(|error| match error {
                DockerError::Broken { detail, .. } => unreachable(detail),
                other => other,
            })?;
        let found = api.client_version();
        if (found.major_version, found.minor_version) < OLDEST_API {
            return Err(DockerError::TooOld {
                found: format!("{}.{}", found.major_version, found.minor_version),
                needed: format!("{}.{}", OLDEST_API.0, OLDEST_API.1),
            });
        }
        Ok(Self {
            api,
            address: address.to_owned(),
            timeout,
            silent: Arc::default(),
            unsure: Arc::default(),
            no_ipv6: Arc::default(),
        })
    }

    /// How long a call may take.
    pub(super) fn limit(&self, weight: Weight) -> Duration {
        let usual = match weight {
            Weight::Light => self.timeout,
            Weight::Heavy => self.timeout * HEAVIER,
        };
        if self.silent.load(Ordering::Relaxed) {
            usual.min(SILENT)
        } else {
            usual
        }
    }

    /// Makes a call and notes whether it was answered.
    async fn ask<T>(
        &self,
        call: &'static str,
        weight: Weight,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, DockerError> {
        let answer = deadline(call, self.limit(weight), future).await;
        let silent = matches!(answer, Err(DockerError::Unresponsive { .. }));
        self.silent.store(silent, Ordering::Relaxed);
        answer
    }

    /// Whether the engine answers at all.
    pub(crate) async fn ping(&self) -> Result<(), DockerError> {
        self.repeated("ping", Weight::Light, || self.api.ping())
            .await
            .map(|_| ())
    }

    /// Whether something may appear on the engine that nobody waits for any more: a call
    /// that makes something got no answer.
    pub(crate) fn is_unsure(&self) -> bool {
        self.unsure.load(Ordering::Relaxed)
    }

    /// A call that is made once: repeated, it could do its work twice.
    pub(super) async fn once<T>(
        &self,
        call: &'static str,
        weight: Weight,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, DockerError> {
        let answer = self.ask(call, weight, future).await;
        if let Err(DockerError::Unresponsive { .. } | DockerError::Broken { .. }) = &answer {
            self.unsure.store(true, Ordering::Relaxed);
        }
        answer
    }

    /// A call that is made again when its answer does not come through or the engine is in
    /// trouble: done twice, it is as if it was done once.
    pub(super) async fn repeated<T, F>(
        &self,
        call: &'static str,
        weight: Weight,
        make: impl Fn() -> F,
    ) -> Result<T, DockerError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        for pause in PAUSES {
            match self.ask(call, weight, make()).await {
                Err(error) if error.is_passing() => tokio::time::sleep(pause).await,
                other => return other,
            }
        }
        self.ask(call, weight, make()).await
    }

    /// Whether containers can have `::1`, as far as is known.
    pub(crate) fn has_ipv6(&self) -> bool {
        !self.no_ipv6.load(Ordering::Relaxed)
    }

    /// Notes that they cannot, for all that are created from now on.
    pub(super) fn note_no_ipv6(&self) {
        self.no_ipv6.store(true, Ordering::Relaxed);
    }

    /// The address it is connected to.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What the engine says of itself.
    pub(crate) async fn version(&self) -> Result<Version, DockerError> {
        let version = self
            .repeated("version", Weight::Light, || self.api.version())
            .await?;
        let product = version
            .components
            .as_ref()
            .and_then(|components| components.first())
            .map(|component| component.name.clone())
            .unwrap_or_default();
        let product = match product.as_str() {
            "" | "Engine" => "docker".to_owned(),
            other if other.to_ascii_lowercase().contains("podman") => "podman".to_owned(),
            other => other.to_owned(),
        };
        Ok(Version {
            product,
            version: version.version.unwrap_or_default(),
            api: version.api_version.unwrap_or_default(),
            arch: version.arch.unwrap_or_default(),
            components: version
                .components
                .unwrap_or_default()
                .into_iter()
                .map(|component| (component.name, component.version))
                .collect(),
        })
    }

    /// What the engine says of its machine.
    pub(crate) async fn info(&self) -> Result<Info, DockerError> {
        let info = self
            .repeated("info", Weight::Light, || self.api.info())
            .await?;
        Ok(Info {
            cpus: info
                .ncpu
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(1)
                .max(1),
            memory: info
                .mem_total
                .and_then(|n| u64::try_from(n).ok())
                .unwrap_or(0),
            storage: info.driver.unwrap_or_default(),
            log_driver: info.logging_driver.unwrap_or_default(),
            cgroup: info
                .cgroup_version
                .map(|version| version.to_string())
                .unwrap_or_default(),
            id: info.id.unwrap_or_default(),
            root: info.docker_root_dir.unwrap_or_default(),
            security: info.security_options.unwrap_or_default(),
            live_restore: info.live_restore_enabled.unwrap_or(false),
            pools: info
                .default_address_pools
                .unwrap_or_default()
                .into_iter()
                .filter_map(|pool| Some((pool.base?, u32::try_from(pool.size?).ok()?)))
                .collect(),
        })
    }
}

/// Waits for a call, but not longer than its deadline.
async fn deadline<T>(
    call: &'static str,
    limit: Duration,
    future: impl Future<Output = Result<T, Error>>,
) -> Result<T, DockerError> {
    match tokio::time::timeout(limit, future).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(DockerError::of(call, &error)),
        Err(_) => Err(DockerError::Unresponsive { call, limit }),
    }
}
