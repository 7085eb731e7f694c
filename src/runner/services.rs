//! `container` and `services` of a job when it starts: their expressions, their images,
//! their logs, and what the job learns of them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use crate::docker::Credentials;
use crate::engine::{LogSink, OpenJob, ServiceSpec, StepHost, Stop, at_its_end, readiness};
use crate::expr::{Contexts, Object, Value};
use crate::image::Access;
use crate::plan::{
    ComposeServices, CreateOptions, ExprPlace, Leg, PlanJob, Role, create_options, image_name,
    port_mappings, words,
};
use crate::record::{Cause, Failure, Level, StepKey, slug};
use crate::workflow::{Container, Problem, Text};

use super::Shared;
use super::contexts::{self, JobState, Pairs, Scopes, overlay};
use super::environment::Layout;
use super::leg::Running;
use super::plain_log::PlainLog;
use super::script::more_urgent;
use super::stop::{Cancelled, stop_wanted};

/// Lines of a service's log that a failure quotes.
const QUOTED: usize = 10;

/// What the workflow asks of a job's own container.
#[derive(Debug, Default)]
pub(super) struct JobContainer {
    /// Whether it names one.
    pub(super) named: bool,
    /// Its options.
    pub(super) options: CreateOptions,
    /// How its image may be had.
    pub(super) access: Access,
}

/// Evaluates `container` of a job, as far as the environment depends on it. `scopes`
/// know no paths yet.
pub(super) fn job_container(
    shared: &Shared,
    job: &PlanJob,
    scopes: &Scopes,
) -> Result<JobContainer, Failure> {
    let mut state = JobState::default();
    for (entries, place) in [
        (&job.frame.workflow.env, ExprPlace::WorkflowEnv),
        (&job.job.env, ExprPlace::JobEnv),
    ] {
        let scope = scopes.of(&state, &state.env);
        // What is wrong with them is told when the job's own are evaluated.
        let known = contexts::entries(entries, place, &scope).unwrap_or_default();
        overlay(&mut state.env, known);
    }
    let scope = &scopes.of(&state, &state.env);
    let Some(container) = &job.job.container else {
        return Ok(JobContainer::default());
    };
    let what = format!("`container` of job `{}`", job.job.id.value);
    let image = match &container.image {
        Some(text) => evaluated(text, &what, scope)?,
        None => String::new(),
    };
    if image.is_empty() {
        return Ok(JobContainer::default());
    }
    let options = options(shared, container, &what, Role::Job, scope)?;
    Ok(JobContainer {
        named: true,
        access: Access {
            credentials: credentials(container, &what, scope)?,
            platform: options.platform.clone(),
        },
        options,
    })
}

/// The variables of a job's own container: its `env` over those of its options. Below
/// all others, as they are the container's and not the step's.
pub(super) fn container_env(
    container: &Container,
    options: &CreateOptions,
    scope: &Contexts,
) -> Result<Pairs, String> {
    let mut env = options.env.clone();
    let own = contexts::entries(&container.env, ExprPlace::ContainerEnv, scope)
        .map_err(|message| format!("container env {message}"))?;
    overlay(&mut env, own);
    Ok(env)
}

/// The services of a job while they start.
#[derive(Default)]
pub(super) struct Services {
    /// What they are opened with.
    pub(super) specs: Vec<ServiceSpec>,
    /// Their images, by name.
    images: Vec<String>,
    /// Their logs.
    logs: Vec<Arc<PlainLog>>,
}

