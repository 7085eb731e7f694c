//! One script on its way to layers: all of it, or none.

use crate::plan::PlanStep;
use crate::plan::script::{Command, join};
use crate::workflow::StepAction;

use super::command::{Installation, Piece, World, piece};
use super::step::{Read, Reader, State, title};
use super::{Layer, Phase, words};

/// A script on its way to layers.
pub(super) struct Building<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) step: &'a PlanStep,
    pub(super) state: &'a State,
    pub(super) exports: Option<Vec<(String, String)>>,
    /// The folder that the script starts in, relative to the workspace.
    pub(super) base: String,
    /// What it installs, with the folder and the environment that hold for it.
    pub(super) pieces: Vec<(Found, String, Option<String>)>,
    pub(super) activate: Option<String>,
    /// Whether a command changes something for later steps.
    pub(super) harmless: bool,
}

/// What a command installs.
pub(super) enum Found {
    Apt(Vec<String>),
    Install(Installation),
}

impl Building<'_> {
    /// Reads one command; `None` when it is not understood.
    pub(super) fn command(&mut self, command: &Command) -> Option<()> {
        let directory = join(&self.base, command.directory.as_deref()?);
        if directory.starts_with(['/', '$', '~']) || directory.starts_with("..") {
            return None;
        }
        let mut command = command.clone();
        // What is only printed need not be known.
        if !matches!(command.name(), "echo" | "printf") {
            let expand = |word: &String| {
                if word.contains('$') && !is_mailbox(word) {
                    words::expanded(word, |name| self.reader.variable(name, Some(self.step)))
                        .unwrap_or_else(|| word.clone())
                } else {
                    word.clone()
                }
            };
            command.words = command.words.iter().map(expand).collect();
        }
        if matches!(command.name(), "cd" | "pushd" | "popd") {
            return Some(());
        }
        let world = World {
            files: &self.reader.inputs.project,
            python: self.reader.python,
        };
        match piece(&command, &directory, &world)? {
            Piece::Inert => {}
            Piece::Harmless => self.harmless = true,
            Piece::Apt(packages) => {
                self.pieces.push((Found::Apt(packages), directory, None));
            }
            Piece::Activate(line) => self.activate = Some(line),
            Piece::Install(found) => {
                let there = found.needs.is_none_or(|tool| self.has(tool));
                if !there || self.exports.is_none() {
                    return None;
                }
                self.pieces
                    .push((Found::Install(found), directory, self.activate.clone()));
            }
        }
        Some(())
    }

    /// Whether a command is in the image, or was installed by an earlier line.
    fn has(&self, tool: &str) -> bool {
        self.state.has.contains(tool)
            || self.pieces.iter().any(
                |(found, ..)| matches!(found, Found::Install(found) if found.gives.contains(tool)),
            )
    }

    pub(super) fn finish(self) -> Option<Read> {
        if self.pieces.is_empty() {
            return Some(Read::Neutral);
        }
        // What the script does besides would be lost.
        if self.harmless || self.step.step.id.is_some() && self.writes_outputs() {
            return None;
        }
        let exports = self.exports.unwrap_or_default();
        let (number, title) = (self.step.number, title(self.step));
        let mut layers: Vec<Layer> = Vec::new();
        let mut whole = true;
        // After a layer of the source there is none of the dependencies: the order stays.
        let mut earliest = Phase::Dependencies;
        if self
            .state
            .layers
            .iter()
            .any(|layer| layer.phase == Phase::Source && !layer.eased)
        {
            earliest = Phase::Source;
        }
        for (found, directory, activate) in self.pieces {
            let installation = match found {
                Found::Apt(packages) => {
                    layers.push(self.reader.apt(self.step, packages));
                    continue;
                }
                Found::Install(found) => found,
            };
            let eased = !installation.before.is_empty();
            for part in installation.before {
                let title = format!("Dependencies of {title}, without the source");
                let mut layer = Layer::new(part.phase.max(earliest), number, title, false);
                layer.needs = installation.needs;
                layer.git = installation.git;
                layer.take(part, &exports, activate.as_deref(), &directory);
                layers.push(layer);
            }
            let Some(part) = installation.own else {
                whole = false;
                break;
            };
            let phase = part.phase.max(earliest);
            if phase == Phase::Source && !eased {
                earliest = Phase::Source;
            }
            // Commands of one script that follow each other make one layer.
            let joined = layers.last_mut().filter(|last| {
                last.whole
                    && last.phase == phase
                    && last.packages.is_empty()
                    && last.place.0 == directory
                    && (last.place.1 == activate || last.place.1.is_none())
                    && (last.needs == installation.needs
                        || installation.needs.is_none()
                        || last.gives.contains(installation.needs.unwrap_or_default()))
            });
            match joined {
                Some(last) => {
                    last.git |= installation.git;
                    last.gives.extend(installation.gives);
                    let now = activate.filter(|_| last.place.1.is_none());
                    last.take(part, &[], now.as_deref(), "");
                    last.place.1 = last.place.1.take().or(now);
                }
                None => {
                    let mut layer = Layer::new(phase, number, title.clone(), true);
                    layer.needs = installation.needs;
                    layer.git = installation.git;
                    layer.gives = installation.gives;
                    layer.eased = eased;
                    layer.take(part, &exports, activate.as_deref(), &directory);
                    layer.place = (directory, activate);
                    layers.push(layer);
                }
            }
        }
        if !whole {
            for layer in &mut layers {
                layer.whole = false;
            }
            return Some(Read::Prepared(layers));
        }
        Some(Read::Baked(layers))
    }

    fn writes_outputs(&self) -> bool {
        matches!(&self.step.step.action, StepAction::Run { script, .. } if script.value.contains("GITHUB_OUTPUT"))
    }
}

fn is_mailbox(word: &str) -> bool {
    word.contains("GITHUB_")
}
