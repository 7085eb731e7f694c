//! Which files a conversion reads and writes.

use std::collections::BTreeMap;
use std::path::Path;

use super::images::Images;
use super::proof::{self, Made};
use crate::cli::error::CliError;
use crate::cli::prepare::Request;
use crate::cli::project::{self, WorkflowFile};
use crate::cli::request::Asked;
use crate::convert::{self, Decided, JobPlan, Options, SCRIPT, SCRIPT_TEXT, Style};
use crate::plan::Meaning;
use crate::plan::Origin;
use crate::record::Cause;
use crate::workflow::{Mark, Problem, Span};

/// One file before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Its path in the repository.
    pub(super) path: String,
    /// What it holds now; absent when it is not there.
    pub(super) before: Option<String>,
    /// What it is to hold.
    pub(super) after: String,
}

impl Change {
    /// Whether anything is to be written.
    pub(super) fn changes(&self) -> bool {
        self.before.as_deref() != Some(self.after.as_str())
    }
}

/// All that a conversion writes, the workflow first.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    /// The files.
    pub(super) files: Vec<Change>,
    /// Jobs with tests that are not converted, and why, one line each.
    pub(super) left: Vec<String>,
}

/// Changes a request so that nothing is fetched: actions of others stay on the runner,
/// whatever they do. A Dockerfile that seatrial derived is derived again, so that the same
/// steps are told to be in it.
pub(in crate::cli) fn only_what_is_there(request: &mut Request) {
    let mut texts = vec![request.text.clone()];
    let mut folders = vec![request.root.join(".github")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let yaml = path
                .extension()
                .is_some_and(|ending| ending == "yml" || ending == "yaml");
            if path.is_dir() {
                folders.push(path);
            } else if yaml {
                texts.extend(std::fs::read_to_string(path));
            }
        }
    }
    for line in texts.iter().flat_map(|text| text.lines()) {
        let Some((_, behind)) = line.split_once("uses:") else {
            continue;
        };
        let behind = behind.trim().trim_matches(['"', '\'']);
        let uses = behind
            .split([' ', ',', '}', '"', '\'', '#'])
            .next()
            .unwrap_or_default();
        let foreign = match Meaning::of(uses, &[]) {
            Meaning::Refused(_) => true,
            Meaning::OwnCode(origin, _) => origin != Origin::Here,
            _ => false,
        };
        if foreign && let Some((name, _)) = uses.split_once('@') {
            request.skip_actions.push(name.to_owned());
        }
    }
    if super::images::is_derived(request) {
        request.deriving = true;
        request.derive = true;
    }
}

/// What is to be written.
pub(super) fn changes(asked: &Asked, options: &Options) -> Result<Changes, CliError> {
    let root = &asked.request.root;
    let images = Images::of(asked);
    let decided = convert::decide(&asked.prepared.plan, options.style, |job, leg| {
        images.of_leg(job, leg)
    });
    let name = &asked.prepared.workflow_name;
    let left = left(&decided, name);
    if decided.jobs.is_empty() {
        return Err(nothing(&left));
    }
    let mut files = Vec::new();
    let mut by_file: BTreeMap<String, BTreeMap<String, JobPlan>> = BTreeMap::new();
    for ((file, job), planned) in &decided.jobs {
        by_file
            .entry(file.clone())
            .or_default()
            .insert(job.clone(), planned.clone());
    }
    // The one that was asked for comes first, also where only others change.
    by_file.entry(String::new()).or_default();
    for (file, jobs) in &by_file {
        let path = if file.is_empty() { name } else { file };
        let original = match file.is_empty() {
            true => Some(&asked.request.text),
            false => asked.prepared.inputs.sources.texts.get(file),
        };
        let Some(original) = original else { continue };
        let after = if jobs.is_empty() {
            original.clone()
        } else {
            let after = convert::workflow(original, jobs, options)
                .map_err(|refusal| refused(path, original, refusal.line, &refusal.message))?;
            proof::of_workflow(root, made(path, original, &after))?;
            after
        };
        files.push(change(root, path, after));
    }
    for (folder, fates) in &decided.actions {
        let texts = &asked.prepared.inputs.sources.texts;
        let names = [
            format!("{folder}/action.yml"),
            format!("{folder}/action.yaml"),
        ];
        let Some((path, original)) = names
            .iter()
            .map(|name| name.trim_start_matches('/'))
            .find_map(|name| Some((name, texts.get(name)?)))
        else {
            continue;
        };
        let after = convert::action(original, fates)
            .map_err(|refusal| refused(path, original, refusal.line, &refusal.message))?;
        proof::of_action(root, made(path, original, &after))?;
        files.push(change(root, path, after));
    }
    // seatrial derives the image when it runs.
    if options.style == Style::Docker {
        files.push(change(root, SCRIPT, SCRIPT_TEXT.to_owned()));
        files.extend(images.files(root, &decided));
    }
    Ok(Changes { files, left })
}

