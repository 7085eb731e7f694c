//! One job: its keys, and which of them go together.

use super::model::{Entries, Job};
use super::names::{id_fault, shown};
use super::node::{Node, NodeKind, Text};
use super::problem::Problem;
use super::read::{Keys, Reader};

/// Keys of a job with steps (`job-factory` of `workflow-v1.0.json`) and of one that
/// calls a workflow (`workflow-job`).
pub(super) const KEYS: [&str; 21] = [
    "name",
    "needs",
    "if",
    "runs-on",
    "permissions",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "strategy",
    "container",
    "services",
    "timeout-minutes",
    "cancel-timeout-minutes",
    "continue-on-error",
    "snapshot",
    "steps",
    "uses",
    "with",
    "secrets",
];

/// The keys a job may have next to `uses`.
const CALLING: [&str; 9] = [
    "name",
    "uses",
    "with",
    "secrets",
    "needs",
    "if",
    "permissions",
    "concurrency",
    "strategy",
];

impl Reader {
    /// One job under `jobs`.
    pub(crate) fn job(&mut self, id: &Text, node: &Node) -> Option<Job> {
        let scope = format!("job `{}`", shown(id.as_str()));
        if let Some(fault) = id_fault(id.as_str()) {
            let message = format!("the job id `{}` is invalid", shown(id.as_str()));
            self.problem(Problem::new(id.span, message).with_hint(fault));
        }
        let entries = self.map(node, &scope)?;
        let mut job = Job::empty(id.clone(), node.span);
        let mut keys = Keys::default();
        for (key, value) in entries {
            self.job_key(&mut job, &mut keys, key, value, &scope);
        }
        if node.get("uses").is_some() {
            self.calling_job(entries, &scope);
        } else if !keys.meant("uses") {
            self.running_job(&job, node, &keys, &scope);
        }
        Some(job)
    }

    /// One key of a job.
    fn job_key(&mut self, job: &mut Job, keys: &mut Keys, key: &Text, value: &Node, scope: &str) {
        let what = format!("`{}` of {scope}", key.as_str());
        match key.as_str() {
            "name" => job.name = self.text(value, &what),
            "needs" => job.needs = self.literals(value, &what),
            "if" => job.condition = self.text(value, &what),
            "runs-on" => job.runs_on = self.runs_on(value, &what),
            "permissions" => job.permissions = self.permissions(value, &what),
            "environment" => {
                let allowed = ["name", "url", "deployment"];
                job.environment = self.text_or_map(value, &what, &allowed, "name");
            }
            "concurrency" => job.concurrency = self.concurrency(value, &what),
            "outputs" => job.outputs = self.outputs(value, &what),
            "env" => job.env = self.entries(value, &what),
            "defaults" => job.defaults = self.defaults(value, &what, true),
            "strategy" => job.strategy = self.strategy(value, &what, scope),
            "container" => job.container = self.job_container(value, &what),
            "services" => job.services = self.services(value, &what, scope),
            "timeout-minutes" => job.timeout_minutes = self.number(value, &what),
            "continue-on-error" => job.continue_on_error = self.boolean(value, &what),
            "cancel-timeout-minutes" | "snapshot" => job.no_effect.push(key.clone()),
            "steps" => job.steps = self.steps(value, &what, scope),
            "uses" => job.uses = self.called_workflow(value, &what),
            "with" => job.with = self.entries(value, &what),
            "secrets" => job.secrets = self.secrets(value, &what),
            _ => self.unknown_key(keys, key, &KEYS, scope),
        }
    }

    /// What a job with `uses` must not have.
    fn calling_job(&mut self, entries: &[(Text, Node)], scope: &str) {
        for (key, _) in entries {
            let name = key.as_str();
            if KEYS.contains(&name) && !CALLING.contains(&name) {
                let message = format!("{scope} has both `uses` and `{name}`");
                self.problem(Problem::new(key.span, message).with_hint(
                    "a job that calls a workflow has no steps, machine or settings of its own",
                ));
            }
        }
    }

