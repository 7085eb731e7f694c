//! Runs of a CI service, put together from their parts.
//!
//! Where each job of a workflow calls seatrial by itself, it has a run of its own, which left
//! out all other jobs. What is judged by whole runs (trends, triggers of a roll-back) asks for
//! what those parts are together.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, ImageEntry};
use crate::record::CiRun;

/// Entries that are read for one answer at most.
const MOST: u64 = 20_000;
/// How many more are read where the parts do not make enough runs.
const MORE: u64 = 4;

/// What the parts of one run have in common: the workflow, the run at the service, and the
/// side, as both sides of a shadow run are compared with one another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Together {
    repository: String,
    workflow: String,
    ci_run: CiRun,
    in_containers: bool,
}

impl Together {
    /// `None` for what is no part: a whole run, or a part of one that nobody else knows.
    fn of(entry: &Entry) -> Option<Self> {
        let ci_run = entry.ci_run.clone().filter(|_| entry.partial)?;
        Some(Self {
            repository: entry.repository.clone(),
            workflow: entry.workflow.clone(),
            ci_run,
            in_containers: entry.in_containers(),
        })
    }

    /// The same whatever the attempt: a later one may run only what failed.
    fn any_attempt(&self) -> Self {
        let mut same = self.clone();
        same.ci_run.attempt = 0;
        same
    }
}

/// The last so many runs, put together, the first one first. `read` gives the last so many
/// entries.
///
/// # Errors
/// Those of `read`.
pub(crate) fn last_wholes<E>(
    runs: u64,
    mut read: impl FnMut(u64) -> Result<Vec<Entry>, E>,
) -> Result<Vec<Entry>, E> {
    let mut rows = runs;
    loop {
        let entries = read(rows)?;
        let all = (entries.len() as u64) < rows;
        let parts = entries.iter().any(|entry| Together::of(entry).is_some());
        let mut found = wholes(entries);
        // The oldest run may lack parts that were not read: one more than asked for is enough.
        if all || !parts || found.len() as u64 > runs || rows >= MOST {
            let surplus = (found.len() as u64).saturating_sub(runs);
            found.drain(..usize::try_from(surplus).unwrap_or(0));
            return Ok(found);
        }
        rows = rows.saturating_mul(MORE).min(MOST);
    }
}

/// Puts together what belongs together, the first run first. Whole runs stay as they are. A run
/// of parts is whole unless a leg is known to be missing: one that a part left out and that
/// some run of the workflow has, or one of another attempt.
pub(crate) fn wholes(entries: Vec<Entry>) -> Vec<Entry> {
    // Legs that ever ran, by workflow, and by run at the service.
    let mut ever: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut attempted: BTreeMap<Together, BTreeSet<String>> = BTreeMap::new();
    let mut groups: BTreeMap<Together, Vec<Entry>> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in entries {
        let of = |key: &str| {
            (
                entry.repository.clone(),
                entry.workflow.clone(),
                key.to_owned(),
            )
        };
        ever.extend(ran(&entry).map(of));
        match Together::of(&entry) {
            None => found.push(entry),
            Some(together) => {
                let keys = ran(&entry).map(str::to_owned);
                let attempts = attempted.entry(together.any_attempt()).or_default();
                attempts.extend(keys);
                groups.entry(together).or_default().push(entry);
            }
        }
    }
    for (together, parts) in groups {
        let Some(mut whole) = joined(parts) else {
            continue;
        };
        let here: BTreeSet<&str> = ran(&whole).collect();
        let elsewhere = attempted.get(&together.any_attempt());
        let of_another = elsewhere
            .into_iter()
            .flatten()
            .any(|key| !here.contains(key.as_str()));
        let left_out = whole.legs.iter().any(|leg| {
            let key = (
                whole.repository.clone(),
                whole.workflow.clone(),
                leg.key.clone(),
            );
            !here.contains(leg.key.as_str()) && ever.contains(&key)
        });
        whole.partial = of_another || left_out;
        found.push(whole);
    }
    found.sort_by(by_start);
    found
}

fn by_start(one: &Entry, other: &Entry) -> Ordering {
    (one.started_at, &one.run.0).cmp(&(other.started_at, &other.run.0))
}

/// Keys of the legs that ran to an end.
fn ran(entry: &Entry) -> impl Iterator<Item = &str> {
    let ended = entry.legs.iter().filter(|leg| leg.conclusion.is_some());
    ended.map(|leg| leg.key.as_str())
}

/// One run of its parts. It has the name of the part that began first.
fn joined(mut parts: Vec<Entry>) -> Option<Entry> {
    parts.sort_by(by_start);
    let covered = parts.iter().filter(|part| part.coverage.is_some()).count();
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    for part in parts {
        add(&mut whole, part);
    }
    // The lines that several parts cover together are not known here.
    if covered > 1 {
        whole.coverage = None;
    }
    Some(whole)
}

fn add(whole: &mut Entry, part: Entry) {
    whole.finished_at = whole
        .finished_at
        .zip(part.finished_at)
        .map(|(one, other)| one.max(other));
    whole.passed = match (whole.passed, part.passed) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
    let failed = |code: &u8| *code != 0;
    whole.exit_code = match whole.passed {
        Some(true) => whole.exit_code,
        _ => [whole.exit_code, part.exit_code]
            .into_iter()
            .flatten()
            .find(failed),
    };
    whole.failures.extend(part.failures);
    for signature in part.signatures {
        if !whole.signatures.contains(&signature) {
            whole.signatures.push(signature);
        }
    }
    whole.dirty |= part.dirty;
    whole.fallback = whole.fallback.take().or(part.fallback);
    whole.reports_collected = match (whole.reports_collected, part.reports_collected) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    };
    whole.rollout = whole.rollout.take().or(part.rollout);
    whole.coverage = whole.coverage.take().or(part.coverage);
    for image in part.images {
        add_image(&mut whole.images, image);
    }
    for leg in part.legs {
        let known = whole.legs.iter_mut().find(|one| one.key == leg.key);
        match known {
            None => whole.legs.push(leg),
            Some(known) if known.conclusion.is_none() => *known = leg,
            Some(_) => {}
        }
    }
}

/// Jobs that run side by side build the same image each: the one that took longest counts, and
/// one that failed before all others.
fn add_image(images: &mut Vec<ImageEntry>, image: ImageEntry) {
    let weight = |one: &ImageEntry| (one.failure.is_some(), one.millis);
    match images.iter_mut().find(|one| one.name == image.name) {
        None => images.push(image),
        Some(known) if weight(known) < weight(&image) => *known = image,
        Some(_) => {}
    }
}
