//! The image that jobs run in: found, built once per run, looked into.

mod build;
mod classic;
pub(crate) mod dockerfile;
mod facts;
mod ignore;
mod progress;
mod pull;

use std::path::{Path, PathBuf};

use crate::docker::Docker;
use crate::record::{Cause, Failure};

pub(crate) use build::{BuildTool, Request};
pub(crate) use facts::Facts;
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
    /// What is in it.
    pub(crate) facts: Facts,
    /// Something that the user should know.
    pub(crate) notices: Vec<String>,
}

/// Gives the image of a recipe: builds or pulls it where needed, and looks into it.
/// What was seen is kept in the folder `cache`.
///
/// # Errors
/// The failure to be recorded, with the engine's or the build's own words.
pub(crate) async fn ensure(
    docker: &Docker,
    tool: &BuildTool,
    recipe: &Recipe,
    access: &Access,
    run: &str,
    cache: &Path,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<Image, Failure> {
    let mut notices = Vec::new();
    let (id, origin, steps, cached) = match recipe {
        Recipe::Dockerfile {
            file,
            context,
            target,
            args,
            tag,
        } => {
            let request = build::Request {
                file,
                context,
                target: target.as_deref(),
                args,
                tag,
                run,
            };
            let outcome = match tool {
                BuildTool::Buildx { .. } => build::buildx(docker, tool, &request, progress).await?,
                BuildTool::Engine { reason } => {
                    notices.push(format!(
                        "{reason}; the image was built by the engine's own builder, without BuildKit's cache and mounts"
                    ));
                    classic::build(docker, &request, progress).await?
                }
            };
            let origin = if outcome.steps > 0 && outcome.steps == outcome.cached {
                "unchanged"
            } else {
                "built"
            };
            (outcome.id, origin.to_owned(), outcome.steps, outcome.cached)
        }
        Recipe::Reference(name) => {
            let (found, origin) = reference(docker, name, access).await?;
            (found.id, origin.to_owned(), 0, 0)
        }
    };
    let facts = facts::of_image(docker, &id, run, cache).await?;
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
        facts,
        notices,
    })
}

/// Builds the image of a Docker action and gives its id. Nothing is looked for inside:
/// it may hold no shell.
///
/// # Errors
/// The failure to be recorded, with the build's own words.
pub(crate) async fn of_action(
    docker: &Docker,
    tool: &BuildTool,
    request: &build::Request<'_>,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<String, Failure> {
    let outcome = match tool {
        BuildTool::Buildx { .. } => build::buildx(docker, tool, request, progress).await?,
        BuildTool::Engine { .. } => classic::build(docker, request, progress).await?,
    };
    Ok(outcome.id)
}

/// A build failure without details of a step.
fn failed(cause: Cause, message: impl Into<String>) -> Failure {
    Failure::new(cause, message)
}
