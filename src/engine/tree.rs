//! Files on their way into a job's environment.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// How much older than the job a file of the checkout is at least, in seconds: a report
/// that was committed must not look as if a step had written it.
const BEFORE: u64 = 10;

/// A file that seatrial makes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewFile {
    /// Absolute path inside the environment.
    pub(crate) path: String,
    /// Permission bits.
    pub(crate) mode: u32,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
    /// Owned by root instead of the job's user.
    pub(crate) root: bool,
}

/// The files of a checkout, listed but not read.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceTree {
    /// The folder they lie in.
    pub(crate) root: PathBuf,
    /// What is in it, parents before children.
    pub(crate) entries: Vec<TreeEntry>,
}

/// One entry of a checkout.
#[derive(Debug, Clone)]
pub(crate) struct TreeEntry {
    /// Path relative to the root.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) kind: TreeKind,
}

/// The kinds of entry that a checkout may have.
#[derive(Debug, Clone)]
pub(crate) enum TreeKind {
    /// A folder.
    Folder,
    /// A file, and whether it is executable.
    File {
        /// Whether it is executable.
        executable: bool,
        /// What it holds instead of what is on the disk.
        replaced: Option<Vec<u8>>,
    },
    /// A symbolic link, with its target as it stands.
    Link(PathBuf),
}

/// Writes the parts of a job's environment as one tar stream with paths
/// relative to `/`.
pub(super) struct TreeWriter<W: Write> {
    tar: tar::Builder<W>,
    uid: u32,
    gid: u32,
    now: u64,
}

impl<W: Write> TreeWriter<W> {
    /// A writer for files of the given owner; `now` is the modification time of
    /// what seatrial makes itself, in seconds.
    pub(super) fn new(writer: W, uid: u32, gid: u32, now: u64) -> Self {
        let mut tar = tar::Builder::new(writer);
        tar.follow_symlinks(false);
        Self { tar, uid, gid, now }
    }

    /// A folder.
    pub(super) fn folder(&mut self, path: &str, owner: (u32, u32), mode: u32) -> io::Result<()> {
        let mut header = self.header(tar::EntryType::Directory, mode, self.now);
        header.set_uid(owner.0.into());
        header.set_gid(owner.1.into());
        header.set_size(0);
        let path = relative(path);
        self.tar.append_data(&mut header, path, io::empty())
    }

    /// A file that seatrial made.
    pub(super) fn file(&mut self, file: &NewFile) -> io::Result<()> {
        let mut header = self.header(tar::EntryType::Regular, file.mode, self.now);
        if file.root {
            header.set_uid(0);
            header.set_gid(0);
        }
        header.set_size(file.bytes.len() as u64);
        self.tar
            .append_data(&mut header, relative(&file.path), file.bytes.as_slice())
    }

    /// All files of a checkout, below `dir`. A file that vanished meanwhile is an
    /// error: the copy would not be what the user has.
    pub(super) fn tree(&mut self, tree: &SourceTree, dir: &str) -> io::Result<()> {
        for entry in &tree.entries {
            let target = PathBuf::from(relative(dir)).join(&entry.path);
            let place = tree.root.join(&entry.path);
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", place.display()))
            };
            match &entry.kind {
                TreeKind::Folder => {
                    let mut header = self.header(tar::EntryType::Directory, 0o755, self.now);
                    header.set_size(0);
                    self.tar.append_data(&mut header, &target, io::empty())?;
                }
                TreeKind::Link(link) => {
                    let mut header = self.header(tar::EntryType::Symlink, 0o777, self.now);
                    header.set_size(0);
                    self.tar.append_link(&mut header, &target, link)?;
                }
                TreeKind::File {
                    executable,
                    replaced,
                } => {
                    let mode = if *executable { 0o755 } else { 0o644 };
                    if let Some(bytes) = replaced {
                        let mut header = self.header(tar::EntryType::Regular, mode, self.now);
                        header.set_size(bytes.len() as u64);
                        self.tar
                            .append_data(&mut header, &target, bytes.as_slice())?;
                        continue;
                    }
                    let file = File::open(&place).map_err(named)?;
                    let meta = file.metadata().map_err(named)?;
                    let modified = meta
                        .modified()
                        .ok()
                        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
                        .map_or(self.now, |since| since.as_secs())
                        .min(self.now.saturating_sub(BEFORE));
                    let mut header = self.header(tar::EntryType::Regular, mode, modified);
                    header.set_size(meta.len());
                    // A file that grows while it is read must not break the stream.
                    let exact = io::Read::take(file, meta.len());
                    self.tar.append_data(&mut header, &target, exact)?;
                }
            }
        }
        Ok(())
    }

    /// Ends the stream.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.tar.finish()
    }

    fn header(&self, kind: tar::EntryType, mode: u32, mtime: u64) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(self.uid.into());
        header.set_gid(self.gid.into());
        header.set_mtime(mtime);
        header
    }
}

/// A path as tar wants it: relative, and `.` for the root itself.
fn relative(path: &str) -> &str {
    match path.trim_matches('/') {
        "" => ".",
        other => other,
    }
}
