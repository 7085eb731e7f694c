//! Docker actions: a container of their own beside the job's, with its files
//! (`ContainerActionHandler` of actions/runner).

use std::sync::Arc;

use tokio::sync::watch;

use crate::engine::{BesideSpec, ExecEnd, ExecSpec, Output, Stop};
use crate::expr::Contexts;
use crate::image::Access;
use crate::plan::{ActionUse, ExprPlace, Origin, PlanStep, words};
use crate::record::{Cause, Failure, StepKey};
use crate::workflow::{DockerAction, Runs};

use super::contexts::{self, Pairs, overlay};
use super::in_action::{self, variables};
use super::leg::Running;
use super::log::StepLog;
use super::masked;
use super::script::{self, MAILBOX};
use super::step::Outcome;
use super::variables::command_env;

/// Runs a Docker action to its end.
pub(super) async fn run(
    running: &mut Running<'_>,
    planned: &PlanStep,
    used: &Arc<ActionUse>,
    key: &StepKey,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    let Runs::Docker(action) = &used.action.runs else {
        return Outcome::failed(Failure::new(Cause::Invariant, "not a Docker action"));
    };
    let prepared = prepare(running, planned, used, action, env, scope, log).await;
    let ended = match prepared {
        Ok(spec) => in_container(running, planned, &spec, scope, log).await,
        Err(failure) => Err(failure),
    };
    match ended {
        Ok((end, stopped)) => script::take_end(running, planned, key, &end, stopped, log),
        Err(failure) => Outcome::failed(failure),
    }
}

/// Image, arguments and variables of the container.
async fn prepare(
    running: &mut Running<'_>,
    planned: &PlanStep,
    used: &Arc<ActionUse>,
    action: &DockerAction,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Result<BesideSpec, Failure> {
    let invalid = |message: String| Failure::new(Cause::WorkflowInvalid, message);
    let inputs = in_action::inputs(planned, used, scope, log).map_err(invalid)?;
    let image = image(running, used, action).await?;
    let given = |name: &str| {
        inputs
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    };
    let mut inner = scope.clone();
    inner.set("inputs", contexts::object(&inputs));
    let text = |text: &crate::workflow::Text| {
        contexts::text(&text.value, ExprPlace::ActionOutput, &inner).map_err(invalid)
    };
    let arguments = match given("args") {
        Some(given) => words(&given),
        None => action.args.iter().map(text).collect::<Result<_, _>>()?,
    };
    let entrypoint = match given("entrypoint") {
        Some(given) => Some(given),
        None => action.entrypoint.as_ref().map(text).transpose()?,
    };
    let mut all = command_env(running, planned, env);
    // The image has its own.
    all.retain(|(name, _)| name != "PATH" && name != "HOME");
    overlay(&mut all, variables(used, ""));
    overlay(&mut all, in_action::input_variables(&inputs));
    let own = contexts::entries(&action.env, ExprPlace::ActionOutput, &inner).map_err(invalid)?;
    overlay(&mut all, own);
    let secret = |value: &str| masked(&running.shared.masker, value) != value;
    if all.iter().any(|(_, value)| secret(value)) {
        running.warn(&format!(
            "the Docker action `{}` is given a secret, which `docker inspect` shows while it runs",
            used.uses
        ));
    }
    let mail = mail_folder(running, planned);
    for (name, variable) in MAILBOX {
        overlay(
            &mut all,
            vec![(variable.to_owned(), format!("{mail}/{name}"))],
        );
    }
    Ok(BesideSpec {
        name: format!("action-{}", planned.number),
        image,
        entrypoint,
        arguments,
        env: all,
        cwd: running.layout.workspace.clone(),
    })
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

/// Where the action's environment files lie, in the job's container and in its own.
fn mail_folder(running: &Running<'_>, planned: &PlanStep) -> String {
    format!("{}/actions-mail/{}", running.host.control(), planned.number)
}

/// Runs the container between two commands of the job: one makes the environment
/// files, the other reads them.
async fn in_container(
    running: &Running<'_>,
    planned: &PlanStep,
    spec: &BesideSpec,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Result<(ExecEnd, Option<Failure>), Failure> {
    let invalid = |message: String| Failure::new(Cause::WorkflowInvalid, message);
    let limit = script::limit(planned, scope).map_err(invalid)?;
    let mail = mail_folder(running, planned);
    let names: Vec<&str> = MAILBOX.iter().map(|(name, _)| *name).collect();
    let names = names.join(" ");
    // The container's user may be another one than the job's.
    let make = format!(
        "mkdir -p '{mail}' && chmod 777 '{mail}' && cd '{mail}' && for box in {names}; do : >\"$box\"; chmod 666 \"$box\"; done"
    );
    own_command(running, planned, "before", make, log).await?;
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
    end.mailbox = own_command(running, planned, "after", read, log)
        .await?
        .mailbox;
    Ok((end, stopped))
}

/// Runs a command of seatrial's own in the job's container.
async fn own_command(
    running: &Running<'_>,
    planned: &PlanStep,
    when: &str,
    text: String,
    log: &Arc<StepLog>,
) -> Result<ExecEnd, Failure> {
    let spec = ExecSpec {
        name: format!("{}-{when}", planned.number),
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
