//! The record of a run (`run.json`) and how events add up to it.

use serde::{Deserialize, Serialize};

use super::cause::Failure;
use super::coverage::{CoverageBase, CoverageData, CoverageReport, CoverageSummary, ReportKind};
use super::event::{Event, EventKind, Level, Place, PlannedJob};
use super::facts::JobFacts;
use super::image::ImageRecord;
use super::keys::{CiRun, JobKey, RunId, StepKey};
use super::outcome::Conclusion;
use super::tests::{TestCounts, TestReport};
use super::verdict::Verdict;

/// Number of the wire form of `run.json` and `events.jsonl`. It grows when a
/// reader of the old form would misunderstand the new one.
pub(crate) const SCHEMA: u32 = 1;

/// What is known of a run before its first job starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunInfo {
    /// Wire form, see [`SCHEMA`].
    pub(crate) schema: u32,
    /// Name of the run.
    pub(crate) id: RunId,
    /// Version of seatrial.
    pub(crate) version: String,
    /// The workflow file, relative to the repository.
    pub(crate) workflow: String,
    /// Name of the workflow.
    pub(crate) name: String,
    /// The event that it runs for.
    pub(crate) event: String,
    /// `owner/name` where a remote tells, otherwise the folder's name.
    pub(crate) repository: String,
    /// Commit of the checkout; empty without git.
    pub(crate) sha: String,
    /// Full reference (`refs/heads/main`); empty without git.
    pub(crate) reference: String,
    /// Whether the tree differs from the commit.
    pub(crate) dirty: bool,
    /// The engine, in words (`docker 20.10.24`).
    pub(crate) engine: String,
    /// Processor cores of the machine.
    pub(crate) cpus: u32,
    /// Memory of the machine in bytes.
    pub(crate) memory: u64,
    /// Whether jobs were left out by `--job` or `--matrix`.
    pub(crate) partial: bool,
    /// Whether a service for continuous integration ran seatrial.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) ci: bool,
    /// The run of that service which this one is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ci_run: Option<CiRun>,
}

/// Everything known about a run. Left of it the world, right of it functions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    /// What was known at the start.
    pub(crate) info: RunInfo,
    /// Start, in milliseconds since the Unix epoch.
    pub(crate) started_at: u64,
    /// End; absent while it runs and after a crash.
    pub(crate) finished_at: Option<u64>,
    /// Why the jobs ran without containers, where an image could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fallback: Option<Failure>,
    /// Images that were made or looked up.
    pub(crate) images: Vec<ImageRecord>,
    /// Legs, in the order of the plan.
    pub(crate) jobs: Vec<JobRecord>,
    /// Notices, in order.
    pub(crate) notices: Vec<NoticeRecord>,
    /// Coverage of all jobs together.
    pub(crate) coverage: Option<CoverageSummary>,
    /// Files of coverage reports that are not files of the repository.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unmapped: Vec<String>,
    /// What that coverage is held against beside thresholds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coverage_base: Option<CoverageBase>,
    /// The signal that stopped the run.
    pub(crate) stopped: Option<Failure>,
    /// The judgement.
    pub(crate) verdict: Option<Verdict>,
}

/// One leg.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct JobRecord {
    /// The leg as planned.
    #[serde(flatten)]
    pub(crate) planned: PlannedJob,
    /// Start.
    pub(crate) started_at: Option<u64>,
    /// When its environment was open.
    pub(crate) ready_at: Option<u64>,
    /// End.
    pub(crate) finished_at: Option<u64>,
    /// Name or id of its environment.
    pub(crate) environment: String,
    /// The image of its environment.
    pub(crate) image: String,
    /// How it ended; absent while it runs.
    pub(crate) conclusion: Option<Conclusion>,
    /// Why it failed, where no step says so.
    pub(crate) failure: Option<Failure>,
    /// Why it was skipped.
    pub(crate) note: Option<String>,
    /// What its steps did: number 0 is "Set up job".
    #[serde(rename = "results")]
    pub(crate) steps: Vec<StepRecord>,
    /// Its coverage reports.
    pub(crate) coverage: Vec<CoverageReport>,
    /// Its data of coverage.py, where that is all that came out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) coverage_data: Vec<CoverageData>,
    /// Reports that were due and are missing or unusable.
    pub(crate) missing: Vec<MissingReport>,
    /// Its artifacts.
    pub(crate) artifacts: Vec<ArtifactRecord>,
    /// What its environment was like; absent where no test step ran, or none could tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) facts: Option<Box<JobFacts>>,
    /// What it deployed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deployed: Option<Deployment>,
}

/// `environment` of a job, evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deployment {
    /// Name of the environment.
    pub(crate) environment: String,
    /// Its `url`, where there is one that can be shown.
    pub(crate) url: Option<String>,
}

