//! How much may come out of an environment, and what it means when it is more.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use super::{Extracted, TarReader};
use crate::record::Cause;

/// Most that may come out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    /// Bytes in all.
    pub(crate) bytes: u64,
    /// Files in all.
    pub(crate) files: u64,
    /// Folders within folders.
    pub(crate) depth: usize,
    /// Entries that are looked at, those that are not kept included.
    pub(crate) entries: usize,
    /// Time that the reading takes.
    pub(crate) time: Duration,
}

/// Longest reading of one path.
const LONGEST: Duration = Duration::from_secs(120);

impl Quota {
    /// For one report.
    pub(crate) const REPORT: Self = Self {
        bytes: 64 * 1024 * 1024,
        files: 1,
        depth: 1,
        entries: 1,
        time: LONGEST,
    };
    /// For the folders of reports of a job, or an artifact.
    pub(crate) const FOLDER: Self = Self {
        bytes: 1024 * 1024 * 1024,
        files: 20_000,
        depth: 32,
        entries: 1_000_000,
        time: LONGEST,
    };

    /// What is left of it for what comes after.
    #[must_use]
    pub(crate) fn less(self, taken: &Extracted) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(taken.bytes),
            files: self.files.saturating_sub(taken.files),
            ..self
        }
    }

    /// It, used up.
    #[must_use]
    pub(crate) fn none(self) -> Self {
        Self {
            bytes: 0,
            files: 0,
            ..self
        }
    }
}

/// Why something did not come out: for `otherwise`, unless the error says that a quota
/// was exceeded, that the disk is full or that the engine is at fault.
pub(crate) fn cause_of(error: &io::Error, otherwise: Cause) -> Cause {
    match error.kind() {
        io::ErrorKind::QuotaExceeded => Cause::ArtifactLimit,
        io::ErrorKind::StorageFull | io::ErrorKind::ReadOnlyFilesystem => Cause::OutputWriteFailed,
        io::ErrorKind::TimedOut => Cause::EngineUnresponsive,
        _ => otherwise,
    }
}

/// More came out than may.
pub(super) fn exceeded(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::QuotaExceeded, message)
}

/// A stream that ends with an error when its time is over.
struct Hurried {
    reader: TarReader,
    limit: Duration,
    begun: Instant,
}

/// The stream, which must not take longer than the quota allows.
pub(super) fn hurried(reader: TarReader, quota: Quota) -> TarReader {
    Box::new(Hurried {
        reader,
        limit: quota.time,
        begun: Instant::now(),
    })
}

impl Read for Hurried {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.begun.elapsed() >= self.limit {
            return Err(exceeded(format!(
                "it took longer than {} s to bring it out",
                self.limit.as_secs()
            )));
        }
        self.reader.read(buffer)
    }
}
