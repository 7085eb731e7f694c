//! The logs and artifacts of a run on GitHub.

use std::path::Path;

use super::walk::Walk;
use crate::cli::App;
use crate::cli::error::CliError;
use crate::cli::github::{RunName, archive, connect, file_name, workflow_of};
use crate::github::{Client, GithubError, Job, Trouble};
use crate::record::Cause;

/// Largest archive of logs, in bytes.
const LOGS: u64 = 1 << 30;
/// Largest artifact, and all of them together, in bytes.
const ARTIFACT: u64 = 256 << 20;
const ARTIFACTS: u64 = 1 << 30;

/// Fetches what a run left and walks through it.
///
/// # Errors
/// The run is not there or not over, or neither logs nor artifacts of it are kept.
pub(super) fn take(
    app: &App,
    walk: &mut Walk<'_>,
    root: Option<&Path>,
    name: &RunName,
) -> Result<(), CliError> {
    let client = connect(app, root, name.at.as_ref())?;
    let run = client.run(name.id)?;
    let attempt = name.attempt.unwrap_or(run.run_attempt);
    let shown = format!(
        "run {} of {} in {}",
        run.id,
        workflow_of(&run),
        client.repository()
    );
    if attempt == run.run_attempt && !run.is_completed() {
        return Err(CliError::new(
            Cause::GithubRequest,
            format!("{shown} is not over: {}", run.status),
        )
        .with_hint("GitHub gives logs out when a run is over"));
    }
    app.out.say(&format!(
        "{shown}, attempt {attempt}: {}",
        run.conclusion.as_deref().unwrap_or("no conclusion")
    ));
    // Without them everything is read, also what is known to have succeeded.
    match client.jobs(run.id, attempt) {
        Ok(jobs) => walk.knows(jobs.iter().flat_map(conclusions)),
        Err(error) => walk.note(&format!("which steps failed is not known: {error}")),
    }
    let no_logs = match client.logs(run.id, attempt, LOGS) {
        Ok(file) => {
            walk.archive(file, "logs.zip");
            None
        }
        Err(error) if is_about_logs(&error) => Some(error),
        Err(error) => return Err(error.into()),
    };
    let taken = artifacts(&client, walk, run.id)?;
    match no_logs {
        Some(error) if taken == 0 => Err(error.into()),
        Some(error) => {
            walk.note(&format!("its logs are left out: {error}"));
            Ok(())
        }
        None => Ok(()),
    }
}

/// Whether the run may still tell something by its artifacts.
fn is_about_logs(error: &GithubError) -> bool {
    matches!(
        error.trouble,
        Trouble::Missing | Trouble::Gone | Trouble::TooLarge
    )
}

/// Fetches the artifacts. Gives how many were read.
fn artifacts(client: &Client, walk: &mut Walk<'_>, run: u64) -> Result<usize, CliError> {
    let mut left = ARTIFACTS;
    let mut taken = 0;
    for artifact in client.artifacts(run)? {
        let name = file_name(&artifact);
        if artifact.expired {
            walk.note(&format!(
                "the artifact {name} is left out: it is no longer kept"
            ));
            continue;
        }
        match archive(client, &artifact, ARTIFACT.min(left)) {
            Ok(file) => {
                left = left.saturating_sub(artifact.size_in_bytes);
                taken += 1;
                walk.archive(file, &format!("artifact {name}/{name}.zip"));
            }
            Err(why) => walk.note(&format!("the artifact {name} is left out: {why}")),
        }
    }
    Ok(taken)
}

/// Which logs are known to be of something that failed, or that did not: the job's own, and
/// those of its steps by their numbers.
fn conclusions(job: &Job) -> Vec<(String, Option<u64>, bool)> {
    let failed = |conclusion: &Option<String>| match conclusion.as_deref() {
        Some("success" | "skipped" | "neutral") => Some(false),
        Some(_) => Some(true),
        None => None,
    };
    let own = failed(&job.conclusion).map(|failed| (job.name.clone(), None, failed));
    let steps = job.steps.iter().filter_map(|step| {
        let failed = failed(&step.conclusion)?;
        Some((job.name.clone(), Some(step.number), failed))
    });
    own.into_iter().chain(steps).collect()
}
