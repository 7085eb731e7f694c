//! Node to [`Workflow`]: the root of the file, and what all its readers share.

use super::model::{Job, RunDefaults, Workflow};
use super::names::suggestion;
use super::needs::check_needs;
use super::node::{Node, Span, Text};
use super::problem::Problem;

/// Most problems reported for one file. GitHub stops at 10 (`MaxErrors`).
const MAX_PROBLEMS: usize = 100;

/// Keys at the top of a file. GitHub accepts `description` and ignores it too.
pub(super) const KEYS: [&str; 9] = [
    "name",
    "run-name",
    "description",
    "on",
    "permissions",
    "env",
    "defaults",
    "concurrency",
    "jobs",
];

/// Keys of `defaults.run`.
pub(super) const RUN_KEYS: [&str; 2] = ["shell", "working-directory"];

/// Keys of `concurrency`.
pub(super) const CONCURRENCY_KEYS: [&str; 3] = ["group", "cancel-in-progress", "queue"];

/// Collects what is wrong while the readers go on.
#[derive(Default)]
pub(crate) struct Reader {
    /// Whether an action is read: its steps may have expressions in `shell`.
    pub(crate) in_action: bool,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// The keys of one map, as far as they were understood.
#[derive(Default)]
pub(crate) struct Keys {
    /// Known keys that an unknown one was probably meant to be: that these are
    /// missing need not be said as well.
    pub(crate) meant: Vec<String>,
}

impl Keys {
    /// Whether an unknown key was probably meant to be `key`.
    pub(crate) fn meant(&self, key: &str) -> bool {
        self.meant.iter().any(|meant| meant == key)
    }
}

impl Reader {
    /// Reports what is wrong.
    pub(crate) fn problem(&mut self, problem: Problem) {
        if !self.full() {
            self.problems.push(problem);
        }
    }

    /// Everything that was reported.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Whether enough has been reported.
    pub(crate) fn full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    /// Notes what is odd.
    pub(crate) fn warning(&mut self, warning: Problem) {
        if self.warnings.len() < MAX_PROBLEMS {
            self.warnings.push(warning);
        }
    }

    /// Reports a key that is not known in `scope`, with the one that was meant.
    pub(crate) fn unknown_key(
        &mut self,
        keys: &mut Keys,
        key: &Text,
        allowed: &[&str],
        scope: &str,
    ) {
        if self.full() {
            return;
        }
        if let Some(near) = super::names::nearest(key.as_str(), allowed.iter().copied()) {
            keys.meant.push(near.to_owned());
        }
        let name = super::names::shown(key.as_str());
        let hint = suggestion(key.as_str(), allowed.iter().copied(), "allowed here");
        self.problem(
            Problem::new(key.span, format!("unknown key `{name}` in {scope}")).with_hint(hint),
        );
    }
}

/// The workflow a file says, with what is wrong and what is odd about it.
pub(crate) fn workflow(root: &Node) -> (Workflow, Vec<Problem>, Vec<Problem>) {
    let mut reader = Reader::default();
    let workflow = reader.workflow(root).unwrap_or_default();
    (workflow, reader.problems, reader.warnings)
}

impl Reader {
    /// The root of the file.
    fn workflow(&mut self, root: &Node) -> Option<Workflow> {
        const SCOPE: &str = "the workflow";
        let entries = self.map(root, SCOPE)?;
        let mut workflow = Workflow::default();
        let mut keys = Keys::default();
        let (mut has_on, mut has_jobs) = (false, false);
        for (key, node) in entries {
            let what = format!("`{}` of {SCOPE}", key.as_str());
            match key.as_str() {
                "name" => workflow.name = self.literal(node, &what),
                "run-name" => workflow.run_name = self.text(node, &what),
                "description" => {
                    self.text(node, &what);
                }
                "on" => {
                    has_on = true;
                    workflow.on = self.triggers(node);
                }
                "permissions" => workflow.permissions = self.permissions(node, &what),
                "env" => workflow.env = self.entries(node, &what),
                "defaults" => workflow.defaults = self.defaults(node, &what, false),
                "concurrency" => workflow.concurrency = self.concurrency(node, &what),
                "jobs" => {
                    has_jobs = true;
                    workflow.jobs = self.jobs(node, &what);
                }
                _ => self.unknown_key(&mut keys, key, &KEYS, SCOPE),
            }
        }
        let place = first_key(root);
        if !has_on && !keys.meant("on") {
            self.problem(
                Problem::new(place, "the workflow has no `on`")
                    .with_hint("name the events that start it, such as `on: push`"),
            );
        }
        if !has_jobs && !keys.meant("jobs") {
            self.problem(Problem::new(place, "the workflow has no `jobs`"));
        }
        Some(workflow)
    }

