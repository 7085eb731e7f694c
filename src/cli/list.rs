//! `seatrial list`.

use std::path::Path;

use clap::{Args as ClapArgs, ValueEnum};

use super::App;
use super::args::AboutArgs;
use super::error::CliError;
use super::event::{self, Wanted};
use super::examples::LIST_EXAMPLES;
use super::git::Checkout;
use super::out::Stream;
use super::project::{self, RootArgs};
use super::{request, runs, screen};
use crate::expr::Object;
use crate::plan::{Happened, Inputs, decide, foresee};
use crate::record::{Cause, EXIT_SUCCESS, slug};
use crate::report::{self, Listed, Listing, Look, Told};
use crate::settings::{ConfigFile, Flags, Settings};
use crate::workflow::{self, Problem, Span};

/// The event where none is named.
const EVENT: &str = "push";

/// `seatrial list`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = LIST_EXAMPLES)]
pub(super) struct ListArgs {
    /// What is listed
    #[arg(value_enum, value_name = "WHAT", default_value_t)]
    what: What,
    /// Whose.
    #[command(flatten)]
    pub(super) root: RootArgs,
    /// Of the kept runs, the last so many
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Selection"
    )]
    pub(super) limit: u32,
    /// The event [default: push] [env: SEATRIAL_EVENT]
    #[arg(long, value_name = "NAME", help_heading = "Event and contexts")]
    event: Option<String>,
    /// More about the event.
    #[command(flatten)]
    about: AboutArgs,
    /// How to show it
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub(super) format: ListFormat,
}

/// What is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum What {
    /// What an event would start
    #[default]
    Workflows,
    /// The runs that are kept, the last one first
    Runs,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

impl ListArgs {
    /// What the command line settles.
    fn flags(&self) -> Flags {
        Flags {
            event: self.event.clone(),
            ..self.about.flags()
        }
    }

    /// Whether it names an event.
    fn is_of_event(&self) -> bool {
        let about = &self.about;
        self.event.is_some()
            || about.reference.is_some()
            || about.event_file.is_some()
            || !(about.inputs.is_empty() && about.vars.is_empty())
    }
}

/// Shows what an event would start, or the runs that are kept. Gives the exit code.
pub(super) fn list(app: &App, args: &ListArgs) -> u8 {
    let result = match args.what {
        What::Workflows => try_list(app, args),
        What::Runs if args.is_of_event() => {
            let message = "kept runs are listed whatever event they were for";
            Err(CliError::new(Cause::Usage, message)
                .with_hint("leave out what is said of the event"))
        }
        What::Runs => runs::list(app, args).map(|()| true),
    };
    match result {
        Ok(true) => EXIT_SUCCESS,
        Ok(false) => Cause::WorkflowInvalid.exit_code(),
        Err(error) => app.fail(&error),
    }
}

/// Whether all workflow files could be read.
fn try_list(app: &App, args: &ListArgs) -> Result<bool, CliError> {
    let root = project::root(app, args.root.path())?;
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
