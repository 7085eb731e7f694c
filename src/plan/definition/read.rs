//! What `docker compose config` and `docker buildx bake --print` say of one image.

use serde_json::{Map, Value};

use super::bake::targets;
use super::{Definition, DefinitionKind, DefinitionUse};
use crate::plan::Problems;
use crate::plan::compose::{plain, scalar};
use crate::record::Cause;
use crate::workflow::{Node, Problem, Span, nearest, parse_yaml};

/// What a key of a build means here.
enum Meaning {
    /// It is taken over.
    Taken,
    /// Names, caches and what goes elsewhere: seatrial sees to that itself.
    Own,
    /// Without it something else would be built. The way out.
    Refused(&'static str),
    /// Something else; a person hears that it has no effect.
    NoEffect,
}

/// The meaning of a key, written as in compose files. A value of no account is none.
fn meaning(key: &str, value: &Value) -> Meaning {
    match key {
        "context" | "dockerfile" | "target" | "args" => Meaning::Taken,
        "attest" | "cache_from" | "cache_to" | "output" | "provenance" | "sbom" | "tags" => {
            Meaning::Own
        }
        "network" if value == "default" => Meaning::Own,
        "dockerfile_inline" => {
            Meaning::Refused("write it to a file of the repository and name that as `dockerfile`")
        }
        "additional_contexts" | "contexts" => Meaning::Refused(
            "copy from the repository, or from an image with `COPY --from=IMAGE`, or name the Dockerfile of a build that does without",
        ),
        "secret" | "secrets" | "ssh" => Meaning::Refused(
            "what a build can get of this machine: `ca`, `mirrors` and `proxies` of `[image]`",
        ),
        "entitlements" | "extra_hosts" | "isolation" | "network" | "privileged" => {
            Meaning::Refused("name a build that does without it")
        }
        _ => Meaning::NoEffect,
    }
}

impl Definition {
    /// Reads how the image is built that `wanted` names from what the docker command made of
    /// the file whose `text` this is.
    ///
    /// # Errors
    /// It is not there, is not built, or asks for what seatrial does not hand over; each with
    /// its place in the file, whose name is left open.
    pub(crate) fn read(
        answer: &Value,
        text: &str,
        wanted: &DefinitionUse,
    ) -> Result<Self, Problems> {
        let written = match wanted.kind {
            DefinitionKind::Compose => parse_yaml(text).ok(),
            DefinitionKind::Bake => None,
        };
        let reading = Reading {
            wanted,
            text,
            written: written.as_ref(),
        };
        match wanted.kind {
            DefinitionKind::Compose => {
                let config = plain(answer.clone());
                let service = part(&config, "services").and_then(|all| part_of(all, &wanted.name));
                let Some(service) = service else {
                    let known = part(&config, "services");
                    let known = known.into_iter().flat_map(Map::keys).map(String::as_str);
                    return Err(one(reading.not_there(known)));
                };
                let Some(build) = part_of(service, "build") else {
                    return Err(one(reading.not_built(service)));
                };
                let platform = service.contains_key("platform").then_some("platform");
                reading.build(build, platform)
            }
            DefinitionKind::Bake => {
                let all = part(answer, "target");
                let named = all.and_then(|all| part_of(all, &wanted.name));
                let of_group = || match all.map(|all| (all.len(), all.values().next())) {
                    Some((1, Some(Value::Object(only)))) => Some(only),
                    _ => None,
                };
                match named.or_else(of_group) {
                    Some(build) => reading.build(build, None),
                    None => Err(one(reading.group(all))),
                }
            }
        }
    }

    /// The problem of a target that bake does not find in the file whose `text` this is.
    pub(crate) fn no_target(text: &str, wanted: &DefinitionUse) -> Problem {
        let reading = Reading {
            wanted,
            text,
            written: None,
        };
        let known = targets(text);
        reading.not_there(known.iter().map(|(name, _)| name.as_str()))
    }
}

/// One image of a file.
struct Reading<'a> {
    wanted: &'a DefinitionUse,
    text: &'a str,
    /// A compose file as it is written.
    written: Option<&'a Node>,
}

