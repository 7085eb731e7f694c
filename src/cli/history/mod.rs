//! `seatrial history`: past runs.

pub(super) mod archive;
mod expected;
mod import;
mod list;
mod of_github;
mod record;
mod shadow;
mod until;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand};

use super::App;
use super::args::Format;
use super::deliver::unwritable;
use super::error::CliError;
use super::examples::{HISTORY_EXAMPLES, HISTORY_IMPORT_EXAMPLES};
use super::out::Stream;
use super::project::RootArgs;
use super::saved;
use crate::history::{Filter, Line, Place, Prune, Purpose, Store, StoreError, Trouble};
use crate::record::{Cause, EXIT_SUCCESS};
use crate::settings::{self, ConfigFile, HistoryAsked};

pub(super) use expected::expected;
pub(super) use record::record;
pub(super) use until::until;

/// `seatrial history`.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_help = HISTORY_EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct HistoryArgs {
    /// What to do.
    #[command(subcommand)]
    command: HistoryCommand,
}

/// The commands of the group.
#[derive(Debug, Clone, Subcommand)]
enum HistoryCommand {
    /// List past runs, the last one first
    List(ListArgs),
    /// Show what is kept of a run
    Show(ShowArgs),
    /// Remove old runs
    Prune(PruneArgs),
    /// Write runs and decisions as lines of JSON, for another history or for programs
    Export(ExportArgs),
    /// Take runs in: run.json of CI, folders and archives with such files, exports
    #[command(after_help = HISTORY_IMPORT_EXAMPLES)]
    Import(ImportArgs),
}

/// Which runs.
#[derive(Debug, Default, Clone, ClapArgs)]
struct FilterArgs {
    /// Runs of this workflow: a path, or a name in .github/workflows such as test.yml
    #[arg(long, value_name = "FILE", help_heading = "Selection")]
    workflow: Option<String>,
    /// Runs of this branch or tag
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    branch: Option<String>,
    /// Runs of this repository, where a server has those of several
    #[arg(long, value_name = "OWNER/NAME", help_heading = "Selection")]
    repository: Option<String>,
    /// Runs that began within this time, such as 14d or 12h
    #[arg(long, value_name = "AGE", value_parser = settings::age, help_heading = "Selection")]
    since: Option<std::time::Duration>,
}

impl FilterArgs {
    fn filter(&self, limit: Option<u64>) -> Filter {
        Filter {
            repository: self.repository.clone(),
            workflow: self.workflow.clone(),
            branch: self.branch.clone(),
            since: self.since.map(ago),
            limit,
        }
    }
}

/// `seatrial history list`.
#[derive(Debug, Default, Clone, ClapArgs)]
struct ListArgs {
    /// Which runs.
    #[command(flatten)]
    filter: FilterArgs,
    /// The last so many
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Selection"
    )]
    limit: u32,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
    /// How to show them
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: Format,
}

/// `seatrial history show`.
#[derive(Debug, Default, Clone, ClapArgs)]
struct ShowArgs {
    /// The run: its id, the beginning of it, or `latest`
    #[arg(value_name = "RUN")]
    run: String,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
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

/// `seatrial history prune`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[group(skip)]
struct PruneArgs {
    /// Of each repository's runs all but the last so many
    #[arg(
        long,
        value_name = "N",
        required_unless_present = "older_than",
        help_heading = "Selection"
    )]
    keep: Option<u64>,
    /// Runs that began longer ago, such as 90d
    #[arg(
        long,
        value_name = "AGE",
        value_parser = settings::age,
        help_heading = "Selection"
    )]
    older_than: Option<std::time::Duration>,
    /// Only runs of this repository
    #[arg(long, value_name = "OWNER/NAME", help_heading = "Selection")]
    repository: Option<String>,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
}

/// `seatrial history export`.
#[derive(Debug, Default, Clone, ClapArgs)]
struct ExportArgs {
    /// Which runs.
    #[command(flatten)]
    filter: FilterArgs,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

/// `seatrial history import`.
#[derive(Debug, Default, Clone, ClapArgs)]
struct ImportArgs {
    /// Files, folders, and archives (zip, tar, gz) with run.json, shadow.env or exports; -
    /// for an export on standard input
    #[arg(
        value_name = "FILE|DIR|ZIP",
        required_unless_present_any = ["github_run", "github_runs"]
    )]
    what: Vec<String>,
    /// What is fetched.
    #[command(flatten)]
    github: of_github::GithubArgs,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
}

