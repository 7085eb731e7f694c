//! Bringing reports out of a leg whose processes have ended.
//!
//! What a step owes is known from the plan; each path is asked for by itself, so
//! that a large workspace costs nothing. Presence is checked: an engine answers
//! with success and leaves out what it cannot read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::engine::{Budget, Extracted, StepHost, extract_file, extract_tree, now_millis};
use crate::plan::{DueReport, PlanStep};
use crate::record::{
    Cause, CoverageData, EventKind, Failure, Level, Place, ReportKind, StepKey, TestCase,
    TestOutcome,
};
use crate::results::junit::JunitReport;
use crate::results::{self, PathMap};

use super::leg::{Ran, Running};
use super::masked;
use super::overwritten;
use super::retries;
use super::run_dir::RunDir;

/// How much older than its step a report may seem: clocks of files are coarse.
pub(super) const CLOCK_SLACK: u64 = 2;

/// Brings out every report that the steps of a leg owe.
pub(super) async fn reports(running: &mut Running<'_>) {
    // A step that uploads a report owes it as much as the one that writes it.
    let mut brought: BTreeSet<(ReportKind, String)> = BTreeSet::new();
    let mut targets = std::mem::take(&mut running.targets);
    let steps = running.leg.every_step();
    // Folders last: one without measure must not cost the tests their report.
    for is_folder in [false, true] {
        for ran in &running.ran {
            let Some(planned) = steps.iter().find(|step| step.number == ran.step) else {
                continue;
            };
            for due in &planned.due {
                let place = place_of(running, ran, due);
                if running
                    .overwritten
                    .contains_key(&(ran.step, due.kind, place.clone()))
                {
                    continue;
                }
                if (due.kind == ReportKind::Html) == is_folder
                    && brought.insert((due.kind, place.clone()))
                {
                    let target = target_of(running, planned, due, &place, &mut targets);
                    let due = (due, place.as_str());
                    bring(running, planned, ran.started, due, target).await;
                }
            }
        }
    }
}

/// Brings out one report, reads it, tells what is in it or what is wrong.
pub(super) async fn bring(
    running: &Running<'_>,
    planned: &PlanStep,
    started: u64,
    (due, place): (&DueReport, &str),
    target: String,
) {
    let key = &running.leg.key;
    let bus = &running.shared.setup.bus;
    let root = running.shared.setup.run_dir.path().to_path_buf();
    let budget = &running.budget;
    let taken = take(
        running.host.as_ref(),
        (due.kind, place),
        root.join(&target),
        budget,
    )
    .await;
    match (&taken, due.kind) {
        (Ok(Some(taken)), ReportKind::Html) => budget.took(taken),
        (Ok(Some(taken)), _) => budget.took_report(taken),
        (Err(failure), ReportKind::Html) if failure.cause == Cause::ArtifactLimit => {
            budget.used_up();
        }
        _ => {}
    }
    if let Ok(Some(taken)) = &taken
        && !taken.skipped.is_empty()
    {
        let skipped = taken.skipped.join("; ");
        let message = format!("left out of the {} {place}: {skipped}", due.kind.label());
        bus.notice(Level::Warning, Some(key), message);
    }
    let step = StepKey {
        job: key.clone(),
        step: planned.number,
    };
    let read = match taken {
        Ok(Some(taken)) => check_age(due, place, &taken, started)
            .and_then(|()| match taken.modified > started {
                true => Ok(()),
                false => overwritten::check_new(running, due, place, &target),
            })
            .and_then(|()| understand(running, planned, due, &root, &target)),
        Ok(None) => Err(missing(planned, due, place)),
        Err(failure) => Err(failure),
    };
    match read {
        Ok(Read::Tests { cases, complete }) => bus.emit(EventKind::Tests {
            step,
            path: target,
            cases,
            complete,
        }),
        Ok(Read::Coverage(summary)) => bus.emit(EventKind::Coverage {
            job: key.clone(),
            path: target,
            summary,
        }),
        Ok(Read::Data) => bus.emit(EventKind::CoverageData {
            job: key.clone(),
            data: CoverageData {
                step: planned.number,
                path: target,
                workspace: running.layout.workspace.clone(),
            },
        }),
        Ok(Read::Kept) => {}
        Err(failure) if due.hard => bus.emit(EventKind::ReportFailed {
            job: key.clone(),
            step: Some(planned.number),
            kind: due.kind,
            failure,
        }),
        Err(failure) => bus.notice(Level::Warning, Some(key), failure.message),
    }
}

/// What a report says.
enum Read {
    Tests {
        cases: Vec<crate::record::TestCase>,
        complete: bool,
    },
    Coverage(crate::record::CoverageSummary),
    Data,
    Kept,
}

