//! The shadow record of a job → the entries of its two sides.
//!
//! In `shadow`, the steps of a converted job run in a container and on the runner. The job
//! then leaves an artifact: facts in lines of `name=value`, the job's matrix, and the JUnit
//! reports of each side. Nothing of it is trusted.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::entry::{ENTRY_SCHEMA, Entry, LegEntry, Source, StepEntry, TestEntry};
use super::line::is_name;
use super::of_record::{of_case, reason};
use crate::expr::Value;
use crate::gate::broken;
use crate::plan::leg_key;
use crate::record::{Cause, CiRun, Conclusion, EXIT_SUCCESS, Failure, JobKey, RunId, TestCounts};
use crate::results::junit;
use crate::workflow::Node;

/// Number of the form of the facts. It grows when a reader of the old form would
/// misunderstand the new one.
const SCHEMA: u32 = 1;
/// Name of the one step of an entry: the record does not tell the job's steps apart.
const STEP: &str = "Steps of the job";
/// What every record must have.
const NEEDED: [&str; 9] = [
    "schema",
    "repository",
    "workflow",
    "sha",
    "run_id",
    "attempt",
    "job",
    "began",
    "runner",
];

/// Where a job's steps ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// On the runner itself.
    Runner,
    /// In a container.
    Container,
}

impl Side {
    /// Every one.
    pub(crate) const ALL: [Self; 2] = [Self::Runner, Self::Container];

    /// The word for it: the folder of its reports.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Runner => "runner",
            Self::Container => "container",
        }
    }

    /// Where that is, in words.
    fn place(self) -> &'static str {
        match self {
            Self::Runner => "on the runner",
            Self::Container => "in the container",
        }
    }
}

/// What a record says of its job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// The workflow file, relative to the repository.
    pub(crate) workflow: String,
    /// The job's id in the workflow.
    pub(crate) job: String,
    repository: String,
    name: String,
    sha: String,
    reference: String,
    event: String,
    ci_run: CiRun,
    cpus: u32,
    memory: u64,
    engine: String,
    began: u64,
    ended: Option<u64>,
    runner: Conclusion,
    container: Option<Conclusion>,
}

impl Facts {
    /// Reads the facts.
    ///
    /// # Errors
    /// In words: something that is needed is missing or makes no sense, or they are of a later
    /// version.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        let lines: BTreeMap<&str, &str> = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .collect();
        let told = |name: &str| lines.get(name).copied().unwrap_or_default();
        if let Some(schema) = number::<u32>(&lines, "schema")?.filter(|schema| *schema > SCHEMA) {
            return Err(format!(
                "it was written by a later version of seatrial (schema {schema}, and this one reads up to {SCHEMA})"
            ));
        }
        let missing: Vec<&str> = NEEDED
            .into_iter()
            .filter(|name| told(name).is_empty())
            .collect();
        if !missing.is_empty() {
            return Err(format!(
                "it does not say {}: it is no whole record of a job in shadow",
                missing.join(", ")
            ));
        }
        let id = told("run_id");
        if !id.bytes().all(|c| c.is_ascii_digit()) {
            return Err(format!("its run_id is `{id}`, which is no number"));
        }
        let seconds = |name| Ok::<_, String>(number::<u64>(&lines, name)?.map(to_millis));
        let runner = conclusion(told("runner"), Side::Runner)?;
        let container = match told("container") {
            "" => None,
            word => Some(conclusion(word, Side::Container)?),
        };
        // A step that was stopped with its job did not fail in the container.
        let container = match runner {
            Conclusion::Cancelled => container.map(|_| Conclusion::Cancelled),
            _ => container,
        };
        Ok(Self {
            workflow: told("workflow").to_owned(),
            job: told("job").to_owned(),
            repository: told("repository").to_owned(),
            name: told("name").to_owned(),
            sha: told("sha").to_owned(),
            reference: told("ref").to_owned(),
            event: told("event").to_owned(),
            ci_run: CiRun {
                id: id.to_owned(),
                attempt: number(&lines, "attempt")?.unwrap_or(1),
            },
            cpus: number(&lines, "cpus")?.unwrap_or_default(),
            memory: number(&lines, "memory")?.unwrap_or_default(),
            engine: told("engine").to_owned(),
            began: seconds("began")?.unwrap_or_default(),
            ended: seconds("ended")?,
            runner,
            container,
        })
    }

    /// How a side ended; `None` where the record does not tell of it.
    fn conclusion(&self, side: Side) -> Option<Conclusion> {
        match side {
            Side::Runner => Some(self.runner),
            Side::Container => self.container,
        }
    }
}

/// A number of the facts; `None` where it is not told.
fn number<T: std::str::FromStr>(
    lines: &BTreeMap<&str, &str>,
    name: &str,
) -> Result<Option<T>, String> {
    match lines.get(name).copied().map(str::trim).unwrap_or_default() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!("its {name} is `{text}`, which is no number")),
        },
    }
}

fn conclusion(word: &str, side: Side) -> Result<Conclusion, String> {
    match word {
        "success" => Ok(Conclusion::Success),
        "failure" => Ok(Conclusion::Failure),
        "cancelled" => Ok(Conclusion::Cancelled),
        _ => Err(format!(
            "its {} is `{word}`, which is none of success, failure, cancelled",
            side.as_str()
        )),
    }
}

fn to_millis(seconds: u64) -> u64 {
    seconds.saturating_mul(1000)
}

/// The tests of a JUnit report, read as those of a run are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    tests: Vec<TestEntry>,
    digest: [u8; 32],
    /// Why it could not be read to its end; the tests are those before the damage.
    pub(crate) trouble: Option<String>,
}

