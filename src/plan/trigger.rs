//! Whether an event starts a workflow, filter by filter (GitHub docs, "Workflow
//! syntax", sections `on.<event>.types` to `on.<event>.paths`, and "Events that
//! trigger workflows").

use crate::record::Cause;
use crate::workflow::{Node, NodeKind, Problem, Span, Text, Trigger, Workflow};

use super::GithubFacts;
use super::glob::{Pattern, decides};

/// What is known of an event, as far as filters ask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happened<'a> {
    /// Event, ref, payload and commit message.
    pub(crate) github: &'a GithubFacts,
    /// The files that the push or the pull request changes, relative to the
    /// repository; `None` when that cannot be told.
    pub(crate) changed: Option<&'a [String]>,
}

/// Whether an event starts a workflow, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Whether it starts.
    pub(crate) starts: bool,
    /// Whether nothing but another workflow can start it.
    pub(crate) called_only: bool,
    /// What every filter said, in the order in which they were asked.
    pub(crate) filters: Vec<Filter>,
}

impl Decision {
    /// Adds what keeps the event out besides filters. Of a workflow that the event
    /// does not start anyway nothing is added.
    pub(crate) fn refuse(&mut self, name: &'static str, problems: Vec<(Cause, Problem)>) {
        if !self.starts {
            return;
        }
        self.starts = problems.is_empty();
        self.filters
            .extend(problems.into_iter().map(|(_, problem)| Filter {
                name,
                answer: Answer::No,
                text: problem.message,
                span: problem.span,
            }));
    }
}

/// What one filter said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Its key; `event` for `on` itself.
    pub(crate) name: &'static str,
    /// Its answer.
    pub(crate) answer: Answer,
    /// Why, one line.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) span: Span,
}

/// The answer of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It lets the event through.
    Yes,
    /// It keeps the event out.
    No,
    /// It cannot be told, and counts as yes.
    Unknown,
}

/// Activity types of an event that names none; all where it is not listed here
/// (GitHub docs, "Events that trigger workflows").
const DEFAULT_TYPES: [(&str, &[&str]); 2] = [
    ("pull_request", PULL_REQUEST_TYPES),
    ("pull_request_target", PULL_REQUEST_TYPES),
];
const PULL_REQUEST_TYPES: &[&str] = &["opened", "synchronize", "reopened"];

/// What a commit message holds that is to start no workflow (GitHub docs,
/// "Skipping workflow runs").
const SKIPS: [&str; 5] = [
    "[skip ci]",
    "[ci skip]",
    "[no ci]",
    "[skip actions]",
    "[actions skip]",
];

/// The activity type that a made-up event of this workflow has: the usual one, or
/// the first that the workflow asks for.
pub(crate) fn usual_type(workflow: Option<&Workflow>, event: &str, usual: &str) -> String {
    workflow
        .and_then(|workflow| trigger(workflow, event))
        .filter(|trigger| !trigger.types.iter().any(|text| text.value == usual))
        .and_then(|trigger| trigger.types.first())
        .map_or_else(|| usual.to_owned(), |first| first.value.clone())
}

/// Asks all filters.
pub(crate) fn decide(workflow: &Workflow, happened: Happened<'_>) -> Decision {
    let event = happened.github.event_name.as_str();
    let mut asked = Asked {
        happened,
        filters: Vec::new(),
    };
    let called_only = !workflow.on.is_empty()
        && workflow
            .on
            .iter()
            .all(|trigger| trigger.event.value == "workflow_call");
    match trigger(workflow, event) {
        None => asked.not_on(workflow),
        Some(trigger) => asked.trigger(trigger),
    }
    Decision {
        starts: asked
            .filters
            .iter()
            .all(|filter| filter.answer != Answer::No),
        called_only,
        filters: asked.filters,
    }
}

/// What a person should hear who runs a workflow for an event that does not start
/// it on GitHub.
pub(crate) fn start_warnings(workflow: &Workflow, happened: Happened<'_>) -> Vec<Problem> {
    let event = &happened.github.event_name;
    decide(workflow, happened)
        .filters
        .into_iter()
        .filter(|filter| filter.answer == Answer::No)
        .map(|filter| {
            let message = format!("the event `{event}` does not start this workflow on GitHub");
            Problem::new(filter.span, message).with_hint(filter.text)
        })
        .collect()
}

fn trigger<'w>(workflow: &'w Workflow, event: &str) -> Option<&'w Trigger> {
    workflow.on.iter().find(|on| on.event.value == event)
}

struct Asked<'a> {
    happened: Happened<'a>,
    filters: Vec<Filter>,
}

