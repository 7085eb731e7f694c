//! Which repository, and which of its workflows.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::App;
use super::error::{CliError, FileProblems};
use super::problems::{self, Severity};
use crate::record::Cause;
use crate::report::one_line;
use crate::workflow::{self, Problem, Workflow, looks_like_tests, nearest};

/// Where GitHub looks for workflows.
pub(super) const FOLDER: &str = ".github/workflows";
/// Largest workflow file. GitHub's own limit is lower.
const MAX_SIZE: u64 = 4 * 1024 * 1024;

/// A workflow file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkflowFile {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its path relative to the repository, with `/`; its whole path outside.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
}

/// Whose workflows or runs are meant, for all commands that belong to a repository.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(super) struct RootArgs {
    /// The repository [default: the nearest folder above with .github/workflows]
    /// [env: SEATRIAL_ROOT]
    #[arg(long, value_name = "DIR", help_heading = "Selection")]
    root: Option<PathBuf>,
}

impl RootArgs {
    /// What the command line names.
    pub(super) fn path(&self) -> Option<&Path> {
        self.root.as_deref()
    }
}

/// The repository: what `--root` or `SEATRIAL_ROOT` names, otherwise the nearest
/// folder upwards that has workflows.
pub(super) fn root(app: &App, flag: Option<&Path>) -> Result<PathBuf, CliError> {
    let asked = flag
        .map(Path::to_path_buf)
        .or_else(|| app.environment.root());
    if let Some(asked) = asked {
        return match asked.canonicalize() {
            Ok(root) if root.is_dir() => Ok(root),
            Ok(_) => Err(CliError::new(
                Cause::PathInvalid,
                format!("the repository {} is not a folder", asked.display()),
            )),
            Err(error) => Err(CliError::new(
                Cause::PathInvalid,
                format!("the repository {}: {error}", asked.display()),
            )),
        };
    }
    let here = std::env::current_dir().map_err(|error| {
        CliError::new(
            Cause::PathInvalid,
            format!("the current folder cannot be used: {error}"),
        )
    })?;
    find_root(&here)
}

/// The nearest folder upwards from `start` that has workflows.
pub(super) fn find_root(start: &Path) -> Result<PathBuf, CliError> {
    start
        .ancestors()
        .find(|folder| folder.join(FOLDER).is_dir())
        .map(Path::to_path_buf)
        .ok_or_else(|| {
            CliError::new(
                Cause::PathInvalid,
                format!("no {FOLDER} in {} or any folder above it", start.display()),
            )
            .with_hint("call seatrial inside the repository, or name it with --root")
        })
}

/// The workflow that is asked for, or else the one that tests. Of several a
/// person at a terminal may choose.
pub(super) fn find_workflow(
    app: &App,
    root: &Path,
    asked: Option<&str>,
) -> Result<WorkflowFile, CliError> {
    match asked {
        Some(asked) => named(root, asked),
        None => look(app, root, &ask),
    }
}

/// The workflow of this name or path.
pub(super) fn named(root: &Path, asked: &str) -> Result<WorkflowFile, CliError> {
    let folder = root.join(FOLDER);
    let mut tried: Vec<PathBuf> = Vec::new();
    if !asked.contains('/') {
        tried.push(folder.join(asked));
        tried.push(folder.join(format!("{asked}.yml")));
        tried.push(folder.join(format!("{asked}.yaml")));
    }
    tried.push(PathBuf::from(asked));
    tried.push(root.join(asked));
    if let Some(path) = tried.into_iter().find(|path| path.is_file()) {
        return read(root, path);
    }
    let names: Vec<String> = files(root)
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    let stem = |name: &str| {
        name.rsplit_once('.')
            .map_or(name, |(stem, _)| stem)
            .to_owned()
    };
    let last = asked.rsplit('/').next().unwrap_or(asked);
    let near = nearest(last, &names).or_else(|| names.iter().find(|name| stem(name) == stem(last)));
    let error = CliError::new(Cause::Usage, format!("there is no workflow `{asked}`"));
    Err(match near {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => error.with_hint(format!("{FOLDER} holds no workflow")),
        None => error.with_hint(format!("{FOLDER} holds: {}", names.join(", "))),
    })
}

/// What was found of a workflow file that nobody asked for.
enum Found {
    /// It tests.
    Tests {
        /// Its name, its jobs and what starts it, for the choice.
        about: String,
        /// Whether only other workflows can start it.
        called: bool,
    },
    /// It does something else.
    Other,
    /// It cannot be read.
    Broken(Problem),
}

/// The one workflow that tests; `ask` chooses among several and may decline.
fn look(
    app: &App,
    root: &Path,
    ask: &dyn Fn(&App, &[String]) -> Option<usize>,
) -> Result<WorkflowFile, CliError> {
    let mut tests: Vec<(WorkflowFile, String, bool)> = Vec::new();
    let mut other: Vec<String> = Vec::new();
    let mut broken: Vec<FileProblems> = Vec::new();
    for path in files(root) {
        let file = match read(root, path) {
            Ok(file) => file,
            Err(error) => {
                app.out.warning(&error.message);
                continue;
            }
        };
        match classify(&file.text) {
            Found::Tests { about, called } => tests.push((file, about, called)),
            Found::Other => other.push(file.name),
            Found::Broken(problem) => broken.push(FileProblems {
                file: file.name,
                text: file.text,
                problems: vec![problem],
                others: BTreeMap::new(),
            }),
        }
    }
    if tests.iter().any(|(_, _, called)| !called) {
        tests.retain(|(_, _, called)| !called);
    }
    if tests.is_empty() {
        // The only file there is must be meant: its problems are told in full.
        return match (broken.as_slice(), other.is_empty()) {
            ([only], true) => read(root, root.join(&only.file)),
            _ => Err(none_tests(&other, &broken)),
        };
    }
    for found in &broken {
        problems::show(&app.out, found, Severity::Warning);
    }
    if tests.len() == 1 {
        return tests
            .pop()
            .map(|(file, ..)| file)
            .ok_or_else(|| CliError::new(Cause::Invariant, "a workflow was found and lost"));
    }
    let lines: Vec<String> = tests
        .iter()
        .map(|(file, about, _)| format!("{}  {about}", short(&file.name)))
        .collect();
    let first = tests
        .first()
        .map(|(file, ..)| short(&file.name).to_owned())
        .unwrap_or_default();
    ask(app, &lines)
        .and_then(|choice| tests.into_iter().nth(choice))
        .map(|(file, ..)| file)
        .ok_or_else(|| {
            CliError::new(Cause::Usage, format!("{} workflows run tests", lines.len()))
                .with_details(lines.clone())
                .with_hint(format!(
                    "name one: `seatrial run {first}`, or `workflow = \"{first}\"` in seatrial.toml"
                ))
        })
}

