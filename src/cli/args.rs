//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::alone::AloneArgs;
use super::audit::AuditArgs;
use super::comment::CommentArgs;
use super::compare::CompareArgs;
use super::convert::ConvertArgs;
use super::coverage::{CoverageArgs, RunLimitArgs};
use super::diff::DiffArgs;
use super::docs::DocsArgs;
use super::examples::{
    COMPARE_EXAMPLES, COMPARE_USAGE, DIFF_EXAMPLES, DIFF_USAGE, EVAL_EXAMPLES, EXAMPLES,
    PLAN_EXAMPLES, RUN_EXAMPLES,
};
use super::flaky::FlakyArgs;
use super::history::HistoryArgs;
use super::image::ImageArgs;
use super::init::InitArgs;
use super::list::ListArgs;
use super::project::RootArgs;
use super::report::ReportArgs;
use super::rollout::RolloutArgs;
use super::scan::ScanArgs;
use super::show::ShowArgs;
use super::trends::TrendsArgs;
use super::triage::TriageArgs;
use crate::settings::{self, EngineKind, Flags, SecretCommand, SecretFlag};

/// Runs the GitHub Actions test workflow you already have inside Docker
/// containers, and proves that nothing was lost on the way
#[derive(Debug, Parser)]
#[command(
    name = "seatrial",
    version,
    after_help = EXAMPLES,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(super) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the workflow's tests in containers, collect, and judge
    #[command(after_help = RUN_EXAMPLES)]
    Run(Box<RunArgs>),
    /// Show what would run where, and why, without running anything
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(Box<PlanArgs>),
    /// Show which workflows and jobs an event would start on GitHub, and why not the others;
    /// or the runs that are kept
    List(Box<ListArgs>),
    /// Show a kept run, or one of its jobs
    Show(Box<ShowArgs>),
    /// Write a report of a kept run: a page, JUnit, SARIF, JSON or Markdown
    Report(Box<ReportArgs>),
    /// The image that the tests run in: derive its Dockerfile from the workflow, remove old ones
    Image(super::image::ImageGroup),
    /// Evaluate one expression, or one a line, as GitHub would
    #[command(after_help = EVAL_EXAMPLES)]
    Eval(Box<EvalArgs>),
    /// Look for gates that cannot fail, lost reports and more in the workflow files
    Audit(Box<AuditArgs>),
    /// Look for secrets, risks and vulnerabilities in the images that tests run in
    Scan(Box<ScanArgs>),
    /// Run the workflow on this machine and in containers, compare test by test, and say
    /// whether it is safe to switch
    #[command(
        after_help = COMPARE_EXAMPLES,
        override_usage = COMPARE_USAGE,
        mut_args = super::compare::hide_meaningless
    )]
    Compare(Box<CompareArgs>),
    /// Rewrite the workflow so that its tests run in Docker, or take that back
    Convert(Box<ConvertArgs>),
    /// Join, show and compare coverage reports, and hold them against a threshold, without
    /// a run
    Coverage(CoverageArgs),
    /// Compare two workflow files by what they mean: what is lost, weakened, changed, added
    #[command(after_help = DIFF_EXAMPLES, override_usage = DIFF_USAGE)]
    Diff(Box<DiffArgs>),
    /// Say why a run or a log failed: causes before symptoms, and what to do next
    Triage(Box<TriageArgs>),
    /// Past runs: list, show, remove, take in and hand on
    History(Box<HistoryArgs>),
    /// Where the tests of a workflow run, and whether to go back to the runner
    Rollout(Box<RolloutArgs>),
    /// Write the files that a repository begins with: seatrial.toml, hooks, a workflow
    Init(InitArgs),
    /// Show how times, coverage and image size develop from run to run, and what got worse
    Trends(Box<TrendsArgs>),
    /// List tests that sometimes pass and sometimes fail on the same commit
    Flaky(Box<FlakyArgs>),
    /// Look whether this machine is ready, and what to do where it is not
    Doctor(DoctorArgs),
    /// Remove what seatrial left on the container engine
    Clean(CleanArgs),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Print pages of seatrial's own documentation
    #[command(hide = true)]
    Docs(DocsArgs),
    /// Wait for the end of a run and remove what it left; `run` starts it
    #[command(hide = true)]
    Watchdog(WatchdogArgs),
}

