//! Steps, in order, until one that cannot be baked and may matter to later ones.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::expr::{Allowed, Contexts, Known, NameRef, Object, Template, condition};
use crate::plan::check::{Place, allowed};
use crate::plan::script::{self, join};
use crate::plan::steps::inputs_of;
use crate::plan::{ActionUse, BuiltIn, Inputs, Placement, PlanStep, language};
use crate::workflow::{Entries, RunDefaults, StepAction, Text};

use super::building::Building;
use super::command::influences;
use super::{Layer, Phase, setup_tools, tests_of, words};

/// Contexts whose values are the same in each run of a leg.
const SETTLED: &[&str] = &["matrix", "env", "inputs", "vars", "strategy"];
/// Contexts that get their values only while the run goes.
const LATER: &[&str] = &["needs", "steps", "job", "jobs", "secrets"];

/// Reads the steps of one leg.
pub(super) struct Reader<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) scope: &'a Contexts,
    /// `env` of the workflow, of the job and of the steps around.
    pub(super) entries: Vec<&'a Entries>,
    /// `defaults.run` of the job and of the workflow; a composite action has none.
    pub(super) defaults: Vec<&'a RunDefaults>,
    /// Inputs of the composite action that are not known before the run.
    pub(super) open: BTreeSet<String>,
    /// The base image's Python.
    pub(super) python: Option<&'a str>,
}

/// What one step is.
pub(super) enum Read {
    /// All of it goes into the image.
    Baked(Vec<Layer>),
    /// A part of it does; the step itself stays.
    Prepared(Vec<Layer>),
    /// It stays and does not matter to what can be baked.
    Neutral,
    /// It stays, and what comes after it may depend on it.
    Stop,
}

/// What is known while the steps are gone through.
#[derive(Default)]
pub(super) struct State {
    pub(super) layers: Vec<Layer>,
    /// Whether the source is in the workspace: without a checkout there are no files to
    /// copy.
    checked_out: bool,
    /// Commands that the image has besides those of its base.
    pub(super) has: BTreeSet<String>,
    /// Tools that a set-up action installs, with their requirement.
    tools: BTreeMap<&'static str, setup_tools::Tool>,
}

