//! Services of a job: containers beside its own, started together and waited for.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::watch;
use tokio::time::Instant;

use super::EngineError;
use super::belongings::Belongings;
use crate::docker::{
    ContainerSpec, ContainerState, Docker, DockerError, Limits, OutputFrames, Program,
};
use crate::engine::wiring::Wiring;
use crate::engine::{EndedService, JobSpec, LogSink, OpenJob, OpenService, ServiceSpec, Stop};
use crate::plan::{CreateOptions, Mount, Until};
use crate::record::Cause;

/// How long the last output of a service may take to come.
const OUTPUT_LAG: Duration = Duration::from_secs(5);
/// Capabilities that services keep beside those of a job's root user: daemons bind
/// low ports and change their root.
const MORE_CAPABILITIES: [&str; 2] = ["NET_BIND_SERVICE", "SYS_CHROOT"];

/// What all services of a job are started with.
pub(super) struct Surroundings<'a> {
    pub(super) docker: &'a Docker,
    pub(super) job: &'a JobSpec,
    pub(super) wiring: &'a Wiring,
    /// What their containers join.
    pub(super) network: String,
    /// Whether their ports are open on the machine.
    pub(super) publish: bool,
    pub(super) labels: Vec<(String, String)>,
    pub(super) belongings: &'a Belongings,
}

/// Starts all services, each as soon as those that it is to come after are as far as it
/// asks, and waits until all are ready. The first one that does not become so ends the wait
/// for the others.
pub(super) async fn start(
    around: &Surroundings<'_>,
    stop: &watch::Receiver<Stop>,
) -> Result<Vec<OpenService>, EngineError> {
    let (failed, seen) = watch::channel(false);
    let reached: BTreeMap<&str, watch::Sender<Option<Until>>> = around
        .job
        .services
        .iter()
        .map(|service| (service.label.as_str(), watch::Sender::new(None)))
        .collect();
    let reached = &reached;
    let starts = around
        .job
        .services
        .iter()
        .zip(&around.wiring.ports)
        .map(|(service, ports)| {
            let (failed, mut seen, mut stop) = (failed.clone(), seen.clone(), stop.clone());
            async move {
                // A future that is dropped in the middle of a call would leave what it
                // makes: only the wait is cut short.
                let end = async move {
                    tokio::select! {
                        _ = Stop::wanted(&mut stop, Stop::Gently) => {}
                        _ = seen.wait_for(|failed| *failed) => {}
                    }
                };
                let started = start_one(around, service, ports, reached, end).await;
                if started.is_err() {
                    let _ = failed.send(true);
                }
                started
            }
        });
    let mut open = Vec::new();
    let mut cut_short = None;
    for started in futures_util::future::join_all(starts).await {
        match started {
            Ok(service) => open.push(service),
            Err(error) if error.cause == Cause::Superseded => cut_short = Some(error),
            Err(error) => return Err(error),
        }
    }
    match cut_short {
        Some(error) => Err(error),
        None => Ok(open),
    }
}

async fn start_one(
    around: &Surroundings<'_>,
    service: &ServiceSpec,
    ports: &[(u16, u16)],
    reached: &BTreeMap<&str, watch::Sender<Option<Until>>>,
    end: impl Future<Output = ()>,
) -> Result<OpenService, EngineError> {
    tokio::pin!(end);
    for after in &service.after {
        let Some(other) = reached.get(after.label.as_str()) else {
            continue;
        };
        let mut other = other.subscribe();
        tokio::select! {
            _ = other.wait_for(|far| *far >= Some(after.until)) => {}
            () = &mut end => return Err(stopped()),
        }
    }
    let tell = |far| {
        if let Some(own) = reached.get(service.label.as_str()) {
            own.send_replace(Some(far));
        }
    };
    let docker = around.docker;
    let begun = Instant::now();
    let of_service = |error: EngineError| error.of_service(&service.label);
    let id = docker
        .create(&container(around, service))
        .await
        .map_err(|error| of_service(error.into()))?;
    around.belongings.container(&id);
    let frames = docker
        .attach(&id)
        .await
        .map_err(|error| of_service(error.into()))?;
    let log = tokio::spawn(copy(frames, service.log.clone()));
    let ready = match docker.start(&id).await {
        Ok(()) => {
            tell(Until::Started);
            wait(docker, &id, service, end).await
        }
        Err(error) => Err(not_started(service, &error)),
    };
    match ready {
        Ok(words) => {
            tell(match service.readiness.ends {
                true => Until::Ended,
                false => Until::Ready,
            });
            let ports = match around.publish {
                true => docker.published(&id).await?,
                false => ports.to_vec(),
            };
            Ok(OpenService {
                label: service.label.clone(),
                id,
                ports,
                ready: format!("{words} after {:.1} s", begun.elapsed().as_secs_f64()),
            })
        }
        Err(error) => {
            // So that its last words are in its log.
            let _ = docker.kill(&id).await;
            let _ = tokio::time::timeout(OUTPUT_LAG, log).await;
            Err(of_service(error))
        }
    }
}

/// A service that the engine cannot start: its program is not there, for one.
fn not_started(service: &ServiceSpec, error: &DockerError) -> EngineError {
    let cause = match error {
        DockerError::Refused { status: 400, .. } => Cause::ServiceExited,
        _ => error.cause(),
    };
    EngineError::new(
        cause,
        format!("the service `{}` cannot be started: {error}", service.label),
    )
}

