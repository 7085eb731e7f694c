//! Files out of an environment: a tar stream that nobody trusts.
//!
//! Only regular files and folders are made, only below the given folder, within
//! quotas; names, modes, owners and links of the stream decide nothing else.

use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::TarReader;

/// Most that may come out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    /// Bytes in all.
    pub(crate) bytes: u64,
    /// Files in all.
    pub(crate) files: u64,
    /// Folders within folders.
    pub(crate) depth: usize,
}

impl Quota {
    /// For one report.
    pub(crate) const REPORT: Self = Self {
        bytes: 64 * 1024 * 1024,
        files: 1,
        depth: 1,
    };
    /// For a folder of reports, an artifact or a cache.
    pub(crate) const FOLDER: Self = Self {
        bytes: 1024 * 1024 * 1024,
        files: 20_000,
        depth: 32,
    };
}

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
/// What the path leads to is not a regular file, or is too large; or the stream
/// or the disk fails.
pub(crate) fn extract_file(reader: TarReader, target: &Path) -> io::Result<Extracted> {
    extract_file_within(reader, target, Quota::REPORT)
}

/// As [`extract_file`], for a file of another size. Blocking.
///
/// # Errors
/// As of [`extract_file`].
pub(crate) fn extract_file_within(
    reader: TarReader,
    target: &Path,
    quota: Quota,
) -> io::Result<Extracted> {
    let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
        return Err(io::Error::other("no place to write to"));
    };
    std::fs::create_dir_all(parent)?;
    let dir = Dir::open_ambient_dir(parent, ambient_authority())?;
    let mut archive = tar::Archive::new(reader);
    let mut entry = archive
        .entries()?
        .next()
        .ok_or_else(|| io::Error::other("nothing came out"))??;
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
    write_file(&dir, Path::new(name), &mut entry, quota, &mut out)?;
    Ok(out)
}

/// Writes the regular files of a stream below `target`, which is made. `keep`
/// decides by the path within the stream, its first part left out. Blocking.
///
/// # Errors
/// A quota is exceeded (what came before stays), or the stream or the disk fails.
pub(crate) fn extract_tree(
    reader: TarReader,
    target: &Path,
    quota: Quota,
    keep: &dyn Fn(&Path) -> bool,
) -> io::Result<Extracted> {
    std::fs::create_dir_all(target)?;
    let dir = Dir::open_ambient_dir(target, ambient_authority())?;
    let mut out = Extracted::default();
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let raw = entry.path()?.into_owned();
        let path = match inner_path(&raw) {
            Ok(path) => path,
            Err(reason) => {
                skip(&mut out, &raw, reason);
                continue;
            }
        };
        if path.components().count() > quota.depth {
            return Err(io::Error::other(format!(
                "more than {} folders within folders",
                quota.depth
            )));
        }
        let kind = entry.header().entry_type();
        if kind.is_dir() || !keep(&path) {
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
        out.modified = out.modified.max(entry.header().mtime().unwrap_or(0));
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
    if path.to_str().is_none() {
        return Err("has a name that is not UTF-8");
    }
    Ok(path)
}

fn write_file(
    dir: &Dir,
    path: &Path,
    entry: &mut impl Read,
    quota: Quota,
    out: &mut Extracted,
) -> io::Result<()> {
    if out.files >= quota.files {
        return Err(io::Error::other(format!("more than {} files", quota.files)));
    }
    let mut file = dir.create(path)?;
    let left = quota.bytes.saturating_sub(out.bytes);
    // One byte more than allowed tells "just full" from "too large".
    let written = io::copy(&mut entry.take(left.saturating_add(1)), &mut file)?;
    if written > left {
        drop(file);
        let _ = dir.remove_file(path);
        return Err(io::Error::other(format!(
            "larger than {} MiB",
            quota.bytes / (1024 * 1024)
        )));
    }
    file.flush()?;
    out.files += 1;
    out.bytes += written;
    Ok(())
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
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn entry(kind: tar::EntryType, path: &str, body: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        // Written by hand: the library refuses to write what is tested here.
        let name = &mut header.as_old_mut().name;
        name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_size(body.len() as u64);
        header.set_mode(0o4777);
        header.set_mtime(7);
        if kind == tar::EntryType::Symlink {
            header.set_link_name("/etc").unwrap();
        }
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(body);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    fn reader(parts: &[Vec<u8>]) -> TarReader {
        Box::new(io::Cursor::new(parts.concat()))
    }

    #[test]
    fn hostile_entries_make_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        let file = tar::EntryType::Regular;
        let out = extract_tree(
            reader(&[
                entry(tar::EntryType::Directory, "html/", b""),
                entry(file, "html/ok.html", b"fine"),
                entry(file, "html/../../evil", b"x"),
                entry(file, "/html/abs.html", b"also below"),
                entry(tar::EntryType::Symlink, "html/link", b""),
                entry(file, "html/link/passwd", b"inside"),
                entry(tar::EntryType::Fifo, "html/pipe", b""),
                entry(tar::EntryType::Char, "html/dev", b""),
            ]),
            &target,
            Quota::FOLDER,
            &|_| true,
        )
        .unwrap();
        assert_eq!(out.files, 3);
        assert_eq!(out.skipped.len(), 4);
        assert!(!dir.path().join("evil").exists());
        assert_eq!(
            std::fs::read(target.join("link/passwd")).unwrap(),
            b"inside"
        );
        assert!(!target.join("pipe").exists() && !target.join("dev").exists());
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(target.join("ok.html"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7000, 0);
    }

    #[test]
    fn quotas_end_the_reading() {
        let dir = tempfile::tempdir().unwrap();
        let quota = Quota {
            bytes: 10,
            files: 2,
            depth: 2,
        };
        let file = tar::EntryType::Regular;
        let big = reader(&[entry(file, "a/x", &[0; 11])]);
        let error = extract_tree(big, dir.path(), quota, &|_| true).unwrap_err();
        assert!(error.to_string().contains("larger"));
        assert!(!dir.path().join("x").exists());
        let many = reader(&[
            entry(file, "a/1", b""),
            entry(file, "a/2", b""),
            entry(file, "a/3", b""),
        ]);
        let error = extract_tree(many, dir.path(), quota, &|_| true).unwrap_err();
        assert!(error.to_string().contains("more than 2 files"));
        let deep = reader(&[entry(file, "a/b/c/d", b"")]);
        assert!(extract_tree(deep, dir.path(), quota, &|_| true).is_err());
    }

    #[test]
    fn a_report_must_be_a_regular_file() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("r/coverage.xml");
        let link = reader(&[entry(tar::EntryType::Symlink, "coverage.xml", b"")]);
        let error = extract_file(link, &target).unwrap_err();
        assert!(error.to_string().contains("symbolic link"));
        let good = reader(&[entry(tar::EntryType::Regular, "coverage.xml", b"<x/>")]);
        let out = extract_file(good, &target).unwrap();
        assert_eq!((out.files, out.modified), (1, 7));
        assert_eq!(std::fs::read(target).unwrap(), b"<x/>");
        let nothing = reader(&[]);
        assert!(extract_file(nothing, &dir.path().join("y")).is_err());
    }
}
