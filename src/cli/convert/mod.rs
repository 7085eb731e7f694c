//! `seatrial convert`: the workflow rewritten so that its tests run in Docker.

mod args;
mod files;
mod images;
mod proof;
mod show;

#[cfg(test)]
mod tests;

pub(super) use args::ConvertArgs;
pub(super) use files::only_what_is_there;

use std::path::Path;

use args::{FallbackArg, StyleArg};
use files::{Change, Changes};

use super::App;
use super::error::CliError;
use super::prepare::{Request, prepare};
use super::project;
use super::request::{Asked, ask_with, read_as_original};
use crate::convert::{self, Options, Style};
use crate::record::{Cause, EXIT_SUCCESS};
use crate::runner::write_atomically;
use crate::settings::{ConfigFile, Settings};

/// Converts. Gives the exit code.
pub(super) fn convert(app: &App, args: &ConvertArgs) -> u8 {
    let done = if args.revert {
        revert(app, args)
    } else {
        try_convert(app, args)
    };
    match done {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

fn try_convert(app: &App, args: &ConvertArgs) -> Result<u8, CliError> {
    let (root, changes) = changes(app, args)?;
    for left in &changes.left {
        app.out.warning(left);
    }
    if args.check {
        return check(&changes);
    }
    if args.diff {
        app.out.data(&show::diff(&changes.files));
        return Ok(EXIT_SUCCESS);
    }
    if args.in_place {
        write(app, &root, &changes.files)?;
        show::what_is_next(app, &changes);
        return Ok(EXIT_SUCCESS);
    }
    let Some(workflow) = changes.files.first() else {
        return Ok(EXIT_SUCCESS);
    };
    match &args.output {
        None => app.out.data(&workflow.after),
        Some(file) => save(file, &workflow.after)?,
    }
    let others: Vec<&str> = changes
        .files
        .iter()
        .skip(1)
        .filter(|change| change.changes())
        .map(|change| change.path.as_str())
        .collect();
    if !others.is_empty() {
        app.out.say(&format!(
            "it needs {} too: `--in-place` writes them, `--diff` shows them",
            others.join(", ")
        ));
    }
    Ok(EXIT_SUCCESS)
}

/// All files that a conversion writes.
fn changes(app: &App, args: &ConvertArgs) -> Result<(std::path::PathBuf, Changes), CliError> {
    let asked = ask_with(app, &args.selection, args.flags(), |_, request| {
        files::only_what_is_there(request);
    })?;
    let style = match args.style {
        Some(StyleArg::Docker) => Style::Docker,
        Some(StyleArg::Seatrial) => Style::Seatrial,
        None => style_of(&asked),
    };
    if style == Style::Seatrial && !args.docker_options.is_empty() {
        return Err(CliError::new(
            Cause::Usage,
            "--docker-option is about plain docker commands, which --style seatrial does without",
        )
        .with_hint("limits of jobs stand in seatrial.toml"));
    }
    let usual = Options::default();
    let options = Options {
        style,
        action: args.action.clone().unwrap_or(usual.action),
        fallback_fails: args.fallback == Some(FallbackArg::Fail),
        default_flag: args
            .default_flag
            .clone()
            .unwrap_or_else(|| "true".to_owned()),
        run_options: args.docker_options.clone(),
        ..usual
    };
    let changes = files::changes(&asked, &options)?;
    Ok((asked.request.root.clone(), changes))
}

/// The style that the workflow is converted in, else the usual one.
fn style_of(asked: &Asked) -> Style {
    let written = asked.request.as_written.as_deref();
    match written.is_some_and(convert::is_in_style_seatrial) {
        true => Style::Seatrial,
        false => Style::Docker,
    }
}

/// The text of a workflow file as a conversion leaves it, whether it is converted by now or not.
///
/// # Errors
/// Nothing of it can be converted.
pub(super) fn converted_text(
    app: &App,
    settings: Settings,
    mut request: Request,
    name: &str,
) -> Result<String, CliError> {
    if convert::is_converted(&request.text) {
        read_as_original(app, &mut request, name)?;
    }
    let prepared = prepare(&request).map_err(|error| error.into_error(name, &request.text))?;
    let asked = Asked {
        settings,
        request,
        prepared,
    };
    let options = Options {
        style: style_of(&asked),
        ..Options::default()
    };
    let mut files = files::changes(&asked, &options)?.files;
    match files.is_empty() {
        true => Ok(asked.request.text),
        false => Ok(files.swap_remove(0).after),
    }
}

/// Says what is not as a conversion would leave it.
fn check(changes: &Changes) -> Result<u8, CliError> {
    let drifted: Vec<String> = changes
        .files
        .iter()
        .filter(|change| change.changes())
        .map(|change| match change.before {
            Some(_) => format!("{} is not what a conversion gives", change.path),
            None => format!("{} is missing", change.path),
        })
        .collect();
    if drifted.is_empty() {
        return Ok(EXIT_SUCCESS);
    }
    Err(CliError::new(
        Cause::ConversionDrifted,
        "the converted workflow and its original have drifted apart",
    )
    .with_details(drifted)
    .with_hint("`seatrial convert --diff` shows how, `--in-place` converts again"))
}

/// Writes what changes.
fn write(app: &App, root: &Path, files: &[Change]) -> Result<(), CliError> {
    let mut wrote = false;
    for change in files.iter().filter(|change| change.changes()) {
        save(&root.join(&change.path), &change.after)?;
        app.out.say(&format!("{} is written", change.path));
        wrote = true;
    }
    if !wrote {
        app.out.say("nothing is to be changed");
    }
    Ok(())
}

fn save(file: &Path, text: &str) -> Result<(), CliError> {
    let failed = |error: std::io::Error| {
        CliError::new(
            Cause::OutputWriteFailed,
            format!("{}: {error}", file.display()),
        )
    };
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let place = std::path::absolute(file).map_err(failed)?;
    write_atomically(&place, text.as_bytes()).map_err(failed)
}

/// The originals of a converted workflow and of what it calls, by path: only those that
/// differ from what is there.
///
/// # Errors
/// The workflow is not there, or is not converted.
pub(super) fn originals(root: &Path, workflow: &str) -> Result<Vec<(String, String)>, CliError> {
    let workflow = project::named(root, workflow)?;
    let changed: Vec<_> = files::reverted(root, &workflow)?
        .into_iter()
        .filter(Change::changes)
        .map(|change| (change.path, change.after))
        .collect();
    match changed.is_empty() {
        false => Ok(changed),
        true => Err(CliError::new(
            Cause::ConfigInvalid,
            format!(
                "{} is not converted: there is nothing to take back",
                workflow.name
            ),
        )),
    }
}

/// Gives the original back. Nothing but the workflow files and actions is touched: a
/// Dockerfile may be in use by then.
fn revert(app: &App, args: &ConvertArgs) -> Result<u8, CliError> {
    let root = project::root(app, args.selection.root.path())?;
    let file = ConfigFile::load(&root)?;
    let settings = Settings::resolve(args.flags(), &app.environment, &file)?;
    let asked = settings.workflow.as_ref().map(|one| one.value.as_str());
    let workflow = project::find_workflow(app, &root, asked)?;
    let files = files::reverted(&root, &workflow)?;
    if args.diff {
        app.out.data(&show::diff(&files));
    } else if args.in_place {
        write(app, &root, &files)?;
        let script = root.join(convert::SCRIPT);
        if script.is_file() && !files::others_use_the_script(&root) {
            std::fs::remove_file(&script).map_err(|error| {
                CliError::new(
                    Cause::OutputWriteFailed,
                    format!("{}: {error}", convert::SCRIPT),
                )
            })?;
            app.out.say(&format!("{} is removed", convert::SCRIPT));
        }
    } else if let Some(first) = files.first() {
        match &args.output {
            None => app.out.data(&first.after),
            Some(file) => save(file, &first.after)?,
        }
    }
    Ok(EXIT_SUCCESS)
}
