//! Arguments of `seatrial compare`.

use clap::Args as ClapArgs;

use crate::cli::args::RunArgs;
use crate::cli::error::CliError;
use crate::record::Cause;
use crate::settings::Flags;

/// `seatrial compare`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct CompareArgs {
    /// How the candidate runs; the control runs as far as that means anything to it.
    #[command(flatten)]
    pub(in crate::cli) run: RunArgs,
    /// With two saved runs in place of WORKFLOW: the candidate. Each is the id of a run, its
    /// folder or its run.json
    #[arg(value_name = "RUN_B")]
    pub(in crate::cli) candidate: Option<String>,
    /// How often both sides run, whatever comes of it
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=100),
        help_heading = "Comparison"
    )]
    pub(in crate::cli) runs: u32,
    /// How often both sides run at most, to tell a test that differs from one that fails now
    /// and then
    #[arg(
        long,
        value_name = "N",
        default_value_t = 6,
        value_parser = clap::value_parser!(u32).range(1..=100),
        help_heading = "Comparison"
    )]
    pub(in crate::cli) max_runs: u32,
    /// What decides which side runs first in each pair [default: chance]
    #[arg(long, value_name = "N", help_heading = "Comparison")]
    pub(in crate::cli) seed: Option<u64>,
}

/// Why thresholds of coverage have no meaning here.
const COVERAGE: &str = "coverage is held against the control's";

/// Flags of `run` that have no meaning here, and why.
const MEANINGLESS: [(&str, &str); 10] = [
    ("comment", "a comment is about one run"),
    (
        "engine",
        "both sides run, the control on this machine and the candidate in containers",
    ),
    (
        "fallback",
        "a candidate that runs on this machine is the control",
    ),
    ("brief", "the output of steps is in the logs of the runs"),
    ("verbose", "the output of steps is in the logs of the runs"),
    ("coverage_min", COVERAGE),
    ("coverage_base", COVERAGE),
    ("coverage_tolerance", COVERAGE),
    ("coverage_new_lines_min", COVERAGE),
    ("coverage_package_min", COVERAGE),
];

/// Shows a flag that has no meaning here to nobody.
pub(in crate::cli) fn hide_meaningless(arg: clap::Arg) -> clap::Arg {
    let hidden = MEANINGLESS.iter().any(|(name, _)| arg.get_id() == name);
    if hidden { arg.hide(true) } else { arg }
}

impl CompareArgs {
    /// What the command line settles for both sides.
    ///
    /// # Errors
    /// It has a flag that makes no sense here.
    pub(super) fn flags(&self) -> Result<Flags, CliError> {
        let limits = &self.run.coverage;
        let given = [
            self.run.comment.is_asked(),
            self.run.engine.is_some(),
            self.run.fallback,
            self.run.brief,
            self.run.verbose,
            self.run.coverage_min.is_some(),
            !limits.coverage_base.is_empty(),
            limits.coverage_tolerance.is_some(),
            limits.coverage_new_lines_min.is_some(),
            !limits.coverage_package_min.is_empty(),
        ];
        let wrong = given.iter().zip(MEANINGLESS).find(|(given, _)| **given);
        match wrong {
            Some((_, (name, why))) => {
                let flag = name.replace('_', "-");
                let message = format!("--{flag} has no meaning for `seatrial compare`: {why}");
                Err(CliError::new(Cause::Usage, message).with_hint("leave it out"))
            }
            None => Ok(self.run.flags()),
        }
    }
}
