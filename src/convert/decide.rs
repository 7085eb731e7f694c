//! What becomes of each job and each step, as the plan knows them.

use std::collections::BTreeMap;

use crate::expr::Value;
use crate::plan::{BuiltIn, ImageNeed, Leg, Placement, Plan, PlanJob, PlanStep};
use crate::workflow::{Job, Step, StepAction};

use super::decide_step::{self, Trouble};
use super::geometry::normal_path;
use super::handover::{self, Handover};
use super::options::Style;

/// The image that a job's container is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ImageUse {
    /// The Dockerfile, relative to the repository.
    pub(crate) dockerfile: String,
    /// The build context, relative to the repository; empty for the whole.
    pub(crate) context: String,
    /// Its stage.
    pub(crate) target: Option<String>,
    /// Build arguments besides the version of Python.
    pub(crate) build_args: Vec<(String, String)>,
    /// Whether it takes the version of Python as the build argument `PYTHON_VERSION`.
    pub(crate) takes_python: bool,
    /// Whether it is derived from the workflow's set-up steps.
    pub(crate) derived: bool,
}

/// What becomes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays as it is, and on the runner.
    Untouched,
    /// A script that stays on the runner while others of its job do not.
    Runner,
    /// A script that runs in the container.
    Container,
    /// The image holds what it does: it is left out where the container is used.
    Provided,
}

/// A job whose tests move into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobPlan {
    /// The fate of each of its steps.
    pub(crate) fates: Vec<Fate>,
    /// Index of the step that checks the repository out.
    pub(crate) checkout: usize,
    /// Index of the last step of which anything runs in the container.
    pub(crate) last: usize,
    /// The folder it is checked out to, with a `/` behind it; empty for the workspace.
    pub(crate) folder: String,
    /// Its image.
    pub(crate) image: ImageUse,
    /// What `PYTHON_VERSION` is, an expression perhaps.
    pub(crate) python: Option<String>,
    /// Labels of its services.
    pub(crate) services: Vec<String>,
    /// `runs-on` as an expression, where some of its legs run on Windows.
    pub(crate) windows: Option<String>,
    /// How many of its legs run at once, as far as is known.
    pub(crate) legs: usize,
    /// Whether it has a matrix.
    pub(crate) matrix: bool,
    /// What one step of seatrial's stands for, where the conversion is of that style.
    pub(crate) handover: Option<Handover>,
}

/// A job with tests that stay where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    /// The workflow file; empty for the one that was asked for.
    pub(crate) file: String,
    /// Its id.
    pub(crate) job: String,
    /// Line of what is in the way, from 1.
    pub(crate) line: usize,
    /// Why.
    pub(crate) why: String,
    /// What to do about it.
    pub(crate) hint: String,
}

/// What is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Decided {
    /// Jobs to convert, by workflow file (empty for the one that was asked for) and id.
    pub(crate) jobs: BTreeMap<(String, String), JobPlan>,
    /// Jobs with tests that are not converted.
    pub(crate) left: Vec<Left>,
    /// Fates of the steps of local composite actions, by folder.
    pub(crate) actions: BTreeMap<String, Vec<Fate>>,
}

/// Decides. `image` names the image of a leg, where there is one.
pub(crate) fn decide(
    plan: &Plan,
    style: Style,
    image: impl Fn(&PlanJob, &Leg) -> Option<ImageUse>,
) -> Decided {
    let mut decided = Decided::default();
    let mut seen: BTreeMap<(String, String), Vec<&PlanJob>> = BTreeMap::new();
    let mut order = Vec::new();
    for job in plan.all_jobs() {
        let key = (job.frame.file.clone(), job.job.id.value.clone());
        if !seen.contains_key(&key) {
            order.push(key.clone());
        }
        seen.entry(key).or_default().push(job);
    }
    for key in order {
        let jobs = seen.get(&key).map(Vec::as_slice).unwrap_or_default();
        let Some(first) = jobs.first() else { continue };
        let legs: Vec<(&PlanJob, &Leg)> = jobs
            .iter()
            .flat_map(|job| job.legs.iter().map(|leg| (*job, leg)))
            .collect();
        if !tests_here(&legs) {
            continue;
        }
        let planned = job(&first.job, &legs, &image).and_then(|(planned, actions)| match style {
            Style::Docker => Ok((planned, actions)),
            Style::Seatrial => {
                let handed_over = handed_over(&first.job, &key.0, &legs, planned)?;
                Ok((handed_over, Actions::new()))
            }
        });
        match planned {
            Ok((planned, actions)) => {
                decided.jobs.insert(key, planned);
                decided.actions.extend(actions);
            }
            Err(Trouble { line, why, hint }) => decided.left.push(Left {
                file: key.0,
                job: key.1,
                line,
                why,
                hint,
            }),
        }
    }
    decided
}

