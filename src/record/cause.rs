//! Why a run did not succeed: the published failure reasons and exit codes.
//!
//! Both are frozen: texts and numbers may be added, never changed.
//! `docs/exit-codes.md` is generated from this file (`seatrial docs exit-codes`).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Exit code of a run that succeeded.
pub(crate) const EXIT_SUCCESS: u8 = 0;

macro_rules! classes {
    ($( $class:ident = $text:literal, $exit:literal, $meaning:literal; )*) => {
        /// What kind of trouble it was. Listed in order of precedence: with
        /// several failures, the exit code is that of the first class here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Class { $( #[doc = $meaning] $class, )* }

        impl Class {
            /// Every class, in order of precedence.
            pub(crate) const ALL: &'static [Self] = &[$( Self::$class, )*];

            /// The class as it is written in `run.json`.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $( Self::$class => $text, )* }
            }

            /// The exit code of `seatrial` for this class.
            pub(crate) fn exit_code(self) -> u8 {
                match self { $( Self::$class => $exit, )* }
            }

            /// What the class means, one sentence.
            pub(crate) fn meaning(self) -> &'static str {
                match self { $( Self::$class => $meaning, )* }
            }
        }
    };
}

classes! {
    Internal = "internal", 70, "seatrial itself is at fault.";
    Cancelled = "cancelled", 130, "The run was stopped from outside (143 for SIGTERM, 129 for SIGHUP).";
    Config = "config", 2, "The workflow, the settings or the command line cannot be used.";
    Policy = "policy", 6, "A policy forbids it.";
    TestsFailed = "tests_failed", 1, "Tests ran and did not pass.";
    CommandFailed = "command_failed", 9, "A step that is not a test step failed.";
    Timeout = "timeout", 8, "A time limit was reached.";
    ResourceLimit = "resource_limit", 7, "Memory, processes or disk of the container ran out.";
    BuildFailed = "build_failed", 5, "The image could not be built.";
    NoReport = "no_report", 4, "A report that was due is missing or unusable, or no test ran.";
    Coverage = "coverage", 3, "Coverage is below its threshold.";
    Infrastructure = "infrastructure", 10, "The container engine, the network or the disk is at fault.";
    Comparison = "comparison", 12, "Container and runner disagree, or an old and a new workflow.";
    Cleanup = "cleanup", 11, "Something was left on the engine.";
    Performance = "performance", 13, "It takes longer than its budget, or is worse than it used to be.";
}

macro_rules! causes {
    ($( $cause:ident = $class:ident . $text:literal, $meaning:literal; )*) => {
        /// One published failure reason.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Cause { $( #[doc = $meaning] $cause, )* }

        impl Cause {
            /// Every reason.
            pub(crate) const ALL: &'static [Self] = &[$( Self::$cause, )*];

            /// The class it belongs to.
            pub(crate) fn class(self) -> Class {
                match self { $( Self::$cause => Class::$class, )* }
            }

            /// The second half of its written form.
            pub(crate) fn reason(self) -> &'static str {
                match self { $( Self::$cause => $text, )* }
            }

            /// What it means, one sentence.
            pub(crate) fn meaning(self) -> &'static str {
                match self { $( Self::$cause => $meaning, )* }
            }
        }
    };
}

