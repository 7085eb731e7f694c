//! The variables that a command sees (GitHub docs, "Variables reference").

use crate::plan::{PlanStep, TestStep};

use super::commands::Unsecure;
use super::contexts::{Pairs, overlay};
use super::env_files::is_restored_by_runner;
use super::leg::Running;
use super::retries;

/// All variables of a command: GitHub's, the job's, the step's, and ours for reports.
pub(super) fn command_env(running: &Running<'_>, planned: &PlanStep, env: &Pairs) -> Pairs {
    let shared = running.shared;
    let facts = &shared.setup.github;
    let layout = &running.layout;
    let control = running.host.control();
    let mut all: Pairs = layout.container_env.clone();
    let ours: Pairs = [
        ("CI", "true".to_owned()),
        ("HOME", layout.spec.user.home.clone()),
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_ACTOR", facts.actor.clone()),
        ("GITHUB_ACTOR_ID", facts.actor_id()),
        ("GITHUB_TRIGGERING_ACTOR", facts.actor.clone()),
        ("GITHUB_API_URL", "https://api.github.com".to_owned()),
        (
            "GITHUB_GRAPHQL_URL",
            "https://api.github.com/graphql".to_owned(),
        ),
        ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
        ("GITHUB_BASE_REF", facts.base_ref.clone()),
        ("GITHUB_HEAD_REF", facts.head_ref.clone()),
        ("GITHUB_EVENT_NAME", facts.event_name.clone()),
        ("GITHUB_EVENT_PATH", format!("{control}/event.json")),
        ("GITHUB_JOB", running.job.job.id.value.clone()),
        ("GITHUB_REF", facts.reference.clone()),
        ("GITHUB_REF_NAME", facts.ref_name().to_owned()),
        ("GITHUB_REF_PROTECTED", "false".to_owned()),
        ("GITHUB_REF_TYPE", facts.ref_type().to_owned()),
        ("GITHUB_REPOSITORY", facts.repository.clone()),
        ("GITHUB_REPOSITORY_ID", facts.repository_id()),
        ("GITHUB_REPOSITORY_OWNER_ID", facts.owner_id()),
        ("GITHUB_REPOSITORY_OWNER", facts.owner().to_owned()),
        ("GITHUB_RETENTION_DAYS", "90".to_owned()),
        ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
        ("GITHUB_RUN_ID", facts.run_id.to_string()),
        ("GITHUB_RUN_NUMBER", "1".to_owned()),
        ("GITHUB_SHA", facts.sha.clone()),
        ("GITHUB_WORKFLOW", facts.workflow_name.clone()),
        (
            "GITHUB_WORKFLOW_REF",
            format!(
                "{}/{}@{}",
                facts.repository, facts.workflow_file, facts.reference
            ),
        ),
        ("GITHUB_WORKFLOW_SHA", facts.sha.clone()),
        ("GITHUB_WORKSPACE", layout.workspace.clone()),
        (
            "GITHUB_ACTION",
            running
                .names
                .get(&planned.number)
                .cloned()
                .unwrap_or_default(),
        ),
        (
            "RUNNER_ARCH",
            if cfg!(target_arch = "aarch64") {
                "ARM64"
            } else {
                "X64"
            }
            .to_owned(),
        ),
        ("RUNNER_ENVIRONMENT", "self-hosted".to_owned()),
        ("RUNNER_NAME", "seatrial".to_owned()),
        ("RUNNER_OS", "Linux".to_owned()),
        ("RUNNER_TEMP", layout.temp.clone()),
        ("RUNNER_TOOL_CACHE", layout.tools.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    overlay(&mut all, ours);
    if let Some(inside) = running.inside.last() {
        overlay(&mut all, inside.variables());
    }
    // Nothing overwrites the runner's own.
    let own = |(name, _): &&(String, String)| !is_restored_by_runner(name);
    overlay(&mut all, env.iter().filter(own).cloned().collect());
    let base = env
        .iter()
        .chain(&layout.container_env)
        .find(|(name, _)| name == "PATH")
        .map(|(_, path)| path.clone())
        .or_else(|| layout.facts.as_ref().map(|facts| facts.path.clone()))
        .unwrap_or_else(|| shared.setup.path.clone());
    let mut folders = running.state.path.clone();
    if layout.plain_base {
        // As on the runner: what pip installs without rights is found.
        folders.push(format!("{}/.local/bin", layout.spec.user.home));
    }
    folders.extend(layout.path.iter().cloned());
    folders.push(base);
    overlay(&mut all, vec![("PATH".to_owned(), folders.join(":"))]);
    if let Some(test) = &planned.test {
        for_tests(&mut all, running, planned, test);
    }
    all
}

/// Adds what makes pytest write a report and run tests again, where seatrial asks for it.
fn for_tests(all: &mut Pairs, running: &Running<'_>, planned: &PlanStep, test: &TestStep) {
    let layout = &running.layout;
    let value = |all: &Pairs, wanted: &str| {
        let found = all.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone())
    };
    let mut ours = Vec::new();
    if test.inject_junit {
        let own = value(all, "PYTEST_ADDOPTS").map_or(String::new(), |own| format!("{own} "));
        // xunit1 names the file of each test, without which its node id is lost.
        let options = format!(
            "{own}--junitxml={}/{}/junit.xml -o junit_family=xunit1",
            layout.reports, planned.number
        );
        overlay(all, vec![("PYTEST_ADDOPTS".to_owned(), options)]);
        ours.push("PYTEST_ADDOPTS");
    }
    let tox = test.command == "tox";
    if running.shared.setup.retries > 0 && retries::reaches_pytest(planned) {
        let of_image = || Some(layout.facts.as_ref()?.python_path.clone());
        let own = value(all, "PYTHONPATH").or_else(of_image);
        let own = own.unwrap_or_default();
        if let Some(path) = retries::python_path(&own, running.host.control(), tox) {
            overlay(all, vec![("PYTHONPATH".to_owned(), path)]);
            ours.push("PYTHONPATH");
        }
    }
    if tox && !ours.is_empty() {
        let own = value(all, "TOX_OVERRIDE").unwrap_or_default();
        let value = tox_override(&own, test.tox_pass_env, &ours.join(","));
        overlay(all, vec![("TOX_OVERRIDE".to_owned(), value)]);
    }
}

/// Whether the job's variables allow commands that GitHub refuses by default.
pub(super) fn unsecure(env: &Pairs) -> Unsecure {
    let value = |wanted: &str| {
        env.iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    Unsecure::from_variables(
        value("ACTIONS_ALLOW_UNSECURE_COMMANDS"),
        value("ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS"),
    )
}

/// tox hands on only the variables that it is told to: tells it to hand on ours,
/// whatever else the user overrides. `key` is the name of tox's list, `names` are separated
/// by commas.
fn tox_override(own: &str, key: &str, names: &str) -> String {
    let ours = format!("testenv.{key}+={names}");
    let own = own.trim();
    if own.is_empty() {
        return ours;
    }
    // Of two overrides of one key the last one wins, so the user's own is extended.
    let mut parts: Vec<String> = own.split(';').map(ToOwned::to_owned).collect();
    let prefix = format!("testenv.{key}+=");
    match parts
        .iter_mut()
        .find(|part| part.trim_start().starts_with(&prefix))
    {
        Some(part) => {
            part.push(',');
            part.push_str(names);
        }
        None => parts.push(ours),
    }
    parts.join(";")
}

#[cfg(test)]
mod tests {
    use super::tox_override;

    #[test]
    fn the_users_own_overrides_of_tox_stay() {
        assert_eq!(
            tox_override("", "pass_env", "PYTEST_ADDOPTS"),
            "testenv.pass_env+=PYTEST_ADDOPTS"
        );
        assert_eq!(
            tox_override(
                "testenv.pass_env+=GITHUB_*,FORCE_COLOR",
                "pass_env",
                "PYTEST_ADDOPTS,PYTHONPATH"
            ),
            "testenv.pass_env+=GITHUB_*,FORCE_COLOR,PYTEST_ADDOPTS,PYTHONPATH"
        );
        assert_eq!(
            tox_override("testenv.deps=x", "passenv", "PYTEST_ADDOPTS"),
            "testenv.deps=x;testenv.passenv+=PYTEST_ADDOPTS"
        );
    }
}