/// Where a report lies inside the environment.
pub(super) fn place_of(running: &Running<'_>, ran: &Ran, due: &DueReport) -> String {
    if due.path.is_empty() {
        return format!("{}/{}/junit.xml", running.layout.reports, ran.step);
    }
    if due.path.starts_with('/') {
        return due.path.clone();
    }
    clean(&format!("{}/{}", ran.cwd, due.path))
}

/// A path without `.` and doubled slashes.
pub(super) fn clean(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    format!("/{}", parts.join("/"))
}

/// Where a report comes to, relative to the run's folder. Two reports of the same
/// name in different folders of a job must not overwrite each other.
pub(super) fn target_of(
    running: &Running<'_>,
    planned: &PlanStep,
    due: &DueReport,
    place: &str,
    taken: &mut BTreeSet<String>,
) -> String {
    let key = &running.leg.key;
    if due.kind == ReportKind::Junit {
        return RunDir::of_job("junit", key, &format!("{}.xml", planned.number));
    }
    let name = match due.kind {
        ReportKind::CoverageData => "coverage.data".to_owned(),
        _ => safe_name(place.rsplit('/').next().unwrap_or("report")),
    };
    let mut target = RunDir::of_job("coverage", key, &name);
    let mut count = 1;
    while !taken.insert(target.clone()) {
        count += 1;
        target = RunDir::of_job("coverage", key, &format!("{count}-{name}"));
    }
    target
}

/// A report keeps its own name where that is harmless.
fn safe_name(name: &str) -> String {
    let harmless = !name.is_empty()
        && !name.starts_with('.')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if harmless {
        name.to_owned()
    } else {
        crate::record::slug(name)
    }
}

/// Takes one path out; `None` when it is not there.
async fn take(
    host: &dyn StepHost,
    (kind, place): (ReportKind, &str),
    target: PathBuf,
    budget: &Budget,
) -> Result<Option<Extracted>, Failure> {
    let quota = match kind {
        ReportKind::Html => budget.folder(),
        _ => budget.report(),
    };
    let reader = host.get(place).await.map_err(|error| error.failure())?;
    let Some(reader) = reader else {
        return Ok(None);
    };
    let path = place.to_owned();
    tokio::task::spawn_blocking(move || match kind {
        ReportKind::Html => extract_tree(reader, &target, quota, &|_, _| true),
        _ => extract_file(reader, &target, quota),
    })
    .await
    .map_err(|error| Failure::new(Cause::Panic, error.to_string()))?
    .and_then(|taken| match taken.files {
        0 => Err(nothing_in(&taken)),
        _ => Ok(Some(taken)),
    })
    .map_err(|error| {
        let what = format!("{} {path}", kind.label());
        budget.failure(&what, &error, Cause::ReportInvalid)
    })
}

/// A folder without a file is no report, and neither is what stands in its place.
fn nothing_in(taken: &Extracted) -> std::io::Error {
    std::io::Error::other(match taken.skipped.first() {
        Some(skipped) => format!("no regular file is in it, but {skipped}"),
        None => "no file is in it".to_owned(),
    })
}

/// A report that is older than its step was not written by it.
fn check_age(due: &DueReport, place: &str, taken: &Extracted, started: u64) -> Result<(), Failure> {
    if taken.modified + CLOCK_SLACK >= started {
        return Ok(());
    }
    Err(Failure::new(
        Cause::ReportStale,
        format!(
            "{} {place} is older than the step that should have written it",
            due.kind.label()
        ),
    ))
}

fn missing(planned: &PlanStep, due: &DueReport, place: &str) -> Failure {
    let name = if due.path.is_empty() {
        format!("no {} of `{}` came out", due.kind.label(), planned.name)
    } else {
        format!("{} {place} was not written", due.kind.label())
    };
    Failure::new(Cause::ReportMissing, name)
}

/// The cases of a report, those that failed with their place in the repository. A traceback
/// shows values, and one may be a secret.
fn cases_of(running: &Running<'_>, report: &JunitReport) -> Vec<TestCase> {
    let mask = |text: &str| masked(&running.shared.masker, text);
    let failed = |case: &TestCase| matches!(case.outcome, TestOutcome::Failed | TestOutcome::Error);
    let map = report.cases().any(failed).then(|| path_map(running, &[]));
    report
        .cases()
        .map(|case| TestCase {
            failed_at: map
                .as_ref()
                .filter(|_| failed(case))
                .and_then(|map| failed_at(case, map)),
            id: mask(&case.id),
            classname: mask(&case.classname),
            name: mask(&case.name),
            message: mask(&case.message),
            details: mask(&case.details),
            ..case.clone()
        })
        .collect()
}

