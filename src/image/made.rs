//! The image of a Dockerfile: the one that was built before where nothing changed, else
//! built now.

use std::io;
use std::path::Path;

use super::build::{BuildTool, Request};
use super::ignore::Ignore;
use super::key::Key;
use super::keyed::Keyed;
use super::progress::{BuildOutcome, Vertex};
use super::remembered::Remembered;
use super::verify::Finding;
use super::{Means, attempts, classic, failed};
use crate::record::{Cause, Failure};

/// The folder at the root of a context that seatrial writes its results to. They are
/// nothing of the team's: in the context, every run would make another image.
const OWN_FOLDER: &str = ".seatrial";
/// The usual file of what is left out of a context.
const IGNORE_FILE: &str = ".dockerignore";

/// What an image is built from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// The Dockerfile.
    pub(super) file: &'a Path,
    /// The build context.
    pub(super) context: &'a Path,
    /// The stage; the last one where absent.
    pub(super) target: Option<&'a str>,
    /// Build arguments.
    pub(super) args: &'a [(String, String)],
    /// The name under which the engine keeps the newest result.
    pub(super) tag: &'a str,
    /// Whether the Dockerfile is derived, and nobody's own file.
    pub(super) derived: bool,
}

/// The image and what was done for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Made {
    /// What came of it; without steps where nothing was built.
    pub(super) outcome: BuildOutcome,
    /// How it came about, in words.
    pub(super) origin: &'static str,
    /// Something that the user should know.
    pub(super) notices: Vec<Finding>,
}

impl Made {
    /// An image that was not built.
    pub(super) fn found(id: String, origin: &'static str) -> Self {
        Self {
            outcome: BuildOutcome {
                id,
                ..BuildOutcome::default()
            },
            origin,
            notices: Vec::new(),
        }
    }
}

/// Finds or builds the image.
///
/// # Errors
/// The failure to be recorded, with the build's own words.
pub(super) async fn make(
    means: Means<'_>,
    source: &Source<'_>,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<Made, Failure> {
    let Means {
        docker,
        tool,
        options,
        run,
        cache,
    } = means;
    let name = file_name(source.file);
    let text = std::fs::read_to_string(source.file)
        .map_err(|error| failed(Cause::DockerfileError, format!("{name}: {error}")))?;
    super::check_frontend(&name, &text, source.args, &options.frontends)?;
    let rules = rules(source, tool)?;
    let mut keyed = Keyed::of(docker, tool, source, &text, &rules, cache).await;
    // Another builder has base images of its own.
    keyed.moving |= options.cache.builder.is_some();
    let seen = keyed.seen().await;
    let disguised = seen.as_ref().is_none_or(|seen| seen.disguised);
    let parts = seen.as_ref().map(|seen| keyed.parts(seen));
    let before = seen.map(|seen| seen.key);
    let mut remembered = Remembered::load(&cache.join("images.json"));
    if let Some(key) = &before
        && let Some(id) = remembered.find(key)
        && docker
            .image(&kept_tag(source.tag, key))
            .await
            .is_ok_and(|found| found.id == id)
    {
        // The tag says which one is the newest, and when it was used last.
        let _ = docker.tag(&id, source.tag).await;
        return Ok(Made::found(id, "unchanged"));
    }
    let request = Request {
        file: source.file,
        text: &text,
        rules: &rules,
        context: source.context,
        target: source.target,
        args: source.args,
        tag: source.tag,
        run,
        identity: &keyed.identity(disguised),
        given: &options.given,
        cache: &options.cache,
        derived: source.derived,
    };
    let mut made = Made::default();
    made.outcome = match tool {
        BuildTool::Buildx { .. } => {
            let mut built = attempts::build(docker.address(), tool, &request, progress).await?;
            if built.elsewhere {
                // What it was there may not be what the engine calls it.
                let found = docker.image(source.tag).await;
                built.outcome.id = found.map_err(|error| error.failure())?.id;
            }
            made.notices.extend(built.notices);
            built.outcome
        }
        BuildTool::Engine { reason } => {
            made.notices.push(Finding::warning(format!(
                "{reason}; the image was built by the engine's own builder, without BuildKit's cache and mounts"
            )));
            if options.given != super::Given::default() {
                made.notices.push(Finding::warning(
                    "the engine's own builder gets none of this machine's certificates, mirrors and proxies".to_owned(),
                ));
            }
            if !(options.cache.from.is_empty() && options.cache.to.is_empty()) {
                made.notices.push(Finding::notice(
                    "the engine's own builder takes from no cache of elsewhere and gives to none"
                        .to_owned(),
                ));
            }
            classic::build(docker, &request, progress).await?
        }
    };
    made.origin = if made.outcome.steps == made.outcome.cached {
        "unchanged"
    } else {
        "built"
    };
    // Only where nothing changed meanwhile is it known what the image was built from.
    if let Some(key) = before
        && keyed.seen().await.is_some_and(|seen| seen.key == key)
        && docker
            .tag(&made.outcome.id, &kept_tag(source.tag, &key))
            .await
            .is_ok()
    {
        remembered.add(
            &key,
            &made.outcome.id,
            keyed.moving,
            parts.unwrap_or_default(),
        );
        // Trouble here costs the next run a build, no more.
        let _ = remembered.save();
    }
    Ok(made)
}

/// The tag of the image of one key.
pub(super) fn kept_tag(tag: &str, key: &Key) -> String {
    format!("{tag}-{}", key.short())
}

/// What is left out of a context.
#[derive(Debug)]
pub(super) struct Rules {
    /// The file that says so.
    pub(super) name: String,
    /// As text.
    pub(super) text: String,
    /// As read.
    pub(super) ignore: Ignore,
}

/// The rules of `.dockerignore`, or of `NAME.dockerignore` beside the Dockerfile, which
/// goes before it (not for the engine's own builder), and ours.
pub(super) fn rules(source: &Source<'_>, tool: &BuildTool) -> Result<Rules, Failure> {
    let mut beside = source.file.as_os_str().to_owned();
    beside.push(IGNORE_FILE);
    let beside = match tool {
        BuildTool::Buildx { .. } => read(Path::new(&beside))?,
        BuildTool::Engine { .. } => None,
    };
    let (name, mut text) = match beside {
        Some(text) => (format!("{}{IGNORE_FILE}", file_name(source.file)), text),
        None => (
            IGNORE_FILE.to_owned(),
            read(&source.context.join(IGNORE_FILE))?.unwrap_or_default(),
        ),
    };
    let mut ignore = Ignore::parse(&text);
    if let Some(problem) = ignore.problems().first() {
        return Err(failed(
            Cause::ContextInvalid,
            format!("{name}:{}: {}", problem.line, problem.message),
        ));
    }
    if source.context.join(OWN_FOLDER).is_dir() {
        text = format!("{}\n{OWN_FOLDER}\n", text.trim_end_matches('\n'));
        ignore = ignore.and_without(OWN_FOLDER);
    }
    Ok(Rules { name, text, ignore })
}

/// A file that may be missing. One that cannot be read is an error: taken as empty, it
/// would let secrets into the image.
fn read(file: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(
            Cause::ContextInvalid,
            format!("{} cannot be read: {error}", file_name(file)),
        )),
    }
}

/// The last part of a path, for people.
pub(super) fn file_name(file: &Path) -> String {
    file.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
