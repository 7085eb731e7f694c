//! One workflow file as it is meant: each job in each of its ways, as items.

mod environment;
mod kind;
mod script;

pub(super) use environment::Environment;
pub(super) use kind::Kind;
pub(super) use script::from_checkout;

use std::collections::BTreeMap;

use super::finding::Where;
use crate::audit::{Shell, Subject, Uses, View};
use crate::convert::{PLACE, SCRIPT};
use crate::expr::{Allowed, Contexts, Object, Template, Terms, condition};
use crate::plan::Due;
use crate::scan::FilePlace;
use crate::workflow::{Job, Step, StepAction, Text, test_command};

use script::Reader;

/// Items of a job that are compared.
pub(super) const MAX_ITEMS: usize = 2000;

/// A workflow file.
pub(super) struct Meaning<'a> {
    /// The file.
    pub(super) subject: &'a Subject<'a>,
    /// Its places.
    pub(super) view: View<'a>,
    /// Its jobs.
    pub(super) jobs: Vec<JobMeaning<'a>>,
}

/// A job.
pub(super) struct JobMeaning<'a> {
    /// As it is written.
    pub(super) job: &'a Job,
    /// When it runs; `None` where that is too much to be compared.
    pub(super) condition: Option<Terms>,
    /// The ways in which its steps can run: one, or in its container and on the runner.
    pub(super) ways: Vec<Way<'a>>,
}

/// A job where its steps run in one place.
pub(super) struct Way<'a> {
    /// The place; everywhere, where there is no choice.
    pub(super) place: Where,
    /// What it does, in order.
    pub(super) items: Vec<Item<'a>>,
    /// Whether there were more.
    pub(super) is_cut: bool,
}

/// A command, or an action.
pub(super) struct Item<'a> {
    /// The step that it is in.
    pub(super) step: &'a Step,
    /// Where it stands.
    pub(super) at: FilePlace,
    /// When its step runs.
    pub(super) condition: Option<Terms>,
    /// What it is for.
    pub(super) kind: Kind,
    /// What it says: the words of a command, without what leads into a container; an
    /// action's name and inputs.
    pub(super) words: Vec<String>,
    /// More about it.
    pub(super) body: Body<'a>,
}

/// What an item is.
pub(super) enum Body<'a> {
    /// A command.
    Command(Box<Ran>),
    /// An action.
    Action(Uses<'a>),
}

/// How a command runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Ran {
    /// What it sees.
    pub(super) environment: Environment,
    /// How its failure is swallowed.
    pub(super) swallowed: Option<String>,
    /// Whether it runs in some case only.
    pub(super) sometimes: bool,
    /// The image, container or service that it runs in, where the script says so.
    pub(super) container: Option<String>,
    /// The folder that it runs in, from the one in which the job begins; absent where that
    /// cannot be told.
    pub(super) directory: Option<String>,
    /// Folders that stand for the checkout.
    pub(super) roots: Vec<String>,
    /// Whether what it writes can come out.
    pub(super) comes_out: bool,
    /// The reports that it writes.
    pub(super) due: Due,
}

impl<'a> Meaning<'a> {
    /// Reads a file.
    pub(super) fn of(subject: &'a Subject<'a>) -> Self {
        let view = View::new(subject);
        let jobs = subject.workflow.jobs.iter();
        let jobs = jobs.map(|job| of_job(&view, subject, job)).collect();
        Self {
            subject,
            view,
            jobs,
        }
    }
}

fn of_job<'a>(view: &View<'a>, subject: &'a Subject<'a>, job: &'a Job) -> JobMeaning<'a> {
    let switch = Switch::of(subject, job);
    let places = match switch {
        Some(_) => vec![Where::Container, Where::Runner],
        None => vec![Where::Everywhere],
    };
    let ways = places.into_iter().map(|place| {
        let mut items = items(view, subject, job, (place, switch));
        let is_cut = items.len() > MAX_ITEMS;
        items.truncate(MAX_ITEMS);
        Way {
            place,
            items,
            is_cut,
        }
    });
    JobMeaning {
        job,
        condition: terms(job.condition.as_ref(), None),
        ways: ways.collect(),
    }
}

/// How a conversion made a job choose where its steps run.
#[derive(Clone, Copy)]
enum Switch<'a> {
    /// The shell of each script leads into the container.
    Shell,
    /// This step, which uses seatrial's own action, runs the job's steps in a container; those
    /// that it stands for are left out behind it.
    Action(&'a Step),
}

impl<'a> Switch<'a> {
    fn of(subject: &Subject<'_>, job: &'a Job) -> Option<Self> {
        let leads = |text: &Option<Text>| {
            text.as_ref()
                .is_some_and(|text| text.value.contains(SCRIPT))
        };
        let by_shell = leads(&job.defaults.shell)
            || leads(&subject.workflow.defaults.shell)
            || job.steps.iter().any(|step| match &step.action {
                StepAction::Run { shell, .. } => leads(shell),
                StepAction::Uses { .. } => false,
            });
        // A composite action leaves out what the image holds, in a job that chose already.
        let asks = job.steps.iter().any(|step| {
            let condition = step.condition.as_ref();
            condition.is_some_and(|text| text.value.contains(&format!("env.{PLACE}")))
        });
        let is_action = |step: &&Step| {
            Uses::of(step)
                .is_some_and(|uses| kind::is_seatrial(&uses, step.id.as_ref().map(Text::as_str)))
        };
        match by_shell {
            true => Some(Self::Shell),
            false => {
                let action = job.steps.iter().find(is_action).map(Self::Action);
                action.or(asks.then_some(Self::Shell))
            }
        }
    }

