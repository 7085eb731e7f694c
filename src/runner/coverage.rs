//! Merging what all legs brought out: one coverage report, one JUnit file.

use std::collections::BTreeSet;

use crate::record::{EventKind, Level, RunRecord};
use crate::results::{self, Coverage};

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
    let Some(merged) = merged else { return };
    let known: BTreeSet<String> = shared
        .tree()
        .map(|tree| {
            tree.entries
                .iter()
                .filter_map(|entry| entry.path.to_str().map(ToOwned::to_owned))
                .collect()
        })
        .unwrap_or_default();
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
