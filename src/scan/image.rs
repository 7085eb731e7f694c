//! An image as it was read: its configuration, its layers one over the other, and what
//! its files say.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Deserialize;

use super::packages::{OsRelease, Package};
use super::secret::{self, Secret};

/// What the image's configuration says (OCI image specification, "Image configuration").
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ImageConfig {
    /// `amd64` …
    pub(crate) architecture: String,
    /// What its containers are started with.
    pub(crate) config: RunConfig,
    /// What made it, a step each.
    pub(crate) history: Vec<History>,
}

/// What containers are started with.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RunConfig {
    /// The user; empty for root.
    #[serde(rename = "User")]
    pub(crate) user: Option<String>,
    /// `NAME=VALUE`. May hold secrets.
    #[serde(rename = "Env")]
    pub(crate) env: Option<Vec<String>>,
}

/// A step of the image's history.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct History {
    /// The instruction. May hold secrets.
    pub(crate) created_by: Option<String>,
    /// Whether it made no layer.
    pub(crate) empty_layer: bool,
}

/// Nothing of it: values may be secrets.
impl std::fmt::Debug for ImageConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImageConfig({} steps)", self.history.len())
    }
}

/// What an entry of a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A regular file, or another name of one.
    File,
    /// A folder.
    Folder,
    /// A link, a device or a pipe.
    Other,
}

/// An entry of a layer.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its path without the first `/`.
    pub(crate) path: String,
    /// Its rights, as `chmod` takes them.
    pub(crate) mode: u32,
    /// Its bytes.
    pub(crate) size: u64,
    /// What it is.
    pub(crate) kind: EntryKind,
}

/// A layer as it was read, before the others are laid over it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawLayer {
    /// Everything in it.
    pub(crate) entries: Vec<Entry>,
    /// Packages, by the file that tells of them.
    pub(crate) packages: Vec<Package>,
    /// Secrets, by the file that holds them.
    pub(crate) secrets: Vec<(String, Secret)>,
    /// `os-release` files.
    pub(crate) releases: Vec<(String, OsRelease)>,
    /// Files that belong to packages of the distribution, and the packages.
    pub(crate) owned: HashMap<String, String>,
    /// What could not be understood: the file and what is to be said of it.
    pub(crate) notices: Vec<(String, String)>,
}

/// A file of the whole image.
#[derive(Debug, Clone)]
pub(crate) struct ImageFile {
    /// The entry.
    pub(crate) entry: Entry,
    /// Its layer, from 0.
    pub(crate) layer: usize,
    /// Whether a later layer replaces or removes it.
    pub(crate) hidden: bool,
}

/// A secret in a file.
#[derive(Debug, Clone)]
pub(crate) struct FileSecret {
    /// The file, from `/`.
    pub(crate) path: String,
    /// Its layer, from 0.
    pub(crate) layer: usize,
    /// Whether a later layer replaces or removes the file.
    pub(crate) hidden: bool,
    /// The secret.
    pub(crate) secret: Secret,
}

/// An image that was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Image {
    /// The name by which it was asked for.
    pub(crate) name: String,
    /// Its configuration.
    pub(crate) config: ImageConfig,
    /// What made each layer, secrets masked.
    pub(crate) layers: Vec<String>,
    /// All entries of all layers.
    pub(crate) files: Vec<ImageFile>,
    /// The packages that are there at the end.
    pub(crate) packages: Vec<Package>,
    /// The secrets of all layers.
    pub(crate) secrets: Vec<FileSecret>,
    /// The distribution.
    pub(crate) os: Option<OsRelease>,
    /// What could not be understood.
    pub(crate) notices: Vec<String>,
}

/// Begins the name of an entry that takes one of a lower layer away (OCI image
/// specification, "Whiteouts").
const WHITEOUT: &str = ".wh.";
/// Name of the entry that takes away all that lower layers have in its folder.
const OPAQUE: &str = ".wh..wh..opq";
/// Longest instruction of a layer that is kept.
const CREATED_BY: usize = 160;

/// What upper layers have and take away.
#[derive(Default)]
struct Above {
    /// Paths, and whether they are folders there.
    seen: HashMap<String, bool>,
    removed: HashSet<String>,
    emptied: HashSet<String>,
    /// What the layer that is read now takes away; it says nothing of the layer itself.
    new_removed: Vec<String>,
    new_emptied: Vec<String>,
}

impl Above {
    /// Counts a layer to those above.
    fn settle(&mut self, files: &[ImageFile]) {
        self.removed.extend(self.new_removed.drain(..));
        self.emptied.extend(self.new_emptied.drain(..));
        for file in files {
            let is_folder = file.entry.kind == EntryKind::Folder;
            self.seen
                .entry(file.entry.path.clone())
                .or_insert(is_folder);
        }
    }

