//! How much may come out of an environment, and what it means when it is more.

use std::io::{self, Read};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Extracted, TarReader};
use crate::record::{Cause, Failure};

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
const MIB: u64 = 1024 * 1024;

impl Quota {
    /// For one report.
    pub(crate) const REPORT: Self = Self {
        bytes: 64 * 1024 * 1024,
        files: 1,
        depth: 1,
        entries: 1,
        time: LONGEST,
    };
    /// For all that a job leaves behind.
    pub(crate) const JOB: Self = Self {
        bytes: 1024 * 1024 * 1024,
        files: 20_000,
        depth: 32,
        entries: 1_000_000,
        time: LONGEST,
    };
    /// For the reports of a job that decide over it, whatever else it leaves behind.
    const REPORTS: Self = Self {
        bytes: 256 * 1024 * 1024,
        files: 2_000,
        ..Self::REPORT
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
    fn none(self) -> Self {
        Self {
            bytes: 0,
            files: 0,
            ..self
        }
    }

    /// The smaller of two, each in its own measure.
    fn within(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.min(other.bytes),
            files: self.files.min(other.files),
            ..self
        }
    }
}

/// What may still come out of a job. Artifacts, folders of reports and reports have one
/// quota together; reports that decide over the job come out even when others used it up.
#[derive(Debug)]
pub(crate) struct Budget {
    whole: Quota,
    left: Mutex<Left>,
}

#[derive(Debug, Clone, Copy)]
struct Left {
    all: Quota,
    reports: Quota,
}

impl Budget {
    /// That of a job.
    pub(crate) fn new(whole: Quota) -> Self {
        Self {
            whole,
            left: Mutex::new(Left {
                all: whole,
                reports: Quota::REPORTS,
            }),
        }
    }

    /// For a folder or an artifact.
    pub(crate) fn folder(&self) -> Quota {
        self.left().all
    }

    /// For one report.
    pub(crate) fn report(&self) -> Quota {
        Quota::REPORT.within(self.left().reports)
    }

    /// Notes a folder or an artifact that came out.
    pub(crate) fn took(&self, taken: &Extracted) {
        let mut left = self.left();
        left.all = left.all.less(taken);
    }

    /// Notes a report that came out.
    pub(crate) fn took_report(&self, taken: &Extracted) {
        let mut left = self.left();
        left.all = left.all.less(taken);
        left.reports = left.reports.less(taken);
    }

    /// Notes that a folder did not fit, and left as much as there was room for.
    pub(crate) fn used_up(&self) {
        let mut left = self.left();
        left.all = left.all.none();
    }

    /// The failure of what did not come out, with what else took of the quota where that
    /// was exceeded. Otherwise it is for `otherwise`, as in [`cause_of`].
    pub(crate) fn failure(&self, what: &str, error: &io::Error, otherwise: Cause) -> Failure {
        let cause = cause_of(error, otherwise);
        let left = self.left().all;
        let files = self.whole.files.saturating_sub(left.files);
        let message = format!("{what}: {error}");
        if cause != Cause::ArtifactLimit || files == 0 {
            return Failure::new(cause, message);
        }
        let bytes = self.whole.bytes.saturating_sub(left.bytes);
        let fact = format!(
            "a job may leave {} MiB and {} files behind, of which {} MiB and {files} files are used",
            self.whole.bytes / MIB,
            self.whole.files,
            bytes.div_ceil(MIB)
        );
        Failure::new(cause, format!("{message}; {fact}"))
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why something did not come out: for `otherwise`, unless the error says that a quota
/// was exceeded, that the disk is full or that the engine is at fault.
pub(super) fn cause_of(error: &io::Error, otherwise: Cause) -> Cause {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(mib: u64, files: u64) -> Extracted {
        Extracted {
            bytes: mib * MIB,
            files,
            ..Extracted::default()
        }
    }

    #[test]
    fn artifacts_share_what_a_job_may_leave_and_cost_no_report() {
        let budget = Budget::new(Quota::JOB);
        let limit = exceeded("larger than 1024 MiB".to_owned());
        let failure = |budget: &Budget| budget.failure("it", &limit, Cause::EngineError);
        assert_eq!(failure(&budget).message, "it: larger than 1024 MiB");
        budget.took(&taken(1000, 19_000));
        let left = budget.folder();
        assert_eq!((left.bytes, left.files), (24 * MIB, 1000));
        assert_eq!(failure(&budget).cause, Cause::ArtifactLimit);
        assert_eq!(
            failure(&budget).message,
            "it: larger than 1024 MiB; a job may leave 1024 MiB and 20000 files behind, of which \
             1000 MiB and 19000 files are used"
        );
        budget.used_up();
        assert_eq!(budget.folder().files, 0);
        assert_eq!(budget.report().bytes, Quota::REPORT.bytes);
    }

    #[test]
    fn reports_have_a_limit_too_and_count() {
        let budget = Budget::new(Quota::JOB);
        for _ in 0..4 {
            assert_eq!(budget.report().bytes, 64 * MIB);
            budget.took_report(&taken(60, 1));
        }
        assert_eq!(budget.report().bytes, 16 * MIB);
        assert_eq!(budget.folder().bytes, (1024 - 240) * MIB);
        budget.took_report(&taken(16, 1));
        assert_eq!(budget.report().bytes, 0);
    }
}
