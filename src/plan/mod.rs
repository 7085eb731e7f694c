//! Workflow → plan: which legs there are, what each step is, where it belongs,
//! which reports it owes. Pure: what it needs of the world comes in as [`Inputs`].

mod action;
mod check;
mod contexts;
mod due;
mod image_need;
mod inputs;
mod matrix;
mod placement;
mod project;
mod script;
mod select;
mod setup;
mod sudo;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::expr::{Allowed, Object, Template, Value};
use crate::record::{Cause, JobKey, LeftOut, PlannedJob, PlannedStep, ReportKind};
use crate::workflow::{self, Problem, StepAction, Workflow};

pub(crate) use action::BuiltIn;
pub(crate) use check::{Place as ExprPlace, allowed};
pub(crate) use contexts::{GithubFacts, github_context};
pub(crate) use image_need::ImageNeed;
pub(crate) use inputs::{Given, InputsOf, event_inputs, typed_inputs};
pub(crate) use placement::{DueReport, Placement, TestStep};
pub(crate) use project::{PROJECT_FILES, Project};
pub(crate) use setup::{
    Requirement, RequirementLine, Setup, normal_name, parse_requirements, satisfied,
};
pub(crate) use sudo::{SudoUse, sudo_use};

/// What a plan depends on besides the workflow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    /// Facts for the `github` context.
    pub(crate) github: GithubFacts,
    /// `vars` context.
    pub(crate) vars: Vec<(String, String)>,
    /// `inputs` context: those of `workflow_dispatch`, typed.
    pub(crate) inputs: Object,
    /// `--job`: only these and what they need; empty for all.
    pub(crate) jobs: Vec<String>,
    /// `--matrix key=value`: only legs that have these values.
    pub(crate) matrix: Vec<(String, String)>,
    /// The Dockerfile that the tests' image is built from, relative to the
    /// repository, and the folder to which it copies the source.
    pub(crate) dockerfile: Option<DockerfileUse>,
    /// `--image`: the image of every job, in place of anything found.
    pub(crate) image: Option<String>,
    /// Small text files of the repository that configure tests, by name:
    /// `pyproject.toml`, `pytest.ini`, `tox.ini`, `setup.cfg`, `.coveragerc`,
    /// `.python-version`.
    pub(crate) project: BTreeMap<String, String>,
    /// Actions that are to be skipped with a notice, `owner/repo`.
    pub(crate) skip_actions: Vec<String>,
    /// Whether jobs run on this machine instead of in containers.
    pub(crate) on_this_machine: bool,
}

/// The Dockerfile of the tests' image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DockerfileUse {
    /// Name for people: `Dockerfile.test (target test)`.
    pub(crate) name: String,
    /// Folder inside the image to which the source is copied; absent when it is not.
    pub(crate) source_dir: Option<String>,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The workflow as read.
    pub(crate) workflow: Arc<Workflow>,
    /// Name of the workflow as GitHub shows it.
    pub(crate) name: String,
    /// Its jobs, in the order of the file; those that `--job` excludes are absent.
    pub(crate) jobs: Vec<PlanJob>,
    /// The Dockerfile of the tests' image, where one is used.
    pub(crate) dockerfile: Option<DockerfileUse>,
    /// Whether `--job` or `--matrix` left something out.
    pub(crate) partial: bool,
    /// What probably is not meant.
    pub(crate) warnings: Vec<Problem>,
}

/// One job of the plan.
#[derive(Debug, Clone)]
pub(crate) struct PlanJob {
    /// The job as read.
    pub(crate) job: Arc<workflow::Job>,
    /// Ids of the jobs it needs.
    pub(crate) needs: Vec<String>,
    /// Its legs, in GitHub's order.
    pub(crate) legs: Vec<Leg>,
    /// Whether a failed leg cancels its siblings.
    pub(crate) fail_fast: bool,
    /// Most legs at a time.
    pub(crate) max_parallel: Option<usize>,
}