/// Runs a command of the group. Gives the exit code.
pub(super) fn history(app: &App, args: &HistoryArgs) -> u8 {
    let done = match &args.command {
        HistoryCommand::List(args) => list::list(app, args),
        HistoryCommand::Show(args) => list::show(app, args),
        HistoryCommand::Prune(args) => prune(app, args),
        HistoryCommand::Export(args) => export(app, args),
        HistoryCommand::Import(args) => import::import(app, args),
    };
    match done {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

/// Opens the history of a repository that has one.
fn open(app: &App, root: Option<&Path>, purpose: Purpose) -> Result<Store, CliError> {
    let place = place(app, root)?;
    if let Place::File(path) = &place
        && std::fs::symlink_metadata(path).is_err()
    {
        let message = format!("there is no history in {}", path.display());
        return Err(CliError::new(Cause::PathInvalid, message)
            .with_hint("`seatrial run` begins one, and `seatrial history import` takes runs in"));
    }
    let store = Store::open(&place, purpose)?;
    for notice in store.notices() {
        app.out.warning(notice);
    }
    Ok(store)
}

/// The history of a repository, to read.
///
/// # Errors
/// There is none, or it cannot be read.
pub(super) fn reading(app: &App, root: Option<&Path>) -> Result<Store, CliError> {
    open(app, root, Purpose::Read)
}

/// Where the history of a repository is.
fn place(app: &App, at: Option<&Path>) -> Result<Place, CliError> {
    Ok(asked(app, &root(app, at)?, false)?.place)
}

/// What some work gives, if it does so in time. It is done on a thread of its own: a server
/// that answers no more holds up nobody.
fn in_time<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = mpsc::channel();
    let _detached = std::thread::spawn(move || tell.send(work()));
    told.recv_timeout(patience).ok()
}

/// The repository, or the current folder where that is none.
fn root(app: &App, root: Option<&Path>) -> Result<PathBuf, CliError> {
    match saved::root(app, root)? {
        Some(root) => Ok(root),
        None => std::env::current_dir().map_err(|error| {
            let message = format!("the current folder cannot be used: {error}");
            CliError::new(Cause::PathInvalid, message)
        }),
    }
}

/// What is asked of the history of a repository; `off` is `--no-history`.
pub(super) fn asked(app: &App, root: &Path, off: bool) -> Result<HistoryAsked, CliError> {
    let file = ConfigFile::load(root)?;
    Ok(HistoryAsked::resolve(off, &app.environment, &file, root)?)
}

/// Where runs are looked up that stand beside another on a page: nowhere where there is no
/// history.
pub(super) fn beside(app: &App, root: Option<&Path>) -> Option<Place> {
    let asked = asked(app, root?, false).ok()?;
    asked.enabled.then_some(asked.place)
}

fn prune(app: &App, args: &PruneArgs) -> Result<u8, CliError> {
    let mut store = open(app, args.root.path(), Purpose::Write)?;
    let removed = store.prune(&Prune {
        keep: args.keep,
        before: args.older_than.map(ago),
        repository: args.repository.clone(),
    })?;
    let left = store.count(&Filter::default())?;
    app.out.data(&format!(
        "removed {}, {left} left\n",
        crate::report::counted(removed, "run")
    ));
    Ok(EXIT_SUCCESS)
}

fn export(app: &App, args: &ExportArgs) -> Result<u8, CliError> {
    let mut store = open(app, args.root.path(), Purpose::Read)?;
    let filter = args.filter.filter(None);
    let names = store.names(&filter)?;
    let decisions = store.all_decisions(&filter)?;
    let text = |line: Line| {
        line.write()
            .map_err(|error| CliError::new(Cause::Invariant, error.to_string()))
    };
    let mut each = |write: &mut dyn FnMut(&str) -> Result<(), CliError>| {
        for name in &names {
            // One that is removed meanwhile is not there any more.
            if let Some(entry) = store.entry(name)? {
                write(&text(Line::Run(Box::new(entry)))?)?;
            }
        }
        for decision in decisions.iter().cloned() {
            write(&text(Line::Decision(Box::new(decision)))?)?;
        }
        Ok::<(), CliError>(())
    };
    match &args.output {
        None => each(&mut |line| {
            app.out.write(Stream::Stdout, line);
            Ok(())
        })?,
        Some(path) => to_file(path, |file| {
            each(&mut |line| {
                file.write_all(line.as_bytes())
                    .map_err(|error| unwritable(path, &error))
            })
        })?,
    }
    let mut told = crate::report::counted(names.len() as u64, "run");
    if !decisions.is_empty() {
        let decisions = crate::report::counted(decisions.len() as u64, "decision");
        told.push_str(&format!(" and {decisions}"));
    }
    app.out.say(&format!("exported {told}"));
    Ok(EXIT_SUCCESS)
}

/// Writes a file that is there whole or not at all.
fn to_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let wrong = |error: std::io::Error| unwritable(path, &error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
    let mut buffered = std::io::BufWriter::new(file.as_file_mut());
    fill(&mut buffered)?;
    buffered.flush().map_err(wrong)?;
    drop(buffered);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(file.path(), mode).map_err(wrong)?;
    file.persist(path).map_err(|error| wrong(error.error))?;
    Ok(())
}

/// The moment so long ago, in milliseconds since the Unix epoch.
fn ago(age: std::time::Duration) -> u64 {
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0);
    now.saturating_sub(u64::try_from(age.as_millis()).unwrap_or(u64::MAX))
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let cause = match error.trouble {
            Trouble::Foreign => Cause::PathInvalid,
            Trouble::Full => Cause::HostDiskFull,
            Trouble::Locked
            | Trouble::Damaged
            | Trouble::Later
            | Trouble::ReadOnly
            | Trouble::Unreachable
            | Trouble::Other => Cause::HistoryUnavailable,
        };
        Self {
            hint: error.hint,
            ..Self::new(cause, error.message)
        }
    }
}
