//! What of a repository is scanned: its workflow, Dockerfile, build context and compose
//! files, and the images that its jobs would run in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Scope;
use super::images::{Scanned, Source, Subject};
use crate::cli::error::CliError;
use crate::cli::prepare::{NotPrepared, Request, prepare};
use crate::cli::project::{self, WorkflowFile};
use crate::cli::{recipe, request};
use crate::image::Recipe;
use crate::plan::{Derived, ImageNeed};
use crate::record::{Cause, Class};
use crate::runner::Repository;
use crate::scan::{self, FilePlace, Finding, Origin, Place};
use crate::settings::Settings;
use crate::workflow;

/// Looks at the files of the repository. Gives the images that are to be scanned.
pub(super) fn look(scope: &Scope<'_>, scanned: &mut Scanned) -> Result<Vec<Subject>, CliError> {
    let app = scope.app;
    let Some(root) = scope.root.clone() else {
        return Err(CliError::new(
            Cause::Invariant,
            "a scan without a repository",
        ));
    };
    let settings = Settings::resolve(scope.args.flags(), &app.environment, &scope.file)?;
    for warning in &settings.warnings {
        app.out.warning(warning);
    }
    let asked = settings.workflow.as_ref().map(|asked| asked.value.as_str());
    let file = project::find_workflow(app, &root, asked)?;
    let request = request::request(app, &root, &settings, &file)?;
    if let Ok(parsed) = workflow::parse(&file.text) {
        scanned.findings.extend(scan::of_workflow(
            &parsed.workflow,
            &file.name,
            &settings.allowed_options,
            &scope.policy,
        ));
    }
    compose(scope, &root, scanned)?;
    let planned = plan(&request, &file, scanned)?;
    let built = planned.recipe;
    // One that no job gets is looked at all the same.
    let own = match &built {
        Some(recipe) => Some(recipe.clone()),
        None => recipe::own(&request, "")
            .map_err(|error| error.into_error(&file.name, &request.text))?
            .map(|own| own.recipe),
    };
    let mut subjects = Vec::new();
    if let Some(Recipe::Dockerfile {
        file: path,
        context,
        target,
        ..
    }) = &own
    {
        let origin = look_at_dockerfile(scope, &root, (path, context), target.as_deref(), scanned)?;
        let built = built.iter().flat_map(|recipe| {
            let pythons = planned.pythons.iter();
            pythons.map(|python| recipe.with_python(python.as_deref()))
        });
        for recipe in built {
            let Recipe::Dockerfile { tag, .. } = &recipe else {
                continue;
            };
            subjects.push(Subject {
                name: tag.clone(),
                source: Source::Recipe(recipe),
                file: Some(FilePlace::line(&shown(&root, path), 1)),
                origin: origin.clone(),
            });
        }
    }
    for wanted in planned.wanted {
        subjects.extend(subject(&wanted, &settings, &file, scope, scanned));
    }
    Ok(subjects)
}

/// What the legs of a plan run in.
#[derive(Default)]
struct Planned {
    /// The recipe of the tests' own image.
    recipe: Option<Recipe>,
    /// The Pythons that it is built for; one that is none where it does not depend on that.
    pythons: Vec<Option<String>>,
    /// Images beside it, each once.
    wanted: Vec<Wanted>,
}

/// An image of a leg that is not built from a Dockerfile of the repository.
#[derive(PartialEq)]
struct Wanted {
    need: ImageNeed,
    /// What is derived from set-up steps, and the name of the repository.
    derived: Option<(Arc<Derived>, String)>,
}

/// What the legs need. A plan that is refused for rights that are not granted is told as
/// findings.
fn plan(
    request: &Request,
    file: &WorkflowFile,
    scanned: &mut Scanned,
) -> Result<Planned, CliError> {
    let prepared = match prepare(request) {
        Ok(prepared) => prepared,
        Err(NotPrepared::Problems(problems, _))
            if problems
                .iter()
                .all(|(cause, _)| cause.class() == Class::Policy) =>
        {
            for (cause, problem) in &problems {
                let found = scan::of_problem(*cause, problem, &file.name);
                let known =
                    |found: &Finding| scanned.findings.iter().any(|one| one.place == found.place);
                if let Some(found) = found.filter(|found| !known(found)) {
                    scanned.findings.push(found);
                }
            }
            scanned.notices.push(
                "the images of the jobs are not scanned: there is no plan while the workflow asks for rights that are not granted"
                    .to_owned(),
            );
            return Ok(Planned::default());
        }
        Err(error) => return Err(error.into_error(&file.name, &request.text)),
    };
    let mut planned = Planned {
        recipe: prepared.recipe,
        ..Planned::default()
    };
    let repository = &prepared.inputs.github.repository;
    let running = prepared.plan.legs().map(|(_, leg)| leg);
    for leg in running.filter(|leg| leg.left_out.is_none()) {
        match &leg.image {
            ImageNeed::Dockerfile { python } => {
                if !planned.pythons.contains(python) {
                    planned.pythons.push(python.clone());
                }
            }
            need => {
                let derived = leg.derived.clone();
                let wanted = Wanted {
                    need: need.clone(),
                    derived: derived.map(|derived| (derived, repository.clone())),
                };
                if !planned.wanted.contains(&wanted) {
                    planned.wanted.push(wanted);
                }
            }
        }
    }
    // A Dockerfile that no job uses yet is looked at all the same.
    if planned.pythons.is_empty() {
        planned.pythons.push(None);
    }
    Ok(planned)
}