/// One step that ran or was skipped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepRecord {
    /// Number within the leg.
    pub(crate) number: u32,
    /// Name as shown on GitHub.
    pub(crate) name: String,
    /// Start; absent when skipped.
    pub(crate) started_at: Option<u64>,
    /// End.
    pub(crate) finished_at: Option<u64>,
    /// Result before `continue-on-error`; absent while it runs.
    pub(crate) outcome: Option<Conclusion>,
    /// Result after `continue-on-error`.
    pub(crate) conclusion: Option<Conclusion>,
    /// Exit code of its process.
    pub(crate) exit_code: Option<i64>,
    /// Why it failed.
    pub(crate) failure: Option<Failure>,
    /// What a person should know.
    pub(crate) note: Option<String>,
    /// Its test reports.
    pub(crate) tests: Vec<TestReport>,
    /// Its annotations.
    pub(crate) annotations: Vec<AnnotationRecord>,
    /// What it wrote into the step summary.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) summary: String,
}

/// A report that was due and is missing or unusable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MissingReport {
    /// The step that should have written it.
    pub(crate) step: Option<u32>,
    /// Its kind.
    pub(crate) kind: ReportKind,
    /// Why.
    pub(crate) failure: Failure,
}

/// Files brought out under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArtifactRecord {
    /// Name of the artifact.
    pub(crate) name: String,
    /// Path below the run's directory.
    pub(crate) path: String,
    /// Number of files.
    pub(crate) files: u64,
    /// Size in bytes.
    pub(crate) bytes: u64,
}

/// An annotation of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnnotationRecord {
    /// How grave.
    pub(crate) level: Level,
    /// The text.
    pub(crate) message: String,
    /// The place in the repository.
    pub(crate) place: Option<Place>,
}

/// Something that the person in front of seatrial should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NoticeRecord {
    /// How grave.
    pub(crate) level: Level,
    /// The leg it is about.
    pub(crate) job: Option<JobKey>,
    /// The text.
    pub(crate) message: String,
}

impl RunRecord {
    /// The record that a first event begins, `None` unless it is
    /// [`EventKind::RunStarted`].
    pub(crate) fn begin(event: &Event) -> Option<Self> {
        let EventKind::RunStarted(info) = &event.kind else {
            return None;
        };
        Some(Self {
            info: RunInfo::clone(info),
            started_at: event.at,
            finished_at: None,
            fallback: None,
            images: Vec::new(),
            jobs: Vec::new(),
            notices: Vec::new(),
            coverage: None,
            unmapped: Vec::new(),
            coverage_base: None,
            stopped: None,
            verdict: None,
        })
    }

    /// Folds all events of a run. Events before `RunStarted` are ignored.
    pub(crate) fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Self> {
        let mut record: Option<Self> = None;
        for event in events {
            match record.as_mut() {
                Some(record) => record.apply(event),
                None => record = Self::begin(event),
            }
        }
        record
    }

