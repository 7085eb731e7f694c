//! `seatrial flaky`.

use clap::Args as ClapArgs;

use super::App;
use super::args::Format;
use super::error::CliError;
use super::examples::FLAKY_EXAMPLES;
use super::out::Stream;
use super::past::{PastArgs, each_past};
use super::{saved, screen};
use crate::record::EXIT_SUCCESS;
use crate::report::{self, Look};
use crate::settings::ConfigFile;
use crate::trend::FlakySearch;

/// `seatrial flaky`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = FLAKY_EXAMPLES)]
pub(super) struct FlakyArgs {
    /// Which runs.
    #[command(flatten)]
    past: PastArgs,
    /// Only the last so many runs
    #[arg(
        long,
        value_name = "N",
        default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Selection"
    )]
    limit: u32,
    /// How it is written
    #[arg(
        long,
        short,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: Format,
}

/// Lists flaky tests. Gives the exit code.
pub(super) fn flaky(app: &App, args: &FlakyArgs) -> u8 {
    match try_flaky(app, args) {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn try_flaky(app: &App, args: &FlakyArgs) -> Result<(), CliError> {
    let mut search = FlakySearch::default();
    each_past(app, &args.past, args.limit, |entry| search.add(entry))?;
    let found = search.list();
    let root = saved::root(app, args.past.root.path())?;
    let rules = match &root {
        Some(root) => ConfigFile::load(root)?.quarantine,
        None => Vec::new(),
    };
    let quarantine = search.in_quarantine(&rules);
    let text = match args.format {
        Format::Json => report::json_text(&report::flaky_json(&found, &quarantine, search.runs())),
        Format::Text => {
            let look = Look {
                colour: Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            };
            let width = screen::width(app, Stream::Stdout);
            report::flaky_text(&found, &quarantine, search.runs(), width, look)
        }
    };
    app.out.data(&text);
    Ok(())
}