impl Asked<'_> {
    fn said(&mut self, name: &'static str, answer: Answer, text: impl Into<String>, span: Span) {
        self.filters.push(Filter {
            name,
            answer,
            text: text.into(),
            span,
        });
    }

    fn payload(&self, pointer: &str) -> Option<&str> {
        self.happened.github.event.pointer(pointer)?.as_str()
    }

    fn not_on(&mut self, workflow: &Workflow) {
        let events: Vec<&str> = workflow.on.iter().map(|on| on.event.as_str()).collect();
        let span = workflow
            .on
            .first()
            .map_or_else(Span::default, |on| on.event.span);
        let text = format!("it starts on: {}", events.join(", "));
        self.said("event", Answer::No, text, span);
    }

    fn trigger(&mut self, trigger: &Trigger) {
        let event = trigger.event.as_str();
        let text = format!("it starts on `{event}`");
        self.said("event", Answer::Yes, text, trigger.event.span);
        self.types(trigger);
        match event {
            "push" => self.push(trigger),
            "pull_request" | "pull_request_target" => {
                let base = self.happened.github.base_ref.clone();
                self.names(trigger, "branches", "branches-ignore", &base);
                self.paths(trigger);
            }
            "merge_group" => {
                let base = self.payload("/merge_group/base_ref").unwrap_or_default();
                let base = base.strip_prefix("refs/heads/").unwrap_or(base).to_owned();
                self.names(trigger, "branches", "branches-ignore", &base);
            }
            "workflow_run" => self.workflow_run(trigger),
            "schedule" => self.schedule(trigger),
            _ => {}
        }
        if matches!(event, "push" | "pull_request") {
            self.message(trigger);
        }
    }

    /// `types`, of events that have activity types.
    fn types(&mut self, trigger: &Trigger) {
        let event = trigger.event.as_str();
        let given: Vec<&str> = trigger.types.iter().map(Text::as_str).collect();
        let defaults = DEFAULT_TYPES
            .iter()
            .find(|(name, _)| *name == event)
            .map_or(&[][..], |(_, types)| types);
        let (taken, span, lead) = match trigger.raw.entry("types") {
            Some((key, _)) => (given.as_slice(), key.span, "it takes"),
            None if defaults.is_empty() => return,
            None => (defaults, trigger.event.span, "without `types` it takes"),
        };
        let Some(action) = self.payload("/action").map(ToOwned::to_owned) else {
            let text = "the payload names no `action`, so every type counts as taken";
            return self.said("types", Answer::Unknown, text, span);
        };
        let (answer, text) = if taken.contains(&action.as_str()) {
            (Answer::Yes, format!("it takes `{action}`"))
        } else {
            let list = taken.join(", ");
            (Answer::No, format!("{lead} {list}, and this is `{action}`"))
        };
        self.said("types", answer, text, span);
    }

    /// A push is of a branch or of a tag. A filter for one of them alone keeps the
    /// other out.
    fn push(&mut self, trigger: &Trigger) {
        let github = self.happened.github;
        let name = github.ref_name().to_owned();
        let has = |keys: [&str; 2]| keys.into_iter().find_map(|key| trigger.raw.entry(key));
        let branches = has(["branches", "branches-ignore"]);
        let tags = has(["tags", "tags-ignore"]);
        if github.ref_type() == "tag" {
            match (tags, branches) {
                (Some(_), _) => self.names(trigger, "tags", "tags-ignore", &name),
                (None, Some((key, _))) => {
                    let text = format!("it names branches only, and `{name}` is a tag");
                    self.said("branches", Answer::No, text, key.span);
                }
                (None, None) => {}
            }
            // "Path filters are not evaluated for pushes of tags."
            return;
        }
        match (branches, tags) {
            (Some(_), _) => self.names(trigger, "branches", "branches-ignore", &name),
            (None, Some((key, _))) => {
                let text = format!("it names tags only, and `{name}` is a branch");
                self.said("tags", Answer::No, text, key.span);
            }
            (None, None) => {}
        }
        self.paths(trigger);
    }

    /// A pair of filters for the name of a branch or tag.
    fn names(&mut self, trigger: &Trigger, only: &'static str, ignore: &'static str, name: &str) {
        for (key, positive) in [(only, true), (ignore, false)] {
            let Some((text, _)) = trigger.raw.entry(key) else {
                continue;
            };
            let span = text.span;
            if name.is_empty() {
                let text = "the branch is not known, so it counts as matched";
                self.said(key, Answer::Unknown, text, span);
                continue;
            }
            let patterns = self.patterns(trigger, key);
            let found = decides(patterns.iter().map(|(_, pattern)| pattern), name);
            let text_of = |found: &Pattern| {
                patterns
                    .iter()
                    .find(|(_, pattern)| pattern == found)
                    .map_or("", |(text, _)| text.as_str())
            };
            let (answer, text) = match (found, positive) {
                (Some(found), true) if !found.negative => (
                    Answer::Yes,
                    format!("`{}` matches `{name}`", text_of(found)),
                ),
                (Some(found), true) => (
                    Answer::No,
                    format!("`{}` takes `{name}` out", text_of(found)),
                ),
                (None, true) => (Answer::No, format!("no pattern matches `{name}`")),
                (Some(found), false) if !found.negative => {
                    (Answer::No, format!("`{}` ignores `{name}`", text_of(found)))
                }
                (_, false) => (Answer::Yes, format!("no pattern ignores `{name}`")),
            };
            self.said(key, answer, text, span);
        }
    }

    /// `paths` and `paths-ignore`, over the changed files.
    fn paths(&mut self, trigger: &Trigger) {
        for (key, positive) in [("paths", true), ("paths-ignore", false)] {
            let Some((text, _)) = trigger.raw.entry(key) else {
                continue;
            };
            let span = text.span;
            let patterns = self.patterns(trigger, key);
            let Some(changed) = self.happened.changed else {
                let text = "the changed files are not known, so it counts as matched";
                self.said(key, Answer::Unknown, text, span);
                continue;
            };
            let taken = |file: &&String| {
                decides(patterns.iter().map(|(_, pattern)| pattern), file)
                    .is_some_and(|pattern| !pattern.negative)
            };
            let files = match changed.len() {
                1 => "the changed file".to_owned(),
                many => format!("the {many} changed files"),
            };
            let (answer, text) = if positive {
                match changed.iter().find(taken) {
                    Some(file) => (Answer::Yes, format!("it matches `{file}`")),
                    None => (Answer::No, format!("it matches none of {files}")),
                }
            } else {
                match changed.iter().find(|file| !taken(file)) {
                    Some(file) => (Answer::Yes, format!("it does not ignore `{file}`")),
                    None => (Answer::No, format!("it ignores all of {files}")),
                }
            };
            self.said(key, answer, text, span);
        }
    }

    /// The patterns of a filter. One that cannot be read matches nothing.
    fn patterns(&mut self, trigger: &Trigger, key: &'static str) -> Vec<(String, Pattern)> {
        let texts = match key {
            "branches" => &trigger.branches,
            "branches-ignore" => &trigger.branches_ignore,
            "tags" => &trigger.tags,
            "tags-ignore" => &trigger.tags_ignore,
            "paths" => &trigger.paths,
            _ => &trigger.paths_ignore,
        };
        let mut patterns = Vec::new();
        for text in texts {
            match Pattern::read(&text.value) {
                Ok(pattern) => patterns.push((text.value.clone(), pattern)),
                Err(error) => {
                    let said = format!("`{}` matches nothing: {error}", text.value);
                    self.said(key, Answer::Unknown, said, text.span);
                }
            }
        }
        patterns
    }

    /// `workflows` and `branches` of `workflow_run`.
    fn workflow_run(&mut self, trigger: &Trigger) {
        if let Some((key, node)) = trigger.raw.entry("workflows") {
            let names = texts(node);
            let (answer, text) = match self.payload("/workflow_run/name") {
                None => (
                    Answer::Unknown,
                    "the payload names no workflow, so it counts as matched".to_owned(),
                ),
                Some(name) if names.iter().any(|known| known == name) => {
                    (Answer::Yes, format!("it names `{name}`"))
                }
                Some(name) => (Answer::No, format!("it does not name `{name}`")),
            };
            self.said("workflows", answer, text, key.span);
        }
        let branch = self
            .payload("/workflow_run/head_branch")
            .unwrap_or_default()
            .to_owned();
        self.names(trigger, "branches", "branches-ignore", &branch);
    }

    /// Which of its schedules it is.
    fn schedule(&mut self, trigger: &Trigger) {
        let Some(cron) = self.payload("/schedule").map(ToOwned::to_owned) else {
            return;
        };
        let NodeKind::Seq(items) = &trigger.raw.kind else {
            return;
        };
        let found = items.iter().find(|item| {
            item.get("cron").and_then(Node::scalar_text).as_deref() == Some(cron.as_str())
        });
        match found {
            Some(item) => {
                let text = format!("it is due at `{cron}`");
                self.said("cron", Answer::Yes, text, item.span);
            }
            None => {
                let text = format!("it has no schedule `{cron}`");
                self.said("cron", Answer::No, text, trigger.event.span);
            }
        }
    }

    /// Words in the commit message that keep workflows from starting.
    fn message(&mut self, trigger: &Trigger) {
        let message = &self.happened.github.message;
        let lower = message.to_ascii_lowercase();
        let skip = SKIPS.into_iter().find(|skip| lower.contains(skip));
        let skip = skip.or_else(|| {
            lower
                .trim_end()
                .lines()
                .rev()
                .take_while(|line| !line.trim().is_empty())
                .find(|line| {
                    line.split_once(':').is_some_and(|(key, value)| {
                        key.trim() == "skip-checks" && value.trim() == "true"
                    })
                })
                .map(|_| "skip-checks: true")
        });
        if let Some(skip) = skip {
            let text = format!("the commit message says `{skip}`");
            self.said("commit message", Answer::No, text, trigger.event.span);
        }
    }
}

/// A text, or a list of texts.
fn texts(node: &Node) -> Vec<String> {
    match &node.kind {
        NodeKind::Seq(items) => items.iter().filter_map(Node::scalar_text).collect(),
        _ => node.scalar_text().into_iter().collect(),
    }
}

#[cfg(test)]
#[path = "trigger_tests.rs"]
mod tests;
