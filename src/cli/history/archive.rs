//! Files, folders and archives, archives within archives too, within limits.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

/// Bytes of a file by which its kind is known.
const BEGIN: u64 = 300;
/// Files that are looked at.
const FILES: usize = 1_000_000;
/// Archives within archives.
const DEPTH: usize = 4;
/// Folders within folders.
const FOLDERS: usize = 32;
/// Bytes of an archive within another that are unpacked.
const INNER: u64 = 2 << 30;

/// Takes the files that are found: name and contents.
type Take<'a> = &'a mut dyn FnMut(&str, &mut dyn Read);

/// What is found in all that is given.
pub(in crate::cli) struct Walk<'a> {
    take: Take<'a>,
    /// Whether a file is wanted, by its name.
    wanted: fn(&str) -> bool,
    notes: Vec<String>,
    files: usize,
}

impl<'a> Walk<'a> {
    /// One that gives the wanted files to `take`.
    pub(in crate::cli) fn new(wanted: fn(&str) -> bool, take: Take<'a>) -> Self {
        Self {
            take,
            wanted,
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
        let shown = path.display().to_string();
        if path.is_dir() {
            return self.folder(path, FOLDERS);
        }
        let file = File::open(path)?;
        self.open(file, &shown, DEPTH, true);
        Ok(())
    }

    /// Looks at an archive without a name of its own.
    pub(in crate::cli) fn archive(&mut self, file: File, shown: &str) {
        self.open(file, shown, DEPTH, false);
    }

    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        let mut entries: Vec<_> = std::fs::read_dir(folder)?.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let (kind, path) = (entry.file_type()?, entry.path());
            let shown = path.display().to_string();
            if kind.is_dir() && depth > 0 && entry.file_name() != ".git" {
                if let Err(error) = self.folder(&path, depth - 1) {
                    self.note(&shown, &error);
                }
            } else if kind.is_file() && (is_archive(&shown) || (self.wanted)(&shown)) {
                match File::open(&path) {
                    Ok(file) => self.open(file, &shown, DEPTH, false),
                    Err(error) => self.note(&shown, &error),
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, name: &str, what: &dyn std::fmt::Display) {
        self.notes.push(format!("{name}: {what}"));
    }

    /// Looks at a file that may be an archive. What is broken of it is a note.
    fn open(&mut self, mut file: File, name: &str, depth: usize, named: bool) {
        let mut begin = Vec::new();
        let whole = (&file)
            .take(BEGIN)
            .read_to_end(&mut begin)
            .and_then(|_| file.seek(SeekFrom::Start(0)))
            .and_then(|_| match Kind::of(&begin) {
                Kind::Plain => {
                    self.plain(&mut BufReader::new(file), name, named);
                    Ok(())
                }
                _ if depth == 0 => Err(io::Error::other(format!(
                    "an archive within {DEPTH} others is left out"
                ))),
                Kind::Zip => self.zip(file, name, depth),
                Kind::Gzip => {
                    let inner = name.trim_end_matches(".gz");
                    let mut stream = MultiGzDecoder::new(BufReader::new(file));
                    self.member(&mut stream, inner, depth, named)
                }
                Kind::Tar => self.tar(&mut file, name, depth),
            });
        if let Err(error) = whole {
            self.note(name, &error);
        }
    }

    fn plain(&mut self, stream: &mut dyn Read, name: &str, named: bool) {
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

    fn zip(&mut self, file: File, name: &str, depth: usize) -> io::Result<()> {
        let broken = |error: rawzip::Error| io::Error::other(error.to_string());
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
        let mut entries = archive.entries(&mut buffer);
        while let Some(entry) = entries.next_entry().map_err(broken)? {
            let inner = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
            if entry.is_dir() || !(is_archive(&inner) || (self.wanted)(&inner)) {
                continue;
            }
            let method = entry.compression_method();
            let found = archive.get_entry(entry.wayfinder()).map_err(broken)?;
            let shown = format!("{name}/{inner}");
            match method {
                CompressionMethod::STORE => {
                    self.member(&mut found.reader(), &shown, depth, false)?;
                }
                CompressionMethod::DEFLATE => {
                    let mut stream = DeflateDecoder::new(found.reader());
                    self.member(&mut stream, &shown, depth, false)?;
                }
                _ => self.note(&shown, &"a compression that seatrial cannot read"),
            }
        }
        Ok(())
    }

    fn tar(&mut self, stream: &mut dyn Read, name: &str, depth: usize) -> io::Result<()> {
        let mut archive = tar::Archive::new(stream);
        for entry in archive.entries()? {
            let mut entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let inner = entry.path()?.to_string_lossy().into_owned();
            if is_archive(&inner) || (self.wanted)(&inner) {
                let shown = format!("{name}/{}", inner.trim_start_matches("./"));
                self.member(&mut entry, &shown, depth, false)?;
            }
        }
        Ok(())
    }

    /// Looks at a member of an archive: an archive goes through a file of its own.
    fn member(
        &mut self,
        stream: &mut dyn Read,
        name: &str,
        depth: usize,
        named: bool,
    ) -> io::Result<()> {
        let mut begin = Vec::new();
        (&mut *stream).take(BEGIN).read_to_end(&mut begin)?;
        let kind = Kind::of(&begin);
        let mut whole = Cursor::new(begin).chain(stream);
        match kind {
            Kind::Plain => self.plain(&mut whole, name, named),
            Kind::Tar => self.tar(&mut whole, name, depth.saturating_sub(1))?,
            Kind::Zip | Kind::Gzip => {
                let mut inner = tempfile::tempfile()?;
                if io::copy(&mut whole.take(INNER), &mut inner)? == INNER {
                    self.note(name, &format!("it is larger than {} GiB", INNER >> 30));
                    return Ok(());
                }
                inner.flush()?;
                inner.seek(SeekFrom::Start(0))?;
                self.open(inner, name, depth.saturating_sub(1), named);
            }
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

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Zip,
    Gzip,
    Tar,
}

impl Kind {
    /// The kind of a file by its first bytes.
    fn of(begin: &[u8]) -> Self {
        if begin.starts_with(b"PK\x03\x04") || begin.starts_with(b"PK\x05\x06") {
            Self::Zip
        } else if begin.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip
        } else if begin.get(257..262) == Some(b"ustar") {
            Self::Tar
        } else {
            Self::Plain
        }
    }
}
