//! `seatrial diff`.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};

use super::App;
use super::error::CliError;
use super::out::Stream;
use super::project::{self, RootArgs};
use super::{git, project_files, screen};
use crate::audit::Subject;
use crate::diff;
use crate::plan::Project;
use crate::record::Cause;
use crate::report::{self, DiffOptions, Look};
use crate::workflow;

/// `seatrial diff`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct DiffArgs {
    /// The old and the new workflow: paths, names in .github/workflows such as test.yml, or
    /// REV:PATH as `git show` takes it. One alone is compared with its version in HEAD
    #[arg(value_name = "FILE", required = true, num_args = 1..=2)]
    files: Vec<String>,
    /// Whose.
    #[command(flatten)]
    root: RootArgs,
    /// Show what is the same, too
    #[arg(long, help_heading = "Output")]
    all: bool,
    /// How the result is written
    #[arg(
        long,
        short,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: DiffFormat,
}

/// How a comparison is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// Compares. Gives the exit code.
pub(super) fn diff(app: &App, args: &DiffArgs) -> u8 {
    match try_diff(app, args) {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

/// A file of either side.
struct Side {
    name: String,
    text: String,
}

fn try_diff(app: &App, args: &DiffArgs) -> Result<u8, CliError> {
    let root = match project::root(app, args.root.path()) {
        Ok(root) => root,
        // A file needs no repository, unless one is named that is none.
        Err(_) if args.root.path().is_none() => PathBuf::from("."),
        Err(error) => return Err(error),
    };
    let (old, new) = match args.files.as_slice() {
        [old, new] => (side(&root, old)?, side(&root, new)?),
        [new] => {
            let new = side(&root, new)?;
            (of_head(&root, &new.name)?, new)
        }
        _ => return Err(CliError::new(Cause::Usage, "one or two files are compared")),
    };
    let compared = compare(&root, (&old.name, &old.text), (&new.name, &new.text))?;
    let text = match args.format {
        DiffFormat::Json => report::json_text(&report::diff_json(&compared, args.all)),
        DiffFormat::Table => {
            let look = Look {
                colour: Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            };
            let options = DiffOptions {
                width: screen::width(app, Stream::Stdout),
                look,
                all: args.all,
            };
            report::diff_text(&compared, options)
        }
    };
    app.out.data(&text);
    Ok(compared.exit_code())
}

/// Compares two texts of workflows, each with its name.
pub(super) fn compare(
    root: &Path,
    old: (&str, &str),
    new: (&str, &str),
) -> Result<diff::Diff, CliError> {
    let read = |(name, text): (&str, &str)| {
        workflow::parse(text).map_err(|problems| {
            let problems = problems.into_iter();
            let problems = problems.map(|problem| (Cause::WorkflowInvalid, problem));
            CliError::of_problems(name, text, problems.collect(), Default::default())
        })
    };
    let (before, after) = (read(old)?, read(new)?);
    let project = Project::read(&project_files::read(root, &after.workflow));
    let subject = |(path, text), workflow| Subject {
        path,
        text,
        workflow,
        project: &project,
    };
    Ok(diff::diff(
        &subject(old, &before.workflow),
        &subject(new, &after.workflow),
    ))
}

/// What was asked for: a file, or one of a commit.
fn side(root: &Path, asked: &str) -> Result<Side, CliError> {
    if !Path::new(asked).is_file() && asked.contains(':') {
        return of_commit(root, asked);
    }
    let file = project::named(root, asked)?;
    Ok(Side {
        name: file.name,
        text: file.text,
    })
}

/// `REV:PATH`.
fn of_commit(root: &Path, asked: &str) -> Result<Side, CliError> {
    match git::show(root, asked) {
        Ok(text) => Ok(Side {
            name: asked.to_owned(),
            text,
        }),
        Err(said) => Err(
            CliError::new(Cause::Usage, format!("`{asked}` cannot be read from git"))
                .with_details(vec![report::one_line(&said)])
                .with_hint(
                    "write REV:PATH, as for `git show`: `HEAD~1:.github/workflows/test.yml`",
                ),
        ),
    }
}

/// The version of a file that HEAD has.
fn of_head(root: &Path, name: &str) -> Result<Side, CliError> {
    if Path::new(name).is_absolute() {
        return Err(CliError::new(
            Cause::Usage,
            format!("{name} is not in the repository: there is no version of it to compare with"),
        )
        .with_hint("name both files: `seatrial diff OLD NEW`"));
    }
    if name.contains(':') {
        return Err(CliError::new(
            Cause::Usage,
            "one version of a commit has nothing to compare with",
        )
        .with_hint("name both: `seatrial diff REV:PATH PATH`"));
    }
    // From the folder on, which need not be the top of git's own repository.
    let side = of_commit(root, &format!("HEAD:./{name}"))?;
    Ok(Side {
        name: format!("HEAD:{name}"),
        ..side
    })
}
