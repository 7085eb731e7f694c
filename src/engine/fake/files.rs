//! The files of a fake environment: what scripts write, and what is put there.

use std::collections::BTreeMap;
use std::io::Read;

use sha2::{Digest, Sha256};

use crate::engine::{SourceTree, TreeKind};

/// Paths and contents.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Writes a file.
    pub(super) fn write(&mut self, path: &str, bytes: Vec<u8>) {
        self.0.insert(path.to_owned(), bytes);
    }

    /// Reads a file.
    pub(super) fn read(&self, path: &str) -> Option<String> {
        let bytes = self.0.get(path)?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }

    /// Copies the files of a checkout below `dir`.
    pub(super) fn put(&mut self, tree: &SourceTree, dir: &str) {
        for entry in &tree.entries {
            let TreeKind::File { replaced, .. } = &entry.kind else {
                continue;
            };
            let bytes = match replaced {
                Some(bytes) => bytes.clone(),
                None => std::fs::read(tree.root.join(&entry.path)).unwrap(),
            };
            let path = entry.path.display();
            self.write(&format!("{}/{path}", dir.trim_end_matches('/')), bytes);
        }
    }

    /// What `sha256sum` says of all files below `dir` but git's own.
    pub(super) fn hashes(&self, dir: &str) -> String {
        let inside = format!("{}/", dir.trim_end_matches('/'));
        let files = self.0.iter().filter_map(|(path, bytes)| {
            let below = path.strip_prefix(&inside)?;
            let digest = hex::encode(Sha256::digest(bytes));
            (!below.starts_with(".git/")).then(|| format!("{digest} *./{below}\n"))
        });
        files.collect()
    }

    /// Unpacks a tar stream below `dir`.
    pub(super) fn unpack(&mut self, dir: &str, tar: impl Read) {
        let mut tar = tar::Archive::new(tar);
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            if entry.header().entry_type().is_file() {
                let path = entry.path().unwrap().display().to_string();
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                self.write(&format!("{}/{path}", dir.trim_end_matches('/')), bytes);
            }
        }
    }

    /// A file or folder as the archive API gives it: below its own last name.
    pub(super) fn tar(&self, path: &str) -> Option<Vec<u8>> {
        let path = path.trim_end_matches('/');
        let name = path.rsplit('/').next().unwrap_or_default();
        let inside = format!("{path}/");
        let mut tar = tar::Builder::new(Vec::new());
        let mut found = false;
        if let Some(bytes) = self.0.get(path) {
            add(&mut tar, name, bytes);
            found = true;
        } else if self.0.keys().any(|file| file.starts_with(&inside)) {
            let mut header = header(tar::EntryType::Directory, 0o755, 0);
            tar.append_data(&mut header, format!("{name}/"), std::io::empty())
                .unwrap();
            for (file, bytes) in &self.0 {
                if let Some(below) = file.strip_prefix(&inside) {
                    add(&mut tar, &format!("{name}/{below}"), bytes);
                }
            }
            found = true;
        }
        found.then(|| tar.into_inner().unwrap())
    }
}

fn add(tar: &mut tar::Builder<Vec<u8>>, path: &str, bytes: &[u8]) {
    let mut header = header(tar::EntryType::Regular, 0o644, bytes.len());
    tar.append_data(&mut header, path, bytes).unwrap();
}

/// A header of something that was made just now.
fn header(kind: tar::EntryType, mode: u32, size: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size as u64);
    header.set_mode(mode);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    header.set_mtime(now.as_secs());
    header
}
