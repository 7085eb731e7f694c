//! What a container is created with beyond its image, as `docker create` knows it.

use std::time::Duration;

/// Options of one container. What is absent is the engine's or the image's default.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CreateOptions {
    /// `--env`.
    pub(crate) env: Vec<(String, String)>,
    /// `--entrypoint`; an empty text takes the image's away.
    pub(crate) entrypoint: Option<String>,
    /// `--user`.
    pub(crate) user: Option<String>,
    /// `--workdir`.
    pub(crate) workdir: Option<String>,
    /// `--hostname`.
    pub(crate) hostname: Option<String>,
    /// `--network-alias`.
    pub(crate) aliases: Vec<String>,
    /// `--add-host`, each `NAME:ADDRESS`.
    pub(crate) hosts: Vec<String>,
    /// `--publish`, and the key `ports`.
    pub(crate) ports: Vec<PortMapping>,
    /// `--expose`.
    pub(crate) exposed: Vec<PortMapping>,
    /// `--volume`, `--mount`, and the key `volumes`.
    pub(crate) mounts: Vec<Mount>,
    /// `--shm-size`, in bytes.
    pub(crate) shm: Option<u64>,
    /// `--memory`, in bytes.
    pub(crate) memory: Option<u64>,
    /// `--cpus`, in billionths of a processor.
    pub(crate) nano_cpus: Option<i64>,
    /// `--pids-limit`; -1 for none.
    pub(crate) pids: Option<i64>,
    /// `--ulimit`.
    pub(crate) ulimits: Vec<Ulimit>,
    /// `--read-only`.
    pub(crate) read_only: bool,
    /// `--init`; a job's container always has an init process.
    pub(crate) init: bool,
    /// `--label`.
    pub(crate) labels: Vec<(String, String)>,
    /// `--platform`.
    pub(crate) platform: Option<String>,
    /// `--stop-signal`.
    pub(crate) stop_signal: Option<String>,
    /// `--group-add`.
    pub(crate) groups: Vec<String>,
    /// `--cap-drop`.
    pub(crate) dropped: Vec<String>,
    /// `--health-*` and `--no-healthcheck`.
    pub(crate) health: HealthOptions,
    /// What only the settings can grant.
    pub(crate) granted: Granted,
}

/// Options that give a container rights over the machine. Present only where the
/// settings grant them, word for word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Granted {
    /// `--privileged`.
    pub(crate) privileged: bool,
    /// `--cap-add`.
    pub(crate) capabilities: Vec<String>,
    /// `--device`.
    pub(crate) devices: Vec<String>,
    /// `--security-opt`.
    pub(crate) security: Vec<String>,
    /// `--sysctl`.
    pub(crate) sysctls: Vec<(String, String)>,
    /// `--pid`.
    pub(crate) pid: Option<String>,
    /// `--ipc`.
    pub(crate) ipc: Option<String>,
    /// `--userns`.
    pub(crate) userns: Option<String>,
}

/// How the health of a container is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HealthOptions {
    /// `--health-cmd`, run by the container's shell.
    pub(crate) command: Option<String>,
    /// `--no-healthcheck`.
    pub(crate) disabled: bool,
    /// `--health-interval`.
    pub(crate) interval: Option<Duration>,
    /// `--health-timeout`.
    pub(crate) timeout: Option<Duration>,
    /// `--health-start-period`.
    pub(crate) start_period: Option<Duration>,
    /// `--health-retries`.
    pub(crate) retries: Option<u32>,
}

/// A port of a container, and the one by which the runner's machine reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortMapping {
    /// The machine's port; on the runner any free one where absent.
    pub(crate) host: Option<u16>,
    /// The container's port.
    pub(crate) container: u16,
    /// `tcp`, `udp` or `sctp`.
    pub(crate) protocol: String,
}

/// Something that appears at a path of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mount {
    /// A volume of the engine; without a name one of the container's own.
    Volume {
        /// The name, shared by the containers of the job.
        name: Option<String>,
        /// The path.
        target: String,
        /// `ro` and the like; empty for the default.
        mode: String,
    },
    /// A file or folder of the engine's machine. Present only where the settings
    /// grant it.
    Bind {
        /// The path on the machine.
        source: String,
        /// The path inside.
        target: String,
        /// `ro` and the like; empty for the default.
        mode: String,
    },
    /// Memory.
    Tmpfs {
        /// The path.
        target: String,
        /// `size=…` and the like.
        options: String,
    },
}

impl Mount {
    /// Where it stands in the container.
    pub(crate) fn target(&self) -> &str {
        match self {
            Self::Volume { target, .. }
            | Self::Bind { target, .. }
            | Self::Tmpfs { target, .. } => target,
        }
    }

    /// The mount as one option, in the form in which the settings grant it.
    pub(crate) fn canonical(&self) -> String {
        let (flag, parts) = match self {
            Self::Volume { name, target, mode } => {
                ("volume", [name.as_deref().unwrap_or(""), target, mode])
            }
            Self::Bind {
                source,
                target,
                mode,
            } => ("volume", [source.as_str(), target, mode]),
            Self::Tmpfs { target, options } => ("tmpfs", ["", target, options]),
        };
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("--{flag}={}", parts.join(":"))
    }
}

/// `--ulimit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ulimit {
    /// Its name.
    pub(crate) name: String,
    /// The soft limit.
    pub(crate) soft: i64,
    /// The hard limit.
    pub(crate) hard: i64,
}
