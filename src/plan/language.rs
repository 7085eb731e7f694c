//! Which official image a leg's set-up steps ask for.

use crate::expr::{Allowed, Contexts, Template};
use crate::record::Cause;
use crate::workflow::{Entries, Node, Problem, Span, Step, StepAction, Workflow};

use super::action::{ActionRef, BuiltIn};
use super::python::{self, PythonSpec};
use super::range::{Range, Version};
use super::steps::ScopedStep;
use super::{Inputs, contexts};

/// Python where nothing says which.
const ANY_PYTHON: &str = "3";

/// Major releases of Node.js that have official images, the newest first: of those
/// that a range accepts, the first one is taken.
const NODES: [u64; 6] = [24, 22, 20, 18, 16, 14];

/// What one set-up step asks for.
struct Asked<'a> {
    built_in: BuiltIn,
    reference: String,
    with: &'a Entries,
    span: Span,
    inputs: &'a Inputs,
    scope: &'a Contexts,
}

/// A file that a step names.
struct File {
    name: String,
    text: String,
    span: Span,
}

/// The image for a leg's steps: that of the first step that sets up Python or needs
/// one, else of the first that sets up another language; `None` without any.
///
/// # Errors
/// A version that no image is known for, or a file that is not there.
pub(super) fn image_for(
    steps: &[ScopedStep],
    inputs: &Inputs,
) -> Result<Option<String>, (Cause, Problem)> {
    let asked: Vec<Asked<'_>> = steps
        .iter()
        .filter_map(|step| Asked::of(&step.step, inputs, &step.scope))
        .collect();
    let first = |kind: fn(BuiltIn) -> bool| asked.iter().find(|asked| kind(asked.built_in));
    if let Some(asked) =
        first(|built_in| built_in == BuiltIn::SetupPython).or_else(|| first(is_of_python))
    {
        return asked.python().map(Some);
    }
    asked
        .iter()
        .find_map(|asked| asked.other().transpose())
        .transpose()
}

/// The language that a step sets up beside a Python, with the official image that has
/// it; `None` for other steps, and for what cannot be copied out of an image.
pub(super) fn beside(step: &Step, inputs: &Inputs, scope: &Contexts) -> Option<(BuiltIn, String)> {
    let asked = Asked::of(step, inputs, scope)?;
    let can = matches!(
        asked.built_in,
        BuiltIn::SetupNode | BuiltIn::SetupGo | BuiltIn::SetupJava
    );
    let image = asked.other().ok().flatten().filter(|_| can)?;
    Some((asked.built_in, image))
}

/// Whether an action needs a Python that it does not set up.
fn is_of_python(built_in: BuiltIn) -> bool {
    matches!(
        built_in,
        BuiltIn::SetupUv
            | BuiltIn::InstallPoetry
            | BuiltIn::ActionsPoetry
            | BuiltIn::SetupPdm
            | BuiltIn::SetupNox
            | BuiltIn::InstallHatch
            | BuiltIn::Ruff
            | BuiltIn::PreCommit
    )
}

impl<'a> Asked<'a> {
    fn of(step: &'a Step, inputs: &'a Inputs, scope: &'a Contexts) -> Option<Self> {
        let StepAction::Uses { action, with } = &step.action else {
            return None;
        };
        let ActionRef::Repository { name, reference } = ActionRef::parse(&action.value)? else {
            return None;
        };
        Some(Self {
            built_in: BuiltIn::of(&name)?,
            reference,
            with,
            span: action.span,
            inputs,
            scope,
        })
    }

    /// An input and its place; `None` when it is empty.
    fn input(&self, name: &str) -> Option<(String, Span)> {
        let (_, node): &(_, Node) = self
            .with
            .iter()
            .find(|(key, _)| key.value.eq_ignore_ascii_case(name))?;
        let text = contexts::text(node, self.scope).unwrap_or_default();
        (!text.trim().is_empty()).then_some((text, node.span))
    }