/// Which part of which workflow, as if for which event.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct SelectionArgs {
    /// The workflow: a path, or a name in .github/workflows such as test.yml
    #[arg(value_name = "WORKFLOW")]
    pub(super) workflow: Option<String>,
    /// The same as WORKFLOW [env: SEATRIAL_WORKFLOW]
    #[arg(
        long = "workflow",
        value_name = "FILE",
        conflicts_with = "workflow",
        help_heading = "Selection"
    )]
    pub(super) workflow_flag: Option<String>,
    /// Only this job and the jobs it needs; may be repeated [env: SEATRIAL_JOBS]
    #[arg(
        long = "job",
        value_name = "ID",
        action = ArgAction::Append,
        help_heading = "Selection"
    )]
    pub(super) jobs: Vec<String>,
    /// Only legs whose matrix has this value; may be repeated
    #[arg(
        long,
        value_name = "KEY=VALUE",
        value_parser = settings::pair,
        action = ArgAction::Append,
        help_heading = "Selection"
    )]
    pub(super) matrix: Vec<(String, String)>,
    /// Whose.
    #[command(flatten)]
    pub(super) root: RootArgs,
    /// The event to run for [default: the first of push, pull_request … that
    /// starts the workflow] [env: SEATRIAL_EVENT]
    #[arg(long, value_name = "NAME", help_heading = "Event and contexts")]
    pub(super) event: Option<String>,
    /// More about the event.
    #[command(flatten)]
    pub(super) about: AboutArgs,
}

/// What an event is about, and the contexts beside it.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct AboutArgs {
    /// The branch or tag that the event is about [default: what is checked out]
    /// [env: SEATRIAL_REF]
    #[arg(long = "ref", value_name = "REF", help_heading = "Event and contexts")]
    pub(super) reference: Option<String>,
    /// A JSON file with the event's payload; what it does not say is made up
    #[arg(long, value_name = "FILE", help_heading = "Event and contexts")]
    pub(super) event_file: Option<PathBuf>,
    /// An input of workflow_dispatch; may be repeated
    #[arg(
        long = "input",
        value_name = "KEY=VALUE",
        value_parser = settings::pair,
        action = ArgAction::Append,
        help_heading = "Event and contexts"
    )]
    pub(super) inputs: Vec<(String, String)>,
    /// A configuration variable (the vars context); may be repeated
    #[arg(
        long = "var",
        value_name = "KEY=VALUE",
        value_parser = settings::pair,
        action = ArgAction::Append,
        help_heading = "Event and contexts"
    )]
    pub(super) vars: Vec<(String, String)>,
}

/// `seatrial run`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct RunArgs {
    /// What to run.
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    /// As a step of a job at GitHub.
    #[command(flatten)]
    pub(super) alone: AloneArgs,
    /// In which image.
    #[command(flatten)]
    pub(super) image: ImageArgs,
    /// Where the summary is shown besides.
    #[command(flatten)]
    pub(super) comment: CommentArgs,
    /// A secret; without a value it is taken from the environment, which keeps it
    /// out of the list of processes; may be repeated
    #[arg(
        long = "secret",
        value_name = "NAME[=VALUE]",
        value_parser = secret,
        action = ArgAction::Append,
        help_heading = "Event and contexts"
    )]
    pub(super) secrets: Vec<SecretFlag>,
    /// A secret that a command prints; may be repeated
    #[arg(
        long = "secret-command",
        value_name = "NAME=COMMAND",
        value_parser = SecretCommand::from_flag,
        action = ArgAction::Append,
        help_heading = "Event and contexts"
    )]
    pub(super) secret_commands: Vec<SecretCommand>,
    /// A file of lines NAME=VALUE [env: SEATRIAL_SECRET_FILE]
    #[arg(long, value_name = "FILE", help_heading = "Event and contexts")]
    pub(super) secret_file: Option<PathBuf>,
    /// The Node that runs JavaScript actions where the image has none: a program for the
    /// image's system [env: SEATRIAL_NODE]
    #[arg(long, value_name = "FILE", help_heading = "Image")]
    pub(super) node: Option<PathBuf>,
    /// The least total coverage in percent [default: fail_under of coverage.py's
    /// settings, else 80] [env: SEATRIAL_COVERAGE_MIN]
    #[arg(
        long,
        value_name = "PERCENT",
        value_parser = settings::percent,
        help_heading = "Verdict"
    )]
    pub(super) coverage_min: Option<f64>,
    /// What else is asked of coverage.
    #[command(flatten)]
    pub(super) coverage: RunLimitArgs,
    /// Run each failed test of pytest again, up to N times; one that passes then is flaky [default: 0]
    /// [env: SEATRIAL_RETRIES]
    #[arg(
        long,
        value_name = "N",
        value_parser = settings::retries,
        help_heading = "Verdict"
    )]
    pub(super) retries: Option<u32>,
    /// Where jobs run [default: docker] [env: SEATRIAL_ENGINE]
    #[arg(
        long,
        value_enum,
        help_heading = "Engine and limits",
        hide_default_value = true
    )]
    pub(super) engine: Option<EngineKind>,
    /// Legs that may run at a time [default: one for each processor, at least 2]
    /// [env: SEATRIAL_PARALLEL]
    #[arg(
        long,
        value_name = "N",
        value_parser = parallel,
        help_heading = "Engine and limits"
    )]
    pub(super) parallel: Option<usize>,
    /// Memory of each job, such as 4g [default: its share of the machine's]
    /// [env: SEATRIAL_MEMORY]
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = settings::memory,
        help_heading = "Engine and limits"
    )]
    pub(super) memory: Option<u64>,
    /// Allow uploads to services outside, such as Codecov [env: SEATRIAL_UPLOAD]
    #[arg(long, help_heading = "Engine and limits")]
    pub(super) upload: bool,
    /// Run on this machine when no container can be had [env: SEATRIAL_FALLBACK]
    #[arg(long, help_heading = "Engine and limits")]
    pub(super) fallback: bool,
    /// Do not add the run to the history [env: SEATRIAL_HISTORY]
    #[arg(long, help_heading = "Output")]
    pub(super) no_history: bool,
    /// What goes to standard output: a summary, or run.json
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub(super) format: Format,
    /// Show nothing but the summary
    #[arg(long, short, conflicts_with = "brief", help_heading = "Output")]
    pub(super) quiet: bool,
    /// On a terminal, show output only of steps that fail
    #[arg(long, short, help_heading = "Output")]
    pub(super) brief: bool,
    /// Show all output, as without --brief; of the two the last counts
    #[arg(
        long,
        overrides_with = "brief",
        conflicts_with = "quiet",
        help_heading = "Output"
    )]
    pub(super) verbose: bool,
    /// Show the output of this job only, and of others where a step fails; may be repeated
    #[arg(
        long,
        value_name = "JOB",
        action = ArgAction::Append,
        conflicts_with_all = ["quiet", "brief"],
        help_heading = "Output"
    )]
    pub(super) log: Vec<String>,
}

