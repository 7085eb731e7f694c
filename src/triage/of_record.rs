//! What a record of a run says itself: its failures have causes already.

use crate::record::{Cause, Failure, JobRecord, RunRecord, StepRecord, TestCase, TestOutcome};

use super::Matcher;
use super::read::{Found, Origin, Read, order};
use super::signature::{Category, Confidence};

/// Longest message that is kept, in characters.
const LONGEST: usize = 300;
/// Failed tests of a report that are named.
const KEPT: usize = 3;
/// The id of a failed test that no signature knows.
const CASE: &str = "test.case_failed";

/// What the failures of a record are, but those that only say that something failed: why
/// stands in the log.
pub(crate) fn of_record(record: &RunRecord) -> Read {
    let mut found = Vec::new();
    for image in &record.images {
        if let Some(failure) = &image.failure {
            found.extend(of_failure(failure, Origin::default(), 0));
        }
    }
    for (index, job) in record.jobs.iter().enumerate() {
        if let Some(failure) = &job.failure {
            found.extend(of_failure(failure, origin(job, None), order(index, 0)));
        }
        for step in &job.steps {
            if let Some(failure) = &step.failure {
                let order = order(index, step.number) + u64::from(u32::MAX);
                found.extend(of_failure(failure, origin(job, Some(step)), order));
            }
        }
        for missing in &job.missing {
            let step = job
                .steps
                .iter()
                .find(|step| Some(step.number) == missing.step);
            found.extend(of_failure(
                &missing.failure,
                origin(job, step),
                order(index, u32::MAX),
            ));
        }
    }
    let verdict = record.verdict.as_ref();
    if found.is_empty() {
        for failure in verdict.into_iter().flat_map(|verdict| &verdict.failures) {
            found.extend(of_failure(failure, Origin::default(), 0));
        }
    }
    Read {
        found,
        failed: verdict.map(|verdict| !verdict.passed),
        ..Read::default()
    }
}

fn origin(job: &JobRecord, step: Option<&StepRecord>) -> Origin {
    Origin {
        job: job.planned.key.0.clone(),
        step: step.map_or_else(String::new, |step| step.name.clone()),
        file: "run.json".to_owned(),
    }
}

/// The messages of tests that failed, by the signatures in them: forty tests that were refused
/// one connection are one thing.
pub(crate) fn cases(matcher: &Matcher, record: &RunRecord) -> Vec<Read> {
    let mut reads = Vec::new();
    for (index, job) in record.jobs.iter().enumerate() {
        let mut found: Vec<Found> = Vec::new();
        for step in &job.steps {
            let cases = step.tests.iter().flat_map(|report| &report.cases);
            let order = order(index, step.number) + u64::from(u32::MAX);
            for case in cases.filter(|case| has_failed(case)) {
                of_case(matcher, case, &origin(job, Some(step)), order, &mut found);
            }
        }
        if !found.is_empty() {
            reads.push(Read {
                found,
                failed: Some(true),
                ..Read::default()
            });
        }
    }
    reads
}

fn has_failed(case: &TestCase) -> bool {
    matches!(case.outcome, TestOutcome::Failed | TestOutcome::Error)
}

/// What a report of tests alone says, of which no log is at hand: the signatures in the messages
/// of those that failed, and those in whose messages there is none by their first line.
pub(crate) fn of_report<'a>(
    matcher: &Matcher,
    cases: impl Iterator<Item = &'a TestCase>,
    origin: &Origin,
    order: u64,
) -> Read {
    let mut found: Vec<Found> = Vec::new();
    let mut failed = false;
    for case in cases.filter(|case| has_failed(case)) {
        failed = true;
        if of_case(matcher, case, origin, order, &mut found) {
            continue;
        }
        let text = [&case.message, &case.details];
        let first = text.iter().find_map(|text| text.lines().next());
        let line = format!("{}: {}", case.id, first.unwrap_or("no message").trim());
        let line = (0, line.chars().take(LONGEST).collect());
        match found.iter_mut().find(|one| one.id == CASE) {
            Some(known) => {
                known.count += 1;
                if known.lines.len() < KEPT {
                    known.lines.push(line);
                }
            }
            None => found.push(Found {
                origin: origin.clone(),
                id: CASE.to_owned(),
                category: Category::Test,
                confidence: Confidence::Likely,
                cause: "a test failed, by the report of its run".to_owned(),
                next: "read what the test says".to_owned(),
                lines: vec![line],
                count: 1,
                order,
            }),
        }
    }
    Read {
        found,
        failed: Some(failed),
        ..Read::default()
    }
}

/// Adds what the message of a failed test has. Gives whether it has anything.
fn of_case(
    matcher: &Matcher,
    case: &TestCase,
    origin: &Origin,
    order: u64,
    found: &mut Vec<Found>,
) -> bool {
    let text = format!("{}\n{}", case.message, case.details);
    let mut seen: Vec<&str> = Vec::new();
    for line in text.lines() {
        for signature in matcher.of(line).signatures {
            if signature.confidence == Confidence::Possible || seen.contains(&signature.id) {
                continue;
            }
            seen.push(signature.id);
            let known = found
                .iter()
                .position(|one| one.id == signature.id && one.origin == *origin);
            let text: String = line.trim().chars().take(LONGEST).collect();
            match known.and_then(|at| found.get_mut(at)) {
                Some(known) => known.count += 1,
                None => found.push(Found {
                    origin: origin.clone(),
                    id: signature.id.to_owned(),
                    category: signature.category,
                    confidence: signature.confidence,
                    cause: signature.cause.to_owned(),
                    next: signature.next.to_owned(),
                    lines: vec![(0, format!("{}: {text}", case.id))],
                    count: 1,
                    order,
                }),
            }
        }
    }
    !seen.is_empty()
}

