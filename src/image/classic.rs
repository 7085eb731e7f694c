//! Building through the engine's own endpoint, where buildx cannot be had.

use std::path::Path;
use std::time::Instant;

use futures_util::StreamExt;

use super::build::Request;
use super::failed;
use super::ignore::Ignore;
use super::progress::{BuildOutcome, Vertex};
use crate::docker::{BuildStep, Docker, tar_body};
use crate::record::{Cause, Failure};

/// Builds with the engine's own builder.
pub(super) async fn build(
    docker: &Docker,
    request: &Request<'_>,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<BuildOutcome, Failure> {
    let context = request.context.to_path_buf();
    let file = request
        .file
        .strip_prefix(request.context)
        .map(Path::to_path_buf)
        .map_err(|_| {
            failed(
                Cause::ContextInvalid,
                format!(
                    "{} lies outside the build context {}",
                    request.file.display(),
                    request.context.display()
                ),
            )
        })?;
    let dockerfile = file.to_string_lossy().into_owned();
    let ignore = request.rules.ignore.clone();
    let body = tar_body(move |writer| {
        let mut tar = tar::Builder::new(writer);
        tar.follow_symlinks(false);
        pack(&mut tar, &context, Path::new(""), &ignore, &file)?;
        tar.finish()
    });
    let mut steps = Box::pin(docker.build_classic(
        body,
        &dockerfile,
        request.target,
        request.args,
        request.tag,
    ));
    let mut outcome = BuildOutcome::default();
    let mut log: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut at = Vertex::default();
    let mut begun = Instant::now();
    let ended = |mut at: Vertex, begun: Instant| {
        if !at.name.is_empty() {
            at.completed = true;
            at.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            progress(&at);
        }
    };
    while let Some(step) = steps.next().await {
        match step.map_err(|error| {
            let mut failure = failed(
                Cause::BuildStepFailed,
                format!("{dockerfile}: {current} failed: {error}"),
            );
            failure.evidence = log.clone();
            failure
        })? {
            BuildStep::Line(line) => {
                if let Some(name) = line.strip_prefix("Step ") {
                    outcome.steps += 1;
                    current = format!("[{name}]");
                    log.clear();
                    ended(std::mem::take(&mut at), begun);
                    begun = Instant::now();
                    at = Vertex {
                        name: current.clone(),
                        started: true,
                        ..Vertex::default()
                    };
                    progress(&at);
                } else {
                    if line.contains("Using cache") {
                        outcome.cached += 1;
                        at.cached = true;
                    }
                    log.push(line);
                }
            }
            BuildStep::Image(id) => outcome.id = id,
        }
    }
    ended(at, begun);
    if outcome.id.is_empty() {
        outcome.id = docker
            .image(request.tag)
            .await
            .map(|found| found.id)
            .map_err(|error| error.failure())?;
    }
    Ok(outcome)
}

/// Packs what `.dockerignore` leaves of a folder; the Dockerfile always comes along.
fn pack<W: std::io::Write>(
    tar: &mut tar::Builder<W>,
    root: &Path,
    below: &Path,
    ignore: &Ignore,
    dockerfile: &Path,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let text = path.to_string_lossy();
        let is_dir = entry.file_type()?.is_dir();
        let ignored = ignore.is_ignored(&text, is_dir) && path != dockerfile;
        if is_dir {
            if !ignored {
                tar.append_path_with_name(root.join(&path), &path)?;
            }
            if !(ignored && ignore.can_skip_dir(&text)) {
                pack(tar, root, &path, ignore, dockerfile)?;
            }
        } else if !ignored {
            tar.append_path_with_name(root.join(&path), &path)?;
        }
    }
    Ok(())
}
