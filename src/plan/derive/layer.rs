//! Layers of a derived image.

use std::collections::BTreeSet;

use crate::plan::BuiltIn;

use super::command::Part;
use super::words;

/// When a layer can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// As root, before everything: packages of the distribution.
    System,
    /// From files that are copied alone.
    Dependencies,
    /// From the whole source.
    Source,
}

/// A tool whose downloads are kept between builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cache {
    Pip,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
}

/// One `RUN`, with the files that are copied for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) phase: Phase,
    /// Number of the step it comes from.
    pub(super) step: u32,
    /// The step's name, and whatever else is not obvious.
    pub(super) title: String,
    /// Files of the repository.
    pub(super) copies: BTreeSet<String>,
    /// Packages of the distribution.
    pub(super) packages: Vec<String>,
    /// A language beside Python, with the image that it is copied from.
    pub(super) language: Option<(BuiltIn, String)>,
    /// Shell commands, in order.
    pub(super) commands: Vec<String>,
    pub(super) caches: BTreeSet<Cache>,
    /// Whether it is the step itself, and not only what makes it faster.
    pub(super) whole: bool,
    /// Commands that are there afterwards.
    pub(super) gives: BTreeSet<String>,
    /// The command that must be there before.
    pub(super) needs: Option<&'static str>,
    /// Whether something is fetched with git.
    pub(super) git: bool,
    /// Whether its dependencies have a layer before it, so that what comes after it may
    /// be installed before it.
    pub(super) eased: bool,
    /// The folder and the environment that its commands run in.
    pub(super) place: (String, Option<String>),
    /// The folder below `/opt` that it makes.
    pub(super) own_folder: Option<&'static str>,
}

impl Layer {
    pub(super) fn new(phase: Phase, step: u32, title: String, whole: bool) -> Self {
        Self {
            phase,
            step,
            title,
            copies: BTreeSet::new(),
            packages: Vec::new(),
            language: None,
            commands: Vec::new(),
            caches: BTreeSet::new(),
            whole,
            gives: BTreeSet::new(),
            needs: None,
            git: false,
            eased: false,
            place: (String::new(), None),
            own_folder: None,
        }
    }

    /// Takes a part in: at the beginning of a layer with what holds for all of it.
    pub(super) fn take(
        &mut self,
        part: Part,
        exports: &[(String, String)],
        activate: Option<&str>,
        directory: &str,
    ) {
        if !directory.is_empty() {
            self.commands
                .push(format!("cd {}", words::quoted(directory)));
        }
        for (name, value) in exports {
            self.commands
                .push(format!("export {name}={}", words::quoted(value)));
        }
        self.commands.extend(activate.map(ToOwned::to_owned));
        self.commands.extend(part.commands);
        self.copies.extend(part.copies);
        self.caches.extend(part.caches);
    }
}
