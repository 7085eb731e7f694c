//! `seatrial image derive`: the Dockerfile of the workflow's own set-up steps.

use std::path::{Path, PathBuf};

use super::args::ImageDeriveArgs;
use crate::cli::App;
use crate::cli::error::CliError;
use crate::cli::request::ask_with;
use crate::image::Ignore;
use crate::plan::{DOCKERIGNORE, Derived, Leg, PYTHON_VERSION, Placement, Plan};
use crate::record::{Cause, EXIT_SUCCESS};
use crate::runner::write_atomically;

/// How a file begins that this command wrote, and may write again.
const MARK: &str = "# The tests' image, derived by seatrial";

/// Derives. Gives the exit code.
pub(super) fn derive(app: &App, args: &ImageDeriveArgs) -> u8 {
    match try_derive(app, args) {
        Ok(()) => EXIT_SUCCESS,
        Err(error) => app.fail(&error),
    }
}

fn try_derive(app: &App, args: &ImageDeriveArgs) -> Result<(), CliError> {
    let asked = ask_with(app, &args.selection, args.flags(), |_, request| {
        request.deriving = true;
        request.derive = true;
    })?;
    let plan = &asked.prepared.plan;
    let groups = groups(plan);
    let Some(chosen) = groups.first() else {
        return Err(nothing(plan));
    };
    let text = &chosen.derived.dockerfile;
    let root = &asked.request.root;
    match &args.output {
        None => app.out.data(text),
        Some(output) => {
            save(output, text, args.force)?;
            app.out.say(&format!("{} is written", output.display()));
            dockerignore(app, root, output, chosen.derived)?;
        }
    }
    tell(app, plan, &groups);
    Ok(())
}

/// Legs whose images differ in nothing but the Python.
struct Group<'a> {
    derived: &'a Derived,
    legs: Vec<&'a Leg>,
}

/// The groups, first the one with the most legs that test.
fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (_, leg) in plan.legs() {
        let Some(derived) = &leg.derived else {
            continue;
        };
        let known = groups
            .iter_mut()
            .find(|group| without_python(group.derived) == without_python(derived));
        match known {
            Some(group) => group.legs.push(leg),
            None => groups.push(Group {
                derived,
                legs: vec![leg],
            }),
        }
    }
    let tests = |group: &Group<'_>| {
        group
            .legs
            .iter()
            .filter(|leg| leg.steps.iter().any(|step| step.test.is_some()))
            .count()
    };
    groups.sort_by_key(|group| std::cmp::Reverse(tests(group)));
    groups
}

/// The Dockerfile without the version that is an argument of it.
fn without_python(derived: &Derived) -> String {
    let argument = format!("ARG {PYTHON_VERSION}=");
    derived
        .dockerfile
        .lines()
        .filter(|line| !line.starts_with(&argument))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Why nothing is derived.
fn nothing(plan: &Plan) -> CliError {
    let named = plan
        .legs()
        .any(|(_, leg)| !leg.image.is_base() && leg.left_out.is_none());
    let hint = if named {
        "a job that names a `container` has its image already"
    } else {
        "a step is taken that installs with apt-get, pip, uv, poetry, pdm, pipenv or pipx, before the first test step, and of which nothing depends on the run; write the Dockerfile by hand, or leave the steps as they are: they run in the container"
    };
    CliError::new(
        Cause::UnsupportedFeature,
        "no job has a set-up step that can become a layer of an image",
    )
    .with_hint(hint)
}

/// Writes the file whole. One that this command did not write stays, unless it is forced.
fn save(output: &Path, text: &str, force: bool) -> Result<(), CliError> {
    let failed = |error: std::io::Error| {
        CliError::new(
            Cause::OutputWriteFailed,
            format!("{}: {error}", output.display()),
        )
    };
    match std::fs::read_to_string(output) {
        Ok(there) if !there.starts_with(MARK) && !force => {
            return Err(CliError::new(
                Cause::PathInvalid,
                format!("{} exists, and seatrial did not write it", output.display()),
            )
            .with_hint("name another file, or overwrite it with --force"));
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound && !force => {
            return Err(failed(error));
        }
        _ => {}
    }
    let folder = output
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(CliError::new(
            Cause::OutputWriteFailed,
            format!(
                "{}: there is no folder {}",
                output.display(),
                folder.display()
            ),
        )
        .with_hint("make the folder first, or name a file in another one"));
    }
    let place = folder.join(output.file_name().unwrap_or_default());
    write_atomically(&place, text.as_bytes()).map_err(failed)
}

/// Sees to what the build leaves out: writes it where the repository says nothing, and
/// names files that are needed and left out.
fn dockerignore(app: &App, root: &Path, output: &Path, derived: &Derived) -> Result<(), CliError> {
    let mut beside = output.as_os_str().to_owned();
    beside.push(".dockerignore");
    let beside = PathBuf::from(beside);
    let found = [beside.clone(), root.join(".dockerignore")]
        .into_iter()
        .find_map(|file| Some((std::fs::read_to_string(&file).ok()?, file)));
    let Some((text, file)) = found else {
        save(&beside, DOCKERIGNORE, false)?;
        app.out.say(&format!(
            "{} is written, because there is no .dockerignore",
            beside.display()
        ));
        return Ok(());
    };
    let ignore = Ignore::parse(&text);
    for needed in &derived.files {
        if ignore.is_ignored(needed, false) {
            app.out.warning(&format!(
                "{} leaves `{needed}` out, which the image is made of; add the line `!{needed}`",
                file.strip_prefix(root).unwrap_or(&file).display()
            ));
        }
    }
    Ok(())
}

/// Says what became of the steps, and which jobs need something else.
fn tell(app: &App, plan: &Plan, groups: &[Group<'_>]) {
    let Some((chosen, others)) = groups.split_first() else {
        return;
    };
    if let Some(leg) = chosen.legs.first() {
        for step in leg.steps.iter() {
            if let Placement::Baked(baked) = &step.placement {
                let lines: Vec<String> = baked
                    .layers
                    .iter()
                    .map(|(line, _)| line.to_string())
                    .collect();
                app.out
                    .say(&format!("`{}`: line {}", step.name, lines.join(", ")));
            }
        }
    }
    let mut pythons: Vec<&str> = chosen
        .legs
        .iter()
        .filter_map(|leg| leg.derived.as_ref()?.python.as_deref())
        .collect();
    pythons.dedup();
    if pythons.len() > 1 {
        app.out.say(&format!(
            "the matrix has Python {}: `seatrial run` builds one image for each, by --build-arg {PYTHON_VERSION}",
            pythons.join(", ")
        ));
    }
    for other in others {
        let keys: Vec<&str> = other.legs.iter().map(|leg| leg.key.0.as_str()).collect();
        app.out.warning(&format!(
            "{} installs something else and is not in this file; `seatrial image derive --job ID` shows its own",
            keys.join(", ")
        ));
    }
    let without = plan
        .legs()
        .filter(|(_, leg)| {
            leg.derived.is_none() && leg.steps.iter().any(|step| step.test.is_some())
        })
        .map(|(_, leg)| leg.key.0.as_str())
        .collect::<Vec<_>>();
    if !without.is_empty() {
        app.out.warning(&format!(
            "nothing was derived for {}, which tests too",
            without.join(", ")
        ));
    }
}
