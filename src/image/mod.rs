//! The image that jobs run in: found, built once per run, looked into.

mod attempts;
mod build;
mod cache;
mod classic;
mod credentials;
pub(crate) mod dockerfile;
mod explain;
mod facts;
mod foreign;
mod frontend;
mod hidden;
pub(crate) mod ignore;
mod key;
mod keyed;
mod made;
mod progress;
mod prune;
mod pull;
mod remembered;
mod stale;
mod survey;
mod verify;
mod whole;

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::docker::Docker;
use crate::plan::{CA_SECRET, PYTHON_VERSION};
use crate::record::{CacheRecord, Cause, Failure};

pub(crate) use build::BuildTool;
pub(crate) use cache::{Builder, CacheOptions, CacheSpec};
pub(crate) use facts::Facts;
pub(crate) use foreign::foreign;
pub(crate) use frontend::check as check_frontend;
pub(crate) use hidden::Hidden;
pub(crate) use ignore::Ignore;
pub(crate) use progress::Vertex;
pub(crate) use prune::{Keep, Pruned, image_name, prune};
pub(crate) use pull::{Access, reference};
pub(crate) use stale::stale;
pub(crate) use survey::Survey;
pub(crate) use verify::{Expected, Finding};

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
        /// Whether it is derived, and nobody's own file.
        derived: bool,
    },
    /// Taken as it is: from the engine, else from its registry.
    Reference(String),
}

impl Recipe {
    /// The recipe with a Python as the build argument `PYTHON_VERSION`.
    pub(crate) fn with_python(&self, version: Option<&str>) -> Self {
        let mut recipe = self.clone();
        if let (Self::Dockerfile { args, tag, .. }, Some(version)) = (&mut recipe, version) {
            args.retain(|(name, _)| name != PYTHON_VERSION);
            args.push((PYTHON_VERSION.to_owned(), version.to_owned()));
            tag.push_str(&format!("-python{version}"));
        }
        recipe
    }

    /// What it is built from; where it is not, the reference that it is taken by.
    fn source(&self) -> Result<made::Source<'_>, &str> {
        match self {
            Self::Dockerfile {
                file,
                context,
                target,
                args,
                tag,
                derived,
            } => Ok(made::Source {
                file,
                context,
                target: target.as_deref(),
                args,
                tag,
                derived: *derived,
            }),
            Self::Reference(name) => Err(name),
        }
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
    /// What caches of elsewhere cost its build, where some were asked for.
    pub(crate) cache: Option<CacheRecord>,
    /// What is in it.
    pub(crate) facts: Facts,
    /// Something that the user should know.
    pub(crate) notices: Vec<Finding>,
}

/// What the settings say of images that are built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BuildOptions {
    /// Build frontends besides Docker's own that a Dockerfile may ask for.
    pub(crate) frontends: Vec<String>,
    /// Which images stay on the engine.
    pub(crate) keep: Keep,
    /// What of this machine a build gets.
    pub(crate) given: Given,
    /// Caches of elsewhere, for the tests' images.
    pub(crate) cache: CacheOptions,
}

/// What of this machine a build gets, without a trace in the image. It is no part of the
/// content key: the same files are to come out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// A bundle of certificates, as a secret.
    pub(crate) ca: Option<PathBuf>,
    /// Variables of seatrial's environment that name mirrors, each as a secret.
    pub(crate) mirrors: Vec<&'static str>,
    /// Those that name proxies, as build arguments that no image keeps.
    pub(crate) proxies: Vec<&'static str>,
    /// Credentials in their values, which nothing that is told of a build holds.
    pub(crate) hidden: Hidden,
}

impl Given {
    /// The names of the secrets.
    fn secrets(&self) -> Vec<&'static str> {
        let ca = self.ca.as_ref().map(|_| CA_SECRET);
        ca.into_iter().chain(self.mirrors.iter().copied()).collect()
    }
}

