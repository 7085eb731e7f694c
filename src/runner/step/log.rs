//! The log of a step, and what the step says through it.

use std::sync::Arc;

use crate::record::StepKey;

use super::super::contexts::{Pairs, overlay};
use super::super::leg::Running;
use super::super::log::{StepLog, Told};
use super::super::variables::unsecure;

/// Opens the log of a step. `env` are its variables, which may allow old commands.
pub(super) fn open(running: &Running<'_>, key: &StepKey, name: &str, env: &Pairs) -> Arc<StepLog> {
    let shared = running.shared;
    Arc::new(StepLog::new(
        &shared.setup.run_dir.log(&key.job, key.step, name),
        &shared.log_room(&key.job),
        key.clone(),
        Arc::clone(&shared.setup.bus),
        Arc::clone(&shared.masker),
        unsecure(env),
    ))
}

/// Takes what a step said by workflow commands for the steps that follow; gives back
/// the rest.
pub(in crate::runner) fn take_told(
    running: &mut Running<'_>,
    planned: u32,
    mut told: Told,
) -> Told {
    overlay(&mut running.state.env, std::mem::take(&mut told.env));
    for folder in std::mem::take(&mut told.path) {
        running.state.prepend_path(folder);
    }
    if !told.state.is_empty() {
        let saved = running.saved.entry(planned).or_default();
        overlay(saved, std::mem::take(&mut told.state));
    }
    told
}
