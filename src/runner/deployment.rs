//! `environment` of a job: its name, known before the job begins, and its URL, which
//! steps may give (`JobExtension.FinalizeJob` of actions/runner).

use crate::expr::Contexts;
use crate::plan::ExprPlace;
use crate::record::{Cause, EventKind, Failure, Level};
use crate::workflow::Node;

use super::leg::Running;
use super::{contexts, masked};

/// The environment's name; none where the job has no environment, or an empty name.
pub(super) fn name(node: Option<&Node>, scope: &Contexts) -> Result<Option<String>, String> {
    let Some(node) = node else {
        return Ok(None);
    };
    let name = if node.is_map() {
        node.get("name")
    } else {
        Some(node)
    };
    let Some(name) = name else {
        return Ok(None);
    };
    let name = contexts::value(name, ExprPlace::Job, scope)
        .map_err(|message| format!("environment: {message}"))?
        .to_text();
    Ok((!name.is_empty()).then_some(name))
}

/// Tells what a job deployed to, after its steps. Gives why the URL cannot be had, which
/// fails the job.
pub(super) fn tell(running: &Running<'_>) -> Option<Failure> {
    let environment = running.deploys_to.as_ref()?;
    let bus = &running.shared.setup.bus;
    let key = &running.leg.key;
    let scope = running.scopes.of(&running.state, &running.state.env);
    let node = running.job.job.environment.as_ref();
    let node = node.and_then(|node| node.get("url"));
    let evaluated = node.map(|node| contexts::value(node, ExprPlace::EnvironmentUrl, &scope));
    let (url, failure) = match evaluated.transpose() {
        Ok(value) => (value.map(|value| value.to_text()), None),
        Err(message) => {
            let message = format!("Failed to evaluate environment url: {message}");
            (None, Some(Failure::new(Cause::WorkflowInvalid, message)))
        }
    };
    let url = url.filter(|url| !url.is_empty()).filter(|url| {
        let open = masked(&running.shared.masker, url) == *url;
        if !open {
            bus.notice(
                Level::Warning,
                Some(key),
                format!(
                    "Skip setting environment url as environment '{environment}' may contain \
                     secret."
                ),
            );
        }
        open
    });
    bus.emit(EventKind::Deployed {
        job: key.clone(),
        environment: masked(&running.shared.masker, environment),
        url,
    });
    failure
}