    /// A file of the repository that an input names.
    fn file(&self, name: &str) -> Result<Option<File>, (Cause, Problem)> {
        let Some((file, span)) = self.input(name) else {
            return Ok(None);
        };
        let file = file.trim().trim_start_matches("./").to_owned();
        match self.inputs.project.get(&file) {
            Some(text) => Ok(Some(File {
                text: text.clone(),
                name: file,
                span,
            })),
            None => Err((
                Cause::WorkflowInvalid,
                Problem::new(
                    span,
                    format!("The specified {name} file at: {file} does not exist"),
                ),
            )),
        }
    }

    /// The image with the Python that is asked for.
    fn python(&self) -> Result<String, (Cause, Problem)> {
        let mut span = self.span;
        let mut text = String::new();
        if let Some((given, at)) = self.input("python-version") {
            (text, span) = (given, at);
        } else if self.built_in == BuiltIn::SetupNox {
            if let Some((given, at)) = self.input("python-versions") {
                (text, span) = (given.replace(',', "\n"), at);
            }
        } else if let Some(file) = self.file("python-version-file")? {
            span = file.span;
            text = python::of_file(&file.name, &file.text).unwrap_or_default();
            if text.is_empty() {
                return Err((
                    Cause::WorkflowInvalid,
                    Problem::new(
                        span,
                        format!("`{}` says nothing of Python's version", file.name),
                    ),
                ));
            }
        } else if self.built_in == BuiltIn::SetupUv {
            text = Template::parse("${{ env.UV_PYTHON }}", &Allowed::ALL)
                .and_then(|template| template.evaluate_text(self.scope))
                .unwrap_or_default();
        }
        if text.is_empty() {
            text = self.project_python();
        }
        let specs = python::specs(&text);
        let spec = if self.built_in == BuiltIn::SetupNox {
            // All of them are to be there; the newest one runs nox.
            specs
                .iter()
                .rfind(|spec| matches!(spec, PythonSpec::CPython { .. }))
        } else {
            specs.last()
        };
        spec.and_then(PythonSpec::image).ok_or_else(|| {
            (
                Cause::UnsupportedFeature,
                Problem::new(
                    span,
                    format!("no image is known for the Python version `{}`", text.trim()),
                )
                .with_hint("name one with `--image IMAGE`, or add a Dockerfile.test"),
            )
        })
    }

    /// What the repository itself says: setup-python asks `.python-version` only,
    /// tools of Python also `requires-python`.
    fn project_python(&self) -> String {
        let of = |name: &str| {
            let text = self.inputs.project.get(name)?;
            python::of_file(name, text)
        };
        of(".python-version")
            .or_else(|| {
                (self.built_in != BuiltIn::SetupPython)
                    .then(|| of("pyproject.toml"))
                    .flatten()
            })
            .unwrap_or_else(|| ANY_PYTHON.to_owned())
    }

    /// The image for another language.
    fn other(&self) -> Result<Option<String>, (Cause, Problem)> {
        let version = |input: &str, file: &str| match self.input(input) {
            Some((text, _)) => Ok(text.trim().to_owned()),
            None => Ok(self
                .file(file)?
                .map(|file| first_line(&file.text))
                .unwrap_or_default()),
        };
        Ok(Some(match self.built_in {
            BuiltIn::SetupNode => {
                let asked = version("node-version", "node-version-file")?;
                format!("node:{}-slim", node_tag(&asked))
            }
            BuiltIn::SetupGo => {
                let asked = match self.file("go-version-file")? {
                    Some(file) => go_of_mod(&file.text).unwrap_or_default(),
                    None => version("go-version", "go-version-file")?,
                };
                format!("golang:{}", plain_or(&asked, "1"))
            }
            BuiltIn::SetupJava => {
                let asked = version("java-version", "java-version-file")?;
                format!("eclipse-temurin:{}-jdk", plain_or(&asked, "21"))
            }
            BuiltIn::SetupRuby => {
                let asked = version("ruby-version", "")?;
                let own = self
                    .inputs
                    .project
                    .get(".ruby-version")
                    .map(|text| first_line(text))
                    .unwrap_or_default();
                let asked = if plain_or(&asked, "").is_empty() {
                    own
                } else {
                    asked
                };
                format!("ruby:{}-slim", plain_or(&asked, "3"))
            }
            BuiltIn::SetupRust => {
                let asked = version("toolchain", "")?;
                let asked = if asked.is_empty() {
                    self.reference.clone()
                } else {
                    asked
                };
                if asked.starts_with("nightly") {
                    "rustlang/rust:nightly-slim".to_owned()
                } else {
                    format!("rust:{}-slim", plain_or(&asked, "1"))
                }
            }
            _ => return Ok(None),
        }))
    }
}

