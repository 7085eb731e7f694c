//! `on`: the events that start the workflow.

use super::cron;
use super::model::{Input, Trigger};
use super::names::{nearest, shown};
use super::node::{Node, NodeKind, Text};
use super::problem::Problem;
use super::read::{Keys, Reader, first_key};

/// The events GitHub knows and the keys under each (`on-mapping-strict` of
/// `workflow-v1.0.json`). No keys: the event takes no filters.
pub(super) const EVENTS: [(&str, &[&str]); 37] = [
    ("branch_protection_rule", &["types"]),
    ("check_run", &["types"]),
    ("check_suite", &["types"]),
    ("create", &[]),
    ("delete", &[]),
    ("deployment", &[]),
    ("deployment_status", &[]),
    ("discussion", &["types"]),
    ("discussion_comment", &["types"]),
    ("fork", &[]),
    ("gollum", &[]),
    ("image_version", &["types", "names", "versions"]),
    ("issue_comment", &["types"]),
    ("issues", &["types"]),
    ("label", &["types"]),
    ("merge_group", &["types", "branches", "branches-ignore"]),
    ("milestone", &["types"]),
    ("page_build", &[]),
    ("project", &["types"]),
    ("project_card", &["types"]),
    ("project_column", &["types"]),
    ("public", &[]),
    ("pull_request", PULL_REQUEST),
    ("pull_request_comment", &["types"]),
    ("pull_request_review", &["types"]),
    ("pull_request_review_comment", &["types"]),
    ("pull_request_target", PULL_REQUEST),
    (
        "push",
        &[
            "branches",
            "branches-ignore",
            "tags",
            "tags-ignore",
            "paths",
            "paths-ignore",
        ],
    ),
    ("registry_package", &["types"]),
    ("release", &["types"]),
    ("repository_dispatch", &["types"]),
    ("schedule", &[]),
    ("status", &[]),
    ("watch", &["types"]),
    ("workflow_call", &["inputs", "secrets", "outputs"]),
    ("workflow_dispatch", &["inputs"]),
    (
        "workflow_run",
        &["types", "workflows", "branches", "branches-ignore"],
    ),
];

/// The keys under `pull_request` and `pull_request_target`.
const PULL_REQUEST: &[&str] = &[
    "types",
    "branches",
    "branches-ignore",
    "paths",
    "paths-ignore",
];

impl Reader {
    /// `on` in its three forms: a name, a list of names, a map.
    pub(crate) fn triggers(&mut self, node: &Node) -> Vec<Trigger> {
        const WHAT: &str = "`on` of the workflow";
        match &node.kind {
            NodeKind::Map(entries) => {
                if entries.is_empty() {
                    self.wrong_on(node);
                }
                entries
                    .iter()
                    .filter_map(|(event, node)| self.trigger(event, node))
                    .collect()
            }
            NodeKind::Seq(items) => {
                if items.is_empty() {
                    self.wrong_on(node);
                }
                let mut triggers = Vec::new();
                for item in items {
                    if let Some(event) = self.filled_literal(item, "an event in `on`") {
                        triggers.extend(self.bare(event));
                    }
                }
                triggers
            }
            NodeKind::Null => {
                self.wrong_on(node);
                Vec::new()
            }
            _ => match self.filled_literal(node, WHAT) {
                Some(event) => self.bare(event).into_iter().collect(),
                None => Vec::new(),
            },
        }
    }

    /// Reports an `on` that names no event.
    fn wrong_on(&mut self, node: &Node) {
        let message = "`on` of the workflow names no event";
        self.problem(Problem::new(node.span, message).with_hint("such as `on: push`"));
    }

    /// An event without filters.
    fn bare(&mut self, event: Text) -> Option<Trigger> {
        self.event_keys(&event).ok()?;
        let raw = Node {
            span: event.span,
            kind: NodeKind::Null,
        };
        Some(empty(event, raw))
    }

