//! Building with BuildKit, through `docker buildx build`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::failed;
use super::progress::{BuildOutcome, BuildProgress, Vertex};
use crate::docker::{Docker, RUN_VARIABLE};
use crate::record::{Cause, Failure};

/// Longest that a build may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What builds images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuildTool {
    /// The `docker` command with its buildx plugin.
    Buildx {
        /// Absolute path of the `docker` command.
        docker: PathBuf,
    },
    /// The engine's own builder, because buildx cannot be had.
    Engine {
        /// Why, for the notice.
        reason: String,
    },
}

/// What is to be built.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) file: &'a Path,
    pub(crate) context: &'a Path,
    pub(crate) target: Option<&'a str>,
    pub(crate) args: &'a [(String, String)],
    pub(crate) tag: &'a str,
    /// The run that builds.
    pub(crate) run: &'a str,
}

impl BuildTool {
    /// Looks for buildx.
    pub(crate) async fn find(docker_command: Option<PathBuf>) -> Self {
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
            Ok(output) if output.status.success() => Self::Buildx { docker },
            _ => Self::Engine {
                reason: "the buildx plugin is not installed".to_owned(),
            },
        }
    }
}

/// Builds with buildx; `progress` hears of every step that begins or ends.
pub(super) async fn buildx(
    engine: &Docker,
    tool: &BuildTool,
    request: &Request<'_>,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<BuildOutcome, Failure> {
    let BuildTool::Buildx { docker } = tool else {
        return Err(failed(
            Cause::Invariant,
            "buildx was asked for without buildx",
        ));
    };
    let ids = tempfile::NamedTempFile::new().map_err(|error| {
        failed(
            Cause::OutputWriteFailed,
            format!("no temporary file can be made: {error}"),
        )
    })?;
    let mut command = tokio::process::Command::new(docker);
    command
        .args(["buildx", "build", "--builder", "default", "--load"])
        .args(["--progress", "rawjson", "--provenance", "false"])
        .arg("--iidfile")
        .arg(ids.path())
        .arg("--file")
        .arg(request.file)
        .args(["--tag", request.tag])
        .env("DOCKER_HOST", engine.address())
        // By it the build is found and ended when seatrial was killed.
        .env(RUN_VARIABLE, request.run)
        .env_remove("DOCKER_CONTEXT")
        .env_remove("BUILDX_BUILDER")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // Not the terminal's group: Ctrl-C is for seatrial, which then ends the build.
    #[cfg(unix)]
    command.process_group(0);
    if let Some(target) = request.target {
        command.args(["--target", target]);
    }
    for (name, value) in request.args {
        command.arg("--build-arg").arg(format!("{name}={value}"));
    }
    command.arg(request.context);
    let mut child = command.spawn().map_err(|error| {
        failed(
            Cause::EngineError,
            format!("`docker buildx build` cannot be started: {error}"),
        )
    })?;
    let mut seen = BuildProgress::default();
    let reading = async {
        if let Some(mut stderr) = child.stderr.take() {
            let mut buffer = vec![0u8; 64 * 1024];
            while let Ok(count) = stderr.read(&mut buffer).await {
                if count == 0 {
                    break;
                }
                seen.push(buffer.get(..count).unwrap_or_default(), progress);
            }
        }
        child.wait().await
    };
    let status = tokio::time::timeout(LIMIT, reading)
        .await
        .map_err(|_| {
            failed(
                Cause::BuildTimeout,
                format!(
                    "the image was not built within {} min",
                    LIMIT.as_secs() / 60
                ),
            )
        })?
        .map_err(|error| failed(Cause::EngineError, error.to_string()))?;
    if !status.success() {
        return Err(explain(&seen, request.file));
    }
    let id = std::fs::read_to_string(ids.path())
        .map(|text| text.trim().to_owned())
        .unwrap_or_default();
    if id.is_empty() {
        return Err(failed(
            Cause::EngineError,
            "buildx reported success and no image",
        ));
    }
    let (steps, cached) = seen.counts();
    Ok(BuildOutcome { id, steps, cached })
}

/// The failure of a build: the failing instruction, its place, and the end of
/// its own output; nothing else first.
pub(super) fn explain(seen: &BuildProgress, file: &Path) -> Failure {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    if let Some(vertex) = seen.failed() {
        let cause = cause_of(&vertex.error).unwrap_or(Cause::BuildStepFailed);
        let place = std::fs::read_to_string(file)
            .ok()
            .and_then(|text| line_of(&text, &vertex.name))
            .map_or_else(|| name.clone(), |line| format!("{name}:{line}"));
        let mut failure = failed(
            cause,
            format!("{place}: {} failed: {}", vertex.name, short(&vertex.error)),
        );
        for line in &vertex.log {
            failure = failure.with_evidence(line.clone());
        }
        return failure;
    }
    let error = seen
        .plain()
        .iter()
        .rev()
        .find(|line| line.starts_with("ERROR:"))
        .or_else(|| seen.plain().last())
        .cloned()
        .unwrap_or_else(|| "the build failed without saying why".to_owned());
    let cause = cause_of(&error).unwrap_or(Cause::DockerfileError);
    failed(cause, format!("{name}: {}", short(&error)))
}

/// The line of the Dockerfile on which an instruction begins, by the name that
/// BuildKit gives it: `[stage 2/3] RUN pip install …`.
fn line_of(dockerfile: &str, vertex: &str) -> Option<usize> {
    let (_, instruction) = vertex.split_once("] ")?;
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    // BuildKit joins continued lines; the first line is enough to tell.
    let wanted = squeeze(instruction);
    dockerfile.lines().enumerate().find_map(|(index, line)| {
        let line = squeeze(line.trim_end().trim_end_matches('\\'));
        let is_instruction = line
            .split(' ')
            .next()
            .is_some_and(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic()));
        (is_instruction
            && line.contains(' ')
            && wanted
                .to_ascii_lowercase()
                .starts_with(&line.to_ascii_lowercase()))
        .then_some(index + 1)
    })
}

/// The cause that a message of BuildKit tells, where it is not the Dockerfile's
/// own instruction that failed.
fn cause_of(message: &str) -> Option<Cause> {
    let has = |part: &str| message.contains(part);
    if has("no space left on device") {
        Some(Cause::HostDiskFull)
    } else if has("not found: manifest unknown") || has("repository does not exist") {
        Some(Cause::ImageNotFound)
    } else if has("unauthorized") || has("authorization failed") || has("access denied") {
        Some(Cause::ImageAuth)
    } else if has("no such host")
        || has("failed to resolve source metadata")
        || has("TLS handshake timeout")
        || has("failed to do request")
    {
        Some(Cause::ImagePullNetwork)
    } else if has("parse error") || has("target stage") || has("unknown instruction") {
        Some(Cause::DockerfileError)
    } else {
        None
    }
}

/// BuildKit's message without its nesting prefixes.
fn short(message: &str) -> &str {
    let message = message.trim().trim_start_matches("ERROR: ");
    message.strip_prefix("failed to solve: ").unwrap_or(message)
}
