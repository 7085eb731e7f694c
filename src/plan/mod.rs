//! Workflow → plan: which legs there are, what each step is, where it belongs,
//! which reports it owes. Pure: what it needs of the world comes in as [`Inputs`].

mod action;
mod action_use;
mod alone;
mod call;
mod check;
#[cfg(test)]
mod check_tests;
mod combine;
mod compose;
mod container;
mod contexts;
mod definition;
mod derive;
mod due;
mod foresee;
mod frame;
mod glob;
mod image_need;
mod inputs;
mod job;
mod language;
#[cfg(test)]
mod malformed_tests;
mod matrix;
mod no_effect;
mod pending;
mod placement;
mod project;
mod python;
mod range;
mod script;
mod select;
mod setup;
mod socket;
mod sources;
mod step_names;
mod steps;
mod sudo;
mod trigger;
mod wants;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::expr::{Object, Value};
use crate::record::{Cause, JobKey, LeftOut, PlannedJob, PlannedStep, ReportKind};
use crate::workflow::{self, Problem, StepAction, Workflow};

pub(crate) use action::{BuiltIn, Meaning, OwnCode, Refused, Skipped, State};
pub(crate) use action_use::ActionUse;
pub(crate) use alone::Alone;
pub(crate) use check::{Place as ExprPlace, allowed};
pub(crate) use compose::{After, ComposeServices, ServicesUse, Until};
pub(crate) use container::{
    CreateOptions, Mount, PlannedService, PortMapping, Role, allowed_option, create_options,
    image_name, is_of_the_kernel, port_mappings, words,
};
pub(crate) use contexts::{GithubFacts, github_context, strategy_context};
pub(crate) use definition::{Definition, DefinitionKind, DefinitionUse, hint as definition_hint};
pub(crate) use derive::{
    CA_SECRET, DEPENDENCIES, DOCKERIGNORE, Derived, PYTHON_VERSION, WORKDIR, WithSecrets,
    python_of, with_secrets,
};
pub(crate) use due::{Due, Measured, pytest_call, without_wrappers};
pub(crate) use foresee::{Foreseen, foresee};
pub(crate) use frame::Frame;
pub(crate) use image_need::{ImageNeed, has_label};
pub(crate) use inputs::{Given, InputsOf, event_inputs, typed_inputs};
pub(crate) use job::Planner;
pub(crate) use language::version_files;
pub(crate) use matrix::{leg_key, static_legs};
pub(crate) use no_effect::no_effect;
pub(crate) use placement::{DueReport, Placement, TestStep};
pub(crate) use project::{PROJECT_FILES, Project};
pub(crate) use python::{PythonSpec, of_file as python_of_file, specs as python_specs};
pub(crate) use range::{Range, Version};
pub(crate) use script::{
    Command, Link, base_name, join as join_paths, parse as parse_script, split as split_words,
};
pub(crate) use setup::{
    Requirement, RequirementLine, Setup, normal_name, parse_requirements, satisfied,
};
pub(crate) use socket::SocketGrant;
pub(crate) use sources::{Loaded, Origin, Sources, called_workflow};
pub(crate) use step_names::step_names;
pub(crate) use sudo::{SudoUse, sudo_use};
pub(crate) use trigger::{Answer, Decision, Filter, Happened, decide, start_warnings, usual_type};
#[cfg(test)]
pub(crate) use wants::WantedCommand;
pub(crate) use wants::{Installed, Place as WantedAt, Wants, wants};

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
    /// What is known from outside of the one job that is run, if anything is.
    pub(crate) alone: Alone,
    /// The Dockerfile that the tests' image is built from, relative to the
    /// repository, and the folder to which it copies the source.
    pub(crate) dockerfile: Option<DockerfileUse>,
    /// `--image`: the image of every job, in place of anything found.
    pub(crate) image: Option<String>,
    /// `--image` for labels: the image of jobs whose `runs-on` has the label, by the
    /// label in lower case. Goes before `image` and `dockerfile`.
    pub(crate) images: BTreeMap<String, String>,
    /// Small text files of the repository that configure tests, by name:
    /// `pyproject.toml`, `pytest.ini`, `tox.ini`, `setup.cfg`, `.coveragerc`,
    /// `.python-version`.
    pub(crate) project: BTreeMap<String, String>,
    /// Actions that are to be skipped with a notice, `owner/repo`.
    pub(crate) skip_actions: Vec<String>,
    /// Options of containers that the settings grant, such as `--cap-add=NET_ADMIN`.
    pub(crate) allowed_options: Vec<String>,
    /// Jobs that get the engine's socket.
    pub(crate) docker_socket: SocketGrant,
    /// Services of a compose file for jobs that have none of their own.
    pub(crate) compose: Option<Arc<ComposeServices>>,
    /// Whether jobs run on this machine instead of in containers.
    pub(crate) on_this_machine: Option<OnThisMachine>,
    /// Whether set-up steps may become layers of an image.
    pub(crate) derive: bool,
    /// Files that the workflow refers to.
    pub(crate) sources: Sources,
}

