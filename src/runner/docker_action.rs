//! Docker actions: a container of their own beside the job's, with its files at the
//! places where GitHub's runner has them (`ContainerActionHandler` of actions/runner).

use std::sync::Arc;

use tokio::sync::watch;

use crate::engine::{BesideSpec, ExecEnd, ExecSpec, Output, Stop};
use crate::image::Access;
use crate::plan::{ActionUse, ExprPlace, Mount, Origin, words};
use crate::record::{Cause, Failure, StepKey};
use crate::workflow::{DockerAction, Text};

use super::contexts::{self, Pairs, overlay};
use super::env_files::is_restored_by_runner;
use super::environment::{ACTION_FOLDERS, CONTROL_VOLUME, WORK_VOLUME};
use super::in_action::{self, variables};
use super::leg::Running;
use super::log::StepLog;
use super::masked;
use super::phases::{Invocation, Phase};
use super::script::{self, MAILBOX};
use super::step::Outcome;
use super::variables::command_env;

/// What the containers of Docker actions see of the job lies below.
const GITHUB: &str = "/github";

/// Runs one phase of an action to its end.
pub(super) async fn run(
    running: &mut Running<'_>,
    invocation: &Invocation,
    action: &DockerAction,
    key: &StepKey,
    phase: Phase,
    limit: Option<f64>,
    log: &Arc<StepLog>,
) -> Outcome {
    let ended = match prepare(running, invocation, action, phase).await {
        Ok(spec) => in_container(running, &spec, limit, log).await,
        Err(failure) => Err(failure),
    };
    match ended {
        Ok((end, stopped)) => {
            script::take_end(running, &invocation.planned, key, &end, stopped, log)
        }
        Err(failure) => Outcome::failed(failure),
    }
}

/// Image, arguments and variables of the container.
async fn prepare(
    running: &Running<'_>,
    invocation: &Invocation,
    action: &DockerAction,
    phase: Phase,
) -> Result<BesideSpec, Failure> {
    let invalid = |message: String| Failure::new(Cause::WorkflowInvalid, message);
    let Invocation {
        planned,
        used,
        inputs,
        env,
    } = invocation;
    let image = image(running, used, action).await?;
    let given = |name: &str| {
        inputs
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    };
    let mut inner = running.scope(env);
    inner.set("inputs", contexts::object(inputs));
    let text =
        |text: &Text| contexts::text(&text.value, ExprPlace::ActionOutput, &inner).map_err(invalid);
    // The inputs of these names count only where the action itself says nothing.
    let arguments = match &action.args {
        Some(args) => args.iter().map(text).collect::<Result<_, _>>()?,
        None => given("args").map_or_else(Vec::new, |given| words(&given)),
    };
    let entrypoint = match phase {
        Phase::Pre => &action.pre,
        Phase::Main => &action.entrypoint,
        Phase::Post => &action.post,
    };
    let entrypoint = entrypoint.as_ref().map(text).transpose()?;
    let entrypoint = entrypoint
        .filter(|entrypoint| !entrypoint.is_empty())
        .or_else(|| given("entrypoint").filter(|_| phase == Phase::Main));
    let own = contexts::entries(&action.env, ExprPlace::ActionOutput, &inner).map_err(invalid)?;
    let all = environment(running, invocation, own, phase);
    let secret = |(_, value): &(String, String)| masked(&running.shared.masker, value) != *value;
    if all.iter().any(secret) {
        running.warn(&format!(
            "the Docker action `{}` is given a secret, which `docker inspect` shows while it runs",
            used.uses
        ));
    }
    Ok(BesideSpec {
        name: format!("action-{}{}", planned.number, phase.ending()),
        image,
        entrypoint,
        arguments,
        env: all,
        cwd: format!("{GITHUB}/workspace"),
        mounts: vec![
            volume(CONTROL_VOLUME, GITHUB),
            volume(WORK_VOLUME, &format!("{GITHUB}/workspace")),
        ],
    })
}

fn volume(name: &str, target: &str) -> Mount {
    Mount::Volume {
        name: Some(name.to_owned()),
        target: target.to_owned(),
        mode: String::new(),
    }
}

/// The variables of the container: those of a step, `own` ones of the action below
/// those of job and step, and paths as the container has them.
fn environment(running: &Running<'_>, invocation: &Invocation, own: Pairs, phase: Phase) -> Pairs {
    let control = running.host.control();
    let mut given = invocation.saved_state(running);
    overlay(&mut given, in_action::input_variables(&invocation.inputs));
    let mut all = command_env(running, &invocation.planned, &invocation.env);
    // The image has its own.
    all.retain(|(name, _)| name != "PATH");
    let known = |name: &str| {
        let named = |(key, _): &(String, String)| key == name;
        is_restored_by_runner(name) || invocation.env.iter().any(named)
    };
    overlay(
        &mut all,
        own.into_iter().filter(|(name, _)| !known(name)).collect(),
    );
    overlay(&mut all, variables(&invocation.used, ""));
    overlay(&mut all, given);
    overlay(
        &mut all,
        vec![
            ("HOME".to_owned(), format!("{control}/home")),
            (
                "GITHUB_EVENT_PATH".to_owned(),
                format!("{control}/workflow/event.json"),
            ),
        ],
    );
    let mail = mail_folder(
        control,
        &format!("{}{}", invocation.planned.number, phase.ending()),
    );
    for (name, variable) in MAILBOX {
        overlay(
            &mut all,
            vec![(variable.to_owned(), format!("{mail}/{name}"))],
        );
    }
    let workspace = &running.layout.workspace;
    all.into_iter()
        .map(|(name, value)| (name, translated(&value, workspace, control)))
        .collect()
}

