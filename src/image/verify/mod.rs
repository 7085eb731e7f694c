//! A Dockerfile against the workflow: what will differ from GitHub's runner is said before
//! it makes a test fail. Pure; what was seen comes in as [`Survey`] and [`Facts`].
//!
//! No finding stops a run: each says what is probably wrong, and whoever knows better is
//! right.

mod commands;
mod context;

use super::dockerfile::{Stage, squeezed};
use super::{Facts, Survey};
use crate::plan::{PythonSpec, WantedAt, Wants, python_specs};
use crate::record::Level;

/// Something that a person should look at, one line, with the places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// How grave.
    pub(crate) level: Level,
    /// What was found, where, and the way out.
    pub(crate) message: String,
}

impl Finding {
    pub(super) fn warning(message: String) -> Self {
        Self {
            level: Level::Warning,
            message,
        }
    }

    pub(crate) fn notice(message: String) -> Self {
        Self {
            level: Level::Notice,
            message,
        }
    }
}

/// What the workflow expects of the image of a Dockerfile.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected {
    wants: Wants,
    /// The workflow that was asked for.
    workflow: String,
    /// The place in the Dockerfile where its base is named.
    base: String,
    /// Whether the Python is known to differ already.
    python_told: bool,
}

impl Expected {
    /// Compares what can be compared before anything is built.
    pub(crate) fn new(
        wants: Wants,
        workflow: &str,
        survey: Option<&Survey>,
    ) -> (Self, Vec<Finding>) {
        let mut expected = Self {
            wants,
            workflow: workflow.to_owned(),
            ..Self::default()
        };
        let Some(survey) = survey else {
            return (expected, Vec::new());
        };
        expected.base = survey.place(|line| line.text.to_ascii_lowercase().starts_with("from "));
        let mut findings = expected.pythons(survey);
        expected.python_told = !findings.is_empty();
        findings.extend(expected.requirements(survey));
        findings.extend(context::left_out(survey, &expected));
        findings.extend(context::taken_in(survey));
        findings.extend(context::credentials(survey));
        (expected, findings)
    }

    /// What else can be compared when the image is there.
    pub(crate) fn compare(&self, facts: &Facts) -> Vec<Finding> {
        let mut findings = Vec::new();
        let wanted = self.wants.pythons.iter().filter(|_| !self.python_told);
        for (text, at) in wanted {
            let specs = python_specs(text);
            let found = facts.python.as_deref().unwrap_or("none");
            if specs.last().is_some_and(|spec| !spec.accepts(found)) {
                findings.push(Finding::warning(format!(
                    "{} asks for Python {text}, and the image that {} is built on has {found}",
                    self.at(at),
                    self.base
                )));
            }
        }
        findings.extend(commands::missing(self, facts));
        findings
    }

    /// The commands that the image is to be asked for.
    pub(crate) fn questions(&self) -> impl Iterator<Item = &str> {
        self.wants
            .commands
            .iter()
            .map(|command| command.name.as_str())
    }

    /// `.github/workflows/test.yml:12`.
    fn at(&self, place: &WantedAt) -> String {
        let file = if place.file.is_empty() {
            &self.workflow
        } else {
            &place.file
        };
        format!("{file}:{}", place.line)
    }

    /// The Python that the tag of the base names, against those of `setup-python`.
    fn pythons(&self, survey: &Survey) -> Vec<Finding> {
        let base = survey.stage().and_then(Stage::root_image);
        let Some((base, version)) = base
            .as_deref()
            .and_then(|base| Some((base, python_of(base)?)))
        else {
            return Vec::new();
        };
        let differs = |text: &str| {
            python_specs(text)
                .last()
                .is_some_and(|spec| !may_be(spec, version))
        };
        self.wants
            .pythons
            .iter()
            .filter(|(text, _)| differs(text))
            .map(|(text, at)| {
                Finding::warning(format!(
                    "{} asks for Python {text}, and {} builds on `{base}`",
                    self.at(at),
                    self.base
                ))
            })
            .collect()
    }

    /// Files of requirements that only one of the two installs.
    fn requirements(&self, survey: &Survey) -> Vec<Finding> {
        let Some(stage) = survey.stage() else {
            return Vec::new();
        };
        let installed: Vec<(String, usize)> = survey
            .lines
            .iter()
            .filter(|line| stage.includes(line))
            .flat_map(|line| required(&line.text).map(|file| (file, line.line)))
            .collect();
        // A Dockerfile that installs in another way is not understood well enough.
        if installed.is_empty() {
            return Vec::new();
        }
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let mut findings = Vec::new();
        for (file, at) in &self.wants.requirements {
            if !installed.iter().any(|(known, _)| name(known) == name(file)) {
                findings.push(Finding::notice(format!(
                    "{} installs {file}, which {} does not; what it holds is installed in every run",
                    self.at(at),
                    survey.name
                )));
            }
        }
        for (file, line) in &installed {
            let wanted = &self.wants.requirements;
            if !wanted.is_empty() && !wanted.iter().any(|(known, _)| name(known) == name(file)) {
                findings.push(Finding::notice(format!(
                    "{}:{line} installs {file}, which no step of {} does",
                    survey.name, self.workflow
                )));
            }
        }
        findings
    }
}

/// The version that the tag of an official Python image names: `3.12` of `python:3.12-slim`.
fn python_of(image: &str) -> Option<&str> {
    let (name, tag) = image.split('@').next()?.rsplit_once(':')?;
    let name = name.rsplit('/').next().unwrap_or(name);
    let version = tag.split('-').next()?;
    let is_version =
        version.contains('.') && version.split('.').all(|part| part.parse::<u32>().is_ok());
    (name == "python" && is_version).then_some(version)
}

/// Whether a version that may lack its last part can be what is asked for.
fn may_be(spec: &PythonSpec, version: &str) -> bool {
    if version.split('.').count() > 2 {
        return spec.accepts(version);
    }
    (0..100).any(|patch| spec.accepts(&format!("{version}.{patch}")))
}

/// The files behind `-r` of an instruction.
fn required(instruction: &str) -> impl Iterator<Item = String> {
    let text = squeezed(instruction);
    let words: Vec<String> = text.split(' ').map(ToOwned::to_owned).collect();
    let is_run = words
        .first()
        .is_some_and(|word| word.eq_ignore_ascii_case("run"));
    let mut files = Vec::new();
    for (at, word) in words.iter().enumerate().filter(|_| is_run) {
        let file = match word.as_str() {
            "-r" | "--requirement" | "\"-r\"," => words.get(at + 1).cloned(),
            _ => word.strip_prefix("--requirement=").map(ToOwned::to_owned),
        };
        let clean = |file: String| file.trim_matches(['"', ',', '\'', ';', ']']).to_owned();
        files.extend(file.map(clean).filter(|file| !file.contains('$')));
    }
    files.into_iter()
}

#[cfg(test)]
mod tests;
