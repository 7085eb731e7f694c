//! Building with BuildKit, through `docker buildx build`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;

use super::attempts::Way;
use super::cache::{CacheOptions, CacheWork};
use super::made::Rules;
use super::progress::{BuildProgress, Vertex};
use super::{Given, failed};
use crate::docker::{LABEL_IMAGE, RUN_VARIABLE};
use crate::plan::{CA_SECRET, WithSecrets, with_secrets};
use crate::record::{Cause, Failure};

/// Longest that a build may take, with all its attempts.
pub(super) const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What builds images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildTool {
    /// The `docker` command with its buildx plugin.
    Buildx {
        /// Absolute path of the `docker` command.
        docker: PathBuf,
        /// Another platform than the engine's own (`DOCKER_DEFAULT_PLATFORM`).
        platform: Option<String>,
    },
    /// The engine's own builder, because buildx cannot be had.
    Engine {
        /// Why, for the notice.
        reason: String,
    },
}

/// What is to be built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    /// The Dockerfile, which gives the build its name.
    pub(super) file: &'a Path,
    /// What is in it.
    pub(super) text: &'a str,
    /// What is left out of the context.
    pub(super) rules: &'a Rules,
    /// The build context.
    pub(super) context: &'a Path,
    /// The stage; the last one where absent.
    pub(super) target: Option<&'a str>,
    /// Build arguments.
    pub(super) args: &'a [(String, String)],
    /// The name of the result.
    pub(super) tag: &'a str,
    /// The run that builds.
    pub(super) run: &'a str,
    /// A folder of buildx's own settings: by the number that it keeps there, BuildKit knows
    /// again what it fetched of a context before.
    pub(super) identity: &'a Path,
    /// What of this machine it gets.
    pub(super) given: &'a Given,
    /// Caches of elsewhere.
    pub(super) cache: &'a CacheOptions,
    /// Whether the Dockerfile is derived, so that its commands take the secrets.
    pub(super) derived: bool,
}

impl Request<'_> {
    /// What is built: of somebody's own Dockerfile every letter as it is.
    fn built(&self) -> WithSecrets {
        let secrets = if self.derived {
            self.given.secrets()
        } else {
            Vec::new()
        };
        with_secrets(self.text, &secrets)
    }
}

impl BuildTool {
    /// One that stands for buildx where nothing is built.
    pub(super) fn any() -> Self {
        Self::Buildx {
            docker: PathBuf::new(),
            platform: None,
        }
    }

    /// Its name, for keys.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Buildx { .. } => "buildx",
            Self::Engine { .. } => "engine",
        }
    }

    /// The platform that it builds for, where that is not the engine's own.
    pub(super) fn platform(&self) -> Option<&str> {
        match self {
            Self::Buildx { platform, .. } => platform.as_deref(),
            Self::Engine { .. } => None,
        }
    }

    /// Looks for buildx, which is to build for this platform.
    pub(crate) async fn find(docker_command: Option<PathBuf>, platform: Option<String>) -> Self {
        let Some(docker) = docker_command else {
            return Self::Engine {
                reason: "the `docker` command is not installed".to_owned(),
            };
        };
        let version = tokio::process::Command::new(&docker)
            .args(["buildx", "version"])
            .stdin(Stdio::null())
            .output()
            .await;
        match version {
            Ok(output) if output.status.success() => Self::Buildx { docker, platform },
            _ => Self::Engine {
                reason: "the buildx plugin is not installed".to_owned(),
            },
        }
    }
}

/// One build, successful or not.
#[derive(Debug)]
pub(super) struct Attempt {
    /// What was seen of it.
    pub(super) seen: BuildProgress,
    /// How it ended.
    pub(super) end: End,
    /// What it did for caches when it was given up, and for how long.
    pub(super) busy: Option<(CacheWork, Duration)>,
}

/// How a build ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// With an image of this id.
    Built(String),
    /// With a failure, whoever's that is.
    Failed,
    /// It was given up: this took too long.
    Slow(CacheWork),
}

