//! A container that was created: filled, attached, started, and heard of.

use std::time::Duration;

use tokio::time::Instant;

use super::super::tree::TreeWriter;
use super::relay::{Relay, TOKEN_LEN};
use super::{pipe, steps_folder, sudo};
use crate::docker::{ContainerState, Docker, tar_body};
use crate::engine::{CONTROL, EngineError, JobSpec, Sudo, now_seconds};
use crate::record::Cause;

/// How long a container may take from its start to its first sign of life.
const READY: Duration = Duration::from_secs(60);
/// Time between two looks at a container that has given no sign yet.
const LOOK: Duration = Duration::from_secs(2);
/// Exit code of the main process where the files are missing that were sent before.
const NOT_FILLED: i64 = 97;

/// The main process: makes the pipe, says that it is there, and copies what
/// comes through it until the container is killed. Opened for reading and
/// writing, the pipe never ends.
pub(super) fn main_process() -> Vec<String> {
    let script = format!(
        r#"test -d "${{0%/*}}" || exit {NOT_FILLED}; mkfifo -m 600 "$0" && printf '\036%s\036' "$1" && exec cat <>"$0""#
    );
    vec![
        "sh".to_owned(),
        "-c".to_owned(),
        script,
        pipe(),
        ready_token(),
    ]
}

/// The token with which the main process says that it is ready.
fn ready_token() -> String {
    "0".repeat(TOKEN_LEN)
}

/// Fills, attaches and starts a container that was created.
pub(super) async fn bring_up(
    docker: &Docker,
    id: &str,
    spec: &JobSpec,
) -> Result<Relay, EngineError> {
    let parts = spec.clone();
    let body = tar_body(move |writer| {
        let owner = (parts.user.uid, parts.user.gid);
        let mut tree = TreeWriter::new(writer, owner.0, owner.1, now_seconds());
        for dir in [CONTROL, &steps_folder()] {
            tree.folder(dir, owner, 0o755)?;
        }
        for dir in &parts.dirs {
            tree.folder(dir, owner, 0o755)?;
        }
        for file in &parts.files {
            tree.file(file)?;
        }
        if let Some((source, dir)) = &parts.source {
            tree.tree(source, dir)?;
        }
        tree.finish()
    });
    docker.upload(id, "/", body).await?;
    // Before the start: an attach that comes later misses output.
    let relay = Relay::start(docker, id, docker.attach(id).await?);
    docker
        .start(id)
        .await
        .map_err(|error| no_shell(&spec.image, &error.to_string()).unwrap_or(error.into()))?;
    let ready = ready_token();
    let begun = Instant::now();
    loop {
        let heard = tokio::time::timeout(LOOK, relay.reached(&ready)).await;
        if let Ok(Ok(())) = heard {
            if spec.sudo == Sudo::Granted {
                sudo::grant(docker, id, &spec.user).await?;
            }
            return Ok(relay);
        }
        let state = docker.state(id).await?;
        if let Ok(Err(end)) = heard
            && state.running
        {
            return Err(EngineError::new(
                Cause::EngineLost,
                format!("the container runs, but its output cannot be read: {end}"),
            ));
        }
        if !state.running || begun.elapsed() >= READY {
            return Err(why_silent(&spec.image, &state));
        }
    }
}

/// Why a container gave no sign of life.
fn why_silent(image: &str, state: &ContainerState) -> EngineError {
    if let Some(error) = no_shell(image, &state.error) {
        return error;
    }
    if state.running {
        return EngineError::new(
            Cause::EngineUnresponsive,
            format!(
                "the container gave no sign of life within {} s",
                READY.as_secs()
            ),
        );
    }
    if !state.was_started() {
        return EngineError::new(
            Cause::EngineError,
            "the engine said that the container was started, and it was not",
        );
    }
    if state.exit_code == NOT_FILLED {
        return EngineError::new(
            Cause::EngineError,
            "the engine took the files of the job, and they are not in the container",
        );
    }
    EngineError::new(
        Cause::ImageUnusable,
        format!(
            "a container of the image `{image}` ended at once with exit code {}: it needs `sh`, `mkfifo` and `cat`",
            state.exit_code
        ),
    )
}

/// The error for an image without a shell, when `detail` says so.
fn no_shell(image: &str, detail: &str) -> Option<EngineError> {
    (detail.contains("executable file not found") || detail.contains("no such file or directory"))
        .then(|| {
            EngineError::new(
                Cause::ImageUnusable,
                format!("the image `{image}` has no `sh`, which steps need: {detail}"),
            )
        })
}
