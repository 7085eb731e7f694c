//! `seatrial list runs`.

use super::App;
use super::error::CliError;
use super::list::{ListArgs, ListFormat};
use super::out::Stream;
use super::{saved, screen};
use crate::record::Cause;
use crate::report::{self, KeptRun, Look};
use crate::runner::HOME;

/// Shows the runs that are kept.
///
/// # Errors
/// There is no repository, or none was ever run in it.
pub(super) fn list(app: &App, args: &ListArgs) -> Result<(), CliError> {
    let none = |message: String| {
        CliError::new(Cause::PathInvalid, message).with_hint("`seatrial run` makes one")
    };
    let Some(root) = saved::root(app, args.root.path())? else {
        return Err(none(format!("no folder above holds {HOME}/runs")));
    };
    let most = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let (found, count) = saved::all(&root, most);
    if found.is_empty() {
        let home = root.join(HOME);
        return Err(none(format!("there is no run in {}", home.display())));
    }
    let runs: Vec<KeptRun> = found
        .iter()
        .map(|(folder, read)| {
            let name = folder.file_name().unwrap_or_default();
            let name = name.to_string_lossy();
            match read {
                Ok(saved) => KeptRun::of(&name, &saved.record),
                Err(error) => KeptRun::unreadable(&name, &error.message),
            }
        })
        .collect();
    let text = match args.format {
        ListFormat::Json => report::json_text(&report::runs_json(&runs)),
        ListFormat::Table => report::runs_text(
            &runs,
            count,
            screen::width(app, Stream::Stdout),
            Look {
                colour: Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            },
        ),
    };
    app.out.data(&text);
    Ok(())
}
