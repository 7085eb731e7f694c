//! All that is said of the runs of a history.

use super::grown::{Grown, grown};
use super::judge::{Judgement, Trend, judge};
use super::metric::Kind;
use super::series::groups;
use crate::history::Entry;

/// What is said of runs that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Overview {
    /// `owner/name`.
    pub(crate) repository: String,
    /// The workflow file.
    pub(crate) workflow: String,
    /// The class of the machines.
    pub(crate) machine: String,
    /// How many runs there are.
    pub(crate) runs: usize,
    /// The trends that were asked for.
    pub(crate) trends: Vec<Followed>,
}

/// A trend, and which part of the runs made it what it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Followed {
    /// The trend.
    pub(crate) trend: Trend,
    /// Where there is a change, the parts that changed most with it, the largest first.
    pub(crate) grown: Vec<Grown>,
}

impl Overview {
    /// Its regressions.
    pub(crate) fn regressions(&self) -> impl Iterator<Item = &Followed> {
        let is = |one: &&Followed| matches!(one.trend.judgement, Judgement::Regression(_));
        self.trends.iter().filter(is)
    }
}

/// What is said of runs: of one kind of figures, else of all but steps, which are told as
/// parts of the others. Runs of the machines that ran last come first.
pub(crate) fn overview(entries: &[Entry], kind: Option<Kind>) -> Vec<Overview> {
    let wanted = |one: Kind| kind.map_or(one != Kind::Step, |kind| kind == one);
    let groups = groups(entries).into_iter();
    groups
        .map(|group| Overview {
            repository: group.repository,
            workflow: group.workflow,
            machine: group.machine,
            runs: group.runs,
            trends: group
                .series
                .into_iter()
                .filter(|series| wanted(series.metric.kind))
                .map(|series| {
                    let trend = judge(series);
                    let change = trend.judgement.change();
                    let grown = change.map(|change| grown(&trend, &change, entries));
                    Followed {
                        trend,
                        grown: grown.unwrap_or_default(),
                    }
                })
                .collect(),
        })
        .collect()
}
