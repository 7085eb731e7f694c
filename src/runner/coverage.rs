//! Merging what all legs brought out: one coverage report, one JUnit file.

use std::collections::BTreeSet;

use crate::record::{Cause, EventKind, Failure, Level, ReportKind, RunRecord};
use crate::results::{self, Coverage, PathMap};

use super::{Shared, masked, write_atomically};

/// Writes `coverage/coverage.xml`, `coverage/lcov.info` and `junit.xml`, and tells
/// the merged figures.
pub(super) fn merge(shared: &Shared) {
    let Some(record) = shared.setup.bus.record() else {
        return;
    };
    merge_coverage(shared, &record);
    merge_tests(shared, &record);
}

fn merge_coverage(shared: &Shared, record: &RunRecord) {
    let bus = &shared.setup.bus;
    let known: BTreeSet<String> = shared
        .tree()
        .map(|tree| {
            tree.entries
                .iter()
                .filter_map(|entry| entry.path.to_str().map(ToOwned::to_owned))
                .collect()
        })
        .unwrap_or_default();
    let mut merged = merge_reports(shared, record);
    add_data(shared, record, merged.as_mut(), &known);
    let Some(merged) = merged else { return };
    let unmapped: Vec<String> = merged
        .files
        .keys()
        .filter(|file| !known.contains(*file))
        .cloned()
        .collect();
    let xml = results::cobertura::write(&merged, &record.info.version, record.started_at);
    let lcov = results::lcov::write(&merged);
    for (name, text) in [("coverage.xml", xml), ("lcov.info", lcov)] {
        write(shared, &format!("coverage/{name}"), &text);
    }
    let against = shared.setup.against.as_ref();
    let base = against.map(|against| against.compare(&merged));
    bus.emit(EventKind::CoverageMerged {
        summary: merged.summary(),
        unmapped,
        base,
    });
}

/// The reports of all legs in one.
fn merge_reports(shared: &Shared, record: &RunRecord) -> Option<Coverage> {
    let bus = &shared.setup.bus;
    let root = shared.setup.run_dir.path();
    let mut merged: Option<Coverage> = None;
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for job in &record.jobs {
        for report in &job.coverage {
            if !seen.insert(&report.path) {
                continue;
            }
            let lcov = report.path.ends_with(".info") || report.path.ends_with(".lcov");
            // The same run's XML tells more than its LCOV.
            if lcov
                && job
                    .coverage
                    .iter()
                    .any(|other| other.path.ends_with(".xml"))
            {
                continue;
            }
            let read = std::fs::read(root.join(&report.path))
                .map_err(|error| error.to_string())
                .and_then(|bytes| {
                    if lcov {
                        results::lcov::read(&bytes)
                    } else {
                        results::cobertura::read(&bytes)
                    }
                    .map_err(|error| error.to_string())
                });
            match read {
                Ok(coverage) => match &mut merged {
                    Some(all) => all.merge(coverage),
                    None => merged = Some(coverage),
                },
                Err(error) => bus.notice(
                    Level::Error,
                    Some(&job.planned.key),
                    format!("{} cannot be merged: {error}", report.path),
                ),
            }
        }
    }
    merged
}

/// Adds what ran by coverage.py's own data to the statements that the reports know. Data of
/// files that no report knows cannot be counted, and that is a failure: a total without it
/// would pass for one of all jobs.
fn add_data(
    shared: &Shared,
    record: &RunRecord,
    mut merged: Option<&mut Coverage>,
    known: &BTreeSet<String>,
) {
    let root = shared.setup.run_dir.path();
    for job in &record.jobs {
        for found in &job.coverage_data {
            let read = std::fs::read(root.join(&found.path))
                .map_err(|error| error.to_string())
                .and_then(|bytes| results::data::read(&bytes).map_err(|error| error.to_string()));
            let failure = match read {
                Ok(mut data) => {
                    let map = PathMap::new(&found.workspace, &[], known.iter().cloned());
                    data.remap(&map.aliased(shared.setup.aliases.clone()));
                    let unknown = match &mut merged {
                        Some(merged) => data.add_to(merged),
                        None => data.files.into_keys().collect(),
                    };
                    not_counted(&found.path, &unknown, known)
                }
                Err(error) => Some(format!("{}: {error}", found.path)),
            };
            if let Some(message) = failure {
                shared.setup.bus.emit(EventKind::ReportFailed {
                    job: job.planned.key.clone(),
                    step: Some(found.step),
                    kind: ReportKind::CoverageData,
                    failure: Failure::new(Cause::CoverageIncomplete, message).with_evidence(
                        "hint: let the tests write a report themselves, as with `--cov-report=xml`, \
                         or install coverage.py where they run",
                    ),
                });
            }
        }
    }
}

/// What to say of data whose files are unknown; nothing where none is of the repository.
fn not_counted(path: &str, unknown: &[String], known: &BTreeSet<String>) -> Option<String> {
    let ours: Vec<&str> = unknown
        .iter()
        .map(String::as_str)
        .filter(|file| known.contains(*file))
        .collect();
    let first = ours.first()?;
    let more = match ours.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "{path} cannot be counted: no report of the run knows the statements of {first}{more}"
    ))
}

fn merge_tests(shared: &Shared, record: &RunRecord) {
    let root = shared.setup.run_dir.path();
    let text = results::junit::of_run(record, |path| {
        let bytes = std::fs::read(root.join(path)).ok()?;
        let report = results::junit::salvage(&bytes);
        Some(report.map_more(|text| masked(&shared.masker, text)))
    });
    if let Some(text) = text {
        write(shared, "junit.xml", &text);
    }
}

fn write(shared: &Shared, name: &str, text: &str) {
    let path = shared.setup.run_dir.path().join(name);
    if let Err(error) = write_atomically(&path, text.as_bytes()) {
        shared.setup.bus.lost(name, &error);
    }
}
