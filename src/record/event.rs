//! What the runner tells while a run goes, one line each in `events.jsonl`.

use serde::{Deserialize, Serialize};

use super::cause::Failure;
use super::coverage::{CoverageBase, CoverageData, CoverageSummary, ReportKind};
use super::facts::JobFacts;
use super::image::ImageRecord;
use super::keys::{JobKey, StepKey};
use super::outcome::Conclusion;
use super::run::RunInfo;
use super::tests::TestCase;
use super::verdict::Verdict;
use super::zero::is_zero;

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// Milliseconds since the Unix epoch.
    pub(crate) at: u64,
    /// What happened.
    #[serde(flatten)]
    pub(crate) kind: EventKind,
}

/// The kinds of event. Output of steps is not among them: it goes to the log
/// files and to the live view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum EventKind {
    /// The run began. Always the first event.
    RunStarted(Box<RunInfo>),
    /// An image could not be made, and the jobs, none of which has begun, run elsewhere.
    FellBack {
        /// Where, in words.
        engine: String,
        /// Why there is no image.
        failure: Failure,
    },
    /// A leg is part of the run.
    JobPlanned(PlannedJob),
    /// A job's legs became known when the jobs that it needs were done. They come in
    /// place of the one that stood for all.
    JobExpanded {
        /// The leg that stood for all.
        job: JobKey,
        /// The legs.
        legs: Vec<PlannedJob>,
    },
    /// An image is being made or looked up.
    ImageStarted {
        /// Name of the image within the run.
        image: String,
    },
    /// The build of an image has begun with an instruction, or fetched more for it.
    ImageAt {
        /// Name of the image within the run.
        image: String,
        /// The instruction, as BuildKit names it.
        name: String,
        /// Bytes fetched or sent for it so far.
        bytes: u64,
        /// Bytes that there are, as far as that is known.
        total: u64,
    },
    /// A build step of an image ended.
    ImageStep {
        /// Name of the image within the run.
        image: String,
        /// The instruction, as BuildKit names it.
        name: String,
        /// Whether the result came from the cache.
        cached: bool,
        /// Milliseconds it took.
        millis: u64,
        /// Bytes fetched for it.
        #[serde(default, skip_serializing_if = "is_zero")]
        bytes: u64,
    },
    /// An image is ready, or cannot be had.
    ImageFinished(ImageRecord),
    /// A leg began: its environment is being opened.
    JobStarted {
        /// The leg.
        job: JobKey,
    },
    /// The leg's environment is open; steps can run.
    JobReady {
        /// The leg.
        job: JobKey,
        /// Name or id of the environment, for a person who wants to look.
        environment: String,
        /// The image it was made from; empty on the host.
        image: String,
    },
    /// A step began.
    StepStarted {
        /// The step.
        step: StepKey,
        /// Its name as shown on GitHub.
        name: String,
    },
    /// A step ended, or was skipped.
    StepFinished {
        /// The step.
        step: StepKey,
        /// Its name as shown on GitHub.
        name: String,
        /// Result before `continue-on-error`.
        outcome: Conclusion,
        /// Result after `continue-on-error`.
        conclusion: Conclusion,
        /// Exit code of its process, where it had one.
        exit_code: Option<i64>,
        /// Why it failed.
        failure: Option<Failure>,
        /// What a person should know: why it was skipped or not run.
        note: Option<String>,
    },
    /// A leg ended and its reports are out; its environment is being removed.
    JobFinished {
        /// The leg.
        job: JobKey,
        /// Its result, `continue-on-error` of the job applied.
        conclusion: Conclusion,
        /// Why it failed, where no step says so.
        failure: Option<Failure>,
        /// Why it was skipped.
        note: Option<String>,
    },
    /// A warning, an error or a notice with a place, from a workflow command or
    /// from seatrial.
    Annotation {
        /// The step that said it.
        step: StepKey,
        /// How grave.
        level: Level,
        /// The text.
        message: String,
        /// The place in the repository.
        place: Option<Place>,
    },
    /// Something that the person in front of seatrial should know.
    Notice {
        /// How grave.
        level: Level,
        /// The leg it is about.
        job: Option<JobKey>,
        /// The text, one line.
        message: String,
    },
    /// A test report was brought out and read.
    Tests {
        /// The step that wrote it.
        step: StepKey,
        /// Path below the run's directory.
        path: String,
        /// The cases.
        cases: Vec<TestCase>,
        /// `false` for what could be salvaged of a damaged report.
        complete: bool,
    },
    /// What the environment of a leg was like while it ran tests. Of several, the last
    /// counts.
    Facts {
        /// The leg.
        job: JobKey,
        /// The facts.
        facts: Box<JobFacts>,
    },
    /// A report was due and is missing or unusable.
    ReportFailed {
        /// The leg.
        job: JobKey,
        /// The step that should have written it.
        step: Option<u32>,
        /// The kind of report.
        kind: ReportKind,
        /// Why.
        failure: Failure,
    },
    /// A coverage report was brought out and read.
    Coverage {
        /// The leg.
        job: JobKey,
        /// Path below the run's directory.
        path: String,
        /// Its totals.
        summary: CoverageSummary,
    },
    /// Data of coverage.py came out of which no report could be made.
    CoverageData {
        /// The leg.
        job: JobKey,
        /// The data.
        data: CoverageData,
    },
    /// Coverage of all jobs was merged.
    CoverageMerged {
        /// The merged totals.
        summary: CoverageSummary,
        /// Files of the reports that are not files of the repository.
        unmapped: Vec<String>,
        /// What it is held against beside thresholds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<CoverageBase>,
    },
    /// Files were brought out under a name.
    Artifact {
        /// The leg.
        job: JobKey,
        /// Name of the artifact.
        name: String,
        /// Path below the run's directory.
        path: String,
        /// Number of files.
        files: u64,
        /// Their size in bytes.
        bytes: u64,
    },
    /// The steps of a leg with an `environment` are done.
    Deployed {
        /// The leg.
        job: JobKey,
        /// Name of the environment.
        environment: String,
        /// Its `url`, where there is one that can be shown.
        url: Option<String>,
    },
    /// A step wrote a summary.
    Summary {
        /// The step.
        step: StepKey,
        /// The Markdown it wrote.
        markdown: String,
    },
    /// The run ended; nothing of it is left on the engine unless a notice says so.
    RunFinished {
        /// The signal that stopped it, as a failure.
        stopped: Option<Failure>,
    },
    /// The gate judged. Always the last event.
    Judged(Verdict),
}

