//! `seatrial flaky`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::App;
use super::args::Format;
use super::error::CliError;
use super::examples::FLAKY_EXAMPLES;
use super::out::Stream;
use super::past::{Asked, each_past};
use super::{saved, screen};
use crate::record::EXIT_SUCCESS;
use crate::report::{self, Look};
use crate::settings::ConfigFile;
use crate::trend::FlakySearch;

/// `seatrial flaky`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = FLAKY_EXAMPLES)]
pub(super) struct FlakyArgs {
    /// The repository [default: the nearest folder above with .github/workflows]
    /// [env: SEATRIAL_ROOT]
    #[arg(long, value_name = "DIR", help_heading = "Selection")]
    root: Option<PathBuf>,
    /// Only runs of this workflow: a path, or a name in .github/workflows such as test.yml
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    workflow: Option<String>,
    /// Only runs of this branch or tag
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    branch: Option<String>,
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
    let asked = Asked {
        root: args.root.as_deref(),
        workflow: args.workflow.as_deref(),
        branch: args.branch.as_deref(),
        limit: args.limit,
    };
    let mut search = FlakySearch::default();
    each_past(app, asked, |entry| search.add(entry))?;
    let found = search.list();
    let root = saved::root(app, args.root.as_deref())?;
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
