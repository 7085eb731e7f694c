//! Files, folders and archives of logs, archives within archives too, within limits.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::junit;
use super::logs;
use super::names;
use super::worth;
use crate::cli::archive::{self, Finder, Why};
use crate::triage::{Matcher, Read, Reader, order};

/// Files that are read.
const FILES: usize = 20_000;
/// Bytes that are read, unpacked.
const BYTES: u64 = 8 << 30;

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
        let (job, step) = names::numbered(name)?;
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
            return archive::folder(self, path, Some(path));
        }
        let file = File::open(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        archive::file(self, file, &name)
    }

    /// Reads an archive that is open.
    pub(super) fn archive(&mut self, file: File, name: &str) {
        if let Err(error) = archive::file(self, file, name) {
            self.note(&format!("{name} cannot be read: {error}"));
        }
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
        let mut reader = Reader::new(self.matcher, names::origin(name), order);
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

impl Finder for Walk<'_> {
    fn is_wanted(&self, name: &str, beside: &[String]) -> bool {
        !names::is_whole_job(name, beside)
    }

    fn needs_beside(&self) -> bool {
        true
    }

    fn of_member(&self, archive: &str, member: &str) -> String {
        format!("{}{member}", names::outer(archive))
    }

    fn of_unpacked(&self, name: &str) -> String {
        let stem = name
            .strip_suffix(".gz")
            .or_else(|| name.strip_suffix(".tgz"));
        stem.unwrap_or_default().to_owned()
    }

    fn take(&mut self, name: &str, stream: &mut dyn io::Read) {
        self.stream(BufReader::new(stream), name);
    }

    fn left_out(&mut self, name: &str, why: Why) -> io::Result<()> {
        match why {
            Why::Unopened(error) => self.note(&format!("{name} cannot be read: {error}")),
            Why::Broken(error) => self.note(&format!("{name} cannot be read to its end: {error}")),
            Why::TooDeep => self.note(&format!("{name} is left out: {why}")),
            Why::Unreadable(error) => return Err(error),
            Why::TooLarge => return Err(io::Error::other(format!("{name} is {why}"))),
            Why::Compression => return Err(io::Error::other(why.to_string())),
        }
        Ok(())
    }
}

/// The name of a job without what GitHub leaves out of names of files, and without case.
fn key(job: &str) -> String {
    let letters = job.chars().filter(|one| one.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
