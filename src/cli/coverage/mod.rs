//! `seatrial coverage`: reports on files alone, without a run.

mod args;
mod check;
mod inputs;
mod limits;
mod outputs;

use super::App;
use super::error::CliError;
use super::out::Stream;
use super::screen;
use crate::record::EXIT_SUCCESS;
use crate::report::{self, Look};

pub(super) use args::{CoverageArgs, RunLimitArgs};
use args::{CoverageCommand, MergeArgs, ShowArgs};
use inputs::Inputs;
pub(super) use limits::{against, limits, threshold};

/// Runs a command of the group. Gives the exit code.
pub(super) fn coverage(app: &App, command: &CoverageCommand) -> u8 {
    let done = match command {
        CoverageCommand::Merge(args) => merge(app, args),
        CoverageCommand::Check(args) => check::check(app, args),
        CoverageCommand::Show(args) => show(app, args),
        CoverageCommand::Diff(args) => check::diff(app, args),
    };
    match done {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

fn merge(app: &App, args: &MergeArgs) -> Result<u8, CliError> {
    let inputs = Inputs::of(app, &args.input)?;
    let coverage = inputs.merge(app)?;
    if !outputs::write(args, &coverage, inputs.root())? {
        app.out.data(&outputs::cobertura(&coverage));
    }
    app.out.say(&report::coverage_line(&coverage.summary()));
    Ok(EXIT_SUCCESS)
}

fn show(app: &App, args: &ShowArgs) -> Result<u8, CliError> {
    let coverage = Inputs::of(app, &args.input)?.merge(app)?;
    let text = match args.format {
        super::args::Format::Json => report::json_text(&report::coverage_json(&coverage)),
        super::args::Format::Text => {
            report::coverage_text(&coverage, screen::width(app, Stream::Stdout), look(app))
        }
    };
    app.out.data(&text);
    Ok(EXIT_SUCCESS)
}

fn look(app: &App) -> Look {
    Look {
        colour: Stream::Stdout.colour(),
        ascii: app.environment.ascii(),
    }
}
