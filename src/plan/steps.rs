//! The steps of a job, those of composite actions unfolded: each with its number,
//! its place and the reports that it owes.

use std::sync::Arc;

use crate::expr::{Contexts, Object};
use crate::record::Cause;
use crate::workflow::{self, ActionFile, Problem, Runs, Step, StepAction, Text};

use super::action::Meaning;
use super::action_use::ActionUse;
use super::project::Project;
use super::sources::{Loaded, Origin};
use super::{Inputs, Placement, PlanStep, Problems, check, contexts, placement, socket, step_name};

/// Deepest nesting of composite actions (`CompositeActionsMaxDepth` of
/// actions/runner).
const MAX_DEPTH: usize = 9;

/// Most steps of a job, those of its actions included. GitHub names no limit; without
/// one, few lines of actions that use each other would never come to an end.
const MAX_STEPS: u32 = 10_000;

/// Plans the steps of one job.
pub(super) struct StepPlanner<'a> {
    inputs: &'a Inputs,
    project: &'a Project,
    problems: &'a mut Problems,
    /// Id of the job, if it reaches no container engine.
    without_engine: Option<&'a str>,
    /// Number of the next step. Steps of actions are numbered behind the step that
    /// uses the action.
    next: u32,
    /// How many actions there are around.
    depth: usize,
    /// Whether a limit was met, so that no more steps are looked at.
    stopped: bool,
}

impl<'a> StepPlanner<'a> {
    pub(super) fn new(
        inputs: &'a Inputs,
        project: &'a Project,
        problems: &'a mut Problems,
        without_engine: Option<&'a str>,
    ) -> Self {
        Self {
            inputs,
            project,
            problems,
            without_engine,
            next: 1,
            depth: 0,
            stopped: false,
        }
    }

