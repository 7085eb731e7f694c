//! Coverage that was measured, and of which nobody wrote a report: coverage.py's own data.
//!
//! The data does not know which lines are statements, and whoever can parse the source
//! does: so coverage.py turns it into a report, in the job's own environment, before that
//! is halted. Where that cannot be, the data itself comes out, and the statements are those
//! that reports of other jobs know.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::engine::{ExecSpec, Stop};
use crate::plan::{DueReport, Measured, PlanStep};
use crate::record::{Class, Level, ReportKind};

use super::collect::{CLOCK_SLACK, bring, clean, place_of, target_of};
use super::leg::{Ran, Running};
use super::script::more_urgent;
use super::variables::command_env;
use super::workspace_files::Nowhere;

/// Finds coverage.py and lets it write a report, see `export.sh` and `export.py`.
const SCRIPT: &str = concat!(
    include_str!("measured/export.sh"),
    include_str!("measured/export.py"),
    "END_OF_EXPORT\n",
    "    # 3: this one has no coverage.py.\n",
    "    [ $? -eq 3 ] || exit 0\n",
    "done\n",
);
/// The longest that coverage.py may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Names of data that tests leave behind whose command says nothing of coverage.
const DATA: &str = ".coverage";

/// A place where coverage was measured, and what came of it.
pub(super) struct Exported {
    /// The step that measured.
    step: u32,
    /// When it started, in seconds since the Unix epoch.
    started: u64,
    /// Whether there must be data.
    sure: bool,
    /// Where the report of coverage.py would be.
    out: String,
    /// Where the data is, as far as is known without asking.
    expected: String,
    /// What coverage.py answered; nothing where none could be asked.
    answer: Option<Answer>,
}

/// What coverage.py is asked.
#[derive(Serialize)]
struct Question<'a> {
    since: u64,
    /// Reports that make its own needless.
    unless: &'a [String],
    data_file: Option<&'a str>,
    rcfile: Option<&'a str>,
    out: &'a str,
}

/// What it answers.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    /// One of the reports in question is there.
    there: bool,
    /// Files with data.
    data: Vec<String>,
    /// Where data would be by its configuration.
    expected: Option<String>,
    /// It wrote a report.
    report: bool,
    /// Why it wrote none.
    error: Option<String>,
}

/// Asks for the reports of what a leg measured, before its environment is halted. A leg
/// whose steps write one themselves is not asked, unless one of them was killed.
pub(super) async fn export(running: &mut Running<'_>) {
    let cancelled = |class| class == Class::Cancelled;
    if (running.ended.as_ref()).is_some_and(|ended| cancelled(ended.cause.class())) {
        return;
    }
    let steps: Vec<PlanStep> = running.leg.every_step().into_iter().cloned().collect();
    let of = |ran: &Ran| steps.iter().find(|step| step.number == ran.step);
    let owed = owed(running, &steps);
    let measures = |ran: &Ran| of(ran).is_some_and(|step| !step.measured.is_empty());
    let ended_by_themselves = |ran: &Ran| ran.ended_by_itself || !measures(ran);
    if !owed.is_empty() && running.ran.iter().all(ended_by_themselves) {
        return;
    }
    let mut exported = Vec::new();
    for ran in &running.ran {
        let Some(planned) = of(ran) else { continue };
        for (at, measured) in measured_by(planned, ran).iter().enumerate() {
            exported.push(ask(running, planned, ran, at, measured, &owed).await);
        }
    }
    running.exported = exported;
}

/// Places of the reports with statements that the steps which ran owe.
fn owed(running: &Running<'_>, steps: &[PlanStep]) -> Vec<String> {
    let mut owed = Vec::new();
    for ran in &running.ran {
        let planned = steps.iter().find(|step| step.number == ran.step);
        for due in planned.map_or(&[][..], |planned| &planned.due) {
            if matches!(due.kind, ReportKind::Cobertura | ReportKind::Lcov) {
                owed.push(place_of(running, ran, due));
            }
        }
    }
    owed
}

/// Where a step measured, as its command says, or as the files show that a test runner
/// left behind.
fn measured_by(planned: &PlanStep, ran: &Ran) -> Vec<Measured> {
    let is_data = |name: &String| name.starts_with(DATA);
    let is_report = |name: &String| report_kind(name).is_some();
    if planned.measured.is_empty()
        && reaches_tests_by_others(planned)
        && ran.seen.iter().any(is_data)
        && !ran.seen.iter().any(is_report)
    {
        return vec![Measured::default()];
    }
    planned.measured.clone()
}

