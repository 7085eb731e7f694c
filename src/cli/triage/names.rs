//! What the names of logs say, in folders and archives.

use crate::triage::Origin;

/// What stands before the names of an archive's files: nothing for the archive of a whole
/// run.
pub(super) fn outer(name: &str) -> String {
    match name.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => String::new(),
    }
}

/// Whether a file is the log of a whole job, `0_unit.txt`, whose steps have logs of their own
/// in the folder `unit` beside it.
pub(super) fn is_whole_job(name: &str, names: &[String]) -> bool {
    let Some(job) = name.strip_suffix(".txt").and_then(without_number) else {
        return false;
    };
    let folder = format!("{job}/");
    names
        .iter()
        .any(|other| other == job || (other.starts_with(&folder) && other.len() > folder.len()))
}

/// `3_Run tests` is `Run tests`.
fn without_number(name: &str) -> Option<&str> {
    let (number, rest) = name.split_once('_')?;
    let is_number = !number.is_empty() && number.chars().all(|one| one.is_ascii_digit());
    is_number.then_some(rest)
}

/// The job of a log in GitHub's archive of a run, and the number of its step: `unit/3_Run.txt`,
/// or `0_unit.txt` for the whole job.
pub(super) fn numbered(name: &str) -> Option<(&str, Option<u64>)> {
    let stem = name.strip_suffix(".txt")?;
    match stem.split_once('/') {
        None => Some((without_number(stem)?, None)),
        Some((job, file)) => {
            let (number, _) = file.split_once('_')?;
            Some((job, Some(number.parse().ok()?)))
        }
    }
}

/// What the name of a log says: `unit/3_Run tests.txt` is a step of a job.
pub(super) fn origin(name: &str) -> Origin {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let stem = file
        .rsplit_once('.')
        .filter(|(_, ending)| ["txt", "log", "out", "err"].contains(ending))
        .map_or(file, |(stem, _)| stem);
    let job = folder.rsplit('/').next().unwrap_or_default();
    let (job, step) = match (job, without_number(stem)) {
        ("", Some(job)) => (job, ""),
        ("", None) => ("", ""),
        (job, step) => (job, step.unwrap_or(stem)),
    };
    Origin {
        job: job.to_owned(),
        step: step.to_owned(),
        file: name.to_owned(),
    }
}
