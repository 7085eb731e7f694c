//! The notices of a run, each once, with the legs that they are about.

use crate::gate::left_out;
use crate::record::{Level, RunRecord};

/// Legs of a notice that are named.
const LEGS: usize = 3;

/// A notice as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// How grave.
    pub(super) level: Level,
    /// The legs and the message.
    pub(super) text: String,
}

/// Notices in order, after the legs that the user left out.
pub(super) fn notices(record: &RunRecord) -> Vec<Told> {
    let mut told: Vec<Told> = left_out(record)
        .iter()
        .filter(|group| group.chosen)
        .map(|group| Told {
            level: Level::Notice,
            text: group.line(),
        })
        .collect();
    let mut kinds: Vec<(Level, &str, Vec<&str>)> = Vec::new();
    for notice in &record.notices {
        let job = notice.job.as_ref().map(|job| job.0.as_str());
        let same = kinds
            .iter_mut()
            .find(|(level, message, _)| *level == notice.level && *message == notice.message);
        match same {
            Some((.., jobs)) => jobs.extend(job),
            None => kinds.push((notice.level, &notice.message, Vec::from_iter(job))),
        }
    }
    told.extend(kinds.into_iter().map(|(level, message, jobs)| Told {
        level,
        text: format!("{}{message}", legs(jobs)),
    }));
    told
}

/// `unit (3.11), unit (3.12) and 4 more: `; nothing for a notice about the run.
fn legs(mut jobs: Vec<&str>) -> String {
    jobs.dedup();
    if jobs.is_empty() {
        return String::new();
    }
    let more = jobs.len().saturating_sub(LEGS);
    jobs.truncate(LEGS);
    let list = jobs.join(", ");
    if more > 0 {
        format!("{list} and {more} more: ")
    } else {
        format!("{list}: ")
    }
}

#[cfg(test)]
mod tests {
    use super::notices;
    use crate::gate::sample::{Leg, Run};
    use crate::record::{EventKind, JobKey, Level};

    #[test]
    fn the_same_of_several_legs_is_told_once() {
        let notice = |job: Option<&str>, message: &str| EventKind::Notice {
            level: Level::Notice,
            job: job.map(|job| JobKey(job.to_owned())),
            message: message.to_owned(),
        };
        let mut run = Run::of([
            Leg::new("a", 0),
            Leg::new("unit 1", 0).left_out("--matrix n=2"),
        ]);
        for job in ["a", "b", "c", "d", "e"] {
            run.extra.push(notice(Some(job), "no cache"));
        }
        run.extra.push(notice(None, "the tree differs"));
        let told: Vec<String> = notices(&run.record())
            .into_iter()
            .map(|told| told.text)
            .collect();
        assert_eq!(
            told,
            [
                "unit 1: left out (--matrix n=2)",
                "a, b, c and 2 more: no cache",
                "the tree differs",
            ]
        );
    }
}