impl Reader<'_> {
    /// The layers of a leg's set-up steps; `None` when there are none.
    pub(super) fn layers(&self, steps: &[PlanStep]) -> Option<Vec<Layer>> {
        let mut state = State::default();
        let _ = self.walk(steps, &mut state);
        (!state.layers.is_empty()).then_some(state.layers)
    }

    /// Goes through steps until one ends it.
    fn walk(&self, steps: &[PlanStep], state: &mut State) -> ControlFlow<()> {
        for step in steps {
            if step.test.is_some() {
                self.prepare_tests(step, state);
                return ControlFlow::Break(());
            }
            match self.runs(step) {
                Some(true) => {}
                Some(false) => continue,
                None if self.step(step, state).is_neutral() => continue,
                None => return ControlFlow::Break(()),
            }
            if let Placement::Composite(used) = &step.placement {
                self.inside(step, used, state)?;
                continue;
            }
            if step.placement == Placement::BuiltIn(BuiltIn::Checkout) {
                if !self.checks_out_here(step) {
                    return ControlFlow::Break(());
                }
                state.checked_out = true;
                continue;
            }
            let read = self.step(step, state);
            match read {
                Read::Neutral => self.remember(step, state),
                Read::Baked(layers) if state.checked_out => self.add(step, layers, state),
                Read::Prepared(layers) if state.checked_out => {
                    self.add(step, layers, state);
                    return ControlFlow::Break(());
                }
                _ => return ControlFlow::Break(()),
            }
        }
        ControlFlow::Continue(())
    }

    /// The steps of a composite action, with its inputs.
    fn inside(&self, step: &PlanStep, used: &ActionUse, state: &mut State) -> ControlFlow<()> {
        let mut scope = self.scope.clone();
        scope.set("inputs", inputs_of(&step.step, used, self.scope));
        let open = match &step.step.action {
            StepAction::Uses { with, .. } => with
                .iter()
                .filter(|(_, node)| {
                    node.scalar_text()
                        .and_then(|text| self.settled(&text))
                        .is_none()
                })
                .map(|(name, _)| name.value.to_ascii_lowercase())
                .collect(),
            StepAction::Run { .. } => BTreeSet::new(),
        };
        let mut entries = self.entries.clone();
        entries.push(&step.step.env);
        let reader = Reader {
            inputs: self.inputs,
            scope: &scope,
            entries,
            defaults: Vec::new(),
            open,
            python: self.python,
        };
        reader.walk(&used.steps, state)
    }

    /// Whether the step runs; `None` where that is decided later.
    fn runs(&self, step: &PlanStep) -> Option<bool> {
        let text = step.step.condition.as_ref().map_or("", |text| &text.value);
        let condition = condition(text, &allowed(Place::StepIf)).ok()?;
        let known = condition
            .names()
            .iter()
            .all(|name| (name.name != "runner" || name.path == ["os"]) && !self.is_open(name));
        let system: Object = [("os", "Linux")].into_iter().collect();
        let scope = self.scope.clone().with("runner", system);
        let now = Known {
            scope: &scope,
            later: LATER,
            success: Some(true),
        };
        known
            .then(|| condition.foresee(&now).ok().flatten())
            .flatten()
    }

    /// Whether it is an input that is not known before the run.
    fn is_open(&self, name: &NameRef) -> bool {
        name.name == "inputs"
            && match name.path.first() {
                Some(input) => self.open.contains(&input.to_ascii_lowercase()),
                None => !self.open.is_empty(),
            }
    }

    fn step(&self, step: &PlanStep, state: &State) -> Read {
        match (&step.placement, &step.step.action) {
            (Placement::BuiltIn(BuiltIn::AptPackages), StepAction::Uses { with, .. }) => {
                let packages = with
                    .iter()
                    .find(|(name, _)| name.value.eq_ignore_ascii_case("packages"))
                    .and_then(|(_, node)| node.scalar_text())
                    .and_then(|text| self.settled(&text));
                match packages {
                    Some(text) if words::is_literal(&text) => {
                        let packages = text.split_whitespace().map(ToOwned::to_owned).collect();
                        Read::Baked(vec![self.apt(step, packages)])
                    }
                    _ => Read::Stop,
                }
            }
            (Placement::BuiltIn(built_in), _) if changes_files(*built_in) => Read::Stop,
            (Placement::BuiltIn(_) | Placement::SkippedAction | Placement::LeftOutAction(_), _) => {
                Read::Neutral
            }
            (
                Placement::Container,
                StepAction::Run {
                    script,
                    shell,
                    working_directory,
                },
            ) => self
                .script(
                    step,
                    &script.value,
                    shell.as_ref(),
                    working_directory.as_ref(),
                    state,
                )
                .unwrap_or(Read::Stop),
            _ => Read::Stop,
        }
    }

    /// Reads a script; `None` when it is not understood.
    fn script(
        &self,
        step: &PlanStep,
        text: &str,
        shell: Option<&Text>,
        directory: Option<&Text>,
        state: &State,
    ) -> Option<Read> {
        let shell = shell.or_else(|| self.defaults.iter().find_map(|found| found.shell.as_ref()));
        if !shell.is_none_or(|shell| matches!(shell.value.trim(), "bash" | "sh")) {
            return None;
        }
        let commands = script::parse(&self.settled(text).unwrap_or_else(|| text.to_owned()));
        let directory = directory.or_else(|| {
            self.defaults
                .iter()
                .find_map(|found| found.working_directory.as_ref())
        });
        let directory = match directory {
            Some(text) => self.settled(&text.value)?,
            None => String::new(),
        };
        let mut building = Building {
            reader: self,
            step,
            state,
            exports: self.exports(step),
            base: join("", directory.trim()),
            pieces: Vec::new(),
            activate: None,
            harmless: false,
        };
        let mut rest = commands.as_slice();
        while let Some((command, after)) = rest.split_first() {
            rest = after;
            if let Some(file) = crate::plan::setup::tested_file(command) {
                let (body, after) = rest.split_first()?;
                // One command, and no `else`.
                if after.first().is_some_and(|next| next.conditional) || !body.conditional {
                    return None;
                }
                rest = after;
                if self
                    .inputs
                    .project
                    .contains_key(&join(&building.base, file))
                {
                    let mut body = body.clone();
                    body.conditional = false;
                    building.command(&body)?;
                }
                continue;
            }
            building.command(command)?;
        }
        // GitHub's contexts and secrets in what is only printed do no harm.
        let needs_values = !building.pieces.is_empty();
        if needs_values && (self.settled(text).is_none() || step.step.continue_on_error.is_some()) {
            return None;
        }
        building.finish()
    }

    /// A text with its expressions evaluated; `None` when a value may differ from run to
    /// run.
    fn settled(&self, text: &str) -> Option<String> {
        let template = Template::parse(text, &Allowed::ALL).ok()?;
        let known = template.names().iter().all(|name| {
            SETTLED.contains(&name.name.as_str())
                && !self.is_open(name)
                && (name.name != "env"
                    || name
                        .path
                        .first()
                        .is_some_and(|variable| self.variable(variable, None).is_some()))
        });
        if !known
            || template
                .expressions()
                .any(|(_, expr)| asks_files(&expr.source))
        {
            return None;
        }
        template.evaluate_text(self.scope).ok()
    }

    /// The value of a variable of the workflow, the job or the step, where it is the same
    /// in each run.
    pub(super) fn variable(&self, name: &str, step: Option<&PlanStep>) -> Option<String> {
        let own = step.map(|step| &step.step.env);
        let (_, node) = own
            .into_iter()
            .chain(self.entries.iter().copied().rev())
            .find_map(|entries| entries.iter().rfind(|(key, _)| key.value == name))?;
        self.settled(&node.scalar_text()?)
    }

    /// Variables that say how tools install; `None` when one of them is not known.
    fn exports(&self, step: &PlanStep) -> Option<Vec<(String, String)>> {
        let mut names = BTreeSet::new();
        for entries in self.entries.iter().copied().chain([&step.step.env]) {
            names.extend(entries.iter().map(|(name, _)| name.value.clone()));
        }
        names
            .into_iter()
            .filter(|name| influences(name) && !name.ends_with("_CACHE_DIR"))
            .map(|name| {
                let value = self.variable(&name, Some(step))?;
                Some((name, value))
            })
            .collect()
    }

    fn checks_out_here(&self, step: &PlanStep) -> bool {
        let StepAction::Uses { with, .. } = &step.step.action else {
            return false;
        };
        with.iter().all(|(name, node)| {
            let other = ["path", "repository", "ref"]
                .iter()
                .any(|input| name.value.eq_ignore_ascii_case(input));
            !other
                || node
                    .scalar_text()
                    .is_some_and(|text| text.trim().is_empty())
        })
    }

    /// Remembers what a set-up action gives: a tool, or a language beside Python.
    fn remember(&self, step: &PlanStep, state: &mut State) {
        if let Some((language, image)) = language::beside(&step.step, self.inputs, self.scope) {
            let layer = Layer::new(Phase::System, step.number, title(step), false);
            state.layers.push(Layer {
                language: Some((language, image)),
                ..layer
            });
            return;
        }
        let (Placement::BuiltIn(built_in), StepAction::Uses { with, .. }) =
            (&step.placement, &step.step.action)
        else {
            return;
        };
        let input = |name: &str| {
            let (_, node) = with
                .iter()
                .find(|(key, _)| key.value.eq_ignore_ascii_case(name))?;
            self.settled(&node.scalar_text()?)
        };
        if let Some(tool) = setup_tools::of(*built_in, input) {
            state.has.insert(tool.name.to_owned());
            state.tools.insert(tool.name, tool);
        }
    }

    /// Adds what a step gives, and what its layers need before them.
    fn add(&self, step: &PlanStep, layers: Vec<Layer>, state: &mut State) {
        for layer in layers {
            state.has.extend(layer.gives.iter().cloned());
            if let Some(tool) = layer.needs.and_then(|name| state.tools.remove(name)) {
                state.layers.push(tool.layer(step.number));
            }
            if layer.git && !state.has.contains("git") {
                let title = "git, for what is fetched with it".to_owned();
                state.has.insert("git".to_owned());
                state.layers.push(Layer {
                    title,
                    whole: false,
                    ..self.apt(step, vec!["git".to_owned()])
                });
            }
            state.layers.push(layer);
        }
    }

    pub(super) fn apt(&self, step: &PlanStep, packages: Vec<String>) -> Layer {
        Layer {
            packages,
            ..Layer::new(Phase::System, step.number, title(step), true)
        }
    }

    /// The environments of the first test step.
    fn prepare_tests(&self, step: &PlanStep, state: &mut State) {
        let StepAction::Run { script, .. } = &step.step.action else {
            return;
        };
        let (Some(text), Some(exports)) = (self.settled(&script.value), self.exports(step)) else {
            return;
        };
        let files = &self.inputs.project;
        let parts = tests_of::environments(&text, files, &state.has, |name| {
            self.variable(name, Some(step))
        });
        for part in parts {
            let title = format!("What {} would set up first", title(step));
            let mut layer = Layer::new(part.phase, step.number, title, false);
            layer.take(part, &exports, None, "");
            layer.needs = ["tox", "nox", "hatch"]
                .into_iter()
                .find(|tool| layer.commands.iter().any(|line| line.starts_with(tool)));
            self.add(step, vec![layer], state);
        }
    }
}

impl Read {
    fn is_neutral(&self) -> bool {
        matches!(self, Self::Neutral)
    }
}

/// The step's name on one line: it stands in a comment, and the line after that is an
/// instruction.
pub(super) fn title(step: &PlanStep) -> String {
    let words: Vec<&str> = step
        .name
        .split(|one: char| one.is_whitespace() || one.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    format!("`{}`", words.join(" "))
}

fn asks_files(expression: &str) -> bool {
    expression.to_ascii_lowercase().contains("hashfiles")
}

/// Whether a stand-in changes the workspace or what is installed in a way that later
/// steps may depend on.
fn changes_files(built_in: BuiltIn) -> bool {
    matches!(
        built_in,
        BuiltIn::DownloadArtifact
            | BuiltIn::MergeArtifacts
            | BuiltIn::Retry
            | BuiltIn::SetupPixi
            | BuiltIn::SetupBrowser
            | BuiltIn::PreCommit
            | BuiltIn::Ruff
    )
}
