//! `seatrial image`: the image that the tests run in.

mod args;
mod derive;

use super::App;

pub(super) use args::{ImageArgs, ImageCommand, ImageGroup};

/// Does what the subcommand says. Gives the exit code.
pub(super) fn image(app: &App, command: &ImageCommand) -> u8 {
    match command {
        ImageCommand::Derive(args) => derive::derive(app, args),
    }
}
