//! `seatrial rollout set`.

use super::{FLAG, Scene, SetArgs, refused, rolled_back_at};
use crate::cli::App;
use crate::cli::error::CliError;
use crate::history::DecisionKind;
use crate::record::EXIT_SUCCESS;
use crate::rollout::{judge, readiness};

/// Sets the flag, unless what the history says speaks against it.
pub(super) fn set(app: &App, args: &SetArgs) -> Result<u8, CliError> {
    let scene = Scene::open(app, &args.of)?;
    let (entries, decisions) = scene.past(app)?;
    if args.value.counts_containers() && args.force.is_none() {
        let ready =
            rolled_back_at(&decisions).map(|since| readiness(&entries, since, &scene.rules));
        if let Some(ready) = ready.filter(|ready| !ready.is_ready()) {
            let message = format!(
                "containers are not to count yet: {} of {} clean shadow runs since the roll-back",
                ready.clean, ready.wanted
            );
            return Err(refused(message)
                .with_details(ready.broken_by.into_iter().collect())
                .with_hint("`seatrial rollout set shadow` lets both run; `--force REASON` sets it all the same"));
        }
        let judgement = judge(&entries, &scene.rules);
        let fired: Vec<String> = judgement.fired().map(|one| one.seen.clone()).collect();
        if !fired.is_empty() {
            return Err(refused("triggers of the roll-back speak against it".to_owned())
                .with_details(fired)
                .with_hint("`seatrial rollout status` shows them; `--force REASON` sets it all the same"));
        }
    }
    let client = scene.client(app)?;
    let value = args.value.to_string();
    if args.dry_run {
        let call = client.set_variable_call(FLAG, &value)?;
        app.out.data(&format!("{call}\n"));
        return Ok(EXIT_SUCCESS);
    }
    let before = client.effective_variable(FLAG)?.map(|(value, _)| value);
    client.set_variable(FLAG, &value)?;
    let line = format!(
        "{FLAG} is `{value}` in {} (it was {})",
        client.repository(),
        before
            .as_deref()
            .map_or("not set".to_owned(), |before| format!("`{before}`"))
    );
    app.out.say(&line);
    scene.decide(app, DecisionKind::Set, |decision| {
        decision.before = before;
        decision.after = Some(value);
        decision.reason = args
            .force
            .clone()
            .unwrap_or_else(|| "set by hand".to_owned());
        decision.done = vec![line];
    })?;
    Ok(EXIT_SUCCESS)
}