/// How grave a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// Worth knowing.
    Notice,
    /// Probably not meant.
    Warning,
    /// Wrong.
    Error,
}

/// A place in the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Path as the message gave it.
    pub(crate) file: String,
    /// Line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    /// Column, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<u32>,
}

/// A leg as planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlannedJob {
    /// The leg.
    pub(crate) key: JobKey,
    /// The job's id in the workflow.
    pub(crate) job: String,
    /// Its name as shown on GitHub.
    pub(crate) name: String,
    /// Ids of the jobs it needs.
    pub(crate) needs: Vec<String>,
    /// Why it does not run in a container here, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<LeftOut>,
    /// Its steps.
    pub(crate) steps: Vec<PlannedStep>,
}

/// Why a leg does not run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeftOut {
    /// The reason in words.
    pub(crate) reason: String,
    /// Whether the user left it out; otherwise it cannot run here.
    pub(crate) chosen: bool,
}

/// Begins the reason of a leg that only GitHub's runner can run.
const ON_THE_RUNNER: &str = "on the runner: it needs ";

impl LeftOut {
    /// The user left it out, with this option.
    pub(crate) fn chosen(option: impl Into<String>) -> Self {
        Self {
            reason: option.into(),
            chosen: true,
        }
    }

    /// It needs a machine that there is only at GitHub: the label it asks for.
    pub(crate) fn on_runner(label: &str) -> Self {
        Self {
            reason: format!("{ON_THE_RUNNER}{label}"),
            chosen: false,
        }
    }

    /// The label that it asks for, where that is the reason.
    pub(crate) fn runner_label(&self) -> Option<&str> {
        self.reason
            .strip_prefix(ON_THE_RUNNER)
            .filter(|_| !self.chosen)
    }
}

/// A step as planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlannedStep {
    /// Number within the job, from 1.
    pub(crate) number: u32,
    /// Number of the step that uses the composite action it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inside: Option<u32>,
    /// Its name as shown on GitHub, expressions not yet evaluated.
    pub(crate) name: String,
    /// Where it belongs, in words.
    pub(crate) placement: String,
    /// Whether it runs tests.
    pub(crate) test: bool,
    /// Whether its script ends with its only call of pytest, so that it leaves nothing out
    /// when tests fail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) ends_with_tests: bool,
    /// Kinds of report it must leave behind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) due: Vec<ReportKind>,
}
