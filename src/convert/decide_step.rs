//! What becomes of one step.

use std::collections::BTreeMap;

use crate::plan::{ActionUse, BuiltIn, Placement, PlanStep, parse_script};
use crate::workflow::{Step, StepAction};

use super::decide::{Fate, ImageUse, shell};
use super::geometry::normal_path;

/// What is in the way of a conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Line, from 1.
    pub(super) line: usize,
    /// What is wrong.
    pub(super) why: String,
    /// The way out.
    pub(super) hint: String,
}

impl Trouble {
    pub(super) fn new(line: usize, why: &str, hint: &str) -> Self {
        Self {
            line,
            why: why.to_owned(),
            hint: hint.to_owned(),
        }
    }
}

/// Commands that need the runner: its engine, its services, its login at GitHub. With the
/// runner's network, what they start is reached from the container all the same.
const OF_THE_RUNNER: &[&str] = &[
    "docker",
    "docker-compose",
    "gh",
    "podman",
    "service",
    "systemctl",
];

/// A step before the checkout: there is no container yet.
pub(super) fn before_checkout(step: &Step) -> Fate {
    match step.action {
        StepAction::Run { .. } => Fate::Runner,
        StepAction::Uses { .. } => Fate::Untouched,
    }
}

/// A step behind the checkout, as its legs have it.
pub(super) fn fate(step: &Step, legs: &[&PlanStep], image: &ImageUse) -> Result<Fate, Trouble> {
    let provided = !legs.is_empty()
        && legs.iter().all(|leg| {
            matches!(
                leg.placement,
                Placement::Baked(_) | Placement::ProvidedByImage(_)
            )
        });
    if provided {
        return Ok(Fate::Provided);
    }
    let tests = legs.iter().any(|leg| leg.test.is_some());
    match &step.action {
        StepAction::Run { script, .. } => script_fate(step, &script.value, tests),
        StepAction::Uses { action, with } => {
            let line = step.span.start.line;
            let built_in = legs.iter().find_map(|leg| match leg.placement {
                Placement::BuiltIn(built_in) => Some(built_in),
                _ => None,
            });
            if tests {
                return Err(Trouble::new(
                    line,
                    &format!("`{}` runs the tests itself, on the runner", action.value),
                    "call the test command in a `run` step",
                ));
            }
            match built_in {
                Some(BuiltIn::Cache | BuiltIn::CacheRestore | BuiltIn::CacheSave) => {
                    let path = with
                        .iter()
                        .find(|(name, _)| name.value.eq_ignore_ascii_case("path"))
                        .and_then(|(_, value)| value.scalar_text())
                        .unwrap_or_default();
                    let mut paths = path.lines().filter(|line| !line.trim().is_empty());
                    // A home is the runner's; the container has its own.
                    Ok(if paths.all(|path| path.trim().starts_with('~')) {
                        Fate::Provided
                    } else {
                        Fate::Untouched
                    })
                }
                Some(built_in) if sets_up(built_in) => {
                    if !image.derived || built_in == BuiltIn::SetupPython {
                        return Ok(Fate::Provided);
                    }
                    Err(Trouble::new(
                        line,
                        &format!(
                            "`{}` sets up what the derived image does not hold",
                            action.value
                        ),
                        "install it in a Dockerfile.test",
                    ))
                }
                _ => Ok(Fate::Untouched),
            }
        }
    }
}

/// Whether an action does nothing but set tools up on the machine of the job.
fn sets_up(built_in: BuiltIn) -> bool {
    matches!(
        built_in,
        BuiltIn::SetupPython
            | BuiltIn::SetupNode
            | BuiltIn::SetupGo
            | BuiltIn::SetupJava
            | BuiltIn::SetupRuby
            | BuiltIn::SetupRust
            | BuiltIn::SetupUv
            | BuiltIn::InstallPoetry
            | BuiltIn::ActionsPoetry
            | BuiltIn::SetupPdm
            | BuiltIn::SetupNox
            | BuiltIn::InstallHatch
            | BuiltIn::SetupPixi
            | BuiltIn::SetupJust
            | BuiltIn::InstallTool
            | BuiltIn::AptPackages
            | BuiltIn::SetupBrowser
    )
}

fn script_fate(step: &Step, script: &str, tests: bool) -> Result<Fate, Trouble> {
    let line = step.span.start.line;
    let own_shell = match shell(step).map(|shell| shell.split_whitespace().next().unwrap_or("")) {
        Some("pwsh" | "powershell" | "cmd") => true,
        // A shell that a conversion by hand has put there.
        _ => false,
    };
    let commands = parse_script(script);
    let of_the_runner = commands.iter().any(|command| {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        let name = match words.as_slice() {
            ["sudo", rest @ ..] => rest.iter().find(|word| !word.starts_with('-')),
            all => all.first(),
        };
        name.is_some_and(|name| OF_THE_RUNNER.contains(name))
    });
    if of_the_runner || own_shell {
        return match tests {
            false => Ok(Fate::Runner),
            true if own_shell => Err(Trouble::new(
                line,
                "the tests are started by a shell of Windows",
                "start them with `shell: bash`",
            )),
            true => Err(Trouble::new(
                line,
                "the tests are started by a command that needs the runner, such as docker",
                "nothing is to be done where they run in a container already; else call docker in a step of its own",
            )),
        };
    }
    if commands
        .iter()
        .any(|command| command.words.iter().any(|word| word == "sudo"))
    {
        return Err(Trouble::new(
            line,
            "this step calls sudo, and nobody becomes root in the container",
            "let the image hold what it does: install it in Dockerfile.test, or before the first test step with nothing else in the script",
        ));
    }
    if let StepAction::Run {
        shell: Some(_),
        working_directory: Some(directory),
        ..
    } = &step.action
        && normal_path(&directory.value).is_none()
    {
        return Err(Trouble::new(
            directory.span.start.line,
            "this step has its own shell, in a folder that is known only while the job runs",
            "name the folder without an expression, below the workspace",
        ));
    }
    Ok(Fate::Container)
}

/// The steps of a local composite action, those of actions within it too.
pub(super) fn composite(
    used: &ActionUse,
    found: &mut BTreeMap<String, Vec<Fate>>,
) -> Result<(), Trouble> {
    let here = used.origin == crate::plan::Origin::Here;
    let mut fates = Vec::new();
    for step in &used.steps {
        if let Placement::Composite(inner) = &step.placement {
            composite(inner, found)?;
        }
        let image = ImageUse {
            dockerfile: String::new(),
            context: String::new(),
            target: None,
            build_args: Vec::new(),
            takes_python: false,
            derived: false,
        };
        let fate = fate(&step.step, &[step], &image).map_err(|trouble| Trouble {
            why: format!("in the action `{}`: {}", used.uses, trouble.why),
            ..trouble
        })?;
        if !here && step.test.is_some() {
            return Err(Trouble::new(
                step.step.span.start.line,
                &format!(
                    "`{}` of another repository runs the tests itself",
                    used.uses
                ),
                "call the test command in a `run` step",
            ));
        }
        fates.push(fate);
    }
    if here {
        let known = found
            .entry(used.folder.clone())
            .or_insert_with(|| fates.clone());
        // What one user of it has in its image, another may lack: then it runs.
        for (known, fate) in known.iter_mut().zip(fates) {
            if *known != fate {
                *known = Fate::Container;
            }
        }
    }
    Ok(())
}
