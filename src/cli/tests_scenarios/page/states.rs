//! What does not simply work, and what only a real engine can show.

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As on GitHub.
    Works,
    /// It works, and this is different.
    Differently(&'static str),
    /// Read and checked only; why, where that is not plain.
    NoEffect(&'static str),
    /// An error, with this reason.
    Refused(&'static str),
}

use State::{Differently, NoEffect, Refused};

use crate::plan::{self, BuiltIn};

const BACKGROUND: State = Refused("steps in the background are not supported yet");
const ABOUT_GITHUB: State = NoEffect("it is about GitHub's own service");

/// Every row that does not simply work.
const STATES: &[(&str, State)] = &[
    ("key:run-name", NoEffect("the run has its own name")),
    ("key:description", NoEffect("as on GitHub")),
    ("key:permissions", ABOUT_GITHUB),
    (
        "key:concurrency",
        NoEffect("runs do not wait for each other"),
    ),
    ("key:concurrency.group", NoEffect("")),
    ("key:concurrency.cancel-in-progress", NoEffect("")),
    ("key:concurrency.queue", NoEffect("")),
    ("key:on.<event>.names", NoEffect("")),
    ("key:on.<event>.versions", NoEffect("")),
    ("key:jobs.<id>.permissions", ABOUT_GITHUB),
    (
        "key:jobs.<id>.environment",
        Differently("evaluated and told; its rules, secrets and variables are at GitHub"),
    ),
    ("key:jobs.<id>.snapshot", ABOUT_GITHUB),
    (
        "key:jobs.<id>.cancel-timeout-minutes",
        NoEffect("a stopped job has 5 minutes"),
    ),
    (
        "key:jobs.<id>.timeout-minutes",
        Differently("fractions of a minute count"),
    ),
    (
        "key:jobs.<id>.steps.timeout-minutes",
        Differently("fractions of a minute count"),
    ),
    ("key:jobs.<id>.steps.background", BACKGROUND),
    ("key:jobs.<id>.steps.wait", BACKGROUND),
    ("key:jobs.<id>.steps.wait-all", BACKGROUND),
    ("key:jobs.<id>.steps.cancel", BACKGROUND),
    ("key:jobs.<id>.steps.parallel", BACKGROUND),
    ("context:github.actor_id", Differently("always 1")),
    ("context:github.repository_id", Differently("always 1")),
    (
        "context:github.repository_owner_id",
        Differently("always 1"),
    ),
    (
        "context:github.repository_visibility",
        Differently("always `public`"),
    ),
    ("context:github.token", Differently("empty")),
    ("context:github.secret_source", Differently("always `None`")),
    ("context:github.run_id", Differently("the time of the run")),
    ("context:github.run_number", Differently("always 1")),
    ("context:github.run_attempt", Differently("always 1")),
    ("context:github.ref_protected", Differently("always false")),
    ("context:github.actor", Differently("who runs seatrial")),
    (
        "context:github.triggering_actor",
        Differently("who runs seatrial"),
    ),
    ("context:runner.name", Differently("`seatrial`")),
    ("context:runner.environment", Differently("`self-hosted`")),
    (
        "rule:other-systems",
        Differently("named in the summary; those jobs stay on GitHub"),
    ),
    (
        "rule:javascript-actions",
        Differently("Node is that of the image, or `--node`"),
    ),
    (
        "rule:docker-socket",
        Differently(
            "only where the settings grant the engine's socket; what is published is at `host.docker.internal`",
        ),
    ),
    (
        "rule:unknown-actions",
        Refused("with its line and the way out"),
    ),
    ("command:debug", NoEffect("kept in the log, not shown")),
    ("command:echo", NoEffect("checked")),
    ("command:add-matcher", NoEffect("")),
    ("command:remove-matcher", NoEffect("")),
    (
        "command:set-env",
        Refused("as on GitHub, unless `ACTIONS_ALLOW_UNSECURE_COMMANDS` is set"),
    ),
    (
        "command:add-path",
        Refused("as on GitHub, unless `ACTIONS_ALLOW_UNSECURE_COMMANDS` is set"),
    ),
    ("shell:cmd", Refused("Windows only")),
    ("shell:powershell", Refused("Windows only")),
];

/// Tests that show what no scenario can: row, file, function.
pub(super) const TESTS: &[(&str, &str, &str)] = &[
    (
        "rule:docker-socket",
        "tests/socket.rs",
        "a_job_uses_the_engine_only_when_the_settings_grant_it",
    ),
    (
        "rule:javascript-actions",
        "tests/foreign_actions.rs",
        "a_javascript_action_has_three_phases_and_keeps_state",
    ),
    (
        "rule:other-repositories",
        "tests/foreign_actions.rs",
        "actions_and_workflows_of_other_repositories_are_fetched_and_run",
    ),
    (
        "action:actions/cache/save",
        "tests/actions.rs",
        "a_cache_is_saved_at_once_when_asked_and_else_only_after_success",
    ),
    (
        "action:actions/cache/restore",
        "tests/actions.rs",
        "a_cache_is_saved_at_once_when_asked_and_else_only_after_success",
    ),
    (
        "action:astral-sh/setup-uv",
        "tests/actions.rs",
        "uv_and_other_tools_come_from_pypi_where_the_image_has_none",
    ),
    (
        "action:nick-fields/retry",
        "tests/actions.rs",
        "a_command_that_fails_once_is_tried_again",
    ),
    (
        "rule:memory",
        "tests/docker.rs",
        "memory_that_runs_out_is_named",
    ),
    (
        "rule:disk",
        "tests/faults/disk.rs",
        "a_container_that_fills_its_disk_is_told_so",
    ),
    (
        "key:jobs.<id>.services",
        "tests/services.rs",
        "services_are_reached_by_localhost_and_by_their_label",
    ),
    (
        "key:jobs.<id>.container.options",
        "tests/services.rs",
        "volumes_and_options_of_a_jobs_container",
    ),
    (
        "rule:stopped-run",
        "tests/docker.rs",
        "ctrl_c_brings_reports_out_and_leaves_nothing",
    ),
    (
        "rule:provided",
        "tests/docker.rs",
        "set_up_that_the_image_holds_is_left_out_and_what_it_lacks_is_run",
    ),
    (
        "key:jobs.<id>.steps.timeout-minutes",
        "tests/docker.rs",
        "a_step_that_takes_too_long_is_dead_before_the_next_one",
    ),
    (
        "key:on.<event>.workflows",
        "src/plan/trigger_tests.rs",
        "other_events",
    ),
    ("rule:sudo", "tests/sudo.rs", "it_does_what_sudo_does"),
    (
        "shell:unspecified",
        "tests/docker.rs",
        "without_bash_steps_run_in_sh_and_stop_at_the_first_error",
    ),
];

/// Events whose payload is made up with what workflows ask for.
const MADE_UP: [&str; 4] = [
    "push",
    "pull_request",
    "pull_request_target",
    "workflow_dispatch",
];

/// What becomes of a row.
pub(super) fn state(id: &str) -> State {
    if let Some((_, state)) = STATES.iter().find(|(row, _)| *row == id) {
        return *state;
    }
    if let Some(action) = id.strip_prefix("action:") {
        return of_action(action);
    }
    match id.strip_prefix("event:") {
        Some(event) if !MADE_UP.contains(&event) => {
            Differently("the payload that is made up holds little")
        }
        _ => State::Works,
    }
}

/// What becomes of an action, by the tables of the code.
fn of_action(name: &str) -> State {
    if let Some(skipped) = plan::Skipped::of(name) {
        return NoEffect(skipped.reason);
    }
    if let Some(refused) = plan::Refused::of(name) {
        return Refused(refused.reason);
    }
    if let Some(own) = plan::OwnCode::of(name) {
        return Differently(own.note);
    }
    match BuiltIn::of(name).map(|built_in| built_in.row().state) {
        Some(plan::State::Full) | None => State::Works,
        Some(plan::State::Partial(how) | plan::State::Image(how)) => Differently(how),
    }
}

/// The rows that are named here.
pub(super) fn named() -> impl Iterator<Item = &'static str> {
    let states = STATES.iter().map(|(id, _)| *id);
    states.chain(TESTS.iter().map(|(id, ..)| *id))
}