impl Reading<'_> {
    /// Takes over a build; `beside` is a key outside it that has no effect.
    fn build(
        &self,
        build: &Map<String, Value>,
        beside: Option<&str>,
    ) -> Result<Definition, Problems> {
        let mut problems = Problems::new();
        let mut no_effect: Vec<String> = Vec::new();
        for (key, value) in build.iter().filter(|(_, value)| says_something(value)) {
            match meaning(&key.replace('-', "_"), value) {
                Meaning::Taken | Meaning::Own => {}
                Meaning::NoEffect => no_effect.push(key.clone()),
                Meaning::Refused(hint) => {
                    let message = format!("{} with `{key}`, which seatrial does not do", self.is());
                    let problem = Problem::new(self.span(key), message).with_hint(hint);
                    problems.push((Cause::UnsupportedFeature, problem));
                }
            }
        }
        no_effect.extend(beside.map(ToOwned::to_owned));
        let text = |key: &str, usual: &str| match build.get(key).map(scalar) {
            Some(text) if !text.is_empty() => text,
            _ => usual.to_owned(),
        };
        let context = text("context", ".");
        if is_elsewhere(&context) {
            let message = format!("{} from `{context}`, which is no folder", self.is());
            let hint = "name a folder of the repository as `context`, or the Dockerfile of a build that has one";
            let problem = Problem::new(self.span("context"), message).with_hint(hint);
            problems.push((Cause::UnsupportedFeature, problem));
        }
        if !problems.is_empty() {
            problems.sort_by_key(|(_, problem)| problem.span.start);
            return Err(problems);
        }
        Ok(Definition {
            context,
            dockerfile: text("dockerfile", "Dockerfile"),
            target: Some(text("target", "")).filter(|target| !target.is_empty()),
            // An argument without a value is one that this machine does not set.
            args: part_of(build, "args")
                .into_iter()
                .flatten()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), scalar(value)))
                .collect(),
            no_effect,
        })
    }

    /// The problem of a name that the file does not have.
    fn not_there<'n>(&self, known: impl Iterator<Item = &'n str>) -> Problem {
        let known: Vec<&str> = known.collect();
        let (noun, name) = (self.wanted.kind.noun(), &self.wanted.name);
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("it has no {noun}"),
            None => format!("its {noun}s are: {}", known.join(", ")),
        };
        Problem::new(Span::file_start(), format!("there is no {noun} `{name}`")).with_hint(hint)
    }

    /// The problem of a service that takes an image as it is.
    fn not_built(&self, service: &Map<String, Value>) -> Problem {
        let name = &self.wanted.name;
        let problem = Problem::new(
            self.span("image"),
            format!("the service `{name}` is not built: it has no `build`"),
        );
        match service.get("image").map(scalar) {
            Some(image) if !image.is_empty() => problem.with_hint(format!(
                "to take its image as it is, say so: `[image] name = \"{image}\"`"
            )),
            _ => problem.with_hint("name a service that has `build`"),
        }
    }

    /// The problem of a group of more targets than one.
    fn group(&self, all: Option<&Map<String, Value>>) -> Problem {
        let targets: Vec<&str> = all
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str)
            .collect();
        let message = format!(
            "`{}` stands for several targets: {}",
            self.wanted.name,
            targets.join(", ")
        );
        Problem::new(Span::file_start(), message).with_hint("name one of them")
    }

    /// `the service `tests` is built`.
    fn is(&self) -> String {
        let noun = self.wanted.kind.noun();
        format!("the {noun} `{}` is built", self.wanted.name)
    }

    /// Where the build says `key`; else where the service or target is, as far as the file
    /// itself says it.
    fn span(&self, key: &str) -> Span {
        let name = &self.wanted.name;
        let Some(written) = self.written else {
            let mut known = targets(self.text).into_iter();
            let found = known.find(|(target, _)| target == name);
            return found.map_or_else(Span::file_start, |(_, span)| span);
        };
        let place = || {
            let (label, service) = written.get("services")?.entry(name)?;
            let of_build = service.get("build").and_then(|build| build.entry(key));
            let found = of_build.or_else(|| service.entry(key));
            Some(found.map_or(label.span, |(key, _)| key.span))
        };
        place().unwrap_or_else(Span::file_start)
    }
}

fn one(problem: Problem) -> Problems {
    vec![(Cause::ConfigInvalid, problem)]
}

fn part<'v>(value: &'v Value, key: &str) -> Option<&'v Map<String, Value>> {
    value.get(key)?.as_object()
}

fn part_of<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v Map<String, Value>> {
    map.get(key)?.as_object()
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

/// Whether a context is none of this machine's folders: a repository, an image, another
/// target, an archive from standard input.
fn is_elsewhere(context: &str) -> bool {
    let local = context.strip_prefix("cwd://");
    context == "-"
        || (local.is_none() && context.contains("://"))
        || ["git@", "github.com/", "target:"]
            .iter()
            .any(|start| context.starts_with(start))
}
