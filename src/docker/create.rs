//! Creating a container.

use std::collections::HashMap;
use std::time::Duration;

use bollard::models::{
    ContainerCreateBody, DeviceMapping, EndpointSettings, HealthConfig, HostConfig,
    HostConfigLogConfig, Mount as ApiMount, MountType, MountVolumeOptions, NetworkingConfig,
    PortBinding, ResourcesUlimits, RestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::CreateContainerOptions;

use super::client::{Docker, PAUSES, Weight};
use super::error::DockerError;
use crate::plan::{CreateOptions, Mount, PortMapping};

/// Where published ports are open.
const LOOPBACK: &str = "127.0.0.1";

/// What a container is created with.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContainerSpec {
    /// Its name.
    pub(crate) name: String,
    /// Image id or reference.
    pub(crate) image: String,
    /// `uid:gid`; empty for the image's own.
    pub(crate) user: String,
    /// What runs in it.
    pub(crate) program: Program,
    /// Environment beyond the image's own. Visible to `docker inspect`: no secrets.
    pub(crate) env: Vec<(String, String)>,
    /// Labels, which its volumes bear too.
    pub(crate) labels: Vec<(String, String)>,
    /// Limits.
    pub(crate) limits: Limits,
    /// `none`, `bridge`, a network's name or `container:<id>`.
    pub(crate) network: String,
    /// Names by which others of a network of our own reach it.
    pub(crate) aliases: Vec<String>,
    /// Ports that are open on the loopback addresses of the engine's machine.
    pub(crate) published: Vec<PortMapping>,
    /// Entries of `/etc/hosts`, each `NAME:ADDRESS`.
    pub(crate) hosts: Vec<String>,
    /// Capabilities that stay; all others are dropped.
    pub(crate) capabilities: Vec<String>,
    /// Whether a program may have more rights than whoever starts it (setuid).
    pub(crate) new_privileges: bool,
    /// How the engine asks for its health; not at all where absent.
    pub(crate) health: Option<HealthCheck>,
    /// What the workflow asks for beyond that. Its names of volumes are already those
    /// of the engine; its ports and names have no effect here.
    pub(crate) options: CreateOptions,
}

/// What a container runs.
#[derive(Debug, Clone)]
pub(crate) enum Program {
    /// This command in place of the image's own, its entrypoint included.
    Instead(Vec<String>),
    /// The image's own, with another entrypoint or other arguments where they are
    /// given.
    Image {
        /// The entrypoint; empty for none.
        entrypoint: Option<String>,
        /// Its arguments; the image's own where empty.
        arguments: Vec<String>,
    },
}

impl Default for Program {
    fn default() -> Self {
        Self::Image {
            entrypoint: None,
            arguments: Vec::new(),
        }
    }
}

/// What a container may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Memory in bytes, swap not added.
    pub(crate) memory: Option<u64>,
    /// The most memory that a workflow may ask for: that of the machine.
    pub(crate) most_memory: Option<u64>,
    /// Number of processes.
    pub(crate) pids: u32,
    /// Shared memory (`/dev/shm`) in bytes.
    pub(crate) shm: u64,
}

/// How an engine asks a container for its health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HealthCheck {
    /// The command, run by the container's shell; the image's own where absent.
    pub(crate) command: Option<String>,
    /// Time between two questions.
    pub(crate) interval: Duration,
    /// Time after which a question counts as answered with no.
    pub(crate) timeout: Duration,
    /// Time in which a no does not count.
    pub(crate) start_period: Duration,
    /// How often no makes it unhealthy.
    pub(crate) retries: u32,
}

impl Docker {
    /// Creates a container and gives its id.
    ///
    /// A call whose answer does not come through may have done its work: before it is made
    /// again, the container is looked for by its name, which is like no other.
    pub(crate) async fn create(&self, spec: &ContainerSpec) -> Result<String, DockerError> {
        let options = CreateContainerOptions {
            name: Some(spec.name.clone()),
            platform: spec.options.platform.clone().unwrap_or_default(),
        };
        let mut pauses = PAUSES.iter();
        loop {
            let created = self
                .once(
                    "create container",
                    Weight::Heavy,
                    self.api
                        .create_container(Some(options.clone()), body(spec, self.has_ipv6())),
                )
                .await;
            let error = match created {
                Ok(created) => return Ok(created.id),
                Err(error) => error,
            };
            // The name is taken the second time: by what the first call made after all.
            let taken = error.is_conflict() && pauses.len() < PAUSES.len();
            let Some(pause) = pauses.next().filter(|_| taken || error.is_passing()) else {
                return Err(error);
            };
            tokio::time::sleep(*pause).await;
            if let Some(id) = self.made_before(spec).await? {
                return Ok(id);
            }
        }
    }