async fn ask(
    running: &Running<'_>,
    planned: &PlanStep,
    ran: &Ran,
    at: usize,
    measured: &Measured,
    owed: &[String],
) -> Exported {
    let cwd = clean(&format!("{}/{}", ran.cwd, measured.directory));
    let env = command_env(running, planned, &ran.env);
    let named = |name: &str| env.iter().find(|(key, _)| key == name);
    let data_file = measured
        .data_file
        .as_deref()
        .or(named("COVERAGE_FILE").map(|(_, value)| value.as_str()))
        .unwrap_or(DATA);
    let expected = match data_file.starts_with('/') {
        true => clean(data_file),
        false => clean(&format!("{cwd}/{data_file}")),
    };
    let name = match at {
        0 => "coverage.xml".to_owned(),
        _ => format!("coverage-{}.xml", at + 1),
    };
    let mut exported = Exported {
        step: ran.step,
        started: ran.started,
        sure: measured.sure && owed.is_empty(),
        out: format!("{}/{}/{name}", running.layout.reports, ran.step),
        expected,
        answer: None,
    };
    let question = serde_json::to_string(&Question {
        since: ran.started.saturating_sub(CLOCK_SLACK),
        unless: owed,
        data_file: measured.data_file.as_deref(),
        rcfile: measured.rcfile.as_deref(),
        out: &exported.out,
    });
    let mut env = env;
    env.push(("SEATRIAL_MEASURED".to_owned(), question.unwrap_or_default()));
    let spec = ExecSpec {
        name: format!("{}-coverage-{at}", planned.number),
        command: ["sh", "{0}"].map(ToOwned::to_owned).to_vec(),
        script: SCRIPT.as_bytes().to_vec(),
        env,
        cwd,
        mailbox: vec![("answers", "SEATRIAL_ANSWERS")],
        ..ExecSpec::default()
    };
    exported.answer = answer(running, &spec).await;
    exported
}

/// Runs the command, not for ever, and not once the run is to stop.
async fn answer(running: &Running<'_>, spec: &ExecSpec) -> Option<Answer> {
    let (sender, stop) = watch::channel(Stop::Run);
    let mut halt = running.shared.setup.halt.clone();
    let mut exec = running.host.exec(spec, Arc::new(Nowhere), stop);
    let end = tokio::select! {
        end = &mut exec => end,
        () = tokio::time::sleep(PATIENCE) => { let _ = sender.send(Stop::Now); exec.await }
        _ = more_urgent(&mut halt, Stop::Run) => { let _ = sender.send(Stop::Now); exec.await }
    };
    serde_json::from_slice(end.ok()?.mail("answers")).ok()
}

/// Brings out the reports that coverage.py wrote, or the data itself, from a halted leg.
pub(super) async fn collect(running: &mut Running<'_>) {
    let exported = std::mem::take(&mut running.exported);
    let steps = running.leg.every_step();
    let mut targets = std::mem::take(&mut running.targets);
    for one in &exported {
        let Some(planned) = steps.iter().find(|step| step.number == one.step) else {
            continue;
        };
        for due in &due(running, one) {
            let target = target_of(running, planned, due, &due.path, &mut targets);
            bring(running, planned, one.started, (due, &due.path), target).await;
        }
    }
    for ran in &running.ran {
        let Some(planned) = steps.iter().find(|step| step.number == ran.step) else {
            continue;
        };
        for due in &found(planned, ran) {
            let place = place_of(running, ran, due);
            let target = target_of(running, planned, due, &place, &mut targets);
            bring(running, planned, ran.started, (due, &place), target).await;
        }
    }
    running.targets = targets;
}

/// Reports that a step left behind whose command says nothing of them: `tox`, `make test`.
fn found(planned: &PlanStep, ran: &Ran) -> Vec<DueReport> {
    let said = |due: &DueReport| matches!(due.kind, ReportKind::Cobertura | ReportKind::Lcov);
    if !reaches_tests_by_others(planned) || planned.due.iter().any(said) {
        return Vec::new();
    }
    let due = |name: &String| {
        Some(DueReport {
            kind: report_kind(name)?,
            path: name.clone(),
            hard: false,
        })
    };
    ran.seen.iter().filter_map(due).collect()
}

/// Whether a step tests by a tool that calls pytest: its command does not tell what that
/// writes.
fn reaches_tests_by_others(planned: &PlanStep) -> bool {
    let test = planned.test.as_ref();
    test.is_some_and(|test| test.pytest_runs == 0)
}

/// What is to be brought out.
fn due(running: &Running<'_>, one: &Exported) -> Vec<DueReport> {
    let data = |path: &str| DueReport {
        kind: ReportKind::CoverageData,
        path: path.to_owned(),
        hard: one.sure,
    };
    let Some(answer) = &one.answer else {
        return vec![data(&one.expected)];
    };
    if let Some(error) = &answer.error {
        let message = format!("coverage.py could not make a report of its data: {error}");
        let message = super::masked(&running.shared.masker, &message);
        let bus = &running.shared.setup.bus;
        bus.notice(Level::Warning, Some(&running.leg.key), message);
    }
    match answer {
        Answer { there: true, .. } => Vec::new(),
        Answer { report: true, .. } => vec![DueReport {
            kind: ReportKind::Cobertura,
            path: one.out.clone(),
            hard: one.sure,
        }],
        Answer { data: found, .. } if !found.is_empty() => {
            found.iter().map(|path| data(path)).collect()
        }
        Answer { expected, .. } if one.sure => {
            vec![data(expected.as_deref().unwrap_or(&one.expected))]
        }
        _ => Vec::new(),
    }
}

/// The kind of a coverage report by its name, where tools give it that name by themselves.
fn report_kind(name: &str) -> Option<ReportKind> {
    match name {
        "coverage.xml" | "cobertura.xml" => Some(ReportKind::Cobertura),
        "coverage.lcov" | "lcov.info" => Some(ReportKind::Lcov),
        _ => None,
    }
}
