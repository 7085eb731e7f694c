//! `seatrial list`.

use std::path::Path;

use super::App;
use super::args::{ListArgs, ListFormat};
use super::error::CliError;
use super::event::{self, Wanted};
use super::git::Checkout;
use super::out::Stream;
use super::{project, request, screen};
use crate::expr::Object;
use crate::plan::{Happened, Inputs, decide, foresee};
use crate::record::{Cause, EXIT_SUCCESS, slug};
use crate::report::{self, Listed, Listing, Look, Told};
use crate::settings::{ConfigFile, Settings};
use crate::workflow::{self, Problem, Span};

/// The event where none is named.
const EVENT: &str = "push";

/// Shows what an event would start. Gives the exit code.
pub(super) fn list(app: &App, args: &ListArgs) -> u8 {
    match try_list(app, args) {
        Ok(true) => EXIT_SUCCESS,
        Ok(false) => Cause::WorkflowInvalid.exit_code(),
        Err(error) => app.fail(&error),
    }
}

/// Whether all workflow files could be read.
fn try_list(app: &App, args: &ListArgs) -> Result<bool, CliError> {
    let root = project::root(app, args.root.as_deref())?;
    let file = ConfigFile::load(&root)?;
    let settings = Settings::resolve(args.flags(), &app.environment, &file)?;
    for warning in &settings.warnings {
        app.out.warning(warning);
    }
    let listing = listing(app, &root, &settings)?;
    let text = match args.format {
        ListFormat::Table => report::list_text(
            &listing,
            screen::width(app, Stream::Stdout),
            Look {
                colour: Stream::Stdout.colour(),
                ascii: app.environment.ascii(),
            },
        ),
        ListFormat::Json => report::json_text(&report::list_json(&listing)),
    };
    app.out.data(&text);
    Ok(!listing
        .workflows
        .iter()
        .any(|listed| matches!(listed.told, Told::Broken(_))))
}

fn listing(app: &App, root: &Path, settings: &Settings) -> Result<Listing, CliError> {
    let checkout = Checkout::read(root);
    let folder = root.file_name().map_or_else(
        || "repository".to_owned(),
        |name| slug(&name.to_string_lossy()),
    );
    let payload = request::payload(settings)?;
    let wanted = Wanted {
        checkout: &checkout,
        root,
        folder: &folder,
        actor: request::actor(app),
        reference: settings.reference.as_deref(),
        payload: payload.as_ref(),
    };
    let event = settings.event.as_deref().unwrap_or(EVENT);
    // What is known of the event without any workflow.
    let facts = event::facts(wanted, event, None);
    let changed = event::changed_files(root, &facts);
    let mut workflows = Vec::new();
    for path in project::files(root) {
        let shown = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        let (file, told, name) = match project::read(root, path) {
            Err(error) => {
                let problem = Problem::new(Span::default(), error.message);
                (shown, Told::Broken(problem), None)
            }
            Ok(file) => {
                let name = file.name.clone();
                let parsed = workflow::parse(&file.text).map_err(|problems| {
                    problems
                        .into_iter()
                        .next()
                        .unwrap_or_else(|| Problem::new(Span::default(), "it cannot be read"))
                });
                match parsed {
                    Err(problem) => (name, Told::Broken(problem), None),
                    Ok(parsed) => {
                        let workflow = &parsed.workflow;
                        let mut github = event::facts(wanted, event, Some((workflow, &name)));
                        github.workflow_file.clone_from(&name);
                        github.workflow_name = workflow
                            .name
                            .as_ref()
                            .map_or_else(|| name.clone(), |text| text.value.clone());
                        let happened = Happened {
                            github: &github,
                            changed: changed.as_ref().map(|changed| changed.files.as_slice()),
                        };
                        let mut decision = decide(workflow, happened);
                        let typed =
                            event::inputs(workflow, &github, &settings.vars, &settings.inputs);
                        let typed = typed.unwrap_or_else(|problems| {
                            decision.refuse("inputs", problems);
                            Object::new()
                        });
                        let inputs = Inputs {
                            inputs: typed,
                            github,
                            vars: settings.vars.clone(),
                            ..Inputs::default()
                        };
                        let jobs = if decision.starts {
                            foresee(workflow, &inputs)
                        } else {
                            Vec::new()
                        };
                        let title = workflow.name.as_ref().map(|text| text.value.clone());
                        (name, Told::Read { decision, jobs }, title)
                    }
                }
            }
        };
        workflows.push(Listed { file, name, told });
    }
    if workflows.is_empty() {
        return Err(CliError::new(
            Cause::Usage,
            ".github/workflows holds no workflow",
        ));
    }
    Ok(Listing {
        event: event.to_owned(),
        reference: facts.reference,
        base: facts.base_ref,
        changed: changed.map(|changed| (changed.files.len(), changed.between)),
        workflows,
    })
}
