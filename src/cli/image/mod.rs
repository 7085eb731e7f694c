//! `seatrial image`: the image that the tests run in.

mod args;
mod derive;
mod prune;

use super::App;

pub(super) use args::{BuildArgs, ImageArgs, ImageCommand, ImageGroup};

/// Does what the subcommand says. Gives the exit code.
pub(super) async fn image(app: &App, command: &ImageCommand) -> u8 {
    match command {
        ImageCommand::Derive(args) => derive::derive(app, args),
        ImageCommand::Prune(args) => prune::prune(app, args).await,
    }
}
