//! A compose file, as `docker compose config --format json` gives it: its services as those
//! of jobs. How it builds the tests' image is read in `plan/definition/`.

mod service;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::record::Cause;
use crate::workflow::{self, Container, Node, NodeKind, Problem, Span, Text, nearest};

use super::Problems;

/// Names that a service or target for the tests usually has.
const USUAL: [&str; 2] = ["test", "tests"];

/// What `seatrial.toml` says of the services of a compose file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ServicesUse {
    /// The file, relative to the repository.
    pub(crate) file: String,
    /// Jobs that get its services; empty for all that have none of their own.
    pub(crate) jobs: Vec<String>,
    /// Services that no job gets.
    pub(crate) skip: Vec<String>,
}

/// What must have become of a service before another one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Until {
    /// It was started.
    Started,
    /// It is ready.
    Ready,
    /// It ended with exit code 0.
    Ended,
}

/// What a service waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct After {
    /// The label of the other one.
    pub(crate) label: String,
    /// What must have become of it.
    pub(crate) until: Until,
}

/// The services of a compose file, in the form of those of a workflow.
#[derive(Debug, Clone, Default)]
pub(crate) struct ComposeServices {
    /// The file's name.
    pub(crate) file: String,
    /// The services, by their label.
    pub(crate) services: Vec<(Text, Container)>,
    /// What each of them waits for; absent for nothing.
    after: BTreeMap<String, Vec<After>>,
    /// Jobs that get them; empty for all that have none of their own.
    jobs: Vec<String>,
}

impl ComposeServices {
    /// Reads the services of a compose file from what `docker compose config` made of its
    /// `text`. `own` is the service whose `build` makes the tests' image, where the settings
    /// name it, and `allowed` what the settings grant to containers.
    ///
    /// # Errors
    /// Everything that cannot be taken over, each with its place in the file.
    pub(crate) fn read(
        config: &Value,
        text: &str,
        wanted: &ServicesUse,
        own: Option<&str>,
        allowed: &[String],
    ) -> Result<Self, Problems> {
        let file = File::new(config, text);
        let mut read = Self {
            file: wanted.file.clone(),
            jobs: wanted.jobs.clone(),
            ..Self::default()
        };
        let mut problems = Problems::new();
        for name in &wanted.skip {
            if !file.services.contains_key(name) {
                problems.push((Cause::ConfigInvalid, file.no_service(name)));
            }
        }
        let left_out = file.left_out(own, &wanted.skip);
        for (name, service) in &file.services {
            if left_out.contains(&name.as_str()) {
                continue;
            }
            let mut reading = service::Reading::new(&file, name, allowed);
            let container = reading.service(service);
            for one in &reading.after {
                if left_out.contains(&one.label.as_str()) {
                    let problem = Problem::new(
                        file.span(name, "depends_on"),
                        format!(
                            "service `{name}` depends on `{}`, which no job is given",
                            one.label
                        ),
                    )
                    .with_hint(skip_hint(name));
                    reading.problems.push((Cause::UnsupportedFeature, problem));
                }
            }
            problems.append(&mut reading.problems);
            if !reading.after.is_empty() {
                read.after.insert(name.clone(), reading.after);
            }
            let label = Text {
                value: name.clone(),
                span: file.span(name, ""),
            };
            read.services.push((label, container));
        }
        if read.services.is_empty() && problems.is_empty() {
            let problem = Problem::new(Span::file_start(), "there is no service for the jobs");
            problems.push((Cause::ConfigInvalid, problem));
        }
        if problems.is_empty() {
            return Ok(read);
        }
        for (_, problem) in &mut problems {
            problem.in_file(&wanted.file);
        }
        problems.sort_by_key(|(_, problem)| problem.span.start);
        Err(problems)
    }

    /// Whether a job that has services of its own, or none, gets these.
    ///
    /// # Errors
    /// The settings name it, and it has services of its own.
    pub(super) fn covers(&self, id: &str, job: &workflow::Job) -> Result<bool, Problem> {
        let named = self.jobs.iter().any(|named| named == id);
        match job.services.first() {
            Some((label, _)) if named => Err(Problem::new(
                label.span,
                format!(
                    "job `{id}` has services of its own, and the settings give it those of {}",
                    self.file
                ),
            )
            .with_hint("take it out of `[services] jobs` of seatrial.toml")),
            Some(_) => Ok(false),
            None => Ok(job.uses.is_none() && (named || self.jobs.is_empty())),
        }
    }