/// Builds once with buildx, on the engine at an `address`, until a point in time at most;
/// `progress` hears of every step that begins or ends.
///
/// # Errors
/// It cannot be started, or takes too long as a whole.
pub(super) async fn once(
    address: &str,
    tool: &BuildTool,
    request: &Request<'_>,
    way: &Way,
    until: Instant,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<Attempt, Failure> {
    let WithSecrets { text, added } = request.built();
    let staged = stage(request, &text).map_err(|error| {
        failed(
            Cause::OutputWriteFailed,
            format!("no temporary file can be made: {error}"),
        )
    })?;
    let ids = staged.folder.path().join("image-id");
    let mut command = command(address, tool, request, way)?;
    command
        .arg("--iidfile")
        .arg(&ids)
        .arg("--file")
        .arg(&staged.dockerfile)
        .arg(request.context);
    let mut child = command.spawn().map_err(|error| {
        failed(
            Cause::EngineError,
            format!("`docker buildx build` cannot be started: {error}"),
        )
    })?;
    let mut group = Group::of(&child);
    let mut seen = BuildProgress::without(added, request.given.hidden.clone());
    let mut busy: Option<(CacheWork, Instant)> = None;
    let too_long = |_| {
        failed(
            Cause::BuildTimeout,
            format!(
                "the image was not built within {} min",
                LIMIT.as_secs() / 60
            ),
        )
    };
    if let Some(mut stderr) = child.stderr.take() {
        let mut buffer = vec![0u8; 64 * 1024];
        loop {
            let enough = busy.map(|(work, since)| (work, since + request.cache.limits.of(work)));
            let next = enough.map_or(until, |(_, enough)| enough.min(until));
            let read = tokio::time::timeout_at(next.into(), stderr.read(&mut buffer)).await;
            let count = match (read, busy) {
                (Ok(Ok(count)), _) if count > 0 => count,
                (Ok(_), _) => break,
                (Err(_), Some((work, since))) if Instant::now() < until => {
                    return Ok(Attempt {
                        seen,
                        end: End::Slow(work),
                        busy: Some((work, since.elapsed())),
                    });
                }
                (Err(late), _) => return Err(too_long(late)),
            };
            seen.push(buffer.get(..count).unwrap_or_default(), progress);
            busy = seen.cache_work().map(|work| match busy {
                Some((before, since)) if before == work => (work, since),
                _ => (work, Instant::now()),
            });
        }
    }
    let status = tokio::time::timeout_at(until.into(), child.wait())
        .await
        .map_err(too_long)?;
    // From now on its number may be somebody else's.
    group.0 = None;
    let status = status.map_err(|error| failed(Cause::EngineError, error.to_string()))?;
    let end = if status.success() {
        let id = std::fs::read_to_string(&ids)
            .map(|text| text.trim().to_owned())
            .unwrap_or_default();
        if id.is_empty() {
            return Err(failed(
                Cause::EngineError,
                "buildx reported success and no image",
            ));
        }
        End::Built(id)
    } else {
        End::Failed
    };
    Ok(Attempt {
        seen,
        end,
        busy: None,
    })
}

/// The command without its files.
fn command(
    address: &str,
    tool: &BuildTool,
    request: &Request<'_>,
    way: &Way,
) -> Result<tokio::process::Command, Failure> {
    let BuildTool::Buildx { docker, platform } = tool else {
        return Err(failed(
            Cause::Invariant,
            "buildx was asked for without buildx",
        ));
    };
    let mut command = tokio::process::Command::new(docker);
    command
        .args(["buildx", "build", "--builder"])
        .arg(way.builder.as_deref().unwrap_or("default"))
        .args(["--load", "--progress", "rawjson", "--provenance", "false"])
        .args(["--tag", request.tag])
        .arg("--label")
        .arg(format!("{LABEL_IMAGE}={}", request.tag))
        .env("DOCKER_HOST", address)
        // By it the build is found and ended when seatrial was killed.
        .env(RUN_VARIABLE, request.run)
        .env("BUILDX_CONFIG", request.identity)
        .env_remove("DOCKER_CONTEXT")
        .env_remove("BUILDX_BUILDER")
        .env_remove("DOCKER_DEFAULT_PLATFORM")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(platform) = platform {
        command.args(["--platform", platform]);
    }
    // Not the terminal's group: Ctrl-C is for seatrial, which then ends the build.
    #[cfg(unix)]
    command.process_group(0);
    if let Some(target) = request.target {
        command.args(["--target", target]);
    }
    for (name, value) in request.args {
        command.arg("--build-arg").arg(format!("{name}={value}"));
    }
    for from in &way.from {
        command.arg("--cache-from").arg(from.to_string());
    }
    for to in &way.to {
        command.arg("--cache-to").arg(to.to_string());
    }
    give(&mut command, request.given);
    Ok(command)
}

/// A Dockerfile with the rules of its context beside it.
struct Staged {
    folder: tempfile::TempDir,
    dockerfile: PathBuf,
}

/// Hands over what of this machine the build gets. Only names stand among the arguments, which
/// others on this machine can list; values are read from the environment.
fn give(command: &mut tokio::process::Command, given: &Given) {
    if let Some(ca) = &given.ca {
        let mut secret = std::ffi::OsString::from(format!("id={CA_SECRET},src="));
        secret.push(ca);
        command.arg("--secret").arg(secret);
    }
    for name in &given.mirrors {
        command.arg("--secret").arg(format!("id={name},env={name}"));
    }
    for name in &given.proxies {
        command.arg("--build-arg").arg(name);
    }
}

/// Puts what is to be built where nobody changes it, and the rules beside it, where
/// BuildKit looks first.
fn stage(request: &Request<'_>, text: &str) -> std::io::Result<Staged> {
    let folder = tempfile::tempdir()?;
    // Below it, so that no name of a Dockerfile can be that of another file.
    let inner = folder.path().join("build");
    std::fs::create_dir(&inner)?;
    let name = request.file.file_name().unwrap_or("Dockerfile".as_ref());
    let dockerfile = inner.join(name);
    std::fs::write(&dockerfile, text)?;
    let mut rules = name.to_owned();
    rules.push(".dockerignore");
    std::fs::write(inner.join(rules), &request.rules.text)?;
    Ok(Staged { folder, dockerfile })
}

/// The processes of a build: the `docker` command and its plugin. When the build is given
/// up, both are ended; the engine then ends its part.
struct Group(Option<rustix::process::Pid>);

impl Group {
    fn of(child: &tokio::process::Child) -> Self {
        let number = child.id().and_then(|id| i32::try_from(id).ok());
        Self(number.and_then(rustix::process::Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
