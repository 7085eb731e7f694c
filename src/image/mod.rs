//! The image that jobs run in: found, built once per run, looked into.

mod build;
mod classic;
pub(crate) mod dockerfile;
mod explain;
mod facts;
pub(crate) mod ignore;
mod key;
mod made;
mod progress;
mod pull;
mod remembered;

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::docker::Docker;
use crate::plan::PYTHON_VERSION;
use crate::record::{Cause, Failure};

pub(crate) use build::BuildTool;
pub(crate) use facts::Facts;
pub(crate) use ignore::Ignore;
pub(crate) use progress::Vertex;
pub(crate) use pull::{Access, reference};

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Recipe {
    /// Built from a Dockerfile of the repository.
    Dockerfile {
        /// The Dockerfile.
        file: PathBuf,
        /// The build context.
        context: PathBuf,
        /// The stage; the last one where absent.
        target: Option<String>,
        /// Build arguments.
        args: Vec<(String, String)>,
        /// The name under which the engine keeps the result.
        tag: String,
    },
    /// Taken as it is: from the engine, else from its registry.
    Reference(String),
}

impl Recipe {
    /// The recipe with a Python as the build argument `PYTHON_VERSION`.
    pub(crate) fn with_python(&self, version: Option<&str>) -> Self {
        let mut recipe = self.clone();
        if let (Self::Dockerfile { args, tag, .. }, Some(version)) = (&mut recipe, version) {
            args.push((PYTHON_VERSION.to_owned(), version.to_owned()));
            tag.push_str(&format!("-python{version}"));
        }
        recipe
    }

    /// A name for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Dockerfile { file, target, .. } => {
                let file = file
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                match target {
                    Some(target) => format!("{file} (target {target})"),
                    None => file,
                }
            }
            Self::Reference(reference) => reference.clone(),
        }
    }
}

/// An image on the engine.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// The engine's id; jobs are started by it, never by a tag that may move.
    pub(crate) id: String,
    /// Where it came from, in words.
    pub(crate) origin: String,
    /// Build steps in all.
    pub(crate) steps: u32,
    /// Build steps that came from the cache.
    pub(crate) cached: u32,
    /// Bytes of the build context that were sent.
    pub(crate) sent: u64,
    /// What is in it.
    pub(crate) facts: Facts,
    /// Something that the user should know.
    pub(crate) notices: Vec<String>,
}

/// Gives the image of a recipe: builds or pulls it where needed, and looks into it.
/// What is known of images is kept in the folder `cache`. When the making is `given_up`,
/// it ends soon, and leaves nothing.
///
/// # Errors
/// The failure to be recorded, with the engine's or the build's own words.
pub(crate) async fn ensure(
    docker: &Docker,
    tool: &BuildTool,
    recipe: &Recipe,
    access: &Access,
    (run, cache): (&str, &Path),
    given_up: &CancellationToken,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<Image, Failure> {
    let mut notices = Vec::new();
    let had = given_up.run_until_cancelled(async {
        match recipe {
            Recipe::Dockerfile {
                file,
                context,
                target,
                args,
                tag,
            } => {
                let source = made::Source {
                    file,
                    context,
                    target: target.as_deref(),
                    args,
                    tag,
                };
                let made = made::make(docker, tool, &source, run, cache, progress).await?;
                notices.extend(made.notices.clone());
                let origin = made.origin().to_owned();
                let outcome = made.outcome;
                Ok((
                    outcome.id,
                    origin,
                    outcome.steps,
                    outcome.cached,
                    outcome.sent,
                ))
            }
            Recipe::Reference(name) => {
                let (found, origin) = reference(docker, name, access).await?;
                Ok((found.id, origin.to_owned(), 0, 0, 0))
            }
        }
    });
    let had = had.await.unwrap_or_else(|| Err(self::given_up()));
    let (id, origin, steps, cached, sent) = had?;
    // From here on something of the run is on the engine, and what was begun is ended.
    let facts = facts::of_image(docker, &id, run, &cache.join("facts")).await?;
    if matches!(recipe, Recipe::Dockerfile { .. }) && facts.uid == 0 {
        notices.push(format!(
            "{} runs as root; tests may pass here that fail for an ordinary user (add `USER 1000` to it)",
            recipe.name()
        ));
    }
    Ok(Image {
        id,
        origin,
        steps,
        cached,
        sent,
        facts,
        notices,
    })
}

/// The id of the image of a recipe: built, pulled or found. Nothing is looked for inside.
///
/// # Errors
/// The failure, with the engine's or the build's own words.
pub(crate) async fn of_recipe(
    docker: &Docker,
    tool: &BuildTool,
    recipe: &Recipe,
    run: &str,
    cache: &Path,
) -> Result<String, Failure> {
    match recipe {
        Recipe::Dockerfile {
            file,
            context,
            target,
            args,
            tag,
        } => {
            let source = made::Source {
                file,
                context,
                target: target.as_deref(),
                args,
                tag,
            };
            let made = made::make(docker, tool, &source, run, cache, &|_| {}).await?;
            Ok(made.outcome.id)
        }
        Recipe::Reference(name) => {
            let (found, _) = reference(docker, name, &Access::default()).await?;
            Ok(found.id)
        }
    }
}

/// The image of a Docker action, whose Dockerfile lies in a folder `context`, kept as `tag`:
/// its id, and
/// how it came about, in words. Nothing is looked for inside: it may hold no shell.
///
/// # Errors
/// The failure to be recorded, with the build's own words.
pub(crate) async fn of_action(
    docker: &Docker,
    tool: &BuildTool,
    (file, context): (&Path, &Path),
    tag: &str,
    run: &str,
    cache: &Path,
) -> Result<(String, &'static str), Failure> {
    let source = made::Source {
        file,
        context,
        target: None,
        args: &[],
        tag,
    };
    let made = made::make(docker, tool, &source, run, cache, &|_| {}).await?;
    let origin = made.origin();
    Ok((made.outcome.id, origin))
}

/// What becomes of an image that nobody needs any more.
pub(crate) fn given_up() -> Failure {
    failed(Cause::Superseded, "the image was not needed any more")
}

/// Whether a build frontend (`# syntax=`) is one of Docker's own.
pub(crate) fn is_dockers(syntax: &str) -> bool {
    let name = syntax.split_whitespace().next().unwrap_or_default();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("docker/dockerfile")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@', '-']))
}

/// A build failure without details of a step.
fn failed(cause: Cause, message: impl Into<String>) -> Failure {
    Failure::new(cause, message)
}