causes! {
    Panic = Internal."panic", "seatrial panicked; this is a bug.";
    Invariant = Internal."invariant", "seatrial found itself in a state that cannot be; this is a bug.";
    UserInterrupt = Cancelled."user_interrupt", "Ctrl-C.";
    Sigterm = Cancelled."sigterm", "SIGTERM.";
    Hangup = Cancelled."hangup", "The terminal went away (SIGHUP).";
    Superseded = Cancelled."superseded", "A failed sibling leg (`fail-fast`) or a later one of its concurrency group stopped it.";
    Usage = Config."usage", "The command line is wrong.";
    WorkflowInvalid = Config."workflow_invalid", "The workflow file is wrong.";
    UnsupportedFeature = Config."unsupported_feature", "The workflow uses something that seatrial cannot do.";
    ConfigInvalid = Config."config_invalid", "`seatrial.toml` or an environment variable is wrong.";
    ImageNotFound = Config."image_not_found", "The image is neither local nor in a registry.";
    ImageAuth = Config."image_auth", "The registry refuses the credentials.";
    ImageUnusable = Config."image_unusable", "The image lacks what a job needs, for example a shell.";
    PathInvalid = Config."path_invalid", "A path cannot be used.";
    GithubLogin = Config."github_login", "GitHub does not accept the token, there is none, or it may not do what was asked.";
    GithubRequest = Config."github_request", "GitHub does not know what was asked for, or does not take it.";
    RootUser = Policy."root_user", "The image runs as root.";
    UnpinnedBase = Policy."unpinned_base", "The base image is not pinned.";
    UnofficialBase = Policy."unofficial_base", "The base image is not on the allow-list.";
    SecretInEnv = Policy."secret_in_env", "A secret is part of the image.";
    PrivilegedOption = Policy."privileged_option", "A privileged option was asked for and not granted.";
    DockerSocket = Policy."docker_socket", "The engine's socket was asked for and not granted.";
    ForeignFrontend = Policy."foreign_frontend", "The Dockerfile asks for a build frontend that is not Docker's own and was not granted.";
    VulnerabilityThreshold = Policy."vulnerability_threshold", "The image has vulnerabilities above the threshold.";
    PolicyRule = Policy."policy_rule", "A rule of `seatrial scan` is broken that the settings deny.";
    AuditRule = Policy."audit_rule", "`seatrial audit` found something in a workflow that is denied.";
    TestsFailed = TestsFailed."tests_failed", "At least one test failed.";
    TestsErrored = TestsFailed."tests_errored", "Tests could not run to their end: collection, fixtures, a crash of the test runner.";
    VerdictConflict = TestsFailed."verdict_conflict", "Exit code and report contradict each other.";
    StepFailed = CommandFailed."step_failed", "A step exited with a code other than 0.";
    ServiceExited = CommandFailed."service_exited", "A service container ended by itself.";
    SetupFailed = CommandFailed."setup_failed", "A set-up step or an action failed.";
    CrashedSignal = CommandFailed."crashed_signal", "A command was ended by a signal that seatrial did not send.";
    StepTimeout = Timeout."step_timeout", "A step exceeded its `timeout-minutes`.";
    JobTimeout = Timeout."job_timeout", "A job exceeded its `timeout-minutes`.";
    RunTimeout = Timeout."run_timeout", "The run exceeded its limit.";
    NoOutput = Timeout."no_output", "A step was silent for too long.";
    Unkillable = Timeout."unkillable", "A process could not be ended.";
    Oom = ResourceLimit."oom", "The memory limit was reached and a process was killed.";
    OomPartial = ResourceLimit."oom_partial", "A child process was killed for memory although the step exited with 0.";
    PidsLimit = ResourceLimit."pids_limit", "The limit of processes was reached.";
    ContainerDiskFull = ResourceLimit."container_disk_full", "The container's disk is full.";
    ArtifactLimit = ResourceLimit."artifact_limit", "What the job left behind exceeds a limit.";
    DockerfileError = BuildFailed."dockerfile_error", "The Dockerfile is wrong.";
    BuildStepFailed = BuildFailed."build_step_failed", "An instruction of the Dockerfile failed.";
    BuildTimeout = BuildFailed."build_timeout", "The build took too long.";
    ContextInvalid = BuildFailed."context_invalid", "The build context cannot be used.";
    ReportMissing = NoReport."report_missing", "A report that was due did not come out.";
    ReportInvalid = NoReport."report_invalid", "A report cannot be read.";
    ReportStale = NoReport."report_stale", "A report is older than the step that should have written it.";
    NoTestsCollected = NoReport."no_tests_collected", "A test step ran no test.";
    CoverageIncomplete = NoReport."coverage_incomplete", "Coverage of a job is missing, so the total means nothing.";
    BelowThreshold = Coverage."below_threshold", "Total coverage is below the threshold.";
    DiffBelowThreshold = Coverage."diff_below_threshold", "Coverage of changed lines is below the threshold.";
    EngineUnreachable = Infrastructure."engine_unreachable", "No container engine answers.";
    EngineUnresponsive = Infrastructure."engine_unresponsive", "The engine does not answer in time.";
    EngineLost = Infrastructure."engine_lost", "The engine went away during the run.";
    EngineError = Infrastructure."engine_error", "The engine refused a request or answered nonsense.";
    ImagePullNetwork = Infrastructure."image_pull_network", "The registry cannot be reached.";
    HostDiskFull = Infrastructure."host_disk_full", "The disk of this machine or of the engine is full.";
    NetworkPoolExhausted = Infrastructure."network_pool_exhausted", "The engine has no address pool left for a network.";
    PortInUse = Infrastructure."port_in_use", "A port is taken.";
    ServiceUnhealthy = Infrastructure."service_unhealthy", "A service never became healthy.";
    ClusterUnavailable = Infrastructure."cluster_unavailable", "The cluster does not answer.";
    GithubUnavailable = Infrastructure."github_unavailable", "GitHub cannot be reached, is at fault, or takes no more requests.";
    HistoryUnavailable = Infrastructure."history_unavailable", "The history of runs cannot be reached, read or written.";
    OutputWriteFailed = Infrastructure."output_write_failed", "Results could not be written.";
    ParityMismatch = Comparison."parity_mismatch", "A test behaves differently in the container.";
    ConversionDrifted = Comparison."conversion_drifted", "A converted workflow is not what a conversion of its original gives.";
    WorkflowWeakened = Comparison."workflow_weakened", "A workflow tests less than another one, or keeps less of it.";
    RollbackTriggered = Comparison."rollback_triggered", "A roll-back trigger fired.";
    Leftovers = Cleanup."leftovers", "Containers, networks or volumes of the run are left.";
    TotalBudget = Performance."total_budget", "The run took longer than its budget.";
    BuildBudget = Performance."build_budget", "Building an image with a cache took longer than its budget.";
    StartupBudget = Performance."startup_budget", "A container took longer to start than its budget.";
    Regression = Performance."regression", "A figure of the runs got worse and stayed so (`seatrial trends --check`).";
}

