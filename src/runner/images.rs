//! The images of a run: each is made once, by whichever leg needs it first.

mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::docker::{Docker, ImageInfo};
use crate::image::{
    self, Access, BuildOptions, BuildTool, Expected, Facts, Image, Means, Recipe, Vertex,
};
use crate::plan::{Derived, ImageNeed};
use crate::record::{Cause, EventKind, Failure, ImageRecord, Level};

use super::bus::Bus;
use super::derived;
use told::Told;

/// The way around a derived Dockerfile.
const DERIVED: &str =
    "hint: with --no-derive the workflow's set-up steps are run in the job instead";

/// By what is wanted and by who pulls it.
type Slots<K, T> = Mutex<BTreeMap<(K, String), Making<T>>>;
/// An image that is being made, or was. Whoever waits for it may stop waiting: the making
/// goes on for the others.
type Making<T> = Shared<BoxFuture<'static, Result<T, Failure>>>;

/// What image a leg wants: what it is, or stands on, and what its set-up steps make of
/// that.
type Wanted = (ImageNeed, Option<Arc<Derived>>);

/// Where images come from.
pub(crate) struct Images {
    origin: Origin,
    slots: Slots<Wanted, Arc<Image>>,
    /// Images of services and Docker actions, by their name.
    services: Slots<String, ImageInfo>,
    /// What is being made.
    tasks: TaskTracker,
    /// Tells that nobody needs it any more.
    given_up: CancellationToken,
}

enum Origin {
    /// A container engine.
    Engine(Arc<Maker>),
    /// A container engine for what runs beside jobs on this machine.
    Beside(Arc<Maker>),
    /// No images: jobs run on this machine, or in a test.
    None(Option<Box<Facts>>),
}

/// The repository whose tests are run.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    /// `owner/name`.
    pub(crate) name: String,
    /// The checkout.
    pub(crate) root: PathBuf,
}

/// What images are made with.
struct Maker {
    docker: Docker,
    /// The architecture of the engine's machine.
    arch: String,
    tool: BuildTool,
    /// The recipe of the tests' own image, whether or not a leg runs in it.
    dockerfile: Option<Recipe>,
    repository: Repository,
    options: BuildOptions,
    /// What the workflow expects of it.
    expected: Expected,
    run: String,
    cache: PathBuf,
    /// Whether an image was built.
    has_built: AtomicBool,
    /// What was said of other machines, which several images have in common.
    told: Mutex<BTreeSet<String>>,
}

impl Images {
    /// Images of a container engine.
    pub(crate) fn of_engine(
        (docker, arch): (Docker, String),
        tool: BuildTool,
        (dockerfile, expected): (Option<Recipe>, Expected),
        repository: Repository,
        options: BuildOptions,
        run: String,
        cache: PathBuf,
    ) -> Self {
        Self::of(Origin::Engine(Arc::new(Maker {
            docker,
            arch,
            tool,
            dockerfile,
            repository,
            options,
            expected,
            run,
            cache,
            has_built: AtomicBool::new(false),
            told: Mutex::default(),
        })))
    }

    /// The same for jobs on this machine: images only of what runs beside them.
    pub(crate) fn beside(self) -> Self {
        match self.origin {
            Origin::Engine(maker) => Self::of(Origin::Beside(maker)),
            origin => Self::of(origin),
        }
    }

    fn maker(&self) -> Option<&Arc<Maker>> {
        match &self.origin {
            Origin::Engine(maker) | Origin::Beside(maker) => Some(maker),
            Origin::None(_) => None,
        }
    }

    /// No images, with the facts that legs are to see.
    pub(crate) fn none(facts: Option<Facts>) -> Self {
        Self::of(Origin::None(facts.map(Box::new)))
    }

    fn of(origin: Origin) -> Self {
        Self {
            origin,
            slots: Mutex::default(),
            services: Mutex::default(),
            tasks: TaskTracker::new(),
            given_up: CancellationToken::new(),
        }
    }

    /// The image for a need: made now, or what it was when it was made.
    pub(super) async fn get(
        &self,
        need: &ImageNeed,
        derived: Option<&Arc<Derived>>,
        access: &Access,
        bus: &Arc<Bus>,
    ) -> Result<Option<Arc<Image>>, Failure> {
        let maker = match &self.origin {
            Origin::None(None) | Origin::Beside(_) => return Ok(None),
            Origin::None(Some(facts)) => {
                return Ok(Some(Arc::new(Image {
                    id: "none".to_owned(),
                    origin: String::new(),
                    steps: 0,
                    cached: 0,
                    sent: 0,
                    cache: None,
                    facts: Facts::clone(facts),
                    notices: Vec::new(),
                })));
            }
            Origin::Engine(maker) => Arc::clone(maker),
        };
        let wanted: Wanted = (need.clone(), derived.cloned());
        let key = (wanted.clone(), access.user().to_owned());
        let (access, bus) = (access.clone(), Arc::clone(bus));
        let given_up = self.given_up.clone();
        self.once(&self.slots, key, async move {
            maker.make(&wanted, &access, &bus, &given_up).await
        })
        .await
        .map(Some)
    }

