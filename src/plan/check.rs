//! Expressions are checked before anything runs: form, functions, and whether a
//! context may be used where it is used.
//!
//! The lists of contexts are those of GitHub's documentation, "Contexts
//! reference", section "Context availability".

use crate::expr::{Allowed, ExprError, FnSpec, Template, condition};
use crate::workflow::{
    ActionFile, Container, Entries, Node, NodeKind, Problem, Runs, Step, StepAction, Text, Workflow,
};

/// A place where expressions may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `run-name`, workflow `concurrency`.
    RunName,
    /// Workflow-level `env`.
    WorkflowEnv,
    /// `jobs.<id>.if`.
    JobIf,
    /// `name`, `runs-on`, `timeout-minutes`, `continue-on-error`, `container.image` …
    Job,
    /// `on.workflow_call.inputs.<id>.default`.
    CallInputDefault,
    /// `strategy`.
    Strategy,
    /// `jobs.<id>.env`.
    JobEnv,
    /// `jobs.<id>.outputs`.
    Outputs,
    /// `defaults.run`.
    Defaults,
    /// Everything of a step but `if`.
    Step,
    /// `steps.if`.
    StepIf,
    /// Everything of a step of a composite action but `if`.
    ActionStep,
    /// `if` of a step of a composite action.
    ActionStepIf,
    /// `inputs.<id>.default` of an action.
    ActionInput,
    /// `outputs.<id>.value` of a composite action.
    ActionOutput,
    /// `jobs.<id>.secrets` of a job that calls a workflow.
    CallSecrets,
    /// `on.workflow_call.outputs.<id>.value`.
    CallOutputs,
    /// `credentials` of a container or a service.
    Credentials,
    /// `env` of a container or a service.
    ContainerEnv,
    /// `environment.url`.
    EnvironmentUrl,
}

const ACTION_NAMES: &[&str] = &[
    "github", "inputs", "strategy", "matrix", "steps", "job", "runner", "env",
];

const STEP_FUNCTIONS: &[FnSpec] = &[
    FnSpec::ALWAYS,
    FnSpec::CANCELLED,
    FnSpec::SUCCESS,
    FnSpec::FAILURE,
    FnSpec::HASH_FILES,
];

const STEP_NAMES: &[&str] = &[
    "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "secrets", "steps",
    "inputs",
];

/// What expressions of a place may name.
pub(crate) fn allowed(place: Place) -> Allowed<'static> {
    match place {
        Place::RunName => Allowed {
            names: &["github", "inputs", "vars"],
            functions: &[],
        },
        Place::CallInputDefault => Allowed {
            names: &["github", "inputs", "vars"],
            functions: &[],
        },
        Place::WorkflowEnv => Allowed {
            names: &["github", "secrets", "inputs", "vars"],
            functions: &[],
        },
        Place::JobIf => Allowed {
            names: &["github", "needs", "vars", "inputs"],
            functions: &[
                FnSpec::ALWAYS,
                FnSpec::CANCELLED,
                FnSpec::SUCCESS_OF_JOBS,
                FnSpec::FAILURE_OF_JOBS,
            ],
        },
        Place::Job => Allowed {
            names: &["github", "needs", "strategy", "matrix", "vars", "inputs"],
            functions: &[],
        },
        Place::Strategy => Allowed {
            names: &["github", "needs", "vars", "inputs"],
            functions: &[],
        },
        Place::JobEnv => Allowed {
            names: &[
                "github", "needs", "strategy", "matrix", "vars", "secrets", "inputs",
            ],
            functions: &[],
        },
        Place::Outputs => Allowed {
            names: STEP_NAMES,
            functions: &[],
        },
        Place::Defaults => Allowed {
            names: &[
                "github", "needs", "strategy", "matrix", "env", "vars", "inputs",
            ],
            functions: &[],
        },
        Place::Step => Allowed {
            names: STEP_NAMES,
            functions: &[FnSpec::HASH_FILES],
        },
        // `action_yaml.json` of actions/runner.
        Place::ActionStep => Allowed {
            names: ACTION_NAMES,
            functions: &[FnSpec::HASH_FILES],
        },
        Place::ActionStepIf => Allowed {
            names: ACTION_NAMES,
            functions: STEP_FUNCTIONS,
        },
        Place::ActionInput => Allowed {
            names: &["github", "strategy", "matrix", "job", "runner"],
            functions: &[FnSpec::HASH_FILES],
        },
        Place::ActionOutput => Allowed {
            names: ACTION_NAMES,
            functions: &[],
        },
        Place::CallSecrets => Allowed {
            names: &[
                "github", "needs", "strategy", "matrix", "secrets", "inputs", "vars",
            ],
            functions: &[],
        },
        Place::Credentials => Allowed {
            names: &[
                "github", "needs", "strategy", "matrix", "env", "vars", "secrets", "inputs",
            ],
            functions: &[],
        },
        Place::ContainerEnv => Allowed {
            names: &[
                "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "secrets",
                "inputs",
            ],
            functions: &[],
        },
        Place::EnvironmentUrl => Allowed {
            names: &[
                "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps",
                "inputs",
            ],
            functions: &[],
        },
        Place::CallOutputs => Allowed {
            names: &["github", "jobs", "vars", "inputs"],
            functions: &[],
        },
        Place::StepIf => Allowed {
            names: &[
                "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps",
                "inputs",
            ],
            functions: STEP_FUNCTIONS,
        },
    }
}

/// Every expression of an action that GitHub would refuse.
pub(super) fn action(action: &ActionFile) -> Vec<Problem> {
    let mut found = Found {
        in_action: true,
        ..Found::default()
    };
    for input in &action.inputs {
        found.node(input.default.as_ref(), Place::ActionInput);
    }
    if let Runs::Composite(steps) = &action.runs {
        for step in steps {
            found.step(step);
        }
        for (_, value) in &action.outputs {
            found.node(value.as_ref(), Place::ActionOutput);
        }
    }
    found.problems
}

