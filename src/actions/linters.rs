//! `pre-commit/action` and `astral-sh/ruff-action`: a tool, and a run of it.

use super::script::quoted;
use super::{Call, Done, tool};
use crate::plan::BuiltIn;
use crate::record::{Cause, Failure};

pub(super) async fn run(call: &Call<'_>) -> Done {
    let result = match call.built_in {
        BuiltIn::PreCommit => pre_commit(call).await,
        _ => ruff(call).await,
    };
    match result {
        Ok(done) | Err(done) => done,
    }
}

async fn pre_commit(call: &Call<'_>) -> Result<Done, Done> {
    let mut done = Done::default();
    let ready = tool::ensure(call, "pre-commit", "", &mut done).await?;
    // The arguments are words of a command line, as in the action.
    let script = format!(
        "{} run --show-diff-on-failure --color=always {}\n",
        ready.path,
        call.input("extra_args")
    );
    finish(call, done, script, "pre-commit").await
}

async fn ruff(call: &Call<'_>) -> Result<Done, Done> {
    let mut done = Done::default();
    let ready = tool::ensure(call, "ruff", call.input("version"), &mut done).await?;
    done.output("ruff-version", ready.version.as_str());
    done.output("ruff-path", ready.path.as_str());
    let sources: Vec<String> = call.input("src").split_whitespace().map(quoted).collect();
    let script = format!(
        "{} {} {}\n",
        ready.path,
        call.input("args"),
        sources.join(" ")
    );
    finish(call, done, script, "ruff").await
}

async fn finish(call: &Call<'_>, mut done: Done, script: String, name: &str) -> Result<Done, Done> {
    let said = call.script(script).await?;
    if !said.good() {
        let code = said.code.unwrap_or(1);
        done.failure = Some(Failure::new(
            Cause::StepFailed,
            format!("{name} ended with exit code {code}"),
        ));
    }
    Ok(done)
}
