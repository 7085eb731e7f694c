//! The logs of a saved run.

use std::path::{Path, PathBuf};

use crate::record::JobKey;

/// The log of a step, or of a service of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct StepLog {
    /// Number of the step; none for a service.
    pub(in crate::cli) step: Option<u32>,
    /// Where it lies.
    pub(in crate::cli) path: PathBuf,
    /// Its path below the folder of the run.
    pub(in crate::cli) shown: String,
}

/// The logs of a leg by the numbers of their steps, those of services after them.
pub(in crate::cli) fn logs(folder: &Path, job: &JobKey) -> Vec<StepLog> {
    let slug = job.slug();
    let entries = std::fs::read_dir(folder.join("logs").join(&slug));
    let mut found: Vec<StepLog> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_str()?.to_owned();
            let stem = name.strip_suffix(".log")?;
            // A run's folder may come from elsewhere, and a link would lead out of it.
            let regular = entry.file_type().is_ok_and(|kind| kind.is_file());
            regular.then(|| StepLog {
                step: stem
                    .split('-')
                    .next()
                    .and_then(|number| number.parse().ok()),
                path: entry.path(),
                shown: format!("logs/{slug}/{name}"),
            })
        })
        .collect();
    found.sort_by_key(|log| (log.step.is_none(), log.step, log.shown.clone()));
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::logs;
    use crate::record::JobKey;

    #[test]
    fn in_the_order_of_the_steps() {
        let folder = tempfile::tempdir().unwrap();
        let of_job = folder.path().join("logs/unit");
        std::fs::create_dir_all(&of_job).unwrap();
        for name in ["10-b.log", "02-a.log", "service-db.log", "x.log.rest"] {
            std::fs::write(of_job.join(name), "").unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", of_job.join("03-c.log")).unwrap();
        let found = logs(folder.path(), &JobKey("unit".to_owned()));
        let shown: Vec<_> = found
            .iter()
            .map(|log| (log.step, log.shown.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                (Some(2), "logs/unit/02-a.log"),
                (Some(10), "logs/unit/10-b.log"),
                (None, "logs/unit/service-db.log"),
            ]
        );
    }
}
