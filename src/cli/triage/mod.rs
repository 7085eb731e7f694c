//! `seatrial triage`.

mod junit;
mod logs;
mod names;
mod of_github;
mod run;
mod walk;

#[cfg(test)]
mod labelled_tests;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};

use super::App;
use super::deliver::deliver;
use super::error::CliError;
use super::examples::TRIAGE_EXAMPLES;
use super::github::RunName;
use super::out::Stream;
use super::project::{self, RootArgs};
use super::{saved, screen};
use crate::record::{Cause, EXIT_SUCCESS, RunRecord};
use crate::report::{self, Look};
use crate::triage::{Diagnosis, Matcher, Read, diagnose};

use run::of_run;

/// `seatrial triage`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = TRIAGE_EXAMPLES)]
pub(super) struct TriageArgs {
    /// Kept runs, or files, folders and archives of logs, such as GitHub's download of a run's
    /// logs; - for standard input [default: the last run]
    #[arg(value_name = "RUN|FILE|DIR|ZIP")]
    what: Vec<String>,
    /// A run on GitHub, by its id or the address of its page: its logs and artifacts are fetched
    #[arg(long, value_name = "ID|URL", help_heading = "Selection")]
    github_run: Option<RunName>,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
    /// How the result is written
    #[arg(
        long,
        short,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: TriageFormat,
    /// Write the result to a file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

/// How a diagnosis is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum TriageFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For GitHub's code scanning and other viewers
    Sarif,
}

/// Says why something failed. Gives the exit code: 0 where everything could be read.
pub(super) fn triage(app: &App, args: &TriageArgs) -> u8 {
    match try_triage(app, args) {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn try_triage(app: &App, args: &TriageArgs) -> Result<(), CliError> {
    let root = project::root(app, args.root.path()).ok();
    let matcher = Matcher::new();
    let mut walk = walk::Walk::new(&matcher);
    let latest = ["latest".to_owned()];
    let what = match args.what.is_empty() && args.github_run.is_none() {
        true => &latest[..],
        false => &args.what,
    };
    for name in what {
        take(&mut walk, root.as_deref(), name)?;
    }
    if let Some(run) = &args.github_run {
        of_github::take(app, &mut walk, root.as_deref(), run)?;
    }
    for note in walk.notes() {
        app.out.warning(note);
    }
    let diagnosis = diagnose(walk.reads());
    let text = form(app, args, &diagnosis);
    deliver(app, args.output.as_deref(), &text)
}

/// Why a run failed; `None` where it passed.
pub(super) fn of_failed(record: &RunRecord, folder: &Path) -> Option<Diagnosis> {
    let verdict = record.verdict.as_ref()?;
    (!verdict.passed).then(|| diagnose(of_run(&Matcher::new(), record, folder)))
}

/// Reads what a name stands for: a run where there is one, else a file or a folder.
fn take(walk: &mut walk::Walk<'_>, root: Option<&Path>, name: &str) -> Result<(), CliError> {
    if name == "-" {
        walk.stream(std::io::stdin().lock(), "standard input");
        return Ok(());
    }
    let path = Path::new(name);
    let is_log = path.is_file()
        && !matches!(path.extension(), Some(ending) if ending == "json" || ending == "jsonl");
    if !is_log {
        match saved::open(root, name) {
            Ok(run) => {
                for read in of_run(walk.matcher(), &run.record, &run.folder) {
                    walk.add(read);
                }
                return Ok(());
            }
            Err(_) if path.exists() => {}
            Err(error) => return Err(error),
        }
    }
    walk.path(path).map_err(|error| {
        CliError::new(Cause::PathInvalid, format!("{name}: {error}"))
            .with_hint("name a run, a log, a folder of logs, or an archive (zip, tar, gz) of them")
    })
}

/// The diagnosis in the form that is asked for.
fn form(app: &App, args: &TriageArgs, diagnosis: &Diagnosis) -> String {
    match args.format {
        TriageFormat::Json => report::json_text(&report::triage_json(diagnosis)),
        TriageFormat::Sarif => report::json_text(&report::triage_sarif(diagnosis)),
        TriageFormat::Text => {
            let look = Look {
                colour: Stream::Stdout.colour() && args.output.is_none(),
                ascii: app.environment.ascii(),
            };
            report::triage_text(diagnosis, screen::width(app, Stream::Stdout), look)
        }
    }
}

/// What the reads of a log are worth that nobody knows more of.
fn worth(read: Read, failed: Option<bool>) -> Read {
    Read {
        failed: read.failed.or(failed),
        ..read
    }
}
