//! Files that a workflow refers to: workflows that its jobs call.

use std::path::Path;
use std::sync::Arc;

use crate::plan::{Loaded, Origin, Sources, called_workflow};
use crate::workflow::{self, Workflow};

/// Reads everything that a workflow refers to, directly or through what it calls.
pub(super) fn read(root: &Path, workflow: &Workflow) -> Sources {
    let mut sources = Sources::default();
    let mut open = vec![(Origin::Here, Arc::new(workflow.clone()))];
    while let Some((from, workflow)) = open.pop() {
        for uses in workflow.jobs.iter().filter_map(|job| job.uses.as_ref()) {
            let Some((origin, path)) = called_workflow(&uses.value, &from) else {
                continue;
            };
            let key = (origin.clone(), path.clone());
            if sources.workflows.contains_key(&key) {
                continue;
            }
            let loaded = load(root, &origin, &path, &mut sources);
            if let Loaded::Ready(workflow) = &loaded {
                open.push((origin, Arc::clone(workflow)));
            }
            sources.workflows.insert(key, loaded);
        }
    }
    sources
}

fn load(root: &Path, origin: &Origin, path: &str, sources: &mut Sources) -> Loaded<Workflow> {
    let Origin::Here = origin else {
        return Loaded::Missing(
            "workflows of other repositories are not supported yet".to_owned(),
            "copy it into this repository for now".to_owned(),
        );
    };
    let text = match std::fs::read_to_string(root.join(path)) {
        Ok(text) => text,
        Err(error) => {
            return Loaded::Missing(error.to_string(), format!("is `{path}` spelt right?"));
        }
    };
    let file = origin.file(path);
    let parsed = workflow::parse(&text);
    sources.texts.insert(file.clone(), text);
    match parsed {
        Ok(parsed) => Loaded::Ready(Arc::new(parsed.workflow)),
        Err(mut problems) => {
            for problem in &mut problems {
                problem.in_file(&file);
            }
            Loaded::Wrong(problems)
        }
    }
}
