//! The images of a run: each is made once, by whichever leg needs it first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Mutex, OnceCell};

use crate::docker::{Docker, ImageInfo};
use crate::image::{self, Access, BuildTool, Facts, Image, Recipe, Vertex};
use crate::plan::ImageNeed;
use crate::record::{EventKind, Failure, ImageRecord, Level};

use super::bus::Bus;

/// By what is wanted and by who pulls it.
type Slots<K, T> = BTreeMap<(K, String), Slot<T>>;
type Slot<T> = Arc<OnceCell<Result<T, Failure>>>;

/// Where images come from.
pub(crate) struct Images {
    origin: Origin,
    slots: Mutex<Slots<ImageNeed, Arc<Image>>>,
    /// Images of services, by their name.
    services: Mutex<Slots<String, ImageInfo>>,
}

enum Origin {
    /// A container engine, with the recipe of the tests' own image.
    Engine {
        docker: Docker,
        tool: BuildTool,
        dockerfile: Option<Recipe>,
        run: String,
        cache: PathBuf,
    },
    /// No images: jobs run on this machine, or in a test.
    None(Option<Facts>),
}

impl Images {
    /// Images of a container engine.
    pub(crate) fn of_engine(
        docker: Docker,
        tool: BuildTool,
        dockerfile: Option<Recipe>,
        run: String,
        cache: PathBuf,
    ) -> Self {
        Self {
            origin: Origin::Engine {
                docker,
                tool,
                dockerfile,
                run,
                cache,
            },
            slots: Mutex::default(),
            services: Mutex::default(),
        }
    }

    /// No images, with the facts that legs are to see.
    pub(crate) fn none(facts: Option<Facts>) -> Self {
        Self {
            origin: Origin::None(facts),
            slots: Mutex::default(),
            services: Mutex::default(),
        }
    }

    /// The image for a need: made now, or what it was when it was made.
    pub(super) async fn get(
        &self,
        need: &ImageNeed,
        access: &Access,
        bus: &Bus,
    ) -> Result<Option<Arc<Image>>, Failure> {
        let (docker, tool, dockerfile, run, cache) = match &self.origin {
            Origin::None(None) => return Ok(None),
            Origin::None(Some(facts)) => {
                return Ok(Some(Arc::new(Image {
                    id: "none".to_owned(),
                    origin: String::new(),
                    steps: 0,
                    cached: 0,
                    facts: facts.clone(),
                    notices: Vec::new(),
                })));
            }
            Origin::Engine {
                docker,
                tool,
                dockerfile,
                run,
                cache,
            } => (docker, tool, dockerfile, run, cache),
        };
        let slot = {
            let mut slots = self.slots.lock().await;
            let key = (need.clone(), access.user().to_owned());
            Arc::clone(slots.entry(key).or_default())
        };
        slot.get_or_init(|| async {
            let recipe = match (need, dockerfile) {
                (ImageNeed::Dockerfile, Some(recipe)) => recipe.clone(),
                (ImageNeed::Base(name) | ImageNeed::Named(name), _) => {
                    Recipe::Reference(name.clone())
                }
                (ImageNeed::AnyPython | ImageNeed::Any, _) => {
                    Recipe::Reference(first_there(docker, need).await)
                }
                (ImageNeed::Dockerfile, None) => {
                    return Err(Failure::new(
                        crate::record::Cause::Invariant,
                        "an image is needed and none was planned",
                    ));
                }
            };
            make(docker, tool, &recipe, access, run, cache, bus).await
        })
        .await
        .clone()
        .map(Some)
    }

    /// The image of a service. Nothing is looked for inside: it may hold no shell.
    pub(super) async fn service(
        &self,
        name: &str,
        access: &Access,
        bus: &Bus,
    ) -> Result<ImageInfo, Failure> {
        let Origin::Engine { docker, .. } = &self.origin else {
            return Ok(ImageInfo {
                id: name.to_owned(),
                ..ImageInfo::default()
            });
        };
        let slot = {
            let mut slots = self.services.lock().await;
            let key = (name.to_owned(), access.user().to_owned());
            Arc::clone(slots.entry(key).or_default())
        };
        slot.get_or_init(|| async {
            bus.emit(EventKind::ImageStarted {
                image: name.to_owned(),
            });
            let begun = Instant::now();
            let found = image::reference(docker, name, access).await;
            let mut record = record_of(name, begun);
            match &found {
                Ok((info, origin)) => {
                    record.id.clone_from(&info.id);
                    (*origin).clone_into(&mut record.origin);
                }
                Err(failure) => record.failure = Some(failure.clone()),
            }
            bus.emit(EventKind::ImageFinished(record));
            found.map(|(info, _)| info)
        })
        .await
        .clone()
    }
}

