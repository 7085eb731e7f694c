//! What an image is built from, as one number: two builds with the same key give the same
//! image, as far as BuildKit itself would say so.
//!
//! Decision 0017 says what is in it and what is not.

mod files;
mod list;
mod stats;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::dockerfile::Reach;
use super::ignore::Ignore;

pub(crate) use files::NoKey;

/// Changes with what is hashed, so that old keys fit no more.
const FORM: &str = "seatrial image 1";

/// A content key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

/// What was found out about a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its key.
    pub(crate) key: Key,
    /// The part of it that is made of the context's files, in hex.
    pub(crate) files: String,
    /// Whether a file has changed that looks as before to BuildKit, which must then fetch
    /// the context anew.
    pub(crate) disguised: bool,
}

impl Key {
    /// All of it, in hex.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of it for a tag.
    pub(crate) fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// A build context as the builder sees it.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// What is left out of it.
    pub(crate) ignore: Ignore,
    /// The part that the build can take files from.
    pub(crate) reach: Reach,
}

/// The key of what these texts say and of the context's files. What was hashed before is
/// remembered in the folder `memory`.
///
/// # Errors
/// The files cannot be read, or change while they are.
pub(crate) fn key(texts: &[&str], context: &Context, memory: &Path) -> Result<Seen, NoKey> {
    let mut hasher = blake3::Hasher::new();
    let mut part = |bytes: &[u8]| {
        // The length tells where a part ends, whatever is in it.
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(FORM.as_bytes());
    for text in texts {
        part(text.as_bytes());
    }
    let files = files::look(context, memory)?;
    part(&files.hash);
    Ok(Seen {
        key: Key(hasher.finalize().to_hex().to_string()),
        files: blake3::Hash::from_bytes(files.hash).to_hex().to_string(),
        disguised: files.disguised,
    })
}

/// The paths of a context that the builder would get, folders among them.
///
/// # Errors
/// Something cannot be read, or went away meanwhile.
pub(crate) fn paths(context: &Context) -> std::io::Result<BTreeSet<String>> {
    let entries = list::list(context)?;
    let there = entries
        .into_iter()
        .filter(|entry| entry.kind != list::Kind::Missing);
    Ok(there
        .map(|entry| entry.path.to_string_lossy().into_owned())
        .collect())
}

#[cfg(test)]
mod tests;
