//! `seatrial clean`: removes what seatrial left on the engine and on this machine.

use super::App;
use super::args::CleanArgs;
use super::engine::connect;
use super::error::CliError;
use crate::engine::docker::DockerEngine;
use crate::engine::{Engine, Sweep, host};
use crate::record::EXIT_SUCCESS;

/// Removes what dead runs left, or everything. Gives the exit code.
pub(super) async fn clean(app: &App, args: &CleanArgs) -> u8 {
    let scope = if args.all {
        Sweep::Everything
    } else {
        Sweep::Dead
    };
    // Needs no engine, and is not kept back by trouble with one.
    let mut removed = host::sweep(&app.environment.temp(), scope).await;
    let on_engine = on_engine(app, scope).await;
    let failed = on_engine.map(|more| removed.extend(more)).err();
    if removed.is_empty() && failed.is_none() {
        app.out.data("nothing to remove\n");
    }
    for what in removed {
        app.out.data(&format!("removed {what}\n"));
    }
    match failed {
        Some(error) => app.fail(&error),
        None => EXIT_SUCCESS,
    }
}

async fn on_engine(app: &App, scope: Sweep) -> Result<Vec<String>, CliError> {
    let (docker, version) = connect(app).await?;
    Ok(DockerEngine::new(docker, version).sweep(scope).await?)
}