/// What jobs find that run on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnThisMachine {
    /// Whether there is a container engine for their services.
    pub(crate) services: bool,
}

/// The Dockerfile of the tests' image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DockerfileUse {
    /// Name for people: `Dockerfile.test (target test)`.
    pub(crate) name: String,
    /// Folder inside the image to which the source is copied; absent when it is not.
    pub(crate) source_dir: Option<String>,
    /// Whether its base takes the Python as the build argument `PYTHON_VERSION`, which
    /// each leg then gives its own value.
    pub(crate) python_argument: bool,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// What plans jobs that depend on what others give.
    pub(crate) planner: Planner,
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
    /// The workflow that it belongs to.
    pub(crate) frame: Arc<Frame>,
    /// Its id within the whole run: `tests`, or `call / tests`.
    pub(crate) id: String,
    /// The job as read.
    pub(crate) job: Arc<workflow::Job>,
    /// Ids of the jobs it needs, within its own workflow.
    pub(crate) needs: Vec<String>,
    /// The `needs` context where it is told from outside; then it waits for no job, and its
    /// condition is not asked.
    pub(crate) told_needs: Option<Value>,
    /// Its legs, in GitHub's order.
    pub(crate) legs: Vec<Leg>,
    /// Whether a failed leg cancels its siblings.
    pub(crate) fail_fast: bool,
    /// Most legs at a time.
    pub(crate) max_parallel: Option<usize>,
    /// Whether its legs depend on what other jobs give, so that they are known only
    /// when those are done. Until then one leg stands for all.
    pub(crate) pending: bool,
    /// Whether it gets the engine's socket.
    pub(crate) docker_socket: bool,
    /// The compose file that its services are of.
    pub(crate) compose: Option<Arc<ComposeServices>>,
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
    /// The image that is made of it by its set-up steps.
    pub(crate) derived: Option<Arc<Derived>>,
    /// Its services.
    pub(crate) services: Vec<PlannedService>,
    /// Its steps.
    pub(crate) steps: Arc<[PlanStep]>,
    /// Jobs of the workflow that it calls in place of steps.
    pub(crate) call: Option<Arc<[PlanJob]>>,
}

/// One step of a leg.
#[derive(Debug, Clone)]
pub(crate) struct PlanStep {
    /// Number within the job, from 1.
    pub(crate) number: u32,
    /// Number of the step that uses the composite action it belongs to.
    pub(crate) inside: Option<u32>,
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
    /// Where it measures coverage.
    pub(crate) measured: Vec<Measured>,
}

/// Why there is no plan. All problems are reported together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlanError {
    /// The problems, with their published reasons.
    pub(crate) problems: Vec<(Cause, Problem)>,
}

/// Most legs that a matrix may have (GitHub docs, "Usage limits").
pub(crate) const MAX_LEGS: usize = 256;

/// Problems with their published reasons.
type Problems = Vec<(Cause, Problem)>;

