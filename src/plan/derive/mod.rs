//! The image that the tests need, derived from the workflow's own set-up steps.
//!
//! Set-up steps before a leg's first test step are *baked*: they become layers of a
//! Dockerfile, so that they are done once and not in each run. A step is baked only
//! when all of it is understood, when it needs nothing but files of the repository,
//! and when it depends on nothing that is known only while the run goes. The first
//! step that may change what later ones do, and is not baked, ends the baking:
//! what comes after it stays a step.

mod building;
mod command;
mod given;
mod layer;
mod pip;
mod project;
mod render;
mod setup_tools;
mod step;
mod tests_of;
mod tools;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::expr::Contexts;
use crate::workflow::Job;

pub(super) use words::quoted;

use super::frame::Frame;
use super::{ActionUse, ImageNeed, Inputs, Placement, PlanStep};

use layer::{Cache, Layer, Phase};

pub(crate) use given::{CA_SECRET, WithSecrets, with_secrets};
pub(crate) use render::DOCKERIGNORE;

/// The folder of the source in a derived image.
pub(crate) const WORKDIR: &str = "/app";
/// The stage that holds everything but the source.
pub(crate) const DEPENDENCIES: &str = "dependencies";
/// The stage that holds the source too.
pub(crate) const TEST: &str = "test";
/// The build argument that names the Python.
pub(crate) const PYTHON_VERSION: &str = "PYTHON_VERSION";

/// An image derived from the set-up steps of a leg.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Derived {
    /// The Dockerfile.
    pub(crate) dockerfile: String,
    /// The version of Python in the base image's name, the build argument
    /// [`PYTHON_VERSION`]; absent where the base is no `python:…-slim` image.
    pub(crate) python: Option<String>,
    /// The stage that the run needs: [`TEST`] when a layer is made of the source, else
    /// [`DEPENDENCIES`], which no change of the source builds again.
    pub(crate) target: &'static str,
    /// Files of the repository that the layers of dependencies are made of.
    pub(crate) files: Vec<String>,
}

/// A step that a derived image holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Baked {
    /// Lines of the derived Dockerfile with their instructions.
    pub(crate) layers: Vec<(usize, String)>,
}

impl Baked {
    /// In words, for the plan and the step's log.
    pub(crate) fn text(&self) -> String {
        self.layers
            .iter()
            .map(|(line, text)| format!("line {line}: {text}"))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// What was derived for a leg: the image, and its steps with the baked ones marked.
#[derive(Debug, Clone)]
pub(super) struct Found {
    base: String,
    layers: Vec<Layer>,
    pub(super) derived: Arc<Derived>,
    pub(super) steps: Arc<[PlanStep]>,
}

/// Derives the image of a leg; `None` when there is nothing to bake. `before` is what was
/// found for another leg of the job: most legs of a matrix need the same.
pub(super) fn of_leg(
    (frame, job): (&Frame, &Job),
    steps: &Arc<[PlanStep]>,
    inputs: &Inputs,
    scope: &Contexts,
    need: &ImageNeed,
    before: Option<&Found>,
) -> Option<Found> {
    let base = base_of(need)?;
    let python = python_of(&base);
    let reader = step::Reader {
        inputs,
        scope,
        entries: vec![&frame.workflow.env, &job.env],
        defaults: vec![&job.defaults, &frame.workflow.defaults],
        open: BTreeSet::new(),
        python: python.as_deref(),
    };
    let layers = reader.layers(steps)?;
    if let Some(same) = before.filter(|one| one.base == base && one.layers == layers) {
        return Some(same.clone());
    }
    let rendered = render::dockerfile(
        &base,
        python.as_deref(),
        &layers,
        &inputs.github.workflow_file,
    );
    let mut baked: BTreeMap<u32, Baked> = BTreeMap::new();
    for (layer, place) in layers.iter().zip(&rendered.places) {
        if layer.whole {
            baked
                .entry(layer.step)
                .or_insert_with(|| Baked { layers: Vec::new() })
                .layers
                .push(place.clone());
        }
    }
    let steps = marked(steps, &mut baked).into();
    let from_source = layers.iter().any(|layer| layer.phase == Phase::Source);
    let files: BTreeSet<String> = layers
        .iter()
        .flat_map(|layer| layer.copies.iter().cloned())
        .collect();
    let derived = Derived {
        dockerfile: rendered.text,
        python,
        target: if from_source { TEST } else { DEPENDENCIES },
        files: files.into_iter().collect(),
    };
    Some(Found {
        base,
        layers,
        derived: Arc::new(derived),
        steps,
    })
}

/// The steps, those that are baked marked, also within composite actions.
fn marked(steps: &[PlanStep], baked: &mut BTreeMap<u32, Baked>) -> Vec<PlanStep> {
    steps
        .iter()
        .map(|step| {
            let mut step = step.clone();
            if let Some(baked) = baked.remove(&step.number) {
                step.placement = Placement::Baked(Arc::new(baked));
            } else if let Placement::Composite(used) = &step.placement {
                let mut used = ActionUse::clone(used);
                used.steps = marked(&used.steps, baked);
                step.placement = Placement::Composite(Arc::new(used));
            }
            step
        })
        .collect()
}

/// The image that the derived one is built on. Only a Python is worth it: other
/// languages stand beside one here.
fn base_of(need: &ImageNeed) -> Option<String> {
    match need {
        ImageNeed::Base(name) if name.starts_with("python:") || name.starts_with("pypy:") => {
            Some(name.clone())
        }
        ImageNeed::AnyPython => need.candidates().first().map(ToString::to_string),
        _ => None,
    }
}

/// `3.11` of `python:3.11-slim`.
pub(crate) fn python_of(image: &str) -> Option<String> {
    image
        .strip_prefix("python:")?
        .strip_suffix("-slim")
        .map(ToOwned::to_owned)
}
