//! A step that uses an action for which there is a stand-in.

use std::sync::Arc;

use crate::actions::{self, Call};
use crate::engine::Output;
use crate::expr::Contexts;
use crate::plan::{BuiltIn, PlanStep};
use crate::record::{Cause, EventKind, Failure, Level, StepKey};
use crate::workflow::StepAction;

use super::super::contexts::{self, Pairs, overlay};
use super::super::leg::Running;
use super::super::log::StepLog;
use super::super::post::Post;
use super::super::script::{MAILBOX, limit, limited, take_mail};
use super::super::variables::command_env;
use super::super::{masked, reason};
use super::Outcome;

/// Runs a built-in action.
pub(super) async fn action(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    built_in: BuiltIn,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    let StepAction::Uses { action, with } = &planned.step.action else {
        return Outcome::failed(Failure::new(Cause::Invariant, "an action without `uses`"));
    };
    let with = match contexts::entries(with, running.place(), scope) {
        Ok(with) => with,
        Err(message) => {
            return Outcome::failed(Failure::new(
                Cause::WorkflowInvalid,
                format!("`with`: {message}"),
            ));
        }
    };
    let limit = match limit(planned, scope) {
        Ok(limit) => limit,
        Err(message) => return Outcome::invalid(message),
    };
    let full_env = command_env(running, planned, env);
    let setup = &running.shared.setup;
    let output: Arc<dyn Output> = log.clone();
    let tree = || running.shared.tree();
    let (artifacts, caches) = (setup.run_dir.artifacts(), setup.run_dir.caches());
    let (done, stopped) = limited(running, limit, log, |stop| {
        let call = Call {
            built_in,
            reference: action.value.split_once('@').map_or("", |(_, at)| at),
            host: running.host.as_ref(),
            with: &with,
            log: &output,
            stop,
            mailbox: &MAILBOX,
            workspace: &running.layout.workspace,
            temp: &running.layout.temp,
            user: &running.layout.spec.user,
            facts: running.layout.facts.as_ref(),
            env: &full_env,
            source: &running.layout.source,
            github: &setup.github,
            root: &setup.root,
            tree: &tree,
            artifacts: &artifacts,
            budget: &running.budget,
            caches: &caches,
            pythons: &setup.pythons,
            uploads: setup.uploads,
            plain_base: running.layout.plain_base,
        };
        async move { actions::run(&call).await }
    })
    .await;
    let job = &running.leg.key;
    for notice in done.notices {
        setup.bus.notice(
            Level::Warning,
            Some(job),
            masked(&running.shared.masker, &notice),
        );
    }
    if let Some(artifact) = done.artifact {
        setup.bus.emit(EventKind::Artifact {
            job: job.clone(),
            name: artifact.name,
            path: artifact.path,
            files: artifact.files,
            bytes: artifact.bytes,
        });
    }
    running.posts.extend(
        done.post
            .map(|post| Post::Cache(planned.name.clone(), post)),
    );
    overlay(&mut running.state.env, done.env);
    for folder in done.path {
        running.state.prepend_path(folder);
    }
    let mut outcome = match (&done.ended, done.failure, &stopped) {
        (Some(end), None, _) => Outcome {
            ended: reason::of(
                end,
                stopped.as_ref(),
                planned.test.as_ref(),
                log.no_space().as_deref(),
            ),
            outputs: Vec::new(),
            note: None,
        },
        (_, Some(_), Some(stopped)) => Outcome {
            ended: reason::stopped(stopped),
            outputs: Vec::new(),
            note: None,
        },
        (_, Some(failure), None) => Outcome::failed(failure),
        (None, None, _) => Outcome::success(None),
    };
    outcome.outputs = done.outputs;
    if let Some(end) = &done.ended {
        take_mail(running, planned.number, key, end, log, &mut outcome);
    }
    if let Some(failure) = stopped
        && !reason::is_of_step(&failure)
    {
        running.end(failure);
    }
    outcome
}
