//! A log file of bounded size: its beginning and its end. What lies between is left out,
//! and the reading goes on: a job that is not listened to stalls.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes of the beginning, and of the end, that are kept of one log.
pub(super) const HALF: u64 = 32 * 1024 * 1024;

/// Such a file.
pub(super) struct Kept {
    head: BufWriter<File>,
    path: PathBuf,
    half: u64,
    written: u64,
    tail: Option<Ring>,
}

impl Kept {
    /// Makes the file, and the folders above it.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Self::with_half(path, HALF)
    }

    fn with_half(path: &Path, half: u64) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        Ok(Self {
            head: BufWriter::new(File::create(path)?),
            path: path.to_owned(),
            half,
            written: 0,
            tail: None,
        })
    }

    /// Takes the next bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let left = self.half.saturating_sub(self.written);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (head, tail) = bytes.split_at(count);
        self.head.write_all(head)?;
        self.written += head.len() as u64;
        if tail.is_empty() {
            return Ok(());
        }
        let ring = match &mut self.tail {
            Some(ring) => ring,
            None => {
                let ring = Ring::create(rest_of(&self.path), self.half)?;
                self.tail.insert(ring)
            }
        };
        ring.write(tail)
    }

    /// Puts beginning and end together. What is written later is lost.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if let Some(ring) = self.tail.take() {
            ring.append_to(&mut self.head)?;
        }
        self.head.flush()
    }
}

/// Where the end is kept until the log is complete.
fn rest_of(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".rest");
    PathBuf::from(name)
}

/// A file that is written over from its beginning when it is full.
struct Ring {
    file: BufWriter<File>,
    path: PathBuf,
    size: u64,
    /// Where the next byte goes.
    at: u64,
    /// Bytes that were written in all.
    total: u64,
}

impl Ring {
    fn create(path: PathBuf, size: u64) -> io::Result<Self> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        Ok(Self {
            file: BufWriter::new(file),
            path,
            size,
            at: 0,
            total: 0,
        })
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let left = usize::try_from(self.size - self.at).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(left.min(bytes.len()));
            self.file.write_all(now)?;
            self.at += now.len() as u64;
            self.total += now.len() as u64;
            if self.at == self.size {
                self.file.seek(SeekFrom::Start(0))?;
                self.at = 0;
            }
            bytes = later;
        }
        Ok(())
    }

    /// Writes the newest bytes in order, behind a mark where older ones are lost.
    fn append_to(mut self, log: &mut impl Write) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        let lost = self.total.saturating_sub(self.size);
        if lost > 0 {
            let half = self.size / (1024 * 1024);
            writeln!(
                log,
                "\nseatrial: {lost} bytes are left out here; a log keeps its first and its last {half} MiB"
            )?;
            file.seek(SeekFrom::Start(self.at))?;
            io::copy(&mut file.take(self.size - self.at), log)?;
        }
        file.seek(SeekFrom::Start(0))?;
        let newest = if lost > 0 { self.at } else { self.total };
        io::copy(&mut file.take(newest), log)?;
        std::fs::remove_file(&self.path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    /// What is kept of pieces, with room for ten bytes and ten.
    fn kept(pieces: &[&[u8]]) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/step.log");
        let mut log = Kept::with_half(&path, 10).unwrap();
        for piece in pieces {
            log.write(piece).unwrap();
        }
        log.finish().unwrap();
        assert_eq!(std::fs::read_dir(dir.path().join("a")).unwrap().count(), 1);
        std::fs::read(path).unwrap()
    }

    #[test]
    fn the_middle_is_left_out_and_counted() {
        assert_eq!(kept(&[b"short"]), b"short");
        assert_eq!(
            kept(&[b"0123456789", b"abcdefghij"]),
            b"0123456789abcdefghij"
        );
        let cut = kept(&[b"0123456789abc", b"defghijklmno"]);
        let text = String::from_utf8(cut).unwrap();
        assert!(text.starts_with("0123456789\nseatrial: 5 bytes are left out here;"));
        assert!(text.ends_with("MiB\nfghijklmno"), "{text}");
    }

    proptest! {
        #[test]
        fn beginning_and_end_are_exact(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..15), 0..12)) {
            let all = pieces.concat();
            let refs: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let kept = kept(&refs);
            if all.len() <= 20 {
                prop_assert_eq!(kept, all);
            } else {
                prop_assert!(kept.starts_with(&all[..10]));
                prop_assert!(kept.ends_with(&all[all.len() - 10..]));
            }
        }
    }
}
