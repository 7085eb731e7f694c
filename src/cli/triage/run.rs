//! A kept run: its record, the logs of what failed, and the messages of its tests.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::logs;
use crate::cli::saved;
use crate::record::{Conclusion, RunRecord};
use crate::triage::{self, Matcher, Origin, Read, Reader, order};

/// Bytes that are read of one log: those of a step are kept up to 64 MiB.
const LOG: u64 = 128 << 20;

/// Everything that a run tells of its failures.
pub(super) fn of_run(matcher: &Matcher, record: &RunRecord, folder: &Path) -> Vec<Read> {
    let mut reads = vec![triage::of_record(record)];
    reads.extend(triage::cases(matcher, record));
    for (index, job) in record.jobs.iter().enumerate() {
        let failed = |conclusion: Option<Conclusion>| {
            !matches!(conclusion, Some(Conclusion::Success | Conclusion::Skipped))
        };
        if !failed(job.conclusion) {
            continue;
        }
        for log in saved::logs(folder, &job.planned.key) {
            let step = log
                .step
                .and_then(|number| job.steps.iter().find(|step| step.number == number));
            let ended = step.map(|step| failed(step.outcome));
            if ended == Some(false) {
                continue;
            }
            let Ok(file) = File::open(&log.path) else {
                continue;
            };
            let origin = Origin {
                job: job.planned.key.0.clone(),
                step: step.map_or_else(|| service(&log.shown), |step| step.name.clone()),
                file: log.shown.clone(),
            };
            let order = order(index, log.step.unwrap_or(0));
            let mut reader = Reader::new(matcher, origin, order);
            let mut left = LOG;
            // A log that cannot be read to its end tells what came before.
            let _ = logs::read(&mut BufReader::new(file), &mut reader, &mut left);
            reads.push(reader.finish(ended));
        }
    }
    reads
}

/// `logs/unit/service-db.log` is of the service `db`.
fn service(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(".log");
    match name.strip_prefix("service-") {
        Some(label) => format!("service {label}"),
        None => name.to_owned(),
    }
}
