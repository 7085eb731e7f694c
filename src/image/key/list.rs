//! The files of a build context: listed with what the kernel says of them, not read.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::super::dockerfile::Reach;
use super::super::ignore::Above;
use super::Context;

/// Permission bits, with set-user-id and the like: BuildKit copies them.
const PERMISSIONS: u32 = 0o7777;

/// What the kernel says of a file: while all of it is the same, so is the file, but for
/// changes within one tick of the file system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stat {
    /// Device.
    pub(super) dev: u64,
    /// Inode.
    pub(super) ino: u64,
    /// Kind and permissions.
    pub(super) mode: u32,
    /// Bytes.
    pub(super) size: u64,
    /// Last change of the content, in nanoseconds. A program can set it.
    pub(super) mtime: i128,
    /// Last change of anything, in nanoseconds. No program can set it.
    pub(super) ctime: i128,
}

impl Stat {
    /// Of what the kernel said.
    pub(super) fn of(meta: &std::fs::Metadata) -> Self {
        let nanoseconds =
            |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            dev: meta.dev(),
            ino: meta.ino(),
            mode: meta.mode(),
            size: meta.size(),
            mtime: nanoseconds(meta.mtime(), meta.mtime_nsec()),
            ctime: nanoseconds(meta.ctime(), meta.ctime_nsec()),
        }
    }

    /// Permissions as they are copied.
    pub(super) fn permissions(&self) -> u32 {
        self.mode & PERMISSIONS
    }
}

/// What something in a context is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file, whose content counts.
    File,
    /// A folder.
    Folder,
    /// A link and what it leads to, which is not followed.
    Link(Vec<u8>),
    /// A pipe or a device, with its number. Nothing is read from it.
    Special(u64),
    /// It is asked for and not there.
    Missing,
}

/// Something in a context.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Path within the context.
    pub(super) path: PathBuf,
    /// What it is.
    pub(super) kind: Kind,
    /// What the kernel says of it.
    pub(super) stat: Stat,
}

/// Lists what the builder would get, by path.
///
/// # Errors
/// Something cannot be read, or went away meanwhile.
pub(super) fn list(context: &Context) -> io::Result<Vec<Entry>> {
    let found = Found::default();
    let starts = match &context.reach {
        Reach::Paths(paths) => starts(context, paths.iter().map(String::as_str), &found)?,
        Reach::Whole => None,
    };
    // Without starts the whole context counts.
    let starts = starts.unwrap_or_else(|| vec![(PathBuf::new(), Above::default())]);
    rayon::scope(|scope| {
        for (folder, above) in starts {
            let found = &found;
            scope.spawn(move |scope| walk(scope, context, found, &folder, &above));
        }
    });
    let mut entries = found.finish()?;
    entries.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    entries.dedup_by(|one, other| one.path == other.path);
    Ok(entries)
}

/// What a walk of several threads has found.
#[derive(Default)]
struct Found {
    entries: Mutex<Vec<Entry>>,
    error: Mutex<Option<io::Error>>,
}

impl Found {
    fn add(&self, mut entries: Vec<Entry>) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .append(&mut entries);
    }

    fn fail(&self, error: io::Error) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn finish(self) -> io::Result<Vec<Entry>> {
        match self
            .error
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Some(error) => Err(error),
            None => Ok(self
                .entries
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

/// The folders from which to walk for these paths; files among them are added at once.
/// `None` where a link lies on the way: what it leads to may be anywhere.
fn starts<'p>(
    context: &Context,
    paths: impl Iterator<Item = &'p str>,
    found: &Found,
) -> io::Result<Option<Vec<(PathBuf, Above)>>> {
    let mut starts = Vec::new();
    'paths: for path in paths {
        let mut here = PathBuf::new();
        let mut above = Above::default();
        let mut ignored = false;
        let mut last = None;
        for part in path.split('/') {
            here.push(part);
            (above, ignored) = context.ignore.enter(&above, &here.to_string_lossy());
            match std::fs::symlink_metadata(context.root.join(&here)) {
                Ok(meta) if meta.is_symlink() => return Ok(None),
                Ok(meta) => last = Some(meta),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    found.add(vec![missing(path)]);
                    continue 'paths;
                }
                Err(error) => return Err(error),
            }
        }
        match last {
            Some(meta) if meta.is_dir() => {
                if !ignored || context.ignore.may_take_in_below(path) {
                    starts.push((here.clone(), above));
                }
                found.add(vec![entry(context, here, &meta)?]);
            }
            Some(_) if ignored => found.add(vec![missing(path)]),
            Some(meta) => found.add(vec![entry(context, here, &meta)?]),
            None => {}
        }
    }
    Ok(Some(starts))
}

/// Lists a folder and lets others list those in it.
fn walk<'s>(
    scope: &rayon::Scope<'s>,
    context: &'s Context,
    found: &'s Found,
    folder: &Path,
    above: &Above,
) {
    let listed = (|| {
        let mut entries = Vec::new();
        for one in std::fs::read_dir(context.root.join(folder))? {
            let one = one?;
            let path = folder.join(one.file_name());
            let text = path.to_string_lossy();
            let (matched, ignored) = context.ignore.enter(above, &text);
            let is_dir = one.file_type()?.is_dir();
            if ignored && !(is_dir && context.ignore.may_take_in_below(&text)) {
                continue;
            }
            // A folder that is ignored itself comes along for what is below.
            let entry = entry(context, path, &one.metadata()?)?;
            if is_dir {
                let folder = entry.path.clone();
                scope.spawn(move |scope| walk(scope, context, found, &folder, &matched));
            }
            entries.push(entry);
        }
        Ok(entries)
    })();
    match listed {
        Ok(entries) => found.add(entries),
        Err(error) => found.fail(error),
    }
}

fn entry(context: &Context, path: PathBuf, meta: &std::fs::Metadata) -> io::Result<Entry> {
    let kind = meta.file_type();
    let kind = if kind.is_file() {
        Kind::File
    } else if kind.is_dir() {
        Kind::Folder
    } else if kind.is_symlink() {
        let target = std::fs::read_link(context.root.join(&path))?;
        Kind::Link(target.as_os_str().as_bytes().to_vec())
    } else if kind.is_socket() {
        // Docker's client does not send sockets.
        Kind::Missing
    } else {
        Kind::Special(meta.rdev())
    };
    Ok(Entry {
        path,
        kind,
        stat: Stat::of(meta),
    })
}

fn missing(path: &str) -> Entry {
    Entry {
        path: Path::new(OsStr::new(path)).to_path_buf(),
        kind: Kind::Missing,
        stat: Stat {
            dev: 0,
            ino: 0,
            mode: 0,
            size: 0,
            mtime: 0,
            ctime: 0,
        },
    }
}