impl Cause {
    /// The exit code of `seatrial` when this decides the run.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Sigterm => 143,
            Self::Hangup => 129,
            other => other.class().exit_code(),
        }
    }

    /// The written form, `class.reason`.
    pub(crate) fn path(self) -> String {
        format!("{}.{}", self.class().as_str(), self.reason())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.path())
    }
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::ALL
            .iter()
            .copied()
            .find(|cause| cause.path() == text)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown failure reason `{text}`")))
    }
}

/// A failure as it is recorded: the reason, what a person should read, and what
/// the decision rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The published reason.
    pub(crate) cause: Cause,
    /// One line for a person, without full stop.
    pub(crate) message: String,
    /// Facts that led to the decision, most telling first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<String>,
}

/// Begins the evidence that a step's own coverage threshold was not reached, as its
/// output said.
pub(crate) const COVERAGE_GATE: &str = "the step's own coverage threshold: ";

impl Failure {
    /// A failure without further evidence.
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
            evidence: Vec::new(),
        }
    }

    /// Adds a fact that the decision rests on.
    #[must_use]
    pub(crate) fn with_evidence(mut self, fact: impl Into<String>) -> Self {
        self.evidence.push(fact.into());
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Cause, Class};

    #[test]
    fn written_forms_round_trip_and_are_unique() {
        let mut seen = std::collections::HashSet::new();
        for cause in Cause::ALL {
            let text = serde_json::to_string(cause).unwrap();
            assert_eq!(*cause, serde_json::from_str::<Cause>(&text).unwrap());
            assert!(seen.insert(text));
        }
    }

    #[test]
    fn exit_codes_are_frozen() {
        let codes: Vec<(&str, u8)> = Class::ALL
            .iter()
            .map(|class| (class.as_str(), class.exit_code()))
            .collect();
        assert_eq!(
            codes,
            [
                ("internal", 70),
                ("cancelled", 130),
                ("config", 2),
                ("policy", 6),
                ("tests_failed", 1),
                ("command_failed", 9),
                ("timeout", 8),
                ("resource_limit", 7),
                ("build_failed", 5),
                ("no_report", 4),
                ("coverage", 3),
                ("infrastructure", 10),
                ("comparison", 12),
                ("cleanup", 11),
                ("performance", 13),
            ]
        );
        assert_eq!(Cause::Sigterm.exit_code(), 143);
        assert_eq!(Cause::Hangup.exit_code(), 129);
    }

    #[test]
    fn every_class_has_a_cause() {
        for class in Class::ALL {
            assert!(Cause::ALL.iter().any(|cause| cause.class() == *class));
        }
    }
}