    /// The container of this name, if it was made for the same run.
    async fn made_before(&self, spec: &ContainerSpec) -> Result<Option<String>, DockerError> {
        let found = self
            .repeated("inspect container", Weight::Light, || {
                self.api.inspect_container(&spec.name, None)
            })
            .await;
        match found {
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
            Ok(found) => {
                let labels = found
                    .config
                    .and_then(|config| config.labels)
                    .unwrap_or_default();
                let ours = spec
                    .labels
                    .iter()
                    .all(|(name, value)| labels.get(name) == Some(value));
                Ok(found.id.filter(|_| ours))
            }
        }
    }
}

fn body(spec: &ContainerSpec, ipv6: bool) -> ContainerCreateBody {
    let asked = &spec.options;
    let (entrypoint, command) = match &spec.program {
        Program::Instead(command) => {
            let mut words = command.iter().cloned();
            (
                words.next().map(|program| vec![program]),
                Some(words.collect()),
            )
        }
        Program::Image {
            entrypoint,
            arguments,
        } => (
            // `[""]` takes the image's entrypoint away (Docker API).
            entrypoint.clone().map(|program| vec![program]),
            (!arguments.is_empty()).then(|| arguments.clone()),
        ),
    };
    let shares_network = spec.network.starts_with("container:");
    let own_network = !shares_network && !matches!(spec.network.as_str(), "none" | "bridge");
    ContainerCreateBody {
        image: Some(spec.image.clone()),
        user: (!spec.user.is_empty()).then(|| spec.user.clone()),
        entrypoint,
        cmd: command,
        env: Some(
            spec.env
                .iter()
                .chain(&asked.env)
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
        ),
        labels: Some(asked.labels.iter().chain(&spec.labels).cloned().collect()),
        healthcheck: Some(health(spec.health.as_ref())),
        working_dir: match (&asked.workdir, &spec.program) {
            (Some(folder), _) => Some(folder.clone()),
            (None, Program::Instead(_)) => Some("/".to_owned()),
            (None, Program::Image { .. }) => None,
        },
        // A container that shares a network has the name of its owner.
        hostname: asked.hostname.clone().filter(|_| !shares_network),
        stop_signal: asked.stop_signal.clone(),
        exposed_ports: (!spec.published.is_empty())
            .then(|| spec.published.iter().map(port_name).collect()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        networking_config: own_network.then(|| NetworkingConfig {
            endpoints_config: Some(HashMap::from([(
                spec.network.clone(),
                EndpointSettings {
                    aliases: Some(spec.aliases.clone()),
                    ..EndpointSettings::default()
                },
            )])),
        }),
        host_config: Some(host(spec, shares_network, ipv6)),
        ..ContainerCreateBody::default()
    }
}

/// The limit of memory: what the workflow asks for, up to all of the machine's, else
/// what is given to each. To an engine 0 would mean no limit.
fn memory(asked: Option<u64>, limits: &Limits) -> Option<u64> {
    match asked.filter(|bytes| *bytes > 0) {
        Some(bytes) => Some(bytes.min(limits.most_memory.unwrap_or(u64::MAX))),
        None => limits.memory,
    }
}

fn host(spec: &ContainerSpec, shares_network: bool, ipv6: bool) -> HostConfig {
    let asked = &spec.options;
    let granted = &asked.granted;
    let memory = memory(asked.memory, &spec.limits).and_then(|bytes| i64::try_from(bytes).ok());
    let mut security = granted.security.clone();
    if !granted.privileged && !spec.new_privileges {
        security.push("no-new-privileges".to_owned());
    }
    let (tmpfs, mounts) = mounts(spec);
    HostConfig {
        init: Some(asked.init || matches!(spec.program, Program::Instead(_))),
        memory,
        memory_swap: memory,
        nano_cpus: asked.nano_cpus,
        pids_limit: Some(asked.pids.unwrap_or_else(|| spec.limits.pids.into())),
        shm_size: i64::try_from(asked.shm.unwrap_or(spec.limits.shm)).ok(),
        ulimits: Some(
            asked
                .ulimits
                .iter()
                .map(|limit| ResourcesUlimits {
                    name: Some(limit.name.clone()),
                    soft: Some(limit.soft),
                    hard: Some(limit.hard),
                })
                .collect(),
        ),
        network_mode: Some(spec.network.clone()),
        port_bindings: Some(bindings(&spec.published)),
        extra_hosts: (!shares_network).then(|| spec.hosts.clone()),
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: Some(
            spec.capabilities
                .iter()
                .filter(|one| !asked.dropped.contains(one))
                .filter(|_| !asked.dropped.iter().any(|dropped| dropped == "ALL"))
                .chain(&granted.capabilities)
                .cloned()
                .collect(),
        ),
        group_add: Some(asked.groups.clone()),
        security_opt: Some(security),
        privileged: Some(granted.privileged),
        devices: Some(granted.devices.iter().map(|text| device(text)).collect()),
        sysctls: Some(sysctls(&granted.sysctls, ipv6 && !shares_network)),
        pid_mode: granted.pid.clone(),
        ipc_mode: granted.ipc.clone(),
        userns_mode: granted.userns.clone(),
        readonly_rootfs: Some(asked.read_only),
        tmpfs: Some(tmpfs),
        mounts: Some(mounts),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::NO),
            maximum_retry_count: None,
        }),
        // Bounded, and readable again after a restart of the engine.
        log_config: Some(HostConfigLogConfig {
            typ: Some("local".to_owned()),
            config: Some(HashMap::from([
                ("max-size".to_owned(), "10m".to_owned()),
                ("max-file".to_owned(), "2".to_owned()),
            ])),
        }),
        ..HostConfig::default()
    }
}

