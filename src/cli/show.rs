//! `seatrial show`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::App;
use super::error::CliError;
use super::examples::SHOW_EXAMPLES;
use super::out::Stream;
use super::page::PAGE;
use super::saved::{self, Saved, StepLog};
use super::screen;
use crate::record::{Cause, EXIT_SUCCESS, JobKey};
use crate::report::{self, ConsoleOptions};
use crate::workflow::nearest;

/// `seatrial show`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = SHOW_EXAMPLES)]
pub(super) struct ShowArgs {
    /// The run
    #[arg(value_name = "RUN", default_value = "latest")]
    run: String,
    /// One of its jobs, by its id or the name of a leg
    #[arg(value_name = "JOB")]
    job: Option<String>,
    /// Print what the steps of the job printed, or one of them
    #[arg(
        long,
        value_name = "STEP",
        num_args = 0..=1,
        require_equals = true,
        requires = "job",
        help_heading = "Output"
    )]
    log: Option<Option<u32>>,
    /// The repository whose runs are meant [default: the nearest folder above that has some]
    /// [env: SEATRIAL_ROOT]
    #[arg(long, value_name = "DIR", help_heading = "Selection")]
    root: Option<PathBuf>,
}

/// Shows a run or a job. Gives the exit code.
pub(super) fn show(app: &App, args: &ShowArgs) -> u8 {
    match try_show(app, args) {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn try_show(app: &App, args: &ShowArgs) -> Result<(), CliError> {
    let root = saved::root(app, args.root.as_deref())?;
    let saved = saved::open(root.as_deref(), &args.run)?;
    if saved.salvaged {
        app.out.warning(saved::SALVAGED);
    }
    let options = ConsoleOptions {
        width: screen::width(app, Stream::Stdout),
        colour: Stream::Stdout.colour(),
        ascii: app.environment.ascii(),
        directory: Some(saved.folder.display().to_string()),
        page: saved.folder.join(PAGE).is_file(),
    };
    let Some(job) = &args.job else {
        app.out.data(&report::console(&saved.record, &options));
        return Ok(());
    };
    let legs = legs(&saved, job)?;
    match args.log {
        None => {
            let legs: Vec<(JobKey, Vec<String>)> = legs
                .into_iter()
                .map(|key| {
                    let logs = saved::logs(&saved.folder, &key);
                    let shown = logs.into_iter().map(|log| log.shown);
                    (key, shown.collect())
                })
                .collect();
            let text = report::job_pages(&saved.record, &legs, &options);
            app.out.data(&text);
            Ok(())
        }
        Some(step) => print_logs(app, &saved, &legs, step),
    }
}

/// The legs that a word means: one by its key or name, or all of a job.
fn legs(saved: &Saved, word: &str) -> Result<Vec<JobKey>, CliError> {
    let jobs = &saved.record.jobs;
    let matching = |fits: &dyn Fn(&str, &str, &str) -> bool| -> Vec<JobKey> {
        let found = jobs.iter().filter(|leg| {
            let planned = &leg.planned;
            fits(&planned.key.0, &planned.name, &planned.job)
        });
        found.map(|leg| leg.planned.key.clone()).collect()
    };
    for found in [
        matching(&|key, name, _| key == word || name == word),
        matching(&|_, _, job| job == word),
    ] {
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let names: Vec<&str> = jobs.iter().map(|leg| leg.planned.key.0.as_str()).collect();
    let message = format!("the run {} has no job `{word}`", saved.record.info.id);
    let hint = match nearest(word, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its jobs are {}", names.join(", ")),
    };
    Err(CliError::new(Cause::Usage, message).with_hint(report::one_line(&hint)))
}

/// Prints logs, made harmless for a terminal.
fn print_logs(
    app: &App,
    saved: &Saved,
    legs: &[JobKey],
    step: Option<u32>,
) -> Result<(), CliError> {
    let colour = Stream::Stdout.colour();
    let mut found = Vec::new();
    for key in legs {
        for log in saved::logs(&saved.folder, key) {
            if step.is_none() || log.step == step {
                found.push((key, log));
            }
        }
    }
    if found.is_empty() {
        let what = step.map_or_else(
            || "no log".to_owned(),
            |step| format!("no log of a step {step}"),
        );
        let message = format!("{} holds {what} of the job", saved.folder.display());
        return Err(CliError::new(Cause::PathInvalid, message));
    }
    let one = found.len() == 1;
    for (key, log) in found {
        if !one {
            app.out.say(&format!("{key} › {}", title(saved, key, &log)));
        }
        let wrong = |error: std::io::Error| {
            CliError::new(
                Cause::PathInvalid,
                format!("{}: {error}", log.path.display()),
            )
        };
        let mut lines = BufReader::new(File::open(&log.path).map_err(wrong)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(wrong)? > 0 {
            let text = String::from_utf8_lossy(&line);
            let text = report::output_line(&text, colour);
            app.out.data(&format!("{text}\n"));
            line.clear();
        }
    }
    Ok(())
}

/// The name of a step, or of what else the log is of.
fn title(saved: &Saved, key: &JobKey, log: &StepLog) -> String {
    let leg = saved.record.jobs.iter().find(|leg| leg.planned.key == *key);
    let steps = leg.map_or(&[][..], |leg| &leg.steps);
    let step = steps.iter().find(|step| Some(step.number) == log.step);
    step.map_or_else(|| log.shown.clone(), |step| report::one_line(&step.name))
}