/// One leg of a job: the job itself, or one combination of its matrix.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    /// Its key in the record.
    pub(crate) key: JobKey,
    /// Its name as GitHub shows it.
    pub(crate) name: String,
    /// The `matrix` context; null without a matrix.
    pub(crate) matrix: Value,
    /// Position among the legs, from 0 (`strategy.job-index`).
    pub(crate) index: usize,
    /// The label it asks for.
    pub(crate) runs_on: String,
    /// Why it does not run here.
    pub(crate) left_out: Option<LeftOut>,
    /// The image it runs in.
    pub(crate) image: ImageNeed,
    /// Its steps.
    pub(crate) steps: Vec<PlanStep>,
}

/// One step of a leg.
#[derive(Debug, Clone)]
pub(crate) struct PlanStep {
    /// Number within the job, from 1.
    pub(crate) number: u32,
    /// Name as GitHub shows it, expressions not evaluated.
    pub(crate) name: String,
    /// The step as read.
    pub(crate) step: Arc<workflow::Step>,
    /// Where it belongs.
    pub(crate) placement: Placement,
    /// What it tests with, when it is a test step.
    pub(crate) test: Option<TestStep>,
    /// Reports that it owes.
    pub(crate) due: Vec<DueReport>,
}

/// Why there is no plan. All problems are reported together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlanError {
    /// The problems, with their published reasons.
    pub(crate) problems: Vec<(Cause, Problem)>,
}

/// Most legs that a matrix may have (GitHub docs, "Usage limits").
pub(crate) const MAX_LEGS: usize = 256;

/// Longest name of a leg (`JobDisplayNameBuilder` of actions/runner).
const MAX_NAME: usize = 100;

/// Makes the plan.
///
/// # Errors
/// Everything that is wrong with the workflow beyond its form, and everything in
/// the selected jobs that seatrial cannot do.
pub(crate) fn build(workflow: &Workflow, inputs: &Inputs) -> Result<Plan, PlanError> {
    let mut problems: Vec<(Cause, Problem)> = check::expressions(workflow)
        .into_iter()
        .map(|problem| (Cause::WorkflowInvalid, problem))
        .collect();
    let selected = match select::jobs(workflow, &inputs.jobs) {
        Ok(selected) => selected,
        Err(problem) => {
            problems.push((Cause::Usage, problem));
            return Err(PlanError { problems });
        }
    };
    if !problems.is_empty() {
        return Err(PlanError { problems });
    }
    let mut jobs = Vec::new();
    let mut partial = selected.len() < workflow.jobs.len();
    let project = project::Project::read(&inputs.project);
    for job in &selected {
        match plan_job(workflow, job, inputs, &project) {
            Ok(planned) => {
                partial |= planned.legs.iter().any(|leg| leg.left_out.is_some());
                jobs.push(planned);
            }
            Err(mut found) => problems.append(&mut found),
        }
    }
    if !inputs.matrix.is_empty() && problems.is_empty() {
        problems.extend(select::unused_matrix_filters(&jobs, &inputs.matrix));
    }
    if !problems.is_empty() {
        return Err(PlanError { problems });
    }
    image_need::settle(&mut jobs);
    let warnings = select::event_warnings(workflow, &inputs.github.event_name);
    Ok(Plan {
        name: workflow.name.as_ref().map_or_else(
            || inputs.github.workflow_file.clone(),
            |name| name.value.clone(),
        ),
        workflow: Arc::new(workflow.clone()),
        jobs,
        dockerfile: inputs.dockerfile.clone(),
        partial,
        warnings,
    })
}

