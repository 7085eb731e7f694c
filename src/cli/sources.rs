//! Files that a workflow refers to: workflows that its jobs call, and actions whose
//! own code is run. Those of other repositories are fetched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::actions::Store;
use crate::convert;
use crate::plan::{Loaded, Meaning, Origin, Sources, called_workflow};
use crate::workflow::{self, ActionFile, Problem, Runs, Step, StepAction, Workflow};

/// Names of an action's file, in GitHub's order.
const ACTION_FILES: [&str; 2] = ["action.yml", "action.yaml"];

/// Reads everything that a workflow refers to, directly or through what it calls or
/// uses. What cannot be had is remembered as such: it may not be needed.
pub(super) fn read(
    (root, canonical): (&Path, bool),
    store: &Store,
    skipped: &[String],
    workflow: &Workflow,
) -> Sources {
    let mut reader = Reader {
        root,
        canonical,
        store,
        skipped,
        fetched: BTreeMap::new(),
        sources: Sources::default(),
    };
    reader.workflow(&Origin::Here, workflow);
    reader.sources
}

/// Writes out what `$/path` means in a file of another repository: the action at that path
/// of the same repository, at the same commit.
fn write_out(steps: &mut [Step], origin: &Origin) {
    let Origin::Remote {
        repository,
        reference,
    } = origin
    else {
        return;
    };
    for step in steps {
        if let StepAction::Uses { action, .. } = &mut step.action
            && let Some(path) = action.value.strip_prefix("$/")
        {
            let path = path.trim_matches('/');
            let between = if path.is_empty() { "" } else { "/" };
            action.value = format!("{repository}{between}{path}@{reference}");
        }
    }
}

struct Reader<'a> {
    root: &'a Path,
    /// Whether converted files of this repository are read as their originals.
    canonical: bool,
    store: &'a Store,
    skipped: &'a [String],
    fetched: BTreeMap<Origin, Result<PathBuf, String>>,
    sources: Sources,
}

impl Reader<'_> {
    /// What the jobs of a workflow call and use.
    fn workflow(&mut self, from: &Origin, workflow: &Workflow) {
        for job in &workflow.jobs {
            self.steps(&job.steps);
            let called = job
                .uses
                .as_ref()
                .and_then(|uses| called_workflow(&uses.value, from));
            let Some(key) = called else { continue };
            if self.sources.workflows.contains_key(&key) {
                continue;
            }
            let (origin, path) = key.clone();
            let loaded = self.load(&origin, &[&path], |text| {
                let mut workflow = workflow::parse(text)?.workflow;
                for job in &mut workflow.jobs {
                    write_out(&mut job.steps, &origin);
                }
                Ok(workflow)
            });
            self.sources.workflows.insert(key, loaded.clone());
            if let Loaded::Ready(workflow) = loaded {
                self.workflow(&origin, &workflow);
            }
        }
    }

    /// Actions that steps use.
    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            if let StepAction::Uses { action, .. } = &step.action
                && let Meaning::OwnCode(origin, folder) = Meaning::of(&action.value, self.skipped)
                && let key = (origin, folder)
                && !self.sources.actions.contains_key(&key)
            {
                let loaded = self.action(&key.0, &key.1);
                self.sources.actions.insert(key, loaded.clone());
                if let Loaded::Ready(action) = loaded
                    && let Runs::Composite(steps) = &action.runs
                {
                    self.steps(steps);
                }
            }
        }
    }

    fn action(&mut self, origin: &Origin, folder: &str) -> Loaded<ActionFile> {
        let files: Vec<String> = ACTION_FILES
            .iter()
            .map(|file| {
                format!("{folder}/{file}")
                    .trim_start_matches('/')
                    .to_owned()
            })
            .collect();
        let names: Vec<&str> = files.iter().map(String::as_str).collect();
        self.load(origin, &names, |text| {
            let mut action = workflow::parse_action(text)?;
            if let Runs::Composite(steps) = &mut action.runs {
                write_out(steps, origin);
            }
            Ok(action)
        })
    }

    /// The first of some files that is there, read.
    fn load<T>(
        &mut self,
        origin: &Origin,
        files: &[&str],
        parse: impl Fn(&str) -> Result<T, Vec<Problem>>,
    ) -> Loaded<T> {
        let root = match self.folder(origin) {
            Ok(root) => root,
            Err(why) => {
                return Loaded::Missing(
                    why,
                    "it is fetched with git, once a day at most".to_owned(),
                );
            }
        };
        let mut why = "the file is not there".to_owned();
        for path in files {
            let text = match std::fs::read_to_string(root.join(path)) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => {
                    why = format!("{path}: {error}");
                    continue;
                }
            };
            let text = match origin {
                Origin::Here if self.canonical => convert::revert(&text).unwrap_or(text),
                _ => text,
            };
            let file = origin.file(path);
            let parsed = parse(&text);
            self.sources.texts.insert(file.clone(), text);
            return match parsed {
                Ok(parsed) => Loaded::Ready(Arc::new(parsed)),
                Err(mut problems) => {
                    for problem in &mut problems {
                        problem.in_file(&file);
                    }
                    Loaded::Wrong(problems)
                }
            };
        }
        let wanted = files.join(" or ");
        Loaded::Missing(why, format!("there must be {wanted} in {origin}"))
    }

    /// Where the files of a repository lie on this machine.
    fn folder(&mut self, origin: &Origin) -> Result<PathBuf, String> {
        let Origin::Remote {
            repository,
            reference,
        } = origin
        else {
            return Ok(self.root.to_path_buf());
        };
        if let Some(known) = self.fetched.get(origin) {
            return known.clone();
        }
        let found = self.store.fetch(repository, reference);
        if let Ok(found) = &found {
            self.sources
                .folders
                .insert(origin.clone(), found.folder.clone());
            if let Some(why) = &found.stale {
                self.sources.notices.push(format!(
                    "an older copy of {origin} is used, since it cannot be fetched: {why}"
                ));
            }
        }
        let folder = found.map(|found| found.folder);
        self.fetched.insert(origin.clone(), folder.clone());
        folder
    }
}
