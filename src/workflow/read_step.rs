//! `steps` of a job.

use std::collections::HashMap;

use super::model::{Entries, Step, StepAction};
use super::names::{folded, id_fault, shown};
use super::node::{Node, NodeKind, Span, Text};
use super::problem::Problem;
use super::read::{Keys, Reader, first_key};

/// Keys of a step (`run-step` and `regular-step` of `workflow-v1.0.json`).
pub(super) const KEYS: [&str; 11] = [
    "name",
    "id",
    "if",
    "run",
    "uses",
    "with",
    "env",
    "shell",
    "working-directory",
    "timeout-minutes",
    "continue-on-error",
];

/// Keys for steps in the background, new at GitHub in 2026. To ignore one would
/// change what the job does.
pub(super) const UNSUPPORTED: [&str; 5] = ["background", "wait", "wait-all", "cancel", "parallel"];

impl Reader {
    /// `steps`.
    pub(crate) fn steps(&mut self, node: &Node, what: &str, scope: &str) -> Vec<Step> {
        let Some(items) = self.list(node, what) else {
            return Vec::new();
        };
        if items.is_empty() {
            self.problem(Problem::new(node.span, format!("{scope} has no steps")));
        }
        let mut steps = Vec::new();
        let mut ids: HashMap<String, Span> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let scope = format!("step {} of {scope}", index + 1);
            let Some(step) = self.step(item, &scope) else {
                continue;
            };
            if let Some(id) = &step.id {
                self.step_id(id, &mut ids, &scope);
            }
            steps.push(step);
        }
        steps
    }

    /// A step's id: a valid name, and no other step's.
    fn step_id(&mut self, id: &Text, ids: &mut HashMap<String, Span>, scope: &str) {
        let name = shown(id.as_str());
        if let Some(fault) = id_fault(id.as_str()) {
            let message = format!("the id `{name}` of {scope} is invalid");
            self.problem(Problem::new(id.span, message).with_hint(fault));
        } else if let Some(first) = ids.insert(folded(id.as_str()), id.span) {
            let message = format!("the id `{name}` of {scope} is another step's already");
            let place = first.start;
            self.problem(Problem::new(id.span, message).with_hint(format!(
                "it is used first at line {}, column {}",
                place.line, place.column
            )));
        }
    }

    /// One step.
    fn step(&mut self, node: &Node, scope: &str) -> Option<Step> {
        if node.kind == NodeKind::Null {
            let problem = Problem::new(node.span, format!("{scope} is empty"));
            self.problem(problem.with_hint("remove the `-`, or give it `run` or `uses`"));
            return None;
        }
        let mut parts = Parts::default();
        let mut keys = Keys::default();
        let mut unsupported = false;
        for (key, value) in self.map(node, scope)? {
            let what = format!("`{}` of {scope}", key.as_str());
            match key.as_str() {
                "name" => parts.name = self.text(value, &what),
                "id" => parts.id = self.filled_literal(value, &what),
                "if" => parts.condition = self.text(value, &what),
                "run" => parts.run = self.text(value, &what),
                "uses" => parts.uses = self.action(value, &what),
                "with" => parts.with = self.entries(value, &what),
                "env" => parts.env = self.entries(value, &what),
                "shell" if self.in_action => parts.shell = self.filled(value, &what),
                "shell" => parts.shell = self.filled_literal(value, &what),
                "working-directory" => parts.working_directory = self.text(value, &what),
                "timeout-minutes" => parts.timeout_minutes = self.number(value, &what),
                "continue-on-error" => parts.continue_on_error = self.boolean(value, &what),
                name if UNSUPPORTED.contains(&name) => {
                    unsupported = true;
                    self.problem(Problem::new(
                        key.span,
                        format!("{what} is not supported yet"),
                    ));
                }
                _ => self.unknown_key(&mut keys, key, &KEYS, scope),
            }
        }
        if !unsupported {
            self.step_kind(node, &keys, scope);
        }
        parts.step(node.span)
    }

    /// That a step runs or uses, and has only the keys of what it does.
    fn step_kind(&mut self, node: &Node, keys: &Keys, scope: &str) {
        let (run, uses) = (node.entry("run"), node.entry("uses"));
        match (run, uses) {
            (Some((run, _)), Some((uses, _))) => {
                let later = run.span.start.max(uses.span.start);
                let span = if run.span.start == later {
                    run.span
                } else {
                    uses.span
                };
                self.problem(
                    Problem::new(span, format!("{scope} has both `run` and `uses`"))
                        .with_hint("a step runs a script or uses an action"),
                );
            }
            (None, None) => {
                if !keys.meant("run") && !keys.meant("uses") {
                    let message = format!("{scope} has neither `run` nor `uses`");
                    self.problem(Problem::new(first_key(node), message));
                }
            }
            (Some(_), None) => {
                if let (Some((key, _)), false) = (node.entry("with"), keys.meant("uses")) {
                    let message = format!("`with` of {scope} needs `uses`");
                    self.problem(
                        Problem::new(key.span, message)
                            .with_hint("a script takes its values from `env`"),
                    );
                }
            }
            (None, Some(_)) => {
                for name in ["shell", "working-directory"] {
                    if let (Some((key, _)), false) = (node.entry(name), keys.meant("run")) {
                        let message = format!("`{name}` of {scope} needs `run`");
                        self.problem(
                            Problem::new(key.span, message)
                                .with_hint("an action has no shell and no directory of its own"),
                        );
                    }
                }
            }
        }
    }

    /// `uses` of a step, in the forms GitHub takes (`ConvertToStep` of
    /// actions/runner).
    fn action(&mut self, node: &Node, what: &str) -> Option<Text> {
        let text = self.filled_literal(node, what)?;
        let name = text.as_str();
        let valid = if let Some(image) = name.strip_prefix("docker://") {
            !image.is_empty()
        } else if ["./", ".\\", "$/"]
            .iter()
            .any(|here| name.starts_with(here))
        {
            true
        } else {
            let mut parts = name.split('@');
            let path = parts.next().unwrap_or_default();
            let reference = parts.next().unwrap_or_default();
            let names = path.split(['/', '\\']).filter(|part| !part.is_empty());
            names.count() >= 2 && !reference.is_empty() && parts.next().is_none()
        };
        if !valid {
            let expected = "`owner/repo@ref`, `owner/repo/path@ref`, `./path` or `docker://image`";
            self.wrong(node, what, expected);
            return None;
        }
        Some(text)
    }
}

/// A step while its keys are read.
#[derive(Default)]
struct Parts {
    id: Option<Text>,
    name: Option<Text>,
    condition: Option<Text>,
    run: Option<Text>,
    uses: Option<Text>,
    with: Entries,
    env: Entries,
    shell: Option<Text>,
    working_directory: Option<Text>,
    timeout_minutes: Option<Node>,
    continue_on_error: Option<Node>,
}

impl Parts {
    /// The step, when it does something.
    fn step(self, span: Span) -> Option<Step> {
        let action = match (self.run, self.uses) {
            (Some(script), _) => StepAction::Run {
                script,
                shell: self.shell,
                working_directory: self.working_directory,
            },
            (None, Some(action)) => StepAction::Uses {
                action,
                with: self.with,
            },
            (None, None) => return None,
        };
        Some(Step {
            span,
            id: self.id,
            name: self.name,
            condition: self.condition,
            action,
            env: self.env,
            timeout_minutes: self.timeout_minutes,
            continue_on_error: self.continue_on_error,
        })
    }
}
