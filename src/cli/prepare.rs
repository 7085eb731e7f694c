//! Workflow and settings → plan: what `run` and `plan` have in common.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::actions::Store;
use crate::image::{BuildOptions, Expected, Finding, Recipe, Survey};
use crate::plan::{
    self, Alone, Happened, Inputs, OnThisMachine, Plan, PlanError, Project, ServicesUse,
    SocketGrant, event_inputs, start_warnings,
};
use crate::record::{Cause, slug};
use crate::settings::BuiltFrom;
use crate::workflow::{self, Problem};

use super::compose;
use super::error::CliError;
use super::event::{self, Wanted};
use super::git::Checkout;
use super::project_files;
use super::recipe::{self, Own};
use super::sources;

/// What is wanted, flags and settings taken together.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    /// The repository.
    pub(super) root: PathBuf,
    /// The workflow file.
    pub(super) workflow: PathBuf,
    /// Its text.
    pub(super) text: String,
    /// The text of its file, where that is a converted one and `text` its original.
    pub(super) as_written: Option<String>,
    /// `--job`.
    pub(super) jobs: Vec<String>,
    /// `--matrix`.
    pub(super) matrix: Vec<(String, String)>,
    /// `--leg` and `--needs`.
    pub(super) alone: Alone,
    /// `--event`.
    pub(super) event: Option<String>,
    /// `--ref`.
    pub(super) reference: Option<String>,
    /// `--event-file`, read.
    pub(super) payload: Option<Value>,
    /// `--input`.
    pub(super) inputs: Vec<(String, String)>,
    /// `--var`.
    pub(super) vars: Vec<(String, String)>,
    /// `--image`.
    pub(super) image: Option<String>,
    /// `--image` for labels in lower case.
    pub(super) images: BTreeMap<String, String>,
    /// What the tests' image is built from, with whole paths. `image` goes before it.
    pub(super) built: Option<BuiltFrom>,
    /// `--target`.
    pub(super) target: Option<String>,
    /// `--build-arg`.
    pub(super) build_args: Vec<(String, String)>,
    /// How images are built.
    pub(super) build: BuildOptions,
    /// `--skip-action`.
    pub(super) skip_actions: Vec<String>,
    /// Where actions and workflows of other repositories come from.
    pub(super) store: Store,
    /// `container.allow` of `seatrial.toml`.
    pub(super) allowed_options: Vec<String>,
    /// `container.docker-socket` of `seatrial.toml`.
    pub(super) docker_socket: SocketGrant,
    /// `services` of `seatrial.toml`.
    pub(super) services: Option<ServicesUse>,
    /// The docker command.
    pub(super) docker: Option<PathBuf>,
    /// Whether jobs run on this machine, without images.
    pub(super) on_this_machine: Option<OnThisMachine>,
    /// Whether set-up steps may become layers of an image.
    pub(super) derive: bool,
    /// Whether the image is to be derived although it has a Dockerfile or is named.
    pub(super) deriving: bool,
    /// Who starts the run.
    pub(super) actor: String,
}

/// A plan with everything it was made from.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    /// The plan.
    pub(super) plan: Plan,
    /// What it was made from.
    pub(super) inputs: Inputs,
    /// What git knows.
    pub(super) checkout: Checkout,
    /// The recipe of the tests' own image.
    pub(super) recipe: Option<Recipe>,
    /// What that image would be built from, where another one is named for the jobs.
    pub(super) beside: Option<Recipe>,
    /// What the repository's configuration says about its tests.
    pub(super) project: Project,
    /// The workflow file, relative to the repository.
    pub(super) workflow_name: String,
    /// What is odd about the workflow file.
    pub(super) warnings: Vec<Problem>,
    /// What the workflow expects of the tests' own image.
    pub(super) expected: Expected,
    /// What a person should know of the tests' image before it is built: where it is at odds
    /// with the workflow, above all.
    pub(super) findings: Vec<Finding>,
}

/// Why there is no plan.
#[derive(Debug)]
pub(super) enum NotPrepared {
    /// Problems of the workflow file and of those that it refers to, with the texts of
    /// the latter by name.
    Problems(Vec<(Cause, Problem)>, BTreeMap<String, String>),
    /// Anything else: cause, message, way out.
    Other(Cause, String, Option<String>),
}

impl NotPrepared {
    /// The same for people; `name` and `text` are those of the workflow file.
    pub(super) fn into_error(self, name: &str, text: &str) -> CliError {
        match self {
            Self::Problems(found, others) => CliError::of_problems(name, text, found, others),
            Self::Other(cause, message, hint) => CliError {
                hint,
                ..CliError::new(cause, message)
            },
        }
    }
}