    /// What a job without `uses` must have and must not have.
    fn running_job(&mut self, job: &Job, node: &Node, keys: &Keys, scope: &str) {
        for name in ["with", "secrets"] {
            if let Some((key, _)) = node.entry(name) {
                let message = format!("`{name}` of {scope} needs `uses`");
                self.problem(
                    Problem::new(key.span, message)
                        .with_hint("it is for a job that calls a workflow"),
                );
            }
        }
        if node.get("runs-on").is_none() && !keys.meant("runs-on") {
            let message = format!("{scope} has no `runs-on`");
            self.problem(
                Problem::new(job.id.span, message)
                    .with_hint("name a machine, such as `runs-on: ubuntu-latest`"),
            );
        }
        if node.get("steps").is_none() && !keys.meant("steps") {
            let message = format!("{scope} has neither `steps` nor `uses`");
            self.problem(Problem::new(job.id.span, message));
        }
    }

    /// `runs-on`: a label, labels, or a map with `group` and `labels`.
    fn runs_on(&mut self, node: &Node, what: &str) -> Option<Node> {
        match &node.kind {
            NodeKind::Seq(items) => {
                if items.is_empty() {
                    self.wrong(node, what, "a label or a list of labels");
                }
                for item in items {
                    self.filled(item, &format!("an item of {what}"));
                }
            }
            NodeKind::Map(entries) => {
                let mut keys = Keys::default();
                for (key, value) in entries {
                    let scope = what;
                    let what = format!("`{}` in {scope}", key.as_str());
                    match (key.as_str(), &value.kind) {
                        ("labels", NodeKind::Seq(items)) => {
                            for item in items {
                                self.filled(item, &format!("an item of {what}"));
                            }
                        }
                        ("group" | "labels", _) => {
                            self.filled(value, &what);
                        }
                        _ => self.unknown_key(&mut keys, key, &["group", "labels"], scope),
                    }
                }
            }
            NodeKind::Null => self.wrong(node, what, "a label or a list of labels"),
            _ => {
                self.filled(node, what)?;
            }
        }
        Some(node.clone())
    }

    /// `outputs`. GitHub takes no expression in place of the map.
    fn outputs(&mut self, node: &Node, what: &str) -> Entries {
        if self.map(node, what).is_none() {
            return Vec::new();
        }
        self.entries(node, what)
    }

    /// `secrets` of a job that calls a workflow.
    fn secrets(&mut self, node: &Node, what: &str) -> Option<Node> {
        match &node.kind {
            NodeKind::String(text) if text == "inherit" => {}
            NodeKind::Map(_) => {
                self.entries(node, what);
            }
            _ => {
                self.wrong(node, what, "a map or `inherit`");
                return None;
            }
        }
        Some(node.clone())
    }

    /// `uses` of a job: `./path` or `$/path` of a workflow, or `owner/repo/path@ref`.
    fn called_workflow(&mut self, node: &Node, what: &str) -> Option<Text> {
        let text = self.filled_literal(node, what)?;
        let here = ["./", "$/"];
        let path = match here
            .iter()
            .find_map(|here| text.as_str().strip_prefix(here))
        {
            Some(path) => Some(path),
            None => text.as_str().split_once('@').and_then(|(path, name)| {
                let far = path.split('/').filter(|part| !part.is_empty()).count() >= 3;
                (far && !name.is_empty()).then_some(path)
            }),
        };
        let is_workflow = |path: &str| path.ends_with(".yml") || path.ends_with(".yaml");
        if !path.is_some_and(is_workflow) {
            let expected = "`./.github/workflows/file.yml` or \
                            `owner/repo/.github/workflows/file.yml@ref`";
            self.wrong(node, what, expected);
            return None;
        }
        Some(text)
    }
}
