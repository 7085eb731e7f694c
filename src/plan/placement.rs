//! Where a step belongs, and what it owes.

use std::fmt;
use std::sync::Arc;

use crate::record::{Cause, ReportKind};
use crate::workflow::{self, Problem, Step, StepAction, test_command};

use super::action::{BuiltIn, Meaning, Skipped};
use super::action_use::ActionUse;
use super::derive::Baked;
use super::project::Project;
use super::setup::{self, Setup};
use super::{Inputs, PlanStep, due, step_name};

/// Where a step belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placement {
    /// A script, run in the job's container.
    Container,
    /// A script, run on this very machine because there are to be no containers.
    ThisMachine,
    /// A script that only installs what the image may hold already. Verified when
    /// the image is known; what it does not hold is installed after all.
    ProvidedByImage(Setup),
    /// A script or action that the derived image holds already.
    Baked(Arc<Baked>),
    /// An action that seatrial stands in for.
    BuiltIn(BuiltIn),
    /// A composite action: its steps are run in its place.
    Composite(Arc<ActionUse>),
    /// A JavaScript action, run by Node in the job's container.
    Node(Arc<ActionUse>),
    /// A Docker action, run in a container of its own beside the job's.
    Docker(Arc<ActionUse>),
    /// An action that the user wants skipped.
    SkippedAction,
    /// An action that is left out on purpose, with the reason.
    LeftOutAction(&'static Skipped),
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container => f.write_str("in container"),
            Self::ThisMachine => f.write_str("on this machine, not in a container"),
            Self::ProvidedByImage(_) | Self::Baked(_) => f.write_str("provided by the image"),
            Self::BuiltIn(_) => f.write_str("built-in"),
            Self::Composite(_) => f.write_str("composite action"),
            Self::Node(_) => f.write_str("JavaScript action, in container"),
            Self::Docker(_) => f.write_str("Docker action, in a container of its own"),
            Self::SkippedAction => f.write_str("skipped by settings"),
            Self::LeftOutAction(_) => f.write_str("skipped, with notice"),
        }
    }
}

/// What a test step tests with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestStep {
    /// The command: `pytest`, `tox` …
    pub(crate) command: &'static str,
    /// Whether pytest should be asked for a JUnit report, because the step does
    /// not ask for one itself.
    pub(crate) inject_junit: bool,
    /// How often the script calls pytest.
    pub(crate) pytest_runs: u32,
    /// Whether that is once, and at its end.
    pub(crate) ends: bool,
    /// The key of tox's list of variables to hand on, see [`Project`].
    pub(crate) tox_pass_env: &'static str,
}

/// A report that a step owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DueReport {
    /// Its kind.
    pub(crate) kind: ReportKind,
    /// Path relative to the step's working directory, or absolute. Empty for the
    /// injected JUnit report.
    pub(crate) path: String,
    /// Whether a missing one is a failure. The report of a test runner that
    /// seatrial only reaches through another tool (`tox`) is merely hoped for.
    pub(crate) hard: bool,
}

