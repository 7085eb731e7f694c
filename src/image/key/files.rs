//! The files of a build context as one number.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rayon::prelude::*;
use thiserror::Error;

use super::Context;
use super::list::{Entry, Kind, Stat, list};
use super::stats::Stats;

/// Bytes that are read at a time.
const PIECE: usize = 128 * 1024;
/// The one extended attribute that BuildKit counts as content (`cache/contenthash`).
const CAPABILITIES: &str = "security.capability";

/// Why there is no key.
#[derive(Debug, Error)]
pub(crate) enum NoKey {
    /// Files change while they are read, so that none of it can be relied on.
    #[error("{0} changes while it is read")]
    Changing(String),
    /// Something cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The files of a context.
pub(super) struct Files {
    /// The hash over everything that the builder would copy.
    pub(super) hash: [u8; 32],
    /// Whether one of them has changed and looks as before to BuildKit.
    pub(super) disguised: bool,
}

/// Looks at everything in the context that the builder would copy.
pub(super) fn look(context: &Context, memory: &Path) -> Result<Files, NoKey> {
    let stats = Stats::load(memory)?;
    let entries = list(context)?;
    let hashes = hash_all(context, &entries, &stats)?;
    let mut hasher = blake3::Hasher::new();
    for (entry, content) in entries.iter().zip(&hashes) {
        let path = entry.path.as_os_str().as_bytes();
        hasher.update(&(path.len() as u64).to_le_bytes());
        hasher.update(path);
        let mut kind = |sign: u8, what: &[u8], mode: u32| {
            hasher.update(&[sign]);
            hasher.update(&mode.to_le_bytes());
            hasher.update(&(what.len() as u64).to_le_bytes());
            hasher.update(what);
        };
        match &entry.kind {
            Kind::File => kind(b'f', content, entry.stat.permissions()),
            Kind::Folder => kind(b'd', &[], entry.stat.permissions()),
            Kind::Link(target) => kind(b'l', target, 0),
            Kind::Special(number) => kind(b's', &number.to_le_bytes(), entry.stat.mode),
            Kind::Missing => kind(b'-', &[], 0),
        }
    }
    let disguised = entries
        .iter()
        .zip(&hashes)
        .any(|(entry, hash)| stats.is_disguised(entry, hash));
    // Only time is lost when they cannot be kept.
    let _ = stats.keep(&entries, &hashes);
    Ok(Files {
        hash: *hasher.finalize().as_bytes(),
        disguised,
    })
}

/// The hash of each file's content, and nothing of what is no file.
fn hash_all(context: &Context, entries: &[Entry], stats: &Stats) -> Result<Vec<[u8; 32]>, NoKey> {
    entries
        .par_iter()
        .with_min_len(64)
        .map(|entry| {
            if entry.kind != Kind::File {
                return Ok([0; 32]);
            }
            match stats.known(entry) {
                Some(hash) => Ok(hash),
                None => hash_file(&context.root, entry),
            }
        })
        .collect()
}

/// Reads a file that must be, before and after, what it was when it was listed.
fn hash_file(root: &Path, entry: &Entry) -> Result<[u8; 32], NoKey> {
    let changing = || NoKey::Changing(entry.path.display().to_string());
    let path = root.join(&entry.path);
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let mut file = File::options()
        .read(true)
        // What has become a link or a pipe meanwhile is neither followed nor waited for.
        .custom_flags(no_follow | i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0))
        .open(&path)?;
    if Stat::of(&file.metadata()?) != entry.stat {
        return Err(changing());
    }
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE.min(usize::try_from(entry.stat.size).unwrap_or(PIECE) + 1)];
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            break;
        }
        hasher.update(piece.get(..count).unwrap_or_default());
    }
    let mut capabilities = [0; 64];
    if let Ok(length) = rustix::fs::fgetxattr(&file, CAPABILITIES, &mut capabilities) {
        hasher.update(CAPABILITIES.as_bytes());
        hasher.update(capabilities.get(..length).unwrap_or_default());
    }
    if Stat::of(&file.metadata()?) != entry.stat {
        return Err(changing());
    }
    Ok(*hasher.finalize().as_bytes())
}
