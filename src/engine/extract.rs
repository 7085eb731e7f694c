//! Files out of an environment: a tar stream that nobody trusts.
//!
//! Only regular files and folders are made, only below the given folder, within
//! quotas; names, modes, owners and links of the stream decide nothing else.

use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::quota::{Quota, exceeded, hurried};
use super::{TarReader, random_token};
use crate::docker::{Metered, held_bytes};

/// What came out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Extracted {
    /// Files written.
    pub(crate) files: u64,
    /// Bytes written.
    pub(crate) bytes: u64,
    /// Latest modification time among them, in seconds since the Unix epoch.
    pub(crate) modified: u64,
    /// What was not made, with the reason.
    pub(crate) skipped: Vec<String>,
}

/// Most skipped entries that are named.
const NAMED: usize = 20;

/// Writes the single regular file of a stream to `target`. Blocking.
///
/// # Errors
/// What the path leads to is not a regular file, or is larger than the quota; or the
/// stream or the disk fails.
pub(crate) fn extract_file(
    reader: TarReader,
    target: &Path,
    quota: Quota,
) -> io::Result<Extracted> {
    let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
        return Err(io::Error::other("no place to write to"));
    };
    std::fs::create_dir_all(parent)?;
    let dir = Dir::open_ambient_dir(parent, ambient_authority())?;
    let (reader, meter) = Metered::new(hurried(reader, quota));
    let mut archive = tar::Archive::new(reader);
    let mut entry = archive
        .entries()?
        .next()
        .ok_or_else(|| io::Error::other("nothing came out"))??;
    meter.allow(entry.size());
    let kind = entry.header().entry_type();
    if !kind.is_file() {
        return Err(io::Error::other(format!(
            "not a regular file but {}",
            kind_name(kind)
        )));
    }
    let mut out = Extracted {
        modified: entry.header().mtime().unwrap_or(0),
        ..Extracted::default()
    };
    // Beside its place first: a reader finds a whole report or none.
    let part = PathBuf::from(format!(".{}.part", random_token()));
    let file = write_file(&dir, &part, &mut entry, quota, &mut out)?;
    let placed = file
        .sync_all()
        .and_then(|()| dir.rename(&part, &dir, Path::new(name)));
    if placed.is_err() {
        let _ = dir.remove_file(&part);
    }
    placed.map(|()| out)
}

/// Writes the regular files of a stream below `target`, which is made. `keep`
/// decides by the path within the stream, its first part left out, and by the time of its
/// last change in seconds since the Unix epoch. Blocking.
///
/// # Errors
/// A quota is exceeded (what came before stays), or the stream or the disk fails.
pub(crate) fn extract_tree(
    reader: TarReader,
    target: &Path,
    quota: Quota,
    keep: &dyn Fn(&Path, u64) -> bool,
) -> io::Result<Extracted> {
    std::fs::create_dir_all(target)?;
    let dir = Dir::open_ambient_dir(target, ambient_authority())?;
    let mut out = Extracted::default();
    let (reader, meter) = Metered::new(hurried(reader, quota));
    let mut archive = tar::Archive::new(reader);
    for (count, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        if count == quota.entries {
            let most = quota.entries;
            return Err(exceeded(format!("more than {most} entries")));
        }
        let kind = entry.header().entry_type();
        let held = held_bytes(&entry)?;
        meter.allow(held);
        let raw = entry.path()?.into_owned();
        let path = match inner_path(&raw) {
            Ok(path) => path,
            Err(reason) => {
                skip(&mut out, &raw, reason);
                continue;
            }
        };
        if path.components().count() > quota.depth {
            return Err(exceeded(format!(
                "more than {} folders within folders",
                quota.depth
            )));
        }
        let modified = entry.header().mtime().unwrap_or(0);
        if kind.is_dir() || !keep(&path, modified) {
            continue;
        }
        if !kind.is_file() {
            skip(&mut out, &raw, kind_name(kind));
            continue;
        }
        if path.as_os_str().is_empty() {
            skip(&mut out, &raw, "has no name");
            continue;
        }
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            dir.create_dir_all(parent)?;
        }
        out.modified = out.modified.max(modified);
        write_file(&dir, &path, &mut entry, quota, &mut out)?;
    }
    Ok(out)
}

/// The path of an entry without its first part, which is the name of what was
/// asked for (some engines put a slash before it).
fn inner_path(raw: &Path) -> Result<PathBuf, &'static str> {
    let mut path = PathBuf::new();
    let mut first = true;
    for part in raw.components() {
        match part {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(_) if first => first = false,
            Component::Normal(name) => path.push(name),
            Component::ParentDir | Component::Prefix(_) => return Err("leads outside"),
        }
    }
    match path.to_str() {
        None => Err("has a name that is not UTF-8"),
        // A listing of the folder would obey them.
        Some(name) if name.chars().any(char::is_control) => {
            Err("has a name with control characters")
        }
        Some(_) => Ok(path),
    }
}

/// Writes a file, or leaves nothing in its place.
fn write_file(
    dir: &Dir,
    path: &Path,
    entry: &mut tar::Entry<'_, impl Read>,
    quota: Quota,
    out: &mut Extracted,
) -> io::Result<cap_std::fs::File> {
    if out.files >= quota.files {
        return Err(exceeded(match quota.files {
            0 => "nothing more may come out of this job".to_owned(),
            most => format!("more than {most} files"),
        }));
    }
    let left = quota.bytes.saturating_sub(out.bytes);
    // A sparse file costs its maker nothing: it is not read in order to be refused.
    if entry.size() > left {
        return Err(too_large(quota));
    }
    let mut file = dir.create(path)?;
    match copy(entry, &mut file, left, quota) {
        Ok(written) => {
            out.files += 1;
            out.bytes += written;
            Ok(file)
        }
        Err(error) => {
            drop(file);
            let _ = dir.remove_file(path);
            Err(error)
        }
    }
}

/// The whole of a file, of at most `left` bytes; gives their number.
fn copy(
    entry: &mut tar::Entry<'_, impl Read>,
    file: &mut impl Write,
    left: u64,
    quota: Quota,
) -> io::Result<u64> {
    let size = entry.size();
    // One byte more than allowed tells "just full" from "too large".
    let written = io::copy(&mut entry.take(left.saturating_add(1)), file)?;
    if written > left {
        return Err(too_large(quota));
    }
    if written < size {
        // The library takes the end of the stream for the end of the file.
        return Err(io::Error::other(format!(
            "the stream breaks off after {written} of {size} bytes of a file"
        )));
    }
    file.flush()?;
    Ok(written)
}

fn too_large(quota: Quota) -> io::Error {
    exceeded(format!("larger than {} MiB", quota.bytes / (1024 * 1024)))
}

fn skip(out: &mut Extracted, path: &Path, reason: &str) {
    if out.skipped.len() < NAMED {
        out.skipped.push(format!("{}: {reason}", path.display()));
    }
}

fn kind_name(kind: tar::EntryType) -> &'static str {
    match kind {
        tar::EntryType::Directory => "a folder",
        tar::EntryType::Symlink => "a symbolic link",
        tar::EntryType::Link => "a hard link",
        tar::EntryType::Char | tar::EntryType::Block => "a device",
        tar::EntryType::Fifo => "a pipe",
        _ => "something special",
    }
}

#[cfg(test)]
#[path = "extract_tests.rs"]
mod tests;
