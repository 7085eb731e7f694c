//! One run in the history.

use serde::{Deserialize, Serialize};

use super::machine;
use crate::record::{
    CiRun, Class, Conclusion, CoverageSummary, RunId, TestCounts, TestOutcome, is_zero,
};

/// Number of the wire form of an [`Entry`] (`seatrial history export`). It grows when a
/// reader of the old form would misunderstand the new one.
pub(crate) const ENTRY_SCHEMA: u32 = 1;

/// What is kept of one run. All times are milliseconds; points in time count from the Unix
/// epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Wire form, see [`ENTRY_SCHEMA`].
    pub(crate) schema: u32,
    /// Name of the run; the history has one entry for each.
    pub(crate) run: RunId,
    /// Where it ran.
    pub(crate) source: Source,
    /// Version of seatrial.
    pub(crate) version: String,
    /// The workflow file, relative to the repository.
    pub(crate) workflow: String,
    /// Name of the workflow.
    pub(crate) name: String,
    /// `owner/name`, or the folder's name.
    pub(crate) repository: String,
    /// Commit of the checkout; empty without git.
    pub(crate) sha: String,
    /// Full reference (`refs/heads/main`); empty without git.
    pub(crate) reference: String,
    /// The event that it ran for.
    pub(crate) event: String,
    /// Whether the tree differed from the commit.
    pub(crate) dirty: bool,
    /// Whether jobs were left out by `--job` or `--matrix`.
    pub(crate) partial: bool,
    /// The run of a CI service that it is part of: jobs which call seatrial by themselves
    /// share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ci_run: Option<CiRun>,
    /// The engine, in words (`docker 20.10.24`).
    pub(crate) engine: String,
    /// Processor cores of the machine.
    pub(crate) cpus: u32,
    /// Memory of the machine in bytes; 0 where it is not known.
    pub(crate) memory: u64,
    /// Start.
    pub(crate) started_at: u64,
    /// End; absent where the run was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<u64>,
    /// Whether the verdict was good; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) passed: Option<bool>,
    /// Exit code of `seatrial run`; absent without a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<u8>,
    /// What failed, the deciding failure first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) failures: Vec<Reason>,
    /// Ids of the signatures that the triage found, root causes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) signatures: Vec<String>,
    /// Why the jobs ran without containers, where an image could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fallback: Option<Reason>,
    /// Whether all reports that were due came out; absent where no step that owed one ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reports_collected: Option<bool>,
    /// The value of the roll-out's flag for this run (`true`, `false`, `25%`, `shadow`), where
    /// a roll-out decided about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rollout: Option<String>,
    /// Images that were made or looked up.
    pub(crate) images: Vec<ImageEntry>,
    /// Legs, in the order of the plan.
    pub(crate) legs: Vec<LegEntry>,
    /// Coverage of all jobs together, with its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coverage: Option<CoverageSummary>,
}

/// Where a run took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// On somebody's own machine.
    Local,
    /// On a machine of a CI service.
    Ci,
}

impl Source {
    /// Every one.
    pub(crate) const ALL: [Self; 2] = [Self::Local, Self::Ci];

    /// The word for it, as it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Ci => "ci",
        }
    }
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reason {
    /// The published reason, `class.reason` (docs/exit-codes.md). A text, so that the reasons
    /// of a later version can be read.
    pub(crate) cause: String,
    /// The first line of its message, cut at 200 characters.
    pub(crate) message: String,
}

impl Reason {
    /// Its class; `None` where a later version of seatrial has more of them.
    pub(crate) fn class(&self) -> Option<Class> {
        let (class, _) = self.cause.split_once('.')?;
        Class::ALL.iter().copied().find(|one| one.as_str() == class)
    }
}

/// An image of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImageEntry {
    /// Name within the run.
    pub(crate) name: String,
    /// Where it came from, in words.
    pub(crate) origin: String,
    /// What was there of it before.
    pub(crate) warmth: Warmth,
    /// What it took to have it.
    pub(crate) millis: u64,
    /// Build steps in all; 0 where nothing was built.
    pub(crate) steps: u32,
    /// Build steps that came from the cache.
    pub(crate) cached: u32,
    /// Size in bytes, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// The instructions that the build went through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) layers: Vec<Layer>,
    /// Why it could not be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Reason>,
}

/// What was there of an image before a run. Build times are compared among equals only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Warmth {
    /// It was not built: there already, or fetched as it is.
    NotBuilt,
    /// Nothing had to be done.
    Warm,
    /// Some steps came from the cache.
    Partly,
    /// No step came from the cache.
    Cold,
}

impl Warmth {
    /// Every one, in the order of how much there was.
    pub(crate) const ALL: [Self; 4] = [Self::NotBuilt, Self::Warm, Self::Partly, Self::Cold];

    /// The word for it, as it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NotBuilt => "not_built",
            Self::Warm => "warm",
            Self::Partly => "partly",
            Self::Cold => "cold",
        }
    }
}

/// An instruction of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Layer {
    /// The instruction, as BuildKit names it, cut at 200 characters.
    pub(crate) name: String,
    /// Whether its result came from the cache.
    pub(crate) cached: bool,
    /// What it took.
    pub(crate) millis: u64,
}

