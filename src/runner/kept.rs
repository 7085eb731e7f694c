//! A log file of bounded size: its beginning and its end. What lies between is left out,
//! and the reading goes on: a job that is not listened to stalls. The logs of a job have
//! room together, too: many steps must not fill a disk that one cannot.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const MIB: u64 = 1024 * 1024;
/// Bytes of the beginning, and of the end, that are kept of one log.
pub(super) const HALF: u64 = 32 * MIB;
/// Bytes that the logs of a job have together.
const JOB: u64 = 256 * MIB;
/// Bytes of the end that are kept of each log in any case.
const LEAST: u64 = 64 * 1024;

/// The room that the logs of a job have left.
#[derive(Debug, Clone)]
pub(super) struct LogRoom(Arc<AtomicU64>);

impl Default for LogRoom {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(JOB)))
    }
}

impl LogRoom {
    /// Takes as much of `wanted` as there is.
    fn take(&self, wanted: u64) -> u64 {
        let taken = |left: u64| Some(left.saturating_sub(wanted));
        match self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken)
        {
            Ok(before) | Err(before) => before.min(wanted),
        }
    }

    fn give_back(&self, unused: u64) {
        self.0.fetch_add(unused, Ordering::Relaxed);
    }
}

/// Such a file.
pub(super) struct Kept {
    head: BufWriter<File>,
    path: PathBuf,
    half: u64,
    /// Bytes that the beginning may still have.
    left: u64,
    tail: Option<Ring>,
    room: LogRoom,
}

impl Kept {
    /// Makes the file, and the folders above it.
    pub(super) fn create(path: &Path, room: &LogRoom) -> io::Result<Self> {
        Self::with_half(path, HALF, room)
    }

    fn with_half(path: &Path, half: u64, room: &LogRoom) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        Ok(Self {
            head: BufWriter::new(File::create(path)?),
            path: path.to_owned(),
            half,
            left: half,
            tail: None,
            room: room.clone(),
        })
    }

    /// Takes the next bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let wanted = self.left.min(bytes.len() as u64);
        let count = self.room.take(wanted);
        // Where there is no more room, the beginning ends.
        self.left = if count < wanted { 0 } else { self.left - count };
        let (head, tail) = bytes.split_at(usize::try_from(count).unwrap_or(bytes.len()));
        self.head.write_all(head)?;
        if tail.is_empty() {
            return Ok(());
        }
        let ring = match &mut self.tail {
            Some(ring) => ring,
            None => {
                let taken = self.room.take(self.half);
                let size = taken.max(LEAST.min(self.half));
                let ring = Ring::create(rest_of(&self.path), size, taken)?;
                self.tail.insert(ring)
            }
        };
        ring.write(tail)
    }

    /// Puts beginning and end together. What is written later is lost.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if let Some(ring) = self.tail.take() {
            self.room.give_back(ring.unused());
            let why = if ring.size == self.half {
                format!("a log keeps its first and its last {} MiB", HALF / MIB)
            } else {
                format!("the logs of a job keep {} MiB", JOB / MIB)
            };
            ring.append_to(&mut self.head, &why)?;
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
    /// Bytes that the job's logs have less because of it.
    taken: u64,
    /// Where the next byte goes.
    at: u64,
    /// Bytes that were written in all.
    total: u64,
}

impl Ring {
    fn create(path: PathBuf, size: u64, taken: u64) -> io::Result<Self> {
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
            taken,
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

    /// Bytes that it took and does not need.
    fn unused(&self) -> u64 {
        self.taken.saturating_sub(self.total)
    }

    /// Writes the newest bytes in order, behind a mark where older ones are lost.
    fn append_to(mut self, log: &mut impl Write, why: &str) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_mut();
        let lost = self.total.saturating_sub(self.size);
        if lost > 0 {
            writeln!(log, "\nseatrial: {lost} bytes are left out here; {why}")?;
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
        let mut log = Kept::with_half(&path, 10, &LogRoom::default()).unwrap();
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

    #[test]
    fn logs_of_a_job_share_its_room_and_each_keeps_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let room = LogRoom(Arc::new(AtomicU64::new(25)));
        let write = |name: &str, text: &[u8]| {
            let path = dir.path().join(name);
            let mut log = Kept::with_half(&path, 10, &room).unwrap();
            log.write(text).unwrap();
            log.finish().unwrap();
            String::from_utf8(std::fs::read(path).unwrap()).unwrap()
        };
        // What its end does not need, others have.
        assert_eq!(write("1", b"0123456789abc"), "0123456789abc");
        assert_eq!(write("2", b"0123456789"), "0123456789");
        assert_eq!(write("3", b"01"), "01");
        let last = write("4", b"0123456789abcdef");
        assert!(last.starts_with("\nseatrial: 6 bytes are left out here;"));
        assert!(last.ends_with("\n6789abcdef"), "{last}");
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