    /// When a step runs in the container's way, and whether it is seatrial's action that runs
    /// it.
    fn in_container(self, step: &Step) -> (Option<Terms>, bool) {
        let here = terms(step.condition.as_ref(), Some("container"));
        let by_action = match self {
            // What it would upload stays in its own folder.
            Self::Action(one) => one.span != step.span && !keeps(step),
            Self::Shell => false,
        };
        if !by_action {
            return (here, false);
        }
        // For the action the place is not chosen yet.
        let there = terms(step.condition.as_ref(), Some(""));
        let only_there = here.as_ref().is_some_and(Terms::is_never);
        let either = here.zip(there).and_then(|(here, there)| here.or(&there));
        (either, only_there)
    }
}

/// Whether a step uploads or publishes what tests left.
fn keeps(step: &Step) -> bool {
    Uses::of(step).is_some_and(|uses| kind::of_action(&uses, None) == Kind::Upload)
}

/// When something runs, with the place of the job's steps chosen or not.
fn terms(text: Option<&Text>, chosen: Option<&str>) -> Option<Terms> {
    let name = format!("env.{PLACE}");
    let known = |asked: &str| chosen.filter(|_| asked == name).map(str::to_owned);
    let text = text.map_or("", Text::as_str);
    condition(text, &Allowed::ALL).ok()?.terms(&known)
}

fn items<'a>(
    view: &View<'a>,
    subject: &'a Subject<'a>,
    job: &'a Job,
    (place, switch): (Where, Option<Switch<'a>>),
) -> Vec<Item<'a>> {
    let mut environment = Environment::default();
    environment.extend(&subject.workflow.env);
    environment.extend(&job.env);
    let mut reader = Reader {
        view,
        project: subject.project,
        job,
        environment,
        containers: BTreeMap::new(),
        copied: copied(job),
        swallowed: None,
        items: Vec::new(),
    };
    for step in &job.steps {
        let (condition, by_action) = match (place, switch) {
            (Where::Container, Some(switch)) => switch.in_container(step),
            (Where::Runner, _) => (terms(step.condition.as_ref(), Some("runner")), false),
            _ => (terms(step.condition.as_ref(), None), false),
        };
        if condition.as_ref().is_some_and(Terms::is_never) {
            continue;
        }
        reader.swallowed = match switch {
            Some(Switch::Action(one)) if by_action && one.continue_on_error.is_some() => {
                Some("the step that runs it in a container has `continue-on-error`".to_owned())
            }
            _ => None,
        };
        match &step.action {
            StepAction::Run { script, shell, .. } => {
                let defaults = [&job.defaults, &subject.workflow.defaults];
                let shell = shell
                    .as_ref()
                    .or_else(|| defaults.iter().find_map(|one| one.shell.as_ref()));
                let (shell, leads_in) = shell_of(shell, job, &script.value);
                let inside = leads_in && place == Where::Container;
                reader.step(step, script, condition, shell, inside);
            }
            StepAction::Uses { .. } => reader.action(step, condition),
        }
    }
    reader.items
}

/// The shell of a script, and whether it leads into the job's container. PowerShell and the
/// like are read as far as they look like a shell of Unix, where they run tests.
fn shell_of(shell: Option<&Text>, job: &Job, script: &str) -> (Option<Shell>, bool) {
    let named = shell.map(|shell| match shell.value.contains(SCRIPT) {
        true => evaluated(&shell.value),
        false => shell.value.clone(),
    });
    let (named, leads_in) = match named {
        Some(text) if text.contains(SCRIPT) => {
            let inner = text.split_once(" exec ").map(|(_, inner)| inner.to_owned());
            (inner, true)
        }
        named => (named, false),
    };
    let shell = Shell::of(named.as_deref(), job);
    let other = || test_command(script).and_then(|_| Shell::of(Some("bash"), job));
    (shell.or_else(other), leads_in)
}

/// The shell of a job some of whose legs have no containers, in a leg that has them.
fn evaluated(text: &str) -> String {
    let github: Object = [("workspace", ".")].into_iter().collect();
    let scope = Contexts::new()
        .with("github", github)
        .with("matrix", Object::new())
        .with("runner", Object::new());
    Template::parse(text, &Allowed::ALL)
        .and_then(|template| template.evaluate_text(&scope))
        .unwrap_or_else(|_| text.to_owned())
}

/// Whether a script of the job copies files out of a container.
fn copied(job: &Job) -> bool {
    let copies =
        |text: &Text| text.value.contains("docker cp ") || text.value.contains("compose cp ");
    job.steps.iter().any(|step| match &step.action {
        StepAction::Run { script, .. } => copies(script),
        StepAction::Uses { .. } => false,
    })
}
