//! Archives of logs, and what the names in them say.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use super::walk::Walk;
use crate::triage::Origin;

/// Bytes of a file by which its kind is known.
pub(super) const BEGIN: u64 = 300;
/// Bytes of an archive within another that are unpacked.
const INNER: u64 = 2 << 30;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A log, perhaps.
    Plain,
    /// A zip archive.
    Zip,
    /// Something compressed by gzip: a log or a tar archive.
    Gzip,
    /// A tar archive.
    Tar,
}

/// The kind of a file by its first bytes.
pub(super) fn kind(begin: &[u8]) -> Kind {
    if begin.starts_with(b"PK\x03\x04") || begin.starts_with(b"PK\x05\x06") {
        Kind::Zip
    } else if begin.starts_with(&[0x1f, 0x8b]) {
        Kind::Gzip
    } else if begin.get(257..262) == Some(b"ustar") {
        Kind::Tar
    } else {
        Kind::Plain
    }
}

/// Reads the files of a zip archive.
pub(super) fn zip(walk: &mut Walk<'_>, file: File, name: &str, depth: usize) -> io::Result<()> {
    let broken = |error: rawzip::Error| io::Error::other(error.to_string());
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
    let mut names = Vec::new();
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        names.push(String::from_utf8_lossy(entry.file_path().as_ref()).into_owned());
    }
    let mut entries = archive.entries(&mut buffer);
    let mut at = 0;
    let outer = outer(name);
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        let inner = names.get(at).cloned().unwrap_or_default();
        at += 1;
        if entry.is_dir() || is_whole_job(&inner, &names) {
            continue;
        }
        let method = entry.compression_method();
        let found = archive.get_entry(entry.wayfinder()).map_err(broken)?;
        let shown = format!("{outer}{inner}");
        match method {
            CompressionMethod::STORE => member(walk, &mut found.reader(), &shown, depth)?,
            CompressionMethod::DEFLATE => {
                let mut stream = DeflateDecoder::new(found.reader());
                member(walk, &mut stream, &shown, depth)?;
            }
            _ => return Err(io::Error::other("a compression that seatrial cannot read")),
        }
    }
    Ok(())
}

/// Reads the files of a tar archive.
pub(super) fn tar(
    walk: &mut Walk<'_>,
    stream: &mut dyn Read,
    name: &str,
    depth: usize,
) -> io::Result<()> {
    let outer = outer(name);
    let mut archive = tar::Archive::new(stream);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let inner = entry.path()?.to_string_lossy().into_owned();
        let shown = format!("{outer}{}", inner.trim_start_matches("./"));
        member(walk, &mut entry, &shown, depth)?;
    }
    Ok(())
}

/// Reads what gzip compressed: a tar archive or a log.
pub(super) fn gzip(walk: &mut Walk<'_>, file: File, name: &str, depth: usize) -> io::Result<()> {
    let mut stream = MultiGzDecoder::new(BufReader::new(file));
    let name = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".tgz"));
    member(walk, &mut stream, name.unwrap_or_default(), depth)
}

/// Reads a member of an archive: lines as they come, an archive from a file of its own.
fn member(walk: &mut Walk<'_>, stream: &mut dyn Read, name: &str, depth: usize) -> io::Result<()> {
    let mut begin = Vec::new();
    (&mut *stream).take(BEGIN).read_to_end(&mut begin)?;
    let kind = kind(&begin);
    let mut whole = io::Cursor::new(begin).chain(stream);
    match kind {
        Kind::Plain => {
            walk.stream(BufReader::new(whole), name);
            Ok(())
        }
        Kind::Tar => tar(walk, &mut whole, name, depth.saturating_sub(1)),
        Kind::Zip | Kind::Gzip => {
            let mut inner = tempfile::tempfile()?;
            let written = io::copy(&mut whole.take(INNER), &mut inner)?;
            if written == INNER {
                return Err(io::Error::other(format!(
                    "{name} is larger than {} GiB",
                    INNER >> 30
                )));
            }
            inner.flush()?;
            inner.seek(SeekFrom::Start(0))?;
            walk.file(inner, name, depth.saturating_sub(1))
        }
    }
}

/// What stands before the names of an archive's files: nothing for the archive of a whole
/// run.
fn outer(name: &str) -> String {
    match name.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => String::new(),
    }
}

/// Whether a file is the log of a whole job, `0_unit.txt`, whose steps have logs of their own
/// in the folder `unit` beside it.
pub(super) fn is_whole_job(name: &str, names: &[String]) -> bool {
    let Some(job) = name.strip_suffix(".txt").and_then(without_number) else {
        return false;
    };
    let folder = format!("{job}/");
    names
        .iter()
        .any(|other| other == job || (other.starts_with(&folder) && other.len() > folder.len()))
}

/// `3_Run tests` is `Run tests`.
fn without_number(name: &str) -> Option<&str> {
    let (number, rest) = name.split_once('_')?;
    let is_number = !number.is_empty() && number.chars().all(|one| one.is_ascii_digit());
    is_number.then_some(rest)
}

/// The job of a log in GitHub's archive of a run, and the number of its step: `unit/3_Run.txt`,
/// or `0_unit.txt` for the whole job.
pub(super) fn numbered(name: &str) -> Option<(&str, Option<u64>)> {
    let stem = name.strip_suffix(".txt")?;
    match stem.split_once('/') {
        None => Some((without_number(stem)?, None)),
        Some((job, file)) => {
            let (number, _) = file.split_once('_')?;
            Some((job, Some(number.parse().ok()?)))
        }
    }
}

/// What the name of a log says: `unit/3_Run tests.txt` is a step of a job.
pub(super) fn origin(name: &str) -> Origin {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let stem = file
        .rsplit_once('.')
        .filter(|(_, ending)| ["txt", "log", "out", "err"].contains(ending))
        .map_or(file, |(stem, _)| stem);
    let job = folder.rsplit('/').next().unwrap_or_default();
    let (job, step) = match (job, without_number(stem)) {
        ("", Some(job)) => (job, ""),
        ("", None) => ("", ""),
        (job, step) => (job, step.unwrap_or(stem)),
    };
    Origin {
        job: job.to_owned(),
        step: step.to_owned(),
        file: name.to_owned(),
    }
}
