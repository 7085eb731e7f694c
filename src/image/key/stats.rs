//! What files hashed to, by what the kernel said of them: a file of which it says the same
//! again need not be read again.
//!
//! The trap is git's ("racily clean"): the file system's clock ticks every few
//! milliseconds, and a file that is changed twice within a tick looks the same both times.
//! So a hash is relied on only when the file was last changed in a tick that was over before its
//! listing began; whatever happens to it afterwards bears a later tick. The clock that
//! counts is the file system's own: it is read off a file that is made on the same device.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::list::{Entry, Kind, Stat};
use crate::image::whole::write_whole;

/// How a file of ours begins, with the number of its form.
const HEAD: &[u8; 8] = b"seatst02";
/// Bytes of the checksum behind it.
const CHECKSUM: usize = 32;
/// Largest file that is read.
const MOST: u64 = 256 * 1024 * 1024;

/// What is remembered of a context.
pub(super) struct Stats {
    file: PathBuf,
    known: HashMap<String, Line>,
    /// The file system's clock and its device, before anything was listed.
    now: i128,
    dev: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    path: String,
    stat: Stat,
    hash: [u8; 32],
    /// Whether it may be relied on.
    settled: bool,
}

impl Stats {
    /// What is remembered in a file. One that is missing, broken or not ours is as good as
    /// an empty one.
    ///
    /// # Errors
    /// The clock cannot be read off its folder.
    pub(super) fn load(file: &Path) -> io::Result<Self> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut clock = tempfile::NamedTempFile::new_in(folder)?;
        clock.write_all(b".")?;
        let clock = Stat::of(&clock.as_file().metadata()?);
        Ok(Self {
            file: file.to_path_buf(),
            known: read(file).unwrap_or_default(),
            now: clock.ctime.min(clock.mtime),
            dev: clock.dev,
        })
    }

    /// The hash of a file, where it is known for sure.
    pub(super) fn known(&self, entry: &Entry) -> Option<[u8; 32]> {
        let line = self.known.get(entry.path.to_str()?)?;
        (line.settled && line.stat == entry.stat).then_some(line.hash)
    }

    /// Whether a file has another content than before, of the same size and with the same
    /// time of change: BuildKit goes by these and would not fetch it again
    /// (tonistiigi/fsutil, `sameFile`).
    pub(super) fn is_disguised(&self, entry: &Entry, hash: &[u8; 32]) -> bool {
        let line = entry.path.to_str().and_then(|path| self.known.get(path));
        line.is_some_and(|line| {
            line.hash != *hash
                && line.stat.size == entry.stat.size
                && line.stat.mtime == entry.stat.mtime
        })
    }

    /// Whether the hash of a file that has been read may be relied on later.
    fn is_settled(&self, stat: &Stat) -> bool {
        stat.dev == self.dev && stat.ctime < self.now && stat.mtime < self.now
    }

    /// Keeps what is known now, if it is not what was known before.
    pub(super) fn keep(&self, entries: &[Entry], hashes: &[[u8; 32]]) -> io::Result<()> {
        let mut same = 0;
        let mut lines = Vec::new();
        for (entry, hash) in entries.iter().zip(hashes) {
            if entry.kind != Kind::File {
                continue;
            }
            let known = self.known(entry).is_some();
            if let Some(path) = entry.path.to_str() {
                same += usize::from(known);
                lines.push(Line {
                    path: path.to_owned(),
                    stat: entry.stat,
                    hash: *hash,
                    settled: known || self.is_settled(&entry.stat),
                });
            }
        }
        if same == lines.len() && same == self.known.len() {
            return Ok(());
        }
        let body = postcard::to_stdvec(&lines).map_err(io::Error::other)?;
        write_whole(&self.file, |staging| {
            staging.write_all(HEAD)?;
            staging.write_all(blake3::hash(&body).as_bytes())?;
            staging.write_all(&body)
        })
    }
}

fn read(file: &Path) -> Option<HashMap<String, Line>> {
    if std::fs::metadata(file).ok()?.len() > MOST {
        return None;
    }
    parse(&std::fs::read(file).ok()?)
}

/// Reads the bytes of such a file; `None` when they are not what was written.
fn parse(bytes: &[u8]) -> Option<HashMap<String, Line>> {
    let (checksum, body) = bytes.strip_prefix(HEAD)?.split_at_checked(CHECKSUM)?;
    if blake3::hash(body).as_bytes() != checksum {
        return None;
    }
    let lines: Vec<Line> = postcard::from_bytes(body).ok()?;
    let known = lines.into_iter();
    Some(known.map(|line| (line.path.clone(), line)).collect())
}

/// Whether these bytes are taken as nothing.
#[cfg(test)]
pub(super) fn is_broken(bytes: &[u8]) -> bool {
    parse(bytes).is_none()
}