/// Reads, checks and plans.
pub(super) fn prepare(request: &Request) -> Result<Prepared, NotPrepared> {
    let parsed = workflow::parse(&request.text).map_err(|problems| {
        NotPrepared::Problems(
            problems
                .into_iter()
                .map(|problem| (Cause::WorkflowInvalid, problem))
                .collect(),
            BTreeMap::new(),
        )
    })?;
    let checkout = Checkout::read(&request.root);
    let folder = request.root.file_name().map_or_else(
        || "repository".to_owned(),
        |name| slug(&name.to_string_lossy()),
    );
    let workflow_name = request
        .workflow
        .strip_prefix(&request.root)
        .unwrap_or(&request.workflow)
        .display()
        .to_string();
    let wanted = Wanted {
        checkout: &checkout,
        root: &request.root,
        folder: &folder,
        actor: &request.actor,
        reference: request.reference.as_deref(),
        payload: request.payload.as_ref(),
    };
    let facts = |event: &str| event::facts(wanted, event, Some((&parsed.workflow, &workflow_name)));
    let event = request.event.clone().unwrap_or_else(|| {
        event::default_event(&parsed.workflow, !request.inputs.is_empty(), |event| {
            event::decision(&request.root, &parsed.workflow, &facts(event)).starts
        })
    });
    let mut github = facts(&event);
    // Who names an event hears when it is none for this workflow.
    let named = request.event.is_some() || request.reference.is_some();
    let not_started = if named || request.payload.is_some() {
        let changed = event::changed_files(&request.root, &github);
        let happened = Happened {
            github: &github,
            changed: changed.as_ref().map(|changed| changed.files.as_slice()),
        };
        start_warnings(&parsed.workflow, happened)
    } else {
        Vec::new()
    };
    github.workflow_file.clone_from(&workflow_name);
    github.workflow_name = parsed
        .workflow
        .name
        .as_ref()
        .map_or_else(|| workflow_name.clone(), |name| name.value.clone());
    let typed = event::inputs(&parsed.workflow, &github, &request.vars, &request.inputs)
        .map_err(|problems| NotPrepared::Problems(problems, BTreeMap::new()))?;
    if event == "workflow_dispatch"
        && let Value::Object(payload) = &mut github.event
    {
        payload.insert("inputs".to_owned(), event_inputs(&typed).into());
    }
    let project_files = project_files::read(&request.root, &parsed.workflow);
    let project = Project::read(&project_files);
    let named = request.image.is_some() || request.on_this_machine.is_some();
    let own = if named || request.deriving {
        None
    } else {
        recipe::own(request, &github.repository)?
    };
    let no_dockerfile = own.is_none() && !named && !request.deriving;
    let (dockerfile, recipe, mut findings) = match own {
        Some(Own {
            recipe,
            used,
            findings,
        }) => (Some(used), Some(recipe), findings),
        None => (None, None, Vec::new()),
    };
    // One that cannot be read is nobody's trouble here.
    let unused = request.image.is_some() && request.on_this_machine.is_none() && !request.deriving;
    let beside = match unused {
        true => recipe::own(request, &github.repository).ok().flatten(),
        false => None,
    };
    let beside = beside.map(|own| own.recipe);
    let mut sources = sources::read(
        (&request.root, request.on_this_machine.is_none()),
        &request.store,
        &request.skip_actions,
        &parsed.workflow,
    );
    let compose = match &request.services {
        Some(wanted) => {
            let (services, text) = compose::services(request, wanted)?;
            sources.texts.insert(wanted.file.clone(), text);
            Some(Arc::new(services))
        }
        None => None,
    };
    let inputs = Inputs {
        github,
        vars: request.vars.clone(),
        inputs: typed,
        jobs: request.jobs.clone(),
        matrix: request.matrix.clone(),
        alone: request.alone.clone(),
        dockerfile,
        image: request.image.clone().filter(|_| !request.deriving),
        images: match request.deriving {
            true => BTreeMap::new(),
            false => request.images.clone(),
        },
        project: project_files,
        skip_actions: request.skip_actions.clone(),
        allowed_options: request.allowed_options.clone(),
        docker_socket: request.docker_socket.clone(),
        compose,
        on_this_machine: request.on_this_machine,
        derive: request.derive,
        sources,
    };
    let mut plan = plan::build(&parsed.workflow, &inputs).map_err(|PlanError { problems }| {
        NotPrepared::Problems(problems, inputs.sources.texts.clone())
    })?;
    plan.warnings.extend(not_started);
    let mut warnings = parsed.warnings;
    warnings.extend(plan.warnings.clone());
    if no_dockerfile {
        findings.extend(recipe::hint(request, &plan));
    }
    let survey = recipe
        .as_ref()
        .and_then(|recipe| Survey::of(recipe, &request.root));
    let (expected, at_odds) = Expected::new(plan::wants(&plan), &workflow_name, survey.as_ref());
    findings.extend(at_odds);
    Ok(Prepared {
        expected,
        findings,
        plan,
        inputs,
        checkout,
        recipe,
        beside,
        project,
        workflow_name,
        warnings,
    })
}
