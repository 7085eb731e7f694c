//! Files, folders and archives of logs, archives within archives too, within limits.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek, SeekFrom};
use std::path::Path;

use super::archive::{self, Kind};
use super::junit;
use super::logs;
use super::worth;
#[cfg(test)]
use crate::triage::Origin;
use crate::triage::{Matcher, Read, Reader, order};

/// Files that are read.
const FILES: usize = 20_000;
/// Bytes that are read, unpacked.
const BYTES: u64 = 8 << 30;
/// Archives within archives.
const DEPTH: usize = 4;
/// Folders within folders.
const FOLDERS: usize = 32;

/// What is read of all that is given.
pub(super) struct Walk<'a> {
    matcher: &'a Matcher,
    reads: Vec<Read>,
    notes: Vec<String>,
    /// Which logs are of something that failed: by job and number of the step.
    known: BTreeMap<(String, Option<u64>), bool>,
    files: usize,
    left: u64,
}

impl<'a> Walk<'a> {
    /// Nothing yet.
    pub(super) fn new(matcher: &'a Matcher) -> Self {
        Self {
            matcher,
            reads: Vec::new(),
            notes: Vec::new(),
            known: BTreeMap::new(),
            files: 0,
            left: BYTES,
        }
    }

    /// What looks lines up.
    pub(super) fn matcher(&self) -> &'a Matcher {
        self.matcher
    }

    /// Adds what came of something else.
    pub(super) fn add(&mut self, read: Read) {
        self.reads.push(read);
    }

    /// Says that something is left out.
    pub(super) fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    /// Learns which jobs and steps failed, a step by its number: logs of those that did not are
    /// passed over from now on.
    pub(super) fn knows(&mut self, all: impl Iterator<Item = (String, Option<u64>, bool)>) {
        let all = all.map(|(job, step, failed)| ((key(&job), step), failed));
        self.known.extend(all);
    }

    /// What is known of the log of this name.
    fn known(&self, name: &str) -> Option<bool> {
        let (job, step) = archive::numbered(name)?;
        self.known.get(&(key(job), step)).copied()
    }

    /// What was left out.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// All that was read.
    pub(super) fn reads(self) -> Vec<Read> {
        self.reads
    }

    /// Reads a file, a folder or an archive.
    ///
    /// # Errors
    /// It is not there, or cannot be opened.
    pub(super) fn path(&mut self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return self.folder(path, path, FOLDERS);
        }
        let file = File::open(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.file(file, &name, DEPTH)
    }

    /// Reads an archive that is open.
    pub(super) fn archive(&mut self, file: File, name: &str) {
        if let Err(error) = self.file(file, name, DEPTH) {
            self.note(&format!("{name} cannot be read: {error}"));
        }
    }

    fn folder(&mut self, root: &Path, folder: &Path, depth: usize) -> io::Result<()> {
        let mut entries: Vec<_> = std::fs::read_dir(folder)?.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        let names: Vec<String> = entries
            .iter()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        for (entry, name) in entries.iter().zip(&names) {
            let kind = entry.file_type()?;
            let path = entry.path();
            let shown = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            if kind.is_dir() && depth > 0 && name != ".git" {
                self.folder(root, &path, depth - 1)?;
            } else if kind.is_file() && !archive::is_whole_job(name, &names) {
                match File::open(&path) {
                    Ok(file) => self.file(file, &shown, DEPTH)?,
                    Err(error) => self.notes.push(format!("{shown} cannot be read: {error}")),
                }
            }
        }
        Ok(())
    }

    /// Reads a file that may be an archive. What is broken of it is a note.
    pub(super) fn file(&mut self, mut file: File, name: &str, depth: usize) -> io::Result<()> {
        let mut begin = Vec::new();
        (&file).take(archive::BEGIN).read_to_end(&mut begin)?;
        file.seek(SeekFrom::Start(0))?;
        let kind = archive::kind(&begin);
        if kind != Kind::Plain && depth == 0 {
            self.notes.push(format!(
                "{name} is left out: an archive within {DEPTH} others"
            ));
            return Ok(());
        }
        let whole = match kind {
            Kind::Plain => {
                self.stream(BufReader::new(file), name);
                Ok(())
            }
            Kind::Zip => archive::zip(self, file, name, depth),
            Kind::Gzip => archive::gzip(self, file, name, depth),
            Kind::Tar => archive::tar(self, &mut file, name, depth),
        };
        if let Err(error) = whole {
            self.notes
                .push(format!("{name} cannot be read to its end: {error}"));
        }
        Ok(())
    }

    /// Reads a stream of lines.
    pub(super) fn stream(&mut self, mut stream: impl BufRead, name: &str) {
        if self.files == FILES || self.left == 0 {
            let note = format!(
                "more than {FILES} files or {} GiB: what follows is left out",
                BYTES >> 30
            );
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
            return;
        }
        let failed = self.known(name);
        if failed == Some(false) {
            return;
        }
        let order = order(self.files, 0);
        self.files += 1;
        if stream.fill_buf().is_ok_and(junit::is_report) {
            self.report(&mut stream, name, order);
            return;
        }
        let mut reader = Reader::new(self.matcher, archive::origin(name), order);
        match logs::read(&mut stream, &mut reader, &mut self.left) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => self
                .notes
                .push(format!("{name} cannot be read to its end: {error}")),
        }
        self.reads.push(worth(reader.finish(failed), None));
    }

    /// Reads a JUnit report: what its failed tests say counts.
    fn report(&mut self, stream: &mut impl BufRead, name: &str, order: u64) {
        match junit::read(self.matcher, stream, &mut self.left, name, order) {
            Ok((read, note)) => {
                self.reads.push(read);
                self.notes.extend(note);
            }
            Err(error) => self.notes.push(format!("{name} cannot be read: {error}")),
        }
    }
}

/// The name of a job without what GitHub leaves out of names of files, and without case.
fn key(job: &str) -> String {
    let letters = job.chars().filter(|one| one.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The origin of a log that nothing is known of but its name.
#[cfg(test)]
pub(super) fn origin_of(name: &str) -> Origin {
    archive::origin(name)
}