/// A port as the API names it: `5432/tcp`.
fn port_name(port: &PortMapping) -> String {
    format!("{}/{}", port.container, port.protocol)
}

/// Where ports are open on the machine: for its own users, and not for its network, as
/// test databases seldom have good passwords.
fn bindings(published: &[PortMapping]) -> HashMap<String, Option<Vec<PortBinding>>> {
    let mut all: HashMap<String, Option<Vec<PortBinding>>> = HashMap::new();
    for port in published {
        let places = all.entry(port_name(port)).or_default();
        places.get_or_insert_default().push(PortBinding {
            host_ip: Some(LOOPBACK.to_owned()),
            // Any free one where the workflow names none.
            host_port: Some(port.host.map(|host| host.to_string()).unwrap_or_default()),
        });
    }
    all
}

/// Settings of the kernel for the container's network. Where the engine gives its
/// networks no IPv6, Docker before 27 takes `::1` away, too, which `/etc/hosts` names
/// and GitHub's runner has.
fn sysctls(asked: &[(String, String)], loopback: bool) -> HashMap<String, String> {
    let mut all: HashMap<String, String> = HashMap::new();
    if loopback {
        all.insert("net.ipv6.conf.lo.disable_ipv6".to_owned(), "0".to_owned());
    }
    all.extend(asked.iter().cloned());
    all
}

fn health(check: Option<&HealthCheck>) -> HealthConfig {
    let Some(check) = check else {
        // An image's own check would run beside the tests.
        return HealthConfig {
            test: Some(vec!["NONE".to_owned()]),
            ..HealthConfig::default()
        };
    };
    let nanoseconds = |time: Duration| i64::try_from(time.as_nanos()).ok();
    HealthConfig {
        test: check
            .command
            .as_ref()
            .map(|command| vec!["CMD-SHELL".to_owned(), command.clone()]),
        interval: nanoseconds(check.interval),
        timeout: nanoseconds(check.timeout),
        start_period: nanoseconds(check.start_period),
        retries: Some(check.retries.into()),
        ..HealthConfig::default()
    }
}

/// Memory file systems by path, and everything else that is mounted.
fn mounts(spec: &ContainerSpec) -> (HashMap<String, String>, Vec<ApiMount>) {
    let mut tmpfs = HashMap::new();
    let mut mounts = Vec::new();
    let has = |mode: &str, word: &str| mode.split(',').any(|part| part == word);
    for mount in &spec.options.mounts {
        match mount {
            Mount::Tmpfs { target, options } => {
                tmpfs.insert(target.clone(), options.clone());
            }
            Mount::Bind {
                source,
                target,
                mode,
            } => mounts.push(ApiMount {
                typ: Some(MountType::BIND),
                source: Some(source.clone()),
                target: Some(target.clone()),
                read_only: Some(has(mode, "ro")),
                ..ApiMount::default()
            }),
            Mount::Volume { name, target, mode } => mounts.push(ApiMount {
                typ: Some(MountType::VOLUME),
                source: name.clone(),
                target: Some(target.clone()),
                read_only: Some(has(mode, "ro")),
                volume_options: Some(MountVolumeOptions {
                    no_copy: Some(has(mode, "nocopy")),
                    labels: Some(spec.labels.iter().cloned().collect()),
                    ..MountVolumeOptions::default()
                }),
                ..ApiMount::default()
            }),
        }
    }
    (tmpfs, mounts)
}

/// `HOST[:CONTAINER[:RIGHTS]]`.
fn device(text: &str) -> DeviceMapping {
    let mut parts = text.split(':');
    let host = parts.next().unwrap_or_default();
    DeviceMapping {
        path_on_host: Some(host.to_owned()),
        path_in_container: Some(parts.next().unwrap_or(host).to_owned()),
        cgroup_permissions: Some(parts.next().unwrap_or("rwm").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, memory};

    #[test]
    fn no_workflow_lifts_the_limit_of_memory() {
        let limits = Limits {
            memory: Some(100),
            most_memory: Some(800),
            ..Limits::default()
        };
        for (asked, limit) in [
            (None, 100),
            (Some(50), 50),
            (Some(700), 700),
            (Some(9000), 800),
            (Some(0), 100),
        ] {
            assert_eq!(memory(asked, &limits), Some(limit), "{asked:?}");
        }
    }
}
