//! What coverage is held against: thresholds, and what it is compared with. The same
//! for files and for runs.

use std::path::{Path, PathBuf};

use super::inputs::{Inputs, Repository};
use crate::cli::error::CliError;
use crate::cli::{App, git};
use crate::gate::{Limits, Threshold};
use crate::record::Cause;
use crate::results::Against;
use crate::settings::CoverageAsked;

/// The least total coverage where nobody says another, in percent.
const DEFAULT: f64 = 80.0;

/// The threshold of the total: what was asked for over the project's own `fail_under`
/// (percent, digits, file) over 80 %.
pub(in crate::cli) fn threshold(
    asked: &CoverageAsked,
    own: Option<&(f64, u8, String)>,
) -> Threshold {
    let (percent, source) = match (&asked.min, own) {
        (Some(min), _) => (min.value, min.source.to_string()),
        (None, Some((percent, _, file))) => (*percent, format!("fail_under in {file}")),
        (None, None) => (DEFAULT, "default".to_owned()),
    };
    let precision = asked.precision.or(own.map(|(_, precision, _)| *precision));
    Threshold {
        percent,
        precision: precision.unwrap_or(0),
        source,
    }
}

/// The other limits. Where only a revision is named, new and changed lines must reach
/// the threshold of the total.
pub(in crate::cli) fn limits(
    asked: &CoverageAsked,
    against: Option<&Against>,
    threshold: &Threshold,
) -> Limits {
    let report = against.is_some_and(|against| against.summary.is_some());
    let revision = against.is_some_and(|against| against.changes.is_some());
    let nothing_else = asked.tolerance.is_none() && !report;
    Limits {
        packages: asked.packages.clone(),
        tolerance: asked.tolerance.or(report.then_some(0.0)),
        new_lines: asked
            .new_lines_min
            .or((revision && nothing_else).then_some(threshold.percent)),
    }
}

/// What is compared with: reports and revisions. Names of the settings file are relative
/// to the repository.
///
/// # Errors
/// A name is neither, a report cannot be read, or a limit has nothing to compare with.
pub(in crate::cli) fn against(
    app: &App,
    root: Option<&Path>,
    asked: &CoverageAsked,
) -> Result<Option<Against>, CliError> {
    if asked.base.is_empty() {
        let lonely = [
            (asked.tolerance.is_some(), "tolerance"),
            (asked.new_lines_min.is_some(), "new-lines-min"),
        ];
        return match lonely.iter().find(|(given, _)| *given) {
            Some((_, limit)) => Err(CliError::new(
                Cause::Usage,
                format!("the limit `{limit}` of coverage needs a base to compare with"),
            )
            .with_hint(
                "name a report or a revision: `--coverage-base main`, `base` in [coverage]",
            )),
            None => Ok(None),
        };
    }
    let mut found = Against::default();
    let mut names = Vec::new();
    for base in &asked.base {
        names.push(base.clone());
        if let Some(file) = file_of(root, base) {
            let repository = root.map(Repository::of);
            let coverage = Inputs::of_files(&[file], repository)?.merge(app)?;
            found.summary = Some(coverage.summary());
            continue;
        }
        let changes = root.and_then(|root| git::changes(root, base));
        let Some(changes) = changes else {
            return Err(CliError::new(
                Cause::PathInvalid,
                format!("the base `{base}` is neither a coverage report nor a revision that git has here"),
            )
            .with_hint("in GitHub Actions, `fetch-depth: 0` of actions/checkout brings all branches"));
        };
        found.changes = Some(changes);
    }
    if asked.new_lines_min.is_some() && found.changes.is_none() {
        return Err(CliError::new(
            Cause::Usage,
            "new and changed lines need a base that git knows, such as `main`",
        ));
    }
    found.name = names.join(", ");
    Ok(Some(found))
}

/// The report of this name, from here or from the repository on.
fn file_of(root: Option<&Path>, name: &str) -> Option<PathBuf> {
    let from_root = root.map(|root| root.join(name));
    let places = [Some(PathBuf::from(name)), from_root];
    places.into_iter().flatten().find(|place| place.is_file())
}
