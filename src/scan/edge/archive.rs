//! An image as `docker save` writes it: a tar stream of tar streams, none of which is
//! trusted. It is read once, from its first byte to its last; nothing of it is written.
//!
//! Three forms are understood: that of Docker before 25 (`ID/layer.tar`), that of an OCI
//! layout (`blobs/sha256/…`), and that of Podman. All have a `manifest.json`, which may
//! come last: what an entry is, is told by its first bytes.

use std::collections::HashMap;
use std::io::{self, Cursor, Read};
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::docker::{Metered, held_bytes};
use crate::scan::file_secrets;
use crate::scan::image::{Entry, EntryKind, Image, ImageConfig, RawLayer};
use crate::scan::packages::{self, Database, OsRelease};

/// Most entries of all layers together.
const ENTRIES: usize = 2_000_000;
/// Most bytes of their names.
const NAMES: usize = 256 << 20;
/// Longest name of an entry, in bytes (`PATH_MAX` of Linux).
const NAME: usize = 4096;
/// Most bytes of an image, uncompressed.
const BYTES: u64 = 64 << 30;
/// Longest that the reading may take.
const TIME: Duration = Duration::from_secs(20 * 60);
/// Most bytes of a configuration or a manifest.
const JSON: u64 = 16 << 20;
/// Most of them that are kept.
const DOCUMENTS: usize = 200;
/// Most bytes of a program that is looked into.
const PROGRAM: u64 = 64 << 20;
/// Most layers (overlay2 of Docker takes 128).
const LAYERS: usize = 512;

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "Config")]
    config: String,
    #[serde(rename = "Layers")]
    layers: Vec<String>,
}

/// Reads an image. Blocking.
///
/// # Errors
/// It is no image, or it exceeds a limit, or the stream fails.
pub(crate) fn read(reader: impl Read, name: &str) -> io::Result<Image> {
    let mut reading = Reading {
        layers: HashMap::new(),
        links: HashMap::new(),
        documents: HashMap::new(),
        entries: 0,
        names: 0,
        left: BYTES,
        begun: Instant::now(),
    };
    reading.outer(reader)?;
    reading.image(name)
}

struct Reading {
    /// Layers by the name of their entry.
    layers: HashMap<String, RawLayer>,
    /// Names that stand for others: layers that are there twice.
    links: HashMap<String, String>,
    /// Manifest and configurations by their name.
    documents: HashMap<String, Vec<u8>>,
    entries: usize,
    names: usize,
    left: u64,
    begun: Instant,
}

