//! Building through the engine's own endpoint, where buildx cannot be had.

use std::path::Path;

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
    let rules = match std::fs::read_to_string(context.join(".dockerignore")) {
        Ok(rules) => rules,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        // Taken as empty, it would let secrets into the image.
        Err(error) => {
            return Err(failed(
                Cause::ContextInvalid,
                format!(".dockerignore cannot be read: {error}"),
            ));
        }
    };
    let ignore = Ignore::parse(&rules);
    if let Some(problem) = ignore.problems().first() {
        return Err(failed(
            Cause::ContextInvalid,
            format!(".dockerignore:{}: {}", problem.line, problem.message),
        ));
    }
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
                    progress(&Vertex {
                        name: current.clone(),
                        ..Vertex::default()
                    });
                } else {
                    if line.contains("Using cache") {
                        outcome.cached += 1;
                    }
                    log.push(line);
                }
            }
            BuildStep::Image(id) => outcome.id = id,
        }
    }
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