    /// The image of a service. Nothing is looked for inside: it may hold no shell.
    pub(super) async fn service(
        &self,
        name: &str,
        access: &Access,
        bus: &Arc<Bus>,
    ) -> Result<ImageInfo, Failure> {
        let Some(maker) = self.maker() else {
            return Ok(ImageInfo {
                id: name.to_owned(),
                ..ImageInfo::default()
            });
        };
        let (maker, wanted, access) = (Arc::clone(maker), name.to_owned(), access.clone());
        let key = (name.to_owned(), access.user().to_owned());
        self.found(key, name, bus, async move {
            image::reference(&maker.docker, &wanted, &access).await
        })
        .await
    }

    /// The image of the Docker action that `uses` names, built from its Dockerfile once in a run.
    pub(super) async fn action(
        &self,
        uses: &str,
        file: &Path,
        context: &Path,
        bus: &Arc<Bus>,
    ) -> Result<String, Failure> {
        let name = format!("action {uses}");
        let Some(maker) = self.maker() else {
            return Ok(name);
        };
        let tag = format!(
            "seatrial/action:{}",
            crate::record::slug(uses).replace("..", "-")
        );
        let maker = Arc::clone(maker);
        let (file, context) = (file.to_path_buf(), context.to_path_buf());
        let key = (name.clone(), String::new());
        self.found(key, &name, bus, async move {
            let (id, origin) = image::of_action(maker.means(), (&file, &context), &tag).await?;
            let found = ImageInfo {
                id,
                ..ImageInfo::default()
            };
            Ok((found, origin))
        })
        .await
        .map(|info| info.id)
    }

    /// Ends what nobody waits for any more: no leg is left that could. Where something was
    /// built, old images go.
    pub(super) async fn finish(&self, bus: &Bus) {
        self.given_up.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        if let Origin::Engine(maker) = &self.origin
            && maker.has_built.load(Ordering::Relaxed)
        {
            maker.tidy_up(bus).await;
        }
    }

