//! What a Dockerfile and its context say before anything is built.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::credentials::credential;
use super::dockerfile::{Dockerfile, Reach, Stage, TextLine, text_lines};
use super::ignore::Ignore;
use super::made::{Rules, file_name, rules};
use super::{BuildTool, Recipe, key};

/// Most bytes of a file that are looked through for a credential.
const LOOKED_AT: u64 = 64 * 1024;

/// What was seen.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The Dockerfile's name for people.
    pub(super) name: String,
    /// It, read.
    pub(super) file: Dockerfile,
    /// Its instructions.
    pub(super) lines: Vec<TextLine>,
    /// The stage that is built.
    pub(super) target: Option<String>,
    /// What is left out of the context, and who says so.
    pub(super) ignore: Ignore,
    /// The file that says so.
    pub(super) ignore_name: String,
    /// Whether that file is there.
    pub(super) has_ignore: bool,
    /// Files and folders of the context that the build can take, as paths within it.
    pub(super) taken: BTreeSet<String>,
    /// Names at the root of the repository, taken or not, where that is the context.
    pub(super) there: BTreeSet<String>,
    /// Files among the taken that hold a credential, and what it is.
    pub(super) credentials: Vec<(String, &'static str)>,
}

impl Survey {
    /// Looks at the Dockerfile of a recipe of the repository at `root`; `None` for one that
    /// has none, or that cannot be read, which is told elsewhere.
    pub(crate) fn of(recipe: &Recipe, root: &Path) -> Option<Self> {
        let source = recipe.source().ok()?;
        // Who builds is not known yet; nearly always it is buildx.
        let Rules { name, ignore, text } = rules(&source, &BuildTool::any()).ok()?;
        let text_of_file = std::fs::read_to_string(source.file).ok()?;
        let arguments = source.args.iter().cloned().collect();
        let parsed = Dockerfile::parse_with(&text_of_file, &arguments).ok()?;
        let reach = parsed.stage(source.target).map(Stage::reach)?;
        let taken = key::paths(&key::Context {
            root: source.context.to_path_buf(),
            ignore: ignore.clone(),
            reach,
        })
        .ok()?;
        let credentials = taken
            .iter()
            .filter_map(|path| {
                let what = credential(path, || head(&source.context.join(path)))?;
                Some((path.clone(), what))
            })
            .collect();
        // A context that is a part of the repository holds not all of its tests.
        let there = match source.context == root {
            true => Some(std::fs::read_dir(root).ok()?),
            false => None,
        };
        let ignore_name = match name.as_str() {
            ".dockerignore" => shown(&source.context.join(name), root),
            _ => name,
        };
        Some(Self {
            name: shown(source.file, root),
            lines: text_lines(&text_of_file),
            file: parsed,
            target: source.target.map(ToOwned::to_owned),
            ignore,
            has_ignore: !text.trim().is_empty(),
            ignore_name,
            taken,
            there: there
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect(),
            credentials,
        })
    }

    /// The stage that is built.
    pub(super) fn stage(&self) -> Option<Stage<'_>> {
        self.file.stage(self.target.as_deref())
    }

    /// Whether the whole context can be taken.
    pub(super) fn takes_all(&self) -> bool {
        self.stage()
            .is_some_and(|stage| stage.reach() == Reach::Whole)
    }

    /// `Dockerfile.test:3`, for the first instruction of what is built that this holds of.
    pub(super) fn place(&self, of: impl Fn(&TextLine) -> bool) -> String {
        let line = self.stage().and_then(|stage| {
            let mut lines = self.lines.iter();
            lines.find(|line| stage.includes(line) && of(line))
        });
        match line {
            Some(line) => format!("{}:{}", self.name, line.line),
            None => self.name.clone(),
        }
    }
}

/// A file relative to the repository.
pub(super) fn shown(file: &Path, root: &Path) -> String {
    match file.strip_prefix(root) {
        Ok(path) => path.display().to_string(),
        Err(_) => file_name(file),
    }
}

/// The beginning of a file, where that is a file and text.
fn head(path: &Path) -> Option<String> {
    if !std::fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LOOKED_AT).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}
