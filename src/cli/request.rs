//! Flags and settings → what is to be prepared.

use std::path::Path;

use super::App;
use super::args::SelectionArgs;
use super::error::CliError;
use super::prepare::{Prepared, Request, prepare};
use super::problems::{self, Severity};
use super::project::{self, WorkflowFile};
use crate::actions::Store;
use crate::convert;
use crate::plan::{Alone, DefinitionUse, OnThisMachine, Plan, has_label};
use crate::record::Cause;
use crate::settings::{self, BuiltFrom, ConfigFile, EngineKind, Flags, Settings, Source, Sourced};

/// Who runs seatrial where nothing tells.
const NOBODY: &str = "local";

/// Everything that `run` and `plan` know before they part.
pub(super) struct Asked {
    /// The settings.
    pub(super) settings: Settings,
    /// What is wanted.
    pub(super) request: Request,
    /// The plan.
    pub(super) prepared: Prepared,
}

/// Reads settings and workflow, and makes the plan.
pub(super) fn ask(app: &App, selection: &SelectionArgs, flags: Flags) -> Result<Asked, CliError> {
    ask_alone(app, selection, flags, Alone::default())
}

/// As [`ask`], with what is known from outside of the one job that is run.
pub(super) fn ask_alone(
    app: &App,
    selection: &SelectionArgs,
    flags: Flags,
    alone: Alone,
) -> Result<Asked, CliError> {
    let asked = |settings: &Settings, request: &mut Request| {
        request.alone = alone;
        if settings.engine == EngineKind::Host {
            // Whether the engine is there that services would need is asked later.
            request.on_this_machine = Some(OnThisMachine { services: true });
        }
    };
    ask_with(app, selection, flags, asked)
}

/// As [`ask`], with a request that a command changes before it is planned.
pub(super) fn ask_with(
    app: &App,
    selection: &SelectionArgs,
    flags: Flags,
    change: impl FnOnce(&Settings, &mut Request),
) -> Result<Asked, CliError> {
    let root = project::root(app, selection.root.path())?;
    let file = ConfigFile::load(&root)?;
    let settings = Settings::resolve(flags, &app.environment, &file)?;
    let workflow = project::find_workflow(
        app,
        &root,
        settings
            .workflow
            .as_ref()
            .map(|workflow| workflow.value.as_str()),
    )?;
    let mut request = request(app, &root, &settings, &workflow)?;
    request.build.given = settings::given(&settings.ca, Some(&root), &app.environment, &file)?;
    request.build.cache = settings::caches(&settings.cache, Some(&root), &app.environment, &file)?;
    change(&settings, &mut request);
    if request.on_this_machine.is_none() && convert::is_converted(&request.text) {
        read_as_original(app, &mut request, &workflow.name)?;
    }
    let prepared = plan(&request, &workflow.name)?;
    for notice in &prepared.inputs.sources.notices {
        app.out.warning(notice);
    }
    for warning in &settings.warnings {
        app.out.warning(warning);
    }
    for label in unused_labels(&settings, &prepared.plan) {
        app.out.warning(&format!(
            "--image names an image for `{label}`, and no job of the workflow runs on that"
        ));
    }
    if !prepared.warnings.is_empty() {
        let found = super::error::FileProblems {
            file: workflow.name.clone(),
            text: workflow.text.clone(),
            problems: prepared.warnings.clone(),
            others: prepared.inputs.sources.texts.clone(),
        };
        problems::show(&app.out, &found, Severity::Warning);
    }
    Ok(Asked {
        settings,
        request,
        prepared,
    })
}

/// Takes the original of a converted workflow: its steps are what seatrial brings into
/// containers, and not what a conversion added to do the same without it.
pub(super) fn read_as_original(
    app: &App,
    request: &mut Request,
    name: &str,
) -> Result<(), CliError> {
    let original = convert::revert(&request.text).map_err(|damaged| {
        CliError::new(
            Cause::WorkflowInvalid,
            format!("{name}:{}: {}", damaged.line, damaged.message),
        )
        .with_hint("the marks of a conversion were edited; get the file back from git")
    })?;
    app.out.say(&format!(
        "{name} was converted by seatrial; its original steps are taken"
    ));
    request.as_written = Some(std::mem::replace(&mut request.text, original));
    Ok(())
}

/// Labels that a flag names an image for, and no job has: a typing error, most likely.
fn unused_labels(settings: &Settings, plan: &Plan) -> Vec<String> {
    // A job whose legs are not known yet may have any.
    if plan.legs().any(|(job, _)| job.pending) {
        return Vec::new();
    }
    let asked = |source| matches!(source, Source::Flag(_));
    settings
        .images
        .iter()
        .filter(|(_, image)| asked(image.source))
        .filter(|(label, _)| plan.legs().all(|(_, leg)| !has_label(&leg.runs_on, label)))
        .map(|(label, _)| label.clone())
        .collect()
}

