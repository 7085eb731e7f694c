//! Caches on the disk: a folder each, with the tar streams as they came out of an
//! environment. They go back only into environments and are never unpacked here.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::actions::glob::Patterns;
use crate::engine::{StepHost, random_token};

/// Largest cache that is kept, in bytes.
const MAX_BYTES: u64 = 10 * 1024 * 1024 * 1024;

/// A cache as one step means it: a key, and a version for what is in it. Caches of
/// another version are never found.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    all: PathBuf,
    folder: PathBuf,
    key: String,
    version: String,
    patterns: Patterns,
}

/// What became of an attempt to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// It is kept.
    Saved,
    /// None of the paths exists.
    Nothing,
    /// Another job was faster.
    Another,
}

/// A cache that was found.
pub(super) struct Found {
    pub(super) key: String,
    pub(super) stored: Kept,
}

/// The files of a cache.
pub(super) struct Kept {
    folder: PathBuf,
    roots: Vec<String>,
}

impl Entry {
    pub(super) fn new(all: &Path, key: &str, version: &str, patterns: Patterns) -> Self {
        let version = hex::encode(Sha256::digest(version.as_bytes()));
        Self {
            all: all.to_path_buf(),
            folder: folder_of(all, key, &version),
            key: key.to_owned(),
            version,
            patterns,
        }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether the cache is there already.
    pub(super) fn is_complete(&self) -> bool {
        self.folder.join("key").is_file()
    }

    /// Saves it from an environment that is frozen or halted.
    pub(super) async fn save(&self, host: &dyn StepHost) -> io::Result<Stored> {
        if self.is_complete() {
            return Ok(Stored::Another);
        }
        let staging = self.all.join(format!(".part-{}", random_token()));
        let result = self.fill(host, &staging).await;
        let stored = result.and_then(|any| {
            if !any {
                return Ok(Stored::Nothing);
            }
            std::fs::write(staging.join("version"), &self.version)?;
            std::fs::write(staging.join("key"), &self.key)?;
            match std::fs::rename(&staging, &self.folder) {
                Ok(()) => Ok(Stored::Saved),
                Err(_) if self.is_complete() => Ok(Stored::Another),
                Err(error) => Err(error),
            }
        });
        let _ = std::fs::remove_dir_all(&staging);
        stored
    }

    /// Writes what the patterns mean; whether there was anything.
    async fn fill(&self, host: &dyn StepHost, staging: &Path) -> io::Result<bool> {
        std::fs::create_dir_all(staging)?;
        let mut any = false;
        let mut left = MAX_BYTES;
        for (index, root) in self.patterns.roots().iter().enumerate() {
            let reader = host
                .get(root)
                .await
                .map_err(|error| io::Error::other(error.message))?;
            let Some(reader) = reader else { continue };
            let file = staging.join(format!("{index}.tar"));
            let patterns = self.patterns.clone();
            let root = root.clone();
            let written = tokio::task::spawn_blocking(move || {
                let file = Limited {
                    inner: io::BufWriter::new(std::fs::File::create(file)?),
                    left,
                };
                filter(reader, file, &root, &patterns)
            })
            .await
            .map_err(io::Error::other)??;
            any |= written.0 > 0;
            left = written.1;
        }
        Ok(any)
    }
}

/// Copies the entries that the patterns mean: how many, and how many bytes are
/// left. Folders above them come along, so that they can be unpacked.
fn filter(
    reader: impl Read,
    writer: Limited<impl Write>,
    root: &str,
    patterns: &Patterns,
) -> io::Result<(usize, u64)> {
    let mut archive = tar::Archive::new(reader);
    let mut out = tar::Builder::new(writer);
    let mut taken = 0;
    let parent = root.rsplit_once('/').map_or("", |(parent, _)| parent);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Some(name) = path.to_str().map(|name| name.trim_matches('/')) else {
            continue;
        };
        let full = if root == "/" {
            format!("/{}", name.trim_start_matches("./"))
        } else {
            format!("{parent}/{name}")
        };
        if !patterns.covers(root, &full) {
            continue;
        }
        let mut header = entry.header().clone();
        let kind = header.entry_type();
        match entry.link_name()? {
            Some(link) if kind.is_symlink() || kind.is_hard_link() => {
                out.append_link(&mut header, &path, link)?;
            }
            _ if kind.is_file() || kind.is_dir() => {
                out.append_data(&mut header, &path, &mut entry)?;
            }
            // Pipes, sockets and devices are nothing to keep.
            _ => continue,
        }
        taken += 1;
    }
    let mut writer = out.into_inner()?;
    writer.flush()?;
    Ok((taken, writer.left))
}

/// A writer that fails when too much is written.
struct Limited<W> {
    inner: W,
    left: u64,
}

impl<W: Write> Write for Limited<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self
            .left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| io::Error::other("it is larger than 10 GiB"))?;
        self.inner.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Looks for the cache itself, then for one whose key begins with its key, then
/// for each of `restore_keys` the same (GitHub docs, "Cache key matching").
pub(super) fn find(entry: &Entry, restore_keys: &[&str]) -> Option<Found> {
    for key in [entry.key.as_str()].iter().chain(restore_keys) {
        let exact = folder_of(&entry.all, key, &entry.version);
        let found = if exact.join("key").is_file() {
            Some(((*key).to_owned(), exact))
        } else {
            newest_with(entry, key)
        };
        if let Some((key, folder)) = found {
            return Some(Found {
                key,
                stored: Kept {
                    folder,
                    roots: entry.patterns.roots().to_vec(),
                },
            });
        }
    }
    None
}