/// `seatrial plan`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct PlanArgs {
    /// What to plan.
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    /// For which image.
    #[command(flatten)]
    pub(super) image: ImageArgs,
    /// How to show it
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub(super) format: PlanFormat,
}

/// `seatrial eval`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct EvalArgs {
    /// The expression, with or without ${{ }} around it
    #[arg(value_name = "EXPR", required_unless_present = "stdin")]
    pub(super) expression: Option<String>,
    /// The contexts that the expression may name, a JSON object
    #[arg(long, value_name = "FILE", conflicts_with = "stdin")]
    pub(super) context: Option<PathBuf>,
    /// Read expressions from standard input, one JSON object a line
    #[arg(long, conflicts_with = "expression")]
    pub(super) stdin: bool,
    /// How the answer to a single expression is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: Format,
}

/// `seatrial doctor`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct DoctorArgs {
    /// Look at the link to GitHub instead: token, repository, the flag of a conversion, and which
    /// required checks a conversion would rename or lose
    #[arg(long)]
    pub(super) github: bool,
    /// How to show it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: Format,
}

/// `seatrial clean`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct CleanArgs {
    /// Remove everything of seatrial, also of runs that are under way
    #[arg(long)]
    pub(super) all: bool,
}

/// `seatrial watchdog`.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct WatchdogArgs {
    /// The run
    #[arg(long)]
    pub(super) run: String,
    /// Where folders of jobs on this machine are made
    #[arg(long)]
    pub(super) temp: PathBuf,
    /// Address of its engine
    #[arg(long)]
    pub(super) engine: Option<String>,
}

/// `seatrial completions`.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// How a plan is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// A diagram that GitHub shows in Markdown
    Mermaid,
}

/// Never refuses: clap repeats what it refuses, and this may hold the secret.
#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
fn secret(text: &str) -> Result<SecretFlag, String> {
    Ok(SecretFlag::from(text))
}

fn parallel(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=1024) => Ok(count),
        _ => Err("expected a number from 1 to 1024".to_owned()),
    }
}

impl AboutArgs {
    pub(super) fn flags(&self) -> Flags {
        Flags {
            reference: self.reference.clone(),
            event_file: self.event_file.clone(),
            inputs: self.inputs.clone(),
            vars: self.vars.clone(),
            ..Flags::default()
        }
    }
}

impl SelectionArgs {
    pub(super) fn flags(&self) -> Flags {
        Flags {
            workflow: self.workflow.clone().or_else(|| self.workflow_flag.clone()),
            jobs: self.jobs.clone(),
            matrix: self.matrix.clone(),
            event: self.event.clone(),
            ..self.about.flags()
        }
    }
}

impl RunArgs {
    /// What the command line settles.
    pub(super) fn flags(&self) -> Flags {
        Flags {
            secrets: self.secrets.clone(),
            secret_commands: self.secret_commands.clone(),
            secret_file: self.secret_file.clone(),
            node: self.node.clone(),
            coverage: self.coverage.flags(self.coverage_min),
            parallel: self.parallel,
            memory: self.memory,
            retries: self.retries,
            upload: self.upload,
            fallback: self.fallback,
            engine: self.engine,
            ..self.image.add_to(self.selection.flags())
        }
    }
}

impl PlanArgs {
    /// What the command line settles.
    pub(super) fn flags(&self) -> Flags {
        self.image.add_to(self.selection.flags())
    }
}
