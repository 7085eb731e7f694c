//! `container` and `services` of a job: from their texts to what their containers are
//! created with. Used twice: when the plan is made, for what is known then, and when
//! the job starts.

mod flags;
mod options;
mod read;
mod values;
mod words;

use crate::expr::{Allowed, Contexts, Template};
use crate::record::Cause;
use crate::workflow::{Container, Job, Problem, Text};

use super::{Inputs, OnThisMachine, PlanJob, Problems};

pub(crate) use options::{CreateOptions, Mount, PortMapping};
pub(super) use read::OptionReader;
pub(crate) use read::{Role, allowed_option};
pub(crate) use values::{is_of_the_kernel, ports as port_mappings};
pub(super) use words::argument;
pub(crate) use words::words;

/// A service as it is known when the plan is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedService {
    /// Its label, by which steps reach it.
    pub(crate) label: String,
    /// Its image; with its expressions where they are not known yet.
    pub(crate) image: String,
}

/// Gives the value of a text; `None` where it is not known yet.
pub(crate) type Evaluate<'a> = &'a dyn Fn(&Text) -> Result<Option<String>, String>;

/// What `options`, `ports` and `volumes` of a container say, with what is to be said
/// of them.
///
/// # Errors
/// Everything that is wrong with them, or not granted by `allowed`.
pub(crate) fn create_options(
    container: &Container,
    what: &str,
    role: Role,
    allowed: &[String],
    evaluate: Evaluate<'_>,
) -> Result<(CreateOptions, Vec<Problem>), Problems> {
    let mut reader = OptionReader::new(role, allowed);
    let mut notes = Vec::new();
    let mut problems = Vec::new();
    let mut read = |text: &Text, key: &str| {
        match evaluate(text) {
            Ok(Some(value)) => reader.entry(key, &value),
            Ok(None) => {}
            Err(message) => problems.push((
                Cause::WorkflowInvalid,
                Problem::new(text.span, format!("{what}, `{key}`: {message}")),
            )),
        }
        for wrong in reader.wrong.drain(..) {
            let problem = Problem::new(text.span, format!("{what}: {}", wrong.message));
            problems.push((wrong.cause, problem.with_hint(wrong.hint)));
        }
        notes.extend(
            reader
                .notes
                .drain(..)
                .map(|note| Problem::new(text.span, format!("{what}: {note}"))),
        );
    };
    for text in &container.ports {
        read(text, "ports");
    }
    for text in &container.volumes {
        read(text, "volumes");
    }
    if let Some(text) = &container.options {
        read(text, "options");
    }
    if problems.is_empty() {
        Ok((reader.options, notes))
    } else {
        problems.sort_by_key(|(_, problem): &(Cause, Problem)| problem.span.start);
        Err(problems)
    }
}

/// What is wrong with the containers of one leg, as far as it is known.
pub(super) fn problems(planned: &PlanJob, inputs: &Inputs, scope: &Contexts) -> Problems {
    let job = &planned.job;
    let mut problems = Vec::new();
    for (container, what, role) in containers(job) {
        let read = create_options(container, &what, role, &inputs.allowed_options, &|text| {
            Ok(known(text, scope))
        });
        problems.extend(read.err().unwrap_or_default());
    }
    let no_engine = |machine: &OnThisMachine| !machine.services;
    if inputs.on_this_machine.as_ref().is_some_and(no_engine)
        && let Some((label, _)) = job.services.first()
    {
        let mut problem = Problem::new(
            label.span,
            format!(
                "job `{}` has services, which need a container engine",
                job.id.value
            ),
        )
        .with_hint("run it on a container engine, or choose other jobs with `--job`");
        if let Some(compose) = &planned.compose {
            problem.in_file(&compose.file);
        }
        problems.push((Cause::UnsupportedFeature, problem));
    }
    problems
}

/// What a person should know of the containers of all jobs, each thing once.
pub(super) fn warnings(jobs: &[&PlanJob], inputs: &Inputs) -> Vec<Problem> {
    let mut warnings: Vec<Problem> = Vec::new();
    let plain = |text: &Text| Ok((!text.value.contains("${{")).then(|| text.value.clone()));
    for planned in jobs {
        if inputs.on_this_machine.is_some()
            && let Some(image) = planned
                .job
                .container
                .as_ref()
                .and_then(|one| one.image.as_ref())
        {
            let message = format!(
                "job `{}` asks for a container, and runs on this machine without it",
                planned.id
            );
            let mut note = Problem::new(image.span, message);
            note.in_file(&planned.frame.file);
            warnings.push(note);
        }
        for (container, what, role) in containers(&planned.job) {
            let read = create_options(container, &what, role, &inputs.allowed_options, &plain);
            for mut note in read.map(|(_, notes)| notes).unwrap_or_default() {
                note.in_file(&planned.frame.file);
                if !warnings.contains(&note) {
                    warnings.push(note);
                }
            }
        }
    }
    warnings
}

/// The services of one leg; one whose image is known to be empty is not started.
pub(super) fn services(job: &Job, scope: &Contexts) -> Vec<PlannedService> {
    job.services
        .iter()
        .filter_map(|(label, container)| {
            let text = container.image.as_ref()?;
            let image = known(text, scope).unwrap_or_else(|| text.value.clone());
            (!image.is_empty()).then(|| PlannedService {
                label: label.value.clone(),
                image,
            })
        })
        .collect()
}

fn containers(job: &Job) -> impl Iterator<Item = (&Container, String, Role)> {
    let own = job.container.iter().map(|container| {
        let what = format!("`container` of job `{}`", job.id.value);
        (container, what, Role::Job)
    });
    own.chain(job.services.iter().map(|(label, container)| {
        let what = format!("service `{}` of job `{}`", label.value, job.id.value);
        (container, what, Role::Service)
    }))
}

/// The value of a text that depends on nothing which becomes known later.
pub(super) fn known(text: &Text, scope: &Contexts) -> Option<String> {
    let early = Allowed {
        names: &["github", "strategy", "matrix", "vars", "inputs"],
        functions: &[],
    };
    Template::parse(&text.value, &early)
        .ok()?
        .evaluate_text(scope)
        .ok()
}

/// An image as an engine names it: the runner takes `docker://` off
/// (`PipelineTemplateConverter` of actions/runner).
pub(crate) fn image_name(text: &str) -> &str {
    match text.get(..9) {
        Some(scheme) if scheme.eq_ignore_ascii_case("docker://") => text.get(9..).unwrap_or(""),
        _ => text,
    }
}