    /// Jobs that the settings name and the workflow, whose jobs have these `ids`, does not
    /// have. Those of a workflow that it calls are not looked at.
    pub(super) fn unknown_jobs(&self, ids: &[&str]) -> Problems {
        let first = |id: &str| id.split(" / ").next().unwrap_or_default().to_owned();
        self.jobs
            .iter()
            .filter(|named| !ids.contains(&first(named).as_str()))
            .map(|named| {
                let message = format!("the workflow has no job `{named}`, which gets services");
                let hint = match nearest(named, ids.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its jobs are: {}", ids.join(", ")),
                };
                let mut problem = Problem::new(Span::default(), message).with_hint(hint);
                problem.in_file("seatrial.toml");
                (Cause::ConfigInvalid, problem)
            })
            .collect()
    }

    /// What a service waits for.
    pub(crate) fn after(&self, label: &str) -> &[After] {
        self.after.get(label).map_or(&[], Vec::as_slice)
    }

    /// Whether another service waits for the end of this one.
    pub(crate) fn ends(&self, label: &str) -> bool {
        self.after
            .values()
            .flatten()
            .any(|after| after.label == label && after.until == Until::Ended)
    }
}

/// A compose file: what it comes to, and where it says so.
struct File {
    services: Map<String, Value>,
    volumes: Map<String, Value>,
    /// The file as it is written; absent where it is none that we can read.
    written: Option<Node>,
}

impl File {
    fn new(config: &Value, text: &str) -> Self {
        let part = |name: &str| match config.get(name).cloned().map(plain) {
            Some(Value::Object(part)) => part,
            _ => Map::new(),
        };
        Self {
            services: part("services"),
            volumes: part("volumes"),
            written: workflow::parse_yaml(text).ok(),
        }
    }

    /// Services that are none of the jobs': those to be skipped, and the one in which the
    /// tests themselves would run. That is the one whose image the settings take; else one
    /// that is built, if it is the only one or has a usual name.
    fn left_out<'a>(&'a self, own: Option<&'a str>, skip: &'a [String]) -> Vec<&'a str> {
        let mut found: Vec<&str> = skip.iter().map(String::as_str).chain(own).collect();
        if own.is_some() {
            return found;
        }
        let built: Vec<&str> = self
            .services
            .iter()
            .filter(|(name, service)| {
                service.get("build").is_some() && !found.contains(&name.as_str())
            })
            .map(|(name, _)| name.as_str())
            .collect();
        let only = built.len() == 1;
        found.extend(
            built
                .into_iter()
                .filter(|name| only || USUAL.contains(name)),
        );
        found
    }

    /// Where a key of a service is written; without a key, where the service is. The
    /// beginning of the file where something else puts it there (`extends`, `include`).
    fn span(&self, service: &str, key: &str) -> Span {
        let place = || {
            let services = self.written.as_ref()?.get("services")?;
            let (name, node) = services.entry(service)?;
            let of_key = node.entry(key).map(|(name, _)| name.span);
            let merged = matches!(node.kind, NodeKind::Map(_)).then_some(name.span);
            of_key.or(merged)
        };
        place().unwrap_or_else(Span::file_start)
    }

    /// The problem of a service that is not there.
    fn no_service(&self, name: &str) -> Problem {
        let names = self.services.keys().map(String::as_str);
        let hint = match nearest(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its services are: {}", names.collect::<Vec<_>>().join(", ")),
        };
        Problem::new(Span::file_start(), format!("there is no service `{name}`")).with_hint(hint)
    }
}

/// The texts of a value as they are meant: what `config` prints is a compose file again, in
/// which a dollar sign is written twice.
pub(super) fn plain(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("$$", "$")),
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::Object(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(name, value)| (name, plain(value)))
                .collect(),
        ),
        other => other,
    }
}

/// A scalar as text; empty for null.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn skip_hint(name: &str) -> String {
    format!("leave the service out in seatrial.toml: `[services] skip = [\"{name}\"]`")
}