impl Report {
    /// Reads a report, a damaged one as far as that goes.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let (report, trouble) = match junit::read(bytes) {
            Ok(report) => (report, None),
            Err(error) => (junit::salvage(bytes), Some(error.to_string())),
        };
        Self {
            tests: report.cases().map(of_case).collect(),
            digest: Sha256::digest(bytes).into(),
            trouble,
        }
    }
}

/// The entries of the sides that a record tells of. `matrix` is the text of the job's matrix;
/// `written`, the matrix in the workflow, helps with the leg's name. Reports come with their
/// paths.
///
/// # Errors
/// In words: the matrix cannot be read.
pub(crate) fn entries(
    facts: &Facts,
    matrix: Option<&str>,
    written: Option<&Node>,
    reports: &BTreeMap<(Side, String), Report>,
) -> Result<Vec<Entry>, String> {
    let context = match matrix {
        Some(text) => serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| format!("its matrix is no JSON: {error}"))?,
        None => serde_json::Value::Null,
    };
    if !context.is_object() && !context.is_null() {
        return Err("its matrix is no object".to_owned());
    }
    let key = leg_key(&facts.job, &Value::from_json(&context), written);
    let ran = [facts.job.as_str(), "\0", matrix.unwrap_or_default().trim()].concat();
    let hash = hex::encode(Sha256::digest(ran.as_bytes()));
    let entries = Side::ALL.into_iter().filter_map(|side| {
        let conclusion = facts.conclusion(side)?;
        let run = format!(
            "github-{}-{}-{}-{}",
            facts.ci_run.id,
            facts.ci_run.attempt,
            hash.get(..16).unwrap_or_default(),
            side.as_str()
        );
        let tests = tests_of(side, reports);
        Some(of_side(facts, side, conclusion, (RunId(run), &key), tests))
    });
    let entries: Vec<Entry> = entries.collect();
    match entries.iter().all(|entry| is_name(&entry.run.0)) {
        true => Ok(entries),
        false => Err("its run has no usable name".to_owned()),
    }
}

/// The tests of a side in the order of its reports. The copy of a report is no second one.
fn tests_of(side: Side, reports: &BTreeMap<(Side, String), Report>) -> Vec<TestEntry> {
    let mut seen = BTreeSet::new();
    reports
        .iter()
        .filter(|((of, _), report)| *of == side && seen.insert(report.digest))
        .flat_map(|(_, report)| report.tests.iter().cloned())
        .collect()
}

fn of_side(
    facts: &Facts,
    side: Side,
    conclusion: Conclusion,
    (run, key): (RunId, &JobKey),
    tests: Vec<TestEntry>,
) -> Entry {
    let engine = match (side, facts.engine.as_str()) {
        (Side::Runner, _) => "host (no container)".to_owned(),
        (Side::Container, "") => "docker".to_owned(),
        (Side::Container, version) => format!("docker {version}"),
    };
    let mut entry = Entry {
        schema: ENTRY_SCHEMA,
        run,
        source: Source::Ci,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        workflow: facts.workflow.clone(),
        name: facts.name.clone(),
        repository: facts.repository.clone(),
        sha: facts.sha.clone(),
        reference: facts.reference.clone(),
        event: facts.event.clone(),
        dirty: false,
        partial: true,
        ci_run: Some(facts.ci_run.clone()),
        engine,
        cpus: facts.cpus,
        memory: facts.memory,
        started_at: facts.began,
        finished_at: facts.ended,
        passed: Some(conclusion == Conclusion::Success),
        exit_code: Some(EXIT_SUCCESS),
        failures: Vec::new(),
        signatures: Vec::new(),
        fallback: None,
        reports_collected: None,
        rollout: Some("shadow".to_owned()),
        images: Vec::new(),
        legs: vec![LegEntry {
            key: key.0.clone(),
            job: facts.job.clone(),
            conclusion: Some(conclusion),
            queue_millis: None,
            startup_millis: None,
            millis: None,
            failure: None,
            steps: vec![StepEntry {
                number: 1,
                name: STEP.to_owned(),
                test: true,
                conclusion: Some(conclusion),
                millis: None,
                cause: None,
                tests,
            }],
        }],
        coverage: None,
    };
    if let Some(failure) = failure(side, conclusion, entry.test_counts()) {
        let why = reason(&failure);
        entry.exit_code = Some(failure.cause.exit_code());
        for leg in &mut entry.legs {
            leg.failure = Some(why.clone());
            for step in &mut leg.steps {
                step.cause = Some(why.cause.clone());
            }
        }
        entry.failures.push(why);
    }
    entry
}

/// Why a side failed, as far as its tests tell.
fn failure(side: Side, conclusion: Conclusion, counts: TestCounts) -> Option<Failure> {
    let place = side.place();
    match conclusion {
        Conclusion::Success | Conclusion::Skipped => None,
        Conclusion::Cancelled => Some(Failure::new(Cause::Superseded, "the job was cancelled")),
        Conclusion::Failure => Some(match broken(counts) {
            Some(tests) => {
                let cause = match counts.failed {
                    0 => Cause::TestsErrored,
                    _ => Cause::TestsFailed,
                };
                Failure::new(cause, format!("{tests} {place}"))
            }
            None => Failure::new(
                Cause::StepFailed,
                format!("a step failed {place}, and no test of its reports did"),
            ),
        }),
    }
}

#[cfg(test)]
#[path = "shadow_tests.rs"]
mod tests;
