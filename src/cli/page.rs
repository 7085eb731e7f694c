//! The report page of a run: what it needs is read here, `report` makes it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::{history, saved, triage};
use crate::history::Place;
use crate::parity::Comparison;
use crate::record::RunRecord;
use crate::report::{self, KeptRun, PageInput, PageLog};
use crate::results::{self, Coverage};
use crate::runner::{HOME, write_atomically};

/// Name of the page in the folder of its run.
pub(super) const PAGE: &str = "report.html";
/// The comparison that a run was the candidate of, in its folder.
pub(super) const COMPARISON: &str = "comparison.json";
/// Largest comparison that is read.
const MAX_COMPARISON: u64 = 64 * 1024 * 1024;
/// Largest report of coverage that is read.
const MAX_COVERAGE: u64 = 64 * 1024 * 1024;
/// Largest source file that is read.
const MAX_SOURCE: u64 = 1024 * 1024;
/// Runs that are looked at for those before this one.
const EARLIER: usize = 12;
/// Most source files that are read.
const MAX_SOURCES: usize = 300;

/// Writes the page of a run into its folder. Gives its path.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(
    record: &RunRecord,
    folder: &Path,
    root: Option<&Path>,
    past: Option<&Place>,
) -> io::Result<PathBuf> {
    let path = folder.join(PAGE);
    write_atomically(&path, page(record, folder, root, past).as_bytes())?;
    Ok(path)
}

/// The page of a run whose files lie in a folder; `past` is the history of the repository.
/// What of them is missing is left out.
pub(super) fn page(
    record: &RunRecord,
    folder: &Path,
    root: Option<&Path>,
    past: Option<&Place>,
) -> String {
    let coverage = coverage(folder);
    let sources = match (&coverage, root) {
        (Some(coverage), Some(root)) if is_of(folder, root) => sources(record, root, coverage),
        _ => BTreeMap::new(),
    };
    let comparison = read_within(&folder.join(COMPARISON), MAX_COMPARISON)
        .and_then(|bytes| Comparison::read(&bytes));
    report::page(PageInput {
        record,
        comparison: comparison.as_ref(),
        logs: &logs(record, folder),
        coverage: coverage.as_ref(),
        sources: &sources,
        earlier: &match root {
            Some(root) if is_of(folder, root) => earlier(record, root),
            _ => Vec::new(),
        },
        past: &past.map_or_else(Vec::new, |place| history::until(place, record)),
        why: triage::of_failed(record, folder).as_ref(),
    })
}

/// The runs of the same workflow before this one, of those that were kept last.
fn earlier(record: &RunRecord, root: &Path) -> Vec<KeptRun> {
    let (runs, _) = saved::all(root, EARLIER);
    let before = |other: &RunRecord| {
        other.started_at < record.started_at && other.info.workflow == record.info.workflow
    };
    runs.iter()
        .filter_map(|(folder, saved)| Some((folder.file_name()?, saved.as_ref().ok()?)))
        .filter(|(_, saved)| before(&saved.record))
        .map(|(name, saved)| KeptRun::of(&name.to_string_lossy(), &saved.record))
        .collect()
}

/// Whether the run is one of the repository, and not from elsewhere.
pub(super) fn is_of(folder: &Path, root: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    match (real(folder), real(&root.join(HOME))) {
        (Some(folder), Some(home)) => folder.starts_with(home),
        _ => false,
    }
}

fn coverage(folder: &Path) -> Option<Coverage> {
    let bytes = read_within(&folder.join("coverage/coverage.xml"), MAX_COVERAGE)?;
    results::cobertura::read(&bytes).ok()
}

/// A regular file of at most so many bytes.
fn read_within(path: &Path, most: u64) -> Option<Vec<u8>> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    (meta.is_file() && meta.len() <= most)
        .then(|| std::fs::read(path).ok())
        .flatten()
}

/// Texts of files with missed lines, as far as they are still as the run had them.
fn sources(record: &RunRecord, root: &Path, coverage: &Coverage) -> BTreeMap<String, String> {
    let Ok(root) = root.canonicalize() else {
        return BTreeMap::new();
    };
    let begun = UNIX_EPOCH + Duration::from_millis(record.started_at);
    let mut files: Vec<(u64, &String)> = coverage
        .files
        .iter()
        .map(|(path, lines)| {
            let sum = lines.summary(path);
            let missed = (sum.lines_valid + sum.branches_valid)
                .saturating_sub(sum.lines_covered + sum.branches_covered);
            (missed, path)
        })
        .filter(|(missed, _)| *missed > 0)
        .collect();
    files.sort_by(|a, b| b.cmp(a));
    let read = |path: &str| {
        // The name is foreign: it may lead anywhere, also by links.
        let file = root.join(path).canonicalize().ok()?;
        let meta = std::fs::metadata(&file).ok()?;
        let as_it_was = meta.modified().is_ok_and(|changed| changed <= begun);
        let text = (file.starts_with(&root) && as_it_was)
            .then(|| read_within(&file, MAX_SOURCE))
            .flatten()?;
        String::from_utf8(text).ok()
    };
    files
        .into_iter()
        .take(MAX_SOURCES)
        .filter_map(|(_, path)| Some((path.clone(), read(path)?)))
        .collect()
}