/// What a service's container is created with.
fn container(around: &Surroundings<'_>, service: &ServiceSpec) -> ContainerSpec {
    let asked = &service.options;
    let mut aliases = vec![service.label.clone()];
    aliases.extend(asked.aliases.iter().chain(&asked.hostname).cloned());
    let limits = Limits {
        shm: around.job.limits.shm,
        ..around.job.limits
    };
    ContainerSpec {
        name: service.name.clone(),
        image: service.image.clone(),
        user: asked.user.clone().unwrap_or_default(),
        program: Program::Image {
            entrypoint: asked.entrypoint.clone(),
            arguments: service.arguments.clone(),
        },
        env: Vec::new(),
        labels: around.labels.clone(),
        limits,
        network: around.network.clone(),
        aliases,
        published: match around.publish {
            true => asked.ports.clone(),
            false => Vec::new(),
        },
        hosts: asked.hosts.clone(),
        capabilities: super::ROOT_CAPABILITIES
            .iter()
            .chain(&MORE_CAPABILITIES)
            .map(ToString::to_string)
            .collect(),
        new_privileges: false,
        health: service.readiness.check.clone(),
        options: with_own_volumes(asked, around.job, around.belongings),
    }
}

/// Services that have ended by themselves.
pub(super) async fn ended(
    docker: &Docker,
    opened: &OpenJob,
) -> Result<Vec<EndedService>, EngineError> {
    let mut ended = Vec::new();
    for service in &opened.services {
        let state = docker.state(&service.id).await?;
        if !state.running {
            ended.push(EndedService {
                label: service.label.clone(),
                exit_code: state.exit_code,
                oom_killed: state.oom_killed,
            });
        }
    }
    Ok(ended)
}

/// The options with names of volumes that are the job's own.
pub(super) fn with_own_volumes(
    asked: &CreateOptions,
    job: &JobSpec,
    belongings: &Belongings,
) -> CreateOptions {
    let mut options = asked.clone();
    for mount in &mut options.mounts {
        if let Mount::Volume {
            name: Some(name), ..
        } = mount
        {
            *name = format!("{}-{name}", job.name);
            belongings.volumes([name.clone()]);
        }
    }
    options
}

/// Entries of `/etc/hosts` of a job whose services share its network.
pub(super) fn host_names(job: &JobSpec) -> Vec<String> {
    let mut names = Vec::new();
    for service in &job.services {
        let asked = &service.options;
        let own = std::iter::once(&service.label)
            .chain(&asked.aliases)
            .chain(&asked.hostname)
            .map(|name| format!("{name}:127.0.0.1"));
        for entry in own.chain(asked.hosts.iter().cloned()) {
            if !names.contains(&entry) {
                names.push(entry);
            }
        }
    }
    names
}

/// Copies the output of a service to its log, to the end.
async fn copy(mut frames: OutputFrames, log: LogSink) {
    while let Some(Ok(bytes)) = frames.next().await {
        log.0.write(&bytes);
    }
}

/// Waits until a service is ready; tells in words how it became so.
async fn wait(
    docker: &Docker,
    id: &str,
    service: &ServiceSpec,
    mut end: Pin<&mut impl Future<Output = ()>>,
) -> Result<&'static str, EngineError> {
    let mut state = docker.state(id).await?;
    let deadline = Instant::now() + service.readiness.patience;
    let started_at = state.started_at.clone();
    loop {
        if let Some(known) = verdict(service, &state) {
            return known;
        }
        let mut events = Box::pin(docker.changes(id, &started_at));
        // Something happens that may decide, or the stream breaks; the state is what
        // counts in both cases.
        tokio::select! {
            _ = events.next() => {}
            () = tokio::time::sleep_until(deadline) => {
                let state = docker.state(id).await?;
                return verdict(service, &state)
                    .unwrap_or_else(|| Err(unhealthy(service, &state)));
            }
            () = &mut end => {
                return Err(stopped());
            }
        }
        state = docker.state(id).await?;
    }
}

/// Why a service is not waited for any more.
fn stopped() -> EngineError {
    EngineError::new(
        Cause::Superseded,
        "the services were stopped while they started",
    )
}

/// What a state says of a service; `None` while it may still become ready.
fn verdict(
    service: &ServiceSpec,
    state: &ContainerState,
) -> Option<Result<&'static str, EngineError>> {
    let label = &service.label;
    if !state.running {
        // One that has done its work is fine where nobody asks for more.
        if state.exit_code == 0 && !state.oom_killed && service.readiness.check.is_none() {
            return Some(Ok("ended with exit code 0"));
        }
        let message = if state.oom_killed {
            format!("the service `{label}` was killed for memory before it was ready")
        } else {
            format!(
                "the service `{label}` ended with exit code {} before it was ready",
                state.exit_code
            )
        };
        return Some(Err(EngineError::new(Cause::ServiceExited, message)));
    }
    if service.readiness.ends {
        return None;
    }
    match (&service.readiness.check, state.healthy) {
        (None, _) => Some(Ok("running")),
        (Some(_), Some(true)) => Some(Ok("healthy")),
        (Some(_), Some(false)) => Some(Err(unhealthy(service, state))),
        (Some(_), None) => None,
    }
}

fn unhealthy(service: &ServiceSpec, state: &ContainerState) -> EngineError {
    let message = if service.readiness.ends {
        format!(
            "the service `{}` did not end within {} minutes, and another one waits for that",
            service.label,
            service.readiness.patience.as_secs() / 60
        )
    } else {
        format!(
            "the service `{}` did not become healthy: {} still fails",
            service.label, service.readiness.source
        )
    };
    let mut error = EngineError::new(Cause::ServiceUnhealthy, message);
    let said = state.probe_output.trim();
    if !said.is_empty() {
        error
            .evidence
            .push(format!("the latest check said: {said}"));
    }
    error
}
