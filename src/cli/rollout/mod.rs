//! `seatrial rollout`: where the tests of a workflow run, and whether to go back.

mod apply;
mod check;
mod set;
mod status;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand};

use super::App;
use super::args::Format;
use super::error::CliError;
use super::examples::ROLLOUT_EXAMPLES;
use super::git::Checkout;
use super::project::{self, RootArgs};
use super::{github, history};
use crate::engine::{now_millis, random_token};
use crate::github::Client;
use crate::history::{
    Decision, DecisionKind, Entry, Filter, Place, Purpose, Store, last_wholes, wholes,
};
use crate::record::Cause;
use crate::rollout::{Flag, Rules};
use crate::settings::ConfigFile;

/// The variable that says where tests run.
const FLAG: &str = "CI_USE_DOCKER_TESTS";
/// Runs before those of the window that are read, for the usual time.
const EARLIER: usize = 60;
/// Most decisions that are shown.
const DECISIONS: u64 = 10;

/// `seatrial rollout`.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_help = ROLLOUT_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct RolloutArgs {
    /// What to do.
    #[command(subcommand)]
    command: RolloutCommand,
}

/// The commands of the group.
#[derive(Debug, Clone, Subcommand)]
enum RolloutCommand {
    /// Show the flag, what the triggers see, and what was decided
    Status(StatusArgs),
    /// Set the flag on GitHub: true, false, shadow, or a percentage
    Set(SetArgs),
    /// Look at the triggers: exit code 12 where one fires
    Check(CheckArgs),
}

/// Which workflow.
#[derive(Debug, Default, Clone, ClapArgs)]
struct OfArgs {
    /// The workflow: a path, or a name in .github/workflows such as test.yml
    #[arg(value_name = "WORKFLOW")]
    workflow: Option<String>,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
    /// Only runs of this branch
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    branch: Option<String>,
}

/// `seatrial rollout status`.
#[derive(Debug, Default, Clone, ClapArgs)]
struct StatusArgs {
    /// Which.
    #[command(flatten)]
    of: OfArgs,
    /// Ask GitHub for the flag
    #[arg(long, help_heading = "Selection")]
    github: bool,
    /// How to show it
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: Format,
}

/// `seatrial rollout set`.
#[derive(Debug, Clone, ClapArgs)]
struct SetArgs {
    /// true, false, shadow, or a percentage of the commits such as 25%
    #[arg(value_name = "VALUE", value_parser = flag)]
    value: Flag,
    /// Which.
    #[command(flatten)]
    of: OfArgs,
    /// Why; asked for where the triggers or too few clean runs speak against it
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    /// Show each call, and send none that changes something
    #[arg(long)]
    dry_run: bool,
}

/// `seatrial rollout check`.
#[derive(Debug, Default, Clone, ClapArgs)]
struct CheckArgs {
    /// Which.
    #[command(flatten)]
    of: OfArgs,
    /// Do what is agreed where a trigger fires: set the flag to false or open a revert, start the
    /// workflow, and look where its steps run
    #[arg(long)]
    apply: bool,
    /// Show each call, and send none that changes something
    #[arg(long)]
    dry_run: bool,
    /// The branch that the workflow is started on [default: the repository's own]
    #[arg(long, value_name = "NAME", help_heading = "Going back")]
    on: Option<String>,
    /// How many minutes that run may take; 0 does not wait for it
    #[arg(
        long,
        value_name = "MINUTES",
        default_value_t = 30,
        help_heading = "Going back"
    )]
    wait: u64,
    /// How to show it
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: Format,
}

fn flag(text: &str) -> Result<Flag, String> {
    Flag::parse(text)
        .ok_or_else(|| "expected true, false, shadow, or a percentage such as 25%".to_owned())
}

