//! The images of a scan: found on the engine, built or read from a file, and looked at.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Scope;
use crate::cli::engine;
use crate::cli::error::CliError;
use crate::docker::Docker;
use crate::image::{self, Access, BuildTool, Means, Recipe};
use crate::plan::Derived;
use crate::record::{Cause, Failure};
use crate::runner::{HOME, Repository, derived_recipe};
use crate::scan::{self, FilePlace, Finding, Image, Origin, Target};
use crate::settings;

/// Where an image comes from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// A file that `docker save` wrote.
    File(PathBuf),
    /// The engine, else a registry.
    Image(String),
    /// The first of these that the engine has, else the first of all.
    FirstOf(Vec<String>),
    /// It is built.
    Recipe(Recipe),
    /// It is derived from set-up steps, and built.
    Derived {
        /// What is derived.
        derived: Arc<Derived>,
        /// Images that it may stand on, where that is open.
        bases: Vec<String>,
        /// The repository.
        repository: Repository,
    },
}

/// An image that is to be scanned.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// How it is called in the result.
    pub(super) name: String,
    /// Where it comes from.
    pub(super) source: Source,
    /// The file of the repository that stands for it.
    pub(super) file: Option<FilePlace>,
    /// What is known of it from elsewhere.
    pub(super) origin: Origin,
}

impl Subject {
    /// A file.
    pub(super) fn of_file(path: &Path) -> Self {
        Self {
            name: path.display().to_string(),
            source: Source::File(path.to_path_buf()),
            file: None,
            origin: Origin::default(),
        }
    }

    /// An image of the engine.
    pub(super) fn of_image(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            source: Source::Image(name.to_owned()),
            file: None,
            origin: Origin::default(),
        }
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// The images.
    pub(super) targets: Vec<Target>,
    /// Findings without their levels.
    pub(super) findings: Vec<Finding>,
    /// What could not be understood.
    pub(super) notices: Vec<String>,
}

/// Reads the images and looks at them.
pub(super) async fn look(
    scope: &Scope<'_>,
    subjects: &[Subject],
    scanned: &mut Scanned,
) -> Result<(), CliError> {
    let mut docker = None;
    for subject in subjects {
        let (image, id, name) = match &subject.source {
            Source::File(path) => {
                let file = std::fs::File::open(path).map_err(|error| {
                    CliError::new(Cause::PathInvalid, format!("{}: {error}", path.display()))
                })?;
                let reader = std::io::BufReader::with_capacity(1 << 20, file);
                let image = read(Box::new(reader), &subject.name).await?;
                (image, String::new(), subject.name.clone())
            }
            source => {
                let docker = match &docker {
                    Some(docker) => docker,
                    None => docker.insert(engine::connect(scope.app).await?.0),
                };
                let (id, name) = find(scope, docker, source, &subject.name).await?;
                // By its id: a tag may move meanwhile.
                let stream = docker.save(&id).await?.ok_or_else(|| {
                    CliError::new(
                        Cause::EngineError,
                        format!("the engine gave nothing of the image `{name}`"),
                    )
                })?;
                (read(stream, &name).await?, id, name)
            }
        };
        scanned
            .findings
            .extend(scan::check_image(&image, &subject.origin, &scope.policy));
        scanned.notices.extend(image.notices.clone());
        scanned.targets.push(Target {
            bytes: scan::size(&image),
            created_by: image.layers,
            os: image.os,
            packages: image.packages,
            file: subject.file.clone(),
            name,
            id,
        });
    }
    Ok(())
}

/// Reads an image on a thread of its own.
async fn read(reader: Box<dyn std::io::Read + Send>, name: &str) -> Result<Image, CliError> {
    let owned = name.to_owned();
    let read = tokio::task::spawn_blocking(move || scan::read_archive(reader, &owned)).await;
    match read {
        Ok(Ok(image)) => Ok(image),
        Ok(Err(error)) => {
            let cause = match error.kind() {
                std::io::ErrorKind::InvalidData => Cause::ImageUnusable,
                std::io::ErrorKind::TimedOut => Cause::EngineUnresponsive,
                _ => Cause::EngineError,
            };
            Err(CliError::new(
                cause,
                format!("the image `{name}` cannot be read: {error}"),
            ))
        }
        Err(_) => Err(CliError::new(
            Cause::Invariant,
            "the reader of images did not come to an end",
        )),
    }
}

/// The id of an image, and its name, which may be known only now.
async fn find(
    scope: &Scope<'_>,
    docker: &Docker,
    source: &Source,
    name: &str,
) -> Result<(String, String), CliError> {
    match source {
        Source::Recipe(recipe) => {
            let id = build(scope, docker, recipe).await?;
            Ok((id, name.to_owned()))
        }
        Source::Derived {
            derived,
            bases,
            repository,
        } => {
            let there = first_there(docker, bases).await;
            let base = there
                .map(|(_, name)| name)
                .or_else(|| bases.first().cloned());
            let recipe = derived_recipe(derived, base.as_deref(), repository, &cache(scope))
                .map_err(of_failure)?;
            let id = build(scope, docker, &recipe).await?;
            let name = match recipe {
                Recipe::Dockerfile { tag, .. } => tag,
                Recipe::Reference(name) => name,
            };
            Ok((id, name))
        }
        Source::FirstOf(names) => match first_there(docker, names).await {
            Some(found) => Ok(found),
            None => get(docker, name).await,
        },
        Source::Image(name) => get(docker, name).await,
        // A file was read already.
        Source::File(_) => get(docker, name).await,
    }
}

/// The id and name of the first of some images that the engine has.
async fn first_there(docker: &Docker, names: &[String]) -> Option<(String, String)> {
    for name in names {
        if let Ok(found) = docker.image(name).await {
            return Some((found.id, name.clone()));
        }
    }
    None
}

async fn get(docker: &Docker, name: &str) -> Result<(String, String), CliError> {
    let access = Access::default();
    let (found, _) = image::reference(docker, name, &access)
        .await
        .map_err(of_failure)?;
    Ok((found.id, name.to_owned()))
}

/// Builds the tests' image, as a run does: an unchanged one is there already.
async fn build(scope: &Scope<'_>, docker: &Docker, recipe: &Recipe) -> Result<String, CliError> {
    let environment = &scope.app.environment;
    let tool = BuildTool::find(environment.which("docker"), environment.docker_platform()).await;
    let run = format!("scan-{}", std::process::id());
    let name = recipe.name();
    scope
        .app
        .out
        .say(&format!("building {name} where it has changed"));
    let mut options = scope.file.build_options();
    let flags = scope.args.flags().cache;
    options.cache = settings::caches(&flags, scope.root.as_deref(), environment, &scope.file)?;
    options.given = settings::given_by_file(scope.root.as_deref(), environment, &scope.file)?;
    let means = Means {
        docker,
        tool: &tool,
        options: &options,
        run: &run,
        cache: &cache(scope),
    };
    image::of_recipe(means, recipe).await.map_err(of_failure)
}

/// What runs remember of images, or a place beside: a scan changes nothing in a tree.
fn cache(scope: &Scope<'_>) -> PathBuf {
    scope
        .root
        .as_ref()
        .map(|root| root.join(HOME))
        .filter(|home| std::fs::symlink_metadata(home).is_ok_and(|meta| meta.is_dir()))
        .unwrap_or_else(|| scope.app.environment.cache())
        .join("cache")
}

fn of_failure(failure: Failure) -> CliError {
    CliError::new(failure.cause, failure.message).with_details(failure.evidence)
}