fn plan_job(
    workflow: &Workflow,
    job: &workflow::Job,
    inputs: &Inputs,
    project: &project::Project,
) -> Result<PlanJob, Vec<(Cause, Problem)>> {
    let mut problems = placement::unsupported_job(job);
    let scope = contexts::plan_scope(inputs);
    let strategy = match matrix::expand(job, &scope) {
        Ok(strategy) => strategy,
        Err(problem) => {
            problems.push(problem);
            return Err(problems);
        }
    };
    let mut legs = Vec::new();
    for (index, values) in strategy.legs.iter().enumerate() {
        let scope = contexts::leg_scope(workflow, job, inputs, values);
        let label = matrix::label(values);
        let key = match &label {
            Some(label) => JobKey(format!("{} ({label})", job.id.value)),
            None => JobKey(job.id.value.clone()),
        };
        let runs_on = contexts::runs_on(job, &scope);
        let left_out = select::left_out(&runs_on, values, &inputs.matrix);
        let mut steps = Vec::new();
        for (position, step) in job.steps.iter().enumerate() {
            let number = u32::try_from(position)
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            match placement::step(step, number, inputs, project) {
                Ok(planned) => steps.push(planned),
                Err(problem) if index == 0 => problems.push(problem),
                Err(_) => {}
            }
        }
        let image = match image_need::of_leg(job, inputs, &scope) {
            Ok(image) => image,
            Err(_) if left_out.is_some() => ImageNeed::Any,
            Err(problem) => {
                problems.push(problem);
                ImageNeed::Any
            }
        };
        legs.push(Leg {
            key,
            name: leg_name(job, label.as_deref(), &scope),
            matrix: values.clone(),
            index,
            runs_on,
            left_out,
            image,
            steps,
        });
    }
    if problems.is_empty() {
        Ok(PlanJob {
            needs: job.needs.iter().map(|need| need.value.clone()).collect(),
            job: Arc::new(job.clone()),
            legs,
            fail_fast: strategy.fail_fast,
            max_parallel: strategy.max_parallel,
        })
    } else {
        Err(problems)
    }
}

/// The leg's name as GitHub shows it: the job's name with its expressions
/// evaluated; a name without expressions gets the leg's values behind it.
fn leg_name(job: &workflow::Job, label: Option<&str>, scope: &crate::expr::Contexts) -> String {
    let base = job.name.as_ref().unwrap_or(&job.id);
    let template = Template::parse(&base.value, &Allowed::ALL).ok();
    let text = template
        .as_ref()
        .and_then(|template| template.evaluate_text(scope).ok())
        .unwrap_or_else(|| base.value.clone());
    let name = match label {
        Some(label) if template.is_none_or(|template| template.is_literal()) => {
            format!("{text} ({label})")
        }
        _ => text,
    };
    if name.chars().count() <= MAX_NAME {
        return name;
    }
    let kept: String = name.chars().take(MAX_NAME - 3).collect();
    format!("{kept}...")
}

impl Plan {
    /// All legs with their jobs, in order.
    pub(crate) fn legs(&self) -> impl Iterator<Item = (&PlanJob, &Leg)> {
        self.jobs
            .iter()
            .flat_map(|job| job.legs.iter().map(move |leg| (job, leg)))
    }

    /// Whether any step of the plan owes or writes a coverage report.
    pub(crate) fn coverage_due(&self) -> bool {
        self.legs().any(|(_, leg)| {
            leg.left_out.is_none()
                && leg.steps.iter().any(|step| {
                    step.due
                        .iter()
                        .any(|due| matches!(due.kind, ReportKind::Cobertura | ReportKind::Lcov))
                })
        })
    }
}

impl Leg {
    /// The leg as it is recorded.
    pub(crate) fn planned(&self, job: &PlanJob) -> PlannedJob {
        PlannedJob {
            key: self.key.clone(),
            job: job.job.id.value.clone(),
            name: self.name.clone(),
            needs: job.needs.clone(),
            left_out: self.left_out.clone(),
            steps: self
                .steps
                .iter()
                .map(|step| PlannedStep {
                    number: step.number,
                    name: step.name.clone(),
                    placement: step.placement.to_string(),
                    test: step.test.is_some(),
                    due: step
                        .due
                        .iter()
                        .filter(|due| due.hard)
                        .map(|due| due.kind)
                        .collect(),
                })
                .collect(),
        }
    }
}

/// The name of a step as GitHub shows it.
pub(crate) fn step_name(step: &workflow::Step) -> String {
    if let Some(name) = &step.name {
        return name.value.clone();
    }
    match &step.action {
        StepAction::Run { script, .. } => {
            let first = script.value.trim().lines().next().unwrap_or_default();
            format!("Run {first}")
        }
        StepAction::Uses { action, .. } => format!("Run {}", action.value),
    }
}
