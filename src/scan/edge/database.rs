//! A database of advisories: a folder of JSON files, a zip of them as OSV offers for each
//! ecosystem, or a folder of such zips.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::DeflateDecoder;
use jiff::Timestamp;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use crate::scan::osv::Advisory;

/// Folders within folders that are looked into: `osv/PyPI/all.zip`.
const DEPTH: usize = 4;
/// Most bytes of one advisory.
const ADVISORY: u64 = 16 << 20;
/// Most files, those in archives included.
const FILES: u64 = 5_000_000;
/// Most bytes in all, uncompressed.
const BYTES: u64 = 64 << 30;

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// Advisories.
    pub(crate) advisories: u64,
    /// Files with the ending of one that are none.
    pub(crate) unreadable: u64,
    /// When the newest advisory was changed; where none says so, the oldest of the files.
    pub(crate) newest: Option<Timestamp>,
}

/// Reads every advisory of a database. Blocking.
///
/// # Errors
/// It is not there, it cannot be read, or it exceeds a limit.
pub(crate) fn read(path: &Path, take: &mut dyn FnMut(&Advisory)) -> io::Result<Contents> {
    let mut reading = Reading {
        read: Contents::default(),
        oldest_file: None,
        files: 0,
        bytes: 0,
        take,
    };
    if std::fs::metadata(path)?.is_dir() {
        reading.folder(path, 0)?;
    } else {
        reading.file(path)?;
    }
    let mut read = reading.read;
    read.newest = read.newest.or(reading.oldest_file);
    Ok(read)
}

struct Reading<'t> {
    read: Contents,
    oldest_file: Option<Timestamp>,
    files: u64,
    bytes: u64,
    take: &'t mut dyn FnMut(&Advisory),
}

fn wrong(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

impl Reading<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        entries.sort();
        for path in entries {
            if path.is_dir() {
                if depth + 1 < DEPTH {
                    self.folder(&path, depth + 1)?;
                }
            } else if is_of(&path, "json") || is_of(&path, "zip") {
                self.file(&path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        if let Ok(modified) = meta.modified()
            && let Ok(modified) = Timestamp::try_from(modified)
            && self.oldest_file.is_none_or(|oldest| modified < oldest)
        {
            self.oldest_file = Some(modified);
        }
        if is_of(path, "zip") {
            return self
                .archive(file)
                .map_err(|error| wrong(format!("{}: {error}", path.display())));
        }
        self.count(meta.len())?;
        if meta.len() > ADVISORY {
            self.read.unreadable += 1;
            return Ok(());
        }
        let mut bytes = Vec::new();
        file.take(ADVISORY).read_to_end(&mut bytes)?;
        self.advisory(&bytes);
        Ok(())
    }

    /// Counts a file of so many bytes.
    fn count(&mut self, bytes: u64) -> io::Result<()> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.files > FILES {
            return Err(wrong(format!("the database has more than {FILES} files")));
        }
        if self.bytes > BYTES {
            return Err(wrong(format!(
                "the database has more than {} GiB",
                BYTES >> 30
            )));
        }
        Ok(())
    }

    fn archive(&mut self, file: File) -> io::Result<()> {
        let broken = |error: rawzip::Error| wrong(format!("this is no archive: {error}"));
        let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
        let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
        let mut entries = archive.entries(&mut buffer);
        while let Some(entry) = entries.next_entry().map_err(broken)? {
            let is_json = entry.file_path().as_ref().ends_with(b".json");
            if entry.is_dir() || !is_json {
                continue;
            }
            let method = entry.compression_method();
            let found = archive.get_entry(entry.wayfinder()).map_err(broken)?;
            let mut bytes = Vec::new();
            let whole = match method {
                CompressionMethod::STORE => {
                    found.reader().take(ADVISORY + 1).read_to_end(&mut bytes)
                }
                CompressionMethod::DEFLATE => DeflateDecoder::new(found.reader())
                    .take(ADVISORY + 1)
                    .read_to_end(&mut bytes),
                _ => Err(wrong("a compression that seatrial cannot read")),
            };
            self.count(bytes.len() as u64)?;
            match whole {
                Ok(_) if bytes.len() as u64 <= ADVISORY => self.advisory(&bytes),
                _ => self.read.unreadable += 1,
            }
        }
        Ok(())
    }

    fn advisory(&mut self, bytes: &[u8]) {
        let Some(advisory) = Advisory::parse(bytes) else {
            self.read.unreadable += 1;
            return;
        };
        self.read.advisories += 1;
        if let Ok(modified) = advisory.modified.parse::<Timestamp>()
            && self.read.newest.is_none_or(|newest| modified > newest)
        {
            self.read.newest = Some(modified);
        }
        (self.take)(&advisory);
    }
}

fn is_of(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use super::*;

    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let mut output = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
        for (name, text) in files {
            let (mut entry, config) = archive
                .new_file(name)
                .compression_method(CompressionMethod::DEFLATE)
                .start()
                .unwrap();
            let encoder =
                flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
            let mut writer = config.wrap(encoder);
            writer.write_all(text.as_bytes()).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        output
    }

    fn ids(path: &Path) -> (Vec<String>, Contents) {
        let mut ids = Vec::new();
        let read = read(path, &mut |advisory| ids.push(advisory.id.clone())).unwrap();
        (ids, read)
    }

    #[test]
    fn folders_archives_and_folders_of_archives_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let file = dir.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, bytes).unwrap();
            file
        };
        let one = write(
            "a/1.json",
            br#"{"id":"A","modified":"2026-01-02T00:00:00Z"}"#,
        );
        write("a/2.json", b"[]");
        write("a/readme.md", b"x");
        let archive = zip(&[
            (
                "B.json",
                r#"{"id":"B","modified":"2026-02-01T00:00:00.5Z"}"#,
            ),
            ("C.json", r#"{"id":"C"}"#),
            ("D.txt", "x"),
        ]);
        let zipped = write("PyPI/all.zip", &archive);
        let (found, told) = ids(dir.path());
        assert_eq!(found, ["B", "C", "A"]);
        assert_eq!((told.advisories, told.unreadable), (3, 1));
        assert_eq!(told.newest.unwrap().to_string(), "2026-02-01T00:00:00.5Z");
        assert_eq!(ids(&one).0, ["A"]);
        assert_eq!(ids(&zipped).0, ["B", "C"]);
        // Where no advisory tells its age, the file does.
        let ageless = write("x/x.json", br#"{"id":"X"}"#);
        assert!(ids(&ageless).1.newest.is_some());
    }

    #[test]
    fn broken_archives_are_refused_with_their_name() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("all.zip");
        let whole = zip(&[("B.json", r#"{"id":"B"}"#)]);
        for cut in [0, 10, whole.len() / 2, whole.len() - 5] {
            std::fs::write(&file, &whole[..cut]).unwrap();
            let error = read(&file, &mut |_| {}).unwrap_err().to_string();
            assert!(error.contains("all.zip"), "{error}");
        }
        assert!(read(&dir.path().join("none"), &mut |_| {}).is_err());
    }
}