/// A leg of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LegEntry {
    /// The leg, `test (3.11)`.
    pub(crate) key: String,
    /// The job's id in the workflow.
    pub(crate) job: String,
    /// How it ended; absent where it did not, or was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) conclusion: Option<Conclusion>,
    /// From when it could have begun until it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) queue_millis: Option<u64>,
    /// From its image being there until its environment was open, services included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) startup_millis: Option<u64>,
    /// From start to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) millis: Option<u64>,
    /// Why it failed: its own failure, otherwise that of the first step that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Reason>,
    /// What its steps did; number 0 is "Set up job".
    pub(crate) steps: Vec<StepEntry>,
}

/// A step of a leg.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepEntry {
    /// Number within the leg.
    pub(crate) number: u32,
    /// Name as shown on GitHub.
    pub(crate) name: String,
    /// Whether it runs tests.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) test: bool,
    /// Result after `continue-on-error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) conclusion: Option<Conclusion>,
    /// What it took; absent where it was skipped or did not end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) millis: Option<u64>,
    /// The published reason of its failure, `class.reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
    /// Its test cases, in the order of its reports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tests: Vec<TestEntry>,
}

/// A test case of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TestEntry {
    /// pytest's node id, or `classname::name`.
    pub(crate) id: String,
    /// What became of it.
    pub(crate) outcome: TestOutcome,
    /// What it took.
    pub(crate) millis: u64,
    /// Attempts before the one that counts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) retries: u32,
    /// The first line of its failure or error, cut at 200 characters; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) message: String,
}

impl TestEntry {
    /// Whether it passed, and not at the first attempt.
    pub(crate) fn is_flaky(&self) -> bool {
        self.outcome.is_flaky(self.retries)
    }
}

impl Entry {
    /// The branch or tag without its prefix; empty without git.
    pub(crate) fn branch(&self) -> &str {
        let reference = self.reference.as_str();
        ["refs/heads/", "refs/tags/", "refs/"]
            .iter()
            .find_map(|prefix| reference.strip_prefix(prefix))
            .unwrap_or(reference)
    }

    /// Whether its tests ran in containers.
    pub(crate) fn in_containers(&self) -> bool {
        self.fallback.is_none() && !self.engine.starts_with("host")
    }

    /// What kind of machine it ran on: `ci, docker, 4 cores, 16 GiB`. Times are compared
    /// within one class only.
    pub(crate) fn machine_class(&self) -> String {
        machine::class(self.source, &self.engine, self.cpus, self.memory)
    }

    /// From start to end; absent where the run was killed.
    pub(crate) fn millis(&self) -> Option<u64> {
        Some(self.finished_at?.saturating_sub(self.started_at))
    }

    /// What was there of its images: of several, the least.
    pub(crate) fn warmth(&self) -> Warmth {
        let all = self.images.iter().map(|image| image.warmth);
        all.max().unwrap_or(Warmth::NotBuilt)
    }

    /// What building its images took in all; absent where none was built.
    pub(crate) fn build_millis(&self) -> Option<u64> {
        let built = self
            .images
            .iter()
            .filter(|one| one.warmth != Warmth::NotBuilt);
        built.map(|image| image.millis).reduce(u64::saturating_add)
    }

    /// Size of its images in bytes; absent where none is known.
    pub(crate) fn image_bytes(&self) -> Option<u64> {
        let known = self.images.iter().filter_map(|image| image.bytes);
        known.reduce(u64::saturating_add)
    }

    /// The longest start of a container; absent where none started.
    pub(crate) fn startup_millis(&self) -> Option<u64> {
        self.legs.iter().filter_map(|leg| leg.startup_millis).max()
    }

    /// The longest wait of a leg for its turn; absent where none began.
    pub(crate) fn queue_millis(&self) -> Option<u64> {
        self.legs.iter().filter_map(|leg| leg.queue_millis).max()
    }

    /// What its test steps took in all; absent where none ran to its end.
    pub(crate) fn test_millis(&self) -> Option<u64> {
        let steps = self.legs.iter().flat_map(|leg| &leg.steps);
        let tests = steps
            .filter(|step| step.test)
            .filter_map(|step| step.millis);
        tests.reduce(u64::saturating_add)
    }

    /// Its tests with the leg that they belong to, in order.
    pub(crate) fn tests(&self) -> impl Iterator<Item = (&LegEntry, &TestEntry)> {
        self.legs.iter().flat_map(|leg| {
            let tests = leg.steps.iter().flat_map(|step| &step.tests);
            tests.map(move |test| (leg, test))
        })
    }

    /// Its tests by outcome.
    pub(crate) fn test_counts(&self) -> TestCounts {
        let mut counts = TestCounts::default();
        for (_, test) in self.tests() {
            match test.outcome {
                TestOutcome::Passed => counts.passed += 1,
                TestOutcome::Failed => counts.failed += 1,
                TestOutcome::Error => counts.errors += 1,
                TestOutcome::Skipped => counts.skipped += 1,
            }
        }
        counts
    }
}