/// Makes the plan.
///
/// # Errors
/// Everything that is wrong with the workflow beyond its form, and everything in
/// the selected jobs that seatrial cannot do.
pub(crate) fn build(workflow: &Workflow, inputs: &Inputs) -> Result<Plan, PlanError> {
    let mut problems: Problems = check::expressions(workflow)
        .into_iter()
        .map(|problem| (Cause::WorkflowInvalid, problem))
        .collect();
    let alone = &inputs.alone;
    let selected = match select::jobs(workflow, &inputs.jobs, alone.needs.is_none()) {
        Ok(selected) => selected,
        Err(problem) => {
            problems.push((Cause::Usage, problem));
            return Err(PlanError { problems });
        }
    };
    problems.extend(alone.problems(&inputs.jobs, &selected));
    if !problems.is_empty() {
        return Err(PlanError { problems });
    }
    let mut planner = Planner::new(inputs);
    let root = Arc::new(Frame::root(
        Arc::new(workflow.clone()),
        Value::object(inputs.inputs.clone()),
    ));
    let mut jobs = Vec::new();
    for job in &selected {
        let job = Arc::new(workflow::Job::clone(job));
        match planner.job(&root, &job, alone.needs.as_ref()) {
            Ok(planned) => jobs.push(planned.with_needs(alone.needs.as_ref())),
            Err(mut found) => problems.append(&mut found),
        }
    }
    let ids: Vec<&str> = workflow.jobs.iter().map(|job| job.id.as_str()).collect();
    if let Some(compose) = &inputs.compose {
        problems.extend(compose.unknown_jobs(&ids));
    }
    if !inputs.matrix.is_empty() && problems.is_empty() {
        problems.extend(select::unused_matrix_filters(&jobs, &inputs.matrix));
    }
    if problems.is_empty() {
        problems.extend(alone.no_such_leg(&inputs.jobs, &jobs));
    }
    if !problems.is_empty() {
        return Err(PlanError { problems });
    }
    planner.settle(&mut jobs);
    let mut plan = Plan {
        name: workflow.name.as_ref().map_or_else(
            || inputs.github.workflow_file.clone(),
            |name| name.value.clone(),
        ),
        planner,
        jobs,
        dockerfile: inputs.dockerfile.clone(),
        partial: false,
        warnings: Vec::new(),
    };
    plan.partial =
        selected.len() < workflow.jobs.len() || plan.legs().any(|(_, leg)| leg.left_out.is_some());
    plan.warnings
        .extend(container::warnings(&plan.all_jobs(), inputs));
    plan.warnings
        .extend(socket::warnings(&plan.all_jobs(), inputs));
    Ok(plan)
}

impl Plan {
    /// All legs that run something themselves, with their jobs, in order. In place
    /// of a leg that calls a workflow there are the legs of that one.
    pub(crate) fn legs(&self) -> impl Iterator<Item = (&PlanJob, &Leg)> {
        let mut found = Vec::new();
        for job in &self.jobs {
            job.running(&mut found);
        }
        found.into_iter()
    }

    /// All jobs, those of called workflows behind the ones that call them.
    pub(crate) fn all_jobs(&self) -> Vec<&PlanJob> {
        fn add<'a>(jobs: &'a [PlanJob], found: &mut Vec<&'a PlanJob>) {
            for job in jobs {
                found.push(job);
                for call in job.legs.iter().filter_map(|leg| leg.call.as_ref()) {
                    add(call, found);
                }
            }
        }
        let mut found = Vec::new();
        add(&self.jobs, &mut found);
        found
    }

    /// Whether any step of the plan owes or writes a coverage report, but for those
    /// that its leg left out.
    pub(crate) fn coverage_due(&self, left_out: impl Fn(&JobKey, u32) -> bool) -> bool {
        self.legs().any(|(_, leg)| {
            leg.left_out.is_none()
                && leg.every_step().iter().any(|step| {
                    step.due
                        .iter()
                        .any(|due| matches!(due.kind, ReportKind::Cobertura | ReportKind::Lcov))
                        && !left_out(&leg.key, step.number)
                })
        })
    }
}

impl PlanJob {
    /// The job with a `needs` context that is told from outside, where it is.
    fn with_needs(mut self, needs: Option<&Value>) -> Self {
        if let Some(needs) = needs {
            self.needs.clear();
            self.told_needs = Some(needs.clone());
        }
        self
    }

    /// Whether it is a job of the workflow that `other` calls.
    pub(crate) fn is_called_by(&self, other: &Self) -> bool {
        self.frame.ids.strip_suffix(" / ") == Some(other.id.as_str())
    }

    /// Collects the legs that run something themselves, as [`Plan::legs`].
    pub(crate) fn running<'a>(&'a self, found: &mut Vec<(&'a PlanJob, &'a Leg)>) {
        for leg in &self.legs {
            match &leg.call {
                Some(jobs) => jobs.iter().for_each(|job| job.running(found)),
                None => found.push((self, leg)),
            }
        }
    }
}

impl Leg {
    /// All its steps, those of composite actions behind the steps that use them.
    pub(crate) fn every_step(&self) -> Vec<&PlanStep> {
        let mut found = Vec::new();
        steps::every(&self.steps, &mut found);
        found
    }

    /// The leg as it is recorded.
    pub(crate) fn planned(&self, job: &PlanJob) -> PlannedJob {
        PlannedJob {
            key: self.key.clone(),
            job: job.id.clone(),
            name: self.name.clone(),
            needs: job.frame.needs_of(&job.needs),
            left_out: self.left_out.clone(),
            steps: self
                .every_step()
                .into_iter()
                .map(|step| PlannedStep {
                    number: step.number,
                    inside: step.inside,
                    name: step.name.clone(),
                    placement: step.placement.to_string(),
                    test: step.test.is_some(),
                    ends_with_tests: step.test.as_ref().is_some_and(|test| test.ends),
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