    /// `jobs`.
    fn jobs(&mut self, node: &Node, what: &str) -> Vec<Job> {
        let Some(entries) = self.map(node, what) else {
            return Vec::new();
        };
        if entries.is_empty() {
            self.problem(Problem::new(node.span, "the workflow has no jobs"));
        }
        let mut jobs: Vec<Job> = entries
            .iter()
            .filter_map(|(id, node)| self.job(id, node))
            .collect();
        let ids: Vec<&Text> = entries.iter().map(|(id, _)| id).collect();
        check_needs(self, &mut jobs, &ids);
        jobs
    }

    /// `defaults`. Only those of a job may hold expressions.
    pub(crate) fn defaults(&mut self, node: &Node, what: &str, of_job: bool) -> RunDefaults {
        let mut defaults = RunDefaults::default();
        let Some(entries) = self.map(node, what) else {
            return defaults;
        };
        let mut keys = Keys::default();
        for (key, node) in entries {
            if key.as_str() != "run" {
                self.unknown_key(&mut keys, key, &["run"], what);
                continue;
            }
            let scope = format!("`run` in {what}");
            let Some(entries) = self.map(node, &scope) else {
                continue;
            };
            for (key, node) in entries {
                let what = format!("`{}` in {scope}", key.as_str());
                let value = match key.as_str() {
                    "shell" => &mut defaults.shell,
                    "working-directory" => &mut defaults.working_directory,
                    _ => {
                        self.unknown_key(&mut keys, key, &RUN_KEYS, &scope);
                        continue;
                    }
                };
                *value = if of_job {
                    self.filled(node, &what)
                } else {
                    self.filled_literal(node, &what)
                };
            }
        }
        defaults
    }

    /// `permissions`: kept as it stands, for it has no effect here.
    pub(crate) fn permissions(&mut self, node: &Node, what: &str) -> Option<Node> {
        if node.is_map() {
            return Some(node.clone());
        }
        let text = self.literal(node, what)?;
        if matches!(text.as_str(), "read-all" | "write-all") {
            return Some(node.clone());
        }
        self.wrong(node, what, "a map, `read-all` or `write-all`");
        None
    }

    /// `concurrency`: a group, or a map with one.
    pub(crate) fn concurrency(&mut self, node: &Node, what: &str) -> Option<Node> {
        let read = self.text_or_map(node, what, &CONCURRENCY_KEYS, "group")?;
        let literal = |key: &str| {
            let node = read.get(key)?;
            let text = node.scalar_text()?;
            (!text.contains("${{")).then_some((node.span, text))
        };
        if let Some((span, text)) = literal("cancel-in-progress")
            && !matches!(text.as_str(), "true" | "false")
        {
            let message = format!("`cancel-in-progress` in {what} is `{text}`");
            self.problem(Problem::new(span, message).with_hint("expected: `true` or `false`"));
        }
        if let Some((span, text)) = literal("queue") {
            let cancels = literal("cancel-in-progress").is_some_and(|(_, text)| text == "true");
            if !matches!(text.as_str(), "single" | "max") {
                let message = format!("`queue` in {what} is `{text}`");
                self.problem(Problem::new(span, message).with_hint("expected: `single` or `max`"));
            } else if text == "max" && cancels {
                let message = format!("{what} has `queue: max` and `cancel-in-progress: true`");
                self.problem(
                    Problem::new(span, message).with_hint("GitHub allows only one of them"),
                );
            }
        }
        Some(read)
    }

    /// A text, or a map of known keys of which one must be there.
    pub(crate) fn text_or_map(
        &mut self,
        node: &Node,
        what: &str,
        allowed: &[&str],
        needed: &str,
    ) -> Option<Node> {
        if !node.is_map() {
            return self.filled(node, what).map(|_| node.clone());
        }
        let mut keys = Keys::default();
        for (key, value) in self.map(node, what)? {
            if allowed.contains(&key.as_str()) {
                self.text(value, &format!("`{}` in {what}", key.as_str()));
            } else {
                self.unknown_key(&mut keys, key, allowed, what);
            }
        }
        if node.get(needed).is_none() && !keys.meant(needed) {
            let message = format!("{what} has no `{needed}`");
            self.problem(Problem::new(first_key(node), message));
        }
        Some(node.clone())
    }
}

/// The place of a map's first key, for what the map lacks.
pub(crate) fn first_key(node: &Node) -> Span {
    match &node.kind {
        super::node::NodeKind::Map(entries) => {
            entries.first().map_or(node.span, |(key, _)| key.span)
        }
        _ => node.span,
    }
}