/// The first line of a file that is not empty, without a leading `v`.
fn first_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .unwrap_or_default()
        .trim_start_matches("ruby-")
        .to_owned()
}

/// A version as an image's tag, without wildcards at its end; `else_` where it is
/// none.
fn plain_or(asked: &str, else_: &str) -> String {
    let plain = asked
        .trim()
        .trim_start_matches(['v', '^', '~', '>', '=', ' '])
        .trim_end_matches(".x")
        .trim_end_matches(".*");
    let good = !plain.is_empty()
        && plain
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if good { plain } else { else_ }.to_owned()
}

/// The tag of a `node:` image for what setup-node takes.
fn node_tag(asked: &str) -> String {
    match asked {
        "" | "lts/*" | "lts" => return "lts".to_owned(),
        "latest" | "current" | "node" => return "current".to_owned(),
        _ => {}
    }
    if let Some(code_name) = asked.strip_prefix("lts/") {
        return code_name.to_owned();
    }
    let plain = plain_or(asked.trim_start_matches('v'), "");
    if !plain.is_empty() && !asked.starts_with(['^', '~', '>', '=', '<']) {
        return plain;
    }
    Range::parse(asked)
        .and_then(|range| {
            NODES
                .into_iter()
                .find(|major| range.accepts(&Version::new(*major, 999, 999)))
        })
        .map_or_else(|| "lts".to_owned(), |major| major.to_string())
}

/// The `go` line of a `go.mod`.
fn go_of_mod(text: &str) -> Option<String> {
    text.lines()
        .find_map(|line| line.trim().strip_prefix("go "))
        .map(|version| version.trim().to_owned())
}

/// Files that set-up steps of a workflow name, relative to the repository.
pub(crate) fn version_files(workflow: &Workflow) -> Vec<String> {
    workflow
        .jobs
        .iter()
        .flat_map(|job| &job.steps)
        .filter_map(|step| match &step.action {
            StepAction::Uses { with, .. } => Some(with),
            StepAction::Run { .. } => None,
        })
        .flatten()
        .filter(|(key, _)| key.value.to_ascii_lowercase().ends_with("-version-file"))
        .filter_map(|(_, node)| node.scalar_text())
        .map(|file| file.trim().trim_start_matches("./").to_owned())
        .filter(|file| !file.contains("${{") && !file.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{go_of_mod, node_tag, plain_or};

    #[test]
    fn versions_of_other_languages_become_tags() {
        for (asked, tag) in [
            ("20", "20"),
            ("20.x", "20"),
            ("v18.1.0", "18.1.0"),
            ("lts/*", "lts"),
            ("lts/iron", "iron"),
            ("latest", "current"),
            (">=18", "24"),
            ("^18", "18"),
            ("", "lts"),
        ] {
            assert_eq!(node_tag(asked), tag, "{asked}");
        }
        assert_eq!(plain_or("1.22.x", "1"), "1.22");
        assert_eq!(plain_or("stable", "1"), "1");
        assert_eq!(go_of_mod("module x\n\ngo 1.21\n").as_deref(), Some("1.21"));
    }
}