/// Evaluates the services of a job and makes their images available.
pub(super) async fn services(
    shared: &Arc<Shared>,
    job: &PlanJob,
    leg: &Leg,
    layout: &Layout,
    scope: &Contexts,
) -> Result<Services, Failure> {
    let mut services = Services::default();
    let mut images = Vec::new();
    for (label, container) in &job.job.services {
        let label = &label.value;
        let what = format!("service `{label}` of job `{}`", job.job.id.value);
        let image = match &container.image {
            Some(text) => evaluated(text, &what, scope)?,
            None => String::new(),
        };
        let image = image_name(&image).to_owned();
        if image.is_empty() {
            // So says GitHub's documentation of `jobs.<job_id>.services.<service_id>.image`.
            shared.setup.bus.notice(
                Level::Notice,
                Some(&leg.key),
                format!("the service `{label}` has an empty image and is not started"),
            );
            continue;
        }
        let mut options = options(shared, container, &what, Role::Service, scope)?;
        let env = contexts::entries(&container.env, ExprPlace::ContainerEnv, scope)
            .map_err(|message| invalid(format!("{what}, `env` {message}")))?;
        overlay(&mut options.env, env);
        warn_of_secrets(shared, leg, label, &options.env);
        let text = |text: &Option<Text>| match text {
            Some(text) => evaluated(text, &what, scope),
            None => Ok(String::new()),
        };
        let entrypoint = text(&container.entrypoint)?;
        if !entrypoint.is_empty() {
            options.entrypoint = Some(entrypoint);
        }
        images.push((
            image.clone(),
            Access {
                credentials: credentials(container, &what, scope)?,
                platform: options.platform.clone(),
            },
        ));
        let log = Arc::new(PlainLog::new(
            shared
                .setup
                .run_dir
                .log_of_job(&leg.key, &format!("service-{}", slug(label))),
            shared.log_room(&leg.key),
            Arc::clone(&shared.masker),
        ));
        services.specs.push(ServiceSpec {
            label: label.clone(),
            name: format!("{}-{}", layout.spec.name, slug(label)),
            image: String::new(),
            arguments: words(&text(&container.command)?),
            exposed: Vec::new(),
            readiness: readiness(&image, &options, None),
            after: job
                .compose
                .iter()
                .flat_map(|compose| compose.after(label))
                .cloned()
                .collect(),
            options,
            log: LogSink(Arc::clone(&log) as Arc<dyn crate::engine::Output>),
        });
        services.images.push(image);
        services.logs.push(log);
    }
    let wanted = images
        .iter()
        .map(|(name, access)| shared.setup.images.service(name, access, &shared.setup.bus));
    let found = futures_util::future::join_all(wanted).await;
    for ((spec, found), (name, _)) in services.specs.iter_mut().zip(found).zip(&images) {
        let found = found?;
        spec.image = found.id;
        spec.exposed = found
            .exposed
            .iter()
            .flat_map(|port| port_mappings(port).unwrap_or_default())
            .collect();
        let ends = |compose: &Arc<ComposeServices>| compose.ends(&spec.label);
        spec.readiness = if job.compose.as_ref().is_some_and(ends) {
            at_its_end()
        } else {
            readiness(name, &spec.options, found.health.as_ref())
        };
    }
    Ok(services)
}

/// Opens the environment of a leg, stopped when the leg is to end.
pub(super) async fn open(
    shared: &Arc<Shared>,
    leg: &Leg,
    layout: &Layout,
    services: &Services,
    mut cancelled: Cancelled,
) -> Result<Box<dyn StepHost>, Failure> {
    let (sender, receiver) = watch::channel(Stop::Run);
    let mut opening = shared.setup.engine.open(&layout.spec, receiver);
    let mut halt = shared.setup.halt.clone();
    let mut stopped = None;
    let opened = loop {
        tokio::select! {
            opened = &mut opening => break opened,
            level = more_urgent(&mut halt, *sender.borrow()) => {
                stopped = halt.borrow().failure.clone();
                let _ = sender.send(level);
            }
            cancel = stop_wanted(&mut cancelled), if stopped.is_none() => {
                stopped = Some(cancel.failure());
                let _ = sender.send(Stop::Gently);
            }
        }
    };
    let log = set_up_log(shared, leg);
    match opened {
        Ok(host) => {
            tell_opened(shared, leg, services, host.opened(), &log);
            Ok(host)
        }
        Err(error) => {
            let mut failure = error.failure();
            failure.evidence = failure
                .evidence
                .iter()
                .map(|fact| super::masked(&shared.masker, fact))
                .collect();
            quote_log(services, error.service.as_deref(), &log, &mut failure);
            Err(stopped.unwrap_or(failure))
        }
    }
}

/// The log of the step that opens the environment; a file only when something is said.
fn set_up_log(shared: &Shared, leg: &Leg) -> PlainLog {
    let step = StepKey {
        job: leg.key.clone(),
        step: 0,
    };
    let path = shared.setup.run_dir.log(&leg.key, 0, super::leg::SET_UP);
    PlainLog::new(path, shared.log_room(&leg.key), Arc::clone(&shared.masker))
        .shown_as(Arc::clone(&shared.setup.bus), step)
}

fn tell_opened(shared: &Shared, leg: &Leg, services: &Services, opened: &OpenJob, log: &PlainLog) {
    for (service, image) in opened.services.iter().zip(&services.images) {
        let ports: Vec<String> = service
            .ports
            .iter()
            .map(|(_, host)| format!("localhost:{host}"))
            .collect();
        let reached = if ports.is_empty() {
            String::new()
        } else {
            format!(", reached at {}", ports.join(", "))
        };
        log.say(&format!(
            "service {} ({image}): {}{reached}",
            service.label, service.ready
        ));
    }
    for notice in &opened.notices {
        shared
            .setup
            .bus
            .notice(Level::Notice, Some(&leg.key), notice.clone());
    }
}

/// Puts the last lines of a service's log under a failure, and into the log of the
/// step.
fn quote_log(services: &Services, label: Option<&str>, log: &PlainLog, failure: &mut Failure) {
    let at_fault = services
        .specs
        .iter()
        .zip(&services.logs)
        .find(|(spec, _)| Some(spec.label.as_str()) == label);
    let Some((spec, own)) = at_fault else { return };
    log.say(&failure.message);
    for fact in &failure.evidence {
        log.say(fact);
    }
    let tail = own.tail();
    if tail.is_empty() {
        log.say(&format!("the service {} has printed nothing", spec.label));
        return;
    }
    log.say(&format!("the last lines of the service {}:", spec.label));
    for line in &tail {
        log.say(&format!("  {line}"));
    }
    let skip = tail.len().saturating_sub(QUOTED);
    failure.evidence.extend(tail.into_iter().skip(skip));
}