/// A file that is to hold something.
pub(super) fn change(root: &Path, path: &str, after: String) -> Change {
    Change {
        path: path.to_owned(),
        before: std::fs::read_to_string(root.join(path)).ok(),
        after,
    }
}

/// The jobs that stay, in words.
fn left(decided: &Decided, name: &str) -> Vec<String> {
    decided
        .left
        .iter()
        .map(|left| {
            let file = if left.file.is_empty() {
                name
            } else {
                &left.file
            };
            format!(
                "{file}:{}: job `{}` stays on the runner: {}; {}",
                left.line, left.job, left.why, left.hint
            )
        })
        .collect()
}

fn nothing(left: &[String]) -> CliError {
    let error = CliError::new(
        Cause::UnsupportedFeature,
        "no job of the workflow can be converted",
    );
    if left.is_empty() {
        error
            .with_hint("none of its jobs has a step that calls a test command; see `seatrial plan`")
    } else {
        error.with_details(left.to_vec())
    }
}

/// A file before and after.
fn made<'a>(path: &'a str, original: &'a str, after: &'a str) -> Made<'a> {
    Made {
        path,
        original,
        after,
    }
}

/// The beginning of a line, from 1.
pub(super) fn line_start(text: &str, line: usize) -> Span {
    let start = text
        .lines()
        .take(line.saturating_sub(1))
        .map(|line| line.len() + 1)
        .sum::<usize>()
        .min(text.len());
    let mark = Mark {
        line,
        column: 1,
        offset: start,
    };
    Span {
        start: mark,
        end: mark,
    }
}

fn refused(path: &str, text: &str, line: usize, message: &str) -> CliError {
    let span = line_start(text, line);
    let problem = Problem::new(span, format!("it is not converted: {message}"));
    CliError::of_problems(
        path,
        text,
        vec![(Cause::UnsupportedFeature, problem)],
        BTreeMap::new(),
    )
}

/// The originals of a workflow and of everything in the repository that it calls.
pub(super) fn reverted(root: &Path, workflow: &WorkflowFile) -> Result<Vec<Change>, CliError> {
    let mut found = Vec::new();
    let mut names = vec![workflow.name.clone()];
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        at += 1;
        let text = if name == workflow.name {
            workflow.text.clone()
        } else {
            match std::fs::read_to_string(root.join(&name)) {
                Ok(text) => text,
                Err(_) => continue,
            }
        };
        let after = convert::revert(&text)
            .map_err(|damaged| refused(&name, &text, damaged.line, damaged.message))?;
        for line in text.lines() {
            let Some((_, behind)) = line.split_once("uses:") else {
                continue;
            };
            let uses = behind.trim().trim_matches(['"', '\'']);
            let path = uses.split([' ', ',', '}', '#']).next().unwrap_or_default();
            if let Some(path) = path.strip_prefix("./").or(path.strip_prefix("$/")) {
                let path = path.trim_end_matches('/');
                for name in [
                    path.to_owned(),
                    format!("{path}/action.yml"),
                    format!("{path}/action.yaml"),
                ] {
                    if root.join(&name).is_file() && !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        found.push(Change {
            path: name,
            before: Some(text),
            after,
        });
    }
    Ok(found)
}

/// Whether any workflow of the repository still calls the script.
pub(super) fn others_use_the_script(root: &Path) -> bool {
    project::files(root)
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .any(|text| text.contains(SCRIPT))
}