fn folder_of(all: &Path, key: &str, version: &str) -> PathBuf {
    let hash = hex::encode(Sha256::digest(format!("{version} {key}").as_bytes()));
    all.join(hash)
}

/// The newest cache of the same version whose key begins with `prefix`.
fn newest_with(entry: &Entry, prefix: &str) -> Option<(String, PathBuf)> {
    std::fs::read_dir(&entry.all)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|found| {
            let folder = found.path();
            let version = std::fs::read_to_string(folder.join("version")).ok()?;
            let key = std::fs::read_to_string(folder.join("key")).ok()?;
            let modified = std::fs::metadata(folder.join("key"))
                .ok()?
                .modified()
                .ok()?;
            (version == entry.version && key.starts_with(prefix)).then_some((modified, key, folder))
        })
        .max_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)))
        .map(|(_, key, folder)| (key, folder))
}

impl Kept {
    /// Puts the files back to where they were.
    pub(super) async fn restore(&self, host: &dyn StepHost) -> Result<(), String> {
        for (index, root) in self.roots.iter().enumerate() {
            let file = self.folder.join(format!("{index}.tar"));
            if !file.exists() {
                continue;
            }
            let tar = std::fs::File::open(&file).map_err(|error| error.to_string())?;
            let parent = root.rsplit_once('/').map_or("", |(parent, _)| parent);
            // The parent is made first; the stream begins with the folder itself.
            host.put_tree(Arc::default(), &format!("{parent}/"))
                .await
                .map_err(|error| error.message)?;
            host.unpack(if parent.is_empty() { "/" } else { parent }, Box::new(tar))
                .await
                .map_err(|error| error.message)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn entry(all: &Path, key: &str, version: &str) -> Entry {
        let patterns = Patterns::parse("x", &|line| format!("/{line}"), false).unwrap();
        Entry::new(all, key, version, patterns)
    }

    fn keep(entry: &Entry, age: u64) {
        std::fs::create_dir_all(&entry.folder).unwrap();
        std::fs::write(entry.folder.join("version"), &entry.version).unwrap();
        std::fs::write(entry.folder.join("key"), &entry.key).unwrap();
        let file = std::fs::File::open(entry.folder.join("key")).unwrap();
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        file.set_modified(time).unwrap();
    }

    #[test]
    fn keys_are_tried_in_order_and_versions_never_meet() {
        let dir = tempfile::tempdir().unwrap();
        for (key, version, age) in [
            ("pip-linux-aaa", "1", 30),
            ("pip-linux-bbb", "1", 20),
            ("pip-mac-ccc", "1", 10),
            ("pip-linux-ddd", "2", 0),
        ] {
            keep(&entry(dir.path(), key, version), age);
        }
        let found = |key: &str, version: &str, more: &[&str]| {
            find(&entry(dir.path(), key, version), more).map(|found| found.key)
        };
        assert_eq!(found("pip-linux-aaa", "1", &[]).unwrap(), "pip-linux-aaa");
        // The newest of those that begin alike.
        assert_eq!(found("pip-linux-", "1", &[]).unwrap(), "pip-linux-bbb");
        let more = ["pip-linux-", "pip-"];
        assert_eq!(found("pip-linux-eee", "1", &more).unwrap(), "pip-linux-bbb");
        assert_eq!(found("npm", "1", &["pip-"]).unwrap(), "pip-mac-ccc");
        assert_eq!(found("pip-linux-ddd", "1", &[]), None);
        assert_eq!(found("pip-linux-aaa", "3", &more), None);
    }

    #[test]
    fn only_what_is_meant_is_kept() {
        let mut tar = tar::Builder::new(Vec::new());
        for name in ["cache/a/one", "cache/b/two", "cache/a/skip"] {
            let mut header = tar::Header::new_gnu();
            header.set_size(1);
            header.set_mode(0o600);
            header.set_uid(1001);
            tar.append_data(&mut header, name, b"x".as_slice()).unwrap();
        }
        let bytes = tar.into_inner().unwrap();
        let patterns = Patterns::parse(
            "cache/a*\n!cache/a/skip",
            &|line| format!("/w/{line}"),
            false,
        )
        .unwrap();
        let mut out = Vec::new();
        let limited = Limited {
            inner: &mut out,
            left: 1 << 20,
        };
        let (taken, _) = filter(bytes.as_slice(), limited, "/w/cache", &patterns).unwrap();
        // A folder that is meant is kept whole, as the action's tar does.
        assert_eq!(taken, 2);
        let mut archive = tar::Archive::new(out.as_slice());
        let names: Vec<(String, u64)> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let path = entry.path().unwrap().display().to_string();
                (path, entry.header().uid().unwrap())
            })
            .collect();
        assert_eq!(
            names,
            [
                ("cache/a/one".to_owned(), 1001),
                ("cache/a/skip".to_owned(), 1001)
            ]
        );
        let small = Limited {
            inner: Vec::new(),
            left: 100,
        };
        assert!(filter(bytes.as_slice(), small, "/w/cache", &patterns).is_err());
    }
}