/// Makes the plan.
fn plan(request: &Request, name: &str) -> Result<Prepared, CliError> {
    prepare(request).map_err(|error| error.into_error(name, &request.text))
}

impl Asked {
    /// Plans again for these jobs and what they need; where that cannot be, all stay.
    pub(super) fn restrict_to(&mut self, jobs: Vec<String>) {
        let request = Request {
            jobs,
            ..self.request.clone()
        };
        if let Ok(prepared) = plan(&request, &self.prepared.workflow_name) {
            self.request = request;
            self.prepared = prepared;
        }
    }

    /// The same workflow planned for this machine, with a container engine beside it.
    pub(super) fn plan_for_this_machine(&self) -> Result<Plan, CliError> {
        let request = Request {
            on_this_machine: Some(OnThisMachine { services: true }),
            ..self.request.clone()
        };
        plan(&request, &self.prepared.workflow_name).map(|prepared| prepared.plan)
    }

    /// Plans again for this machine, unless that was done. `beside` says whether there
    /// is a container engine for services.
    pub(super) fn move_to_this_machine(&mut self, beside: bool) -> Result<(), CliError> {
        let on_this_machine = Some(OnThisMachine { services: beside });
        if self.request.on_this_machine == on_this_machine {
            return Ok(());
        }
        self.request.on_this_machine = on_this_machine;
        // There a converted workflow does what it would do on a runner.
        if let Some(text) = self.request.as_written.take() {
            self.request.text = text;
        }
        self.prepared = plan(&self.request, &self.prepared.workflow_name)?;
        Ok(())
    }
}

/// Settings and workflow as what is to be prepared.
pub(super) fn request(
    app: &App,
    root: &Path,
    settings: &Settings,
    workflow: &WorkflowFile,
) -> Result<Request, CliError> {
    Ok(Request {
        root: root.to_path_buf(),
        workflow: workflow.path.clone(),
        text: workflow.text.clone(),
        as_written: None,
        jobs: settings.jobs.clone(),
        matrix: settings.matrix.clone(),
        alone: Alone::default(),
        event: settings.event.clone(),
        reference: settings.reference.clone(),
        payload: payload(settings)?,
        inputs: settings.inputs.clone(),
        vars: settings.vars.clone(),
        image: settings.image.as_ref().map(|image| image.value.clone()),
        images: settings
            .images
            .iter()
            .map(|(label, image)| (label.clone(), image.value.clone()))
            .collect(),
        built: settings
            .built
            .as_ref()
            .map(|built| whole(built, root))
            .transpose()?,
        target: settings.target.clone(),
        build_args: settings.build_args.clone(),
        build: settings.build.clone(),
        skip_actions: settings.skip_actions.clone(),
        store: Store {
            server: app.environment.server().to_owned(),
            folder: app.environment.cache().join("repositories"),
        },
        allowed_options: settings.allowed_options.clone(),
        docker_socket: settings.docker_socket.clone(),
        services: settings.services.clone(),
        docker: app.environment.which("docker"),
        on_this_machine: None,
        derive: settings.derive,
        deriving: false,
        actor: actor(app).to_owned(),
    })
}

/// Who starts the run.
pub(super) fn actor(app: &App) -> &str {
    app.environment.actor().unwrap_or(NOBODY)
}

/// The payload of `--event-file`.
pub(super) fn payload(settings: &Settings) -> Result<Option<serde_json::Value>, CliError> {
    let Some(path) = &settings.event_file else {
        return Ok(None);
    };
    let wrong = |error: &dyn std::fmt::Display| {
        CliError::new(
            Cause::Usage,
            format!("--event-file {}: {error}", path.display()),
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let payload: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    if !payload.is_object() {
        return Err(wrong(&"a payload is an object").with_hint("such as {\"number\": 7}"));
    }
    Ok(Some(payload))
}

/// What an image is built from, with whole paths.
fn whole(built: &Sourced<BuiltFrom>, root: &Path) -> Result<BuiltFrom, CliError> {
    let place = |path: &Path| match built.source {
        Source::File => Ok(root.join(path)),
        Source::Variable(_) | Source::Flag(_) => absolute(path),
    };
    Ok(match &built.value {
        BuiltFrom::Dockerfile(file) => BuiltFrom::Dockerfile(place(file)?),
        BuiltFrom::Definition(wanted) => BuiltFrom::Definition(DefinitionUse {
            file: wanted.file.as_deref().map(place).transpose()?,
            ..wanted.clone()
        }),
    })
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, CliError> {
    std::path::absolute(path)
        .map_err(|error| CliError::new(Cause::PathInvalid, format!("{}: {error}", path.display())))
}
