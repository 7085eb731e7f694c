//! One workflow of a run: the one that was asked for, or one that a job calls.

use std::sync::Arc;

use crate::expr::{Object, Value};
use crate::workflow::{Entries, NodeKind, Workflow};

use super::sources::Origin;

/// Deepest nesting of called workflows (GitHub docs, "Reusable workflows
/// reference", section "Limitations": ten levels, the first caller included).
pub(super) const MAX_DEPTH: usize = 10;

/// What all jobs of one workflow share.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The workflow as read.
    pub(crate) workflow: Arc<Workflow>,
    /// The repository that its `./` leads to.
    pub(crate) origin: Origin,
    /// Name of its file, for problems; empty for the one that was asked for, whose
    /// name the caller knows.
    pub(crate) file: String,
    /// What stands before the ids of its jobs: nothing, or `call / `.
    pub(crate) ids: String,
    /// What stands before the keys of its legs: nothing, or `call (3.11) / `.
    pub(crate) keys: String,
    /// What stands before the names of its legs, as GitHub shows them.
    pub(crate) names: String,
    /// The `inputs` context.
    pub(crate) inputs: Value,
    /// Ids of the jobs that the calling job needs.
    pub(crate) needs: Vec<String>,
    /// How many callers there are above.
    pub(crate) depth: usize,
}

impl Frame {
    /// The workflow that was asked for.
    pub(super) fn root(workflow: Arc<Workflow>, inputs: Value) -> Self {
        Self {
            workflow,
            origin: Origin::Here,
            file: String::new(),
            ids: String::new(),
            keys: String::new(),
            names: String::new(),
            inputs,
            needs: Vec::new(),
            depth: 0,
        }
    }

    /// The id of one of its jobs within the whole run.
    pub(crate) fn id(&self, job: &str) -> String {
        format!("{}{job}", self.ids)
    }

    /// `on.workflow_call.outputs`, where it has some.
    pub(crate) fn called_outputs(&self) -> Option<&Entries> {
        let trigger = super::call::call_trigger(&self.workflow)?;
        match &trigger.raw.get("outputs")?.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Ids within the whole run of what a job waits for. The first jobs of a called
    /// workflow wait for what their caller waits for.
    pub(crate) fn needs_of(&self, needs: &[String]) -> Vec<String> {
        if needs.is_empty() {
            return self.needs.clone();
        }
        needs.iter().map(|need| self.id(need)).collect()
    }
}

/// Texts as an object.
pub(super) fn texts(entries: &[(String, String)]) -> Value {
    let mut object = Object::new();
    for (name, text) in entries {
        object.insert(name.clone(), text.as_str());
    }
    Value::object(object)
}
