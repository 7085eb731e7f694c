//! `seatrial history list` and `show`.

use super::{ListArgs, ShowArgs, open};
use crate::cli::App;
use crate::cli::args::Format;
use crate::cli::error::CliError;
use crate::cli::out::Stream;
use crate::cli::screen;
use crate::history::{Filter, Purpose};
use crate::record::{Cause, EXIT_SUCCESS};
use crate::report::{self, Look};

/// Runs of the same beginning that are named.
const NAMED: usize = 10;

/// The word for the last run, as elsewhere.
const LATEST: &str = "latest";

/// Lists runs.
pub(super) fn list(app: &App, args: &ListArgs) -> Result<u8, CliError> {
    let mut store = open(app, args.root.path(), Purpose::Read)?;
    let filter = args.filter.filter(Some(u64::from(args.limit)));
    let runs = store.runs(&filter)?;
    app.out.data(&match args.format {
        Format::Json => report::json_text(&report::history_json(&runs)),
        Format::Text => {
            let count = store.count(&filter)?;
            report::history_text(&runs, count, screen::width(app, Stream::Stdout), look(app))
        }
    });
    Ok(EXIT_SUCCESS)
}

/// Shows a run.
pub(super) fn show(app: &App, args: &ShowArgs) -> Result<u8, CliError> {
    let mut store = open(app, args.root.path(), Purpose::Read)?;
    let found = match args.run.as_str() {
        LATEST => {
            let last = Filter {
                limit: Some(1),
                ..Filter::default()
            };
            let runs = store.runs(&last)?;
            runs.into_iter().map(|run| run.run).collect()
        }
        run => store.find(run)?,
    };
    let wrong = |message: String| CliError::new(Cause::PathInvalid, message);
    let name = match found.as_slice() {
        [name] => name,
        [] => {
            let message = format!("the history has no run `{}`", args.run);
            return Err(wrong(message).with_hint("`seatrial history list` shows what it has"));
        }
        several => {
            let message = format!("`{}` can be {} runs", args.run, several.len());
            let names = several.iter().take(NAMED).cloned().collect();
            return Err(wrong(message)
                .with_details(names)
                .with_hint("give more of the id"));
        }
    };
    let entry = store
        .entry(name)?
        .ok_or_else(|| wrong(format!("the run `{name}` was removed just now")))?;
    app.out.data(&match args.format {
        Format::Json => {
            let value = serde_json::to_value(&entry)
                .map_err(|error| CliError::new(Cause::Invariant, error.to_string()))?;
            report::json_text(&value)
        }
        Format::Text => {
            report::history_run_text(&entry, screen::width(app, Stream::Stdout), look(app))
        }
    });
    Ok(EXIT_SUCCESS)
}

fn look(app: &App) -> Look {
    Look {
        colour: Stream::Stdout.colour(),
        ascii: app.environment.ascii(),
    }
}
