//! All that was found → causes, each with what follows from it.

use serde::Serialize;

use super::read::{Found, Origin, Read};
use super::signature::{Category, Confidence};
use super::{table, unknown};

/// Version of the form of [`Diagnosis`] as JSON.
const SCHEMA: u32 = 1;
/// Lines that are kept of one finding.
const LINES: usize = 5;

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnosis {
    /// Version of this form.
    pub(crate) schema: u32,
    /// Whether anything failed, as far as is known.
    pub(crate) failed: bool,
    /// Files read.
    pub(crate) files: usize,
    /// Lines read.
    pub(crate) lines: u64,
    /// The causes, the most telling first.
    pub(crate) findings: Vec<Finding>,
}

impl Diagnosis {
    /// What logs and messages tell beyond what the record says itself, the most telling first.
    pub(crate) fn of_words(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| {
            finding.id.starts_with(unknown::ID) || table::all().any(|one| one.id == finding.id)
        })
    }
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The id of its signature.
    pub(crate) id: String,
    /// Its kind.
    pub(crate) category: Category,
    /// How sure.
    pub(crate) confidence: Confidence,
    /// Jobs in which it was found.
    pub(crate) jobs: Vec<String>,
    /// Steps in which it was found, `job › step`.
    pub(crate) steps: Vec<String>,
    /// What is wrong.
    pub(crate) cause: String,
    /// What to do next; empty where nobody knows.
    pub(crate) next: String,
    /// The lines that tell it.
    pub(crate) lines: Vec<Place>,
    /// How many lines have it.
    pub(crate) count: u64,
    /// What follows from it.
    pub(crate) symptoms: Vec<Symptom>,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// The file.
    pub(crate) file: String,
    /// Its line, from 1; 0 where it stands in no log.
    pub(crate) line: u64,
    /// The text.
    pub(crate) text: String,
}

/// Something that follows from a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Symptom {
    /// The id of its signature.
    pub(crate) id: String,
    /// Its kind.
    pub(crate) category: Category,
    /// What is wrong.
    pub(crate) cause: String,
    /// How many lines have it.
    pub(crate) count: u64,
}

impl Symptom {
    /// What is wrong, and how often where that is more than once.
    pub(crate) fn told(&self) -> String {
        match self.count {
            1 => self.cause.clone(),
            count => format!("{count} times \"{}\"", self.cause),
        }
    }
}

/// Puts everything together. Of logs that are known to be of steps that succeeded nothing
/// counts.
pub(crate) fn diagnose(reads: Vec<Read>) -> Diagnosis {
    let files = reads.len();
    let lines = reads.iter().map(|read| read.lines).sum();
    let told = reads.iter().any(|read| read.failed == Some(true));
    let mut all: Vec<Found> = Vec::new();
    let mut guesses: Vec<Found> = Vec::new();
    for read in reads.into_iter().filter(|read| read.failed != Some(false)) {
        all.extend(read.found);
        guesses.extend(read.guess);
    }
    // Somebody asks why logs failed that do not say that they did: the best is told that there is.
    if all.is_empty() && !told {
        all = guesses;
    }
    all.sort_by_key(|one| one.order);
    let all = without_guesses(all);
    let roots = roots(&all);
    let mut findings: Vec<Finding> = Vec::new();
    for (index, one) in all.iter().enumerate() {
        if roots.get(index) == Some(&index) {
            add(&mut findings, one);
        }
    }
    for (one, root) in all.iter().zip(&roots) {
        let Some(cause) = all.get(*root).filter(|cause| !std::ptr::eq(*cause, one)) else {
            continue;
        };
        let Some(finding) = findings.iter_mut().find(|finding| finding.id == cause.id) else {
            continue;
        };
        match finding.symptoms.iter_mut().find(|known| known.id == one.id) {
            Some(known) => known.count += one.count,
            None => finding.symptoms.push(Symptom {
                id: one.id.clone(),
                category: one.category,
                cause: one.cause.clone(),
                count: one.count,
            }),
        }
    }
    // A cause of several jobs, a sure one, one that explains much: these come first.
    findings.sort_by_key(|finding| {
        (
            finding.category == Category::Unknown,
            std::cmp::Reverse(finding.confidence),
            finding.category,
            std::cmp::Reverse(finding.symptoms.len()),
        )
    });
    Diagnosis {
        schema: SCHEMA,
        failed: told || !findings.is_empty(),
        files,
        lines,
        findings,
    }
}

