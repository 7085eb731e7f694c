//! Files that are wanted by their names, in folders and archives.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::cli::archive::{self, Finder, Why};

/// Files that are looked at.
const FILES: usize = 1_000_000;

/// Takes the files that are found: name and contents.
type Take<'a> = &'a mut dyn FnMut(&str, &mut dyn Read);

/// What is found in all that is given.
pub(in crate::cli) struct Walk<'a> {
    take: Take<'a>,
    /// Whether a file is wanted, by its name.
    wanted: fn(&str) -> bool,
    /// The file that was named, without the endings of gzip: it is taken whatever its name.
    named: Option<String>,
    notes: Vec<String>,
    files: usize,
}

impl<'a> Walk<'a> {
    /// One that gives the wanted files to `take`.
    pub(in crate::cli) fn new(wanted: fn(&str) -> bool, take: Take<'a>) -> Self {
        Self {
            take,
            wanted,
            named: None,
            notes: Vec::new(),
            files: 0,
        }
    }

    /// What could not be read.
    pub(in crate::cli) fn notes(self) -> Vec<String> {
        self.notes
    }

    /// Looks at a file that was named, whatever its name, a folder or an archive.
    ///
    /// # Errors
    /// It is not there, or cannot be opened.
    pub(super) fn path(&mut self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return archive::folder(self, path, None);
        }
        let file = File::open(path)?;
        let shown = path.display().to_string();
        self.named = Some(self.of_unpacked(&shown));
        archive::file(self, file, &shown)
    }

    /// Looks at an archive without a name of its own.
    pub(in crate::cli) fn archive(&mut self, file: File, shown: &str) {
        if let Err(error) = archive::file(self, file, shown) {
            self.note(shown, &error);
        }
    }

    fn note(&mut self, name: &str, what: &dyn std::fmt::Display) {
        self.notes.push(format!("{name}: {what}"));
    }
}

impl Finder for Walk<'_> {
    fn is_wanted(&self, name: &str, _: &[String]) -> bool {
        is_archive(name) || (self.wanted)(name)
    }

    fn needs_beside(&self) -> bool {
        false
    }

    fn of_member(&self, archive: &str, member: &str) -> String {
        format!("{archive}/{member}")
    }

    fn of_unpacked(&self, name: &str) -> String {
        name.trim_end_matches(".gz").to_owned()
    }

    fn take(&mut self, name: &str, stream: &mut dyn Read) {
        let named = self.named.as_deref() == Some(name.trim_end_matches(".gz"));
        // What is called an archive may be none.
        if !named && !(self.wanted)(name) {
            return;
        }
        self.files += 1;
        match self.files {
            0..=FILES => (self.take)(name, stream),
            _ if self.files == FILES + 1 => {
                self.note(
                    name,
                    &format!("it and all after the first {FILES} are left out"),
                );
            }
            _ => {}
        }
    }

    fn left_out(&mut self, name: &str, why: Why) -> io::Result<()> {
        match why {
            Why::Unopened(_) | Why::Unreadable(_) | Why::Broken(_) | Why::Compression => {
                self.note(name, &why);
            }
            Why::TooDeep => self.note(name, &format!("{why} is left out")),
            Why::TooLarge => self.note(name, &format!("it is {why}")),
        }
        Ok(())
    }
}

/// Whether a name is that of an archive.
fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".zip", ".tar", ".tgz", ".gz"]
        .iter()
        .any(|ending| name.ends_with(ending))
}