    /// The keys allowed under an event; `None` where it is one this program does
    /// not know, which is a warning only, for GitHub adds events. An error where
    /// the name is a known one misspelt.
    fn event_keys(&mut self, event: &Text) -> Result<Option<&'static [&'static str]>, ()> {
        let name = event.as_str();
        if let Some((_, keys)) = EVENTS.iter().find(|(known, _)| *known == name) {
            return Ok(Some(keys));
        }
        let message = format!("unknown event `{}`", shown(name));
        let problem = Problem::new(event.span, message);
        match nearest(name, EVENTS.iter().map(|(known, _)| *known)) {
            Some(near) => {
                self.problem(problem.with_hint(format!("did you mean `{near}`?")));
                Err(())
            }
            None => {
                self.warning(problem);
                Ok(None)
            }
        }
    }

    /// An event with what stands under it.
    fn trigger(&mut self, event: &Text, node: &Node) -> Option<Trigger> {
        let allowed = self.event_keys(event).ok()?;
        let mut trigger = empty(event.clone(), node.clone());
        let name = event.as_str();
        let what = format!("`{}` of `on`", shown(name));
        if name == "schedule" {
            self.schedule(node, &what);
            return Some(trigger);
        }
        if node.kind == NodeKind::Null {
            return Some(trigger);
        }
        let scope = format!("`on.{}`", shown(name));
        let mut keys = Keys::default();
        for (key, value) in self.map(node, &what)? {
            let what = format!("`{}` of {scope}", key.as_str());
            if let Some(allowed) = allowed
                && !allowed.contains(&key.as_str())
            {
                if allowed.is_empty() {
                    let message = format!("event `{name}` takes no keys, found `{}`", key.as_str());
                    self.problem(Problem::new(key.span, message));
                } else {
                    self.unknown_key(&mut keys, key, allowed, &scope);
                }
                continue;
            }
            let filter = match key.as_str() {
                "branches" => &mut trigger.branches,
                "branches-ignore" => &mut trigger.branches_ignore,
                "tags" => &mut trigger.tags,
                "tags-ignore" => &mut trigger.tags_ignore,
                "paths" => &mut trigger.paths,
                "paths-ignore" => &mut trigger.paths_ignore,
                "types" => &mut trigger.types,
                "inputs" => {
                    trigger.inputs = self.inputs(value, name, &what);
                    continue;
                }
                "secrets" | "outputs" if name == "workflow_call" => {
                    self.map(value, &what);
                    continue;
                }
                _ => continue,
            };
            *filter = self.literals(value, &what);
        }
        for (filter, ignored) in [
            ("branches", "branches-ignore"),
            ("tags", "tags-ignore"),
            ("paths", "paths-ignore"),
        ] {
            if let (Some(_), Some((key, _))) = (node.get(filter), node.entry(ignored)) {
                let message = format!("{scope} has both `{filter}` and `{ignored}`");
                self.problem(
                    Problem::new(key.span, message)
                        .with_hint(format!("use `{filter}` with patterns that begin with `!`")),
                );
            }
        }
        Some(trigger)
    }

    /// `on.schedule`: a list of maps with `cron`.
    fn schedule(&mut self, node: &Node, what: &str) {
        const KEYS: [&str; 2] = ["cron", "timezone"];
        for item in self.list(node, what).unwrap_or_default() {
            let mut keys = Keys::default();
            let Some(entries) = self.map(item, "an item of `on.schedule`") else {
                continue;
            };
            for (key, value) in entries {
                if KEYS.contains(&key.as_str()) {
                    let what = format!("`{}` of `on.schedule`", key.as_str());
                    if let Some(text) = self.filled_literal(value, &what)
                        && key.as_str() == "cron"
                        && let Some(fault) = cron::fault(&text.value)
                    {
                        let message = format!("the cron `{}` is invalid", shown(&text.value));
                        self.problem(Problem::new(text.span, message).with_hint(fault));
                    }
                } else {
                    self.unknown_key(&mut keys, key, &KEYS, "`on.schedule`");
                }
            }
            if item.get("cron").is_none() && !keys.meant("cron") {
                let message = "an item of `on.schedule` has no `cron`";
                self.problem(Problem::new(first_key(item), message));
            }
        }
    }

    /// `inputs` of `workflow_dispatch` and `workflow_call`.
    fn inputs(&mut self, node: &Node, event: &str, what: &str) -> Vec<Input> {
        let entries = self.map(node, what).unwrap_or_default();
        entries
            .iter()
            .filter_map(|(name, node)| self.input(name, node, event))
            .collect()
    }

    /// One input.
    fn input(&mut self, name: &Text, node: &Node, event: &str) -> Option<Input> {
        let called = event == "workflow_call";
        let (allowed, types): (&[&str], &[&str]) = if called {
            (
                &["description", "type", "required", "default"],
                &["boolean", "number", "string"],
            )
        } else {
            (
                &["description", "type", "required", "default", "options"],
                &["boolean", "number", "string", "choice", "environment"],
            )
        };
        let mut input = Input {
            name: name.clone(),
            kind: None,
            required: false,
            default: None,
            options: Vec::new(),
        };
        let scope = format!("input `{}` of `on.{event}`", shown(name.as_str()));
        if node.kind == NodeKind::Null && !called {
            return Some(input);
        }
        let mut keys = Keys::default();
        for (key, value) in self.map(node, &scope)? {
            let what = format!("`{}` of {scope}", key.as_str());
            match key.as_str() {
                "description" => {
                    self.text(value, &what);
                }
                "type" => {
                    input.kind = self.filled_literal(value, &what);
                    if let Some(kind) = &input.kind
                        && !types.contains(&kind.as_str())
                    {
                        let expected = format!("one of {}", types.join(", "));
                        self.wrong(value, &what, &expected);
                    }
                }
                "required" => input.required = self.plain_boolean(value, &what).unwrap_or(false),
                "default" => {
                    self.text(value, &what);
                    input.default = Some(value.clone());
                }
                "options" if !called => {
                    for option in self.list(value, &what).unwrap_or_default() {
                        let what = format!("an item of {what}");
                        input.options.extend(self.text(option, &what));
                    }
                }
                _ => self.unknown_key(&mut keys, key, allowed, &scope),
            }
        }
        let given = |key: &str| node.get(key).is_some() || keys.meant(key);
        if called && !given("type") {
            let problem = Problem::new(name.span, format!("{scope} has no `type`"));
            self.problem(problem.with_hint(format!("one of {}", types.join(", "))));
        }
        if input
            .kind
            .as_ref()
            .is_some_and(|kind| kind.as_str() == "choice")
            && !given("options")
        {
            let message = format!("{scope} is a choice without `options`");
            self.problem(Problem::new(name.span, message));
        }
        Some(input)
    }
}

/// An event with nothing under it.
fn empty(event: Text, raw: Node) -> Trigger {
    Trigger {
        event,
        branches: Vec::new(),
        branches_ignore: Vec::new(),
        tags: Vec::new(),
        tags_ignore: Vec::new(),
        paths: Vec::new(),
        paths_ignore: Vec::new(),
        types: Vec::new(),
        inputs: Vec::new(),
        raw,
    }
}