/// Runs a command of the group. Gives the exit code.
pub(super) fn rollout(app: &App, args: &RolloutArgs) -> u8 {
    let done = match &args.command {
        RolloutCommand::Status(args) => status::status(app, args),
        RolloutCommand::Set(args) => set::set(app, args),
        RolloutCommand::Check(args) => check::check(app, args),
    };
    match done {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

/// What a command of the group looks at.
struct Scene {
    root: PathBuf,
    /// Path of the workflow in the repository.
    workflow: String,
    /// `owner/name` as the remote has it.
    remote: Option<String>,
    sha: String,
    rules: Rules,
    place: Place,
    branch: Option<String>,
}

impl Scene {
    fn open(app: &App, of: &OfArgs) -> Result<Self, CliError> {
        let root = project::root(app, of.root.path())?;
        let file = ConfigFile::load(&root)?;
        let workflow = project::find_workflow(app, &root, of.workflow.as_deref())?;
        let checkout = Checkout::read(&root);
        Ok(Self {
            workflow: workflow.name,
            remote: checkout.repository,
            sha: checkout.sha,
            rules: file.rollout.clone(),
            place: history::asked(app, &root, false)?.place,
            branch: of.branch.clone(),
            root,
        })
    }

    /// What decisions are kept under.
    fn repository(&self) -> &str {
        self.remote.as_deref().unwrap_or("local")
    }

    fn client(&self, app: &App) -> Result<Client, CliError> {
        github::connect(app, Some(&self.root), None)
    }

    /// The history, where there is one.
    fn store(&self, app: &App, purpose: Purpose) -> Result<Option<Store>, CliError> {
        if let (Place::File(path), Purpose::Read) = (&self.place, purpose)
            && std::fs::symlink_metadata(path).is_err()
        {
            return Ok(None);
        }
        let store = Store::open(&self.place, purpose)?;
        for notice in store.notices() {
            app.out.warning(notice);
        }
        Ok(Some(store))
    }

    /// Runs of the workflow, the last one first, and what was decided.
    fn past(&self, app: &App) -> Result<(Vec<Entry>, Vec<Decision>), CliError> {
        let Some(mut store) = self.store(app, Purpose::Read)? else {
            return Ok((Vec::new(), Vec::new()));
        };
        let decisions = store.decisions(self.repository(), &self.workflow, DECISIONS)?;
        let mut filter = Filter {
            repository: self.remote.clone(),
            workflow: Some(self.workflow.clone()),
            branch: self.branch.clone(),
            ..Filter::default()
        };
        let most = (self.rules.window * 2 + EARLIER) as u64;
        let heads = last_wholes(most, |rows| {
            filter.limit = Some(rows);
            store.heads(&filter)
        })?;
        filter.limit = None;
        filter.since = heads.first().map(|first| first.started_at);
        let mut entries = Vec::new();
        if !heads.is_empty() {
            for run in store.runs(&filter)? {
                entries.extend(store.entry(&run.run)?);
            }
        }
        // Parts of an earlier run that began among those of the first one are not asked for.
        let asked: BTreeSet<&str> = heads.iter().map(|head| head.run.0.as_str()).collect();
        let mut entries = wholes(entries);
        entries.retain(|entry| asked.contains(entry.run.0.as_str()));
        entries.reverse();
        Ok((entries, decisions))
    }

    /// Keeps a decision in the history.
    fn decide(
        &self,
        app: &App,
        kind: DecisionKind,
        change: impl FnOnce(&mut Decision),
    ) -> Result<(), CliError> {
        let mut decision = Decision {
            id: random_token(),
            at: now_millis(),
            repository: self.repository().to_owned(),
            workflow: self.workflow.clone(),
            sha: self.sha.clone(),
            kind,
            before: None,
            after: None,
            reason: String::new(),
            triggers: Vec::new(),
            done: Vec::new(),
        };
        change(&mut decision);
        let kept = self
            .store(app, Purpose::Write)
            .and_then(|store| match store {
                Some(mut store) => Ok(store.decide(&decision).map(drop)?),
                None => Ok(()),
            });
        // It is done by now: that it is not kept must not look as if it were not.
        if let Err(error) = kept {
            app.out.warning(&format!(
                "the decision is not in the history: {}",
                error.message
            ));
        }
        Ok(())
    }
}

/// When the last roll-back was, if the flag was not given back to containers since.
fn rolled_back_at(decisions: &[Decision]) -> Option<u64> {
    for decision in decisions {
        let after = decision.after.as_deref().and_then(Flag::parse);
        if after.is_some_and(Flag::counts_containers) {
            return None;
        }
        if decision.kind == DecisionKind::RollBack {
            return Some(decision.at);
        }
    }
    None
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(60))
}

/// The history speaks against it.
fn refused(message: String) -> CliError {
    CliError::new(Cause::RollbackTriggered, message)
}