fn none_tests(other: &[String], broken: &[FileProblems]) -> CliError {
    let mut details: Vec<String> = broken
        .iter()
        .map(|found| {
            let problem = found.problems.first();
            let message = problem.map_or("", |problem| problem.message.as_str());
            let line = problem.map_or(0, |problem| problem.span.start.line);
            format!(
                "{} cannot be read (Line: {line}): {}",
                found.file,
                one_line(message)
            )
        })
        .collect();
    details.extend(
        other
            .iter()
            .map(|name| format!("{name} calls no test command")),
    );
    let cause = if broken.is_empty() {
        Cause::Usage
    } else {
        Cause::WorkflowInvalid
    };
    if details.is_empty() {
        return CliError::new(cause, format!("{FOLDER} holds no workflow"))
            .with_hint("seatrial runs a GitHub Actions workflow that is there already");
    }
    CliError::new(cause, "no workflow that runs tests was found")
        .with_details(details)
        .with_hint("name the workflow: `seatrial run FILE`")
}

/// Whether a workflow tests.
fn classify(text: &str) -> Found {
    match workflow::parse(text) {
        Err(mut problems) => {
            problems.truncate(1);
            problems.pop().map_or(Found::Other, Found::Broken)
        }
        Ok(parsed) if looks_like_tests(&parsed.workflow) => Found::Tests {
            about: about(&parsed.workflow),
            called: parsed
                .workflow
                .on
                .iter()
                .all(|trigger| trigger.event.value == "workflow_call"),
        },
        Ok(_) => Found::Other,
    }
}

/// `CI: jobs lint, unit; on push, pull_request`.
fn about(workflow: &Workflow) -> String {
    let list = |names: Vec<&str>| one_line(&names.join(", "));
    let jobs = list(workflow.jobs.iter().map(|job| job.id.as_str()).collect());
    let on = list(
        workflow
            .on
            .iter()
            .map(|trigger| trigger.event.as_str())
            .collect(),
    );
    let name = workflow
        .name
        .as_ref()
        .map(|name| format!("{}: ", one_line(&name.value)))
        .unwrap_or_default();
    format!("({name}jobs {jobs}; on {on})")
}

/// The workflow files of a repository, sorted by name.
pub(super) fn files(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root.join(FOLDER)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "yml" || ending == "yaml")
                && path.is_file()
        })
        .collect();
    files.sort();
    files
}

/// Reads a workflow file.
pub(super) fn read(root: &Path, path: PathBuf) -> Result<WorkflowFile, CliError> {
    let path = path.canonicalize().unwrap_or(path);
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let name = path
        .strip_prefix(&root)
        .unwrap_or(&path)
        .to_string_lossy()
        .replace('\\', "/");
    let refuse = |what: String| CliError::new(Cause::WorkflowInvalid, format!("{name}: {what}"));
    match std::fs::metadata(&path) {
        Ok(meta) if meta.len() > MAX_SIZE => {
            return Err(refuse(format!(
                "the file is larger than {} MiB",
                MAX_SIZE >> 20
            )));
        }
        Ok(_) => {}
        Err(error) => return Err(refuse(error.to_string())),
    }
    let bytes = std::fs::read(&path).map_err(|error| refuse(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        refuse(format!(
            "the file is not UTF-8 text (byte {})",
            error.utf8_error().valid_up_to()
        ))
    })?;
    Ok(WorkflowFile { path, name, text })
}

/// The name without the folder that all workflows share.
fn short(name: &str) -> &str {
    name.strip_prefix(FOLDER)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(name)
}

/// Lets a person at a terminal choose; `None` when there is none, or no choice.
fn ask(app: &App, lines: &[String]) -> Option<usize> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    choose(app, lines, &mut stdin.lock())
}

/// How often a choice that is none is asked for again.
const TRIES: usize = 3;

fn choose(app: &App, lines: &[String], answers: &mut dyn BufRead) -> Option<usize> {
    app.out.say("Several workflows run tests:");
    for (number, line) in lines.iter().enumerate() {
        app.out.say(&format!("  {}  {line}", number + 1));
    }
    for _ in 0..TRIES {
        app.out.say(&format!(
            "Which one? (1 to {}, nothing for none)",
            lines.len()
        ));
        let mut answer = String::new();
        if answers.read_line(&mut answer).ok()? == 0 || answer.trim().is_empty() {
            return None;
        }
        match answer.trim().parse::<usize>() {
            Ok(number) if (1..=lines.len()).contains(&number) => return Some(number - 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
#[path = "project_tests.rs"]
mod tests;
