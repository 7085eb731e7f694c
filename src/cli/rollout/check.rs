//! `seatrial rollout check`.

use super::apply::Target;
use super::status::show;
use super::{CheckArgs, FLAG, Scene, minutes, rolled_back_at};
use crate::cli::App;
use crate::cli::error::CliError;
use crate::history::DecisionKind;
use crate::record::{Cause, EXIT_SUCCESS};
use crate::report::RolloutState;
use crate::rollout::{Flag, judge, readiness};

/// Looks at the triggers and does what is agreed. Gives the exit code.
pub(super) fn check(app: &App, args: &CheckArgs) -> Result<u8, CliError> {
    let scene = Scene::open(app, &args.of)?;
    let (entries, decisions) = scene.past(app)?;
    let back = rolled_back_at(&decisions);
    let state = RolloutState {
        workflow: &scene.workflow,
        repository: scene.repository(),
        sha: &scene.sha,
        flag: app.environment.docker_tests(),
        asked_github: false,
        judgement: judge(&entries, &scene.rules),
        readiness: back.map(|since| readiness(&entries, since, &scene.rules)),
        decisions: &decisions,
    };
    show(app, args.format, &state);
    let fired: Vec<_> = state.judgement.fired().collect();
    if fired.is_empty() {
        return Ok(EXIT_SUCCESS);
    }
    if args.apply {
        go_back(app, args, &scene, &state)?;
    }
    Ok(Cause::RollbackTriggered.exit_code())
}

fn go_back(
    app: &App,
    args: &CheckArgs,
    scene: &Scene,
    state: &RolloutState<'_>,
) -> Result<(), CliError> {
    let client = scene.client(app)?;
    let before = client.effective_variable(FLAG)?.map(|(value, _)| value);
    if before
        .as_deref()
        .and_then(Flag::parse)
        .is_some_and(|flag| !flag.counts_containers())
    {
        let before = before.unwrap_or_default();
        app.out
            .say(&format!("nothing to go back from: {FLAG} is `{before}`"));
        return Ok(());
    }
    let branch = match &args.on {
        Some(branch) => branch.clone(),
        None => client.known()?.default_branch,
    };
    let target = Target {
        client: &client,
        root: &scene.root,
        workflow: &scene.workflow,
        branch: &branch,
        wait: minutes(args.wait),
    };
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let way = scene.rules.way;
    if args.dry_run {
        for call in target.calls(way, &today)? {
            app.out.data(&format!("{call}\n"));
        }
        return Ok(());
    }
    let done = target.go_back(app, way, &today);
    let fired: Vec<_> = state.judgement.fired().collect();
    scene.decide(app, DecisionKind::RollBack, |decision| {
        decision.before = before;
        decision.triggers = fired
            .iter()
            .map(|one| one.trigger.as_str().to_owned())
            .collect();
        decision.reason = fired
            .iter()
            .map(|one| one.seen.as_str())
            .collect::<Vec<_>>()
            .join("; ");
        match &done {
            Ok(done) => {
                decision.after = done.after.clone();
                decision.done.clone_from(&done.lines);
                decision.done.extend(done.run.clone());
            }
            Err(error) => decision.done = vec![format!("it failed: {}", error.message)],
        }
    })?;
    done.map(drop)
}