/// Plans one step.
pub(super) fn step(
    step: &Step,
    number: u32,
    inputs: &Inputs,
    project: &Project,
) -> Result<PlanStep, (Cause, Problem)> {
    let mut planned = PlanStep {
        number,
        inside: None,
        name: step_name(step),
        step: Arc::new(step.clone()),
        placement: if inputs.on_this_machine.is_some() {
            Placement::ThisMachine
        } else {
            Placement::Container
        },
        test: None,
        due: Vec::new(),
        measured: Vec::new(),
    };
    match &step.action {
        StepAction::Run { script, .. } => {
            plan_script(&mut planned, &script.value, inputs, project);
        }
        StepAction::Uses { action, with } => {
            planned.placement = action_placement(action, inputs)?;
            match planned.placement {
                Placement::BuiltIn(BuiltIn::Codecov | BuiltIn::Coveralls) => {
                    planned.due.extend(uploaded_files(with));
                }
                // Its command is tested and reported as that of a `run:` step.
                Placement::BuiltIn(BuiltIn::Retry) => {
                    if let Some(command) = command_of(with) {
                        let placement = planned.placement.clone();
                        plan_script(&mut planned, &command, inputs, project);
                        planned.placement = placement;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(planned)
}

fn plan_script(planned: &mut PlanStep, script: &str, inputs: &Inputs, project: &Project) {
    let found = due::due(script, &project.options);
    if let Some(command) = test_command(script) {
        let direct = found.pytest_runs > 0;
        let reaches_pytest = direct || PYTEST_RUNNERS.contains(&command);
        // The last one wins, as on pytest's own command line.
        let path = found.junit.last().cloned();
        planned.test = Some(TestStep {
            command,
            inject_junit: reaches_pytest && path.is_none(),
            pytest_runs: found.pytest_runs,
            ends: found.pytest_runs == 1 && ends_with_tests(script),
            tox_pass_env: project.tox_pass_env,
        });
        if reaches_pytest {
            planned.due.push(DueReport {
                kind: ReportKind::Junit,
                path: path.unwrap_or_default(),
                hard: direct && !found.unsure,
            });
        }
    } else if inputs.dockerfile.is_some()
        && let Some(setup) = setup::requirements(script)
    {
        planned.placement = Placement::ProvidedByImage(setup);
    }
    push_coverage(&mut planned.due, &found);
    planned.measured = found.measured;
}

/// Whether the last command of a script, and no other, is a call of pytest. One within the
/// text of another command (`bash -c 'pytest; mypy'`) does not count.
fn ends_with_tests(script: &str) -> bool {
    let commands = workflow::commands(script);
    let is_pytest = |word: &String| word == "pytest" || word.ends_with("/pytest");
    let calls =
        |words: &Vec<String>| words.iter().any(is_pytest) && workflow::tests_with(words).is_some();
    let testing = commands.iter().filter(|words| calls(words)).count();
    testing == 1 && commands.last().is_some_and(calls)
}

/// Tools that call pytest themselves and hand `PYTEST_ADDOPTS` on, or can be told to.
const PYTEST_RUNNERS: [&str; 5] = ["tox", "nox", "hatch", "make", "coverage"];

fn push_coverage(reports: &mut Vec<DueReport>, found: &due::Due) {
    for (kind, paths) in [
        (ReportKind::Cobertura, &found.cobertura),
        (ReportKind::Lcov, &found.lcov),
        (ReportKind::Html, &found.html),
    ] {
        for path in paths {
            let report = DueReport {
                kind,
                path: path.clone(),
                hard: !found.unsure,
            };
            if !reports.contains(&report) {
                reports.push(report);
            }
        }
    }
}

/// The command of a step that runs one as an input.
fn command_of(with: &workflow::Entries) -> Option<String> {
    with.iter()
        .find(|(name, _)| name.value.eq_ignore_ascii_case("command"))
        .and_then(|(_, node)| node.scalar_text())
}

/// Files that a step uploads: it expects them, so they are due.
fn uploaded_files(with: &workflow::Entries) -> Vec<DueReport> {
    with.iter()
        .filter(|(name, _)| {
            ["file", "files", "path-to-lcov"]
                .iter()
                .any(|input| name.value.eq_ignore_ascii_case(input))
        })
        .filter_map(|(_, node)| node.scalar_text())
        .flat_map(|text| {
            text.split([',', '\n', ' '])
                .map(|path| path.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|path| !path.is_empty() && !path.contains("${{") && !path.contains('*'))
        .map(|path| DueReport {
            kind: if path.ends_with(".info") || path.ends_with(".lcov") {
                ReportKind::Lcov
            } else {
                ReportKind::Cobertura
            },
            path,
            hard: true,
        })
        .collect()
}

fn action_placement(
    action: &workflow::Text,
    inputs: &Inputs,
) -> Result<Placement, (Cause, Problem)> {
    let unsupported = |message: String, hint: &str| {
        Err((
            Cause::UnsupportedFeature,
            Problem::new(action.span, message).with_hint(hint),
        ))
    };
    let name = action.value.split('@').next().unwrap_or_default().trim();
    match Meaning::of(&action.value, &inputs.skip_actions) {
        Meaning::SkippedBySettings => Ok(Placement::SkippedAction),
        Meaning::LeftOut(skipped) => Ok(Placement::LeftOutAction(skipped)),
        Meaning::BuiltIn(built_in) => Ok(Placement::BuiltIn(built_in)),
        Meaning::Refused(refused) => unsupported(
            format!("`{name}` {}", refused.reason),
            &format!(
                "{}, or, if the tests do not need it, skip it with `--skip-action {name}`",
                refused.hint
            ),
        ),
        Meaning::OwnCode(..) | Meaning::Image => unsupported(
            format!("the action `{name}` was not planned"),
            "this is a bug of seatrial",
        ),
        Meaning::None => Err((
            Cause::WorkflowInvalid,
            Problem::new(action.span, format!("`{}` is not an action", action.value))
                .with_hint("expected `owner/repo@ref`, `./path` or `docker://image`"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::ends_with_tests;

    #[test]
    fn scripts_that_leave_nothing_out_when_tests_fail() {
        for (script, ends) in [
            ("pytest", true),
            ("pip install -e .\npython -m pytest -x tests\n", true),
            ("cd sub && coverage run -m pytest", true),
            ("pytest\nmypy .", false),
            ("pytest a\npytest b", false),
            ("pytest | tee log", false),
            ("pytest || exit 1", false),
            ("bash -c 'pytest; mypy'", false),
            ("tox", false),
            ("echo pytest", false),
        ] {
            assert_eq!(ends_with_tests(script), ends, "{script}");
        }
    }
}
