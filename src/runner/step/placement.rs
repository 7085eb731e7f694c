//! What a step does, by the place where it belongs.

use std::sync::Arc;

use crate::expr::Contexts;
use crate::plan::{Placement, PlanStep};
use crate::record::{Level, StepKey};

use super::super::contexts::Pairs;
use super::super::leg::Running;
use super::super::log::StepLog;
use super::super::provided::provided;
use super::super::script::{deadline_after, limit, script};
use super::super::{in_action, phases};
use super::{Outcome, built_in};

/// Does what the step does.
pub(super) async fn act(
    running: &mut Running<'_>,
    planned: &PlanStep,
    key: &StepKey,
    env: &Pairs,
    scope: &Contexts,
    log: &Arc<StepLog>,
) -> Outcome {
    match &planned.placement {
        Placement::SkippedAction => {
            let note = "skipped, as the settings say".to_owned();
            log.say(&note);
            Outcome::success(Some(note))
        }
        Placement::Composite(used) => {
            let limit = match limit(planned, scope) {
                Ok(limit) => limit,
                Err(message) => {
                    return Outcome::invalid(message);
                }
            };
            running
                .limits
                .extend(limit.map(|minutes| (deadline_after(minutes), minutes)));
            let outcome = in_action::composite(running, planned, used, scope, log).await;
            if limit.is_some() {
                running.limits.pop();
            }
            outcome
        }
        Placement::Node(used) | Placement::Docker(used) => {
            phases::main(running, planned, used, key, env, scope, log).await
        }
        Placement::LeftOutAction(skipped) => {
            let note = format!("skipped: this action {}", skipped.reason);
            log.say(&note);
            running.shared.setup.bus.notice(
                Level::Warning,
                Some(&key.job),
                format!(
                    "`{}` was skipped: its action {}",
                    planned.name, skipped.reason
                ),
            );
            Outcome::success(Some(note))
        }
        Placement::BuiltIn(built_in) => {
            built_in::action(running, planned, key, *built_in, env, scope, log).await
        }
        Placement::Baked(baked) => {
            let what = baked.text();
            log.say(&format!("provided by the image, {what}"));
            Outcome::success(Some(what))
        }
        Placement::ProvidedByImage(setup) => {
            match provided(
                &running.shared.setup.root,
                setup,
                running.layout.facts.as_ref(),
            ) {
                Ok(what) => {
                    log.say(&format!("provided by the image: {what}"));
                    Outcome::success(Some(what))
                }
                Err(missing) => {
                    running.shared.setup.bus.notice(
                        Level::Warning,
                        Some(&key.job),
                        format!(
                            "the image does not provide what `{}` installs ({missing}); the step is run",
                            planned.name
                        ),
                    );
                    script(running, planned, key, env, scope, log).await
                }
            }
        }
        Placement::Container | Placement::ThisMachine => {
            let runs = planned.test.as_ref().map_or(0, |test| {
                if test.inject_junit {
                    test.pytest_runs
                } else {
                    0
                }
            });
            if runs > 1 {
                running.shared.setup.bus.notice(
                    Level::Warning,
                    Some(&key.job),
                    format!(
                        "`{}` calls pytest {runs} times and names no report: only the last one's report is kept; give each its own step or `--junitxml`",
                        planned.name
                    ),
                );
            }
            script(running, planned, key, env, scope, log).await
        }
    }
}