/// What making an image takes besides its recipe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Means<'a> {
    /// The engine.
    pub(crate) docker: &'a Docker,
    /// What builds.
    pub(crate) tool: &'a BuildTool,
    /// What the settings say.
    pub(crate) options: &'a BuildOptions,
    /// The run.
    pub(crate) run: &'a str,
    /// Where it is kept what is known of images.
    pub(crate) cache: &'a Path,
}

/// Gives the image of a recipe: builds or pulls it where needed, and looks into it, also
/// for what the workflow expects of it. When the making is `given_up`, it ends soon, and
/// leaves nothing.
///
/// # Errors
/// The failure to be recorded, with the engine's or the build's own words.
pub(crate) async fn ensure(
    means: Means<'_>,
    recipe: &Recipe,
    access: &Access,
    expected: Option<&Expected>,
    given_up: &CancellationToken,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<Image, Failure> {
    let had = given_up.run_until_cancelled(had(means, recipe, access, progress));
    let made = had.await.unwrap_or_else(|| Err(self::given_up()))?;
    // From here on something of the run is on the engine, and what was begun is ended.
    let questions: Vec<&str> = expected
        .map(|expected| expected.questions().collect())
        .unwrap_or_default();
    let facts = facts::of_image(means, &made.outcome.id, &questions).await?;
    let mut notices = made.notices;
    notices.extend(
        expected
            .map(|expected| expected.compare(&facts))
            .unwrap_or_default(),
    );
    if matches!(recipe, Recipe::Dockerfile { .. }) && facts.uid == 0 {
        notices.push(Finding::warning(format!(
            "{} runs as root; tests may pass here that fail for an ordinary user (add `USER 1000` to it)",
            recipe.name()
        )));
    }
    Ok(Image {
        id: made.outcome.id,
        origin: made.origin.to_owned(),
        steps: made.outcome.steps,
        cached: made.outcome.cached,
        sent: made.outcome.sent,
        cache: made.outcome.cache,
        facts,
        notices,
    })
}

/// The id of the image of a recipe: built, pulled or found. Nothing is looked for inside.
///
/// # Errors
/// The failure, with the engine's or the build's own words.
pub(crate) async fn of_recipe(means: Means<'_>, recipe: &Recipe) -> Result<String, Failure> {
    let made = had(means, recipe, &Access::default(), &|_| {}).await?;
    Ok(made.outcome.id)
}

/// Builds, pulls or finds the image of a recipe.
async fn had(
    means: Means<'_>,
    recipe: &Recipe,
    access: &Access,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<made::Made, Failure> {
    match recipe.source() {
        Ok(source) => made::make(means, &source, progress).await,
        Err(name) => {
            let (found, origin) = reference(means.docker, name, access).await?;
            Ok(made::Made::found(found.id, origin))
        }
    }
}

/// The image of a Docker action, whose Dockerfile lies in a folder `context`, kept as `tag`:
/// its id, and how it came about, in words. Nothing is looked for inside: it may hold no
/// shell.
///
/// # Errors
/// The failure to be recorded, with the build's own words.
pub(crate) async fn of_action(
    means: Means<'_>,
    (file, context): (&Path, &Path),
    tag: &str,
) -> Result<(String, &'static str), Failure> {
    let source = made::Source {
        file,
        context,
        target: None,
        args: &[],
        tag,
        derived: false,
    };
    // The caches that the settings name are those of the tests' image.
    let options = BuildOptions {
        cache: CacheOptions::default(),
        ..means.options.clone()
    };
    let means = Means {
        options: &options,
        ..means
    };
    let made = made::make(means, &source, &|_| {}).await?;
    Ok((made.outcome.id, made.origin))
}

/// What becomes of an image that nobody needs any more.
pub(crate) fn given_up() -> Failure {
    failed(Cause::Superseded, "the image was not needed any more")
}

/// A build failure without details of a step.
fn failed(cause: Cause, message: impl Into<String>) -> Failure {
    Failure::new(cause, message)
}
