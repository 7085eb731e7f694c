//! Folders and archives (zip, tar, gzip), archives within archives too, within limits.
//!
//! This file knows how they are opened. What is wanted of them, how it is called and what
//! becomes of it is the business of each [`Finder`].

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

/// Bytes of a file by which its kind is known.
const BEGIN: u64 = 300;
/// Archives within archives.
const DEPTH: usize = 4;
/// Folders within folders.
const FOLDERS: usize = 32;
/// Bytes of an archive within another that are unpacked.
const INNER: u64 = 2 << 30;

/// Who looks for something in folders and archives.
pub(super) trait Finder {
    /// Whether a file is looked at, by its name in its folder or archive. `beside` are the names
    /// of all that lies there, as far as they are known: a tar archive tells them only as it is
    /// read.
    fn is_wanted(&self, name: &str, beside: &[String]) -> bool;

    /// Whether [`Finder::is_wanted`] needs `beside`: for a zip archive it costs a pass of its
    /// own, and where that breaks, nothing of the archive is read.
    fn needs_beside(&self) -> bool;

    /// How a member of an archive is called, by the name of the archive and its own.
    fn of_member(&self, archive: &str, member: &str) -> String;

    /// How the contents of a file that gzip made are called, by its name.
    fn of_unpacked(&self, name: &str) -> String;

    /// Takes a file that is no archive. The stream has no buffer.
    fn take(&mut self, name: &str, stream: &mut dyn Read);

    /// Hears that something is left out.
    ///
    /// # Errors
    /// The folder or archive that it lies in shall not be read further.
    fn left_out(&mut self, name: &str, why: Why) -> io::Result<()>;
}

/// Why something is left out.
#[derive(Debug)]
pub(super) enum Why {
    /// A file cannot be opened.
    Unopened(io::Error),
    /// A folder, or the beginning of a file, cannot be read.
    Unreadable(io::Error),
    /// A file or an archive breaks: what came before was taken.
    Broken(io::Error),
    /// It lies within too many archives.
    TooDeep,
    /// It is an archive within another, and too large to be unpacked.
    TooLarge,
    /// A member of a zip archive has a compression that is not known.
    Compression,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unopened(error) | Self::Unreadable(error) | Self::Broken(error) => error.fmt(f),
            Self::TooDeep => write!(f, "an archive within {DEPTH} others"),
            Self::TooLarge => write!(f, "larger than {} GiB", INNER >> 30),
            Self::Compression => f.write_str("a compression that seatrial cannot read"),
        }
    }
}

/// Looks through a folder. Its files are called by their paths below `base`, where there is
/// one.
///
/// # Errors
/// It cannot be read, or the finder has enough.
pub(super) fn folder(
    finder: &mut dyn Finder,
    folder: &Path,
    base: Option<&Path>,
) -> io::Result<()> {
    within_folder(finder, folder, base, FOLDERS)
}

/// Looks at an open file, which may be an archive.
///
/// # Errors
/// The finder has enough.
pub(super) fn file(finder: &mut dyn Finder, file: File, name: &str) -> io::Result<()> {
    open(finder, file, name, DEPTH)
}

fn within_folder(
    finder: &mut dyn Finder,
    folder: &Path,
    base: Option<&Path>,
    depth: usize,
) -> io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let names: Vec<String> = entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    for (entry, name) in entries.iter().zip(&names) {
        let (kind, path) = (entry.file_type()?, entry.path());
        let shown = base.and_then(|base| path.strip_prefix(base).ok());
        let shown = shown.unwrap_or(&path).to_string_lossy();
        if kind.is_dir() && depth > 0 && name != ".git" {
            if let Err(error) = within_folder(finder, &path, base, depth - 1) {
                finder.left_out(&shown, Why::Unreadable(error))?;
            }
        } else if kind.is_file() && finder.is_wanted(name, &names) {
            match File::open(&path) {
                Ok(file) => open(finder, file, &shown, DEPTH)?,
                Err(error) => finder.left_out(&shown, Why::Unopened(error))?,
            }
        }
    }
    Ok(())
}

