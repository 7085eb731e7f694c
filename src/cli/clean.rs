//! `seatrial clean`: removes what seatrial left on the engine.

use super::App;
use super::args::CleanArgs;
use super::engine::connect;
use super::error::CliError;
use crate::engine::docker::DockerEngine;
use crate::engine::{Engine, Sweep};
use crate::record::EXIT_SUCCESS;

/// Removes what dead runs left, or everything. Gives the exit code.
pub(super) async fn clean(app: &App, args: &CleanArgs) -> u8 {
    match removed(app, args).await {
        Ok(removed) if removed.is_empty() => {
            app.out.data("nothing to remove\n");
            EXIT_SUCCESS
        }
        Ok(removed) => {
            for what in removed {
                app.out.data(&format!("removed {what}\n"));
            }
            EXIT_SUCCESS
        }
        Err(error) => app.fail(&error),
    }
}

async fn removed(app: &App, args: &CleanArgs) -> Result<Vec<String>, CliError> {
    let (docker, version) = connect(app).await?;
    let scope = if args.all {
        Sweep::Everything
    } else {
        Sweep::Dead
    };
    Ok(DockerEngine::new(docker, version).sweep(scope).await?)
}
