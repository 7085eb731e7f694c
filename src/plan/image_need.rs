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
    /// Whatever is there: the leg needs no more than a shell.
    Any,
}

impl fmt::Display for ImageNeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dockerfile => f.write_str("the tests' Dockerfile"),
            Self::Base(image) | Self::Named(image) => f.write_str(image),
            Self::Any => f.write_str("any"),
        }
    }
}

/// Base image for legs that need no language, where no other leg needs one.
const DEFAULT_BASE: &str = "python:3.13-slim";

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
        // An expression that comes out empty means "no container".
        if !name.is_empty() {
            return Ok(ImageNeed::Named(name));
        }
    }
    if let Some(image) = &inputs.image {
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
    Ok(ImageNeed::Any)
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

/// The image for legs that need no language: the base of the others.
pub(super) fn base(jobs: &[PlanJob]) -> ImageNeed {
    let mut legs = Vec::new();
    jobs.iter().for_each(|job| job.running(&mut legs));
    legs.into_iter()
        .map(|(_, leg)| leg)
        .filter(|leg| leg.left_out.is_none() && leg.image != ImageNeed::Any)
        .map(|leg| leg.image.clone())
        .min()
        .unwrap_or_else(|| ImageNeed::Base(DEFAULT_BASE.to_owned()))
}

/// Gives legs that need no language that image.
pub(super) fn settle(jobs: &mut [PlanJob], base: &ImageNeed) {
    for leg in jobs.iter_mut().flat_map(|job| &mut job.legs) {
        if let Some(call) = &leg.call {
            let mut called = call.to_vec();
            settle(&mut called, base);
            leg.call = Some(called.into());
        } else if leg.image == ImageNeed::Any {
            leg.image = base.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::python_image;

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