fn wrong(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

impl Reading {
    fn outer(&mut self, reader: impl Read) -> io::Result<()> {
        let (reader, meter) = Metered::new(reader);
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let mut entry = entry?;
            meter.allow(entry.size());
            self.count(1)?;
            let Some(name) = clean(&entry.path_bytes()) else {
                continue;
            };
            let kind = entry.header().entry_type();
            if kind.is_symlink() || kind.is_hard_link() {
                if let Some(target) = entry.link_name_bytes() {
                    let target = String::from_utf8_lossy(&target).into_owned();
                    self.links.insert(name.clone(), target_of(&name, &target));
                }
                continue;
            }
            if !kind.is_file() {
                continue;
            }
            let mut head = Vec::new();
            (&mut entry).take(512).read_to_end(&mut head)?;
            let size = entry.size();
            match head.first() {
                Some(b'{' | b'[') if size <= JSON && self.documents.len() < DOCUMENTS => {
                    entry.read_to_end(&mut head)?;
                    self.documents.insert(name, head);
                }
                Some(0x1f) if head.get(1) == Some(&0x8b) => {
                    let whole = Cursor::new(head).chain(entry);
                    let layer = self.layer(MultiGzDecoder::new(whole))?;
                    self.keep(name, layer)?;
                }
                Some(0x28) if head.get(1) == Some(&0xb5) => {
                    return Err(wrong(
                        "a layer is compressed with zstd, which seatrial cannot read",
                    ));
                }
                // A header of tar has its mark here (POSIX.1-2008, pax).
                _ if head.get(257..262) == Some(b"ustar") || is_empty_tar(&head) => {
                    let layer = self.layer(Cursor::new(head).chain(entry))?;
                    self.keep(name, layer)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn keep(&mut self, name: String, layer: RawLayer) -> io::Result<()> {
        if self.layers.len() >= LAYERS {
            return Err(wrong(format!("the image has more than {LAYERS} layers")));
        }
        self.layers.insert(name, layer);
        Ok(())
    }

    /// Counts an entry of so many bytes.
    fn count(&mut self, bytes: u64) -> io::Result<()> {
        self.entries += 1;
        if self.entries > ENTRIES {
            return Err(wrong(format!("the image has more than {ENTRIES} files")));
        }
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| wrong(format!("the image is larger than {} GiB", BYTES >> 30)))?;
        if self.begun.elapsed() > TIME {
            return Err(wrong(format!(
                "reading the image took longer than {} min",
                TIME.as_secs() / 60
            )));
        }
        Ok(())
    }

    fn layer(&mut self, reader: impl Read) -> io::Result<RawLayer> {
        let (reader, meter) = Metered::new(reader);
        let mut archive = tar::Archive::new(reader);
        let mut layer = RawLayer::default();
        for entry in archive.entries()? {
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            let held = held_bytes(&entry)?;
            meter.allow(held);
            self.count(held)?;
            let raw = entry.path_bytes();
            if raw.len() > NAME {
                layer.notices.push((
                    String::new(),
                    format!("a name of {} bytes is left out", raw.len()),
                ));
                continue;
            }
            let Some(path) = clean(&raw) else {
                continue;
            };
            self.names += path.len();
            if self.names > NAMES {
                return Err(wrong(format!(
                    "the names of its files are longer than {} MiB",
                    NAMES >> 20
                )));
            }
            let size = entry.size();
            let mode = entry.header().mode().unwrap_or(0) & 0o7777;
            if kind.is_file() {
                content(&mut layer, &path, mode, size, &mut entry)?;
            }
            layer.entries.push(Entry {
                mode,
                size: if kind.is_file() { size } else { 0 },
                kind: if kind.is_file() || kind.is_hard_link() {
                    EntryKind::File
                } else if kind.is_dir() {
                    EntryKind::Folder
                } else {
                    EntryKind::Other
                },
                path,
            });
        }
        Ok(layer)
    }

    fn image(mut self, name: &str) -> io::Result<Image> {
        let manifest = self
            .documents
            .get("manifest.json")
            .ok_or_else(|| wrong("it is no image: it has no manifest.json"))?;
        let manifests: Vec<Manifest> = serde_json::from_slice(manifest)
            .map_err(|error| wrong(format!("its manifest.json cannot be read: {error}")))?;
        let [manifest] = manifests.as_slice() else {
            return Err(wrong(format!(
                "it holds {} images, and one is expected",
                manifests.len()
            )));
        };
        let config = self
            .documents
            .get(&manifest.config)
            .ok_or_else(|| wrong("its configuration is missing"))?;
        let config: ImageConfig = serde_json::from_slice(config)
            .map_err(|error| wrong(format!("its configuration cannot be read: {error}")))?;
        let mut layers: Vec<RawLayer> = Vec::new();
        for wanted in &manifest.layers {
            let real = self.links.get(wanted).unwrap_or(wanted);
            // One that is there twice counts where it is the lowest, which is the same.
            match self.layers.remove(real) {
                Some(layer) => layers.push(layer),
                None if manifest.layers.iter().filter(|one| *one == wanted).count() > 1
                    || self.links.contains_key(wanted) =>
                {
                    layers.push(RawLayer::default());
                }
                None => return Err(wrong(format!("its layer `{wanted}` is missing"))),
            }
        }
        Ok(Image::merge(name, config, layers))
    }
}

/// Reads what is of interest in a file.
fn content(
    layer: &mut RawLayer,
    path: &str,
    mode: u32,
    size: u64,
    file: &mut impl Read,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    if let Some(database) = Database::of_path(path) {
        if database == Database::Rpm {
            layer.notices.push((
                path.to_owned(),
                format!("the packages in `/{path}` are not listed: seatrial cannot read databases of rpm"),
            ));
            return Ok(());
        }
        if size > database.most() {
            layer.notices.push((
                path.to_owned(),
                format!(
                    "`/{path}` is larger than {} KiB and is left out",
                    database.most() >> 10
                ),
            ));
            return Ok(());
        }
        file.read_to_end(&mut bytes)?;
        match database {
            Database::OsRelease => {
                let release = OsRelease::parse(&String::from_utf8_lossy(&bytes));
                layer
                    .releases
                    .extend(release.map(|release| (path.to_owned(), release)));
            }
            Database::DpkgList => layer.owned.extend(packages::owned(path, &bytes)),
            _ => layer
                .packages
                .extend(packages::read(database, path, &bytes)),
        }
        return Ok(());
    }
    if mode & 0o111 != 0 && size > 4 && size <= PROGRAM {
        file.take(4).read_to_end(&mut bytes)?;
        if bytes == b"\x7fELF" {
            file.read_to_end(&mut bytes)?;
            let told = packages::look_into_program(path, &bytes);
            layer.packages.extend(told.packages);
            layer
                .notices
                .extend(told.notice.map(|notice| (path.to_owned(), notice)));
            return Ok(());
        }
    }
    if file_secrets::is_looked_into(path, size) {
        file.read_to_end(&mut bytes)?;
        let found = file_secrets::find(path, &bytes);
        layer
            .secrets
            .extend(found.into_iter().map(|secret| (path.to_owned(), secret)));
    }
    Ok(())
}

/// Two blocks of zeros, and nothing else: the end of an archive without entries.
fn is_empty_tar(head: &[u8]) -> bool {
    head.len() == 512 && head.iter().all(|byte| *byte == 0)
}

/// A path without `/` and `.` at its beginning; `None` for one that leads upwards.
fn clean(raw: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(raw);
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => return None,
            other => parts.push(other),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// What a link within the archive leads to.
fn target_of(name: &str, target: &str) -> String {
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
