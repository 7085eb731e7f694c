//! The variables that a command sees, as far as the workflow file says.

use std::collections::BTreeMap;

use crate::audit::{ContainerCall, Verb};
use crate::convert::hands_on;
use crate::diff::text;
use crate::workflow::Entries;

/// The variables that a command sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::diff) struct Environment {
    /// What the workflow sets, by name, as written.
    pub(in crate::diff) set: BTreeMap<String, String>,
    /// Where others may come from, which is not read.
    pub(in crate::diff) open: Option<&'static str>,
}

impl Environment {
    /// Adds what an `env` says.
    pub(super) fn extend(&mut self, entries: &Entries) {
        for (name, node) in entries {
            self.set.insert(name.value.clone(), text::of_node(node));
        }
    }

    /// What of it the script of a conversion hands on to the container.
    pub(super) fn handed_on(&self) -> Self {
        let set = self.set.iter().filter(|(name, _)| hands_on(name));
        Self {
            set: set
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            open: self.open,
        }
    }

    /// What a container sees: what the call hands on, on top of what the container has.
    pub(super) fn inside(&self, call: &ContainerCall<'_>, base: Option<&Self>) -> Self {
        let mut inside = base.cloned().unwrap_or_default();
        for variable in &call.variables {
            match variable.split_once('=') {
                Some((name, value)) => {
                    let value = self.resolved(value);
                    inside.set.insert(name.to_owned(), value);
                }
                None => {
                    if let Some(value) = self.set.get(*variable) {
                        inside.set.insert((*variable).to_owned(), value.clone());
                    }
                }
            }
        }
        if call.has_env_file {
            inside.open = Some("the file of `--env-file`");
        } else if call.verb == Verb::Compose {
            inside.open = Some("the compose file");
        } else if call.verb == Verb::Exec && base.is_none() {
            inside.open = Some("the container that is running already");
        }
        inside
    }

    /// A value that is nothing but another variable, as that one is set.
    fn resolved(&self, value: &str) -> String {
        let name = value.strip_prefix('$').map(|name| {
            let braced = name
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            braced.unwrap_or(name)
        });
        name.and_then(|name| self.set.get(name))
            .cloned()
            .unwrap_or_else(|| value.to_owned())
    }
}