impl Images {
    /// The image of the Docker action that `uses` names, built from its Dockerfile once in a run.
    pub(super) async fn action(
        &self,
        uses: &str,
        file: &Path,
        context: &Path,
        bus: &Bus,
    ) -> Result<String, Failure> {
        let name = format!("action {uses}");
        let Origin::Engine {
            docker, tool, run, ..
        } = &self.origin
        else {
            return Ok(name);
        };
        let slot = {
            let mut slots = self.services.lock().await;
            Arc::clone(slots.entry((name.clone(), String::new())).or_default())
        };
        let built = slot.get_or_init(|| async {
            bus.emit(EventKind::ImageStarted {
                image: name.clone(),
            });
            let begun = Instant::now();
            let tag = format!(
                "seatrial/action:{}",
                crate::record::slug(uses).replace("..", "-")
            );
            let request = image::Request {
                file,
                context,
                target: None,
                args: &[],
                tag: &tag,
                run,
            };
            let built = image::of_action(docker, tool, &request, &|_| {}).await;
            let mut record = record_of(&name, begun);
            match &built {
                Ok(id) => {
                    record.id.clone_from(id);
                    "built".clone_into(&mut record.origin);
                }
                Err(failure) => record.failure = Some(failure.clone()),
            }
            bus.emit(EventKind::ImageFinished(record));
            built.map(|id| ImageInfo {
                id,
                ..ImageInfo::default()
            })
        });
        built.await.clone().map(|info| info.id)
    }
}

/// The best of the images that will do which the engine has; the best of all where it
/// has none of them.
async fn first_there(docker: &Docker, need: &ImageNeed) -> String {
    let candidates = need.candidates();
    for name in candidates {
        if docker.image(name).await.is_ok() {
            return (*name).to_owned();
        }
    }
    candidates
        .first()
        .map_or_else(String::new, ToString::to_string)
}

async fn make(
    docker: &Docker,
    tool: &BuildTool,
    recipe: &Recipe,
    access: &Access,
    run: &str,
    cache: &Path,
    bus: &Bus,
) -> Result<Arc<Image>, Failure> {
    let name = recipe.name();
    bus.emit(EventKind::ImageStarted {
        image: name.clone(),
    });
    let begun = Instant::now();
    let progress = |vertex: &Vertex| {
        if vertex.completed
            && vertex.name.starts_with('[')
            && !vertex.name.starts_with("[internal]")
        {
            bus.emit(EventKind::ImageStep {
                image: name.clone(),
                name: vertex.name.clone(),
                cached: vertex.cached,
                millis: vertex.millis,
            });
        }
    };
    let made = image::ensure(docker, tool, recipe, access, run, cache, &progress).await;
    let mut record = record_of(&name, begun);
    match made {
        Ok(image) => {
            record.id.clone_from(&image.id);
            record.origin.clone_from(&image.origin);
            record.steps = image.steps;
            record.cached = image.cached;
            bus.emit(EventKind::ImageFinished(record));
            for notice in &image.notices {
                bus.notice(Level::Warning, None, notice.clone());
            }
            Ok(Arc::new(image))
        }
        Err(failure) => {
            record.failure = Some(failure.clone());
            bus.emit(EventKind::ImageFinished(record));
            Err(failure)
        }
    }
}

fn record_of(name: &str, begun: Instant) -> ImageRecord {
    ImageRecord {
        name: name.to_owned(),
        id: String::new(),
        origin: String::new(),
        millis: millis(begun),
        steps: 0,
        cached: 0,
        failure: None,
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The recipe of the tests' image for a Dockerfile of the repository.
pub(crate) fn dockerfile_recipe(
    file: PathBuf,
    context: PathBuf,
    target: Option<String>,
    args: Vec<(String, String)>,
    repository: &str,
) -> Recipe {
    let name = crate::record::slug(repository.rsplit('/').next().unwrap_or("tests"));
    let stage = crate::record::slug(target.as_deref().unwrap_or("tests"));
    Recipe::Dockerfile {
        file,
        context,
        target,
        args,
        tag: format!("seatrial/{}:{stage}", name.trim_matches(['_', '.', '-'])),
    }
}
