//! The same finding in several places, said once.

use super::finding::{Finding, Topic, Where};

/// The findings of the ways of a job. What is true of all of them is said once.
pub(super) fn together(by_way: Vec<(Where, Vec<Finding>)>) -> Vec<Finding> {
    let count = by_way.len();
    let mut all: Vec<(Finding, usize)> = Vec::new();
    for (place, findings) in by_way {
        for finding in findings {
            let same = |(other, _): &&mut (Finding, usize)| {
                (other.verdict, other.topic, &other.thing, &other.message)
                    == (
                        finding.verdict,
                        finding.topic,
                        &finding.thing,
                        &finding.message,
                    )
                    && (other.way != place || count == 1)
            };
            match all.iter_mut().find(same).filter(|_| count > 1) {
                Some((other, times)) => {
                    *times += 1;
                    other.way = Where::Everywhere;
                }
                None => all.push((
                    Finding {
                        way: place,
                        ..finding
                    },
                    1,
                )),
            }
        }
    }
    all.into_iter().map(|(finding, _)| finding).collect()
}

/// The same of several commands, said once.
pub(super) fn folded(found: Vec<Finding>) -> Vec<Finding> {
    let mut all: Vec<(Finding, usize)> = Vec::new();
    for finding in found {
        let same = |(other, _): &&mut (Finding, usize)| {
            finding.topic == Topic::Environment
                && (
                    other.verdict,
                    other.topic,
                    &other.job,
                    &other.message,
                    other.way,
                ) == (
                    finding.verdict,
                    finding.topic,
                    &finding.job,
                    &finding.message,
                    finding.way,
                )
        };
        match all.iter_mut().find(same) {
            Some((_, more)) => *more += 1,
            None => all.push((finding, 0)),
        }
    }
    all.into_iter()
        .map(|(mut finding, more)| {
            if more > 0 {
                finding.thing = finding.thing.map(|thing| match more {
                    1 => format!("{thing} and another command"),
                    more => format!("{thing} and {more} other commands"),
                });
            }
            finding
        })
        .collect()
}