    /// An image in which nothing is looked for.
    async fn found(
        &self,
        key: (String, String),
        name: &str,
        bus: &Arc<Bus>,
        find: impl Future<Output = Result<(ImageInfo, &'static str), Failure>> + Send + 'static,
    ) -> Result<ImageInfo, Failure> {
        let (name, bus) = (name.to_owned(), Arc::clone(bus));
        let given_up = self.given_up.clone();
        self.once(&self.services, key, async move {
            let begun = started(&name, &bus);
            let found = given_up.run_until_cancelled(find).await;
            let mut record = record_of(&name, begun);
            let found = found.unwrap_or_else(|| Err(image::given_up()));
            match &found {
                Ok((info, origin)) => {
                    record.id.clone_from(&info.id);
                    (*origin).clone_into(&mut record.origin);
                }
                Err(failure) => fail(&mut record, failure),
            }
            bus.emit(EventKind::ImageFinished(record));
            found.map(|(info, _)| info)
        })
        .await
    }

    /// The making of an image, begun here where that was not done before: a task of its
    /// own, so that it does not end with whoever asked first.
    fn once<K: Ord, T: Clone + Send + Sync + 'static>(
        &self,
        slots: &Slots<K, T>,
        key: (K, String),
        make: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Making<T> {
        let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
        let making = slots.entry(key).or_insert_with(|| {
            let task = self.tasks.spawn(make);
            let made = async move {
                task.await.unwrap_or_else(|_| {
                    let message = "the making of an image ended without a result";
                    Err(Failure::new(Cause::Invariant, message))
                })
            };
            made.boxed().shared()
        });
        making.clone()
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

impl Maker {
    fn means(&self) -> Means<'_> {
        Means {
            docker: &self.docker,
            tool: &self.tool,
            options: &self.options,
            run: &self.run,
            cache: &self.cache,
        }
    }

    /// Says what is for another machine than the engine's, while nothing has failed of it yet.
    async fn tell_of_other_machines(&self, recipe: &Recipe, bus: &Bus) {
        for found in image::foreign(self.means(), &self.arch, recipe).await {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.insert(found.message.clone()) {
                bus.notice(found.level, None, found.message);
            }
        }
    }

    /// Removes images of old keys. Trouble with it changes nothing about the run.
    async fn tidy_up(&self, bus: &Bus) {
        let keep = self.options.keep.after_a_run();
        match image::prune(&self.docker, Some(&self.repository.name), keep, false).await {
            Ok(gone) if gone.is_empty() => {}
            Ok(gone) => {
                let names: Vec<String> = gone.into_iter().flat_map(|image| image.names).collect();
                let message = format!("removed old images: {}", names.join(", "));
                bus.notice(Level::Notice, None, message);
            }
            Err(error) => {
                let message = format!("old images could not be removed: {error}");
                bus.notice(Level::Notice, None, message);
            }
        }
    }

    async fn make(
        &self,
        (need, derived): &Wanted,
        access: &Access,
        bus: &Arc<Bus>,
        given_up: &CancellationToken,
    ) -> Result<Arc<Image>, Failure> {
        let any = match need {
            ImageNeed::AnyPython | ImageNeed::Any => Some(first_there(&self.docker, need).await),
            _ => None,
        };
        let recipe = match (need, &self.dockerfile) {
            _ if let Some(derived) = derived => {
                derived::recipe(derived, any.as_deref(), &self.repository, &self.cache)?
            }
            (ImageNeed::Dockerfile { python }, Some(recipe)) => {
                recipe.with_python(python.as_deref())
            }
            (ImageNeed::Base(name) | ImageNeed::Named(name), _) => Recipe::Reference(name.clone()),
            (ImageNeed::AnyPython | ImageNeed::Any, _) => {
                Recipe::Reference(any.unwrap_or_default())
            }
            (ImageNeed::Dockerfile { .. }, None) => {
                return Err(Failure::new(
                    Cause::Invariant,
                    "an image is needed and none was planned",
                ));
            }
        };
        let name = recipe.name();
        let begun = started(&name, bus);
        self.tell_of_other_machines(&recipe, bus).await;
        let told = Told::new(&name, bus);
        let progress = |vertex: &Vertex| told.vertex(vertex);
        let made = image::ensure(
            self.means(),
            &recipe,
            access,
            matches!(need, ImageNeed::Dockerfile { .. }).then_some(&self.expected),
            given_up,
            &progress,
        )
        .await;
        let mut record = record_of(&name, begun);
        record.build = told.steps();
        match made {
            Ok(image) => {
                record.sent = image.sent;
                if image.steps > 0 {
                    self.has_built.store(true, Ordering::Relaxed);
                }
                record.id.clone_from(&image.id);
                record.origin.clone_from(&image.origin);
                record.steps = image.steps;
                record.cached = image.cached;
                record.cache = image.cache;
                record.bytes = image.facts.bytes;
                bus.emit(EventKind::ImageFinished(record));
                let stale = match (need, &self.dockerfile) {
                    (ImageNeed::Named(name), Some(own)) => {
                        image::stale(self.means(), name, own).await
                    }
                    _ => None,
                };
                for found in image.notices.iter().chain(&stale) {
                    bus.notice(found.level, None, found.message.clone());
                }
                Ok(Arc::new(image))
            }
            Err(mut failure) => {
                if derived.is_some() && failure.cause == Cause::BuildStepFailed {
                    failure = failure.with_evidence(DERIVED);
                }
                fail(&mut record, &failure);
                bus.emit(EventKind::ImageFinished(record));
                Err(failure)
            }
        }
    }
}

fn started(name: &str, bus: &Bus) -> Instant {
    bus.emit(EventKind::ImageStarted {
        image: name.to_owned(),
    });
    Instant::now()
}

/// Notes why there is no image. That nobody needs it any more is no failure.
fn fail(record: &mut ImageRecord, failure: &Failure) {
    if *failure == image::given_up() {
        "not needed any more".clone_into(&mut record.origin);
    } else {
        record.failure = Some(failure.clone());
    }
}

fn record_of(name: &str, begun: Instant) -> ImageRecord {
    ImageRecord {
        name: name.to_owned(),
        id: String::new(),
        origin: String::new(),
        millis: millis(begun),
        finished_at: None,
        steps: 0,
        cached: 0,
        sent: 0,
        build: Vec::new(),
        cache: None,
        bytes: None,
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
    let name = image::image_name(repository);
    let stage = crate::record::slug(target.as_deref().unwrap_or("tests"));
    Recipe::Dockerfile {
        file,
        context,
        target,
        args,
        tag: format!("{name}:{stage}"),
        derived: false,
    }
}
