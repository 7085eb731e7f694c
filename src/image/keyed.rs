//! What decides what comes out of a build, put together from Dockerfile, engine and context.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::BuildTool;
use super::dockerfile::{Dockerfile, Reach, Stage};
use super::key::{self, Context, Seen};
use super::made::{Rules, Source, file_name};
use crate::docker::Docker;

/// How the files of a context are called among the parts of a key.
const FILES: &str = "files of the build context";
/// Hex digits of the hash of a part.
const DIGITS: usize = 16;

/// One thing that decides what comes out of a build.
#[derive(Debug, Clone)]
struct Fact {
    /// What it is, for people.
    what: String,
    /// What it says.
    text: String,
}

/// What decides what comes out of a build.
pub(super) struct Keyed {
    facts: Vec<Fact>,
    context: Context,
    memory: PathBuf,
    /// Whether a base image may change without notice: the engine does not have it, and
    /// what its registry has is not asked for here.
    pub(super) moving: bool,
    /// Whether it cannot be told what the build depends on.
    unknown: bool,
}

impl Keyed {
    pub(super) async fn of(
        docker: &Docker,
        tool: &BuildTool,
        source: &Source<'_>,
        text: &str,
        rules: &Rules,
        cache: &Path,
    ) -> Self {
        let arguments: BTreeMap<_, _> = source.args.iter().cloned().collect();
        let parsed = Dockerfile::parse_with(text, &arguments).ok();
        let stage = parsed.as_ref().and_then(|file| file.stage(source.target));
        let mut facts = vec![
            Fact::new("what builds", tool.name()),
            Fact::new("the platform", tool.platform().unwrap_or_default()),
            Fact::new(file_name(source.file), text),
            Fact::new("the stage", source.target.unwrap_or_default()),
        ];
        for (name, value) in &arguments {
            let what = format!("the build argument {name}");
            facts.push(Fact::new(what, format!("{name}={value}")));
        }
        let mut moving = false;
        let mut triggers = false;
        for base in stage.map(Stage::base_images).unwrap_or_default() {
            let pinned = base.contains("@sha256:");
            let what = format!("the base image {base}");
            match docker.image(&base).await {
                Ok(found) => {
                    facts.push(Fact::new(what, format!("{base} is {}", found.id)));
                    triggers |= found.has_triggers;
                }
                Err(_) => {
                    moving |= !pinned;
                    // Whether it copies something by itself is not known either.
                    triggers = true;
                    facts.push(Fact::new(what, format!("{base} is not there")));
                }
            }
        }
        let foreign = parsed.as_ref().is_none_or(|file| {
            file.syntax()
                .is_some_and(|syntax| !super::frontend::is_dockers(syntax))
        });
        let reach = match stage {
            Some(stage) if !triggers && !foreign => stage.reach(),
            _ => Reach::Whole,
        };
        // One memory for each way to look at a context.
        let place = format!(
            "{}\n{}\n{}",
            source.context.display(),
            source.file.display(),
            source.target.unwrap_or_default()
        );
        let place = blake3::hash(place.as_bytes()).to_hex();
        Self {
            facts,
            context: Context {
                root: source.context.to_path_buf(),
                ignore: rules.ignore.clone(),
                reach,
            },
            memory: cache
                .join("contexts")
                .join(place.get(..16).unwrap_or_default()),
            moving,
            unknown: stage.is_none_or(Stage::has_unknown_base),
        }
    }

    /// The folder that tells BuildKit for whom it keeps what it fetched of the context. It
    /// fetches only what looks changed; under a `new` identity it fetches all.
    pub(super) fn identity(&self, new: bool) -> PathBuf {
        let folder = self.memory.with_extension("buildx");
        if new {
            let _ = std::fs::remove_dir_all(&folder);
        }
        let _ = std::fs::create_dir_all(&folder);
        folder
    }

    /// The key of what is there now; absent where it cannot be told.
    pub(super) async fn seen(&self) -> Option<Seen> {
        if self.unknown {
            return None;
        }
        let (facts, context, memory) = (
            self.facts.clone(),
            self.context.clone(),
            self.memory.clone(),
        );
        tokio::task::spawn_blocking(move || {
            let texts: Vec<&str> = facts.iter().map(|fact| fact.text.as_str()).collect();
            key::key(&texts, &context, &memory).ok()
        })
        .await
        .ok()
        .flatten()
    }

    /// A hash of each part of a key, by its name for people.
    pub(super) fn parts(&self, seen: &Seen) -> BTreeMap<String, String> {
        let short = |text: &str| -> String {
            let hash = blake3::hash(text.as_bytes()).to_hex();
            hash.get(..DIGITS).unwrap_or_default().to_owned()
        };
        let mut parts: BTreeMap<String, String> = self
            .facts
            .iter()
            .map(|fact| (fact.what.clone(), short(&fact.text)))
            .collect();
        parts.insert(FILES.to_owned(), short(&seen.files));
        parts
    }
}

impl Fact {
    fn new(what: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            text: text.into(),
        }
    }
}