/// Whether a job has tests that it runs itself.
fn tests_here(legs: &[(&PlanJob, &Leg)]) -> bool {
    legs.iter().any(|(_, leg)| {
        leg.call.is_none() && leg.every_step().iter().any(|step| step.test.is_some())
    })
}

/// The job with what one step stands for.
fn handed_over(
    job: &Job,
    file: &str,
    legs: &[(&PlanJob, &Leg)],
    planned: JobPlan,
) -> Result<JobPlan, Trouble> {
    if !file.is_empty() {
        return Err(Trouble::new(
            job.id.span.start.line,
            "it belongs to a workflow that is called, whose inputs and secrets only the caller knows",
            "convert it with `--style docker`",
        ));
    }
    let here: Vec<&Leg> = legs
        .iter()
        .map(|(_, leg)| *leg)
        .filter(|leg| leg.left_out.is_none())
        .collect();
    let handover = Some(handover::of(job, &here, &planned)?);
    Ok(JobPlan {
        handover,
        ..planned
    })
}

type Actions = BTreeMap<String, Vec<Fate>>;

fn job(
    job: &Job,
    legs: &[(&PlanJob, &Leg)],
    image: impl Fn(&PlanJob, &Leg) -> Option<ImageUse>,
) -> Result<(JobPlan, Actions), Trouble> {
    let id_line = job.id.span.start.line;
    if let Some(container) = &job.container {
        let line = container
            .image
            .as_ref()
            .map_or(id_line, |image| image.span.start.line);
        return Err(Trouble::new(
            line,
            "its steps run in the container that it names already",
            "nothing is to be done",
        ));
    }
    let here: Vec<(&PlanJob, &Leg)> = legs
        .iter()
        .copied()
        .filter(|(_, leg)| leg.left_out.is_none())
        .collect();
    if here.is_empty() {
        return Err(Trouble::new(
            job.runs_on
                .as_ref()
                .map_or(id_line, |node| node.span.start.line),
            "none of its legs runs on Linux",
            "only a Linux runner has Docker for Linux images",
        ));
    }
    let image = one_image(&here, image, id_line)?;
    let (checkout, folder) = checkout(job, &here)?;
    let mut actions = Actions::new();
    let mut fates = Vec::new();
    let mut last = checkout;
    for (index, step) in job.steps.iter().enumerate() {
        let planned: Vec<&PlanStep> = here
            .iter()
            .filter_map(|(_, leg)| leg.steps.get(index))
            .collect();
        let fate = match index.cmp(&checkout) {
            std::cmp::Ordering::Less => decide_step::before_checkout(step),
            std::cmp::Ordering::Equal => Fate::Untouched,
            std::cmp::Ordering::Greater => decide_step::fate(step, &planned, &image)?,
        };
        if index > checkout {
            for one in &planned {
                if let Placement::Composite(used) = &one.placement {
                    decide_step::composite(used, &mut actions)?;
                    last = index;
                }
            }
        }
        if fate == Fate::Container {
            last = index;
        }
        fates.push(fate);
    }
    let windows = legs
        .iter()
        .any(|(_, leg)| leg.runs_on.to_ascii_lowercase().contains("windows"));
    let windows = windows.then(|| runs_on_expression(job)).flatten();
    if let (Some(_), Some((index, _))) = (
        &windows,
        fates.iter().enumerate().find(|(index, fate)| {
            **fate == Fate::Runner
                && job
                    .steps
                    .get(*index)
                    .is_some_and(|step| shell(step).is_none())
        }),
    ) {
        return Err(Trouble::new(
            job.steps
                .get(index)
                .map_or(id_line, |step| step.span.start.line),
            "this step stays on the runner, with a shell that differs between Windows and Linux",
            "give the step its `shell`",
        ));
    }
    let python = match image.takes_python {
        true => python(job, &here)?,
        false => None,
    };
    let planned = JobPlan {
        checkout,
        last,
        folder,
        python,
        services: job
            .services
            .iter()
            .map(|(label, _)| label.value.clone())
            .collect(),
        windows,
        legs: legs.len(),
        matrix: job
            .strategy
            .as_ref()
            .is_some_and(|strategy| strategy.matrix.is_some()),
        handover: None,
        image,
        fates,
    };
    Ok((planned, actions))
}

/// The one image of all legs.
fn one_image(
    legs: &[(&PlanJob, &Leg)],
    image: impl Fn(&PlanJob, &Leg) -> Option<ImageUse>,
    line: usize,
) -> Result<ImageUse, Trouble> {
    let mut found: Option<ImageUse> = None;
    for (job, leg) in legs {
        let Some(image) = image(job, leg) else {
            return Err(Trouble::new(
                line,
                "there is no Dockerfile.test, and no set-up step of this job can become a layer of an image",
                "write a Dockerfile.test that holds what its tests need",
            ));
        };
        match &found {
            Some(other) if *other != image => {
                return Err(Trouble::new(
                    line,
                    "its legs need different images",
                    "write one Dockerfile.test for all of them, with the version of Python as the build argument PYTHON_VERSION",
                ));
            }
            _ => found = Some(image),
        }
    }
    found.ok_or_else(|| Trouble::new(line, "it has no legs", "see `seatrial plan`"))
}