/// A failure with a cause that is told by the log of nothing.
fn of_failure(failure: &Failure, origin: Origin, order: u64) -> Option<Found> {
    let (category, next) = of_cause(failure.cause)?;
    let evidence = failure.evidence.iter().take(2);
    let lines = std::iter::once(&failure.message)
        .chain(evidence)
        .map(|text| (0, text.chars().take(LONGEST).collect()))
        .collect();
    Some(Found {
        origin: Origin {
            file: "run.json".to_owned(),
            ..origin
        },
        id: failure.cause.path(),
        category,
        confidence: Confidence::Certain,
        cause: failure.message.clone(),
        next: next.to_owned(),
        lines,
        count: 1,
        order,
    })
}

/// What kind of failure a cause is, and what to do next. `None` for those whose reason is told
/// elsewhere: a test that failed, a step that exited.
fn of_cause(cause: Cause) -> Option<(Category, &'static str)> {
    use Cause as C;
    Some(match cause {
        C::TestsFailed | C::TestsErrored | C::StepFailed | C::SetupFailed | C::VerdictConflict => {
            return None;
        }
        C::Panic | C::Invariant => (Category::Unknown, "report it: seatrial itself is at fault"),
        C::UserInterrupt | C::Sigterm | C::Hangup | C::Superseded => {
            (Category::Runner, "run it again")
        }
        C::Usage
        | C::WorkflowInvalid
        | C::UnsupportedFeature
        | C::ConfigInvalid
        | C::PathInvalid
        | C::GithubLogin
        | C::GithubRequest => (
            Category::Shell,
            "the message names the place and the way out",
        ),
        C::ImageNotFound | C::ImageAuth | C::ImagePullNetwork => (
            Category::Registry,
            "look at the image's name, and log in to its registry",
        ),
        C::ImageUnusable => (Category::Command, "install what the image lacks"),
        C::RootUser
        | C::UnpinnedBase
        | C::UnofficialBase
        | C::SecretInEnv
        | C::PrivilegedOption
        | C::DockerSocket
        | C::ForeignFrontend
        | C::VulnerabilityThreshold
        | C::PolicyRule
        | C::AuditRule => (
            Category::Permissions,
            "change it, or grant it in seatrial.toml with a reason",
        ),
        C::ServiceExited | C::ServiceUnhealthy => (
            Category::Service,
            "read the service's log in the run's folder",
        ),
        C::CrashedSignal => (
            Category::Library,
            "look at the last lines of the step's log",
        ),
        C::StepTimeout | C::JobTimeout | C::RunTimeout | C::NoOutput | C::Unkillable => (
            Category::Timeout,
            "the last lines of the step's log tell what it waited for",
        ),
        C::Oom | C::OomPartial | C::PidsLimit => (
            Category::Memory,
            "give the job more (`--memory`), or run fewer workers at a time",
        ),
        C::ContainerDiskFull | C::HostDiskFull => {
            (Category::Disk, "free some room, see `seatrial doctor`")
        }
        C::ArtifactLimit => (
            Category::Artifact,
            "keep less: the message names what is too large",
        ),
        C::DockerfileError | C::BuildStepFailed | C::BuildTimeout | C::ContextInvalid => (
            Category::Build,
            "the build's own last lines are below the message",
        ),
        C::ReportMissing | C::ReportInvalid | C::ReportStale => (
            Category::Report,
            "look where the tests write it, and whether they came that far",
        ),
        C::NoTestsCollected => (
            Category::NoTests,
            "look at the folder of the step, and at what it selects",
        ),
        C::CoverageIncomplete | C::BelowThreshold | C::DiffBelowThreshold => (
            Category::Coverage,
            "the report shows which lines are missing",
        ),
        C::EngineUnreachable
        | C::EngineUnresponsive
        | C::EngineLost
        | C::EngineError
        | C::NetworkPoolExhausted
        | C::ClusterUnavailable => (Category::Engine, "see `seatrial doctor`"),
        C::GithubUnavailable => (Category::Runner, "run it again when GitHub answers"),
        C::PortInUse => (Category::Port, "end what has the port"),
        C::HistoryUnavailable => (
            Category::Database,
            "look at the file or the server of the history",
        ),
        C::OutputWriteFailed => (
            Category::Disk,
            "free some room, or look at the folder's owner",
        ),
        C::ParityMismatch | C::ConversionDrifted | C::WorkflowWeakened | C::RollbackTriggered => {
            (Category::Test, "the message names what differs")
        }
        C::TotalBudget | C::BuildBudget | C::StartupBudget | C::Regression => (
            Category::Timeout,
            "`seatrial trends` shows since when, and what grew",
        ),
        C::Leftovers => (Category::Engine, "`seatrial clean`"),
    })
}
