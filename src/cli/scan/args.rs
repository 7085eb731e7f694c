//! The command line of `seatrial scan`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use crate::cli::examples::SCAN_EXAMPLES;
use crate::cli::image::BuildArgs;
use crate::cli::project::RootArgs;
use crate::scan::Severity;
use crate::settings::{self, Flags, ScannerKind};

/// `seatrial scan`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = SCAN_EXAMPLES)]
pub(in crate::cli) struct ScanArgs {
    /// The image [default: those that the workflow's jobs would run in]
    #[arg(value_name = "IMAGE", conflicts_with_all = ["workflow", "dockerfile", "compose", "bake", "target", "build_args", "cache_from", "cache_to", "builder"])]
    pub(super) image: Option<String>,
    /// Read the image from a file that `docker save` wrote
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["image", "workflow", "dockerfile", "compose", "bake", "target", "build_args", "cache_from", "cache_to", "builder"],
        help_heading = "Selection"
    )]
    pub(super) input: Option<PathBuf>,
    /// The workflow: a path, or a name in .github/workflows such as test.yml
    /// [env: SEATRIAL_WORKFLOW]
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    pub(super) workflow: Option<String>,
    /// Whose.
    #[command(flatten)]
    pub(super) root: RootArgs,
    /// How it is built.
    #[command(flatten)]
    pub(super) build: BuildArgs,
    /// A database of OSV: a folder of JSON files, or a zip of them
    #[arg(long, value_name = "DIR|ZIP", help_heading = "Vulnerabilities")]
    pub(super) db: Option<PathBuf>,
    /// Get the database from OSV first, with curl; what was downloaded is kept for later
    /// scans
    #[arg(long, conflicts_with = "db", help_heading = "Vulnerabilities")]
    pub(super) download: bool,
    /// What looks for vulnerabilities [default: osv]
    #[arg(
        long,
        value_enum,
        hide_default_value = true,
        help_heading = "Vulnerabilities"
    )]
    pub(super) scanner: Option<ScannerKind>,
    /// Fail for vulnerabilities of this severity and above: low, medium, high, critical or
    /// none [default: critical]
    #[arg(
        long,
        value_name = "SEVERITY",
        value_parser = limit,
        help_heading = "Vulnerabilities"
    )]
    pub(super) fail_on: Option<Limit>,
    /// How the result is written
    #[arg(
        long,
        short,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub(super) format: ScanFormat,
    /// Write the result to a file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// Write the packages to a file, as CycloneDX JSON
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) sbom: Option<PathBuf>,
}

/// The severity from which vulnerabilities are denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit(pub(super) Option<Severity>);

fn limit(text: &str) -> Result<Limit, String> {
    settings::fail_on(&text.to_ascii_lowercase()).map(Limit)
}

/// How a scan is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ScanFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For GitHub's code scanning and other viewers
    Sarif,
}

impl ScanArgs {
    /// What the command line settles.
    pub(super) fn flags(&self) -> Flags {
        Flags {
            workflow: self.workflow.clone(),
            ..self.build.add_to(Flags::default())
        }
    }
}
