//! Which image a leg needs.

use std::fmt;

use crate::expr::Contexts;
use crate::record::Cause;
use crate::workflow::{Job, Problem, StepAction};

use super::action::{BuiltIn, Meaning};
use super::derive;
use super::sources::Origin;
use super::steps::{ScopedStep, scoped};
use super::{Inputs, PlanJob, PlanStep, contexts, language};

/// The image that a leg runs in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ImageNeed {
    /// Built from the repository's Dockerfile.
    Dockerfile {
        /// The Python that the leg sets up, where the Dockerfile takes it as the build
        /// argument `PYTHON_VERSION`.
        python: Option<String>,
    },
    /// An official image for the language that the leg sets up; commands run as an
    /// ordinary user who may install packages, as on GitHub's runner.
    Base(String),
    /// An image that the workflow or the user names; commands run as its own user.
    Named(String),
    /// A base with any Python: the leg uses one and does not say which.
    AnyPython,
    /// Any base: the leg needs no more than a shell.
    Any,
}

impl fmt::Display for ImageNeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dockerfile { .. } => f.write_str("the tests' Dockerfile"),
            Self::Base(image) | Self::Named(image) => f.write_str(image),
            Self::AnyPython | Self::Any => match self.candidates() {
                [first, ..] => write!(f, "{first} or the like"),
                [] => Ok(()),
            },
        }
    }
}

/// What `ubuntu-latest` has, then what does as well.
const ANY_PYTHON: &[&str] = &[
    "python:3.12-slim",
    "python:3.13-slim",
    "python:3.11-slim",
    "python:3.14-slim",
    "python:3.10-slim",
];
/// The same for a leg that needs no more than a shell.
const ANY: &[&str] = &[
    "ubuntu:24.04",
    "ubuntu:22.04",
    "ubuntu:latest",
    "debian:stable-slim",
    "debian:trixie-slim",
    "debian:bookworm-slim",
    "python:3.12-slim",
    "python:3.13-slim",
    "python:3.11-slim",
    "python:3.14-slim",
    "python:3.10-slim",
];

impl ImageNeed {
    /// The images that will do, best first: the first one on the engine is taken, else
    /// the first one is fetched. None where there is no choice.
    pub(crate) fn candidates(&self) -> &'static [&'static str] {
        match self {
            Self::AnyPython => ANY_PYTHON,
            Self::Any => ANY,
            Self::Dockerfile { .. } | Self::Base(_) | Self::Named(_) => &[],
        }
    }

    /// Whether it stands for GitHub's runner: commands run as its user does.
    pub(crate) fn is_base(&self) -> bool {
        matches!(self, Self::Base(_) | Self::AnyPython | Self::Any)
    }
}

/// Whether a job has a label: `runs_on` lists them, separated by commas. Letters are
/// compared without case, as GitHub does.
pub(crate) fn has_label(runs_on: &str, label: &str) -> bool {
    runs_on
        .split(',')
        .any(|one| one.trim().eq_ignore_ascii_case(label))
}

/// The image that one leg needs.
pub(super) fn of_leg(
    job: &Job,
    steps: &[PlanStep],
    inputs: &Inputs,
    scope: &Contexts,
) -> Result<ImageNeed, (Cause, Problem)> {
    if let Some(container) = &job.container
        && let Some(image) = &container.image
    {
        let name = crate::expr::Template::parse(&image.value, &crate::expr::Allowed::ALL)
            .and_then(|template| template.evaluate_text(scope))
            .map_err(|error| {
                (
                    Cause::WorkflowInvalid,
                    Problem::new(image.span, error.message),
                )
            })?;
        let name = super::container::image_name(&name).to_owned();
        // An expression that comes out empty means "no container".
        if !name.is_empty() {
            return Ok(ImageNeed::Named(name));
        }
    }
    let runs_on = contexts::runs_on(job, scope);
    let of_label = inputs
        .images
        .iter()
        .find(|(label, _)| has_label(&runs_on, label))
        .map(|(_, image)| image);
    if let Some(image) = of_label.or(inputs.image.as_ref()) {
        return Ok(ImageNeed::Named(image.clone()));
    }
    let steps = scoped(steps, scope);
    if let Some(dockerfile) = &inputs.dockerfile {
        // A version that no image is known for is the Dockerfile's own business.
        let asked = language::image_for(&steps, inputs).ok().flatten();
        return Ok(ImageNeed::Dockerfile {
            python: asked
                .and_then(|image| derive::python_of(&image))
                .filter(|_| dockerfile.python_argument),
        });
    }
    if let Some(image) = language::image_for(&steps, inputs)? {
        return Ok(ImageNeed::Base(image));
    }
    Ok(if needs_python(&steps, &inputs.skip_actions) {
        ImageNeed::AnyPython
    } else {
        ImageNeed::Any
    })
}