/// The image of a need, as something to scan.
fn subject(
    wanted: &Wanted,
    settings: &Settings,
    file: &WorkflowFile,
    scope: &Scope<'_>,
    scanned: &mut Scanned,
) -> Option<Subject> {
    let place = FilePlace::line(&file.name, 1);
    let need = &wanted.need;
    let names = || -> Vec<String> { need.candidates().iter().map(ToString::to_string).collect() };
    let (name, source) = match need {
        _ if let Some((derived, repository)) = &wanted.derived => (
            "derived from set-up steps".to_owned(),
            Source::Derived {
                derived: Arc::clone(derived),
                bases: names(),
                repository: Repository {
                    name: repository.clone(),
                    root: scope.root.clone()?,
                },
            },
        ),
        ImageNeed::Dockerfile { .. } => return None,
        ImageNeed::Base(name) => (name.clone(), Source::Image(name.clone())),
        ImageNeed::Named(name) => {
            // One that the workflow names was looked at there.
            let of_settings = settings
                .image
                .iter()
                .chain(settings.images.values())
                .any(|image| image.value == *name);
            if of_settings {
                let place = Place::File(FilePlace::line("seatrial.toml", 0));
                scanned
                    .findings
                    .extend(scan::check_base(name, &place, &scope.policy));
            }
            (name.clone(), Source::Image(name.clone()))
        }
        ImageNeed::AnyPython | ImageNeed::Any => {
            let names = names();
            (names.first().cloned()?, Source::FirstOf(names))
        }
    };
    Some(Subject {
        name,
        source,
        file: Some(place),
        origin: Origin {
            // Steps run in it as an ordinary user.
            any_user: need.is_base() && wanted.derived.is_none(),
            ..Origin::default()
        },
    })
}

fn look_at_dockerfile(
    scope: &Scope<'_>,
    root: &Path,
    (path, context): (&Path, &Path),
    target: Option<&str>,
    scanned: &mut Scanned,
) -> Result<Origin, CliError> {
    let name = shown(root, path);
    let text = read(path, &name)?;
    let found = scan::check_dockerfile(&text, &name, target, &scope.policy).map_err(|error| {
        CliError::new(
            Cause::DockerfileError,
            format!("{name}:{}: {}", error.line, error.message),
        )
    })?;
    let root_found = found
        .findings
        .iter()
        .any(|finding| finding.rule == scan::Rule::RootUser);
    let origin = Origin {
        user: Some(Place::File(found.user.clone())),
        any_user: root_found,
        secrets: found.secrets.clone(),
    };
    scanned.findings.extend(found.findings);
    let ignore = ignore_file(root, context, path)?;
    scanned.findings.extend(scan::check_context(
        ignore
            .as_ref()
            .map(|(path, text)| (path.as_str(), text.as_str())),
        &name,
        &scan::unwanted(context),
    ));
    Ok(origin)
}

/// The ignore file that BuildKit takes: the Dockerfile's own, else the context's.
fn ignore_file(
    root: &Path,
    context: &Path,
    dockerfile: &Path,
) -> Result<Option<(String, String)>, CliError> {
    let mut own = dockerfile.as_os_str().to_owned();
    own.push(".dockerignore");
    for path in [PathBuf::from(own), context.join(".dockerignore")] {
        if path.is_file() {
            let name = shown(root, &path);
            let text = read(&path, &name)?;
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

fn compose(scope: &Scope<'_>, root: &Path, scanned: &mut Scanned) -> Result<(), CliError> {
    for name in scan::compose_files(root) {
        let text = read(&root.join(&name), &name)?;
        match scan::of_compose(&text, &name, &scope.policy) {
            Ok(found) => scanned.findings.extend(found),
            Err(why) => scanned
                .notices
                .push(format!("{name} is not looked at: {why}")),
        }
    }
    Ok(())
}

/// Most bytes of a Dockerfile, an ignore file or a compose file.
const MOST: u64 = 4 << 20;

fn read(path: &Path, name: &str) -> Result<String, CliError> {
    let wrong = |message: String| CliError::new(Cause::PathInvalid, format!("{name}: {message}"));
    let meta = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if meta.len() > MOST {
        return Err(wrong(format!("the file is larger than {} MiB", MOST >> 20)));
    }
    std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}
