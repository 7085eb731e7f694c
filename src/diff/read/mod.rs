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
    let places = match is_switched(subject, job) {
        true => vec![Where::Container, Where::Runner],
        false => vec![Where::Everywhere],
    };
    let ways = places.into_iter().map(|place| {
        let mut items = items(view, subject, job, place);
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
        condition: terms(job.condition.as_ref(), Where::Everywhere),
        ways: ways.collect(),
    }
}

/// Whether a conversion made the job choose where its steps run.
fn is_switched(subject: &Subject<'_>, job: &Job) -> bool {
    let leads = |text: &Option<Text>| {
        text.as_ref()
            .is_some_and(|text| text.value.contains(SCRIPT))
    };
    leads(&job.defaults.shell)
        || leads(&subject.workflow.defaults.shell)
        || job.steps.iter().any(|step| match &step.action {
            StepAction::Run { shell, .. } => leads(shell),
            StepAction::Uses { .. } => false,
        })
}

/// When something runs. In a job that chooses its place, the choice is made.
fn terms(text: Option<&Text>, place: Where) -> Option<Terms> {
    let chosen = match place {
        Where::Everywhere => None,
        Where::Container => Some("container"),
        Where::Runner => Some("runner"),
    };
    let name = format!("env.{PLACE}");
    let known = |asked: &str| chosen.filter(|_| asked == name).map(str::to_owned);
    let text = text.map_or("", Text::as_str);
    condition(text, &Allowed::ALL).ok()?.terms(&known)
}

fn items<'a>(
    view: &View<'a>,
    subject: &'a Subject<'a>,
    job: &'a Job,
    place: Where,
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
        items: Vec::new(),
    };
    for step in &job.steps {
        let condition = terms(step.condition.as_ref(), place);
        if condition.as_ref().is_some_and(Terms::is_never) {
            continue;
        }
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
