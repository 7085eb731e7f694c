//! Arguments of `seatrial coverage`.

use std::path::PathBuf;

use clap::{ArgAction, Args as ClapArgs, Subcommand};

use crate::cli::args::Format;
use crate::cli::examples::{
    COVERAGE_CHECK_EXAMPLES, COVERAGE_DIFF_EXAMPLES, COVERAGE_MERGE_EXAMPLES,
    COVERAGE_SHOW_EXAMPLES,
};
use crate::settings::{self, CoverageFlags};

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
    /// Hold coverage against thresholds: in total, by package, against a base, of changed lines
    #[command(after_help = COVERAGE_CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Show the coverage of each file, and which lines are missing
    #[command(after_help = COVERAGE_SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Compare two reports, file by file
    #[command(after_help = COVERAGE_DIFF_EXAMPLES)]
    Diff(DiffArgs),
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
    /// Write pages with the source into a folder, beginning with index.html
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(in crate::cli) html: Option<PathBuf>,
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

/// `seatrial coverage check`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct CheckArgs {
    /// What to read.
    #[command(flatten)]
    pub(in crate::cli) input: InputArgs,
    /// The least total in percent [default: SEATRIAL_COVERAGE_MIN, seatrial.toml,
    /// fail_under of coverage.py's settings, else 80]
    #[arg(long, value_name = "PERCENT", value_parser = settings::percent, help_heading = "Verdict")]
    pub(in crate::cli) min: Option<f64>,
    /// Digits that totals are rounded to before they are compared [default: seatrial.toml,
    /// precision of coverage.py's settings, else 0]
    #[arg(
        long,
        value_name = "DIGITS",
        value_parser = clap::value_parser!(u8).range(0..=15),
        help_heading = "Verdict"
    )]
    pub(in crate::cli) precision: Option<u8>,
    /// The least of a package, a folder such as src/billing; may be repeated
    #[arg(
        long = "package-min",
        value_name = "PACKAGE=PERCENT",
        value_parser = settings::package_min,
        action = ArgAction::Append,
        help_heading = "Verdict"
    )]
    pub(in crate::cli) packages: Vec<(String, f64)>,
    /// A report that the total must not be below, or a revision since which changed lines
    /// must be covered; may be repeated [env: SEATRIAL_COVERAGE_BASE]
    #[arg(
        long,
        value_name = "REF|FILE",
        action = ArgAction::Append,
        help_heading = "Verdict"
    )]
    pub(in crate::cli) base: Vec<String>,
    /// By how much the total may be below that of the report, in percent [default: 0]
    #[arg(long, value_name = "PERCENT", value_parser = settings::percent, help_heading = "Verdict")]
    pub(in crate::cli) tolerance: Option<f64>,
    /// The least of new and changed lines, in percent [default: the least total, where a
    /// revision is all that is compared with]
    #[arg(long, value_name = "PERCENT", value_parser = settings::percent, help_heading = "Verdict")]
    pub(in crate::cli) new_lines_min: Option<f64>,
    /// How the verdict is written
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

impl CheckArgs {
    /// What the command line settles.
    pub(super) fn flags(&self) -> CoverageFlags {
        CoverageFlags {
            min: self.min,
            precision: self.precision,
            base: self.base.clone(),
            tolerance: self.tolerance,
            new_lines_min: self.new_lines_min,
            packages: self.packages.clone(),
        }
    }
}

/// `seatrial coverage diff`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct DiffArgs {
    /// The report before: a file, or a folder with several
    #[arg(value_name = "BEFORE")]
    pub(in crate::cli) before: PathBuf,
    /// The report after it
    #[arg(value_name = "AFTER")]
    pub(in crate::cli) after: PathBuf,
    /// The repository that the files of the reports belong to [default: as for `show`]
    /// [env: SEATRIAL_ROOT]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) root: Option<PathBuf>,
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

/// What `seatrial run` asks of coverage beside `--coverage-min`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct RunLimitArgs {
    /// A report that coverage must not be below, or a revision since which changed lines
    /// must be covered; may be repeated [env: SEATRIAL_COVERAGE_BASE]
    #[arg(
        long,
        value_name = "REF|FILE",
        action = ArgAction::Append,
        help_heading = "Verdict"
    )]
    pub(in crate::cli) coverage_base: Vec<String>,
    /// By how much it may be below that of the report, in percent [default: 0]
    #[arg(long, value_name = "PERCENT", value_parser = settings::percent, help_heading = "Verdict")]
    pub(in crate::cli) coverage_tolerance: Option<f64>,
    /// The least coverage of new and changed lines, in percent [default: the least total,
    /// where a revision is all that is compared with]
    #[arg(long, value_name = "PERCENT", value_parser = settings::percent, help_heading = "Verdict")]
    pub(in crate::cli) coverage_new_lines_min: Option<f64>,
    /// The least coverage of a package, a folder such as src/billing; may be repeated
    #[arg(
        long,
        value_name = "PACKAGE=PERCENT",
        value_parser = settings::package_min,
        action = ArgAction::Append,
        help_heading = "Verdict"
    )]
    pub(in crate::cli) coverage_package_min: Vec<(String, f64)>,
}

impl RunLimitArgs {
    /// What the command line settles.
    pub(in crate::cli) fn flags(&self, min: Option<f64>) -> CoverageFlags {
        CoverageFlags {
            min,
            precision: None,
            base: self.coverage_base.clone(),
            tolerance: self.coverage_tolerance,
            new_lines_min: self.coverage_new_lines_min,
            packages: self.coverage_package_min.clone(),
        }
    }
}