/// The step that checks this repository out, and to which folder.
fn checkout(job: &Job, legs: &[(&PlanJob, &Leg)]) -> Result<(usize, String), Trouble> {
    let of_this_repository = |step: &Step| match &step.action {
        StepAction::Uses { with, .. } => !with
            .iter()
            .any(|(name, _)| name.value.eq_ignore_ascii_case("repository")),
        StepAction::Run { .. } => false,
    };
    let index = legs.first().and_then(|(_, leg)| {
        leg.steps.iter().position(|step| {
            step.placement == Placement::BuiltIn(BuiltIn::Checkout)
                && of_this_repository(&step.step)
        })
    });
    let Some(index) = index else {
        return Err(Trouble::new(
            job.id.span.start.line,
            "no step of it checks the repository out, so there is nothing to build an image from",
            "add a step with `actions/checkout`",
        ));
    };
    let step = job.steps.get(index);
    let line = step.map_or(job.id.span.start.line, |step| step.span.start.line);
    if step.is_some_and(|step| step.condition.is_some()) {
        return Err(Trouble::new(
            line,
            "the checkout has a condition, and the image is built from it",
            "check the repository out unconditionally",
        ));
    }
    let path = step.and_then(|step| match &step.action {
        StepAction::Uses { with, .. } => with
            .iter()
            .find(|(name, _)| name.value.eq_ignore_ascii_case("path"))
            .and_then(|(_, value)| value.scalar_text()),
        StepAction::Run { .. } => None,
    });
    match path.as_deref().map(normal_path) {
        None => Ok((index, String::new())),
        Some(Some(path)) if path.is_empty() => Ok((index, String::new())),
        Some(Some(path)) => Ok((index, format!("{path}/"))),
        Some(None) => Err(Trouble::new(
            line,
            "where the repository is checked out is known only while the job runs",
            "name the folder without an expression, below the workspace",
        )),
    }
}

/// `runs-on` as the text of an expression.
fn runs_on_expression(job: &Job) -> Option<String> {
    let text = job.runs_on.as_ref()?.scalar_text()?;
    match text
        .trim()
        .strip_prefix("${{")
        .and_then(|rest| rest.strip_suffix("}}"))
    {
        Some(inner) if !inner.contains("${{") => Some(inner.trim().to_owned()),
        _ => Some(format!("'{}'", text.replace('\'', "''"))),
    }
}

/// The shell that a step names.
pub(super) fn shell(step: &Step) -> Option<&str> {
    match &step.action {
        StepAction::Run { shell, .. } => shell.as_ref().map(|shell| shell.value.as_str()),
        StepAction::Uses { .. } => None,
    }
}

/// What the build argument for Python is: as the step that sets Python up says it.
fn python(job: &Job, legs: &[(&PlanJob, &Leg)]) -> Result<Option<String>, Trouble> {
    let of_leg = |leg: &Leg| match &leg.derived {
        Some(derived) => derived.python.clone(),
        None => match &leg.image {
            ImageNeed::Dockerfile { python } => python.clone(),
            _ => None,
        },
    };
    let versions: Vec<Option<String>> = legs.iter().map(|(_, leg)| of_leg(leg)).collect();
    let said = job.steps.iter().find_map(|step| match &step.action {
        StepAction::Uses { action, with } if action.value.starts_with("actions/setup-python@") => {
            let (_, value) = with
                .iter()
                .find(|(name, _)| name.value == "python-version")?;
            Some((value.span.start.line, value.scalar_text()?))
        }
        _ => None,
    });
    let Some((first, others)) = versions.split_first() else {
        return Ok(None);
    };
    if others.iter().all(|other| other == first) {
        return Ok(first.clone());
    }
    let line = said
        .as_ref()
        .map_or(job.id.span.start.line, |(line, _)| *line);
    let differs = || {
        Trouble::new(
            line,
            "its legs need different versions of Python, and the image's name says them otherwise",
            "write the versions as the tags of `python` images have them: 3.12",
        )
    };
    let (_, text) = said.ok_or_else(differs)?;
    let key = text
        .trim()
        .strip_prefix("${{")
        .and_then(|rest| rest.strip_suffix("}}"))
        .and_then(|inner| inner.trim().strip_prefix("matrix."))
        .ok_or_else(differs)?;
    let same = legs.iter().zip(&versions).all(|((_, leg), version)| {
        let value = property(&leg.matrix, key);
        version.as_deref() == Some(value.as_str())
    });
    if same { Ok(Some(text)) } else { Err(differs()) }
}

/// A value of a leg's matrix, as text.
fn property(matrix: &Value, key: &str) -> String {
    match matrix {
        Value::Object(object) => object.get(key).map(Value::to_text).unwrap_or_default(),
        _ => String::new(),
    }
}