/// A path of the job as the container of a Docker action has it; any other value as it
/// is (`ContainerInfo.TranslateToContainerPath` of actions/runner).
fn translated(value: &str, workspace: &str, control: &str) -> String {
    let places = std::iter::once((workspace.to_owned(), format!("{GITHUB}/workspace"))).chain(
        ACTION_FOLDERS
            .iter()
            .map(|name| (format!("{control}/{name}"), format!("{GITHUB}/{name}"))),
    );
    for (from, to) in places {
        match value.strip_prefix(&from) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => return format!("{to}{rest}"),
            _ => {}
        }
    }
    value.to_owned()
}

/// The image that the action names, or that is built from its Dockerfile.
async fn image(
    running: &Running<'_>,
    used: &ActionUse,
    action: &DockerAction,
) -> Result<String, Failure> {
    let setup = &running.shared.setup;
    if let Some(name) = action.image.value.strip_prefix("docker://") {
        let info = setup
            .images
            .service(name, &Access::default(), &setup.bus)
            .await?;
        return Ok(info.id);
    }
    let root = match &used.origin {
        Origin::Here => setup.root.clone(),
        origin @ Origin::Remote { .. } => setup
            .plan
            .planner
            .sources()
            .folders
            .get(origin)
            .cloned()
            .ok_or_else(|| Failure::new(Cause::Invariant, format!("{origin} was not fetched")))?,
    };
    let folder = root.join(&used.folder);
    let file = folder.join(&action.image.value);
    setup
        .images
        .action(&used.uses, &file, &folder, &setup.bus)
        .await
}

/// Where the environment files of a phase lie in the job's container.
fn mail_folder(control: &str, name: &str) -> String {
    format!("{control}/file_commands/{name}")
}

/// Runs the container between two commands of the job: one makes the environment
/// files, the other reads them.
async fn in_container(
    running: &Running<'_>,
    spec: &BesideSpec,
    limit: Option<f64>,
    log: &Arc<StepLog>,
) -> Result<(ExecEnd, Option<Failure>), Failure> {
    let name = spec.name.trim_start_matches("action-");
    let mail = mail_folder(running.host.control(), name);
    let names: Vec<&str> = MAILBOX.iter().map(|(name, _)| *name).collect();
    let names = names.join(" ");
    // The container's user may be another one than the job's.
    let make = format!(
        "mkdir -p '{mail}' && chmod 777 '{mail}' && cd '{mail}' && for box in {names}; do : >\"$box\"; chmod 666 \"$box\"; done"
    );
    own_command(running, format!("{name}-before"), make, log).await?;
    let output: Arc<dyn Output> = log.clone();
    let (end, stopped) = script::limited(running, limit, log, |stop| {
        running.host.beside(spec, output, stop)
    })
    .await;
    let mut end = end.map_err(|error| error.failure())?;
    let read = MAILBOX
        .iter()
        .map(|(name, variable)| format!("cat '{mail}/{name}' >\"${variable}\""))
        .collect::<Vec<_>>()
        .join("\n");
    end.mailbox = own_command(running, format!("{name}-after"), read, log)
        .await?
        .mailbox;
    Ok((end, stopped))
}

/// Runs a command of seatrial's own in the job's container.
async fn own_command(
    running: &Running<'_>,
    name: String,
    text: String,
    log: &Arc<StepLog>,
) -> Result<ExecEnd, Failure> {
    let spec = ExecSpec {
        name,
        command: ["sh", "-e", "{0}"].map(ToOwned::to_owned).to_vec(),
        script: text.into_bytes(),
        cwd: "/".to_owned(),
        // As in all commands of seatrial's own.
        mailbox: [&MAILBOX[..], &[("answers", "SEATRIAL_ANSWERS")]].concat(),
        ..ExecSpec::default()
    };
    let output: Arc<dyn Output> = log.clone();
    let (_keep, stop) = watch::channel(Stop::Run);
    running
        .host
        .exec(&spec, output, stop)
        .await
        .map_err(|error| error.failure())
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn paths_are_those_of_the_container() {
        for (value, expected) in [
            ("/work/app", "/github/workspace"),
            ("/work/app/a/b", "/github/workspace/a/b"),
            ("/work/application", "/work/application"),
            ("in /work/app", "in /work/app"),
            ("/seatrial/home", "/github/home"),
            (
                "/seatrial/workflow/event.json",
                "/github/workflow/event.json",
            ),
            (
                "/seatrial/file_commands/2/env",
                "/github/file_commands/2/env",
            ),
            ("/seatrial/temp", "/seatrial/temp"),
            ("", ""),
        ] {
            assert_eq!(translated(value, "/work/app", "/seatrial"), expected);
        }
    }
}
