//! Actions that install one tool: the image's is used, else one from PyPI.

use super::script::quoted;
use super::{Call, Done, setup_python, tool};
use crate::plan::BuiltIn;

pub(super) async fn run(call: &Call<'_>) -> Done {
    let result = match call.built_in {
        BuiltIn::InstallPoetry => install_poetry(call).await,
        BuiltIn::ActionsPoetry => actions_poetry(call).await,
        BuiltIn::SetupPdm => setup_pdm(call).await,
        BuiltIn::SetupNox => setup_nox(call).await,
        BuiltIn::SetupJust => one(call, "just", call.input("just-version")).await,
        BuiltIn::InstallTool => install_tool(call).await,
        BuiltIn::SetupPixi => setup_pixi(call).await,
        _ => one(call, "hatch", call.input("version")).await,
    };
    match result {
        Ok(done) | Err(done) => done,
    }
}

async fn one(call: &Call<'_>, command: &str, version: &str) -> Result<Done, Done> {
    let mut done = Done::default();
    tool::ensure(call, command, version, &mut done).await?;
    Ok(done)
}

/// Adds plugins and settings to poetry.
async fn poetry(
    call: &Call<'_>,
    version: &str,
    plugins: &str,
    settings: &[(&str, &str)],
) -> Result<Done, Done> {
    let mut done = Done::default();
    let ready = tool::ensure(call, "poetry", version, &mut done).await?;
    let mut script = String::new();
    for (name, value) in settings {
        script.push_str(&format!("{} config {name} {}\n", ready.path, quoted(value)));
    }
    for plugin in plugins.split_whitespace() {
        script.push_str(&format!("{} self add {}\n", ready.path, quoted(plugin)));
    }
    if !script.is_empty() && !call.script(script).await?.good() {
        return Err(Done::failed("poetry could not be configured"));
    }
    Ok(done)
}

async fn install_poetry(call: &Call<'_>) -> Result<Done, Done> {
    let settings = [
        ("virtualenvs.create", "virtualenvs-create"),
        ("virtualenvs.in-project", "virtualenvs-in-project"),
        ("virtualenvs.path", "virtualenvs-path"),
        ("installer.parallel", "installer-parallel"),
    ]
    .map(|(setting, input)| (setting, call.input(input)));
    let mut done = poetry(
        call,
        call.input("version"),
        call.input("plugins"),
        &settings,
    )
    .await?;
    done.env
        .push(("VENV".to_owned(), ".venv/bin/activate".to_owned()));
    Ok(done)
}

async fn actions_poetry(call: &Call<'_>) -> Result<Done, Done> {
    let version = call.input_of(&["poetry-version", "version"]);
    poetry(call, version, call.input("poetry-plugins"), &[]).await
}

/// setup-pdm sets up a Python first, with the same inputs as setup-python.
async fn setup_pdm(call: &Call<'_>) -> Result<Done, Done> {
    let mut done = setup_python::run(call).await;
    if done.failure.is_some() {
        return Err(done);
    }
    let ready = tool::ensure(call, "pdm", call.input("version"), &mut done).await?;
    done.output("pdm-version", ready.version);
    done.output("pdm-bin", ready.path);
    Ok(done)
}

async fn setup_nox(call: &Call<'_>) -> Result<Done, Done> {
    let mut done = Done::default();
    if call.plain_base {
        setup_python::environment(call, &mut done).await?;
    }
    tool::ensure(call, "nox", "", &mut done).await?;
    if let Some(found) = call.facts.and_then(|facts| facts.python.as_deref()) {
        done.notices.push(format!(
            "nox would set up {}; the image has Python {found}, and sessions for others are skipped or fail as nox says",
            call.input("python-versions")
        ));
    }
    Ok(done)
}

/// `taiki-e/install-action`: `tool: just@1.2,nextest`, or the tool behind the `@`.
async fn install_tool(call: &Call<'_>) -> Result<Done, Done> {
    let mut tools: Vec<&str> = call
        .input("tool")
        .split([',', ' ', '\n'])
        .map(str::trim)
        .filter(|tool| !tool.is_empty())
        .collect();
    if tools.is_empty() {
        tools.push(call.reference);
    }
    let mut done = Done::default();
    for named in tools {
        let (name, version) = named.split_once('@').unwrap_or((named, ""));
        // The names that the action gives to subcommands of cargo.
        let command = match name {
            "nextest" => "cargo-nextest",
            name => name,
        };
        tool::ensure(call, command, version, &mut done).await?;
    }
    Ok(done)
}

async fn setup_pixi(call: &Call<'_>) -> Result<Done, Done> {
    let mut done = Done::default();
    let ready = tool::ensure(call, "pixi", "", &mut done).await?;
    if !call.flag("run-install") {
        return Ok(done);
    }
    let mut options = String::new();
    let manifest = call.input("manifest-path");
    if !manifest.is_empty() {
        options.push_str(&format!(" --manifest-path {}", quoted(manifest)));
    }
    for flag in ["frozen", "locked"] {
        if call.flag(flag) {
            options.push_str(&format!(" --{flag}"));
        }
    }
    let environments: Vec<&str> = call.input("environments").split_whitespace().collect();
    let mut script = String::new();
    for environment in &environments {
        script.push_str(&format!(
            "{} install{options} --environment {}\n",
            ready.path,
            quoted(environment)
        ));
    }
    if environments.is_empty() {
        script = format!("{} install{options}\n", ready.path);
    }
    if !call.script(script).await?.good() {
        return Err(Done::failed("`pixi install` failed"));
    }
    Ok(done)
}
