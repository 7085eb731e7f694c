//! The recipe of the tests' own image: its Dockerfile, and what a compose or bake file says
//! of how it is built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::compose::{self, shown};
use super::prepare::{NotPrepared, Request};
use crate::image::dockerfile::{Dockerfile, Stage};
use crate::image::{Finding, Recipe, check_frontend};
use crate::plan::{DefinitionUse, DockerfileUse, PYTHON_VERSION, Plan, definition_hint};
use crate::record::Cause;
use crate::runner::dockerfile_recipe;
use crate::scan::compose_files;
use crate::settings::BuiltFrom;

/// The Dockerfile that is looked for, and the stage that is taken where it exists.
const DOCKERFILE: &str = "Dockerfile.test";
const STAGE: &str = "test";
/// Bake files that are looked into for a hint.
const BAKE_FILES: [&str; 2] = ["docker-bake.hcl", "docker-bake.json"];
/// Most bytes of a file that is looked into for a hint.
const MOST: u64 = 512 * 1024;

/// A recipe with what the plan has to know of it.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// The recipe.
    pub(super) recipe: Recipe,
    /// The Dockerfile as the plan uses it.
    pub(super) used: DockerfileUse,
    /// What is said of its build and not taken over.
    pub(super) findings: Vec<Finding>,
}

/// What is to be built, before the Dockerfile is looked into.
struct Build {
    file: PathBuf,
    context: PathBuf,
    target: Option<String>,
    args: Vec<(String, String)>,
    /// The file and name of what says so, where that is not the Dockerfile itself.
    of: Option<String>,
    findings: Vec<Finding>,
}

/// The recipe of the repository `owner/name`, as far as it has a Dockerfile: one that is
/// named, described elsewhere, or `Dockerfile.test`.
pub(super) fn own(request: &Request, repository: &str) -> Result<Option<Own>, NotPrepared> {
    let build = match &request.built {
        Some(BuiltFrom::Definition(wanted)) => defined(request, wanted)?,
        Some(BuiltFrom::Dockerfile(file)) => plain(request, file.clone()),
        None => match usual(request)? {
            Some(file) => plain(request, file),
            None => return Ok(None),
        },
    };
    let name = shown(&build.file, &request.root);
    let text = std::fs::read_to_string(&build.file).map_err(|error| {
        let hint = build
            .of
            .as_ref()
            .map(|of| format!("{of} says that the image is built from it"));
        NotPrepared::Other(Cause::PathInvalid, format!("{name}: {error}"), hint)
    })?;
    check_frontend(&name, &text, &build.args, &request.build.frontends).map_err(|failure| {
        let hint = failure.evidence.first().cloned();
        NotPrepared::Other(failure.cause, failure.message, hint)
    })?;
    let read = Dockerfile::parse(&text).map_err(|error| {
        let message = format!("{name}:{}: {}", error.line, error.message);
        NotPrepared::Other(Cause::DockerfileError, message, None)
    })?;
    let target = stage(&read, &name, &build, request.target.as_deref())?;
    // Only what the repository itself is copied to is its place in the image.
    let source_dir = read
        .stage(target.as_deref())
        .filter(|_| build.context == request.root)
        .and_then(Stage::source_dir);
    let recipe = dockerfile_recipe(build.file, build.context, target, build.args, repository);
    let name = match build.of {
        Some(of) => format!("{}, as {of} says", recipe.name()),
        None => recipe.name(),
    };
    let used = DockerfileUse {
        name,
        source_dir,
        python_argument: takes_python(&text, &request.build_args),
    };
    Ok(Some(Own {
        recipe,
        used,
        findings: build.findings,
    }))
}

/// A Dockerfile that nothing describes further.
fn plain(request: &Request, file: PathBuf) -> Build {
    Build {
        file,
        context: request.root.clone(),
        target: None,
        args: request.build_args.clone(),
        of: None,
        findings: Vec::new(),
    }
}

/// The usual Dockerfile, where it is there.
fn usual(request: &Request) -> Result<Option<PathBuf>, NotPrepared> {
    let usual = request.root.join(DOCKERFILE);
    if usual.is_file() {
        return Ok(Some(usual));
    }
    match &request.target {
        Some(target) => Err(NotPrepared::Other(
            Cause::Usage,
            format!("the stage `{target}` is asked for, and there is no {DOCKERFILE}"),
            Some("name the file with `--dockerfile FILE`".to_owned()),
        )),
        None => Ok(None),
    }
}

