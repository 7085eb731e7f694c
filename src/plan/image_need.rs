//! Which image a leg needs.

use std::fmt;

use crate::expr::Contexts;
use crate::record::Cause;
use crate::workflow::{Job, Problem, StepAction};

use super::action::{ActionRef, BuiltIn};
use super::{Inputs, PlanJob, contexts};

/// The image that a leg runs in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ImageNeed {
    /// Built from the repository's Dockerfile.
    Dockerfile,
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
            Self::Dockerfile => f.write_str("the tests' Dockerfile"),
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
            Self::Dockerfile | Self::Base(_) | Self::Named(_) => &[],
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
    if inputs.dockerfile.is_some() {
        return Ok(ImageNeed::Dockerfile);
    }
    for step in &job.steps {
        let StepAction::Uses { action, with } = &step.action else {
            continue;
        };
        let Some(ActionRef::Repository { name, .. }) = ActionRef::parse(&action.value) else {
            continue;
        };
        if BuiltIn::of(&name) != Some(BuiltIn::SetupPython) {
            continue;
        }
        let input = |name: &str| {
            with.iter()
                .find(|(key, _)| key.value.eq_ignore_ascii_case(name))
        };
        let (asked, span) = match (input("python-version"), input("python-version-file")) {
            (Some((_, node)), _) => (contexts::text(node, scope).unwrap_or_default(), node.span),
            (None, Some((_, node))) => {
                let file = contexts::text(node, scope).unwrap_or_default();
                let text = inputs.project.get(file.trim_start_matches("./"));
                match text {
                    Some(text) => (text.clone(), node.span),
                    None => {
                        return Err((
                            Cause::WorkflowInvalid,
                            Problem::new(
                                node.span,
                                format!(
                                    "the python-version-file `{file}` is not there or not supported"
                                ),
                            )
                            .with_hint("supported is `.python-version`"),
                        ));
                    }
                }
            }
            (None, None) => (
                inputs
                    .project
                    .get(".python-version")
                    .cloned()
                    .unwrap_or_else(|| "3".to_owned()),
                action.span,
            ),
        };
        return match python_image(&asked) {
            Some(image) => Ok(ImageNeed::Base(image)),
            None => Err((
                Cause::UnsupportedFeature,
                Problem::new(
                    span,
                    format!(
                        "no image is known for the Python version `{}`",
                        asked.trim()
                    ),
                )
                .with_hint("name one with `--image IMAGE`, or add a Dockerfile.test"),
            )),
        };
    }
    Ok(if needs_python(job) {
        ImageNeed::AnyPython
    } else {
        ImageNeed::Any
    })
}

/// Actions that bring or need no language.
const PLAIN_ACTIONS: &[&str] = &[
    "actions/cache",
    "actions/cache/restore",
    "actions/cache/save",
    "actions/checkout",
    "actions/download-artifact",
    "actions/upload-artifact",
    "codecov/codecov-action",
    "docker/setup-buildx-action",
    "re-actors/alls-green",
];
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
fn needs_python(job: &Job) -> bool {
    job.steps.iter().any(|step| match &step.action {
        StepAction::Uses { action, .. } => match ActionRef::parse(&action.value) {
            Some(ActionRef::Repository { name, .. }) => {
                !PLAIN_ACTIONS.contains(&name.to_ascii_lowercase().as_str())
            }
            _ => true,
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

/// The official image for a version as setup-python takes it. Of several, the
/// last one is the default, as in setup-python.
fn python_image(asked: &str) -> Option<String> {
    let version = asked
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty() && !line.starts_with('#'))?
        .trim_start_matches("python-");
    let (family, number) = if let Some(number) = version.strip_prefix("pypy") {
        ("pypy", number.trim_start_matches('-'))
    } else {
        ("python", version)
    };
    let number = number.trim_end_matches(".x").trim_end_matches(".*");
    let plain = !number.is_empty()
        && number.split('.').count() <= 3
        && number
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    plain.then(|| format!("{family}:{number}-slim"))
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
    use super::{has_label, mentions_python, python_image};

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

    #[test]
    fn versions_become_images() {
        for (asked, image) in [
            ("3.11", Some("python:3.11-slim")),
            ("3.11.4", Some("python:3.11.4-slim")),
            ("3.x", Some("python:3-slim")),
            ("3.12.x\n", Some("python:3.12-slim")),
            ("3.9\n3.12\n", Some("python:3.12-slim")),
            ("pypy3.10", Some("pypy:3.10-slim")),
            ("pypy-3.10", Some("pypy:3.10-slim")),
            (">=3.9", None),
            ("3.14-dev", None),
            ("3.13t", None),
            ("", None),
        ] {
            assert_eq!(python_image(asked).as_deref(), image, "{asked}");
        }
    }
}
