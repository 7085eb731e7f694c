//! `seatrial compare`.

mod args;
mod pairs;

use std::io;
use std::path::Path;

use super::App;
use super::args::Format;
use super::error::CliError;
use super::out::Stream;
use super::{history, page, project, saved, screen};
use crate::parity::{Comparison, Ignores};
use crate::report::{self, Look};
use crate::runner::{HOME, write_atomically};
use crate::settings::ConfigFile;

pub(super) use args::{CompareArgs, hide_meaningless};

/// Compares. Gives the exit code.
pub(super) async fn compare(app: &App, args: &CompareArgs) -> u8 {
    match try_compare(app, args).await {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

async fn try_compare(app: &App, args: &CompareArgs) -> Result<u8, CliError> {
    let flags = args.flags()?;
    let (comparison, kept) = match (&args.run.selection.workflow, &args.candidate) {
        (Some(control), Some(candidate)) => {
            // Runs that are named by their files need no repository around them.
            let root = project::root(app, args.run.selection.root.path()).ok();
            let file = match &root {
                Some(root) => ConfigFile::load(root)?,
                None => ConfigFile::default(),
            };
            let read = |name: &str| saved::open(root.as_deref(), name);
            let candidate = read(candidate)?;
            let control = [read(control)?.record];
            let of_here = root.filter(|root| page::is_of(&candidate.folder, root));
            let kept = of_here.map(|root| (root, candidate.folder));
            let ignores = ignores(&file);
            (
                crate::parity::compare(&control, &[candidate.record], &ignores),
                kept,
            )
        }
        _ => {
            let (comparison, root) = pairs::run(app, args, flags).await?;
            let run = comparison.candidate.runs.first();
            let folder = run.map(|run| root.join(HOME).join("runs").join(run));
            (comparison, folder.map(|folder| (root, folder)))
        }
    };
    if let Some((root, folder)) = kept
        && let Err(error) = keep(app, &comparison, &root, &folder)
    {
        let folder = folder.display();
        app.out
            .say(&format!("the comparison is not kept in {folder}: {error}"));
    }
    show(app, args, &comparison);
    Ok(comparison.verdict.exit_code)
}

/// Keeps the comparison with its candidate, whose page then shows it.
fn keep(app: &App, comparison: &Comparison, root: &Path, folder: &Path) -> io::Result<()> {
    let text = report::json_text(&report::comparison_json(comparison));
    write_atomically(&folder.join(page::COMPARISON), text.as_bytes())?;
    let name = folder.to_string_lossy();
    let saved = saved::open(Some(root), &name).map_err(|error| io::Error::other(error.message))?;
    let past = history::beside(app, Some(root));
    page::write(&saved.record, folder, Some(root), past.as_ref())?;
    Ok(())
}

/// The rules of the settings that hold today.
fn ignores(file: &ConfigFile) -> Ignores {
    Ignores::on(jiff::Zoned::now().date(), &file.compare)
}

fn show(app: &App, args: &CompareArgs, comparison: &Comparison) {
    let text = match args.run.format {
        Format::Json => report::json_text(&report::comparison_json(comparison)),
        Format::Text => {
            let look = Look {
                colour: Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            };
            report::comparison_text(comparison, screen::width(app, Stream::Stdout), look)
        }
    };
    app.out.data(&text);
}