fn logs(record: &RunRecord, folder: &Path) -> Vec<PageLog> {
    let mut logs = Vec::new();
    for leg in &record.jobs {
        let key = &leg.planned.key;
        for log in saved::logs(folder, key) {
            // A log that cannot be read is one that is not there.
            if let Ok((before, text)) = end_of(&log.path, report::LOG_BYTES) {
                logs.push(PageLog {
                    job: key.clone(),
                    step: log.step,
                    path: log.shown,
                    before,
                    text,
                });
            }
        }
    }
    logs
}

/// The last lines of a file, in at most so many bytes, and how many lines are before them.
fn end_of(path: &Path, most: usize) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let from = size.saturating_sub(most as u64);
    let mut before = 0;
    let mut start = BufReader::with_capacity(64 * 1024, &file).take(from);
    loop {
        let part = start.fill_buf()?;
        if part.is_empty() {
            break;
        }
        before += part.iter().filter(|byte| **byte == b'\n').count() as u64;
        let length = part.len();
        start.consume(length);
    }
    file.seek(SeekFrom::Start(from))?;
    let mut end = Vec::new();
    file.take(most as u64).read_to_end(&mut end)?;
    let text = match end.iter().position(|byte| *byte == b'\n') {
        // Of a line that begins before there is only a part.
        Some(at) if from > 0 => {
            before += 1;
            end.split_off(at + 1)
        }
        _ => end,
    };
    Ok((before, String::from_utf8_lossy(&text).into_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use super::{end_of, page, sources};
    use crate::gate::sample::{Leg, Run};
    use crate::record::RunRecord;
    use crate::results::cobertura;

    #[test]
    fn the_end_of_a_log() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log");
        let text: String = (1..=1_000)
            .map(|number| format!("line {number}\n"))
            .collect();
        std::fs::write(&file, text).unwrap();
        let (before, end) = end_of(&file, 100).unwrap();
        let first = end.lines().next().unwrap();
        assert_eq!(first, format!("line {}", before + 1));
        assert!(end.len() <= 100 && end.ends_with("line 1000\n"));
        assert_eq!(end_of(&file, 1 << 20).unwrap().0, 0);
    }

    const COVERAGE: &str = "<coverage><packages><package><classes>
        <class filename='src/a.py'><lines><line number='1' hits='1'/><line number='2' hits='0'/></lines></class>
        <class filename='src/changed.py'><lines><line number='1' hits='0'/></lines></class>
        <class filename='src/link.py'><lines><line number='1' hits='0'/></lines></class>
        <class filename='../outside.py'><lines><line number='1' hits='0'/></lines></class>
        </classes></package></packages></coverage>";

    fn repository(root: &Path) -> RunRecord {
        let source = root.join("src");
        std::fs::create_dir_all(&source).unwrap();
        let mut record = Run::of([Leg::new("unit", 0).tests(10, 2)]).record();
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        record.started_at = u64::try_from(now.as_millis()).unwrap();
        let write = |path: &Path, age: Duration| {
            let file = std::fs::File::create(path).unwrap();
            std::io::Write::write_all(&mut &file, b"import os\nos.abort()\n").unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + now + Duration::from_secs(9) - age)
                .unwrap();
        };
        write(&source.join("a.py"), Duration::from_secs(600));
        write(&source.join("changed.py"), Duration::ZERO);
        write(&root.join("../outside.py"), Duration::from_secs(600));
        std::os::unix::fs::symlink(root.join("../outside.py"), source.join("link.py")).unwrap();
        record
    }

    #[test]
    fn sources_are_of_the_repository_and_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("repository");
        std::fs::create_dir(&root).unwrap();
        let record = repository(&root);
        let coverage = cobertura::read(COVERAGE.as_bytes()).unwrap();
        let found = sources(&record, &root, &coverage);
        let expected = ("src/a.py".to_owned(), "import os\nos.abort()\n".to_owned());
        assert_eq!(found, BTreeMap::from([expected]));
    }

    #[test]
    fn a_run_from_elsewhere_has_no_sources_of_here() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("repository");
        std::fs::create_dir(&root).unwrap();
        let mut record = repository(&root);
        let coverage = cobertura::read(COVERAGE.as_bytes()).unwrap();
        record.coverage = Some(coverage.summary());
        let here = root.join(".seatrial/runs/one");
        let elsewhere = folder.path().join("download");
        for (place, holds) in [(&here, true), (&elsewhere, false)] {
            std::fs::create_dir_all(place.join("coverage")).unwrap();
            std::fs::write(place.join("coverage/coverage.xml"), COVERAGE).unwrap();
            let page = page(&record, place, Some(&root), None);
            assert_eq!(page.contains("os.abort()"), holds);
            assert!(page.contains("Missed lines"));
        }
    }
}
