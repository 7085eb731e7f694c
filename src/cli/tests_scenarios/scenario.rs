//! `scenario.toml`: what a scenario shows and how it is run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// One folder of `tests/scenarios/`.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// The folder's name, `NN-name`.
    pub(crate) name: String,
    /// The folder.
    pub(crate) folder: PathBuf,
    /// What its `scenario.toml` says.
    pub(crate) toml: Toml,
    workflows: String,
}

/// The form of `scenario.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Toml {
    /// The rule in a sentence.
    pub(crate) title: String,
    /// Rows of `docs/compatibility.md` that it shows to hold.
    #[serde(default)]
    pub(crate) covers: Vec<String>,
    /// The command, where it is another than `run`: what it prints is the result.
    pub(super) command: Option<String>,
    /// Arguments of the command; `{root}` stands for the repository.
    #[serde(default)]
    pub(super) args: Vec<String>,
    /// How often it is run, one run after the other: for what a run leaves behind.
    #[serde(default = "once")]
    pub(super) runs: usize,
    /// What else of the run is part of the result.
    #[serde(default)]
    pub(super) show: Vec<Show>,
    /// What the engine does besides obeying scripts.
    #[serde(default)]
    pub(super) engine: Engine,
    /// What the image holds.
    #[serde(default)]
    pub(super) image: Image,
}

/// Parts of a result that few scenarios need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Show {
    /// The lines of all jobs in the order in which they came.
    Order,
    /// The calls of the engine.
    Calls,
    /// Where each step belongs.
    Placement,
}

/// What the fake engine does.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Engine {
    /// Legs whose environment it refuses to open.
    #[serde(default)]
    pub(super) refuse: Vec<String>,
    /// The run is stopped, as by Ctrl-C, when a step prints this line.
    pub(super) stop_at: Option<String>,
}

/// What the fake image holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Image {
    /// Commands that it has.
    pub(super) commands: Vec<String>,
    /// Version of its Python.
    pub(super) python: Option<String>,
    /// Its Python packages.
    pub(super) packages: BTreeMap<String, String>,
    /// User number of its user.
    pub(super) uid: u32,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            commands: vec!["bash".to_owned()],
            python: None,
            packages: BTreeMap::new(),
            uid: 1000,
        }
    }
}

fn once() -> usize {
    1
}

impl Scenario {
    /// All scenarios, in the order of their names.
    pub(crate) fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
        let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        folders.sort();
        folders.into_iter().map(Self::read).collect()
    }

    /// The text of its workflows and actions.
    pub(super) fn workflows(&self) -> &str {
        &self.workflows
    }

    fn read(folder: PathBuf) -> Self {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(folder.join("scenario.toml"))
            .unwrap_or_else(|error| panic!("{name}/scenario.toml: {error}"));
        let toml = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut workflows = String::new();
        gather(&folder, &mut workflows);
        Self {
            name,
            folder,
            toml,
            workflows,
        }
    }
}

/// Gathers the text of all YAML files of a folder.
fn gather(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, text);
        } else if path.extension().is_some_and(|ending| ending == "yml") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}