    /// Whether an entry of a lower layer is still to be seen.
    fn hides(&self, path: &str) -> bool {
        if self.seen.contains_key(path) || self.removed.contains(path) {
            return true;
        }
        let mut at = path.len();
        while let Some(slash) = path.get(..at).and_then(|head| head.rfind('/')) {
            let folder = path.get(..slash).unwrap_or_default();
            if self.removed.contains(folder)
                || self.emptied.contains(folder)
                || self.seen.get(folder) == Some(&false)
            {
                return true;
            }
            at = slash;
        }
        self.emptied.contains("")
    }
}

impl Image {
    /// Lays the layers over one another, the lowest first.
    pub(crate) fn merge(name: &str, config: ImageConfig, layers: Vec<RawLayer>) -> Self {
        let count = layers.len();
        let mut image = Self {
            name: name.to_owned(),
            layers: created_by(&config, count, &prints(&config)),
            config,
            ..Self::default()
        };
        let mut above = Above::default();
        let mut owned = HashMap::new();
        for (index, layer) in layers.into_iter().enumerate().rev() {
            image.take(index, layer, &mut above, &mut owned);
        }
        // The upper layers were taken first; within a layer the order is its own.
        image.files.sort_by_key(|file| file.layer);
        image
            .packages
            .sort_by(|a, b| (a.kind, &a.name, &a.path).cmp(&(b.kind, &b.name, &b.path)));
        image.secrets.sort_by_key(|found| found.layer);
        for package in &mut image.packages {
            package.owner = owned.get(&package.path).cloned();
        }
        image.notices.sort();
        image.notices.dedup();
        image
    }

    /// Takes one layer, those above it having been taken before.
    fn take(
        &mut self,
        index: usize,
        layer: RawLayer,
        above: &mut Above,
        owned: &mut HashMap<String, String>,
    ) {
        for package in layer.packages {
            if !above.hides(&package.path) {
                self.packages.push(Package {
                    layer: index,
                    ..package
                });
            }
        }
        for (path, secret) in layer.secrets {
            self.secrets.push(FileSecret {
                hidden: above.hides(&path),
                path: format!("/{path}"),
                layer: index,
                secret,
            });
        }
        for (path, release) in layer.releases {
            // `/etc/os-release` goes before the one of the vendor (os-release(5)).
            if !above.hides(&path) && (self.os.is_none() || path.starts_with("etc/")) {
                self.os = Some(release);
            }
        }
        for (path, notice) in layer.notices {
            if !above.hides(&path) {
                self.notices.push(notice);
            }
        }
        for (path, owner) in layer.owned {
            owned.entry(path).or_insert(owner);
        }
        let first = self.files.len();
        for entry in layer.entries {
            let name = entry.path.rsplit('/').next().unwrap_or_default();
            if !name.starts_with(WHITEOUT) {
                self.files.push(ImageFile {
                    hidden: above.hides(&entry.path),
                    entry,
                    layer: index,
                });
                continue;
            }
            let folder = entry.path.len() - name.len();
            let folder = entry.path.get(..folder).unwrap_or_default();
            if name == OPAQUE {
                above
                    .new_emptied
                    .push(folder.trim_end_matches('/').to_owned());
            } else if let Some(gone) = name.strip_prefix(WHITEOUT) {
                above.new_removed.push(format!("{folder}{gone}"));
            }
        }
        above.settle(self.files.get(first..).unwrap_or_default());
    }
}

/// The secrets in variables of the image and in its history, which may stand there in other
/// places as well.
pub(crate) fn prints(config: &ImageConfig) -> BTreeSet<[u8; 8]> {
    let variables = config.config.env.iter().flatten().map(String::as_str);
    let steps = config
        .history
        .iter()
        .filter_map(|step| step.created_by.as_deref());
    let words = steps.flat_map(str::split_whitespace);
    variables
        .chain(words)
        .filter_map(|word| secret::of_word(word).map(|(_, secret)| secret.print))
        .collect()
}

/// The name of the layer is the instruction that made it, where the history tells.
fn created_by(config: &ImageConfig, count: usize, found: &BTreeSet<[u8; 8]>) -> Vec<String> {
    let made: Vec<String> = config
        .history
        .iter()
        .filter(|step| !step.empty_layer)
        .map(|step| instruction(step.created_by.as_deref().unwrap_or_default(), found))
        .collect();
    if made.len() == count {
        made
    } else {
        vec![String::new(); count]
    }
}

/// An instruction of a history as a person would have written it, in one line, secrets
/// masked.
pub(crate) fn instruction(text: &str, found: &BTreeSet<[u8; 8]>) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let flat = flat.strip_suffix(" # buildkit").unwrap_or(&flat);
    let flat = match flat.split_once("#(nop) ") {
        Some((_, rest)) => rest.trim_start().to_owned(),
        None => match flat.strip_prefix("/bin/sh -c ") {
            Some(rest) => format!("RUN {rest}"),
            None => flat.replacen("RUN /bin/sh -c ", "RUN ", 1),
        },
    };
    let mut hidden = secret::hidden(&flat, found);
    if let Some((at, _)) = hidden.char_indices().nth(CREATED_BY) {
        hidden.truncate(at);
        hidden.push('…');
    }
    hidden
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod tests;
