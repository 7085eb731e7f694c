//! Tools that install a project by its own lock file: uv, poetry, pdm, pipenv, hatch,
//! and pipx for tools.

use crate::plan::script::{base_name, join};

use super::command::{Installation, Part, World};
use super::{Cache, Phase, project, words};

/// Reads the words of a command; `None` when it is not understood.
pub(super) fn installation(
    line: &[String],
    directory: &str,
    world: &World<'_>,
) -> Option<Installation> {
    if !line.iter().all(|word| words::is_literal(word)) {
        return None;
    }
    let words: Vec<&str> = line.iter().map(String::as_str).collect();
    let (program, rest) = words.split_first()?;
    let of = Project { directory, world };
    match (base_name(program), rest) {
        ("uv", ["sync", arguments @ ..]) => of.installed(&UV, "sync", arguments),
        ("uv", ["venv", ..] | ["python", "install", ..]) => Some(verbatim(&words, &UV, None)),
        ("uv", ["tool", "install", name, ..]) => Some(verbatim(&words, &UV, Some(name))),
        ("poetry", ["install", arguments @ ..]) => of.installed(&POETRY, "install", arguments),
        ("poetry", ["config", arguments @ ..])
            if !arguments.contains(&"--local") && !arguments.contains(&"virtualenvs.create") =>
        {
            Some(verbatim(&words, &POETRY, None))
        }
        ("poetry", ["self", "add", ..]) => Some(verbatim(&words, &POETRY, None)),
        ("pdm", [verb @ ("install" | "sync"), arguments @ ..]) => {
            of.installed(&PDM, verb, arguments)
        }
        ("pipenv", [verb @ ("install" | "sync"), arguments @ ..])
            if arguments.iter().all(|word| word.starts_with("--")) =>
        {
            of.installed(&PIPENV, verb, arguments)
        }
        ("hatch", ["env", "create", ..]) => Some(Installation {
            own: Some(Part::new(Phase::Source, words::line(words.iter().copied()))),
            needs: Some("hatch"),
            ..Installation::default()
        }),
        ("pipx", ["install", name, rest @ ..]) if !name.starts_with('-') && rest.is_empty() => {
            let mut found = verbatim(&words, &PIPX, Some(name));
            if let Some(own) = &mut found.own {
                // GitHub's runner has it.
                own.commands.insert(0, "pip install pipx".to_owned());
            }
            Some(found)
        }
        _ => None,
    }
}

/// How a tool installs a project.
struct Tool {
    name: &'static str,
    cache: Cache,
    /// Files that say what is to be installed; the first one must be there.
    files: &'static [&'static str],
    /// Leaves the project itself out; empty where the tool never installs it.
    without_project: &'static str,
}

const UV: Tool = Tool {
    name: "uv",
    cache: Cache::Uv,
    files: &["pyproject.toml", "uv.lock", "uv.toml", ".python-version"],
    without_project: "--no-install-project",
};
const POETRY: Tool = Tool {
    name: "poetry",
    cache: Cache::Poetry,
    files: &["pyproject.toml", "poetry.lock", "poetry.toml"],
    without_project: "--no-root",
};
const PDM: Tool = Tool {
    name: "pdm",
    cache: Cache::Pdm,
    files: &["pyproject.toml", "pdm.lock", "pdm.toml"],
    without_project: "--no-self",
};
const PIPENV: Tool = Tool {
    name: "pipenv",
    cache: Cache::Pipenv,
    files: &["Pipfile", "Pipfile.lock"],
    without_project: "",
};
const PIPX: Tool = Tool {
    name: "",
    cache: Cache::Pip,
    files: &[],
    without_project: "",
};

/// A command that is run as it is, before the source is there.
fn verbatim(words: &[&str], tool: &Tool, gives: Option<&&str>) -> Installation {
    let command = words::line(words.iter().copied());
    Installation {
        own: Some(Part::new(Phase::Dependencies, command).with_cache(tool.cache)),
        needs: Some(tool.name).filter(|name| !name.is_empty()),
        gives: gives
            .map(|name| crate::plan::setup::parse_requirement(name).name)
            .into_iter()
            .collect(),
        ..Installation::default()
    }
}

/// A project in a folder of the repository.
struct Project<'a> {
    directory: &'a str,
    world: &'a World<'a>,
}

impl Project<'_> {
    /// An installation from the project's own metadata and lock file.
    fn installed(&self, tool: &Tool, verb: &str, arguments: &[&str]) -> Option<Installation> {
        let files: Vec<String> = tool
            .files
            .iter()
            .map(|name| join(self.directory, name))
            .filter(|file| self.world.files.contains_key(file))
            .collect();
        let first = join(self.directory, tool.files.first()?);
        let text = self.world.files.get(&first)?;
        let line = |more: &[&str]| {
            words::line(
                [tool.name, verb]
                    .iter()
                    .chain(arguments)
                    .chain(more)
                    .copied(),
            )
        };
        let part =
            |phase: Phase, more: &[&str]| Part::new(phase, line(more)).with_cache(tool.cache);
        let mut found = Installation {
            needs: Some(tool.name),
            git: text.contains("git+") || text.contains("git ="),
            ..Installation::default()
        };
        // What else it is made of is not told here.
        let elsewhere =
            text.contains("path =") || text.contains(".workspace]") || text.contains("file://");
        let itself = !tool.without_project.is_empty()
            && !arguments.contains(&tool.without_project)
            && project::is_package(text);
        if !elsewhere && !itself {
            found.own = Some(part(Phase::Dependencies, &[]).with_files(files));
            return Some(found);
        }
        if !elsewhere {
            found.before =
                vec![part(Phase::Dependencies, &[tool.without_project]).with_files(files)];
        }
        if !project::asks_history(self.directory, self.world.files) {
            found.own = Some(part(Phase::Source, &[]));
        }
        Some(found)
    }
}
