//! The artifacts of runs on GitHub, for an import.

use std::fs::File;
use std::path::Path;

use clap::Args as ClapArgs;

use crate::cli::App;
use crate::cli::error::CliError;
use crate::cli::github::{RunName, archive, connect, file_name, workflow_of};
use crate::github::{Artifact, Client, Run, Wanted};
use crate::report::counted;

/// Largest artifact in bytes.
const ARTIFACT: u64 = 256 << 20;

/// Which artifacts are fetched.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct GithubArgs {
    /// Fetch the artifacts of this run: its id, or the address of its page; may be repeated
    #[arg(long, value_name = "RUN", help_heading = "From GitHub")]
    github_run: Vec<RunName>,
    /// Fetch the artifacts of the last so many runs
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100),
        help_heading = "From GitHub"
    )]
    github_runs: Option<u32>,
    /// Of --github-runs only those of this workflow, such as test.yml
    #[arg(
        long,
        value_name = "FILE",
        requires = "github_runs",
        help_heading = "From GitHub"
    )]
    workflow: Option<String>,
    /// Only artifacts whose names begin so; nothing for all
    #[arg(
        long,
        value_name = "NAME",
        default_value = "seatrial-",
        help_heading = "From GitHub"
    )]
    artifact: String,
}

/// What becomes of an artifact.
pub(super) enum Fetched {
    /// An archive, with the name to show.
    Archive(File, String),
    /// It could not be fetched, and why.
    Missed(String),
}

/// Who gets what is fetched.
type Take<'a> = &'a mut dyn FnMut(Fetched) -> Result<(), CliError>;

/// Fetches what is asked for.
///
/// # Errors
/// A run is not there, GitHub is not to be reached, or lets nobody in; what `take` has.
pub(super) fn fetch(
    app: &App,
    root: Option<&Path>,
    args: &GithubArgs,
    take: Take<'_>,
) -> Result<(), CliError> {
    for name in &args.github_run {
        let client = connect(app, root, name.at.as_ref())?;
        let run = client.run(name.id)?;
        of_run(app, &client, &run, args, take)?;
    }
    let Some(limit) = args.github_runs else {
        return Ok(());
    };
    let client = connect(app, root, None)?;
    // GitHub knows a workflow by the name of its file.
    let file = args.workflow.as_deref().map(|path| {
        let name = path.rsplit('/').next();
        name.unwrap_or(path)
    });
    let wanted = Wanted {
        workflow: file,
        limit: limit as usize,
        ..Wanted::default()
    };
    for run in client.runs(&wanted)? {
        of_run(app, &client, &run, args, take)?;
    }
    Ok(())
}

fn of_run(
    app: &App,
    client: &Client,
    run: &Run,
    args: &GithubArgs,
    take: Take<'_>,
) -> Result<(), CliError> {
    let shown = format!("run {} of {}", run.id, workflow_of(run));
    // A job that is not over uploads its artifact later.
    if !run.is_completed() {
        app.out
            .warning(&format!("{shown} is not over: it is left out"));
        return Ok(());
    }
    let all = client.artifacts(run.id)?;
    let wanted: Vec<&Artifact> = all
        .iter()
        .filter(|artifact| artifact.name.starts_with(&args.artifact))
        .collect();
    app.out.say(&format!(
        "{shown}: {} of {}",
        wanted.len(),
        counted(all.len() as u64, "artifact")
    ));
    for artifact in wanted {
        let name = file_name(artifact);
        if artifact.expired {
            app.out
                .warning(&format!("{shown}: the artifact {name} is no longer kept"));
            continue;
        }
        take(match archive(client, artifact, ARTIFACT) {
            Ok(file) => Fetched::Archive(file, format!("{}/{name}.zip", run.id)),
            Err(why) => Fetched::Missed(format!("{shown}: the artifact {name}: {why}")),
        })?;
    }
    Ok(())
}