/// Without what also stands in logs of steps that succeed, where the same step tells
/// something surer; but what explains that (a package that cannot be built, the module that its
/// build misses) stays.
fn without_guesses(all: Vec<Found>) -> Vec<Found> {
    let same_step = |one: &Origin, other: &Origin| one.job == other.job && one.step == other.step;
    let kept: Vec<bool> = all
        .iter()
        .map(|one| {
            let explains =
                |other: &Found| one.order <= other.order && one.category.explains(other.category);
            one.confidence > Confidence::Possible
                || !all.iter().any(|other| {
                    other.confidence > Confidence::Possible
                        && !explains(other)
                        && (same_step(&one.origin, &other.origin)
                            || (other.origin.job == one.origin.job && other.order <= one.order))
                })
        })
        .collect();
    all.into_iter()
        .zip(kept)
        .filter_map(|(one, kept)| kept.then_some(one))
        .collect()
}

/// For each thing found the index of what explains it in the end; its own where nothing does.
fn roots(all: &[Found]) -> Vec<usize> {
    let mut roots: Vec<usize> = (0..all.len()).collect();
    // In the order of time: what explains something has its own root already.
    for (index, one) in all.iter().enumerate() {
        let explains = |(at, other): &(usize, &Found)| {
            *at != index
                && other.category.explains(one.category)
                && related(other, one)
                && (same_place(other, one)
                    || (other.order <= one.order && other.category != Category::Test))
        };
        let cause = all
            .iter()
            .enumerate()
            .filter(explains)
            .min_by_key(|(at, other)| (other.category, *at));
        if let Some((at, _)) = cause
            && let Some(root) = roots.get(at).copied()
            && let Some(own) = roots.get_mut(index)
        {
            *own = root;
        }
    }
    roots
}

/// Whether one may have led to the other: in the same job, or where no job is known.
fn related(cause: &Found, symptom: &Found) -> bool {
    cause.origin.job == symptom.origin.job || cause.origin.job.is_empty()
}

/// Whether both stand in the same step, where the log of a service or a summary may tell the
/// cause after the symptom.
fn same_place(cause: &Found, symptom: &Found) -> bool {
    cause.origin.job == symptom.origin.job
        && (cause.origin.step == symptom.origin.step || cause.category == Category::Service)
}

/// Adds something found to the finding of its id.
fn add(findings: &mut Vec<Finding>, one: &Found) {
    let step = match (one.origin.job.as_str(), one.origin.step.as_str()) {
        ("", step) => step.to_owned(),
        (job, "") => job.to_owned(),
        (job, step) => format!("{job} › {step}"),
    };
    let lines = one.lines.iter().map(|(line, text)| Place {
        file: one.origin.file.clone(),
        line: *line,
        text: text.clone(),
    });
    let finding = match findings.iter_mut().position(|known| known.id == one.id) {
        Some(at) => findings.get_mut(at),
        None => {
            findings.push(Finding {
                id: one.id.clone(),
                category: one.category,
                confidence: one.confidence,
                jobs: Vec::new(),
                steps: Vec::new(),
                cause: one.cause.clone(),
                next: one.next.clone(),
                lines: Vec::new(),
                count: 0,
                symptoms: Vec::new(),
            });
            findings.last_mut()
        }
    };
    let Some(finding) = finding else { return };
    finding.count += one.count;
    if !one.origin.job.is_empty() && !finding.jobs.contains(&one.origin.job) {
        finding.jobs.push(one.origin.job.clone());
    }
    if !step.is_empty() && !finding.steps.contains(&step) {
        finding.steps.push(step);
    }
    let room = LINES.saturating_sub(finding.lines.len());
    for place in lines.take(room) {
        if finding.lines.iter().all(|known| known.text != place.text) {
            finding.lines.push(place);
        }
    }
}