    /// The steps, as far as they can be planned.
    pub(super) fn steps(&mut self, steps: &[Step]) -> Vec<PlanStep> {
        steps.iter().filter_map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &Step) -> Option<PlanStep> {
        if self.stopped {
            return None;
        }
        let number = self.next;
        self.next += 1;
        if number > MAX_STEPS {
            self.stopped = true;
            let message = format!("the job has more than {MAX_STEPS} steps, with those of actions");
            self.problems.push((
                Cause::UnsupportedFeature,
                Problem::new(step.span, message).with_hint("do its actions use each other?"),
            ));
            return None;
        }
        let placement = match &step.action {
            StepAction::Uses { action, .. } => {
                let meaning = Meaning::of(&action.value, &self.inputs.skip_actions);
                let runs = matches!(meaning, Meaning::OwnCode(..) | Meaning::BuiltIn(_));
                if let Some(job) = self.without_engine.filter(|_| runs)
                    && let Some(refused) = socket::refusal(action, job)
                {
                    self.problems.push(refused);
                    return None;
                }
                if let Some(used) = ActionUse::of_image(action) {
                    Some(Placement::Docker(Arc::new(used)))
                } else if let Meaning::OwnCode(origin, folder) = meaning {
                    Some(self.action(number, action, origin, folder)?)
                } else {
                    None
                }
            }
            StepAction::Run { .. } => None,
        };
        if let Some(placement) = placement {
            return Some(PlanStep {
                number,
                inside: None,
                name: step_name(step),
                step: Arc::new(step.clone()),
                placement,
                test: None,
                due: Vec::new(),
                measured: Vec::new(),
            });
        }
        match placement::step(step, number, self.inputs, self.project) {
            Ok(planned) => Some(planned),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn action(
        &mut self,
        number: u32,
        uses: &Text,
        origin: Origin,
        folder: String,
    ) -> Option<Placement> {
        let mut refuse = |cause: Cause, message: String, hint: &str| {
            self.problems.push((
                cause,
                Problem::new(uses.span, message).with_hint(hint.to_owned()),
            ));
            None
        };
        let name = &uses.value;
        let key = (origin.clone(), folder.clone());
        let action = match self.inputs.sources.actions.get(&key) {
            Some(Loaded::Ready(action)) => Arc::clone(action),
            Some(Loaded::Wrong(problems)) => {
                let problems = problems.iter().cloned();
                self.problems
                    .extend(problems.map(|problem| (Cause::WorkflowInvalid, problem)));
                return None;
            }
            Some(Loaded::Missing(why, hint)) => {
                let short = name.split('@').next().unwrap_or_default();
                return match origin {
                    Origin::Here => refuse(
                        Cause::WorkflowInvalid,
                        format!("the action `{name}` cannot be had: {why}"),
                        hint,
                    ),
                    Origin::Remote { .. } => refuse(
                        Cause::UnsupportedFeature,
                        format!(
                            "seatrial has no stand-in for the action `{short}`, and its code \
                             cannot be fetched: {why}"
                        ),
                        &format!(
                            "do the same in a `run:` step, or, if the tests do not need it, skip \
                             it with `--skip-action {short}` or `[actions] skip = [\"{short}\"]` \
                             in seatrial.toml"
                        ),
                    ),
                };
            }
            None => {
                return refuse(
                    Cause::Invariant,
                    format!("the action `{name}` was not looked for"),
                    "this is a bug of seatrial",
                );
            }
        };
        if self.depth >= MAX_DEPTH {
            self.stopped = true;
            return refuse(
                Cause::WorkflowInvalid,
                format!("`{name}` is used {MAX_DEPTH} levels deep, and GitHub allows no more"),
                "does an action use itself?",
            );
        }
        let file = origin.file(&format!("{folder}/action.yml"));
        self.unfold(
            number,
            uses,
            origin,
            folder,
            &action,
            file.trim_start_matches('/'),
        )
    }

    /// An action with its steps, when it is a composite one.
    fn unfold(
        &mut self,
        number: u32,
        uses: &Text,
        origin: Origin,
        folder: String,
        action: &Arc<ActionFile>,
        file: &str,
    ) -> Option<Placement> {
        let before = self.problems.len();
        self.problems.extend(
            check::action(action)
                .into_iter()
                .map(|problem| (Cause::WorkflowInvalid, problem)),
        );
        let mut used = ActionUse {
            uses: uses.value.clone(),
            origin,
            folder,
            action: Arc::clone(action),
            steps: Vec::new(),
        };
        if let Runs::Composite(steps) = &action.runs {
            self.depth += 1;
            used.steps = self.steps(steps);
            self.depth -= 1;
            let name = used.short_name().to_owned();
            for step in &mut used.steps {
                step.inside = Some(number);
                step.name = format!("{name} / {}", step.name);
            }
        }
        for (_, problem) in self.problems.iter_mut().skip(before) {
            problem.in_file(file);
        }
        match &action.runs {
            Runs::Composite(_) => Some(Placement::Composite(Arc::new(used))),
            Runs::Node(_) => Some(Placement::Node(Arc::new(used))),
            Runs::Docker(_) => Some(Placement::Docker(Arc::new(used))),
        }
    }
}

/// All steps of a list, those of composite actions behind the steps that use them.
pub(super) fn every<'a>(steps: &'a [PlanStep], found: &mut Vec<&'a PlanStep>) {
    for step in steps {
        found.push(step);
        if let Placement::Composite(used) = &step.placement {
            every(&used.steps, found);
        }
    }
}

/// A step with the contexts that are known of it before the run.
pub(super) struct ScopedStep {
    /// The step as read.
    pub(super) step: Arc<Step>,
    /// Its contexts: in a composite action `inputs` are those of the action.
    pub(super) scope: Arc<Contexts>,
}

/// All steps with their contexts, those of composite actions in place of the steps
/// that use them.
pub(super) fn scoped(steps: &[PlanStep], scope: &Contexts) -> Vec<ScopedStep> {
    fn add(steps: &[PlanStep], scope: &Arc<Contexts>, found: &mut Vec<ScopedStep>) {
        for step in steps {
            found.push(ScopedStep {
                step: Arc::clone(&step.step),
                scope: Arc::clone(scope),
            });
            if let Placement::Composite(used) = &step.placement {
                let mut inner = Contexts::clone(scope);
                inner.set("inputs", inputs_of(&step.step, used, scope));
                add(&used.steps, &Arc::new(inner), found);
            }
        }
    }
    let mut found = Vec::new();
    add(steps, &Arc::new(scope.clone()), &mut found);
    found
}

/// The inputs of an action as far as they are known; the rest is empty.
pub(super) fn inputs_of(step: &Step, used: &ActionUse, scope: &Contexts) -> Object {
    let mut inputs = Object::new();
    for input in &used.action.inputs {
        let given = match &step.action {
            StepAction::Uses { with, .. } => with
                .iter()
                .find(|(name, _)| name.value.eq_ignore_ascii_case(&input.name.value))
                .map(|(_, node)| node),
            StepAction::Run { .. } => None,
        };
        let value = given
            .or(input.default.as_ref())
            .and_then(|node| contexts::text(node, scope))
            .unwrap_or_default();
        inputs.insert(input.name.value.clone(), value);
    }
    inputs
}

/// The steps of a job.
pub(super) fn of_job(
    job: &workflow::Job,
    id: &str,
    inputs: &Inputs,
    project: &Project,
    problems: &mut Problems,
) -> Arc<[PlanStep]> {
    let without_engine = (!socket::has_engine(job, id, inputs)).then_some(id);
    StepPlanner::new(inputs, project, problems, without_engine)
        .steps(&job.steps)
        .into()
}
