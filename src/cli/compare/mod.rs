//! `seatrial compare`.

mod args;
mod pairs;

use super::App;
use super::args::Format;
use super::error::CliError;
use super::out::Stream;
use super::{project, saved, screen};
use crate::parity::{Comparison, Ignores};
use crate::report::{self, Look};
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
    let comparison = match (&args.run.selection.workflow, &args.candidate) {
        (Some(control), Some(candidate)) => {
            // Runs that are named by their files need no repository around them.
            let root = project::root(app, args.run.selection.root.as_deref()).ok();
            let file = match &root {
                Some(root) => ConfigFile::load(root)?,
                None => ConfigFile::default(),
            };
            let read = |name: &str| saved::open(root.as_deref(), name).map(|saved| saved.record);
            crate::parity::compare(&[read(control)?], &[read(candidate)?], &ignores(&file))
        }
        _ => pairs::run(app, args, flags).await?,
    };
    show(app, args, &comparison);
    Ok(comparison.verdict.exit_code)
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
