//! The command line of `seatrial convert`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use crate::cli::args::SelectionArgs;
use crate::cli::examples::CONVERT_EXAMPLES;
use crate::cli::image::BuildArgs;
use crate::settings::Flags;

/// `seatrial convert`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = CONVERT_EXAMPLES)]
pub(in crate::cli) struct ConvertArgs {
    /// Which workflow.
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    /// How it is built.
    #[command(flatten)]
    pub(super) build: BuildArgs,
    /// Who runs the tests: plain docker commands, or seatrial in one step [default: what the
    /// workflow was converted with, else docker]
    #[arg(
        long,
        value_enum,
        hide_default_value = true,
        help_heading = "Conversion"
    )]
    pub(super) style: Option<StyleArg>,
    /// The action that runs seatrial, OWNER/NAME@REF or ./FOLDER, for --style seatrial
    /// [default: that of this version]
    #[arg(long, value_name = "USES", value_parser = action, help_heading = "Conversion")]
    pub(super) action: Option<String>,
    /// What a job does whose image cannot be built: run on the runner with a warning, or
    /// fail [default: warn]
    #[arg(
        long,
        value_enum,
        hide_default_value = true,
        help_heading = "Conversion"
    )]
    pub(super) fallback: Option<FallbackArg>,
    /// What the flag CI_USE_DOCKER_TESTS is where nobody sets it: true, false, shadow, or a
    /// percentage of the commits such as 25% [default: true]
    #[arg(long, value_name = "FLAG", value_parser = flag, help_heading = "Conversion")]
    pub(super) default_flag: Option<String>,
    /// An option of `docker run` for the containers, such as --memory=6g; may be repeated
    #[arg(
        long = "docker-option",
        value_name = "OPTION",
        value_parser = option,
        allow_hyphen_values = true,
        help_heading = "Conversion"
    )]
    pub(super) docker_options: Vec<String>,
    /// Write the converted workflow to this file [default: standard output]
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// Change the workflow, and add the files that it needs
    #[arg(long, conflicts_with_all = ["output", "diff", "check"], help_heading = "Output")]
    pub(super) in_place: bool,
    /// Show what would change, in all files
    #[arg(long, conflicts_with_all = ["output", "check"], help_heading = "Output")]
    pub(super) diff: bool,
    /// Change nothing; fail when the workflow is not what a conversion of its original gives
    #[arg(long, conflicts_with = "output", help_heading = "Output")]
    pub(super) check: bool,
    /// Give the original back, byte for byte
    #[arg(
        long,
        conflicts_with_all = ["check", "style", "action", "fallback", "default_flag", "docker_options"],
        help_heading = "Output"
    )]
    pub(super) revert: bool,
}

impl ConvertArgs {
    /// What the command line settles.
    pub(super) fn flags(&self) -> Flags {
        self.build.add_to(self.selection.flags())
    }
}

/// `--style`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StyleArg {
    /// Plain docker commands and Docker's own actions; each step runs by itself.
    Docker,
    /// One step that runs the job by seatrial.
    Seatrial,
}

/// `--fallback`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FallbackArg {
    /// The steps run on the runner, and a warning says so.
    Warn,
    /// The job fails.
    Fail,
}

/// Reads a value of the flag.
fn flag(text: &str) -> Result<String, String> {
    if crate::convert::is_flag(text) {
        Ok(text.to_owned())
    } else {
        Err("it is true, false, shadow, or a percentage such as 25%".to_owned())
    }
}

/// Reads the name of an action.
fn action(text: &str) -> Result<String, String> {
    let plain = |one: char| one.is_ascii_alphanumeric() || "-_./@".contains(one);
    let here = text.starts_with("./");
    let there = text.split('@').count() == 2 && text.contains('/') && !text.starts_with('/');
    if (here || there) && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("it is OWNER/NAME@REF, or ./FOLDER of the repository".to_owned())
    }
}

/// Reads an option of docker: one word that a shell reads as it stands.
fn option(text: &str) -> Result<String, String> {
    let plain = |one: char| one.is_ascii_alphanumeric() || "-_=.:/,@+".contains(one);
    if text.starts_with("--") && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("it is one word such as --memory=6g".to_owned())
    }
}