/// Where a test failed: of the places that its traceback names, the last one in the
/// repository, or else where the test itself is.
fn failed_at(case: &TestCase, map: &PathMap) -> Option<Place> {
    let raised = results::junit::frames(&case.details).map(|(file, line)| (file, Some(line)));
    let own = case.file.as_deref().map(|file| (file, case.line));
    raised.chain(own).find_map(|(file, line)| {
        Some(Place {
            file: map.known(file)?,
            line,
            column: None,
        })
    })
}

/// Reads a report that came out.
fn understand(
    running: &Running<'_>,
    planned: &PlanStep,
    due: &DueReport,
    root: &Path,
    target: &str,
) -> Result<Read, Failure> {
    let invalid = |what: &dyn std::fmt::Display| {
        Failure::new(
            Cause::ReportInvalid,
            format!("{} of `{}`: {what}", due.kind.label(), planned.name),
        )
    };
    if due.kind == ReportKind::Html {
        return Ok(Read::Kept);
    }
    let bytes = std::fs::read(root.join(target)).map_err(|error| invalid(&error))?;
    match due.kind {
        ReportKind::Junit => match results::junit::read(&bytes) {
            Ok(report) => {
                retries::check(running, planned, &report);
                Ok(Read::Tests {
                    cases: cases_of(running, &report),
                    complete: true,
                })
            }
            Err(error) => {
                let salvaged = results::junit::salvage(&bytes);
                let cases = cases_of(running, &salvaged);
                if cases.is_empty() {
                    return Err(invalid(&error));
                }
                running.shared.setup.bus.emit(EventKind::Tests {
                    step: StepKey {
                        job: running.leg.key.clone(),
                        step: planned.number,
                    },
                    path: target.to_owned(),
                    cases,
                    complete: false,
                });
                Err(invalid(&error))
            }
        },
        ReportKind::Cobertura | ReportKind::Lcov => {
            let mut coverage = if due.kind == ReportKind::Lcov {
                results::lcov::read(&bytes)
            } else {
                results::cobertura::read(&bytes)
            }
            .map_err(|error| invalid(&error))?;
            let map = path_map(running, &coverage.sources);
            coverage.remap(&map);
            // What lies in the run's folder is valid for upload as it is.
            if due.kind == ReportKind::Cobertura {
                let version = env!("CARGO_PKG_VERSION");
                let text = results::cobertura::write(&coverage, version, now_millis());
                super::write_atomically(&root.join(target), text.as_bytes())
                    .map_err(|error| Failure::new(Cause::OutputWriteFailed, error.to_string()))?;
            }
            Ok(Read::Coverage(coverage.summary()))
        }
        ReportKind::CoverageData => results::data::read(&bytes)
            .map(|_| Read::Data)
            .map_err(|error| invalid(&error)),
        ReportKind::Html => Ok(Read::Kept),
    }
}

/// How paths inside a leg's environment map to the repository.
fn path_map(running: &Running<'_>, sources: &[String]) -> PathMap {
    let known: Vec<String> = running
        .shared
        .tree()
        .map(|tree| {
            tree.entries
                .iter()
                .filter_map(|entry| entry.path.to_str().map(ToOwned::to_owned))
                .collect()
        })
        .unwrap_or_default();
    PathMap::new(&running.layout.workspace, sources, known)
        .aliased(running.shared.setup.aliases.clone())
}

#[cfg(test)]
mod tests {
    use super::{PathMap, failed_at};
    use crate::gate::sample::case;
    use crate::record::{TestCase, TestOutcome};

    #[test]
    fn a_test_failed_at_a_line_of_the_repository() {
        let files = ["backend/tests/test_calc.py", "backend/calc/core.py"];
        let map = PathMap::new("/app", &[], files.map(str::to_owned));
        for (details, at) in [
            // pytest with a working directory; a library is not ours to look at.
            (
                "tests/test_calc.py:12: \ncalc/core.py:4: \n/usr/lib/python3.11/json/decoder.py:355: JSONDecodeError",
                ("backend/calc/core.py", 4),
            ),
            (
                "Traceback:\n  File \"/app/backend/tests/test_calc.py\", line 14, in test\nValueError",
                ("backend/tests/test_calc.py", 14),
            ),
            ("nothing", ("backend/tests/test_calc.py", 19)),
            ("../outside.py:3: Error", ("backend/tests/test_calc.py", 19)),
        ] {
            let case = TestCase {
                details: details.to_owned(),
                ..case(9, TestOutcome::Failed)
            };
            let found = failed_at(&case, &map);
            let found = found
                .as_ref()
                .map(|place| (place.file.as_str(), place.line));
            assert_eq!(found, Some((at.0, Some(at.1))), "{details}");
        }
        let elsewhere = PathMap::new("/app", &[], ["README.md".to_owned()]);
        assert_eq!(failed_at(&case(9, TestOutcome::Failed), &elsewhere), None);
    }
}
