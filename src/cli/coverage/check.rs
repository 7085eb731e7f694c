//! `seatrial coverage check` and `diff`.

use super::args::{CheckArgs, DiffArgs, InputArgs};
use super::inputs::Inputs;
use super::{limits, look};
use crate::cli::args::Format;
use crate::cli::error::CliError;
use crate::cli::out::Stream;
use crate::cli::{App, project_files, screen};
use crate::gate;
use crate::plan::Project;
use crate::record::EXIT_SUCCESS;
use crate::report::{self, CoverageChecked};
use crate::settings::{ConfigFile, CoverageAsked, Source};

/// Holds coverage against what is asked of it.
pub(super) fn check(app: &App, args: &CheckArgs) -> Result<u8, CliError> {
    let inputs = Inputs::of(app, &args.input)?;
    let root = inputs.root();
    let file = match root {
        Some(root) => ConfigFile::load(root)?,
        None => ConfigFile::default(),
    };
    let mut asked = CoverageAsked::resolve(args.flags(), &app.environment, &file)?;
    if let (Some(min), true) = (&mut asked.min, args.min.is_some()) {
        min.source = Source::Flag("--min");
    }
    let project = root.map(|root| Project::read(&project_files::fixed(root)));
    let own = project.and_then(|project| project.fail_under);
    let against = limits::against(app, root, &asked)?;
    let coverage = inputs.merge(app)?;
    let summary = coverage.summary();
    let threshold = limits::threshold(&asked, own.as_ref());
    let limits = limits::limits(&asked, against.as_ref(), &threshold);
    let base = against.map(|against| against.compare(&coverage));
    let judged = gate::coverage_against(&summary, base.as_ref(), Some(&threshold), &limits);
    let checked = CoverageChecked {
        summary: &summary,
        threshold: &threshold,
        base: base.as_ref(),
        judged: &judged,
    };
    app.out.data(&match args.format {
        Format::Json => report::json_text(&report::coverage_check_json(&checked)),
        Format::Text => report::coverage_check_text(&checked, look(app)),
    });
    Ok(judged.exit_code())
}

/// Compares two reports.
pub(super) fn diff(app: &App, args: &DiffArgs) -> Result<u8, CliError> {
    let read = |input: &std::path::Path| {
        let args = InputArgs {
            inputs: vec![input.to_path_buf()],
            root: args.root.clone(),
            keep_names: false,
        };
        Inputs::of(app, &args)?.merge(app)
    };
    let (before, after) = (read(&args.before)?, read(&args.after)?);
    app.out.data(&match args.format {
        Format::Json => report::json_text(&report::coverage_diff_json(&before, &after)),
        Format::Text => report::coverage_diff_text(
            &before,
            &after,
            screen::width(app, Stream::Stdout),
            look(app),
        ),
    });
    Ok(EXIT_SUCCESS)
}
