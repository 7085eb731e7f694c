//! Legs that do not run here, told job by job: a large matrix of which one leg is
//! wanted must not hide what did run.

use crate::record::{LeftOut, RunRecord};

/// Legs of a job that are told one by one; of more, only their number is.
const NAMED: usize = 2;
/// Reasons and labels that are told.
const REASONS: usize = 4;

/// Legs that are told as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOutGroup {
    /// Who: the key of the leg, or the id of the job.
    pub(crate) who: String,
    /// The id of the job.
    pub(crate) job: String,
    /// How many legs it stands for.
    pub(crate) legs: usize,
    /// Whether the user left them out.
    pub(crate) chosen: bool,
    /// What is told of them: `12 legs left out (--matrix python-version=3.11)`.
    pub(crate) what: String,
}

impl LeftOutGroup {
    /// `build: 2 legs on the runner (windows-latest, macOS-latest)`.
    pub(crate) fn line(&self) -> String {
        format!("{}: {}", self.who, self.what)
    }
}

/// Groups legs that are left out. Each is given as the id of its job, its own key
/// and the reason; groups stand in the order of their first legs.
pub(crate) fn left_out_groups<'a>(
    legs: impl IntoIterator<Item = (&'a str, &'a str, &'a LeftOut)>,
) -> Vec<LeftOutGroup> {
    let mut kinds: Vec<Kind<'a>> = Vec::new();
    for (job, key, left_out) in legs {
        let same = |kind: &&mut Kind<'_>| kind.job == job && kind.chosen == left_out.chosen;
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.legs.push((key, left_out)),
            None => kinds.push(Kind {
                job,
                chosen: left_out.chosen,
                legs: vec![(key, left_out)],
            }),
        }
    }
    kinds.iter().flat_map(Kind::groups).collect()
}

/// The groups of a run.
pub(crate) fn left_out(record: &RunRecord) -> Vec<LeftOutGroup> {
    left_out_groups(record.jobs.iter().filter_map(|leg| {
        let planned = &leg.planned;
        let left_out = planned.left_out.as_ref()?;
        Some((planned.job.as_str(), planned.key.0.as_str(), left_out))
    }))
}

/// Legs of one job that are left out on purpose, or that cannot run here.
struct Kind<'a> {
    job: &'a str,
    chosen: bool,
    legs: Vec<(&'a str, &'a LeftOut)>,
}

impl Kind<'_> {
    fn groups(&self) -> Vec<LeftOutGroup> {
        let group = |who: &str, legs: &[(&str, &LeftOut)]| LeftOutGroup {
            who: who.to_owned(),
            job: self.job.to_owned(),
            legs: legs.len(),
            chosen: self.chosen,
            what: what(legs),
        };
        if self.legs.len() > NAMED {
            return vec![group(self.job, &self.legs)];
        }
        self.legs
            .iter()
            .map(|leg| group(leg.0, std::slice::from_ref(leg)))
            .collect()
    }
}

/// What is told of legs of one kind.
fn what(legs: &[(&str, &LeftOut)]) -> String {
    let count = match legs.len() {
        1 => String::new(),
        count => format!("{count} legs "),
    };
    let labels: Option<Vec<&str>> = legs.iter().map(|(_, why)| why.runner_label()).collect();
    match labels {
        Some(labels) => format!("{count}on the runner ({})", distinct(labels)),
        None => {
            let reasons = legs.iter().map(|(_, why)| why.reason.as_str());
            format!("{count}left out ({})", distinct(reasons))
        }
    }
}

/// Each text once, the first few of them.
fn distinct<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    let more = seen.len().saturating_sub(REASONS);
    seen.truncate(REASONS);
    let mut list = seen.join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::left_out_groups;
    use crate::record::LeftOut;

    fn lines(legs: &[(&str, &str, LeftOut)]) -> Vec<String> {
        left_out_groups(legs.iter().map(|(job, key, why)| (*job, *key, why)))
            .iter()
            .map(super::LeftOutGroup::line)
            .collect()
    }

    #[test]
    fn one_or_two_are_named() {
        let legs = [
            ("unit", "unit (win)", LeftOut::on_runner("windows-latest")),
            ("unit", "unit (3.8)", LeftOut::chosen("--matrix py=3.12")),
            ("unit", "unit (mac)", LeftOut::on_runner("macOS-latest")),
        ];
        assert_eq!(
            lines(&legs),
            [
                "unit (win): on the runner (windows-latest)",
                "unit (mac): on the runner (macOS-latest)",
                "unit (3.8): left out (--matrix py=3.12)",
            ]
        );
    }

    #[test]
    fn more_are_counted_by_job_and_kind() {
        let mut legs = Vec::new();
        for number in ["1", "2", "3", "4", "5", "6"] {
            legs.push(("build", number, LeftOut::chosen("--matrix py=3.12")));
            legs.push(("build", number, LeftOut::on_runner(number)));
        }
        legs.push(("build", "7", LeftOut::chosen("--matrix os=ubuntu")));
        let odd = LeftOut {
            reason: "no reason".to_owned(),
            chosen: false,
        };
        legs.push(("lint", "lint", odd));
        assert_eq!(
            lines(&legs),
            [
                "build: 7 legs left out (--matrix py=3.12, --matrix os=ubuntu)",
                "build: 6 legs on the runner (1, 2, 3, 4 and 2 more)",
                "lint: left out (no reason)",
            ]
        );
    }
}