/// Commands that are Python, or may well start it.
const PYTHON_WORDS: &[&str] = &[
    "black",
    "coverage",
    "flake8",
    "hatch",
    "isort",
    "just",
    "make",
    "mypy",
    "nox",
    "pdm",
    "pipenv",
    "pipx",
    "poetry",
    "pre-commit",
    "py.test",
    "pylint",
    "pyright",
    "pytest",
    "ruff",
    "sphinx-build",
    "task",
    "tox",
    "twine",
    "uv",
    "uvx",
];

/// Whether a job that sets up no Python may use the one that the runner has. What
/// cannot be looked into may.
fn needs_python(steps: &[ScopedStep], skipped: &[String]) -> bool {
    steps.iter().any(|step| match &step.step.action {
        StepAction::Uses { action, .. } => match Meaning::of(&action.value, skipped) {
            // Their stand-ins run commands that may be Python's.
            Meaning::BuiltIn(BuiltIn::InstallTool | BuiltIn::SetupJust | BuiltIn::Retry) => true,
            Meaning::BuiltIn(_) | Meaning::LeftOut(_) | Meaning::SkippedBySettings => false,
            // The steps of a local action are looked at themselves.
            Meaning::OwnCode(Origin::Here, _) => false,
            Meaning::OwnCode(Origin::Remote { .. }, _)
            | Meaning::Refused(_)
            | Meaning::Image
            | Meaning::None => true,
        },
        StepAction::Run { script, shell, .. } => {
            shell
                .as_ref()
                .is_some_and(|shell| shell.value.contains("python"))
                || mentions_python(&script.value)
        }
    })
}

fn mentions_python(script: &str) -> bool {
    script
        .split(|one: char| !one.is_ascii_alphanumeric() && !"._-/".contains(one))
        .any(|word| {
            let name = word.rsplit('/').next().unwrap_or(word);
            word.starts_with("./")
                || name.ends_with(".sh")
                || name.ends_with(".py")
                || name.starts_with("python")
                || name
                    .strip_prefix("pip")
                    .is_some_and(|rest| rest.bytes().all(|one| one.is_ascii_digit() || one == b'.'))
                || PYTHON_WORDS.contains(&name)
        })
}

/// The image for legs that do not say what they need: the base of the others.
pub(super) fn base(jobs: &[PlanJob]) -> ImageNeed {
    let mut legs = Vec::new();
    jobs.iter().for_each(|job| job.running(&mut legs));
    legs.into_iter()
        .map(|(_, leg)| leg)
        .filter(|leg| leg.left_out.is_none() && leg.image.is_base())
        .map(|leg| leg.image.clone())
        .min()
        .unwrap_or(ImageNeed::Any)
}

/// Gives legs that do not say what they need that image.
pub(super) fn settle(jobs: &mut [PlanJob], base: &ImageNeed) {
    for leg in jobs.iter_mut().flat_map(|job| &mut job.legs) {
        if let Some(call) = &leg.call {
            let mut called = call.to_vec();
            settle(&mut called, base);
            leg.call = Some(called.into());
        } else if leg.image == ImageNeed::Any
            // A job that is planned during the run may be the first to need a Python.
            || (leg.image == ImageNeed::AnyPython && *base != ImageNeed::Any)
        {
            leg.image = base.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{has_label, mentions_python};

    #[test]
    fn labels_are_compared_whole_and_without_case() {
        assert!(has_label("ubuntu-latest", "Ubuntu-Latest"));
        assert!(has_label("self-hosted, linux, gpu", "gpu"));
        assert!(!has_label("ubuntu-latest-8-cores", "ubuntu-latest"));
        assert!(!has_label("", "ubuntu-latest"));
    }

    #[test]
    fn a_script_that_may_use_python_is_told_from_one_that_does_not() {
        for script in [
            "pytest -q",
            "pip install -e .",
            "pip3.11 list",
            "/usr/bin/python3 -c 1",
            "cd x && ./run-tests",
            "bash scripts/ci.sh",
            "make test",
        ] {
            assert!(mentions_python(script), "{script}");
        }
        for script in [
            "echo hello",
            "test \"$RESULT\" = success",
            "exit 1",
            "curl -f localhost:80/pipeline",
        ] {
            assert!(!mentions_python(script), "{script}");
        }
    }
}
