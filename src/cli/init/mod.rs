//! `seatrial init`: the files that a repository gets to begin with.

mod hooks;
mod workflow;

#[cfg(test)]
mod tests;

use std::io::ErrorKind;
use std::path::Path;

use clap::Args as ClapArgs;

use super::App;
use super::deliver::write;
use super::error::CliError;
use super::examples::INIT_EXAMPLES;
use super::project::{self, RootArgs};
use crate::record::{Cause, EXIT_SUCCESS};
use crate::settings::settings_template;

/// The settings.
const SETTINGS: &str = "seatrial.toml";
/// The hooks of pre-commit.
const HOOKS: &str = ".pre-commit-config.yaml";
/// The workflow that runs seatrial on GitHub.
const WORKFLOW: &str = ".github/workflows/seatrial.yml";

/// `seatrial init`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = INIT_EXAMPLES)]
pub(super) struct InitArgs {
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
    /// Also write .pre-commit-config.yaml where there is none
    #[arg(long, conflicts_with = "no_hooks", help_heading = "Files")]
    hooks: bool,
    /// Leave .pre-commit-config.yaml as it is
    #[arg(long, help_heading = "Files")]
    no_hooks: bool,
    /// Also write .github/workflows/seatrial.yml, which audits the workflows and looks after a
    /// conversion on GitHub
    #[arg(long, help_heading = "Files")]
    workflow: bool,
    /// Write files anew that are there already; hooks are only ever added to
    #[arg(long, help_heading = "Files")]
    force: bool,
}

/// What is to be done with one file.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It is written, whole.
    Write {
        /// Its path below the repository.
        path: &'static str,
        /// Its text.
        text: String,
        /// What is said of it.
        said: String,
    },
    /// It stays, and that is said.
    Keep(String),
}

/// Writes the files. Gives the exit code.
pub(super) fn init(app: &App, args: &InitArgs) -> u8 {
    match try_init(app, args) {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn try_init(app: &App, args: &InitArgs) -> Result<(), CliError> {
    let root = project::root(app, args.root.path())?;
    // Nothing is written before all is known to go well.
    let mut steps = vec![whole(&root, SETTINGS, settings_template(), args.force)?];
    let converted = is_converted(&root);
    if !args.no_hooks {
        let entry = hooks::entry(converted);
        steps.extend(with_hooks(&root, &entry, args.hooks)?);
    }
    if args.workflow {
        let text = workflow::text(converted);
        steps.push(whole(&root, WORKFLOW, text, args.force)?);
    }
    for step in steps {
        match step {
            Step::Write { path, text, said } => {
                let path = root.join(path);
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
                }
                write(&path, &text)?;
                app.out.data(&format!("{said}\n"));
            }
            Step::Keep(said) => app.out.data(&format!("{said}\n")),
        }
    }
    Ok(())
}

/// A file that is ours as a whole.
fn whole(root: &Path, path: &'static str, text: String, force: bool) -> Result<Step, CliError> {
    let said = match read(root, path)? {
        Some(kept) if kept == text => return Ok(Step::Keep(format!("{path}: as it is"))),
        Some(_) if !force => {
            return Err(
                CliError::new(Cause::PathInvalid, format!("{path} is there already"))
                    .with_hint("--force writes it anew; nothing was written"),
            );
        }
        Some(_) => format!("{path}: written anew"),
        None => format!("{path}: written"),
    };
    Ok(Step::Write { path, text, said })
}

/// The file of hooks, to which ours are added; nothing where there is none and none is asked
/// for.
fn with_hooks(root: &Path, entry: &str, create: bool) -> Result<Option<Step>, CliError> {
    let write = |text, said: &str| {
        Some(Step::Write {
            path: HOOKS,
            text,
            said: format!("{HOOKS}: {said}"),
        })
    };
    Ok(match read(root, HOOKS)? {
        None if create => write(
            hooks::new(entry),
            "written; `pre-commit install` puts it in force",
        ),
        None => None,
        Some(kept) => match hooks::add(&kept, entry) {
            Ok(Some(text)) => write(text, "the hooks of seatrial added"),
            Ok(None) => Some(Step::Keep(format!("{HOOKS}: has the hooks of seatrial"))),
            Err(problem) => {
                return Err(
                    CliError::new(Cause::ConfigInvalid, format!("{HOOKS}: {problem}")).with_hint(
                        format!("--no-hooks leaves it alone; by hand, below `repos`:\n{entry}"),
                    ),
                );
            }
        },
    })
}

/// Whether a workflow of the repository bears the marks of a conversion.
fn is_converted(root: &Path) -> bool {
    let Ok(files) = std::fs::read_dir(root.join(project::FOLDER)) else {
        return false;
    };
    files.flatten().any(|file| {
        std::fs::read_to_string(file.path()).is_ok_and(|text| text.contains("# seatrial: added"))
    })
}

/// The text of a file, where it is there.
fn read(root: &Path, path: &str) -> Result<Option<String>, CliError> {
    match std::fs::read_to_string(root.join(path)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(Path::new(path), &error)),
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::new(
        Cause::PathInvalid,
        format!("{} cannot be used: {error}", path.display()),
    )
}