/// What a compose or bake file says, with the arguments of the settings over its own.
fn defined(request: &Request, wanted: &DefinitionUse) -> Result<Build, NotPrepared> {
    let (definition, file) = compose::definition(request, wanted)?;
    let of = format!("{file}#{}", wanted.name);
    let root = &request.root;
    // What begins so is meant from the folder of the command, as bake writes it.
    let place = |base: &Path, path: &str| match path.strip_prefix("cwd://") {
        Some(path) => root.join(path),
        None => base.join(path),
    };
    let context = inside(root, &place(root, &definition.context), &of, "the context")?;
    let dockerfile = place(&context, &definition.dockerfile);
    let dockerfile = inside(root, &dockerfile, &of, "the Dockerfile")?;
    if !context.is_dir() {
        let message = format!("{of}: the context {} is no folder", shown(&context, root));
        return Err(NotPrepared::Other(Cause::PathInvalid, message, None));
    }
    let mut args: BTreeMap<String, String> = definition.args.into_iter().collect();
    args.extend(request.build_args.iter().cloned());
    let findings = match definition.no_effect.as_slice() {
        [] => Vec::new(),
        keys => vec![Finding::notice(format!(
            "{of}: `{}` has no effect on the image that seatrial builds",
            keys.join("`, `")
        ))],
    };
    Ok(Build {
        file: dockerfile,
        context,
        target: definition.target,
        args: args.into_iter().collect(),
        of: Some(of),
        findings,
    })
}

/// A path of the repository, without links and detours.
fn inside(root: &Path, path: &Path, of: &str, what: &str) -> Result<PathBuf, NotPrepared> {
    let unusable = |message: String, hint: Option<&str>| {
        NotPrepared::Other(Cause::PathInvalid, message, hint.map(ToOwned::to_owned))
    };
    let name = shown(path, root);
    let real = |path: &Path| {
        path.canonicalize()
            .map_err(|error| unusable(format!("{of}: {what} {name}: {error}"), None))
    };
    let (whole, path) = (real(root)?, real(path)?);
    match path.strip_prefix(&whole) {
        Ok(within) if within.as_os_str().is_empty() => Ok(root.to_path_buf()),
        Ok(within) => Ok(root.join(within)),
        Err(_) => Err(unusable(
            format!("{of}: {what} {name} lies outside the repository"),
            Some("an image of the tests is built from files of the repository alone"),
        )),
    }
}

/// The stage that is built: of the settings, of what describes the build, else the usual
/// one of a Dockerfile that nothing describes.
fn stage(
    read: &Dockerfile,
    name: &str,
    build: &Build,
    asked: Option<&str>,
) -> Result<Option<String>, NotPrepared> {
    let (target, by) = match (asked, &build.target, &build.of) {
        (Some(target), ..) => (target, String::new()),
        (None, Some(target), Some(of)) => (target.as_str(), format!(", which {of} asks for")),
        (None, Some(target), None) => (target.as_str(), String::new()),
        (None, None, Some(_)) => return Ok(None),
        (None, None, None) => return Ok(read.stage(Some(STAGE)).map(|_| STAGE.to_owned())),
    };
    if read.stage(Some(target)).is_some() {
        return Ok(Some(target.to_owned()));
    }
    let hint = match read.nearest(target) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its stages are: {}", read.targets().join(", ")),
    };
    Err(NotPrepared::Other(
        Cause::DockerfileError,
        format!("{name} has no stage `{target}`{by}"),
        Some(hint),
    ))
}

/// Whether the base of a Dockerfile depends on the build argument `PYTHON_VERSION`, and
/// no setting has given it a value. That of a compose or bake file is a default, as the
/// Dockerfile's own.
fn takes_python(text: &str, given: &[(String, String)]) -> bool {
    let bases = |version: &str| {
        let arguments = BTreeMap::from([(PYTHON_VERSION.to_owned(), version.to_owned())]);
        Dockerfile::parse_with(text, &arguments)
            .map(|file| file.base_images())
            .unwrap_or_default()
    };
    given.iter().all(|(name, _)| name != PYTHON_VERSION) && bases("3.1") != bases("3.2")
}

/// What may be meant for a plan whose legs run in images that are nobody's own, although
/// the repository describes one for tests. No program is started for it.
pub(super) fn hint(request: &Request, plan: &Plan) -> Option<Finding> {
    let wants = plan.legs().any(|(_, leg)| leg.image.is_base());
    if !wants || request.built.is_some() || request.image.is_some() {
        return None;
    }
    let names = compose_files(&request.root)
        .into_iter()
        .chain(BAKE_FILES.map(ToOwned::to_owned));
    let files: Vec<(String, String)> = names
        .filter_map(|name| {
            let path = request.root.join(&name);
            let meta = std::fs::metadata(&path).ok()?;
            if !meta.is_file() || meta.len() > MOST {
                return None;
            }
            Some((name, std::fs::read_to_string(path).ok()?))
        })
        .collect();
    definition_hint(&files).map(Finding::notice)
}
