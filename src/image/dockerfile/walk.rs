//! What holds at the end of a stage: directory, user, where the sources are.

use std::collections::BTreeMap;

use super::expand::{Variable, expand};
use super::steps::Step;
use super::{Base, Dockerfile};

/// Arguments that BuildKit sets by itself (Dockerfile reference, "Automatic
/// platform ARGs in the global scope").
const PLATFORM_ARGS: &[&str] = &[
    "BUILDARCH",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "TARGETARCH",
    "TARGETOS",
    "TARGETPLATFORM",
    "TARGETVARIANT",
];

/// The variables of a stage, or of the global scope.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// Name to value; `None` for one that cannot be told.
    variables: BTreeMap<String, Option<String>>,
    /// The image below may set variables that are not written here.
    open: bool,
}

impl Scope {
    /// The value of a name. A platform argument is unknown unless declared with
    /// a value.
    pub(super) fn lookup(&self, name: &str) -> Variable {
        match self.variables.get(name) {
            Some(Some(value)) => Variable::Set(value.clone()),
            Some(None) => Variable::Unknown,
            None if self.open || PLATFORM_ARGS.contains(&name) => Variable::Unknown,
            None => Variable::Unset,
        }
    }

    /// Expands a text with these variables.
    pub(super) fn expand(&self, text: &str, escape: char) -> Option<String> {
        expand(text, escape, &|name| self.lookup(name))
    }

    /// Declares an argument: what the build was given, else the default.
    pub(super) fn declare(
        &mut self,
        name: &str,
        default: Option<&str>,
        given: &BTreeMap<String, String>,
        escape: char,
    ) {
        let value = match (given.get(name), default) {
            (Some(value), _) => Some(value.clone()),
            (None, Some(default)) => self.expand(default, escape),
            (None, None) if PLATFORM_ARGS.contains(&name) => None,
            (None, None) => {
                self.variables.remove(name);
                return;
            }
        };
        self.variables.insert(name.to_owned(), value);
    }
}

/// The end of a stage.
#[derive(Debug, Clone, Default)]
pub(super) struct End {
    /// The working directory, if it can be told.
    pub(super) workdir: Option<String>,
    /// The last `USER`, if there is one and it can be told.
    pub(super) user: Option<String>,
    /// Where the whole build context was copied to last.
    pub(super) source_dir: Option<String>,
    /// Paths of the build context that are taken, as they come out of their variables;
    /// `None` for one that cannot be told.
    pub(super) taken: Vec<Option<String>>,
}

/// Goes through the stage and the stages it is built on.
pub(super) fn end_of(file: &Dockerfile, index: usize) -> End {
    let chain = file.chain(index);
    let mut walk = Walk {
        file,
        arguments: Scope::default(),
        environment: Scope::default(),
        end: End::default(),
    };
    if let Some(first) = chain.first().and_then(|first| file.stages.get(*first)) {
        let scratch = matches!(first.base, Base::Scratch);
        walk.environment.open = !scratch;
        walk.end.workdir = scratch.then(|| "/".to_owned());
    }
    for stage in chain.iter().filter_map(|index| file.stages.get(*index)) {
        for step in &stage.steps {
            walk.step(step);
        }
    }
    walk.end
}

struct Walk<'a> {
    file: &'a Dockerfile,
    /// `ARG`, hidden by `ENV` of the same name.
    arguments: Scope,
    environment: Scope,
    end: End,
}

impl Walk<'_> {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Arg(arguments) => {
                for (name, default) in arguments {
                    self.argument(name, default.as_deref());
                }
            }
            Step::Env(pairs) => {
                // All values see the variables before the instruction.
                let values: Vec<Option<String>> =
                    pairs.iter().map(|(_, value)| self.expand(value)).collect();
                for ((name, _), value) in pairs.iter().zip(values) {
                    self.environment.variables.insert(name.clone(), value);
                }
            }
            Step::Workdir(path) => {
                self.end.workdir = self
                    .expand(path)
                    .and_then(|path| absolute(self.end.workdir.as_deref(), &path));
            }
            Step::User(user) => {
                self.end.user = self.expand(user).filter(|user| !user.is_empty());
            }
            Step::Copy {
                sources,
                destination,
                from: None,
            } => {
                let taken = sources.iter().map(|source| self.expand(source));
                let taken: Vec<_> = taken.collect();
                self.end.taken.extend(taken);
                let whole = sources.iter().any(|source| {
                    self.expand(source)
                        .is_some_and(|source| is_context(&source))
                });
                if whole {
                    self.end.source_dir = self
                        .expand(destination)
                        .and_then(|path| absolute(self.end.workdir.as_deref(), &path));
                }
            }
            Step::Bind(source) => {
                let taken = self.expand(source);
                self.end.taken.push(taken);
            }
            // What it will do is not looked at.
            Step::OnBuild => self.end.taken.push(None),
            Step::Copy { .. } | Step::Mount(_) => {}
        }
    }

    /// `ARG` in a stage: given, default, or the global argument of that name.
    fn argument(&mut self, name: &str, default: Option<&str>) {
        let given = &self.file.given;
        let global = self.file.globals.variables.get(name);
        match (given.get(name), default, global) {
            (None, None, Some(global)) => {
                self.arguments
                    .variables
                    .insert(name.to_owned(), global.clone());
            }
            _ => {
                let value = match (given.get(name), default) {
                    (Some(value), _) => Some(value.clone()),
                    (None, Some(default)) => self.expand(default),
                    (None, None) if PLATFORM_ARGS.contains(&name) => None,
                    (None, None) => Some(String::new()),
                };
                self.arguments.variables.insert(name.to_owned(), value);
            }
        }
    }

    fn lookup(&self, name: &str) -> Variable {
        match self.environment.variables.get(name) {
            Some(_) => self.environment.lookup(name),
            None if self.arguments.variables.contains_key(name) => {
                // The image below may still set it, and then that counts.
                self.arguments.lookup(name)
            }
            None => self.environment.lookup(name),
        }
    }

    fn expand(&self, text: &str) -> Option<String> {
        expand(text, self.file.escape, &|name| self.lookup(name))
    }
}

/// Whether the source is the root of the build context.
fn is_context(source: &str) -> bool {
    !source.is_empty() && source.split('/').all(|part| part.is_empty() || part == ".")
}

/// The path in the image; a relative one only if the directory is known.
fn absolute(workdir: Option<&str>, path: &str) -> Option<String> {
    let base = match path.starts_with('/') {
        true => "",
        false => workdir?,
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    Some(format!("/{}", parts.join("/")))
}
