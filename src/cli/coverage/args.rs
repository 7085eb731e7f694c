//! Arguments of `seatrial coverage`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use crate::cli::args::Format;
use crate::cli::examples::{COVERAGE_MERGE_EXAMPLES, COVERAGE_SHOW_EXAMPLES};

/// `seatrial coverage`.
#[derive(Debug, Clone, ClapArgs)]
pub(in crate::cli) struct CoverageArgs {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) command: CoverageCommand,
}

/// The commands of the group.
#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum CoverageCommand {
    /// Join coverage of several runs, jobs or processes into one report
    #[command(after_help = COVERAGE_MERGE_EXAMPLES)]
    Merge(MergeArgs),
    /// Show the coverage of each file, and which lines are missing
    #[command(after_help = COVERAGE_SHOW_EXAMPLES)]
    Show(ShowArgs),
}

/// Where coverage is read from.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct InputArgs {
    /// Files and folders with coverage: Cobertura XML, LCOV, coverage.py's `.coverage`;
    /// several become one
    #[arg(value_name = "INPUT", required = true)]
    pub(in crate::cli) inputs: Vec<PathBuf>,
    /// The repository that the files of a report belong to [default: the nearest folder
    /// above with .github/workflows or .git] [env: SEATRIAL_ROOT]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) root: Option<PathBuf>,
    /// Leave the names of files as they are in the reports
    #[arg(long, conflicts_with = "root")]
    pub(in crate::cli) keep_names: bool,
}

/// `seatrial coverage merge`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct MergeArgs {
    /// What to read.
    #[command(flatten)]
    pub(in crate::cli) input: InputArgs,
    /// Where to write the report, in the form that the name says: .xml, .info or .lcov,
    /// .json; may be repeated [default: Cobertura XML on standard output]
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) output: Vec<PathBuf>,
    /// Write Cobertura XML to a file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) xml: Option<PathBuf>,
    /// Write LCOV to a file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) lcov: Option<PathBuf>,
    /// Write figures and missing lines as JSON to a file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) json: Option<PathBuf>,
}

/// `seatrial coverage show`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct ShowArgs {
    /// What to read.
    #[command(flatten)]
    pub(in crate::cli) input: InputArgs,
    /// How to show it
    #[arg(
        long,
        short,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub(in crate::cli) format: Format,
}