/// Every expression of the workflow that GitHub would refuse.
pub(super) fn expressions(workflow: &Workflow) -> Vec<Problem> {
    let mut found = Found::default();
    found.text(workflow.run_name.as_ref(), Place::RunName);
    found.node(workflow.concurrency.as_ref(), Place::RunName);
    found.entries(&workflow.env, Place::WorkflowEnv);
    for trigger in &workflow.on {
        if trigger.event.value == "workflow_call" {
            for input in &trigger.inputs {
                found.node(input.default.as_ref(), Place::CallInputDefault);
            }
            found.node(trigger.raw.get("outputs"), Place::CallOutputs);
        }
    }
    for job in &workflow.jobs {
        if let Some(text) = &job.condition {
            found.condition(text, Place::JobIf);
        }
        found.text(job.name.as_ref(), Place::Job);
        found.node(job.runs_on.as_ref(), Place::Job);
        found.node(job.timeout_minutes.as_ref(), Place::Job);
        found.node(job.continue_on_error.as_ref(), Place::Job);
        found.entries(&job.env, Place::JobEnv);
        found.entries(&job.outputs, Place::Outputs);
        found.text(job.defaults.shell.as_ref(), Place::Defaults);
        found.text(job.defaults.working_directory.as_ref(), Place::Defaults);
        if let Some(strategy) = &job.strategy {
            found.node(strategy.matrix.as_ref(), Place::Strategy);
            found.node(strategy.fail_fast.as_ref(), Place::Strategy);
            found.node(strategy.max_parallel.as_ref(), Place::Strategy);
        }
        if let Some(container) = &job.container {
            found.container(container);
        }
        for (_, service) in &job.services {
            found.container(service);
        }
        found.node(job.concurrency.as_ref(), Place::Job);
        found.environment(job.environment.as_ref());
        found.entries(&job.with, Place::Job);
        found.node(job.secrets.as_ref(), Place::CallSecrets);
        for step in &job.steps {
            found.step(step);
        }
    }
    found
        .problems
        .sort_by_key(|problem| problem.span.start.offset);
    found.problems
}

#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    /// Whether the steps are those of a composite action.
    in_action: bool,
}

impl Found {
    /// A container or a service.
    fn container(&mut self, container: &Container) {
        let texts = [
            &container.image,
            &container.options,
            &container.entrypoint,
            &container.command,
        ];
        for text in texts {
            self.text(text.as_ref(), Place::Job);
        }
        for text in container.ports.iter().chain(&container.volumes) {
            self.text(Some(text), Place::Job);
        }
        self.entries(&container.env, Place::ContainerEnv);
        self.entries(&container.credentials, Place::Credentials);
    }

    /// `environment`: a name, or a map of which `url` is evaluated after the steps.
    fn environment(&mut self, node: Option<&Node>) {
        let Some(Node {
            kind: NodeKind::Map(entries),
            ..
        }) = node
        else {
            return self.node(node, Place::Job);
        };
        for (key, node) in entries {
            let place = match key.as_str() {
                "url" => Place::EnvironmentUrl,
                _ => Place::Job,
            };
            self.node(Some(node), place);
        }
    }

    fn step(&mut self, step: &Step) {
        let (place, place_if) = if self.in_action {
            (Place::ActionStep, Place::ActionStepIf)
        } else {
            (Place::Step, Place::StepIf)
        };
        if let Some(text) = &step.condition {
            self.condition(text, place_if);
        }
        self.text(step.name.as_ref(), place);
        self.entries(&step.env, place);
        self.node(step.timeout_minutes.as_ref(), place);
        self.node(step.continue_on_error.as_ref(), place);
        match &step.action {
            StepAction::Run {
                script,
                shell,
                working_directory,
            } => {
                self.text(Some(script), place);
                self.text(working_directory.as_ref(), place);
                if self.in_action {
                    self.text(shell.as_ref(), place);
                }
            }
            StepAction::Uses { with, .. } => self.entries(with, place),
        }
    }

    fn text(&mut self, text: Option<&Text>, place: Place) {
        if let Some(text) = text
            && let Err(error) = Template::parse(&text.value, &allowed(place))
        {
            self.add(text, &error);
        }
    }

    fn condition(&mut self, text: &Text, place: Place) {
        if let Err(error) = condition(&text.value, &allowed(place)) {
            self.add(text, &error);
        }
    }

    fn entries(&mut self, entries: &Entries, place: Place) {
        for (_, node) in entries {
            self.node(Some(node), place);
        }
    }

    fn node(&mut self, node: Option<&Node>, place: Place) {
        let Some(node) = node else { return };
        match &node.kind {
            NodeKind::String(value) => {
                let text = Text {
                    value: value.clone(),
                    span: node.span,
                };
                self.text(Some(&text), place);
            }
            NodeKind::Seq(items) => {
                for item in items {
                    self.node(Some(item), place);
                }
            }
            NodeKind::Map(entries) => self.entries(entries, place),
            NodeKind::Null | NodeKind::Bool(_) | NodeKind::Number(..) => {}
        }
    }

    fn add(&mut self, text: &Text, error: &ExprError) {
        let mut span = text.span;
        // In a plain text of one line the exact column can be told.
        let one_line = span.start.line == span.end.line
            && span.end.offset - span.start.offset == text.value.len();
        if one_line && let Some(before) = text.value.get(..error.offset) {
            span.start.column += before.chars().count();
            span.start.offset += error.offset;
        }
        self.problems
            .push(Problem::new(span, error.message.clone()));
    }
}