fn open(finder: &mut dyn Finder, mut file: File, name: &str, depth: usize) -> io::Result<()> {
    let mut begin = Vec::new();
    let read = (&file)
        .take(BEGIN)
        .read_to_end(&mut begin)
        .and_then(|_| file.seek(SeekFrom::Start(0)));
    if let Err(error) = read {
        return finder.left_out(name, Why::Unreadable(error));
    }
    let whole = match Kind::of(&begin) {
        Kind::Plain => {
            finder.take(name, &mut file);
            Ok(())
        }
        _ if depth == 0 => return finder.left_out(name, Why::TooDeep),
        Kind::Zip => zip(finder, file, name, depth),
        Kind::Gzip => {
            let mut stream = MultiGzDecoder::new(BufReader::new(file));
            let unpacked = finder.of_unpacked(name);
            member(finder, &mut stream, &unpacked, depth)
        }
        Kind::Tar => tar(finder, &mut file, name, depth),
    };
    match whole {
        Ok(()) => Ok(()),
        Err(error) => finder.left_out(name, Why::Broken(error)),
    }
}

fn zip(finder: &mut dyn Finder, file: File, name: &str, depth: usize) -> io::Result<()> {
    let broken = |error: rawzip::Error| io::Error::other(error.to_string());
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
    let mut names = Vec::new();
    if finder.needs_beside() {
        let mut entries = archive.entries(&mut buffer);
        while let Some(entry) = entries.next_entry().map_err(broken)? {
            names.push(String::from_utf8_lossy(entry.file_path().as_ref()).into_owned());
        }
    }
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        let inner = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        if entry.is_dir() || !finder.is_wanted(&inner, &names) {
            continue;
        }
        let method = entry.compression_method();
        let found = archive.get_entry(entry.wayfinder()).map_err(broken)?;
        let shown = finder.of_member(name, &inner);
        match method {
            CompressionMethod::STORE => member(finder, &mut found.reader(), &shown, depth)?,
            CompressionMethod::DEFLATE => {
                let mut stream = DeflateDecoder::new(found.reader());
                member(finder, &mut stream, &shown, depth)?;
            }
            _ => finder.left_out(&shown, Why::Compression)?,
        }
    }
    Ok(())
}

fn tar(finder: &mut dyn Finder, stream: &mut dyn Read, name: &str, depth: usize) -> io::Result<()> {
    let mut archive = tar::Archive::new(stream);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let inner = entry.path()?.to_string_lossy().into_owned();
        if finder.is_wanted(&inner, &[]) {
            let shown = finder.of_member(name, inner.trim_start_matches("./"));
            member(finder, &mut entry, &shown, depth)?;
        }
    }
    Ok(())
}

/// Looks at a member of an archive: tar is read as it comes, other archives go through a file
/// of their own.
fn member(
    finder: &mut dyn Finder,
    stream: &mut dyn Read,
    name: &str,
    depth: usize,
) -> io::Result<()> {
    let mut begin = Vec::new();
    (&mut *stream).take(BEGIN).read_to_end(&mut begin)?;
    let kind = Kind::of(&begin);
    let mut whole = Cursor::new(begin).chain(stream);
    match kind {
        Kind::Plain => {
            finder.take(name, &mut whole);
            Ok(())
        }
        // It needs no file of its own, but a stack that ends.
        Kind::Tar if depth == 0 => finder.left_out(name, Why::TooDeep),
        Kind::Tar => tar(finder, &mut whole, name, depth.saturating_sub(1)),
        Kind::Zip | Kind::Gzip => {
            let mut inner = tempfile::tempfile()?;
            if io::copy(&mut whole.take(INNER), &mut inner)? == INNER {
                return finder.left_out(name, Why::TooLarge);
            }
            inner.flush()?;
            inner.seek(SeekFrom::Start(0))?;
            open(finder, inner, name, depth.saturating_sub(1))
        }
    }
}

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No archive.
    Plain,
    /// A zip archive.
    Zip,
    /// Something compressed by gzip: a file or a tar archive.
    Gzip,
    /// A tar archive.
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