/// `job.container` and `job.services`, as the runner fills them in
/// (`ContainerOperationProvider` of actions/runner).
pub(super) fn job_context(opened: &OpenJob, named_container: bool) -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    if named_container || !opened.services.is_empty() {
        let mut container = Object::new();
        if named_container {
            container.insert("id", opened.id.as_str());
        }
        container.insert("network", opened.network.as_str());
        found.push(("container", Value::object(container)));
    }
    if !opened.services.is_empty() {
        let mut services = Object::new();
        for service in &opened.services {
            let mut ports = Object::new();
            for (port, host) in &service.ports {
                ports.insert(port.to_string(), host.to_string().as_str());
            }
            let mut entry = Object::new();
            entry.insert("id", service.id.as_str());
            entry.insert("network", opened.network.as_str());
            entry.insert("ports", ports);
            services.insert(service.label.clone(), entry);
        }
        found.push(("services", Value::object(services)));
    }
    found
}

/// Tells of services that ended while the steps ran: GitHub lets the job go on, but it
/// is worth knowing when it fails.
pub(super) async fn tell_ended(running: &Running<'_>) {
    if running.layout.spec.services.is_empty() {
        return;
    }
    let Ok(ended) = running.host.ended_services().await else {
        return;
    };
    let wanted = |label: &str| {
        let specs = &running.layout.spec.services;
        specs
            .iter()
            .any(|spec| spec.label == label && spec.readiness.ends)
    };
    for service in ended {
        if service.exit_code == 0 && wanted(&service.label) {
            continue;
        }
        let how = if service.oom_killed {
            "was killed for memory".to_owned()
        } else {
            format!("ended with exit code {}", service.exit_code)
        };
        let level = if service.exit_code == 0 && !service.oom_killed {
            Level::Notice
        } else {
            Level::Warning
        };
        running.shared.setup.bus.notice(
            level,
            Some(&running.leg.key),
            format!(
                "the service `{}` {how} before the job did; its log is service-{}.log",
                service.label,
                slug(&service.label)
            ),
        );
    }
}

fn options(
    shared: &Shared,
    container: &Container,
    what: &str,
    role: Role,
    scope: &Contexts,
) -> Result<CreateOptions, Failure> {
    let evaluate = |text: &Text| contexts::text(&text.value, ExprPlace::Job, scope).map(Some);
    let allowed = &shared.setup.allowed_options;
    let read = create_options(container, what, role, allowed, &evaluate);
    read.map(|(options, _)| options).map_err(|problems| {
        let told = |problem: &Problem| {
            let line = problem.span.start.line;
            match &problem.hint {
                Some(hint) => format!("line {line}: {} ({hint})", problem.message),
                None => format!("line {line}: {}", problem.message),
            }
        };
        let mut problems = problems.iter();
        let mut failure = match problems.next() {
            Some((cause, problem)) => Failure::new(*cause, told(problem)),
            None => invalid(format!("{what} cannot be used")),
        };
        failure
            .evidence
            .extend(problems.map(|(_, problem)| told(problem)));
        failure.message = super::masked(&shared.masker, &failure.message);
        failure
    })
}

fn credentials(
    container: &Container,
    what: &str,
    scope: &Contexts,
) -> Result<Option<Credentials>, Failure> {
    let pairs = contexts::entries(&container.credentials, ExprPlace::Credentials, scope)
        .map_err(|message| invalid(format!("{what}, `credentials` {message}")))?;
    let part = |name: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    };
    // Without both of them the runner pulls as anybody.
    Ok(match (part("username"), part("password")) {
        (Some(username), Some(password)) => Some(Credentials { username, password }),
        _ => None,
    })
}

fn evaluated(text: &Text, what: &str, scope: &Contexts) -> Result<String, Failure> {
    contexts::text(&text.value, ExprPlace::Job, scope)
        .map_err(|message| invalid(format!("{what}: {message}")))
}

fn invalid(message: String) -> Failure {
    Failure::new(Cause::WorkflowInvalid, message)
}

/// A service has its variables from its creation on, and the engine shows them: told
/// once, so that nobody is surprised.
fn warn_of_secrets(shared: &Shared, leg: &Leg, label: &str, env: &Pairs) {
    let holds = env
        .iter()
        .any(|(_, value)| super::masked(&shared.masker, value) != *value);
    if holds && !shared.told_of_secrets.swap(true, Ordering::Relaxed) {
        shared.setup.bus.notice(
            Level::Notice,
            Some(&leg.key),
            format!(
                "the service `{label}` is given a secret in its environment, which `docker inspect` shows as long as the job runs"
            ),
        );
    }
}