    /// Adds one event.
    pub(crate) fn apply(&mut self, event: &Event) {
        let at = event.at;
        match &event.kind {
            EventKind::RunStarted(_)
            | EventKind::ImageStarted { .. }
            | EventKind::ImageAt { .. }
            | EventKind::ImageStep { .. } => {}
            EventKind::FellBack { engine, failure } => {
                self.info.engine.clone_from(engine);
                self.fallback = Some(failure.clone());
            }
            EventKind::JobPlanned(planned) => self.jobs.push(JobRecord::new(planned.clone())),
            EventKind::JobExpanded { job, legs } => {
                let at = self.jobs.iter().position(|one| one.planned.key == *job);
                let legs = legs.iter().cloned().map(JobRecord::new);
                match at {
                    Some(at) => drop(self.jobs.splice(at..=at, legs)),
                    None => self.jobs.extend(legs),
                }
            }
            EventKind::ImageFinished(image) => self.images.push(ImageRecord {
                finished_at: Some(at),
                ..image.clone()
            }),
            EventKind::JobStarted { job } => self.job(job, |job| job.started_at = Some(at)),
            EventKind::JobReady {
                job,
                environment,
                image,
            } => self.job(job, |job| {
                job.ready_at = Some(at);
                job.environment.clone_from(environment);
                job.image.clone_from(image);
            }),
            EventKind::StepStarted { step, name } => self.step(step, |step| {
                step.name.clone_from(name);
                step.started_at = Some(at);
            }),
            EventKind::StepFinished {
                step,
                name,
                outcome,
                conclusion,
                exit_code,
                failure,
                note,
            } => self.step(step, |step| {
                step.name.clone_from(name);
                step.finished_at = Some(at);
                step.outcome = Some(*outcome);
                step.conclusion = Some(*conclusion);
                step.exit_code = *exit_code;
                step.failure.clone_from(failure);
                step.note.clone_from(note);
            }),
            EventKind::Deployed {
                job,
                environment,
                url,
            } => self.job(job, |job| {
                job.deployed = Some(Deployment {
                    environment: environment.clone(),
                    url: url.clone(),
                });
            }),
            EventKind::JobFinished {
                job,
                conclusion,
                failure,
                note,
            } => self.job(job, |job| {
                job.finished_at = Some(at);
                job.conclusion = Some(*conclusion);
                job.failure.clone_from(failure);
                job.note.clone_from(note);
            }),
            EventKind::Annotation {
                step,
                level,
                message,
                place,
            } => self.step(step, |step| {
                step.annotations.push(AnnotationRecord {
                    level: *level,
                    message: message.clone(),
                    place: place.clone(),
                });
            }),
            EventKind::Notice {
                level,
                job,
                message,
            } => self.notices.push(NoticeRecord {
                level: *level,
                job: job.clone(),
                message: message.clone(),
            }),
            EventKind::Tests {
                step,
                path,
                cases,
                complete,
            } => self.step(step, |step| {
                step.tests.push(TestReport {
                    path: path.clone(),
                    complete: *complete,
                    counts: TestCounts::of(cases),
                    cases: cases.clone(),
                });
            }),
            EventKind::Facts { job, facts } => {
                self.job(job, |job| job.facts = Some(facts.clone()));
            }
            EventKind::ReportFailed {
                job,
                step,
                kind,
                failure,
            } => self.job(job, |job| {
                job.missing.push(MissingReport {
                    step: *step,
                    kind: *kind,
                    failure: failure.clone(),
                });
            }),
            EventKind::Coverage { job, path, summary } => self.job(job, |job| {
                job.coverage.push(CoverageReport {
                    path: path.clone(),
                    summary: summary.clone(),
                });
            }),
            EventKind::CoverageData { job, data } => {
                self.job(job, |job| job.coverage_data.push(data.clone()));
            }
            EventKind::CoverageMerged {
                summary,
                unmapped,
                base,
            } => {
                self.coverage = Some(summary.clone());
                self.unmapped.clone_from(unmapped);
                self.coverage_base.clone_from(base);
            }
            EventKind::Artifact {
                job,
                name,
                path,
                files,
                bytes,
            } => self.job(job, |job| {
                job.artifacts.push(ArtifactRecord {
                    name: name.clone(),
                    path: path.clone(),
                    files: *files,
                    bytes: *bytes,
                });
            }),
            EventKind::Summary { step, markdown } => {
                self.step(step, |step| step.summary.push_str(markdown));
            }
            EventKind::RunFinished { stopped } => {
                self.finished_at = Some(at);
                self.stopped.clone_from(stopped);
            }
            EventKind::Judged(verdict) => self.verdict = Some(verdict.clone()),
        }
    }

    fn job(&mut self, key: &JobKey, change: impl FnOnce(&mut JobRecord)) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.planned.key == *key) {
            change(job);
        }
    }

    fn step(&mut self, key: &StepKey, change: impl FnOnce(&mut StepRecord)) {
        self.job(&key.job, |job| {
            let place = job
                .steps
                .iter()
                .position(|step| step.number == key.step)
                .unwrap_or_else(|| {
                    job.steps.push(StepRecord::new(key.step));
                    job.steps.len() - 1
                });
            if let Some(step) = job.steps.get_mut(place) {
                change(step);
            }
        });
    }
}

impl JobRecord {
    fn new(planned: PlannedJob) -> Self {
        Self {
            planned,
            started_at: None,
            ready_at: None,
            finished_at: None,
            environment: String::new(),
            image: String::new(),
            conclusion: None,
            failure: None,
            note: None,
            steps: Vec::new(),
            coverage: Vec::new(),
            coverage_data: Vec::new(),
            missing: Vec::new(),
            artifacts: Vec::new(),
            facts: None,
            deployed: None,
        }
    }

    /// Test cases of all its steps, by outcome.
    pub(crate) fn test_counts(&self) -> TestCounts {
        self.steps
            .iter()
            .flat_map(|step| &step.tests)
            .fold(TestCounts::default(), |sum, report| sum.plus(report.counts))
    }
}

impl StepRecord {
    fn new(number: u32) -> Self {
        Self {
            number,
            name: String::new(),
            started_at: None,
            finished_at: None,
            outcome: None,
            conclusion: None,
            exit_code: None,
            failure: None,
            note: None,
            tests: Vec::new(),
            annotations: Vec::new(),
            summary: String::new(),
        }
    }
}
