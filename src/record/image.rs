//! The images of a run.

use serde::{Deserialize, Serialize};

use super::cause::Failure;
use super::zero::is_zero;

/// An image that jobs ran in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ImageRecord {
    /// Name within the run: a tag, or `Dockerfile.test (target test)`.
    pub(crate) name: String,
    /// The engine's id; empty when it could not be had.
    pub(crate) id: String,
    /// Where it came from, in words (`built`, `unchanged, not built again` …).
    pub(crate) origin: String,
    /// Milliseconds it took to have it.
    pub(crate) millis: u64,
    /// When it was there or given up, in milliseconds since the Unix epoch; the fold notes
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<u64>,
    /// Build steps in all.
    pub(crate) steps: u32,
    /// Build steps that came from the cache.
    pub(crate) cached: u32,
    /// Bytes of the build context that were sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) sent: u64,
    /// The instructions that a build went through, in the order in which they ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) build: Vec<BuildStep>,
    /// What caches of elsewhere cost, where it was built with some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache: Option<CacheRecord>,
    /// Its size in bytes, where the engine tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<u64>,
    /// Why it cannot be had.
    pub(crate) failure: Option<Failure>,
}

/// What caches of elsewhere (`cache-from`, `cache-to`) cost a build.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CacheRecord {
    /// Milliseconds of looking for what there is to take.
    pub(crate) import_millis: u64,
    /// Milliseconds of giving.
    pub(crate) export_millis: u64,
    /// Builds that were begun and given up because of them.
    pub(crate) given_up: u32,
}

impl CacheRecord {
    /// Milliseconds in all.
    pub(crate) fn millis(self) -> u64 {
        self.import_millis.saturating_add(self.export_millis)
    }
}

/// An instruction of a Dockerfile that was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BuildStep {
    /// The instruction, as BuildKit names it.
    pub(crate) name: String,
    /// Whether the result came from the cache.
    pub(crate) cached: bool,
    /// Milliseconds it took.
    pub(crate) millis: u64,
    /// Bytes fetched for it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) bytes: u64,
}
